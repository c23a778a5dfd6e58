"""The invoice lines of a proposal line."""

from odoo import models
from odoo.fields import Command

from ..core.money import dec, price_after_discount


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    def _prepare_invoice_line(self, sale_line, quantity):
        """:param sale_line: the SOL that bills, in the language of the client"""
        self.ensure_one()
        values = sale_line._prepare_invoice_line(quantity=quantity)
        period = sale_line._psa_service_period_name(self.date_start, self.date_end)
        return {
            **values,
            "name": f"{values['name']}\n{period}" if period else values["name"],
            "psa_proposal_line_id": self.id,
            "psa_service_start": self.date_start,
            "psa_service_end": self.date_end,
        }

    def _psa_make_adjustments(self):
        """{line: SOL that bills its remainder}: quantity 1, so that the host's figures agree to the cent."""
        lines = self.filtered(lambda line: not line.currency_id.is_zero(line.remainder))
        sale_lines = (
            self.env["sale.order.line"]
            .with_context(sale_no_log_for_new_lines=True, mail_notrack=True)
            .create([line._prepare_adjustment() for line in lines])
        )
        return dict(zip(lines, sale_lines, strict=True))

    def _prepare_adjustment(self):
        self.ensure_one()
        sale_line = self.sale_line_id
        net = sale_line._psa_net_price()
        price = price_after_discount(dec(sale_line.price_unit), dec(sale_line.discount))
        return {
            "order_id": sale_line.order_id.id,
            "product_id": self.env.ref("psa_billing.product_adjustment").id,
            "name": self._psa_adjustment_name(),
            "product_uom_qty": 1,
            # Where taxes are in the price, the remainder carries its share of them.
            "price_unit": self.currency_id.round(float(dec(self.remainder) * price / net)),
            "discount": 0,
            "tax_ids": [Command.set(sale_line.tax_ids.ids)],
            "analytic_distribution": sale_line.analytic_distribution,
            "sequence": sale_line.sequence,
            "psa_adjusts_line_id": sale_line.id,
            "psa_billing_model": "fixed",
        }

    def _psa_adjustment_name(self):
        """What the client reads on the adjustment line."""
        if self.sale_line_id._psa_is_time_material():
            return self.env._("Up to the cap: %s", self.sale_line_id.name)
        return self.env._("Rounding of the instalment: %s", self.sale_line_id.name)
