"""A day that was sold stays as long as it was when the statement of work was signed."""

from odoo.tests import tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestSignedDays(PsaContractsCase):
    """The firm works 8 h a day and sells an architect at 1,200.00 a day; after the SOW over ten days (80 h)
    was signed, its working day becomes one of 7.5 h."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env.company.resource_calendar_id
        cls.calendar.hours_per_day = 8
        cls.eve = cls._person("eve", "psa_project.group_psa_user", role=cls.architect)
        cls.days = cls._card("Days", [])
        cls._rate(cls.architect, 1200, card=cls.days, unit="day")
        cls.order = cls._by_day()
        cls.order.action_confirm()
        cls.line = cls.order.order_line[1]

    @classmethod
    def _by_day(cls):
        return cls._sow(cls._phase("Build"), cls._hours(cls.architect, 10), psa_rate_card_id=cls.days.id)

    def test_eight_hours_stay_one_day(self):
        """8 h of 8 h are 1 day, before and after; at 7.5 h they would be 1.07, and 1,284.00 in place of
        1,200.00."""
        self._log_on(self.line, self.eve, 8, "2026-03-09", approved=True)
        self.calendar.hours_per_day = 7.5
        self.assertEqual(self.line.qty_delivered, 1)
        self._log_on(self.line, self.eve, 8, "2026-03-10", approved=True)
        self.assertEqual(self.line.qty_delivered, 2)

    def test_another_working_schedule_is_no_other_day_either(self):
        self.env.company.resource_calendar_id = self.calendar.copy({"hours_per_day": 6})
        self.assertEqual(self.line._psa_hours(), 80)

    def test_what_is_signed_later_has_the_days_of_then(self):
        """10 days of 7.5 h are 75 h."""
        self.calendar.hours_per_day = 7.5
        later = self._by_day()
        later.action_confirm()
        self.assertEqual(later.order_line[1].task_id.allocated_hours, 75)
        self._log_on(later.order_line[1], self.eve, 15, approved=True)
        self.assertEqual(later.order_line[1].qty_delivered, 2)

    def test_a_change_order_cuts_days_as_they_were_sold(self):
        """5 of 10 days are 40 of 80 h, also where the firm works 7.5 h when it is signed."""
        self.calendar.hours_per_day = 7.5
        change = self._change(self.order, self._amend(self.line, -5))
        change.action_confirm()
        self.assertEqual(self.line.psa_phase_id.budget_hours, 40)
        self.assertEqual(self.line.task_id.allocated_hours, 40)
        change._action_cancel()
        self.assertEqual(self.line.psa_phase_id.budget_hours, 80)
        self.assertEqual(self.line.task_id.allocated_hours, 80)

    def test_the_next_rate_of_an_hour_is_one_of_the_same_day(self):
        """Architects at 200 an hour are sold at 1,600 a day of 8 h; from April on at 210: 1,680, not the
        1,575 of 7.5 h."""
        day = self.env.ref("uom.product_uom_day")
        order = self._sow(
            self._hours(self.architect, 5, product_uom_id=day.id), psa_rate_card_id=self.card.id
        )
        order.action_confirm()
        self.calendar.hours_per_day = 7.5
        self._rate_changes(self.architect, "2026-04-01", 210)
        before, after = (
            self._log_on(order.order_line[0], self.eve, 8, day, approved=True).so_line
            for day in ("2026-03-10", "2026-04-10")
        )
        self.assertEqual((before.price_unit, before.qty_delivered), (1600, 1))
        self.assertEqual((after.price_unit, after.qty_delivered), (1680, 1))
        self.assertIn(f"{order.currency_id.format(210)} an hour for Days of 8 h", after.psa_rate_reason)

    def test_signed_again_without_work_it_has_the_days_of_then(self):
        self.order._action_cancel()
        self.calendar.hours_per_day = 7.5
        self.order.action_draft()
        self.order.action_confirm()
        self.assertEqual(self.line._psa_hours(), 75)

    def test_signed_again_with_work_it_keeps_its_days(self):
        self._log_on(self.line, self.eve, 8, approved=True)
        self.order._action_cancel()
        self.calendar.hours_per_day = 7.5
        self.order.action_draft()
        self.order.action_confirm()
        self.assertEqual((self.line._psa_hours(), self.line.qty_delivered), (80, 1))

    def test_the_client_reads_how_long_a_day_is(self):
        self.calendar.hours_per_day = 7.5
        documents = self.order | self._by_day() | self._sow(self._hours(self.developer, 100))
        told = ["A day has 8 hours.", "A day has 7.5 hours.", ""]
        self.assertEqual([order._psa_document_day() for order in documents], told)
        report = self.env["ir.actions.report"]
        pages = [
            report._render_qweb_html("sale.report_saleorder", order.ids)[0].decode() for order in documents
        ]
        self.assertEqual(["A day has" in page for page in pages], [True, True, False])
        self.assertIn(told[0], pages[0])

    def test_what_was_signed_before_the_upgrade_keeps_the_days_of_the_upgrade(self):
        """The column is empty then: 8 h when it is upgraded hold for what is signed, and for nothing else."""
        orders = self.order | self._by_day()
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET psa_day_hours = NULL WHERE id = ANY(%s)", [orders.ids])
        for version, hours in ((None, [75, 75]), ("19.0.2.2.0", [80, 75])):
            self.calendar.hours_per_day = 8
            self._migrate("19.0.2.3.0/post-day_hours.py", version)
            self.calendar.hours_per_day = 7.5
            self.assertEqual([order.order_line[1]._psa_hours() for order in orders], hours)
