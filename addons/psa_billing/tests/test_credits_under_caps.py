"""What credit notes of fixed prices, typed or made by the host, give back under the cap of an agreement."""

from odoo import Command
from odoo.tests import tagged

from .test_caps_used_between import UsedBetweenCase


@tagged("post_install", "-at_install")
class TestCreditsByHandUnderCaps(UsedBetweenCase):
    """Under an agreement with a cap of 1,000.00 a fixed price of 700.00 and 300.00 that the review added are
    invoiced. Work of another SOW is 2 h at 150.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement(cap_amount=1000)
        line = cls._line(cls.architect, 1, "fixed", price_unit=700)
        cls.order = cls._sow(line, psa_agreement_id=cls.agreement.id)
        proposal = cls._propose()
        proposal.sudo()._psa_add_line("More", 300, cls.order.order_line, cls.extra)
        cls.added = proposal.line_ids.filtered("is_added").sale_line_id
        cls.invoice = cls._invoice(proposal, post=True)
        cls.line = cls._sow(psa_agreement_id=cls.agreement.id).order_line
        cls.late = cls._work(cls.line, 2, "2026-04-03")

    def _typed(self, sale_line, amount, **values):
        """A draft credit note of ``amount`` that somebody typed, of the line ``sale_line``."""
        line = {"name": "Back", "quantity": 1, "price_unit": amount, "sale_line_ids": [sale_line.id]}
        return self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.client.id,
                "invoice_date": "2026-04-10",
                "invoice_line_ids": [Command.create({**line, "tax_ids": [Command.clear()]})],
                **values,
            }
        )

    def _lowered(self):
        """A draft credit note of the whole invoice, of which 300.00 of the fixed price are left as a
        concession.
        """
        note = self._draft_credit(self.invoice)
        fixed = note.invoice_line_ids.filtered(lambda line: line.sale_line_ids == self.order.order_line[0])
        (note.invoice_line_ids - fixed).unlink()
        fixed.price_unit = 300
        return note

    def _use(self):
        """The 2 h of the other SOW are invoiced."""
        self._invoice(self._april(self.line.order_id), post=True)
        self.assert_wip(self.late, ("billed", 2, 2, 300))

    def test_a_draft_gives_no_room_and_goes_again(self):
        note = self._typed(self.added, 300)
        self.assertFalse(self._april(self.line.order_id))
        self.assert_wip(self.late, ("over_cap", 2, 2, 300))
        note.unlink()
        self.assertEqual(self.agreement._psa_cap_used(("proposed", "billed")), 1000)

    def test_a_posted_one_gives_room_and_stays_once_that_is_used(self):
        """700.00 and 300.00 of work are 1,000.00: without the credit note 1,300.00 would be billed."""
        note = self._typed(self.added, 300)
        note.action_post()
        self.assert_wip(self.late, ("open", 2, 2, 300))
        self._use()
        self.assertEqual(self._invoiced(self.order, self.line.order_id), 1000)
        self.assert_refused(note.button_draft, "300.00 more than the cap of the agreement")
        self.assert_refused(note.button_cancel, "300.00 more than the cap of the agreement")

    def test_who_uses_the_room_while_it_is_taken_back_is_run_again(self):
        """Both change the revision of each SOW under the agreement: PostgreSQL refuses the second."""
        note = self._typed(self.added, 300)
        note.action_post()
        sows = self.order | self.line.order_id
        before = sows.mapped("psa_wip_revision")
        note.button_draft()
        for revision, now in zip(before, sows.mapped("psa_wip_revision"), strict=True):
            self.assertGreater(now, revision)

    def test_one_that_nobody_used_is_reset_and_cancelled(self):
        """1,000.00 are billed again: the 300.00 that wait would be over the cap, and are not proposed."""
        note = self._typed(self.added, 300)
        note.action_post()
        note.button_draft()
        self.assert_wip(self.late, ("over_cap", 2, 2, 300))
        note.action_post()
        self.assert_wip(self.late, ("open", 2, 2, 300))
        note.button_draft()
        note.button_cancel()
        self.assertEqual(self.agreement._psa_cap_used(("proposed", "billed")), 1000)
        self.assertFalse(self._april(self.line.order_id))

    def test_so_does_a_concession(self):
        note = self._lowered()
        self.assertEqual(self.agreement._psa_cap_used(("proposed", "billed")), 1000)
        note.action_post()
        self._use()
        self.assertEqual(self._invoiced(self.order, self.line.order_id), 1000)
        self.assert_refused(note.button_draft, "300.00 more than the cap of the agreement")
        self.agreement.cap_amount = 1300
        note.button_draft()
        note.button_cancel()
        self.assertEqual(self.agreement._psa_cap_used(("proposed", "billed")), 1300)

    def test_under_a_cap_that_was_lowered_a_draft_is_made_smaller_and_deleted(self):
        """Under 100.00 the fixed price alone, or nothing, is credited of the 1,000.00 after all."""
        self.agreement.cap_amount = 100
        note = self._draft_credit(self.invoice)
        note.unlink()
        note = self._draft_credit(self.invoice)
        note.invoice_line_ids.filtered(lambda line: line.sale_line_ids == self.added).unlink()
        self.agreement.invalidate_recordset()
        self.assertEqual(self.agreement._psa_cap_used(("proposed", "billed")), 1000)

    def test_a_deduction_is_not_lowered_on_its_draft_credit_note_once_its_room_is_used(self):
        """60 % of 1,000.00 are invoiced under a cap of 900.00. A change order takes 300.00 off, 180.00 of it
        now; 3 h 12 min, 480.00, fit beside them and are invoiced. Half of the deduction is 90.00 over."""
        agreement = self._agreement(cap_amount=900)
        order = self._planned(
            (60, "2026-03-10"), (40, "2026-05-10"), price=1000, psa_agreement_id=agreement.id
        )
        self._invoice(self._propose(), post=True)
        self._change_order(order, self._amend(order.order_line, -1, price_unit=300))
        proposals = self._april()
        deduction = proposals.filtered(lambda one: one.order_id == order)
        self.assertEqual(deduction.amount, -180)
        line = self._sow(psa_agreement_id=agreement.id).order_line
        self._work(line, 3.2, "2026-04-05")
        self._invoice(self._april(line.order_id), post=True)
        note = self._invoice(deduction)
        main = note.invoice_line_ids.filtered(lambda one: one.quantity == 0.6)
        self.assert_refused(lambda: main.write({"quantity": 0.3}), "90.00 more than the cap of the agreement")
