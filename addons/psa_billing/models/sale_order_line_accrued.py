"""What the host's dialog of accrued revenue says of SOWs."""

from odoo import models

from odoo.addons.psa_contracts.core.billing_models import FIXED

from ..core.money import dec


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _compute_amount_to_invoice_at_date(self):  # pylint: disable=missing-return  # without a value
        """What a line of a SOW earned and did not bill until the day, at its net price: the host takes the
        price before its discount, with the taxes in it.

        A fixed price is earned as it is billed, and so is what billing adds beside other lines: the host
        would take each hour of work on it for one more unit.
        """
        sold = self.filtered("order_id.psa_kind")
        super(SaleOrderLine, self - sold)._compute_amount_to_invoice_at_date()
        for line in sold:
            quantity = dec(line.qty_delivered_at_date) - dec(line.qty_invoiced_at_date)
            if line.psa_adjusts_line_id or line.psa_billing_model == FIXED:
                quantity = dec(0)
            line.amount_to_invoice_at_date = line.currency_id.round(float(quantity * line._psa_net_price()))
