"""What was written off of fixed prices and milestones without an invoice is not left to invoice."""

from odoo import models

from ..core.money import dec


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_given_up(self):
        """``{line: quantity}`` of lines without work that closed proposals have settled."""
        lines = self.filtered(
            lambda line: line.order_id.psa_kind and line.state == "sale" and not line._psa_is_time_material()
        )
        if not lines:
            return {}
        rows = (
            self.env["psa.billing.proposal.line"]
            .sudo()  # sudo: figures of the host, shown to everybody who sees the order
            ._read_group(
                [
                    ("sale_line_id", "in", lines._origin.ids),
                    ("proposal_state", "=", "closed"),
                    ("is_held", "=", False),
                ],
                ["sale_line_id"],
                ["quantity:sum"],
            )
        )
        quantities = {line.id: quantity for line, quantity in rows}
        return {line: quantities[line._origin.id] for line in lines if line._origin.id in quantities}

    def _psa_settled_quantities(self):
        """What was given up is not taken off again: the client was not billed it."""
        given_up = self._psa_given_up()
        return {
            line: quantity + given_up.get(line, 0.0)
            for line, quantity in super()._psa_settled_quantities().items()
        }

    def _psa_given_up_changed(self):
        """A proposal was closed, or is not any more: see ``psa.billing.proposal.write``."""
        self.modified(["qty_invoiced", "untaxed_amount_invoiced"])

    def _compute_qty_to_invoice(self):
        result = super()._compute_qty_to_invoice()
        for line, quantity in self._psa_given_up().items():
            line.qty_to_invoice -= quantity
        return result

    def _compute_untaxed_amount_to_invoice(self):
        result = super()._compute_untaxed_amount_to_invoice()
        for line, quantity in self._psa_given_up().items():
            line.untaxed_amount_to_invoice -= line.currency_id.round(
                float(dec(quantity) * line._psa_net_price())
            )
        return result
