from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import PsaBillingCase


class ReviewCase(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goodwill = cls.env.ref("psa_billing.reason_goodwill")
        cls.rework = cls.env.ref("psa_billing.reason_rework")
        cls.entered = cls.env.ref("psa_billing.reason_entry")  # bills less or more

    def _adjust(self, records, how, reason=None, **values):
        """What somebody types into the dialog that ``records`` open."""
        wizard = records.env["psa.adjust.work"].browse(records.action_adjust()["res_id"])
        wizard.write({"how": how, "reason_id": (reason or self.goodwill).id, **values})
        wizard.action_apply()
        return wizard

    def assert_proposal(self, proposal, worked, adjustment, amount):
        self.assertEqual(
            (proposal.worked_amount, proposal.adjustment_amount, proposal.amount),
            (worked, adjustment, amount),
        )

    def assert_adjustments(self, orders, *expected):
        """(state, kind, hours, quantity, amount) of each decision, in their order."""
        found = self.env["psa.adjustment"].search([("order_id", "in", orders.ids)], order="id")
        self.assertEqual(
            [(a.state, a.kind, round(a.hours, 6), round(a.quantity, 6), a.amount) for a in found],
            list(expected),
        )


class EntriesCase(ReviewCase):
    """8 h and 2 h at 150.00 on a proposal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls._sow().order_line
        cls.order = cls.line.order_id
        cls.entry = cls._work(cls.line, 8)  # 1,200.00
        cls.other = cls._work(cls.line, 2, "2026-03-03")  # 300.00
        cls.proposal = cls._propose()
        cls.wip = cls.entry.psa_wip_ids

    def _change_order(self):
        """A confirmed change order that sells another line of the architect."""
        change = self.order.browse(self.order.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_change_reason": "More to do",
                "psa_requested_by_id": self.client.id,
                "order_line": [self._line(self.architect)],
            }
        )
        change.sudo().action_confirm()
        return change


@tagged("post_install", "-at_install")
class TestAdjustEntries(EntriesCase):
    def test_an_entry_is_written_off(self):
        self._adjust(self.wip, "write_off")
        self.assert_wip(self.entry, ("written_off", 8, 8, 1200))
        self.assert_proposal(self.proposal, 1500, -1200, 300)
        self.assert_adjustments(self.order, ("done", "write_off", -8, -8, -1200))
        adjustment = self.wip.adjustment_id
        self.assertEqual(
            (adjustment.reason_id, adjustment.user_id, adjustment.proposal_id, adjustment.sale_line_id),
            (self.goodwill, self.env.user, self.proposal, self.line),
        )
        self.assertEqual(
            (self.wip.worked_amount, self.wip.adjustment_amount, self.wip.billed_amount), (1200, -1200, 0)
        )
        self.assertEqual(self.wip.adjustment_reason, "Goodwill")
        self.assertEqual(self.proposal.line_ids.adjustment_reason, "Goodwill")
        self.assert_host_figures(self.line, delivered=2, invoiced=0, amount_to_invoice=300)
        self.assertEqual(self._invoice(self.proposal).amount_untaxed, 300)
        self.assertFalse(self.entry.timesheet_invoice_id)
        self.assertFalse(self._propose())

    def test_a_line_that_is_written_off_as_a_whole_keeps_the_days_of_its_work(self):
        self._adjust(self.wip | self.other.psa_wip_ids, "write_off")
        days = [str(self.proposal.line_ids[name]) for name in ("date_start", "date_end")]
        self.assertEqual(days, ["2026-03-02", "2026-03-03"])

    def test_fewer_hours_are_billed(self):
        # of 8 h at 150.00 6 are billed: 2 h, 300.00, are written off
        self._adjust(self.wip, "quantity", quantity=6)
        self.assert_wip(self.entry, ("proposed", 6, 6, 900), ("written_off", 2, 2, 300))
        self.assert_proposal(self.proposal, 1500, -300, 1200)
        self.assertEqual(self.proposal.line_ids.worked_hours, 10)
        self.assertEqual(
            (self.wip.worked_hours, self.wip.worked_amount, self.wip.billed_amount), (8, 1200, 900)
        )
        self.assert_host_figures(self.line, delivered=8, invoiced=0, amount_to_invoice=1200)
        invoice = self._invoice(self.proposal)
        self.assertEqual((invoice.amount_untaxed, invoice.invoice_line_ids.quantity), (1200, 8))

    def test_more_hours_are_billed(self):
        self._adjust(self.wip, "quantity", self.entered, quantity=9)
        self.assert_wip(self.entry, ("proposed", 8, 9, 1350), ("written_off", 0, -1, -150))
        self.assert_proposal(self.proposal, 1500, 150, 1650)
        self.assert_adjustments(self.order, ("done", "write_up", 0, 1, 150))
        self.assertEqual(self._invoice(self.proposal, post=True).amount_untaxed, 1650)
        self.assert_host_figures(self.line, delivered=11, invoiced=11, amount_to_invoice=0)

    def test_another_amount_is_billed_on_an_adjustment_line(self):
        self._adjust(self.wip, "amount", amount=1000)
        self.assert_wip(self.entry, ("proposed", 8, 8, 1000), ("written_off", 0, 0, 200))
        self.assert_proposal(self.proposal, 1500, -200, 1300)
        invoice = self._invoice(self.proposal, post=True)
        # 10 h × 150.00 = 1,500.00 and −200.00, 15 % tax of 1,300.00
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (1300, 195))
        self.assertEqual(invoice.invoice_line_ids.mapped("price_subtotal"), [1500, -200])
        self.assertIn("Discount: ", invoice.invoice_line_ids[1].name)
        adjustment = self.order.order_line - self.line
        self.assert_host_figures(self.line, delivered=10, invoiced=10, amount_to_invoice=0)
        self.assert_host_figures(adjustment, delivered=0, invoiced=1, amount_to_invoice=0)

    def test_what_is_billed_is_a_quantity_and_an_amount_that_invoices_know(self):
        wip = self.wip.sudo()
        wip._psa_bill_amount(1000.004, self.goodwill)
        self.assert_wip(self.entry, ("proposed", 8, 8, 1000), ("written_off", 0, 0, 200))
        wip._psa_bill_quantity(6.004, self.goodwill)
        self.assert_wip(self.entry, ("proposed", 6, 6, 900), ("written_off", 2, 2, 300))

    def test_a_second_change_replaces_the_first(self):
        self._adjust(self.wip, "amount", amount=1000)
        self._adjust(self.wip, "quantity", quantity=7)
        self.assert_wip(self.entry, ("proposed", 7, 7, 1050), ("written_off", 1, 1, 150))
        self.assert_adjustments(
            self.order,
            ("undone", "write_off", 0, 0, -200),
            ("done", "write_off", -1, -1, -150),
        )

    def test_several_entries_by_per_cent(self):
        # −10 % of 1,500.00: 120.00 of 1,200.00 and 30.00 of 300.00
        wizard = self._adjust((self.entry + self.other).psa_wip_ids, "percent", percent=-10)
        self.assertEqual((wizard.amount_before, wizard.amount_after), (1500, 1350))
        self.assert_wip(self.entry, ("proposed", 8, 8, 1080), ("written_off", 0, 0, 120))
        self.assert_wip(self.other, ("proposed", 2, 2, 270), ("written_off", 0, 0, 30))
        self.assert_adjustments(self.order, ("done", "write_off", 0, 0, -150))

    def test_what_was_adjusted_is_taken_back(self):
        self._adjust(self.wip, "amount", amount=1000)
        self._adjust(self.other.psa_wip_ids, "write_off")
        (self.entry + self.other).psa_wip_ids.filtered(
            lambda part: not part.adjusts_wip_id
        ).action_undo_adjustments()
        self.assert_wip(self.entry, ("proposed", 8, 8, 1200))
        self.assert_wip(self.other, ("proposed", 2, 2, 300))
        self.assert_proposal(self.proposal, 1500, 0, 1500)
        self.assertEqual(set(self.proposal.order_id.order_line.mapped("psa_adjusts_line_id.id")), set())
        with self.assertRaisesRegex(UserError, "Nothing of these entries"):
            self.entry.psa_wip_ids.action_undo_adjustments()

    def test_a_decision_is_taken_back_with_all_it_did(self):
        self._adjust((self.entry + self.other).psa_wip_ids, "percent", self.entered, percent=10)
        self.proposal.adjustment_ids.action_undo()
        self.assert_proposal(self.proposal, 1500, 0, 1500)
        self.assertFalse(self.proposal.adjustment_count)

    def test_more_than_the_work_is_worth_is_refused(self):
        with self.assertRaisesRegex(UserError, "not more than that can be written off"):
            self._adjust(self.wip, "amount", amount=-1)
        with self.assertRaisesRegex(UserError, "not more than that can be written off"):
            self._adjust(self.wip, "quantity", quantity=-1)
        with self.assertRaisesRegex(UserError, "not more than that can be written off"):
            self._adjust((self.entry + self.other).psa_wip_ids, "percent", percent=-101)
        with self.assertRaisesRegex(UserError, "entry by entry"):
            self._adjust((self.entry + self.other).psa_wip_ids, "quantity", quantity=1)
        self.assert_proposal(self.proposal, 1500, 0, 1500)

    def test_a_reason_that_needs_a_note_has_one(self):
        with self.assertRaisesRegex(ValidationError, "needs a note"):
            self._adjust(self.wip, "write_off", reason=self.rework, note="  ")
        self._adjust(self.wip, "write_off", reason=self.rework, note="The migration was run twice")
        self.assertEqual(self.wip.adjustment_id.note, "The migration was run twice")

    def test_the_dialog_shows_what_will_be_billed(self):
        wizard = self.env["psa.adjust.work"].browse(self.wip.action_adjust()["res_id"])
        with Form(wizard) as form:
            self.assertEqual((form.worked_amount, form.amount_before, form.amount_after), (1200, 1200, 0))
            form.how = "percent"
            form.percent = -25
            self.assertEqual(form.amount_after, 900)
            form.how = "quantity"
            form.quantity = 7
            self.assertEqual(form.amount_after, 1050)

    def test_approved_and_billed_work_is_not_adjusted(self):
        self._adjust(self.other.psa_wip_ids, "write_off")
        off = self.other.psa_wip_ids
        self.proposal.action_approve()
        for refused in (self.wip.action_adjust, self.wip.action_split, off.action_undo_adjustments):
            with self.assertRaisesRegex(UserError, "back to draft"):
                refused()
        with self.assertRaisesRegex(UserError, "back to draft"):
            self.proposal.line_ids.action_adjust()
        with self.assertRaisesRegex(UserError, "back to draft"):
            self.proposal.action_add_line()
        self.proposal.action_create_invoice()
        with self.assertRaisesRegex(UserError, "is billed on"):
            self.wip.action_adjust()
        with self.assertRaisesRegex(UserError, "is invoiced already"):
            off.action_undo_adjustments()
        with self.assertRaisesRegex(UserError, "is invoiced already"):
            self.proposal.action_adjust()
        # a dialog that was open before is too late as well
        wizard = self.env["psa.adjust.work"].create(
            {"wip_ids": self.wip.ids, "how": "write_off", "reason_id": self.goodwill.id}
        )
        with self.assertRaisesRegex(UserError, "is billed on"):
            wizard.action_apply()

    def test_what_is_written_off_is_not_recalled(self):
        self._adjust(self.wip, "write_off")
        with self.assertRaisesRegex(UserError, "cancel the proposal"):
            self.entry.action_psa_recall()
        self._invoice(self.proposal)
        with self.assertRaisesRegex(UserError, "is written off .Goodwill."):
            self.entry.action_psa_recall()

    def test_a_held_entry_waits_as_it_was_rated(self):
        self._adjust(self.wip, "amount", amount=1000)
        self.wip.action_hold()
        self.assert_wip(self.entry, ("held", 8, 8, 1200))
        self.assert_proposal(self.proposal, 300, 0, 300)
        self.assert_adjustments(self.order, ("undone", "write_off", 0, 0, -200))

    def test_a_cancelled_proposal_takes_its_adjustments_back(self):
        self._adjust(self.wip, "amount", amount=1000)
        self._adjust(self.other.psa_wip_ids, "write_off")
        self.proposal.action_cancel()
        self.assert_wip(self.entry, ("open", 8, 8, 1200))
        self.assert_wip(self.other, ("open", 2, 2, 300))
        self.assertEqual(self._propose().amount, 1500)
        self.assertEqual(
            set(self.env["psa.adjustment"].search([("order_id", "=", self.order.id)]).mapped("state")),
            {"undone"},
        )

    def test_a_deleted_invoice_takes_its_adjustments_back(self):
        self._adjust(self.wip, "amount", amount=1000)
        self._adjust(self.other.psa_wip_ids, "write_off")
        self._invoice(self.proposal).unlink()
        self.assert_wip(self.entry, ("open", 8, 8, 1200))
        self.assert_wip(self.other, ("open", 2, 2, 300))
        self.assert_host_figures(self.line, delivered=10, invoiced=0, amount_to_invoice=1500)
        self.assertEqual(self._invoice(self._propose()).amount_untaxed, 1500)

    def test_a_credited_invoice_takes_its_adjustments_back(self):
        self._adjust(self.wip, "quantity", self.entered, quantity=9)
        self._adjust(self.other.psa_wip_ids, "amount", amount=250)
        invoice = self._invoice(self.proposal, post=True)
        self.assertEqual(invoice.amount_untaxed, 1600)
        self._credit(invoice)
        self.assert_wip(self.entry, ("open", 8, 8, 1200))
        self.assert_wip(self.other, ("open", 2, 2, 300))
        again = self._invoice(self._propose(), post=True)
        self.assertEqual(again.amount_untaxed, 1500)
        self.assert_host_figures(self.line, delivered=10, invoiced=10, amount_to_invoice=0)

    def test_an_entry_is_split_into_two_parts(self):
        self._split(self.wip, 3)
        self.assert_wip(self.entry, ("proposed", 5, 5, 750), ("proposed", 3, 3, 450))
        self.assert_proposal(self.proposal, 1500, 0, 1500)
        first, second = self.entry.psa_wip_ids.sorted("part")
        second.action_hold()
        self.assert_wip(self.entry, ("proposed", 5, 5, 750), ("held", 3, 3, 450))
        # the part that is held is joined by the other one
        first.action_hold()
        self.assert_wip(self.entry, ("held", 8, 8, 1200))

    def test_both_parts_of_a_split_entry_are_freed_as_one(self):
        self._split(self.wip, 3)
        self.proposal.line_ids.action_hold()
        self.assert_wip(self.entry, ("held", 8, 8, 1200))
        self.proposal.line_ids.action_release()
        self._split(self.entry.psa_wip_ids, 2.5)
        self.proposal.action_cancel()
        self.assert_wip(self.entry, ("open", 8, 8, 1200))

    def test_a_split_takes_an_adjustment_back_and_its_room_under_the_cap(self):
        """8 h × 150.00 = 1,200.00 under a cap of 900.00; half of the 900.00 written off leaves room for the
        rest, until a split takes that back."""
        line = self._sow(self._line(self.architect, cap=900)).order_line
        entry = self._work(line, 8, "2026-03-10")
        self.proposal.action_cancel()
        self.other.psa_wip_ids.action_hold()
        self.wip.action_hold()
        proposal = self._propose()
        self.assert_wip(entry, ("proposed", 6, 6, 900), ("over_cap", 2, 2, 300))
        proposed = entry.psa_wip_ids.filtered("proposal_line_id")
        self._adjust(proposed, "amount", amount=450)
        self.assert_wip(entry, ("proposed", 6, 6, 450), ("open", 2, 2, 300), ("written_off", 0, 0, 450))
        self._split(proposed, 2)
        self.assert_wip(entry, ("proposed", 4, 4, 600), ("over_cap", 2, 2, 300), ("proposed", 2, 2, 300))
        self.assertEqual(proposal.amount, 900)

    def test_a_split_leaves_something_on_both_sides(self):
        for quantity in (0, 8, 9, -1):
            with self.assertRaisesRegex(UserError, "split off more than nothing"):
                self._split(self.wip, quantity)

    def _split(self, wip, quantity):
        wizard = self.env["psa.split.work"].browse(wip.action_split()["res_id"])
        wizard.quantity = quantity
        wizard.action_apply()

    def test_a_correction_is_written_off_too(self):
        correction = self._work(self.line, -1, "2026-03-04")
        self.proposal.action_make_again()
        self.assertEqual(self.proposal.amount, 1350)
        self._adjust(correction.psa_wip_ids, "write_off", self.entered)
        self.assert_wip(correction, ("written_off", -1, -1, -150))
        self.assert_proposal(self.proposal, 1350, 150, 1500)


@tagged("post_install", "-at_install")
class TestWriteOffOutsideProposals(ReviewCase):
    def test_waiting_work_is_written_off_and_taken_back(self):
        order = self._sow(self._line(self.architect, cap=600))
        line = order.order_line
        entry = self._work(line, 6)  # 900.00: 4 h within the cap
        self.assert_wip(entry, ("open", 4, 4, 600), ("over_cap", 2, 2, 300))
        over = entry.psa_wip_ids.filtered(lambda part: part.state == "over_cap")
        wizard = self._adjust(over, "write_off")
        self.assertFalse(wizard.can_amount)
        self.assert_wip(entry, ("open", 4, 4, 600), ("written_off", 2, 2, 300))
        self.assert_host_figures(line, delivered=4, invoiced=0, amount_to_invoice=600)
        over.action_undo_adjustments()
        self.assert_wip(entry, ("open", 4, 4, 600), ("over_cap", 2, 2, 300))

    def test_what_is_written_off_gives_room_under_the_cap(self):
        line = self._sow(self._line(self.architect, cap=600)).order_line
        first, second = self._work(line, 4), self._work(line, 2, "2026-03-03")
        self.assert_wip(second, ("over_cap", 2, 2, 300))
        self._adjust(first.psa_wip_ids, "write_off")
        self.assert_wip(second, ("open", 2, 2, 300))
        # taken back the earlier work comes first again
        first.psa_wip_ids.action_undo_adjustments()
        self.assert_wip(first, ("open", 4, 4, 600))
        self.assert_wip(second, ("over_cap", 2, 2, 300))

    def test_a_new_price_does_not_reach_what_is_written_off(self):
        line = self._sow().order_line
        entry, other = self._work(line, 2), self._work(line, 1)
        self._adjust(entry.psa_wip_ids, "write_off")
        line.sudo().price_unit = 160  # as a change order does
        self.assert_wip(entry, ("written_off", 2, 2, 300))
        self.assert_wip(other, ("open", 1, 1, 160))

    def test_written_off_time_of_a_day_stays_when_the_day_is_rounded_again(self):
        line = self._sow(psa_rounding_minutes="60", psa_rounding_scope="day").order_line
        # 1.3 h and 0.2 h of one day are two hours: 1.3 and 0.7
        first, second = self._work(line, 1.3), self._work(line, 0.2)
        self.assertEqual(second.psa_wip_ids.billable_quantity, 0.7)
        self._adjust(second.psa_wip_ids, "write_off")
        third = self._work(line, 0.5)
        # 2.0 h in all, 0.7 of them settled: 1.3 are left for the first and the third
        self.assert_wip(second, ("written_off", 0.2, 0.7, 105))
        quantities = first.psa_wip_ids.billable_quantity + third.psa_wip_ids.billable_quantity
        self.assertAlmostEqual(quantities, 1.3)

    def test_only_all_of_it_is_written_off_outside_a_proposal(self):
        entry = self._work(self._sow().order_line, 2)
        with self.assertRaisesRegex(UserError, "is on no proposal"):
            self._adjust(entry.psa_wip_ids, "amount", amount=100)

    def test_covered_and_written_off_work_is_not_written_off(self):
        order = self._sow(self._line(self.architect), self._line(self.developer, 10, "fixed", price_unit=90))
        time, fixed = order.order_line
        covered, entry = self._work(fixed, 2), self._work(time, 2)
        with self.assertRaisesRegex(UserError, "is covered by"):
            covered.psa_wip_ids.action_adjust()
        self._adjust(entry.psa_wip_ids, "write_off")
        with self.assertRaisesRegex(UserError, "Take that back first"):
            entry.psa_wip_ids.action_adjust()
        with self.assertRaisesRegex(UserError, "Take that back under WIP"):
            entry.action_psa_recall()
        entry.psa_wip_ids.action_undo_adjustments()
        entry.action_psa_recall()
        self.assertFalse(entry.psa_wip_ids)

    def test_records_are_kept_and_not_written(self):
        entry = self._work(self._sow().order_line, 2)
        self._adjust(entry.psa_wip_ids, "write_off")
        adjustment = entry.psa_wip_ids.adjustment_id
        with self.assertRaises(AccessError):
            adjustment.amount = 0
        with self.assertRaises(AccessError):
            adjustment.unlink()
        with self.assertRaisesRegex(UserError, "kept as the record"):
            adjustment.sudo().unlink()
