"""Sold by the day, worked by the hour: what two digits of a day cannot say of one entry the next one says."""

from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestRoundingDays(PsaBillingCase):
    """An architect for 1,200.00 a day of eight hours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card.line_ids.filtered(lambda rate: rate.role_id == cls.architect).write(
            {"unit": "day", "price": 1200}
        )
        cls.bob = cls._employee("bob", cls.architect)

    @staticmethod
    def _quantities(entries):
        return [round(sum(entry.psa_wip_ids.mapped("billable_quantity")), 6) for entry in entries]

    def test_an_hour_a_day_is_no_more_than_its_hours(self):
        line = self._sow(self._line(self.architect, 10)).order_line
        entries = [self._work(line, 1, f"2026-03-{day:02}") for day in range(1, 21)]
        # 0.125 days each: 0.13 and 0.12 by turns. 20 h are 2.50 days x 1,200.00, not 2.60
        self.assertEqual(self._quantities(entries), [0.13, 0.12] * 10)
        self.assert_wip(entries[0], ("open", 1, 0.13, 156))
        self.assert_wip(entries[1], ("open", 1, 0.12, 144))
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.invoice_line_ids.quantity), (3000, 2.5))
        self.assert_host_figures(line, delivered=2.5, invoiced=2.5, amount_to_invoice=0)

    def test_many_at_once_as_one_by_one(self):
        line = self._sow(self._line(self.architect, 10)).order_line
        entries = self.env["account.analytic.line"].union(
            *(self._log(line, 3, f"2026-03-{day:02}") for day in range(1, 5))
        )
        entries.action_psa_approve()
        # 0.375 days each: 0.38, 0.37, …; 12 h are 1.50 days
        self.assertEqual(self._quantities(entries), [0.38, 0.37, 0.38, 0.37])

    def test_recalled_time_leaves_no_error_behind(self):
        line = self._sow(self._line(self.architect, 10)).order_line
        first, second = self._work(line, 1), self._work(line, 1, "2026-03-03")
        first.action_psa_recall()
        # 0.12 wait for 0.125: the next one makes up for it
        third = self._work(line, 1, "2026-03-04")
        self.assertEqual(self._quantities((second, third)), [0.12, 0.13])

    def test_what_a_bill_left_behind_is_made_up_for_once(self):
        line = self._sow(self._line(self.architect, 10)).order_line
        for day in range(2, 12):
            self._work(line, 1, f"2026-03-{day:02}")
            self._work(line, 1, f"2026-04-{day:02}")
        # 0.13 of each hour in March, 0.12 of each in April: 10 h of March are 1.30 days
        self.assertEqual(self._invoice(self._propose()).amount_untaxed, 1560)
        later = [self._work(line, 1, f"2026-04-{day:02}") for day in range(12, 26)]
        # 1.20 wait for 1.25: ten more hours are 0.13 each, then by turns, none of them 0.18. 24 h are 3 days
        self.assertEqual(self._quantities(later), [0.13] * 10 + [0.13, 0.12] * 2)
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 3600)

    def test_a_whole_day_is_one_whatever_rounding_took_off_before(self):
        line = self._sow(self._line(self.architect, 10)).order_line
        first, _second = self._work(line, 1), self._work(line, 1, "2026-03-03")
        first.action_psa_recall()
        # 0.12 wait for 0.125
        days = [self._work(line, 8, f"2026-03-{day:02}") for day in (4, 5, 6)]
        self.assertEqual(self._quantities(days), [1, 1, 1])
        self.assertEqual(self._quantities([self._work(line, 1, "2026-03-09")]), [0.13])

    def test_a_correction_takes_back_what_it_corrects(self):
        line = self._sow(self._line(self.architect, 10)).order_line
        entries = [self._work(line, hours) for hours in (1, -1, 1, 1)]
        self.assertEqual(self._quantities(entries), [0.13, -0.13, 0.13, 0.12])

    def test_work_that_somebody_changed_is_left_out(self):
        line = self._sow(self._line(self.architect, 10)).order_line
        billed = self._work(line, 1)
        self._invoice(self._propose())
        # what is billed is not made up for: each bill is right for itself
        self.assertEqual(self._quantities((billed, self._work(line, 1, "2026-03-03"))), [0.13, 0.13])

    def test_days_that_are_rounded_to_the_hour(self):
        order = self._sow(
            self._line(self.architect, 10),
            psa_rounding_minutes="60",
            psa_rounding_direction="up",
            psa_rounding_scope="day",
        )
        line = order.order_line
        # 0.4 h and 0.5 h of Ann, 0.9 h of Bob on four days: an hour each, 0.125 days, 1,200.00 in all
        entries = []
        for day in range(2, 6):
            entries += [
                self._work(line, 0.4, f"2026-03-{day:02}"),
                self._work(line, 0.5, f"2026-03-{day:02}"),
                self._work(line, 0.9, f"2026-03-{day:02}", employee=self.bob),
            ]
        self.assertAlmostEqual(sum(self._quantities(entries)), 1)
        self.assertEqual(self._invoice(self._propose()).amount_untaxed, 1200)

    def test_entries_that_are_rounded_to_the_half_hour(self):
        line = self._sow(
            self._line(self.architect, 10), psa_rounding_minutes="30", psa_rounding_scope="entry"
        ).order_line
        # 20 minutes are half an hour, 0.0625 days: 0.06, 0.07 (0.065), 0.06, 0.06; 2 h are 0.25 days
        entries = [self._work(line, 0.3333, f"2026-03-{day:02}") for day in range(2, 6)]
        self.assertEqual(self._quantities(entries), [0.06, 0.07, 0.06, 0.06])

    def test_the_cap_is_cut_of_what_is_billed(self):
        line = self._sow(self._line(self.architect, 10, cap=270)).order_line
        first, second = self._work(line, 1), self._work(line, 1, "2026-03-03")
        # 156.00, and of 144.00 what is left of 270.00: 0.09 days x 1,200.00 and 6.00
        self.assert_wip(first, ("open", 1, 0.13, 156))
        self.assert_wip(second, ("open", 0.75, 0.09, 114), ("over_cap", 0.25, 0.03, 30))

    def test_hours_that_move_to_a_line_in_hours_are_those_that_were_worked(self):
        order = self._sow(self._line(self.architect, 10), self._line(self.developer))
        days, hours = order.order_line
        whole, entry = self._work(days, 1), self._work(days, 5, "2026-03-03")
        # 0.125 and 0.625 days: 0.13 and 0.62
        self.assertEqual(self._quantities((whole, entry)), [0.13, 0.62])
        for part, moved in ((whole.psa_wip_ids, 1), (entry.psa_wip_ids, 1)):
            wizard = self.env["psa.move.work"].browse(part.action_move()["res_id"])
            wizard.write({"sale_line_id": hours.id, "hours": moved})
            wizard.action_apply()
        # an hour of the developer is 100.00, not 0.96 of one; 4 h stay, half a day
        self.assert_wip(whole, ("open", 1, 1, 100))
        self.assert_wip(entry, ("open", 4, 0.5, 600), ("open", 1, 1, 100))
        self.assertEqual(self._propose().amount, 800)

    def _move(self, part, target, hours):
        wizard = self.env["psa.move.work"].browse(part.action_move()["res_id"])
        wizard.write({"sale_line_id": target.id, "hours": hours})
        wizard.action_apply()

    def test_parts_that_move_to_a_line_in_days_are_no_more_than_their_hours(self):
        order = self._sow(self._line(self.developer), self._line(self.architect, 10))
        hours, days = order.order_line
        # an hour of each of twenty entries: 2.5 days x 1,200.00, not 2.6
        entries = [self._work(hours, 2, f"2026-03-{day:02}") for day in range(1, 21)]
        for entry in entries:
            self._move(entry.psa_wip_ids, days, 1)
        parts = [entry.psa_wip_ids.filtered(lambda part: part.sale_line_id == days) for entry in entries]
        self.assertEqual([part.billable_quantity for part in parts], [0.13, 0.12] * 10)
        self.assertEqual(self._propose().amount, 3000 + 20 * 100)

    def test_one_entry_that_moves_in_parts_is_no_more_than_its_hours(self):
        order = self._sow(self._line(self.developer), self._line(self.architect, 10))
        hours, days = order.order_line
        entry = self._work(hours, 3)
        for _number in range(3):
            rest = entry.psa_wip_ids.filtered(lambda part: part.sale_line_id == hours)
            self._move(rest, days, 1)
        # 3 h are 0.375 days: 0.13 + 0.12 + 0.13
        self.assert_wip(entry, ("open", 1, 0.13, 156), ("open", 1, 0.13, 156), ("open", 1, 0.12, 144))
        proposal = self._propose()
        self.assertEqual(proposal.amount, 456)  # 0.38 x 1,200.00
        # and back, from the proposal: 3 h x 100.00
        for part in entry.psa_wip_ids:
            self._move(part, hours, 1)
        self.assertEqual(proposal.amount, 300)
        self.assertEqual(self._invoice(proposal).amount_untaxed, 300)
