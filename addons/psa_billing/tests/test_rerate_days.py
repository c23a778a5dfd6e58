"""Days that are rounded as a whole, where the rate steps in between: they stay one day of one line group."""

from odoo.tests import tagged

from .common_rerate import RerateCase


@tagged("post_install", "-at_install")
class TestRerateDays(RerateCase):
    def test_time_that_is_rounded_by_the_day(self):
        order = self._by_the_day()
        line = order.order_line
        entries = [self._work(line, hours) for hours in (0.1667, 0.1667, 0.0833)]
        self.assertEqual([entry.psa_wip_ids.billable_quantity for entry in entries], [0.17, 0.17, 0.16])
        entries[0].psa_wip_ids.action_hold()
        self._propose()
        entries[2].psa_wip_ids.action_hold()
        self._change_card(200)
        # 0.17 and 0.16 h wait, 0.17 are proposed
        self.assertEqual([row[3:] for row in self._rerate(order)], [(200, 16.5)])
        self.assertEqual(
            [
                (part.state, part.billable_quantity, part.amount)
                for entry in entries
                for part in entry.psa_wip_ids
            ],
            [("held", 0.17, 34), ("proposed", 0.17, 25.5), ("held", 0.16, 32)],
        )

    def test_a_day_is_rounded_together_across_the_lines_of_its_rates(self):
        line = self._by_the_day().order_line
        first, second = self._work(line, 0.1), self._work(line, 0.1)
        # 0.2 h are 0.25 h
        self.assert_wip(second, ("open", 0.1, 0.15, 22.5))
        first.psa_wip_ids.action_hold()
        self._propose()
        self._change_card(200)
        self._rerate(line.order_id)
        # what is held is moved, what is proposed stays
        self.assert_wip(first, ("held", 0.1, 0.1, 20))
        self.assert_wip(second, ("proposed", 0.1, 0.15, 22.5))
        third = self._work(line, 0.1)
        # 0.3 h are 0.5 h, of which 0.15 h are proposed: 0.1 h and 0.25 h at 200.00
        self.assert_wip(first, ("held", 0.1, 0.1, 20))
        self.assert_wip(third, ("open", 0.1, 0.25, 50))
        self.assertEqual(third.so_line, first.so_line)
        third.action_psa_recall()
        self.assert_wip(first, ("held", 0.1, 0.1, 20))

    def test_later_time_of_a_day_rounds_with_what_waits_at_the_price_before(self):
        line = self._by_the_day().order_line
        first = self._work(line, 0.1)
        self.assert_wip(first, ("open", 0.1, 0.25, 37.5))
        self._change_card(200)
        second = self._work(line, 0.1)
        # 0.2 h are 0.25 h: 0.1 h at 150.00, 0.15 h at 200.00; not a quarter of an hour each
        self.assert_wip(first, ("open", 0.1, 0.1, 15))
        self.assert_wip(second, ("open", 0.1, 0.15, 30))
        self.assertNotEqual(first.so_line, second.so_line)
        second.action_psa_recall()
        self.assert_wip(first, ("open", 0.1, 0.25, 37.5))
        second.action_psa_submit()
        second.action_psa_approve()
        self.assertEqual(self._rerate(line.order_id), [("ann", 0.1, 150, 200, 5)])
        self.assert_wip(first, ("open", 0.1, 0.1, 20))
        self.assert_wip(second, ("open", 0.1, 0.15, 30))
        self.assertEqual(self._propose().amount, 50)

    def test_hours_and_days_of_one_group_are_rounded_together(self):
        line = self._by_the_day().order_line
        first = self._work(line, 0.1)
        self._change_card(1000, unit="day")
        second = self._work(line, 3.8)
        # 3.9 h are 4 h: 0.1 h at 150.00, then 3.9 h by the day of eight hours, 0.4875
        self.assert_wip(first, ("open", 0.1, 0.1, 15))
        self.assert_wip(second, ("open", 3.8, 0.49, 490))
        first.action_psa_recall()
        # 3.8 h alone are 4 h
        self.assert_wip(second, ("open", 3.8, 0.5, 500))

    def test_a_day_over_a_retainer_is_rounded_together_across_its_prices(self):
        order = self._by_the_day(self._money())
        first = self._work(order.order_line, 6.7)
        # 6.66 h are 999.00 of the 1,000.00; 0.04 h over it are 0.25 h
        self.assert_wip(first, ("covered", 6.66, 0, 0), ("open", 0.04, 0.25, 37.5))
        self._propose()
        self._change_card(200)
        late = self._work(order.order_line, 0.1)
        # 0.14 h are 0.25 h, which are proposed: nothing is left of the day
        self.assert_wip(late, ("open", 0.1, 0, 0))
        more = self._work(order.order_line, 0.2)
        # 0.34 h are 0.5 h: 0.25 h are proposed, 0.1 h and 0.15 h are left at 200.00
        self.assert_wip(late, ("open", 0.1, 0.1, 20))
        self.assert_wip(more, ("open", 0.2, 0.15, 30))


@tagged("post_install", "-at_install")
class TestRerateToDays(RerateCase):
    """Hours at 150.00 become days of eight hours at 1,000.00: what one entry gains by it the next loses."""

    def _hours(self, count, order=None, hours=1):
        line = (order or self._sow()).order_line
        return [self._work(line, hours, f"2026-03-{day:02}") for day in range(1, count + 1)]

    def assert_quantities(self, entries, *expected):
        self.assertEqual([entry.psa_wip_ids.billable_quantity for entry in entries], list(expected))

    def test_twenty_hours_are_two_and_a_half_days(self):
        entries = self._hours(20)
        self._change_card(1000, unit="day")
        # 0.125 days each: 0.13 and 0.12 by turns, 2.50 days, not 2.60; 3,000.00 become 2,500.00
        self.assertEqual(self._rerate(entries[0].so_line.order_id), [("ann", 20, 150, 1000, -500)])
        self.assert_quantities(entries, *[0.13, 0.12] * 10)
        self.assert_wip(entries[0], ("open", 1, 0.13, 130))
        self.assert_wip(entries[1], ("open", 1, 0.12, 120))
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.invoice_line_ids.quantity), (2500, 2.5))

    def test_it_follows_what_waits_by_the_day_and_is_followed_by_later_time(self):
        entries = self._hours(4)
        order = entries[0].so_line.order_id
        self._change_card(1000, unit="day")
        # 0.13 x 1,000.00 are 20.00 less than an hour
        self.assertEqual(self._rerate(order, date_from="2026-03-04"), [("ann", 1, 150, 1000, -20)])
        self.assert_quantities(entries, 1, 1, 1, 0.13)
        # the other three: 0.12, 0.13 and 0.12, 370.00 for 450.00
        self.assertEqual(self._rerate(order), [("ann", 3, 150, 1000, -80)])
        self.assert_quantities(entries, 0.12, 0.13, 0.12, 0.13)
        later = [self._work(order.order_line[0], 1, f"2026-03-{day:02}") for day in (9, 10)]
        self.assert_quantities(later, 0.13, 0.12)
        # 6 h are 0.75 days
        self.assertEqual(self._propose().amount, 750)

    def test_a_correction_keeps_its_sign_and_takes_back_what_it_corrects(self):
        line = self._sow().order_line
        entries = [self._work(line, hours) for hours in (1, -1, 1)]
        self._change_card(1000, unit="day")
        self._rerate(line.order_id)
        self.assert_quantities(entries, 0.13, -0.13, 0.13)

    def test_days_that_are_rounded_as_a_whole(self):
        line = self._by_the_day(minutes="60").order_line
        entries = [
            self._work(line, hours, f"2026-03-{day:02}") for day in (2, 3, 4, 5) for hours in (0.4, 0.5)
        ]
        self.assert_quantities(entries, *[0.4, 0.6] * 4)
        self._change_card(1000, unit="day")
        # four hours, 0.50 days: 0.05 and 0.075 of each day; 600.00 become 500.00
        self.assertEqual(self._rerate(line.order_id), [("ann", 3.6, 150, 1000, -100)])
        self.assert_quantities(entries, *[0.05, 0.08, 0.05, 0.07] * 2)

    def test_a_cap_is_cut_of_what_the_days_come_to(self):
        entries = self._hours(4, self._sow(self._line(self.architect, cap=450)))
        # 3 h; one is over it
        self._change_card(1000, unit="day")
        self._rerate(entries[0].so_line.order_id)
        # 130.00, 120.00 and 130.00; of 120.00 70.00 are left
        parts = entries[3].psa_wip_ids.sorted("state")
        self.assertEqual(
            [(part.state, part.billable_quantity, part.amount) for part in parts],
            [("open", 0.07, 70), ("over_cap", 0.05, 50)],
        )
        self.assertEqual(self._propose().amount, 450)

    def test_back_to_hours_each_entry_has_its_own(self):
        entries = self._hours(3)
        order = entries[0].so_line.order_id
        self._change_card(1000, unit="day")
        # 0.38 days
        self.assertEqual(self._rerate(order), [("ann", 3, 150, 1000, -70)])
        self._change_card(150)
        self.assertEqual(self._rerate(order), [("ann", 3, 1000, 150, 70)])
        for entry in entries:
            self.assert_wip(entry, ("open", 1, 1, 150))
