"""A proposal of which all is written off is closed without an invoice."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_adjustments import ReviewCase


@tagged("post_install", "-at_install")
class TestCloseProposals(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls._sow().order_line
        cls.order = cls.line.order_id
        cls.entry = cls._work(cls.line, 8)  # 1,200.00
        cls.other = cls._work(cls.line, 2, "2026-03-03")  # 300.00
        cls.proposal = cls._propose()

    def _states(self, orders):
        """{state: hours} that the report of the state of hours shows."""
        self.env.flush_all()
        rows = self.env["psa.hour.state"]._read_group(
            [("order_id", "in", orders.ids)], ["state"], ["hours:sum"]
        )
        return {state: round(hours, 6) for state, hours in rows}

    def test_what_is_all_written_off_is_closed_without_an_invoice(self):
        self._adjust(self.proposal.line_ids, "write_off")
        self.assert_proposal(self.proposal, 1500, -1500, 0)
        self.assertTrue(self.proposal.can_close)
        with self.assertRaisesRegex(UserError, "close it without invoice"):
            self.proposal.action_approve()
        self.proposal.action_close()
        self.assertEqual((self.proposal.state, self.proposal.run_id.state), ("closed", "done"))
        self.assertEqual(self.proposal.approved_by_id, self.env.user)
        self.assertFalse(self.proposal.invoice_ids)
        self.assert_wip(self.entry, ("written_off", 8, 8, 1200))
        self.assertEqual(self.entry.psa_wip_ids.adjustment_id.reason_id, self.goodwill)
        self.assertEqual(self._states(self.order), {"written_off": 10})
        self.assert_host_figures(self.line, delivered=0, invoiced=0, amount_to_invoice=0)
        self.assertFalse(self._propose())
        self.assertIn("Closed", self.proposal.message_ids[0].body)

    def test_work_adjusted_down_to_no_money_is_written_off_with_its_hours(self):
        self._adjust(self.entry.psa_wip_ids, "amount", amount=0)
        self._adjust(self.other.psa_wip_ids, "write_off", self.rework, note="Built twice")
        self.assert_wip(self.entry, ("proposed", 8, 8, 0), ("written_off", 0, 0, 1200))
        self.proposal.action_close()
        self.assert_wip(self.entry, ("written_off", 8, 8, 0), ("written_off", 0, 0, 1200))
        self.assert_adjustments(
            self.order, ("done", "write_off", -8, -8, -1200), ("done", "write_off", -2, -2, -300)
        )
        self.assertEqual(self._states(self.order), {"written_off": 10})
        self.assert_host_figures(self.line, delivered=0, invoiced=0, amount_to_invoice=0)
        # and back as it was rated
        self.proposal.action_reset()
        self.proposal.adjustment_ids.action_undo()
        self.assert_wip(self.entry, ("proposed", 8, 8, 1200))
        self.assert_proposal(self.proposal, 1500, 0, 1500)

    def test_a_proposal_with_money_left_is_not_closed(self):
        self._adjust(self.entry.psa_wip_ids, "write_off")
        self.assertFalse(self.proposal.can_close)
        with self.assertRaisesRegex(UserError, "still bills .*300.00"):
            self.proposal.action_close()
        # an hour and its correction beside what is written off leave none
        self._adjust(self.other.psa_wip_ids, "write_off")
        hour, back = (self._work(self.line, hours, "2026-03-04") for hours in (1, -1))
        self.proposal.action_make_again()
        self.assertEqual(self.proposal.amount, 0)
        self.assertTrue(self.proposal.can_close)
        self.proposal.action_close()
        self.assert_wip(hour, ("written_off", 1, 1, 150))
        self.assert_wip(back, ("written_off", -1, -1, -150))

    def test_lines_that_come_to_nothing_only_together_are_money(self):
        """2 h x 150.00 of one line less 3 h x 100.00 of another."""
        order = self._sow(self._line(self.architect), self._line(self.developer))
        architect, developer = order.order_line
        self._work(architect, 2)
        self._work(developer, -3)
        proposal = self._propose().filtered(lambda one: one.order_id == order)
        self.assertEqual(proposal.amount, 0)
        self.assertFalse(proposal.can_close)
        with self.assertRaisesRegex(UserError, "Nothing was written off"):
            proposal.action_close()
        more = self._work(architect, 1, "2026-03-04")
        proposal.action_make_again()
        self._adjust(more.psa_wip_ids, "write_off")
        with self.assertRaisesRegex(UserError, "still bills .*300.00"):
            proposal.action_close()
        proposal.action_approve()
        self.assertEqual(proposal.state, "approved")

    def _cancelled_out(self):
        """4 h and their correction on a SOW of their own, and the proposal of 0.00."""
        line = self._sow().order_line
        work = [self._work(line, hours, day) for hours, day in ((4, "2026-03-04"), (-4, "2026-03-09"))]
        return line, *work, self._propose().filtered(lambda one: one.order_id == line.order_id)

    def test_time_and_its_correction_are_settled_in_one_step(self):
        line, entry, correction, proposal = self._cancelled_out()
        self.assert_proposal(proposal, 0, 0, 0)
        with self.assertRaisesRegex(UserError, "comes to nothing"):
            proposal.action_approve()
        self.assertTrue(proposal.can_close)
        proposal.action_close()
        self.assertEqual((proposal.state, proposal.invoice_ids.ids), ("closed", []))
        self.assert_wip(entry, ("written_off", 4, 4, 600))
        self.assert_wip(correction, ("written_off", -4, -4, -600))
        self.assert_adjustments(line.order_id, ("done", "write_off", 0, 0, 0))
        self.assertEqual(proposal.adjustment_ids.reason_id.name, "Time and its correction")
        self.assertEqual(self._states(line.order_id), {"written_off": 0})
        self.assert_host_figures(line, delivered=0, invoiced=0, amount_to_invoice=0)
        self.assertFalse(self._propose().filtered(lambda one: one.order_id == line.order_id))
        # the reason is nobody's choice
        reasons = self.env["psa.adjustment.reason"].search([])
        self.assertNotIn("Time and its correction", reasons.mapped("name"))

    def test_what_was_settled_comes_back_with_its_proposal(self):
        line, entry, correction, proposal = self._cancelled_out()
        proposal.action_close()
        proposal.action_reset()
        proposal.adjustment_ids.action_undo()
        self.assert_wip(entry, ("proposed", 4, 4, 600))
        proposal.action_close()
        proposal.action_cancel()
        self.assert_wip(entry, ("open", 4, 4, 600))
        self.assert_wip(correction, ("open", -4, -4, -600))
        # with an hour more it is billed
        self._work(line, 1, "2026-03-10")
        again = self._propose().filtered(lambda one: one.order_id == line.order_id)
        self.assertEqual(self._invoice(again).amount_untaxed, 150)

    def test_what_was_taken_off_before_keeps_its_reason(self):
        """Of 4 h one is written off, 3 h are taken back."""
        line = self._sow().order_line
        entry, correction = self._work(line, 4, "2026-03-04"), self._work(line, -3, "2026-03-09")
        proposal = self._propose().filtered(lambda one: one.order_id == line.order_id)
        self._adjust(entry.psa_wip_ids, "quantity", quantity=3)
        self.assert_proposal(proposal, 150, -150, 0)
        proposal.action_close()
        self.assert_wip(entry, ("written_off", 3, 3, 450), ("written_off", 1, 1, 150))
        self.assert_wip(correction, ("written_off", -3, -3, -450))
        self.assert_adjustments(
            line.order_id, ("done", "write_off", -1, -1, -150), ("done", "write_off", 0, 0, 0)
        )
        proposal.action_cancel()
        self.assert_wip(entry, ("open", 4, 4, 600))

    def test_rights_and_review_hold_for_what_cancels_out(self):
        _line, entry, _correction, proposal = self._cancelled_out()
        with self.assertRaises(AccessError):
            proposal.with_user(self.ann.user_id).action_close()
        self.company.psa_billing_review = True
        with self.assertRaisesRegex(UserError, "is not reviewed yet"):
            proposal.action_close()
        self.assert_wip(entry, ("proposed", 4, 4, 600))

    def test_what_was_not_written_off_is_cancelled_not_closed(self):
        with self.assertRaisesRegex(UserError, "Nothing was written off"):
            self.proposal.action_close()
        self._adjust(self.proposal.line_ids, "write_off")
        self.proposal.action_cancel()
        with self.assertRaisesRegex(UserError, "is cancelled already"):
            self.proposal.action_close()

    def test_held_work_still_waits_after_its_proposal_was_closed(self):
        self.entry.psa_wip_ids.action_hold()
        self._adjust(self.proposal.line_ids, "write_off")
        self.proposal.action_close()
        self.assert_wip(self.entry, ("held", 8, 8, 1200))
        self.entry.psa_wip_ids.action_release()
        self.assertEqual(self._propose().amount, 1200)

    def test_a_closed_proposal_is_taken_back_or_cancelled(self):
        self._adjust(self.proposal.line_ids, "write_off")
        self.proposal.action_close()
        with self.assertRaisesRegex(UserError, "is closed already. Take it back to draft"):
            self.proposal.adjustment_ids.action_undo()
        with self.assertRaisesRegex(UserError, "written off .Goodwill.. Have a billing manager cancel"):
            self.entry.action_psa_recall()
        self.proposal.action_reset()
        self.assertEqual((self.proposal.state, self.proposal.run_id.state), ("draft", "open"))
        self.proposal.adjustment_ids.action_undo()
        self.assertEqual(self.proposal.amount, 1500)
        self._adjust(self.proposal.line_ids, "write_off")
        self.proposal.action_close()
        self.proposal.action_cancel()
        self.assert_wip(self.entry, ("open", 8, 8, 1200))
        self.assertEqual(self._propose().amount, 1500)

    def test_a_fixed_price_that_was_given_up_is_not_proposed_again(self):
        order = self._sow(
            self._line(self.architect, 1, "fixed", price_unit=500),
            self._line(self.developer, 1, "milestone", price_unit=1000),
        )
        fixed, milestone = order.order_line
        stones = self.env["project.milestone"].search([("sale_line_id", "=", milestone.id)])
        stones.write({"product_uom_qty": 0.4, "is_reached": True})
        proposal = self._propose("2026-04-01", "2026-04-30").filtered(lambda one: one.order_id == order)
        self.assertEqual(proposal.amount, 900)  # 500.00 and 0.4 × 1,000.00
        self._adjust(proposal.line_ids, "write_off")
        self.assert_proposal(proposal, 900, -900, 0)
        proposal.action_close()
        self.assert_host_figures(fixed, delivered=0, invoiced=0, amount_to_invoice=0)
        self.assert_host_figures(milestone, delivered=0.4, invoiced=0, amount_to_invoice=0)
        self.assertEqual((fixed.qty_to_invoice, milestone.qty_to_invoice), (0, 0))
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))
        # the rest of the milestone is billed in full: 0.6 × 1,000.00
        rest = self.env["project.milestone"].create(
            {
                "name": "Rest",
                "project_id": stones.project_id.id,
                "sale_line_id": milestone.id,
                "product_uom_qty": 0.6,
            }
        )
        rest.is_reached = True
        later = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual(later.amount, 600)
        self._invoice(later, post=True)
        self.assert_host_figures(milestone, delivered=1, invoiced=0.6, amount_to_invoice=0)
        # given up no more, it is billed after all
        proposal.action_cancel()
        self.assertEqual(fixed.qty_to_invoice, 1)
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 900)

    def test_a_fixed_price_that_was_given_up_is_not_cut(self):
        """Nobody was billed the 1,000.00: a change order that takes 400.00 off would pay them back."""
        order = self._sow(self._line(self.architect, hours=1, model="fixed", price_unit=1000))
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        proposal.line_ids.sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        proposal.action_close()
        with self.assertRaisesRegex(UserError, "0 are worked and 1 billed or given up"):
            self._change_order(order, self._amend(order.order_line, -1, price_unit=400))
        proposal.action_cancel()
        self._change_order(order, self._amend(order.order_line, -1, price_unit=400))
        again = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self.assertEqual(again.amount, 600)

    def test_only_who_bills_closes(self):
        self._adjust(self.proposal.line_ids, "write_off")
        lead = self._user("lead", "psa_project.group_psa_project_manager")
        self.line.task_id.project_id.user_id = lead
        for user in (lead, self.ann.user_id):
            with self.assertRaises(AccessError):
                self.proposal.with_user(user).action_close()
        self.assertEqual(self.proposal.state, "draft")

    def test_a_review_that_is_wanted_comes_first(self):
        self.company.psa_billing_review = True
        self._adjust(self.proposal.line_ids, "write_off")
        with self.assertRaisesRegex(UserError, "is not reviewed yet"):
            self.proposal.action_close()
        self.proposal.action_review()
        self.proposal.action_close()
        self.assertEqual(self.proposal.state, "closed")

    # -- agreed for nothing ----------------------------------------------------------------

    def _for_nothing(self):
        """3 h on a SOW with a discount of 100 %, and the proposal of 0.00."""
        line = self._sow(self._line(self.developer, discount=100)).order_line
        entry = self._work(line, 3, "2026-03-04")
        return line, entry, self._propose().filtered(lambda one: one.order_id == line.order_id)

    def test_work_agreed_for_nothing_is_settled_in_one_step(self):
        line, entry, proposal = self._for_nothing()
        self.assert_proposal(proposal, 0, 0, 0)
        self.assertTrue(proposal.can_close)
        with self.assertRaisesRegex(UserError, "comes to nothing .* close it without invoice"):
            proposal.action_approve()
        proposal.action_close()
        self.assert_wip(entry, ("written_off", 3, 3, 0))
        self.assert_adjustments(line.order_id, ("done", "write_off", -3, -3, 0))
        self.assertEqual(proposal.adjustment_ids.reason_id.name, "Agreed for nothing")
        self.assertEqual(self._states(line.order_id), {"written_off": 3})
        self.assert_host_figures(line, delivered=0, invoiced=0, amount_to_invoice=0)
        self.assertFalse(self._propose().filtered(lambda one: one.order_id == line.order_id))
        self.assertNotIn("Agreed for nothing", self.env["psa.adjustment.reason"].search([]).mapped("name"))

    def test_work_agreed_for_nothing_comes_back_with_its_proposal(self):
        _line, entry, proposal = self._for_nothing()
        proposal.action_close()
        proposal.action_cancel()
        self.assert_wip(entry, ("open", 3, 3, 0))

    def test_work_agreed_for_nothing_that_is_held_goes_on_the_next_invoice(self):
        order = self._sow(self._line(self.architect), self._line(self.developer, discount=100))
        entry = self._work(order.order_line[1], 3, "2026-03-04")
        proposal = self._propose().filtered(lambda one: one.order_id == order)
        proposal.line_ids.action_hold()
        proposal.action_cancel()
        entry.psa_wip_ids.action_release()
        self._work(order.order_line[0], 2, "2026-03-05")
        proposal = self._propose().filtered(lambda one: one.order_id == order)
        self.assertFalse(proposal.can_close)
        with self.assertRaisesRegex(UserError, "still bills .*300.00"):
            proposal.action_close()
        self.assertEqual(self._invoice(proposal).amount_untaxed, 300)
        self.assert_wip(entry, ("billed", 3, 3, 0))

    def test_what_is_written_off_beside_what_is_free_is_closed_with_it(self):
        """2 h x 150.00 are given away, 3 h cost nothing: nothing waits after it."""
        order = self._sow(self._line(self.architect), self._line(self.developer, discount=100))
        paid, free = self._work(order.order_line[0], 2), self._work(order.order_line[1], 3)
        proposal = self._propose().filtered(lambda one: one.order_id == order)
        self._adjust(paid.psa_wip_ids, "write_off")
        proposal.action_close()
        self.assert_wip(paid, ("written_off", 2, 2, 300))
        self.assert_wip(free, ("written_off", 3, 3, 0))
        self.assertEqual(
            set(proposal.adjustment_ids.reason_id.mapped("name")), {"Goodwill", "Agreed for nothing"}
        )

    def test_minutes_that_round_to_nothing_at_a_price_still_wait(self):
        agreement = self._agreement(rounding_minutes="15", rounding_direction="nearest")
        line = self._sow(psa_agreement_id=agreement.id).order_line
        entry = self._work(line, 0.05)
        proposal = self._propose().filtered(lambda one: one.order_id == line.order_id)
        self.assertFalse(proposal.can_close)
        with self.assertRaisesRegex(UserError, "Nothing was written off"):
            proposal.action_close()
        self.assert_wip(entry, ("proposed", 0.05, 0, 0))

    def test_only_who_bills_settles_what_is_free(self):
        _line, entry, proposal = self._for_nothing()
        with self.assertRaises(AccessError):
            proposal.with_user(self.ann.user_id).action_close()
        self.assert_wip(entry, ("proposed", 3, 3, 0))
