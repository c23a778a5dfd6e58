"""A draft credit note gives nothing back yet: it may be deleted, and nothing is billed beside it."""

from odoo import Command
from odoo.tests import tagged

from .test_instalments import PsaInstalmentCase


@tagged("post_install", "-at_install")
class TestCreditDrafts(PsaInstalmentCase):
    def _fixed(self, **values):
        return self._sow(self._line(self.developer, 1, "fixed", price_unit=1000), **values)

    def _billed(self, order):
        """What the client was invoiced of the order, net, by posted invoices."""
        moves = order.invoice_ids.filtered(lambda move: move.state == "posted")
        return sum(-move.direction_sign * move.amount_untaxed for move in moves)

    def test_a_fixed_price_is_not_billed_beside_its_draft_credit_note(self):
        """1,000.00 are billed. As long as the credit note is a draft the next run bills no other 1,000.00;
        the draft is deleted, and 1,000.00 stay billed."""
        order = self._fixed()
        note = self._draft_credit(self._invoice(self._propose(), post=True))
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))
        note.unlink()
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))
        self.assertEqual(self._billed(order), 1000)

    def test_it_is_billed_again_once_the_credit_note_is_posted(self):
        order = self._fixed()
        note = self._draft_credit(self._invoice(self._propose(), post=True))
        note.action_post()
        self.assertEqual(order.order_line.qty_to_invoice, 1)
        self._invoice(self._propose("2026-04-01", "2026-04-30"), post=True)
        self.assertEqual(self._billed(order), 1000)

    def test_instalments(self):
        """30 % of 10,000.00 are billed, 70 % are due in May: beside the draft of a credit note of the
        3,000.00 the run of May bills 7,000.00."""
        order = self._planned((30, "2026-03-01"), (70, "2026-05-31"))
        note = self._draft_credit(self._invoice(self._propose(), post=True))
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))
        proposal = self._propose("2026-05-01", "2026-05-31")
        self.assertEqual((proposal.amount, proposal.line_ids.quantity), (7000, 0.7))
        self._invoice(proposal, post=True)
        note.action_post()
        self.assertEqual(self._propose("2026-06-01", "2026-06-30").amount, 3000)
        self.assertEqual(self._billed(order), 7000)

    def test_of_several_payers_each_pays_its_own(self):
        """Client and fund pay 500.00 each. The client's credit note is a draft: nothing is due. Once it is
        posted the client pays its 500.00 again, the fund nothing."""
        fund = self.env["res.partner"].create({"name": "Fund"})
        order = self._fixed(
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": 50, "sequence": number})
                for number, payer in enumerate((self.client, fund))
            ]
        )
        proposal = self._propose()
        self._invoice(proposal)
        proposal.invoice_ids.invoice_date = "2026-04-01"
        proposal.invoice_ids.action_post()
        own = proposal.invoice_ids.filtered(lambda move: move.psa_payer_id == self.client)
        note = self._draft_credit(own)
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))
        note.action_post()
        again = self._propose("2026-04-01", "2026-04-30")
        self._invoice(again)
        self.assertEqual(
            [(move.psa_payer_id, move.amount_untaxed) for move in again.invoice_ids], [(self.client, 500)]
        )
        self.assertEqual(order.order_line.qty_to_invoice, 0)

    def test_a_milestone_stays_billed(self):
        order = self._sow(self._line(self.developer, 1, "milestone", price_unit=1000))
        milestone = self.env["project.milestone"].search([("sale_line_id", "=", order.order_line.id)])
        milestone.is_reached = True
        note = self._draft_credit(self._invoice(self._propose(), post=True))
        self.assert_refused(lambda: milestone.write({"is_reached": False}), "is billed on")
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))
        note.action_post()
        milestone.is_reached = False
        self.assertEqual(order.order_line.qty_to_invoice, 0)
