"""An invoice of a proposal stays what it is: in the currency of the work, and the only one that bills it."""

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestInvoiceCurrency(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        cls.line = cls._sow().order_line
        cls.entry = cls._work(cls.line, 4)  # 600.00
        cls.invoice = cls._invoice(cls._propose())

    def assert_kept(self, call, *words):
        self.assert_refused(call, *words)
        self.invoice.invalidate_recordset()
        self.assertEqual(self.invoice.currency_id, self.company.currency_id)

    def test_six_hundred_of_another_currency_are_not_billed(self):
        """At 0.5 euros for one of the company's, 600.00 euros were 1,200.00."""
        form = Form(self.invoice.with_context(default_move_type="out_invoice"))
        form.currency_id = self.foreign
        self.assert_kept(form.save, "SOW/", "currency")
        self.assert_kept(lambda: self.invoice.write({"currency_id": self.foreign.id}), "SOW/")

    def test_nor_by_a_journal_in_another_currency(self):
        journal = self.invoice.journal_id.sudo().copy({"code": "EURS", "currency_id": self.foreign.id})
        self.assert_kept(lambda: self.invoice.write({"journal_id": journal.id}), "SOW/")

    def test_a_journal_in_the_same_currency_is_taken(self):
        journal = self.invoice.journal_id.sudo().copy({"code": "INV2"})
        self.invoice.write({"journal_id": journal.id, "currency_id": self.company.currency_id.id})
        self.assertEqual(self.invoice.journal_id, journal)

    def test_its_credit_note_is_in_the_same_currency(self):
        self.invoice.invoice_date = "2026-04-01"
        self.invoice.action_post()
        note = self._draft_credit(self.invoice)
        self.assert_refused(lambda: note.write({"currency_id": self.foreign.id}), self.invoice.name)

    def test_other_invoices_are_the_hosts(self):
        other = self.init_invoice("out_invoice", amounts=[100])
        other.currency_id = self.foreign
        self.assertEqual(other.currency_id, self.foreign)

    def test_work_of_one_month_is_not_billed_every_month(self):
        """The host copies an invoice that repeats when it is posted: March would be billed in April, too."""
        form = Form(self.invoice.with_context(default_move_type="out_invoice"))
        form.invoice_date = "2026-03-31"
        form.auto_post = "monthly"
        with self.assertRaisesRegex(UserError, "bills work.*retainer"), self.cr.savepoint():
            form.save()
        self.invoice.invalidate_recordset()
        self.invoice.write({"invoice_date": "2026-03-31", "auto_post": "at_date"})
        self.assertEqual(self.invoice.auto_post, "at_date")
        other = self.init_invoice("out_invoice", amounts=[100])
        other.auto_post = "monthly"
        self.assertEqual(other.auto_post, "monthly")
