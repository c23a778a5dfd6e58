"""Change orders of retainers: from which period on another price, or other hours, hold."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_retainer_ends import EndingCase


@tagged("post_install", "-at_install")
class TestRetainerChanges(EndingCase):
    """10 hours for 1,500.00 a month from March on. Today is 10 March 2026: March is due."""

    def setUp(self):
        super().setUp()
        frozen = freeze_time("2026-03-10 12:00:00")
        frozen.start()
        self.addCleanup(frozen.stop)

    def _dialog(self, order, day, **values):
        """What is typed into the dialog “Change Lines…” of a change order, which is signed then."""
        change = self.env["sale.order"].browse(order.action_psa_change_order()["res_id"])
        change.write({"psa_change_reason": "Asked for", "psa_requested_by_id": self.client.id})
        dialog = self.env["psa.change.lines"].with_context(**change.action_psa_change_lines()["context"])
        dialog = dialog.create({"effective_date": day})
        dialog.line_ids.write(values)
        dialog.action_apply()
        change.sudo().action_confirm()
        return change

    def _terms(self, order, count=3):
        return [(p.amount, p.granted) for p in self._periods(order)[:count]]

    def test_a_new_price_from_may_on_leaves_april(self):
        """April has not come when it is signed: it costs 1,500.00, May 1,800.00. All of it: 4,800.00."""
        order = self._sow(self._retainer())
        change = self._dialog(order, "2026-05-01", new_price=1800)
        self.assertEqual(
            change.order_line.mapped(lambda line: (line.product_uom_qty, line.price_unit)),
            [(-1, 1500), (1, 1800)],
        )
        self.assertEqual(self._terms(order), [(1500, 10), (1500, 10), (1800, 10)])
        for month in (3, 4, 5):
            self._bill(f"2026-0{month}-01", f"2026-0{month}-28")
        self.assertEqual(self._invoiced(order | change), 4800)
        self.assertEqual(sum((order | change).mapped("amount_untaxed")), 4800)

    def test_within_a_month_the_next_one_has_it(self):
        order = self._sow(self._retainer())
        self._dialog(order, "2026-03-16", new_price=1800)
        self.assertEqual(self._terms(order), [(1500, 10), (1800, 10), (1800, 10)])

    def test_what_is_billed_ahead_keeps_its_price(self):
        order = self._sow(self._retainer())
        self._bill("2026-03-01", "2026-04-01")
        self._dialog(order, "2026-04-01", new_price=1800)
        self.assertEqual(self._terms(order), [(1500, 10), (1500, 10), (1800, 10)])

    def test_a_broken_month_keeps_its_price(self):
        """From 16 March on: 16 of 31 days, 0.52 months. 2.48 are left from April on."""
        order = self._sow(self._retainer(), psa_date_start="2026-03-16")
        change = self._dialog(order, "2026-04-01", new_price=1800)
        self.assertEqual(change.order_line.mapped("product_uom_qty"), [-2.48, 2.48])
        # 16 / 31 x 1,500.00; of June the rest of three months: 15 / 31 x 1,800.00
        self.assertEqual(self._terms(order, 4), [(774.19, 5.16), (1800, 10), (1800, 10), (870.97, 4.84)])

    def _sold_more(self, order, quantity, price):
        """``quantity`` months at ``price``, signed without the dialog."""
        return self._change(order, (quantity, price, 10), effective="2026-05-01")

    def test_half_a_month_more_at_another_price_is_billed_at_it(self):
        """2.5 months at 1,600.00 and half of May at 1,900.00 are 4,950.00: May costs 800.00 until the 16th
        and 950.00 after."""
        order = self._sow(self._retainer(price=1600, quantity=2.5))
        change = self._sold_more(order, 0.5, 1900)
        self.assertEqual(self._terms(order, 4), [(1600, 10), (1600, 10), (800, 5), (950, 5)])
        self.assertEqual(
            self._periods(order)[2:].mapped(lambda period: (str(period.date_start), str(period.date_end))),
            [("2026-05-01", "2026-05-16"), ("2026-05-17", "2026-05-31")],
        )
        for month in (3, 4, 5):
            self._bill(f"2026-0{month}-01", f"2026-0{month}-28")
        self.assertEqual(self._invoiced(order | change), 4950)

    def test_a_month_more_after_a_broken_one_is_billed_at_its_price(self):
        """Two months from 15 March on at 1,600.00 last until 14 May, the third costs 1,900.00: 5,100.00, of
        which May has 14 / 31 x 1,600.00 and 17 / 31 x 1,900.00, and June the rest of 1,900.00."""
        order = self._sow(self._retainer(price=1600, quantity=2), psa_date_start="2026-03-15")
        self._sold_more(order, 1, 1900)
        amounts = self._periods(order).mapped("amount")
        self.assertEqual(amounts, [877.42, 1600, 722.58, 1041.94, 858.06])
        self.assertEqual(round(sum(amounts), 2), 5100)

    def test_half_a_month_with_more_hours_grants_them(self):
        """Of 2.5 months of 10 h and half a month of 16 h the second half of May grants 8 h."""
        order = self._sow(self._retainer(quantity=2.5))
        self._change(order, (0.5, 1500, 16), effective="2026-05-01")
        self.assertEqual(self._terms(order, 4), [(1500, 10), (1500, 10), (750, 5), (750, 8)])

    def test_a_month_billed_before_two_prices_are_agreed_is_that_of_the_first(self):
        """April is billed at 1,500.00 when 1,650.00 from April on, then 1,800.00 from May on are signed."""
        order = self._sow(self._retainer())
        self._bill("2026-03-01", "2026-04-01")
        self._change(order, (-2, 1500, 10), (2, 1650, 10), effective="2026-04-01")
        self._change(order, (-1, 1650, 10), (1, 1800, 10), effective="2026-05-01")
        self.assertEqual(self._terms(order), [(1500, 10), (1500, 10), (1800, 10)])

    def test_a_price_after_its_last_month_is_refused(self):
        order = self._sow(self._retainer())
        with self.assertRaisesRegex(UserError, "all of it is billed or begins before that day"):
            self._dialog(order, "2026-06-01", new_price=1800)

    def test_of_a_retainer_without_end_all_later_months_have_the_new_price(self):
        order = self._endless()
        self._dialog(order, "2026-05-01", new_price=1800)
        self.assertEqual(self._terms(order), [(1500, 10), (1500, 10), (1800, 10)])
        with freeze_time("2027-03-10 12:00:00"):
            order._psa_plan_retainers()
        self.assertEqual({period.amount for period in self._periods(order)[2:]}, {1800})
        self.assertGreater(len(self._periods(order)), 12)

    def test_of_a_retainer_without_end_a_price_is_agreed_long_before(self):
        """In March for January: months until June are planned. None is at another price before January."""
        order = self._endless()
        change = self._dialog(order, "2027-01-01", new_price=1800)
        self.assertEqual(
            change.order_line.mapped(lambda line: (line.product_uom_qty, line.price_unit)), [(0, 1800)]
        )
        with freeze_time("2027-03-10 12:00:00"):
            order._psa_plan_retainers()
        prices = {
            period.amount: period.date_start
            for period in self._periods(order).sorted("date_start", reverse=True)
        }
        self.assertEqual(
            {amount: str(day) for amount, day in prices.items()}, {1500: "2026-03-01", 1800: "2027-01-01"}
        )

    def test_more_hours_for_the_same_price(self):
        """Twelve hours from April on, still for 1,500.00: of 12 h in April none is over."""
        order = self._sow(self._retainer())
        self._bill("2026-03-01", "2026-03-31")
        change = self._change(order, (-2, 1500, 10), (2, 1500, 12), effective="2026-04-01")
        self.assertEqual(self._terms(order), [(1500, 10), (1500, 12), (1500, 12)])
        entry = self._work(order.order_line, 12, "2026-04-10")
        self.assert_wip(entry, ("covered", 12, 0, 0))
        change.sudo().action_cancel()
        self.assertEqual(self._terms(order), [(1500, 10), (1500, 10), (1500, 10)])
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 2, 2, 300))

    def test_other_hours_of_no_month_are_refused(self):
        """They stood on the change order that the client signed, and changed nothing."""
        order = self._sow(self._retainer())
        with self.assertRaisesRegex(UserError, "Architect has other terms, but for no period"):
            self._change(order, (0, 1500, 12), effective="2026-04-01")
        with self.assertRaisesRegex(UserError, "Architect has other terms, but for no period"):
            self._change(order, (0, 1600, 10), effective="2026-04-01")

    def _index(self, order, day):
        """5 % more: 1,575.00 a month."""
        wizard = self.env["psa.retainer.indexation"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        wizard.create({"percent": 5, "date": day}).action_apply()

    def test_months_that_are_sold_after_an_index_have_its_price(self):
        """1,575.00 from April on; then two months more are sold: 3,150.00."""
        order = self._sow(self._retainer())
        self._index(order, "2026-04-01")
        change = self._dialog(order, "2026-05-01", new_quantity=5)
        self.assertEqual(change.amount_untaxed, 3150)
        self.assertEqual(self._terms(order, 5), [(1500, 10), *[(1575, 10)] * 4])

    def test_a_month_less_after_an_index(self):
        order = self._sow(self._retainer())
        self._index(order, "2026-04-01")
        change = self._dialog(order, "2026-04-01", new_quantity=2)
        self.assertEqual(change.order_line.mapped("price_unit"), [1500])
        self.assertEqual(self._terms(order), [(1500, 10), (1575, 10)])

    def test_a_price_that_is_agreed_after_an_index_is_the_one_of_today(self):
        """1,800.00 from May on; then one month more of those is sold."""
        order = self._sow(self._retainer())
        self._index(order, "2026-04-01")
        self._dialog(order, "2026-05-01", new_price=1800)
        self.assertEqual(self._terms(order), [(1500, 10), (1575, 10), (1800, 10)])
        self._dialog(order, "2026-05-01", new_quantity=4)
        self.assertEqual(self._terms(order, 4), [(1500, 10), (1575, 10), (1800, 10), (1800, 10)])

    def test_a_month_more_has_the_hours_that_it_was_sold_with(self):
        """One month less, then one more with twelve hours."""
        order = self._sow(self._retainer())
        self._change(order, (-1, 1500, 10), effective="2026-04-01")
        self._change(order, (1, 1500, 12), effective="2026-05-01")
        self.assertEqual(self._terms(order), [(1500, 10), (1500, 10), (1500, 12)])

    def test_a_retainer_without_end_gets_more_hours(self):
        order = self._endless()
        self._bill("2026-03-01", "2026-03-31")
        left = order.order_line.product_uom_qty - 1
        self._change(order, (-left, 1500, 10), (left, 1500, 12), effective="2026-04-01")
        self.assertEqual(self._terms(order), [(1500, 10), (1500, 12), (1500, 12)])
        # or, as it is without end, from a day on only
        self._change(order, (0, 1500, 14), effective="2026-05-01")
        self.assertEqual(self._terms(order), [(1500, 10), (1500, 12), (1500, 14)])
