"""What gave room under a cap is not had back alone once others have used the room."""

from odoo.tests import tagged

from .test_instalments import PsaInstalmentCase


class UsedBetweenCase(PsaInstalmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goodwill = cls.env.ref("psa_billing.reason_goodwill")
        cls.extra = cls.env.ref("psa_billing.reason_extra")

    @staticmethod
    def _invoiced(*orders):
        """What the clients were invoiced of these SOWs, without taxes, by posted invoices."""
        moves = orders[0].union(*orders)
        moves = (moves | moves.psa_change_ids).invoice_ids.filtered(lambda move: move.state == "posted")
        return round(sum(-move.direction_sign * move.amount_untaxed for move in moves), 2)

    def _april(self, order=None):
        """The proposals until the end of April, or that of one SOW."""
        proposals = self._propose(False, "2026-04-30")
        return proposals.filtered(lambda proposal: proposal.order_id == order) if order else proposals


@tagged("post_install", "-at_install")
class TestCorrectionsUsedBetween(UsedBetweenCase):
    """Two SOWs under an agreement with a cap of 600.00. 3 h of the first, 450.00, are invoiced. Of 2 h of the
    second, 300.00, one is over the cap; an hour of the first is taken back: 150.00 of room, which the second
    is invoiced."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        agreement = cls._agreement(cap_amount=600)
        cls.first, cls.second = (
            cls._sow(cls._line(cls.architect), cls._line(cls.developer), psa_agreement_id=agreement.id)
            for _number in range(2)
        )
        line = cls.first.order_line[0]
        cls._work(line, 3)
        cls._invoice(cls._propose(), post=True)
        cls.late = cls._work(cls.second.order_line[0], 2, "2026-04-01")
        cls.correction = cls._work(line, -1, "2026-04-04")
        proposals = cls._propose(False, "2026-04-30")
        cls.proposal = proposals.filtered(lambda one: one.order_id == cls.first)
        cls._invoice(proposals - cls.proposal, post=True)

    def _check_refused(self):
        part, refused = self.correction.psa_wip_ids, "150.00 more than the cap of the agreement"
        developer = self.first.order_line[1]
        self.assert_refused(part.action_hold, refused)
        self.assert_refused(lambda: part.sudo()._psa_write_off(self.extra), refused)
        # at 100.00 an hour 50.00 less are taken back
        moved = "50.00 more than the cap of the agreement"
        self.assert_refused(lambda: part.sudo()._psa_move_part(-1, developer), moved)
        self.assert_refused(lambda: part.sudo()._psa_move(developer), moved)

    def test_the_room_of_a_correction_is_used(self):
        self.assert_wip(self.late, ("billed", 1, 1, 150), ("billed", 1, 1, 150))
        self.assertEqual(self.proposal.amount, -150)
        self.assertEqual(self._invoiced(self.first, self.second), 750)
        self._check_refused()
        self._invoice(self.proposal, post=True)
        self.assertEqual(self._invoiced(self.first, self.second), 600)

    def test_its_proposal_is_not_cancelled_alone(self):
        """750.00 would stay invoiced or proposed under the cap of 600.00. Once the hour of the second SOW
        that took the room, 150.00, is credited, it is."""
        self.assert_refused(self.proposal.action_cancel, "150.00 more than the cap of the agreement")
        self.assertEqual(self.proposal.state, "draft")
        self._credit(self.late.psa_wip_ids.invoice_id)
        self.proposal.action_cancel()
        self.assert_wip(self.correction, ("open", -1, -1, -150))

    def test_nor_is_its_credit_note_deleted_or_cancelled(self):
        """What is left is to post it, which makes 600.00 of 750.00, or to raise the cap."""
        refused = "150.00 more than the cap of the agreement"
        note = self._invoice(self.proposal)
        self.assert_refused(note.unlink, refused)
        self.assert_refused(note.button_cancel, refused)
        note.invoice_date = "2026-04-30"
        note.action_post()
        self.assertEqual((note.move_type, note.amount_untaxed), ("out_refund", 150))
        self.assertEqual(self._invoiced(self.first, self.second), 600)
        note.button_draft()
        self.assert_refused(note.button_cancel, refused)
        self.first.psa_agreement_id.cap_amount = 750
        note.button_cancel()
        self.assert_wip(self.correction, ("open", -1, -1, -150))

    def test_nor_is_less_of_it_credited(self):
        """Half an hour on the draft credit note, 75.00, would leave 675.00 invoiced; without the posted one
        750.00 would be."""
        note = self._invoice(self.proposal)
        note.invoice_date = "2026-04-30"
        note.invoice_line_ids.quantity = 0.5
        self.assert_refused(note.action_post, "75.00 more than the cap of the agreement")
        note.invoice_line_ids.quantity = 1
        note.action_post()
        back = note._reverse_moves([{"invoice_date": "2026-05-02"}])
        self.assert_refused(back.action_post, "150.00 more than the cap of the agreement")

    def test_nor_is_its_sow_with_its_draft_credit_note(self):
        self._invoice(self.proposal)
        cancel = self.first.with_context(psa_left_unbilled_is_known=True).action_cancel
        self.assert_refused(cancel, "150.00 more than the cap of the agreement")

    def test_where_the_cap_is_raised_a_correction_is_given_up(self):
        self.first.psa_agreement_id.cap_amount = 750
        self.proposal.action_cancel()
        self.correction.psa_wip_ids.sudo()._psa_write_off(self.extra)
        self.assert_wip(self.correction, ("written_off", -1, -1, -150))


@tagged("post_install", "-at_install")
class TestLineCorrectionsUsedBetween(UsedBetweenCase):
    def test_a_correction_does_not_leave_its_line(self):
        """600.00 of 5 h were invoiced at the cap of the line. An hour is taken back and the fifth one billed:
        on the line of 100.00 an hour it would leave 150.00 over the cap."""
        order = self._sow(self._line(self.architect, cap=600), self._line(self.developer))
        line, developer = order.order_line
        self._work(line, 5)
        self._invoice(self._propose(), post=True)
        correction = self._work(line, -1, "2026-04-04")
        proposal = self._april()
        self.assertEqual(proposal.amount, 0)
        part = correction.psa_wip_ids
        for call in (
            lambda: part.sudo()._psa_move_part(-1, developer),
            lambda: part.sudo()._psa_move(developer),
        ):
            self.assert_refused(call, "150.00 more than the cap")
        self.assert_wip(correction, ("proposed", -1, -1, -150))

    def test_of_two_proposals_of_a_sow_that_with_the_correction_is_not_cancelled_alone(self):
        """4 h, 600.00, are invoiced at the cap of the SOW. An hour is taken back, then another one worked:
        each on a proposal of its own. Without the first, 750.00 would be billed."""
        order = self._sow(psa_cap_amount=600)
        self._work(order.order_line, 4)
        self._invoice(self._propose(), post=True)
        self._work(order.order_line, -1, "2026-04-04")
        first = self._april()
        first.action_approve()
        self._work(order.order_line, 1, "2026-04-05")
        second = self._april()
        self.assertEqual((first.amount, second.amount), (-150, 150))
        self.assert_refused(first.action_cancel, f"150.00 more than the cap of {order.name}")
        (first | second).action_cancel()
        self.assertEqual(set((first | second).mapped("state")), {"cancelled"})

    def test_the_room_of_a_correction_goes_to_work_of_another_sow_that_has_nothing_else(self):
        """Of 4 h and 1 h the last one is over the cap of 600.00, alone on its SOW."""
        agreement = self._agreement(cap_amount=600)
        first, second = (self._sow(psa_agreement_id=agreement.id).order_line for _number in range(2))
        self._work(first, 4)
        self._invoice(self._propose(), post=True)
        late = self._work(second, 1, "2026-04-02")
        self.assert_wip(late, ("over_cap", 1, 1, 150))
        self._work(first, -1, "2026-04-04")
        self.assertEqual(self._april().mapped("amount"), [-150])
        self.assert_wip(late, ("open", 1, 1, 150))
        self.assertEqual(self._april().mapped("amount"), [150])


@tagged("post_install", "-at_install")
class TestFixedPricesUsedBetween(UsedBetweenCase):
    """An agreement with a cap of 1,000.00 over a fixed price and work at 150.00 an hour."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement(cap_amount=1000)

    def _fixed(self, **values):
        line = self._line(self.architect, 1, "fixed", price_unit=1000)
        return self._sow(line, psa_agreement_id=self.agreement.id, **values)

    def _work_line(self):
        return self._sow(psa_agreement_id=self.agreement.id).order_line

    def _deducted(self):
        """60 % of 1,000.00 are invoiced. A change order takes 300.00 off, 180.00 of it now: beside the 600.00
        there is room for 580.00 of work, 3 h 52 min of four, which are invoiced.

        :return: (SOW, change order, proposal of the deduction, line of the work)
        """
        order = self._planned(
            (60, "2026-03-10"), (40, "2026-05-10"), price=1000, psa_agreement_id=self.agreement.id
        )
        line = self._work_line()
        self._invoice(self._propose(), post=True)
        change = self._change_order(order, self._amend(order.order_line, -1, price_unit=300))
        entry = self._work(line, 4, "2026-04-05")
        self.assert_wip(entry, ("open", 2.66, 2.66, 400), ("over_cap", 1.34, 1.34, 200))
        proposals = self._april()
        deduction = proposals.filtered(lambda one: one.order_id == order)
        self._invoice(proposals - deduction, post=True)
        self.assertEqual((deduction.amount, self._invoiced(order, line.order_id)), (-180, 1180))
        return order, change, deduction, line

    def test_a_deduction_is_not_held_once_its_room_is_used(self):
        order, _change, deduction, line = self._deducted()
        self.assert_refused(deduction.line_ids.action_hold, "180.00 more than the cap of the agreement")
        self._invoice(deduction, post=True)
        self.assertEqual(self._invoiced(order, line.order_id), 1000)

    def test_nor_is_its_proposal_or_its_draft_credit_note_taken_back(self):
        """1,000.00 and 180.00 would stay. Under a cap of 1,200.00 it is, and proposed again."""
        order, _change, deduction, line = self._deducted()
        refused = "180.00 more than the cap of the agreement"
        self.assert_refused(deduction.action_cancel, refused)
        note = self._invoice(deduction)
        self.assert_refused(note.unlink, refused)
        self.assert_refused(note.button_cancel, refused)
        self.agreement.cap_amount = 1200
        note.unlink()
        self.assertEqual(deduction.state, "cancelled")
        again = self._april(order)
        self.assertEqual(again.line_ids.mapped("amount"), [-180])
        self._invoice(again, post=True)
        self.assertEqual(self._invoiced(order, line.order_id), 1000)

    def test_a_change_order_stays_once_others_have_used_what_it_took_off(self):
        _order, change, deduction, _line = self._deducted()
        refused = "(?s)180.00 under the cap of the agreement.*over it again"
        self.assert_refused(change.sudo().action_cancel, refused)
        self.agreement.cap_amount = 1200
        change.sudo().action_cancel()
        self.assertEqual(deduction.state, "draft")

    def _added(self):
        """1,000.00 less 300.00 by a line that the review added; 2 h of work, 300.00, are invoiced.

        :return: (proposal of the fixed price, added line)
        """
        proposal, line = self._fixed() and self._propose(), self._work_line()
        proposal.sudo()._psa_add_line("Less", -300, proposal.line_ids.sale_line_id, self.goodwill)
        self._work(line, 2)
        self._invoice(self._propose().filtered(lambda one: one.order_id == line.order_id), post=True)
        return proposal, proposal.line_ids.filtered("is_added")

    def test_a_line_that_a_review_added_stays_once_its_room_is_used(self):
        proposal, added = self._added()
        refused = "300.00 more than the cap of the agreement"
        self.assert_refused(added.action_hold, refused)
        self.assert_refused(added.action_undo_adjustments, refused)
        invoice = self._invoice(proposal)
        less = invoice.invoice_line_ids.filtered(lambda line: line.price_subtotal < 0)
        self.assert_refused(less.unlink, refused)
        self.assertEqual(invoice.amount_untaxed, 700)

    def test_it_goes_with_all_of_its_proposal_or_invoice(self):
        """Without both 300.00 of work are left; the fixed price of 1,000.00 does not fit beside them."""
        proposal, _added = self._added()
        invoice = self._invoice(proposal)
        invoice.unlink()
        self.assertEqual(proposal.state, "cancelled")
        again = self._propose()
        self.assertFalse(again.line_ids)
        self.assertIn("come to $ 1,000.00, but the cap", again.message.replace("\N{NO-BREAK SPACE}", " "))

    def test_a_line_that_is_alone_on_its_proposal_is_not_cancelled_once_its_room_is_used(self):
        """The fixed price is invoiced; 300.00 off it stand alone, with an hour of work that is held."""
        order = self._sow(
            self._line(self.architect, 1, "fixed", price_unit=1000),
            self._line(self.architect),
            psa_agreement_id=self.agreement.id,
        )
        fixed, hours = order.order_line
        self._invoice(self._propose(), post=True)
        self.agreement.cap_amount = 1150
        self._work(hours, 1, "2026-04-02")
        proposal = self._april(order)
        proposal.sudo()._psa_add_line("Less", -300, fixed, self.goodwill)
        line = self._work_line()
        self._work(line, 2, "2026-04-03")
        self._invoice(self._april(line.order_id), post=True)
        # 1,000.00 + 300.00 + 150.00 - 300.00 are 1,150.00: without the proposal 1,300.00
        self.assert_refused(proposal.action_cancel, "150.00 more than the cap of the agreement")

    def test_two_runs_that_propose_under_one_cap_count_each_other(self):
        """What PostgreSQL sees of it: each changes the SOWs of all, so that the second is run again."""
        order, other = self._fixed(), self._work_line().order_id
        before = other.psa_wip_revision
        self._propose()
        other.invalidate_recordset()
        self.assertEqual(other.psa_wip_revision, before + 1)
        self.assertEqual(order.order_line.qty_to_invoice, 1)


@tagged("post_install", "-at_install")
class TestSowsCancelledBetween(UsedBetweenCase):
    """An agreement with a cap of 1,000.00 over two SOWs at 150.00 an hour."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement(cap_amount=1000)
        cls.first, cls.second = (cls._sow(psa_agreement_id=cls.agreement.id) for _number in range(2))

    @staticmethod
    def _cancel(order):
        order.with_context(psa_left_unbilled_is_known=True).action_cancel()

    @staticmethod
    def _sign_again(order):
        order.sudo().action_draft()
        order.sudo().action_confirm()

    def test_what_a_cancelled_sow_was_billed_stays_billed_under_the_cap(self):
        """5 h, 750.00, were invoiced: 250.00 are left for 8 h, 1,200.00."""
        self._work(self.first.order_line, 5)
        self._invoice(self._propose(), post=True)
        self._cancel(self.first)
        entry = self._work(self.second.order_line, 8, "2026-03-05")
        self.assert_wip(entry, ("open", 1.66, 1.66, 250), ("over_cap", 6.34, 6.34, 950))
        self._invoice(self._propose(), post=True)
        self.assertEqual(self._invoiced(self.first, self.second), 1000)
        self.first.sudo().action_draft()
        self.assertEqual(self.agreement._psa_cap_used(), 1000)

    def test_so_does_what_is_proposed_for_it(self):
        self._work(self.first.order_line, 5)
        proposal = self._propose()
        self._cancel(self.first)
        entry = self._work(self.second.order_line, 8, "2026-03-05")
        self.assert_wip(entry, ("open", 1.66, 1.66, 250), ("over_cap", 6.34, 6.34, 950))
        self._invoice(self._propose().filtered(lambda one: one.order_id == self.second), post=True)
        self._sign_again(self.first)
        self._invoice(proposal, post=True)
        self.assertEqual(self._invoiced(self.first, self.second), 1000)

    def test_so_does_a_fixed_price(self):
        order = self._sow(
            self._line(self.architect, 1, "fixed", price_unit=800), psa_agreement_id=self.agreement.id
        )
        self._invoice(self._propose(), post=True)
        self._cancel(order)
        self.assertEqual(self.agreement._psa_cap_used(), 800)
        entry = self._work(self.second.order_line, 2)
        self.assert_wip(entry, ("open", 1.33, 1.33, 200), ("over_cap", 0.67, 0.67, 100))

    def test_what_waits_on_it_gives_room_and_finds_what_others_left(self):
        """5 h, 750.00, wait: of 3 h more 250.00 fit beside them, all 450.00 without. When the SOW is signed
        again 550.00 are left."""
        first = self._work(self.first.order_line, 5)
        second = self._work(self.second.order_line, 3, "2026-03-05")
        self.assert_wip(second, ("open", 1.66, 1.66, 250), ("over_cap", 1.34, 1.34, 200))
        self._cancel(self.first)
        self.assert_wip(second, ("open", 3, 3, 450))
        self._invoice(self._propose().filtered(lambda one: one.order_id == self.second), post=True)
        self._sign_again(self.first)
        self.assert_wip(first, ("open", 3.66, 3.66, 550), ("over_cap", 1.34, 1.34, 200))
        self._invoice(self._propose(), post=True)
        self.assertEqual(self._invoiced(self.first, self.second), 1000)

    def test_prepare_again_takes_a_cancelled_sow_off_with_what_it_gives_back(self):
        """A cap of 600.00: 3 h of the first SOW are billed, 450.00, and an hour of it is taken back. Beside
        the correction both of 2 h of the second fit, on the same proposal: 300.00 - 150.00. The first one is
        cancelled: its correction stays proposed, alone, so that the cap is used up, not more, and cannot be
        given up once the second is billed: 450.00 + 300.00 - 150.00 are 600.00."""
        self.agreement.write({"cap_amount": 600, "billing_grouping": "client"})
        line = self.first.order_line
        self._work(line, 3)
        self._invoice(self._propose(), post=True)
        late = self._work(self.second.order_line, 2, "2026-04-01")
        correction = self._work(line, -1, "2026-04-04")
        joint = self._april()
        self.assertEqual((joint.order_ids, joint.amount), (self.first | self.second, 150))
        self._cancel(self.first)
        joint.action_make_again()
        alone = joint.run_id.proposal_ids - joint
        self.assertEqual((joint.amount, joint.change_message), (300, False))
        self.assert_wip(late, ("proposed", 1, 1, 150), ("proposed", 1, 1, 150))
        self.assert_wip(correction, ("proposed", -1, -1, -150))
        self.assertEqual((alone.order_ids, alone.amount, alone.state), (self.first, -150, "draft"))
        self.assertEqual(self.agreement._psa_cap_used(), 600)
        # what is to be done is said once: not to prepare it again, which puts it on no invoice of others
        self.assertRegex(alone.change_message, "^[^\n]*is not confirmed any more[^\n]*$")
        self._invoice(joint, post=True)
        refused = "150.00 more than the cap of the agreement"
        self.assert_refused(alone.action_cancel, refused)
        self.assert_refused(alone.line_ids.action_hold, refused)
        self._sign_again(self.first)
        alone.action_make_again()
        self._invoice(alone, post=True)
        self.assertEqual(self._invoiced(self.first, self.second), 600)
