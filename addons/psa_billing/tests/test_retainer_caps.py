"""Work over a retainer consumes the caps of its SOW and agreement like any other work, and rounds like it."""

from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestRetainerCaps(PsaRetainerCase):
    """10 hours for 1,500.00 a month: an hour over them costs 150.00. A developer costs 100.00."""

    def _raise_cap(self, order, amount):
        change = self.env["sale.order"].browse(order.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_change_reason": "More support",
                "psa_requested_by_id": self.client.id,
                "psa_cap_change": amount,
            }
        )
        change.sudo().action_confirm()

    def test_overage_consumes_the_cap_by_day_with_other_work_and_a_change_order_frees_it(self):
        order = self._sow(self._retainer(), self._line(self.developer), psa_cap_amount=1000)
        retainer, time = order.order_line
        over = self._work(retainer, 14, "2026-03-10")  # 4 over: 600.00
        self.assert_wip(over, ("covered", 10, 0, 0), ("open", 4, 4, 600))
        worked = self._work(time, 5, "2026-03-05")
        # 500.00 of 5 March come first. 500.00 are left: 3.33 h x 150.00 = 499.50 and 0.50
        self.assert_wip(worked, ("open", 5, 5, 500))
        cut = (("covered", 10, 0, 0), ("open", 3.33, 3.33, 500), ("over_cap", 0.67, 0.67, 100))
        self.assert_wip(over, *cut)
        overage = order.order_line.filtered("psa_overage_of_line_id")
        self.assertEqual(over.psa_wip_ids.sorted("part").sale_line_id, retainer | overage)
        self.assertEqual(over.psa_wip_ids.retainer_period_id, self._periods(order)[0])
        # an hour of 11 March comes after it: nothing is left
        late = self._work(time, 1, "2026-03-11")
        self.assert_wip(late, ("over_cap", 1, 1, 100))
        self._raise_cap(order, 150)
        # 650.00 are left to 10 March, 50.00 to 11 March
        self.assert_wip(over, ("covered", 10, 0, 0), ("open", 4, 4, 600))
        self.assert_wip(late, ("over_cap", 0.5, 0.5, 50), ("open", 0.5, 0.5, 50))
        worked.action_psa_recall()
        self.assert_wip(late, ("open", 1, 1, 100))

    def test_what_is_billed_at_the_cap_stays_and_the_rest_follows_when_it_is_raised(self):
        order = self._sow(self._retainer(), psa_cap_amount=500)
        entry = self._work(order.order_line, 14)
        invoice = self._bill("2026-03-01", "2026-03-31")
        self.assertEqual(invoice.amount_untaxed, 2000)  # 1,500.00 and 500.00
        self.assertFalse(self._propose("2026-03-01", "2026-03-31"))
        self._raise_cap(order, 100)
        self.assert_wip(entry, ("covered", 10, 0, 0), ("billed", 3.33, 3.33, 500), ("open", 0.67, 0.67, 100))
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 100)
        overage = order.order_line.filtered("psa_overage_of_line_id")
        self.assert_host_figures(overage, 4, 4, 0)

    def test_work_that_draws_anew_keeps_what_is_proposed_at_the_cap(self):
        """3.33 of 4 hours over are proposed for 500.00. An earlier hour comes: 5 over, for 750.00 in all."""
        order = self._sow(self._retainer(), psa_cap_amount=500)
        entry = self._work(order.order_line, 14, "2026-03-10")
        self._propose()
        self._work(order.order_line, 1, "2026-03-02")
        proposed = ("proposed", 3.33, 3.33, 500)
        self.assert_wip(entry, ("covered", 9, 0, 0), proposed, ("over_cap", 1.67, 1.67, 250))
        self._raise_cap(order, 100)
        # 0.66 h x 150.00 = 99.00 and 1.00
        self.assertEqual(
            sorted(entry.psa_wip_ids.filtered(lambda wip: wip.state == "open").mapped("amount")), [100]
        )
        self.assertAlmostEqual(sum(entry.psa_wip_ids.mapped("amount")), 750)

    def test_overage_consumes_the_cap_of_the_agreement_over_all_its_sows(self):
        agreement = self._agreement(cap_amount=700)
        retained = self._sow(self._retainer(), psa_agreement_id=agreement.id).order_line
        time = self._sow(self._line(self.developer), psa_agreement_id=agreement.id).order_line
        over = self._work(retained, 14, "2026-03-10")
        worked = self._work(time, 3, "2026-03-02")
        # 300.00 of 2 March come first. 400.00 are left: 2.66 h x 150.00 = 399.00 and 1.00
        self.assert_wip(worked, ("open", 3, 3, 300))
        self.assert_wip(over, ("covered", 10, 0, 0), ("open", 2.66, 2.66, 400), ("over_cap", 1.34, 1.34, 200))
        agreement.cap_amount = 900
        self.assert_wip(over, ("covered", 10, 0, 0), ("open", 4, 4, 600))
        # fewer hours on the retainer give room to work of another SOW
        agreement.cap_amount = 600
        late = self._work(time, 1, "2026-03-12")
        self.assert_wip(late, ("over_cap", 1, 1, 100))
        over.action_psa_recall()
        self.assert_wip(late, ("open", 1, 1, 100))

    def test_held_overage_is_cut_and_what_fits_stays_held(self):
        order = self._sow(self._retainer(), psa_cap_amount=1000)
        entry = self._work(order.order_line, 14)
        entry.psa_wip_ids.filtered(lambda wip: wip.state == "open").action_hold()
        order.sudo().psa_cap_amount = 300
        self.assert_wip(entry, ("covered", 10, 0, 0), ("held", 2, 2, 300), ("over_cap", 2, 2, 300))
        self._work(order.order_line, 1, "2026-03-01")
        self.assert_wip(entry, ("covered", 9, 0, 0), ("held", 2, 2, 300), ("over_cap", 3, 3, 450))

    def test_overage_that_the_retainer_lets_wait_takes_nothing_of_a_cap_and_no_cap_frees_it(self):
        order = self._sow(
            self._retainer(psa_retainer_overage="hold"), self._line(self.developer), psa_cap_amount=500
        )
        retainer, time = order.order_line
        over = self._work(retainer, 12, "2026-03-02")
        worked = self._work(time, 5, "2026-03-10")
        self.assert_wip(worked, ("open", 5, 5, 500))
        self._raise_cap(order, 5000)
        self.assert_wip(over, ("covered", 10, 0, 0), ("over_cap", 2, 2, 300))

    def test_people_are_told_when_overage_uses_up_the_cap(self):
        order = self._sow(self._retainer(), psa_cap_amount=500)
        self._work(order.order_line, 12)  # 300.00 of 500.00
        alerts = self.env["psa.cap.alert"]
        self.assertFalse(alerts.search([("order_id", "=", order.id)]))
        self._work(order.order_line, 5, "2026-03-03")
        self.assertEqual(sorted(alerts.search([("order_id", "=", order.id)]).mapped("level")), [80, 100])

    # -- rounding --------------------------------------------------------------------------

    def _quarters(self, scope, **values):
        order = self._sow(
            self._retainer(),
            psa_rounding_minutes="15",
            psa_rounding_direction="up",
            psa_rounding_scope=scope,
            **values,
        )
        self._work(order.order_line, 10, "2026-03-02")
        return order

    def _over(self, *entries):
        return [
            (part.billable_quantity, part.amount)
            for entry in entries
            for part in entry.psa_wip_ids.sorted("part")
        ]

    def test_overage_of_a_day_is_rounded_together_where_that_is_agreed(self):
        """Ten, ten and five minutes over are half an hour, 75.00; by entry they would be 112.50."""
        line = self._quarters("day").order_line
        entries = [self._work(line, hours, "2026-03-05") for hours in (0.1667, 0.1667, 0.0833)]
        self.assertEqual(self._over(*entries), [(0.17, 25.5), (0.17, 25.5), (0.16, 24)])
        # another day is another rounding
        self.assertEqual(self._over(self._work(line, 0.1, "2026-03-06")), [(0.25, 37.5)])
        entries[0].action_psa_recall()
        self.assertEqual(self._over(*entries[1:]), [(0.17, 25.5), (0.08, 12)])

    def test_overage_is_rounded_by_entry_where_that_is_agreed(self):
        line = self._quarters("entry").order_line
        entries = [self._work(line, hours, "2026-03-05") for hours in (0.1667, 0.1667, 0.0833)]
        self.assertEqual(self._over(*entries), [(0.25, 37.5)] * 3)

    def test_overage_that_comes_late_bills_what_is_left_of_its_day(self):
        """Ten minutes are proposed as a quarter; fifteen more make half an hour: a quarter is left."""
        line = self._quarters("day").order_line
        first = self._work(line, 0.1667, "2026-03-05")
        self._propose()
        entries = [self._work(line, hours, "2026-03-05") for hours in (0.1667, 0.0833)]
        self.assertEqual(self._over(first, *entries), [(0.25, 37.5), (0.17, 25.5), (0.08, 12)])

    def test_rounded_overage_is_cut_at_a_cap(self):
        """Half an hour over for 75.00 under 30.00: 0.17 h for 25.50 and 0.03 h for 4.50; the rest waits."""
        line = self._quarters("day", psa_cap_amount=30).order_line
        entries = [self._work(line, hours, "2026-03-05") for hours in (0.1667, 0.1667, 0.0833)]
        self.assertEqual(self._over(*entries), [(0.17, 25.5), (0.03, 4.5), (0.14, 21), (0.16, 24)])
        states = [part.state for entry in entries for part in entry.psa_wip_ids.sorted("part")]
        self.assertEqual(states, ["open", "open", "over_cap", "over_cap"])
