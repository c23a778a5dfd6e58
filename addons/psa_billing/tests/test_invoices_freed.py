"""Draft invoices that are deleted or cancelled, as a whole or line by line, after something was done on
them."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_caps_used_between import UsedBetweenCase


@tagged("post_install", "-at_install")
class TestInvoicesFreed(UsedBetweenCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.architect, cap=1500), cls._line(cls.developer))
        cls.line, cls.other = cls.order.order_line

    def _credit_units(self, invoice, quantity):
        """A posted credit note of so many units of the first line."""
        note = self._draft_credit(invoice)
        note.invoice_line_ids.filtered("sale_line_ids")[0].quantity = quantity
        (note.invoice_line_ids - note.invoice_line_ids.filtered("sale_line_ids")[0]).unlink()
        note.action_post()
        return note

    def test_an_invoice_that_was_credited_in_part_is_not_cancelled_or_deleted(self):
        """10 h, 1,500.00, of which 4 h, 600.00, were credited and billed again. Without the invoice these
        600.00 would be credited for nothing."""
        self._work(self.line, 10)
        invoice = self._invoice(self._propose(), post=True)
        note = self._credit_units(invoice, 4)
        self._invoice(self._propose(), post=True)
        self.assertEqual(self._invoiced(self.order), 1500)
        invoice.button_draft()
        for call in (invoice.button_cancel, invoice.unlink, invoice.invoice_line_ids[0].unlink):
            self.assert_refused(call, f"was credited, as a whole or in part, by {note.name}")
        # the way out
        invoice.action_post()
        self._credit_units(invoice, 6)
        self.assertEqual(self._invoiced(self.order), 600)
        self.assertEqual(self._propose().amount, 900)

    def test_the_kind_of_a_document_is_not_switched(self):
        """10 h, 1,500.00. As a credit note the draft gave the client what it bills, and its credit note, as
        an invoice, billed the ten hours twice."""
        entry = self._work(self.line, 10)
        invoice = self._invoice(self._propose())
        self.assert_refused(invoice.action_switch_move_type, "bills the proposal .* Delete it and bill")
        invoice.invoice_date = "2026-04-01"
        invoice.action_post()
        note = self._draft_credit(invoice)
        self.assert_refused(note.action_switch_move_type, f"credits {invoice.name}: as an invoice")
        self.assertEqual((invoice.move_type, note.move_type), ("out_invoice", "out_refund"))
        self.assert_wip(entry, ("billed", 10, 10, 1500))

    def test_a_line_that_was_not_credited_is_deleted(self):
        """2 h at 150.00 and 1 h at 100.00: the first line is credited, the second one deleted."""
        self._work(self.line, 2)
        entry = self._work(self.other, 1)
        invoice = self._invoice(self._propose(), post=True)
        self._credit_units(invoice, 2)
        invoice.button_draft()
        invoice.invoice_line_ids.filtered(lambda line: line.sale_line_ids == self.other).unlink()
        self.assert_wip(entry, ("open", 1, 1, 100))
        invoice.action_post()
        self.assertEqual(self._invoiced(self.order), 0)
        self.assertEqual(self._propose().amount, 400)

    def test_a_line_is_not_deleted_without_its_adjustment(self):
        """10 h, 1,500.00, for 1,350.00. The 150.00 below the cap are used by an hour more: the draft bills
        what the review decided, or nothing."""
        entry = self._work(self.line, 10)
        proposal = self._propose()
        entry.psa_wip_ids.sudo()._psa_bill_amount(1350, self.goodwill)
        invoice = self._invoice(proposal)
        more = self._work(self.line, 1, "2026-03-05")
        self._invoice(self._propose(), post=True)
        main, less = invoice.invoice_line_ids.sorted("price_subtotal", reverse=True)
        self.assertEqual((main.price_subtotal, less.price_subtotal), (1500, -150))
        for line in (main, less):
            self.assert_refused(line.unlink, "its adjustment were billed together")
        (main | less).unlink()
        self.assert_wip(more, ("billed", 1, 1, 150))
        self.assert_wip(entry, ("open", 9, 9, 1350), ("over_cap", 1, 1, 150))

    def test_a_credit_note_is_not_reversed(self):
        """An invoice of the reversal would bill the 2 h that wait for the next proposal."""
        self._work(self.line, 2)
        note = self._credit(self._invoice(self._propose(), post=True))
        with self.assertRaisesRegex(UserError, "Bill it by a new proposal instead"):
            note._reverse_moves([{"date": "2026-04-05"}])
        self.assertEqual(self._propose().amount, 300)

    # -- down payments ---------------------------------------------------------------------

    def _pay_in_advance(self, amount):
        """A posted down payment of ``amount`` with taxes."""
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=self.order.ids)
            .create({"advance_payment_method": "fixed", "fixed_amount": amount})
        )
        wizard.create_invoices()
        invoice = self.order.invoice_ids.filtered(lambda move: move.state == "draft")
        invoice.invoice_date = "2026-03-01"
        invoice.action_post()
        return invoice

    def test_a_down_payment_does_not_come_back_as_less_than_was_deducted(self):
        """300.00 (345.00 with 15 %) were deducted; with 100.00 asked for, 200.00 would be deducted for
        nothing."""
        deposit = self._pay_in_advance(345)
        self._work(self.line, 10)
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 1200)
        deposit.button_draft()
        asked = deposit.invoice_line_ids.filtered(lambda line: line.price_subtotal > 0)
        asked.price_unit = 100
        self.assert_refused(deposit.action_post, "deducted it.*200.00 less of it")
        asked.price_unit = 300
        deposit.action_post()
        self.assertEqual(self._invoiced(self.order), 1500)

    def test_a_down_payment_that_comes_back_as_more_is_deducted_as_more(self):
        deposit = self._pay_in_advance(345)
        self._work(self.line, 2)
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 0)
        deposit.button_draft()
        deposit.invoice_line_ids.filtered(lambda line: line.price_subtotal > 0).price_unit = 400
        deposit.action_post()
        self._work(self.line, 2, "2026-04-02")
        # 300.00 less the 100.00 that are left of 400.00
        self.assertEqual(self._april().invoice_amount, 200)
