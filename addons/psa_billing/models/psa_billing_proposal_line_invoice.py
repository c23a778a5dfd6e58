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
        name = sale_line.name if sale_line.psa_adjusts_line_id else values["name"]
        return {
            **values,
            "name": f"{name}\n{period}" if period else name,
            "psa_proposal_line_id": self.id,
            "psa_service_start": self.date_start,
            "psa_service_end": self.date_end,
        }

    def _psa_make_adjustments(self, bills):
        """``{bill: SOL that bills its remainder}``: quantity 1, so that the host's figures agree."""
        with_remainder = [bill for bill in bills if not bill.line.currency_id.is_zero(float(bill.remainder))]
        sale_lines = (
            self.env["sale.order.line"]
            .with_context(sale_no_log_for_new_lines=True, mail_notrack=True)
            .create([bill.line._prepare_adjustment(bill) for bill in with_remainder])
        )
        return dict(zip(with_remainder, sale_lines, strict=True))

    def _prepare_adjustment(self, bill):
        """Values of the SOL that bills the remainder of ``bill``."""
        self.ensure_one()
        sale_line = self.sale_line_id
        net = sale_line._psa_net_price()
        price = price_after_discount(dec(sale_line.price_unit), dec(sale_line.discount))
        return {
            "order_id": sale_line.order_id.id,
            "product_id": self.env.ref("psa_billing.product_adjustment").id,
            "name": self._psa_adjustment_name(bill),
            "product_uom_qty": 1,
            # Where taxes are in the price, the remainder carries its share of them.
            "price_unit": self.currency_id.round(float(bill.remainder * price / net)),
            "discount": 0,
            "tax_ids": [Command.set(sale_line.tax_ids.ids)],
            "analytic_distribution": sale_line.analytic_distribution,
            "sequence": sale_line.sequence,
            "psa_adjusts_line_id": sale_line.id,
            "psa_billing_model": "fixed",
        }

    def _psa_adjustment_name(self, bill):
        """What the adjustment says on the invoice, in the language of who pays."""
        self.ensure_one()
        sale_line = self.sale_line_id
        lang = (bill.payer or sale_line.order_id.partner_invoice_id).lang
        env = self.with_context(lang=lang).env if lang else self.env
        if bill.payer:
            return env._("Rounding of the share: %s", sale_line.name)
        if sale_line._psa_is_time_material():
            return env._("Up to the cap: %s", sale_line.name)
        return env._("Rounding of the instalment: %s", sale_line.name)
