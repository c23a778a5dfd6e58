"""A cap that was lowered below what is billed: what makes that no worse goes on."""

from odoo.tests import tagged

from .test_caps_used_between import UsedBetweenCase


@tagged("post_install", "-at_install")
class TestCorrectionsUnderLoweredCaps(UsedBetweenCase):
    """Under an agreement with a cap of 600.00 4 h of a SOW, 600.00, are invoiced; the cap is lowered to
    200.00. An hour is taken back: 450.00 are left, which are 250.00 over the cap."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement(cap_amount=600)
        cls.order = cls._sow(
            cls._line(cls.architect), cls._line(cls.developer), psa_agreement_id=cls.agreement.id
        )
        cls._work(cls.order.order_line[0], 4)
        cls._invoice(cls._propose(), post=True)
        cls.agreement.cap_amount = 200
        cls.correction = cls._work(cls.order.order_line[0], -1, "2026-04-04")

    def test_a_correction_that_waits_is_held_released_and_billed(self):
        part = self.correction.psa_wip_ids
        part.action_hold()
        self.assert_wip(self.correction, ("held", -1, -1, -150))
        part.action_release()
        self._invoice(self._april(), post=True)
        self.assertEqual(self._invoiced(self.order), 450)

    def test_it_is_recalled_written_off_or_moved_too(self):
        """On the line at 100.00 an hour it takes 100.00 back."""
        part = self.correction.psa_wip_ids
        part.sudo()._psa_move(self.order.order_line[1])
        self.assert_wip(self.correction, ("open", -1, -1, -100))
        self.correction.psa_wip_ids.sudo()._psa_write_off(self.extra)
        self.correction.psa_wip_ids.action_undo_adjustments()
        self.correction.action_psa_recall()
        self.assertFalse(self.correction.psa_wip_ids)

    def test_what_gives_it_back_on_a_proposal_stays_there(self):
        """Held, 600.00 would be billed again, 400.00 over the cap."""
        proposal = self._april()
        refused = "400.00 more than the cap of the agreement"
        self.assert_refused(self.correction.psa_wip_ids.action_hold, refused)
        self.assert_refused(proposal.line_ids.action_hold, refused)
        self.assert_refused(proposal.action_cancel, refused)
        self.assertEqual(proposal.amount, -150)

    def test_more_is_taken_back_in_the_review_and_less_is_not(self):
        """200.00 instead of 150.00 leave 400.00, that is 200.00 over the cap; taken back, 250.00."""
        proposal = self._april()
        part = self.correction.psa_wip_ids
        part.sudo()._psa_bill_amount(-200, self.goodwill)
        self.assertEqual(proposal.amount, -200)
        refused = "300.00 more than the cap of the agreement"
        self.assert_refused(lambda: part.sudo()._psa_bill_amount(-100, self.extra), refused)
        refused = "250.00 more than the cap of the agreement"
        self.assert_refused(part.action_undo_adjustments, refused)

    def test_what_was_given_up_of_a_correction_is_given_back_after_all(self):
        """Under 600.00 the correction is written off on its proposal; under 200.00 that is taken back."""
        self.agreement.cap_amount = 600
        proposal = self._april()
        self.correction.psa_wip_ids.sudo()._psa_write_off(self.extra)
        self.agreement.cap_amount = 200
        proposal.line_ids.action_undo_adjustments()
        self.assertEqual(proposal.amount, -150)


@tagged("post_install", "-at_install")
class TestDeductionsUnderLoweredCaps(UsedBetweenCase):
    def test_a_deduction_that_is_held_is_released(self):
        """60 % of 1,000.00 are invoiced under a cap of 1,000.00. A change order takes 300.00 off, 180.00 of
        it now, which are held; the cap is lowered to 300.00. Released and invoiced, 420.00 are billed."""
        agreement = self._agreement(cap_amount=1000)
        order = self._planned(
            (60, "2026-03-10"), (40, "2026-05-10"), price=1000, psa_agreement_id=agreement.id
        )
        self._invoice(self._propose(), post=True)
        self._change_order(order, self._amend(order.order_line, -1, price_unit=300))
        proposal = self._april()
        proposal.line_ids.action_hold()
        agreement.cap_amount = 300
        proposal.line_ids.action_release()
        self._invoice(proposal, post=True)
        self.assertEqual(self._invoiced(order), 420)
