"""What is taken off the whole of a SOW, such as the discount of the host's dialog, waits for its work."""

from odoo import models

from ..core.money import dec
from .psa_billing_proposal import PENDING_STATES


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    def _psa_due(self, orders, windows):
        work, fixed = super()._psa_due(orders, windows)
        return work, self._psa_without_early_deductions(fixed, windows)

    def _psa_without_early_deductions(self, fixed, windows):
        """``fixed`` without deductions that are more than what is billed or due of their SOW: they would make
        a credit note for a client who has paid nothing yet. What a change order takes off a line is off what
        that line billed.

        :param fixed: ``{SOL: quantity}``
        """
        amounts = {line: dec(quantity) * line._psa_net_price() for line, quantity in fixed.items()}
        early = {line for line, amount in amounts.items() if amount < 0 and not line.psa_amends_line_id}
        if not early:
            return fixed
        orders = self.env["sale.order"].union(*(line.order_id._psa_sow() for line in early))
        left = self._psa_billed_or_proposed(orders, windows)
        for line, amount in amounts.items():
            if line not in early and line.order_id._psa_sow() in left:
                left[line.order_id._psa_sow()] += amount
        for line in sorted(early, key=lambda line: line.id):
            order = line.order_id._psa_sow()
            if order.currency_id.compare_amounts(float(left[order] + amounts[line]), 0) >= 0:
                left[order] += amounts[line]
                early.remove(line)
        return {line: quantity for line, quantity in fixed.items() if line not in early}

    def _psa_billed_or_proposed(self, orders, windows):
        """``{SOW: net amount}`` (Decimal) that is billed or proposed of these SOWs, and their open work."""
        contracts = orders._psa_contract()
        due = self.env["psa.wip.entry"]._read_group(
            self._psa_open_domain({order: windows[order] for order in orders}), ["order_id"], ["amount:sum"]
        )
        proposed = self.env["psa.billing.proposal.line"]._read_group(
            [
                ("sale_line_id.order_id", "in", contracts.ids),
                ("proposal_state", "in", PENDING_STATES),
                ("is_held", "=", False),
            ],
            ["sale_line_id"],
            ["amount:sum"],
        )
        billed = [
            (line, dec(line.qty_invoiced) * line._psa_net_price())
            for line in contracts.order_line
            if not line.is_downpayment
        ]
        amounts = dict.fromkeys(orders, dec(0))
        for order, amount in due:
            amounts[order] += dec(amount)
        for line, amount in (*billed, *proposed):
            amounts[line.order_id._psa_sow()] += dec(amount)
        return amounts
