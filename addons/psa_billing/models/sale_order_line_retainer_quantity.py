"""What is ordered of a retainer without end follows from its periods."""

from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_protected_fields(self):
        if self and self.env.su and self.env.context.get("psa_retainer_grows"):
            # What is ordered of a retainer without end follows from its days, also on a locked order.
            return [name for name in super()._get_protected_fields() if name != "product_uom_qty"]
        return super()._get_protected_fields()

    def _update_line_quantity(self, values):
        if self.env.su and self.env.context.get("psa_retainer_grows"):
            return None  # a month more is no news in the chatter
        return super()._update_line_quantity(values)

    def _psa_grow(self, quantities):
        """What is ordered of retainers without end is at least what they bill: ``{line: quantity}``."""
        short = {
            line: float(quantity) for line, quantity in quantities.items() if line.product_uom_qty < quantity
        }
        self._psa_order_quantities(short)

    def _psa_order_what_was_granted(self):
        """What is ordered of retainers without end that have one now is what their periods come to, less
        what is given back: a month that will not come is not left to invoice.

        Lines that a change order replaced by lines of its own keep what was signed: the two cancel out.
        """
        replaced = {line._psa_group_head() for line in self if line.product_uom_qty < 0}
        lines = self.filtered(
            lambda line: (
                line._psa_group_head().psa_retainer_open_ended and line._psa_group_head() not in replaced
            )
        )
        periods = self.env["psa.retainer.period"]
        rows = periods._read_group([("sale_line_id", "in", lines.ids)], ["sale_line_id"], ["quantity:sum"])
        wanted = {**dict.fromkeys(lines, 0.0), **dict(rows)}
        self._psa_order_quantities(
            {
                line: round(quantity, 6)
                for line, quantity in wanted.items()
                if round(line.product_uom_qty - quantity, 6)
            }
        )

    def _psa_order_quantities(self, quantities):
        """``{line: quantity}`` is ordered of retainers without end."""
        lines = self.browse([line.id for line in quantities]).with_context(psa_retainer_grows=True)
        # The price stays the one that was signed, whatever a price list says of another quantity.
        kept = [self._fields[name] for name in ("price_unit", "technical_price_unit", "discount")]
        with self.env.protecting(kept, lines):
            for line in lines:
                line.product_uom_qty = quantities[line]
