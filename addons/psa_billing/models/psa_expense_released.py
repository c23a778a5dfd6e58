"""Costs that a limit cut are billed once it leaves room: it was raised, or another cost was taken back."""

from odoo import models

from ..core.expenses import granted
from ..core.money import dec
from .psa_expense_terms import ExpenseTerms


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_terms_changed(self, lines):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_terms_changed(lines)
        # sudo: what a limit lets through follows from the change order, whose signer need not know of billing
        self.sudo()._psa_release_costs()

    def _psa_release_costs(self):
        """Bill what limits of these SOWs, in sudo, had cut as far as they leave room now: the cost that was
        posted first first."""
        sows = self.filtered(lambda order: order.psa_kind == "sow" and order.state == "sale")
        cut = sows._psa_cut_costs() if sows else {}
        work = self.env["psa.wip.entry"]
        if cut:
            work._psa_lock_orders(sows.browse().union(*cut.values()))
        for entry, order in cut.items():
            # one by one: the next one has the room that this one leaves
            work._psa_create_costs(entry._psa_release(order, ExpenseTerms(order)))

    def _psa_cut_costs(self):
        """``{analytic entry: SOW}`` of the posted costs that a limit of these SOWs cut, in their order."""
        entries = self.env["account.analytic.line"].search(
            [
                ("psa_expense_over_limit", ">", 0),
                "|",
                ("move_line_id.expense_id.sale_order_id", "in", self._psa_contract().ids),
                ("account_id", "in", self.project_id.account_id.ids),
            ],
            order="id",
        )
        found = entries.move_line_id._psa_sows_of(entries) if entries else {}
        return {entry: order for entry, order in found.items() if order in self}


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    def _psa_release(self, order, terms):
        """What ``_psa_create_costs`` makes of what the limits of ``order`` let through of this cost now."""
        line, parts = self.move_line_id, self.psa_wip_ids
        cost, given = self._psa_given_back()
        kept = parts.filtered(lambda part: part.state != "written_off")
        more = granted(
            sum(map(dec, kept.mapped("amount")), dec(0)),
            dec(self.psa_expense_over_limit),
            given,
            dec(cost) / -dec(self.amount),
            terms.left(order, line.product_id),
            dec(order.currency_id.rounding),
        )
        if not more:
            return []
        if cost or any(part.state != "open" for part in parts):
            return line._psa_bill_released(self, order, terms, more)
        # nobody has decided on it: it is billed as if it was posted now
        parts._psa_drop_costs()
        return line._psa_bill_share(self, order, ExpenseTerms(order), refuses=False)
