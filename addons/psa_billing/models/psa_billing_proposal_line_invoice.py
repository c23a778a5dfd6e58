"""The invoice lines of a proposal line."""

from decimal import Decimal

from odoo import models

from .bill import Detail


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    def _prepare_invoice_line(self, sale_line, detail):
        """:param sale_line: the SOL that bills, in the language of who pays"""
        self.ensure_one()
        values = sale_line._psa_invoice_values(quantity=float(detail.quantity))
        name = sale_line.name if sale_line.psa_adjusts_line_id else values["name"]
        if self.name and sale_line == self.sale_line_id:
            name = self.name
        return {
            **values,
            "name": self._psa_line_text(sale_line, detail, name),
            "psa_proposal_line_id": self.id,
            "psa_service_start": detail.date_start,
            "psa_service_end": detail.date_end,
        }

    def _prepare_adjustment_line(self, sale_line):
        """:param sale_line: the SOL that bills the remainder, in the language of who pays"""
        return self._prepare_invoice_line(sale_line, Detail(Decimal(1), self.date_start, self.date_end))

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
        return self.sale_line_id._prepare_psa_adjustment(
            self._psa_adjustment_name(bill), float(bill.remainder)
        )

    def _psa_is_rounding(self, bill):
        """Whether the remainder of ``bill`` is cents that quantities of two digits cannot express: of the
        share of a payer, or of a line that the invoice has in several. What somebody decided is none."""
        self.ensure_one()
        return not self.adjustment_ids and (bool(bill.payer) or len(bill.details) > 1)

    def _psa_adjustment_name(self, bill):
        """What the adjustment says on the invoice, in the language of who pays."""
        self.ensure_one()
        sale_line = self.sale_line_id
        lang = (bill.payer or sale_line.order_id.partner_invoice_id).lang
        line = self.with_context(lang=lang) if lang else self
        if self.adjustment_ids:
            return line._psa_decision_name()
        if bill.payer:
            return line.env._("Rounding of the share: %s", sale_line.name)
        is_time = sale_line._psa_is_time_material()
        if len(bill.details) > 1 or (is_time and not sale_line.order_id._psa_sow()._psa_is_capped()):
            return line.env._("Rounding: %s", sale_line.name)
        if is_time:
            return line.env._("Up to the cap: %s", sale_line.name)
        if not sale_line._psa_plan():
            return line.env._("Rounding of what was billed before: %s", sale_line.name)
        return line.env._("Rounding of the instalment: %s", sale_line.name)
