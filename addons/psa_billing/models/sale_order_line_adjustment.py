"""SOLs that bill money beside what the lines of a SOW say by price and quantity."""

from odoo import models
from odoo.fields import Command

from ..core.money import dec


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _prepare_psa_adjustment(self, text, amount):
        """Values of a SOL that bills ``amount`` (without taxes) beside this one, taxed like it."""
        self.ensure_one()
        price = dec(amount)
        if net := self._psa_net_price():
            # Where taxes are in the price, the amount carries its share of them.
            price = price * dec(self.price_unit) * (100 - dec(self.discount)) / 100 / net
        return {
            "order_id": self.order_id.id,
            "product_id": self.env.ref("psa_billing.product_adjustment").id,
            "name": text,
            "product_uom_qty": 1,
            "price_unit": self.currency_id.round(float(price)),
            "discount": 0,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "analytic_distribution": self.analytic_distribution,
            "sequence": self.sequence,
            "psa_adjusts_line_id": self.id,
            "psa_billing_model": "fixed",
        }
