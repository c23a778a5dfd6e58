from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestRelease(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.architect), cls._line(cls.developer))
        cls.first, cls.second = cls.order.order_line
        cls.entry = cls._work(cls.first, 2)
        cls.other = cls._work(cls.second, 1)
        cls.proposal = cls._propose()
        cls.invoice = cls._invoice(cls.proposal)

    def assert_free(self, entry, hours, amount):
        self.assert_wip(entry, ("open", hours, hours, amount))
        entry.invalidate_recordset()
        self.assertFalse(entry.timesheet_invoice_id)
        self.assertFalse(entry.psa_wip_ids.proposal_line_id | entry.psa_wip_ids.proposal_line_id)

    def test_deleting_the_draft_invoice_frees_its_work(self):
        self.invoice.unlink()
        self.assert_free(self.entry, 2, 300)
        self.assert_free(self.other, 1, 100)
        self.assertEqual(self.proposal.state, "cancelled")
        self.assert_host_figures(self.first, delivered=2, invoiced=0, amount_to_invoice=300)
        # and it can be billed again, once
        again = self._propose()
        self.assertEqual(again.amount, 400)
        self.assertEqual(self._invoice(again).amount_untaxed, 400)

    def test_deleting_a_line_of_the_draft_frees_the_work_of_that_line(self):
        self.invoice.invoice_line_ids.filtered(lambda line: line.sale_line_ids == self.second).unlink()
        self.assert_wip(self.entry, ("billed", 2, 2, 300))
        self.assert_free(self.other, 1, 100)
        self.assertEqual(self._propose().amount, 100)

    def test_cancelling_the_invoice_frees_its_work(self):
        self.invoice.button_cancel()
        self.assert_free(self.entry, 2, 300)
        self.assertEqual(self.proposal.state, "cancelled")
        with self.assertRaisesRegex(UserError, "was freed when it was cancelled"):
            self.invoice.button_draft()
        self.assertEqual(self._propose().amount, 400)

    def test_a_posted_credit_note_frees_what_it_credits(self):
        self.invoice.action_post()
        credit = self._credit(self.invoice)
        self.assertEqual(credit.amount_untaxed, 400)
        self.assert_free(self.entry, 2, 300)
        self.assert_host_figures(self.first, delivered=2, invoiced=0, amount_to_invoice=300)
        self.assertEqual(self.proposal.state, "cancelled")
        with self.assertRaisesRegex(UserError, "taking the credit back"):
            credit.button_draft()
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 400)
        self.assert_host_figures(self.first, delivered=2, invoiced=2, amount_to_invoice=0)

    def test_what_is_credited_is_not_credited_again(self):
        """*Credit Note* pressed twice: the client would get 800.00 back of 400.00."""
        self.invoice.action_post()
        first, twice = self._draft_credit(self.invoice), self._draft_credit(self.invoice)
        with self.assertRaisesRegex(UserError, "was billed with 2, and 0 of that is credited already"):
            (first + twice).action_post()
        first.action_post()
        message = (
            "Architect.* of .* was billed with 2, and 2 of that is credited already: .* take back 2 more"
        )
        with self.assertRaisesRegex(UserError, message):
            twice.action_post()
        twice.button_cancel()
        self.assert_host_figures(self.first, delivered=2, invoiced=0, amount_to_invoice=300)
        self.assertEqual(self._propose().amount, 400)

    def test_the_rest_of_what_is_credited_in_part_is_credited(self):
        self.invoice.action_post()
        credit = self._draft_credit(self.invoice)
        credit.invoice_line_ids.filtered(lambda line: line.sale_line_ids == self.first).quantity = 0.5
        credit.action_post()
        rest = self._draft_credit(self.invoice)
        # 0.50 of 2.00 hours and 1.00 of 1.00: the host proposes all of it again
        with self.assertRaisesRegex(UserError, "credited already"):
            rest.action_post()
        architect, developer = rest.invoice_line_ids
        architect.quantity, developer.quantity = 1.5, 0
        rest.action_post()
        self.assertEqual(rest.amount_untaxed, 225)
        self.assert_host_figures(self.first, delivered=2, invoiced=0, amount_to_invoice=300)
        self.assertEqual(self._propose().amount, 400)

    def test_a_credit_note_of_one_line_frees_that_line_only(self):
        self.invoice.action_post()
        credit = self._draft_credit(self.invoice)
        credit.invoice_line_ids.filtered(lambda line: line.sale_line_ids == self.second).unlink()
        credit.action_post()
        self.assert_free(self.entry, 2, 300)
        self.assert_wip(self.other, ("billed", 1, 1, 100))
        self.assertEqual(self.other.timesheet_invoice_id, self.invoice)
        self.assertEqual(self.proposal.state, "invoiced")

    def test_a_credit_of_a_part_of_a_line_frees_that_part(self):
        self.invoice.action_post()
        credit = self._draft_credit(self.invoice)
        credit.invoice_line_ids.filtered(lambda line: line.sale_line_ids == self.second).unlink()
        credit.invoice_line_ids.filtered(lambda line: line.sale_line_ids == self.first).quantity = 1
        credit.action_post()
        self.assert_wip(self.entry, ("billed", 1, 1, 150), ("open", 1, 1, 150))
        self.entry.invalidate_recordset()
        self.assertEqual(self.entry.timesheet_invoice_id, self.invoice)

    def test_credit_with_a_new_invoice_is_refused_with_the_way_out(self):
        self.invoice.action_post()
        wizard = self._reversal(self.invoice)
        with self.assertRaisesRegex(UserError, "Reverse it without a new invoice"):
            wizard.modify_moves()

    def test_a_debit_note_with_the_lines_of_the_invoice_frees_no_work(self):
        """2 h x 150.00 and 1 h x 100.00 are billed; the wizard of the host's debit notes copies the lines
        like this. 400.00 more are charged, beside the SOW, and nothing waits to be billed again."""
        self.invoice.action_post()
        debit = self.invoice.with_context(include_business_fields=True).copy(
            {"move_type": "out_invoice", "ref": "More", "invoice_date": "2026-04-02"}
        )
        debit.action_post()
        self.assertEqual(debit.amount_untaxed, 400)
        self.assertFalse(debit.invoice_line_ids.sale_line_ids)
        self.assert_wip(self.entry, ("billed", 2, 2, 300))
        self.assert_wip(self.other, ("billed", 1, 1, 100))
        self.assert_host_figures(self.first, delivered=2, invoiced=2, amount_to_invoice=0)
        self.assertFalse(self._propose())
        self._credit(debit)
        self.assert_wip(self.entry, ("billed", 2, 2, 300))
        self._credit(self.invoice)
        self.assert_free(self.entry, 2, 300)

    def test_freed_capped_work_bills_its_remainder_again(self):
        order = self._sow(self._line(self.architect, cap=1000))
        line = order.order_line
        entry = self._work(line, 8, "2026-04-02")
        invoice = self._invoice(self._propose("2026-04-01", "2026-04-30"))
        adjustment = order.order_line - line
        invoice.unlink()
        self.assert_wip(entry, ("open", 6.66, 6.66, 1000.0), ("over_cap", 1.34, 1.34, 200.0))
        self.assertEqual(adjustment.product_uom_qty, 0)
        again = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual((again.amount, again.adjustment_amount, again.worked_amount), (1000, 1, 999))
        self.assertEqual(self._invoice(again).amount_untaxed, 1000)

    def test_parts_of_one_entry_billed_apart_become_one_when_freed(self):
        order = self._sow(self._line(self.architect, cap=300))
        line = order.order_line
        entry = self._work(line, 4, "2026-04-02")
        first = self._invoice(self._propose("2026-04-01", "2026-04-30"))
        line.sudo().psa_cap_amount = 600
        self.assert_wip(entry, ("billed", 2, 2, 300), ("open", 2, 2, 300))
        first.unlink()
        self.assert_wip(entry, ("open", 4, 4, 600))

    def test_resetting_a_posted_invoice_to_draft_keeps_its_work_billed(self):
        self.invoice.action_post()
        self.invoice.button_draft()
        self.assert_wip(self.entry, ("billed", 2, 2, 300))
        self.invoice.unlink()
        self.assert_free(self.entry, 2, 300)
