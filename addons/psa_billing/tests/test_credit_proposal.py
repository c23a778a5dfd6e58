"""A proposal below zero becomes a native credit note."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestCreditProposal(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow()
        cls.line = cls.order.order_line
        cls._work(cls.line, 10)
        cls.invoice = cls._invoice(cls._propose(), post=True)

    def test_a_correction_is_credited(self):
        entry = self._work(self.line, -2, "2026-04-01")
        proposal = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual(proposal.amount, -300)
        note = self._invoice(proposal)
        self.assertEqual((note.move_type, note.amount_untaxed, note.amount_tax), ("out_refund", 300, 45))
        self.assertEqual(note.invoice_line_ids.mapped("quantity"), [2])
        self.assert_wip(entry, ("billed", -2, -2, -300))
        note.action_post()
        self.assert_wip(entry, ("billed", -2, -2, -300))
        self.assert_host_figures(self.line, delivered=8, invoiced=8, amount_to_invoice=0)

    def test_a_deleted_credit_frees_its_work(self):
        entry = self._work(self.line, -2, "2026-04-01")
        proposal = self._propose("2026-04-01", "2026-04-30")
        self._invoice(proposal).unlink()
        self.assert_wip(entry, ("open", -2, -2, -300))
        self.assertEqual(proposal.state, "cancelled")

    def test_nothing_is_no_invoice(self):
        self._work(self.line, -2, "2026-04-01")
        self._work(self.line, 2, "2026-04-02")
        proposal = self._propose("2026-04-01", "2026-04-30")
        with self.assertRaisesRegex(UserError, "comes to nothing"):
            proposal.action_approve()
