"""The invoice lines of a proposal line."""

from odoo import models
from odoo.fields import Command

from ..core.money import dec


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    def _prepare_invoice_line(self, sale_line):
        """:param sale_line: the SOL in the language of the client"""
        self.ensure_one()
        values = sale_line._prepare_invoice_line(quantity=self.quantity)
        return {**values, **self._prepare_service_period(sale_line, values["name"])}

    def _prepare_service_period(self, sale_line, name):
        period = sale_line._psa_service_period_name(self.date_start, self.date_end)
        return {
            "name": f"{name}\n{period}" if period else name,
            "psa_proposal_line_id": self.id,
            "psa_service_start": self.date_start,
            "psa_service_end": self.date_end,
        }

    def _prepare_adjustment_invoice_line(self, sale_line):
        values = sale_line._prepare_invoice_line(quantity=1)
        return {**values, **self._prepare_service_period(sale_line, values["name"])}

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
        net, price = (
            sale_line._psa_net_price(),
            dec(sale_line.price_unit) * (100 - dec(sale_line.discount)) / 100,
        )
        return {
            "order_id": sale_line.order_id.id,
            "product_id": self.env.ref("psa_billing.product_adjustment").id,
            "name": self.env._("Up to the cap: %s", sale_line.name),
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
