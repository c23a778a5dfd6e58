"""The lines of a signed SOW change by change orders only."""

from odoo import api, models
from odoo.exceptions import UserError

from .sale_order_signed import field_labels

#: Host fields of a line that are part of what was signed, and those that would make it another kind of line.
SIGNED_HOST_FIELDS = {
    "discount",
    "display_type",
    "is_downpayment",
    "is_expense",
    "is_optional",
    "order_id",
    "price_unit",
    "product_id",
    "product_uom_id",
    "product_uom_qty",
    "qty_invoiced",  # computed, but taken by RPC, as the next one
    "qty_to_invoice",
    "tax_ids",
}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_is_signed(self):
        """Whether this line is part of what was signed: not notes, down payments and re-invoiced expenses."""
        self.ensure_one()
        free = self.display_type == "line_note" or self.is_downpayment or self.is_expense
        return not free and self.order_id._psa_is_signed()

    def _psa_is_delivered_by_hand(self):
        """Whether people say what is delivered of these lines, as the host lets them."""
        return all(line.qty_delivered_method == "manual" for line in self)

    def _psa_raise_signed(self, what, names=()):
        """:param names: of the fields that somebody wants to write"""
        order = self.order_id[:1]
        raise UserError(
            self.env._(
                "%(order)s is signed. Its lines cannot be added, removed or edited (%(what)s): %(way)s",
                order=order.name,
                what=what,
                way=order._psa_tax_way_out() if "tax_ids" in names else order._psa_signed_way_out(),
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            lines.order_id._psa_writes_on_what_is_read()
            for line in lines:
                if line._psa_is_signed():
                    line._psa_raise_signed(line.name or line.product_id.display_name)
        return lines

    def write(self, vals):
        locked = {name for name in vals if name in SIGNED_HOST_FIELDS or name.startswith("psa_")}
        if "qty_delivered" in vals and not self._psa_is_delivered_by_hand():
            locked.add("qty_delivered")
        locked -= self._psa_free_fields()
        if locked and not self.env.su:
            for line in self:
                if line._psa_is_signed():
                    line._psa_raise_signed(field_labels(self, locked), locked)
            target = self.env["sale.order"].browse(vals.get("order_id") or ())
            if target and target._psa_is_signed():
                target.order_line._psa_raise_signed(self._fields["order_id"].string)
        if not self.env.su:
            self.order_id._psa_writes_on_what_is_read()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _psa_unlink_except_signed(self):
        if self.env.su:
            return
        self.order_id._psa_writes_on_what_is_read()
        for line in self:
            if line._psa_is_signed():
                line._psa_raise_signed(line.name)
