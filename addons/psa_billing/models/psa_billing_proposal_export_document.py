"""The JSON of an exported proposal, and the payments that come back."""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Date, Datetime

from ..core.export import day, text
from ..core.money import dec

SCHEMA = "psa.billing.proposal/1"


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _psa_export_head(self):
        self.ensure_one()
        return {
            "id": self.id,
            "number": self.display_name,
            "state": self.state,
            "currency": self.currency_id.name,
            "amount": self._psa_money(self.amount),
            "approved_on": Datetime.to_string(self.approved_on) or None,
        }

    def _psa_export_document(self):
        """The proposal whole; see docs/billing-export.md."""
        order = self.order_id
        return {
            "schema": SCHEMA,
            **self._psa_export_head(),
            "company": self._psa_export_partner(self.company_id.partner_id),
            "client": self._psa_export_partner(order.partner_id),
            "invoice_address": self._psa_export_partner(order.partner_invoice_id),
            "sow": {"id": order.id, "name": order.name, "agreement": order.psa_agreement_id.name or None},
            "po_number": order.client_order_ref or None,
            "payment_terms": order.payment_term_id.name or None,
            "period": {"from": day(self.date_from), "to": day(self.date_to)},
            "invoice_date": day(self.run_id.invoice_date),
            "odoo_invoice": self._psa_posted_number(self.invoice_id),
            "down_payments": self._psa_money(-self.deposit_amount),
            "to_invoice": self._psa_money(self.invoice_amount),
            "payers": self._psa_export_payers(),
            "credit_notes": self._psa_export_credits(),
            "lines": [line._psa_export_line() for line in self.line_ids if not line.is_held],
        }

    def _psa_export_credits(self):
        """What posted credit notes took back of the native invoices, oldest first."""
        notes = self.invoice_ids.reversal_move_ids.filtered(
            lambda note: note.move_type == "out_refund" and note.state == "posted"
        )
        return [
            {
                "number": note.name,
                "date": day(note.invoice_date),
                "credits": note.reversed_entry_id.name,
                "amount": self._psa_money(note.amount_untaxed),
            }
            for note in notes.sorted("id")
        ]

    def _psa_posted_number(self, invoice):
        return invoice.name if invoice.state == "posted" else None

    def _psa_export_payers(self):
        """Who pays which part of it, where that are several clients."""
        paying = self._psa_paying()
        if not paying:
            return []
        amounts = self._psa_amounts_invoiced() if self.state == "invoiced" else self._psa_amounts_by_payer()
        shares = self.order_id._psa_sow().psa_payer_ids
        share_of = {share.partner_id: share.share for share in shares}
        return [
            {
                "payer": self._psa_export_partner(payer),
                "share": text(dec(share_of.get(payer, 0)), 2),
                "amount": text(amounts.get(payer, dec(0)), self.currency_id.decimal_places),
                "odoo_invoice": self._psa_posted_number(self._psa_invoice_of(payer)),
            }
            for payer in paying
        ]

    def _psa_export_partner(self, partner):
        return {
            "id": partner.id,
            "name": partner.display_name,
            "reference": partner.ref or None,
            "vat": partner.vat or None,
            "email": partner.email or None,
            "street": partner.street or None,
            "street2": partner.street2 or None,
            "zip": partner.zip or None,
            "city": partner.city or None,
            "state": partner.state_id.code or None,
            "country": partner.country_id.code or None,
            "language": partner.lang or None,
        }

    def _psa_export_answer(self, target=None):
        """:param target: the record of the payer whose invoice the message was about"""
        about = target or self
        return {
            "id": self.id,
            "external_id": self.export_external_id,
            "payer": target.payer_id.id if target else None,
            "state": about.export_state,
            "number": about.export_number or None,
            "date": day(about.export_date),
            "paid_amount": self._psa_money(about.export_paid_amount),
        }

    def _psa_money(self, amount):
        return text(dec(self.currency_id.round(amount)), self.currency_id.decimal_places)

    # -- payments that come back -----------------------------------------------------------

    def _psa_register_payment(self, target, paid_on):
        """Register what the platform has received beyond what is registered, where the company says so.

        :param target: what its status is noted on: this proposal, or the record of a payer
        :param paid_on: of the payment, YYYY-MM-DD; None: today
        :return: what became of it: off, invoice_not_posted, nothing_new, nothing_due (the invoice is paid
            already), or the name of the payment
        :raises UserError: where the platform has received less than was registered
        """
        if not self.company_id.psa_export_payments:
            return "off"
        payer = target.payer_id if target._name == "psa.billing.export.payer" else None
        invoice = self._psa_invoice_of(payer)
        registered = self._psa_still_registered(target, invoice)
        new = self.currency_id.round(target.export_paid_amount - registered)
        if new < 0:
            raise UserError(
                self.env._(
                    "%(amount)s were registered for %(proposal)s, more than the platform has received. "
                    "Cancel the payment in Odoo first.",
                    amount=self.currency_id.format(registered),
                    proposal=", ".join(one.display_name for one in (self, payer) if one),
                )
            )
        if not new:
            return "nothing_new"
        if invoice.state != "posted":
            return "invoice_not_posted"
        if self.currency_id.is_zero(invoice.amount_residual):  # somebody registered it by hand
            return "nothing_due"
        number = target.export_number or self.export_external_id
        payment = self._psa_pay(invoice, new, paid_on, number)
        target.export_registered_amount = registered + new
        return payment.name

    def _psa_still_registered(self, target, invoice):
        """What is registered for the platform, without payments that were cancelled since."""
        if invoice.state != "posted":
            return target.export_registered_amount
        standing = invoice.matched_payment_ids.filtered(
            lambda one: one.state in ("in_process", "paid") and one.currency_id == self.currency_id
        )
        return min(target.export_registered_amount, sum(standing.mapped("amount")))

    def _psa_pay(self, invoice, amount, paid_on, number):
        wizard = (
            self.env["account.payment.register"]
            .with_company(self.company_id)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "amount": amount,
                    "currency_id": self.currency_id.id,
                    "payment_date": paid_on or Date.context_today(self),
                    "communication": number,
                    **(
                        {"journal_id": self.company_id.psa_export_journal_id.id}
                        if self.company_id.psa_export_journal_id
                        else {}
                    ),
                }
            )
        )
        return wizard._create_payments()
