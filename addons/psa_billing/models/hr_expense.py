from odoo import models

from ..core.money import dec
from .psa_expense_terms import ExpenseTerms, cost_in


class HrExpense(models.Model):
    _inherit = "hr.expense"

    def _sale_expense_reset_sol_quantities(self):
        """On SOWs the quantity follows the work in progress, which goes with the cost."""
        # sudo: see the host; whether a line is one of a SOW is no secret
        on_sow = self.filtered(lambda expense: expense.sudo().sale_order_line_id.psa_rebills)
        return super(HrExpense, self - on_sow)._sale_expense_reset_sol_quantities()

    def _do_approve(self, check=True):
        """:raises UserError: over a limit of the SOW, where the company refuses what is over"""
        self._psa_check_limits()
        return super()._do_approve(check)

    def _psa_check_limits(self):
        # sudo: limits are the contract's, which the approver need not see
        expenses = self.sudo().filtered(lambda expense: expense.sale_order_id.psa_kind)
        for of_company in expenses.grouped("company_id").values():
            orders = of_company.sale_order_id._psa_sow()
            terms = ExpenseTerms(orders)
            approved = of_company._psa_approved_before(orders)
            for expense in approved:
                expense._psa_bill_by(terms, is_approved=True)
            for expense in of_company - approved:
                expense._psa_bill_by(terms)

    def _psa_approved_before(self, orders):
        """Expenses of these SOWs that were approved and are not posted yet: they use up the limits, too."""
        return self.search(
            [
                ("sale_order_id", "in", orders._psa_contract().ids),
                ("state", "=", "approved"),
                ("account_move_id", "=", False),
                ("id", "not in", self.ids),
            ],
            order="id",
        )

    def _psa_bill_by(self, terms, is_approved=False):
        """Count this expense against the limits of its SOW.

        :raises UserError: over a limit, where the company refuses what is over
        """
        order = self.sale_order_id._psa_sow()
        cost = cost_in(order, self.untaxed_amount_currency, self.currency_id, self.company_id, self.date)
        unit = self.product_uom_id
        terms.bill(order, self.product_id, unit, cost, dec(self.quantity or 1.0), refuses=not is_approved)
