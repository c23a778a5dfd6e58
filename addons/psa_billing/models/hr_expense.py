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
        for company, of_company in expenses.grouped("company_id").items():
            terms = ExpenseTerms(of_company.sale_order_id._psa_sow())
            for expense in of_company:
                order = expense.sale_order_id._psa_sow()
                cost = expense.untaxed_amount_currency
                terms.bill(
                    order,
                    expense.product_id,
                    expense.product_uom_id,
                    cost_in(order, cost, expense.currency_id, company, expense.date),
                    dec(expense.quantity or 1.0),
                )
