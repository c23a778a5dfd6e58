"""A retainer pauses between two days of a change order."""

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .test_retainer_ends import EndingCase

SALES = "sales_team.group_sale_salesman_all_leads"


@tagged("post_install", "-at_install")
class TestRetainerPause(EndingCase):
    """10 h for 1,500.00 a month from March on; the client pauses in April."""

    def setUp(self):
        super().setUp()
        self.seller = self._user("seller", SALES)

    def _dialog(self, order, start="2026-04-01", end="2026-04-30", **values):
        """(change order, dialog) as a salesperson opens it."""
        order = order.with_user(self.seller)
        change = order.browse(order.action_psa_change_order()["res_id"])
        change.write({"psa_change_reason": "Nobody is there", "psa_requested_by_id": self.client.id})
        self.assertTrue(change.psa_has_retainers)
        context = change.action_psa_pause_retainer()["context"]
        form = Form(self.env["psa.pause.retainer"].with_user(self.seller).with_context(**context))
        form.date_start, form.date_end = start, end
        for name, value in values.items():
            form[name] = value
        return change, form.save()

    def _pause(self, order, *args, **values):
        change, dialog = self._dialog(order, *args, **values)
        dialog.action_apply()
        change.sudo().action_confirm()
        return change

    def _months(self, order):
        """(first day, amount) of the periods, without corrections."""
        periods = self._periods(order).filtered(lambda period: not period.corrects_id)
        return [(str(period.date_start)[5:], period.amount) for period in periods]

    def test_the_next_period_is_proposed(self):
        """On 10 March that of April; of a retainer that is over, none."""
        for values in ({}, {"quantity": 1, "psa_retainer_open_ended": True}):
            with freeze_time("2026-03-10"):
                order = self._sow(self._retainer(**values)).with_user(self.seller)
                change = order.browse(order.action_psa_change_order()["res_id"])
                context = change.action_psa_pause_retainer()["context"]
                form = Form(self.env["psa.pause.retainer"].with_user(self.seller).with_context(**context))
            self.assertEqual((str(form.date_start), str(form.date_end)), ("2026-04-01", "2026-04-30"))
        with freeze_time("2027-03-10"):
            form = Form(
                self.env["psa.pause.retainer"].with_context(
                    default_line_id=self._sow(self._retainer()).order_line.id
                )
            )
        self.assertFalse(form.date_start)

    def test_later_periods_stay_and_fewer_are_billed(self):
        """Of three months two are left: 3,000.00, which the document of the change order says."""
        order = self._sow(self._retainer())
        change = self._pause(order)
        self.assertEqual(self._months(order), [("03-01", 1500), ("05-01", 1500)])
        self.assertEqual(change.amount_untaxed, -1500)
        self.assertIn("pauses from 04/01/2026 until 04/30/2026", change.order_line.name)
        for month in (3, 4, 5):
            self._bill(f"2026-0{month}-01", f"2026-0{month}-28")
        self.assertEqual(self._invoiced(order | change), 3000)
        self.assert_period_end(order)

    def assert_period_end(self, order):
        self.assertEqual(self._periods(order).mapped("ends_retainer"), [False, True])

    def test_later_periods_move_and_as_many_are_billed(self):
        """April and May become May and June."""
        order = self._sow(self._retainer())
        change = self._pause(order, later="move")
        self.assertEqual(self._months(order), [("03-01", 1500), ("05-01", 1500), ("06-01", 1500)])
        self.assertEqual(change.amount_untaxed, 0)

    def test_one_without_end_goes_on_after_it(self):
        """At the price that was agreed last: 1,800.00 from May on."""
        with freeze_time("2026-03-10"):
            order = self._sow(self._retainer(quantity=1, psa_retainer_open_ended=True), psa_date_end=False)
            self._change(order, (0, 1800, 12), effective="2026-05-01")
            self._pause(order)
        with freeze_time("2026-06-10"):
            order._psa_plan_retainers()
            found = self._months(order)[:3]
        self.assertEqual(found, [("03-01", 1500), ("05-01", 1800), ("06-01", 1800)])

    def test_unused_hours_roll_over_it_and_work_meanwhile_draws_on_the_next(self):
        """6 of March's 10 h are used: 4 h roll over into May, which holds 14 h. 5 h of April draw on it."""
        order = self._sow(self._retainer(psa_retainer_rollover="periods"))
        self._work(order.order_line, 6, "2026-03-10")
        self._pause(order)
        self._work(order.order_line[0], 5, "2026-04-10")
        self.assert_periods(order, ("2026-03-01", 0, 10, 6, 0, 4), ("2026-05-01", 4, 10, 5, 0, 9))

    def test_what_was_billed_ahead_is_given_back(self):
        """March and April are billed with 3,000.00: April's 1,500.00 go back."""
        order = self._sow(self._retainer())
        self._bill("2026-03-01", "2026-04-01")
        change = self._pause(order)
        self.assertEqual(self._invoiced(order | change), 3000)
        self._bill("2026-04-01", "2026-04-30")
        self.assertEqual(self._invoiced(order | change), 1500)
        self._bill("2026-05-01", "2026-05-31")
        self.assertEqual(self._invoiced(order | change), 3000)

    def test_each_period_goes_off_at_its_price(self):
        """April at 1,500.00 and May at 1,800.00: 3,300.00 less."""
        order = self._sow(self._retainer())
        self._change(order, (-1, 1500, 10), (1, 1800, 10), effective="2026-05-01")
        change = self._pause(order, "2026-04-01", "2026-05-31")
        self.assertEqual(self._months(order), [("03-01", 1500)])
        self.assertEqual(change.amount_untaxed, -3300)

    def test_recurring_revenue_is_lost_and_new_again(self):
        """(MRR, new, lost) of March to May."""
        order = self._sow(self._retainer())
        self._pause(order)
        self.env.flush_all()
        rows = self.env["psa.retainer.report"].search(
            [("partner_id", "=", self.client.id), ("month", "<=", "2026-05-01")], order="month"
        )
        self.assertEqual(
            [(row.mrr, row.new, row.lost) for row in rows], [(1500, 1500, 0), (0, 0, 1500), (1500, 1500, 0)]
        )

    def test_cancelled_it_pauses_no_more(self):
        order = self._sow(self._retainer())
        change = self._pause(order)
        change.sudo()._action_cancel()
        self.assertEqual(self._months(order), [("03-01", 1500), ("04-01", 1500), ("05-01", 1500)])

    def test_written_again_it_is_another_pause(self):
        order = self._sow(self._retainer())
        change, dialog = self._dialog(order)
        dialog.action_apply()
        dialog.write({"date_start": "2026-05-01", "date_end": "2026-05-31", "later": "move"})
        dialog.action_apply()
        self.assertEqual(change.order_line.mapped("product_uom_qty"), [0])
        change.sudo().action_confirm()
        self.assertEqual(self._months(order), [("03-01", 1500), ("04-01", 1500), ("06-01", 1500)])

    def test_it_pauses_for_whole_periods_that_are_not_closed(self):
        order = self._sow(self._retainer())
        _change, dialog = self._dialog(order, "2026-04-10", "2026-05-20")
        with self.assertRaisesRegex(UserError, "such as 04/01/2026 and 05/31/2026"):
            dialog.action_apply()
        self._bill("2026-03-01", "2026-03-31")
        dialog.write({"date_start": "2026-03-01", "date_end": "2026-03-31"})
        with self.assertRaisesRegex(UserError, "does not pause any more"):
            dialog.action_apply()
        with self.assertRaises(ValidationError):
            order.order_line.sudo().psa_pause_start = "2026-04-01"

    def test_others_retainers_are_not_paused_by_it(self):
        order, other = self._sow(self._retainer()), self._sow(self._retainer())
        change, dialog = self._dialog(order)
        dialog.sudo().line_id = other.order_line
        with self.assertRaisesRegex(UserError, "its own statement of work only"):
            dialog.action_apply()
        self.assertFalse(change.order_line)
