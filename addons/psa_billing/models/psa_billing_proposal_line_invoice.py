"""The invoice lines of a proposal line."""

from odoo import models


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    def _prepare_invoice_line(self, sale_line, quantity):
        """:param sale_line: the SOL that bills, in the language of the client"""
        self.ensure_one()
        values = sale_line._prepare_invoice_line(quantity=quantity)
        text = self.name if self.name and sale_line == self.sale_line_id else values["name"]
        period = sale_line._psa_service_period_name(self.date_start, self.date_end)
        return {
            **values,
            "name": f"{text}\n{period}" if period else text,
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
        return self.sale_line_id._prepare_psa_adjustment(self._psa_adjustment_name(), self.remainder)
