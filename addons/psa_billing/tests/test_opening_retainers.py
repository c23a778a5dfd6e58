"""Retainers that go on here with the balance of a former system."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_opening_balance import OpeningCase


@tagged("post_install", "-at_install")
class TestOpeningRetainers(OpeningCase):
    def test_a_retainer_goes_on_with_its_balance(self):
        """March is billed; 6 hours of it roll over. April opens with them."""
        order = self._sow(self._retainer(psa_retainer_rollover="end"))
        line = order.order_line
        entry = self._work(line, 14, "2026-04-10")
        self._open(line, billed_amount=1500, retainer_balance=6)
        self.assertEqual(self._periods(order).mapped("billing_state")[0], "billed")
        self.assertEqual(self._periods(order)[1:].mapped("closing"), [2, 12])
        self.assert_wip(entry, ("covered", 14, 0, 0))
        self.assert_host_figures(line, 1, 1, 0)
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 1500)

    def test_a_retainer_may_go_on_within_a_period(self):
        """On 15 April 4 of its 10 hours are left; 5 more are worked: 1 over."""
        order = self._sow(self._retainer())
        line = order.order_line
        entry = self._work(line, 5, "2026-04-20")
        self._open(line, "2026-04-15", billed_amount=3000, retainer_balance=4)
        self.assert_wip(entry, ("covered", 4, 0, 0), ("open", 1, 1, 150))
        self.assert_host_figures(line, 2, 2, 0)
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 150)

    def test_periods_before_lead_to_the_balance(self):
        """Two months of 10 hours leave 14: the oldest are used first, so 6 of March were used; 4 of March and
        all 10 of April are left."""
        order = self._sow(self._retainer(psa_retainer_rollover="end"))
        line = order.order_line
        entry = self._work(line, 3, "2026-05-10")
        opening = self._open(line, "2026-04-30", billed_amount=3000, retainer_balance=14)
        self.assert_periods(
            order,
            ("2026-03-01", 0, 10, 6, 0, 4),
            ("2026-04-01", 4, 10, 0, 0, 14),
            ("2026-05-01", 14, 10, 3, 0, 21),
        )
        march, april, may = self._periods(order)
        self.assertEqual((march + april + may).mapped("used_before"), [6, 0, 0])
        self.assertEqual(
            march._psa_statement_rows(),
            [
                ("Opening", 0),
                ("Granted", 10),
                ("Used or expired, brought forward", -6),
                ("Used", 0),
                ("Expired", 0),
                ("Left", 4),
            ],
        )
        self.assertEqual([row[0] for row in may._psa_statement_rows()][2], "Used")
        opening.retainer_balance = 3
        self.assert_periods(
            order,
            ("2026-03-01", 0, 10, 10, 0, 0),
            ("2026-04-01", 0, 10, 7, 0, 3),
            ("2026-05-01", 3, 10, 3, 0, 10),
        )
        opening.unlink()
        # as if nothing had been used before
        self.assert_periods(
            order,
            ("2026-03-01", 0, 10, 0, 0, 10),
            ("2026-04-01", 10, 10, 0, 0, 20),
            ("2026-05-01", 20, 10, 3, 0, 27),
        )
        self.assertEqual(self._periods(order).mapped("used_before"), [0, 0, 0])
        self.assert_wip(entry, ("covered", 3, 0, 0))

    def test_what_was_used_of_a_period_under_way_is_used(self):
        """On 15 April 4 of its 10 hours are left, and March left nothing; of 5 more 1 is over."""
        order = self._sow(self._retainer())
        line = order.order_line
        self._work(line, 5, "2026-04-20")
        self._open(line, "2026-04-15", billed_amount=3000, retainer_balance=4)
        self.assert_periods(
            order,
            ("2026-03-01", 0, 10, 10, 0, 0),
            ("2026-04-01", 0, 10, 10, 0, 0),
            ("2026-05-01", 0, 10, 0, 10, 0),
        )
        april = self._periods(order)[1]
        self.assertEqual((april.used_before, april.used_percent), (6, 100))
        # the figures stay when an invoice closes the period
        self.assertEqual(self._bill("2026-04-01", "2026-04-30").amount_untaxed, 150)
        self.assertTrue(april.is_closed)
        self.assertEqual((april.used, april.closing), (10, 0))

    def test_more_may_be_left_than_the_period_under_way_grants(self):
        """On 15 April 12 hours are left: all 10 of April and 2 of March. Of 13 hours 1 is over."""
        order = self._sow(self._retainer(psa_retainer_rollover="end"))
        entry = self._work(order.order_line, 13, "2026-04-20")
        self._open(order.order_line, "2026-04-15", billed_amount=3000, retainer_balance=12)
        self.assert_periods(
            order,
            ("2026-03-01", 0, 10, 8, 0, 2),
            ("2026-04-01", 2, 10, 12, 0, 0),
            ("2026-05-01", 0, 10, 0, 0, 10),
        )
        self.assert_wip(entry, ("covered", 12, 0, 0), ("open", 1, 1, 150))

    def test_work_that_was_logged_here_before_the_day_is_part_of_what_was_used(self):
        """Of March 3 hours are logged and approved here; 6 are left: 4 were used, 1 of them before."""
        order = self._sow(self._retainer(psa_retainer_rollover="end"))
        self._work(order.order_line, 3, "2026-03-10")
        opening = self._open(order.order_line, billed_amount=1500, retainer_balance=6)
        march = self._periods(order)[0]
        self.assertEqual((march.used, march.used_before, march.closing), (4, 1, 6))
        self.assertEqual(
            march._psa_statement_rows()[2:4], [("Used or expired, brought forward", -1), ("Used", -3)]
        )
        opening.retainer_balance = 5
        self.assertEqual((march.used, march.used_before, march.closing), (5, 2, 5))
        opening.unlink()
        self.assertEqual((march.used, march.used_before, march.closing), (3, 0, 7))

    def test_a_period_that_led_to_the_balance_is_not_opened_again(self):
        order = self._sow(self._retainer())
        self._open(order.order_line, billed_amount=1500, retainer_balance=6)
        march = self._periods(order)[0]
        with self.assertRaisesRegex(UserError, "Correct that balance instead"):
            march.action_reopen()
        self.assertTrue(march.is_closed)

    def test_what_was_billed_in_advance_is_not_billed_again(self):
        """March to May at 1,500.00 each were billed by the end of March."""
        order = self._sow(self._retainer())
        self._open(order.order_line, billed_amount=4500, retainer_balance=4)
        self.assertEqual(self._periods(order).mapped("billed_before"), [True, True, True])
        self.assertEqual((order.order_line.qty_invoiced, order.order_line.untaxed_amount_invoiced), (3, 4500))
        self.assertFalse(self._propose("2026-04-01", "2026-05-31"))

    def test_what_is_no_number_of_periods_is_asked_for(self):
        """2,000.00 were billed, a period comes to 1,500.00; a year ago it was 1,400.00: 2,800.00 were two."""
        order = self._sow(self._retainer())
        for billed, count, paid in ((2000, 1, "1,500.00"), (9000, 3, "4,500.00"), (1400, 0, "0.00")):
            with (
                self.assertRaisesRegex(
                    ValidationError, f"and {count} periods come to .*{paid}. Enter as Billed"
                ),
                self.env.cr.savepoint(),
            ):
                self._open(order.order_line, billed_amount=billed)
        with (
            self.assertRaisesRegex(
                ValidationError, "1.5 were billed, and 1 periods come to 1. Enter as Billed"
            ),
            self.env.cr.savepoint(),
        ):
            self._open(order.order_line, "2026-04-30", billed_amount=2800, billed_quantity=1.5)
        self._open(order.order_line, "2026-04-30", billed_amount=2800, billed_quantity=2)
        self.assertEqual(self._periods(order).mapped("billed_before"), [True, True, False])
        self.assertEqual(order.order_line.untaxed_amount_invoiced, 2800)
        self.assertEqual(self._propose("2026-05-01", "2026-05-31").amount, 1500)

    def test_a_first_period_by_its_days_is_a_part_of_one(self):
        """16 of 31 days of March are 0.52 of a month; that and April were billed at an older price."""
        order = self._sow(self._retainer(), psa_date_start="2026-03-16")
        self.assertEqual(round(self._periods(order)[0].quantity, 2), 0.52)
        self._open(order.order_line, "2026-04-30", billed_amount=2100, billed_quantity=1.52)
        self.assertEqual(self._periods(order).mapped("billed_before")[:3], [True, True, False])
