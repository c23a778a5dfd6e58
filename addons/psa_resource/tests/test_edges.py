from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import PsaResourceCase

MONDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 8)


@tagged("post_install", "-at_install")
class TestEdges(PsaResourceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.full = cls._calendar("Full time", "01234")
        cls.part = cls._calendar("Three days", "012")
        (cls.ann | cls.bob | cls.manager).resource_calendar_id = cls.full
        (cls.ann | cls.bob | cls.manager).tz = "UTC"

    def _week(self, employee, start=MONDAY):
        return sum(employee._psa_capacity(start, start + timedelta(days=6))[employee.id].values())

    def test_nobody_is_booked_for_a_century(self):
        """Of a booking until 2126 each look at a week asks for the working time of a hundred years of
        everybody: 36 seconds for twenty people."""
        demand = self._confirmed(self._hours(self.developer, 40)).psa_demand_ids
        with self.assertRaisesRegex(ValidationError, "Ann would be booked from 03/02/2026 to 03/02/2126"):
            self._book(demand, self.ann, 8, end="2126-03-02")
        with self.assertRaisesRegex(ValidationError, "for more than 5 years"):
            self._book(demand, self.ann, 8, end="2031-03-02", kind="soft")
        booking = self._book(demand, self.ann, 8, end="2031-03-01")
        with self.assertRaisesRegex(ValidationError, "Check the year"):
            booking.date_end = "9999-12-31"

    def test_a_switch_from_no_calendar_to_one_never_counts_24_hours(self):
        # flexible until Monday 2 March, full time from Tuesday on
        self.env.company.resource_calendar_id = self.full
        self.ann.write(
            {"date_version": "2026-01-01", "contract_date_start": "2026-01-01", "resource_calendar_id": False}
        )
        self.ann.create_version({"date_version": "2026-03-03", "resource_calendar_id": self.full.id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._week(self.ann), 40)

    def test_a_switch_from_flexible_hours_uses_each_calendar(self):
        flex = self.env["resource.calendar"].create(
            {
                "name": "Flex",
                "tz": "UTC",
                "flexible_hours": True,
                "hours_per_day": 4,
                "full_time_required_hours": 20,
            }
        )
        self.ann.write(
            {
                "date_version": "2026-01-01",
                "contract_date_start": "2026-01-01",
                "resource_calendar_id": flex.id,
            }
        )
        self.ann.create_version({"date_version": "2026-03-02", "resource_calendar_id": self.full.id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._week(self.ann), 40)

    def test_full_time_then_three_days_gives_28(self):
        # 8 h a day to Tuesday; from Wednesday on a calendar of 4 h a day: 16 + 12 = 28
        half = self._calendar("Half", "01234")
        half.attendance_ids.hour_to = 12
        self.ann.write({"date_version": "2026-01-01", "contract_date_start": "2026-01-01"})
        self.ann.create_version({"date_version": "2026-03-04", "resource_calendar_id": half.id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._week(self.ann), 28)

    def test_flexible_person_far_away(self):
        self.env.company.resource_calendar_id = self.full
        self.ann.resource_calendar_id = False
        self.ann.tz = "Pacific/Auckland"
        days = self.ann._psa_capacity(MONDAY, SUNDAY)[self.ann.id]
        self.assertEqual(days, {MONDAY + timedelta(days=n): 8 for n in range(5)})

    def test_mixed_time_zones_keep_their_leave(self):
        self.ann.tz, self.bob.tz = "Pacific/Auckland", "America/Los_Angeles"
        for days in self.env["hr.employee"].concat(self.ann, self.bob)._psa_capacity(MONDAY, SUNDAY).values():
            self.assertEqual(days, {MONDAY + timedelta(days=n): 8 for n in range(5)})

    def test_cancelled_work_takes_no_capacity(self):
        order = self._confirmed(self._hours(self.architect, 40))
        self._book(order.psa_demand_ids, self.ann, 30)
        order._action_cancel()
        load = self.ann._psa_load(MONDAY, SUNDAY)[self.ann.id]["hard"]
        self.assertEqual(sum(load.values()), 0)
        other = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        self.assertEqual(self._book(other, self.bob, 40).overload_hours, 0)
        self.assertEqual(
            self._book(
                self._confirmed(self._hours(self.architect, 40)).psa_demand_ids, self.ann, 40
            ).overload_hours,
            0,
        )

    def test_cancelled_demand_cannot_be_booked(self):
        order = self._confirmed(self._hours(self.architect, 40))
        order._action_cancel()
        with self.assertRaises(ValidationError):
            self._book(order.psa_demand_ids, self.ann, 5)

    def test_a_line_added_to_a_confirmed_sow_is_demand_too(self):
        order = self._confirmed(self._hours(self.architect, 40))
        order.write({"order_line": [self._hours(self.developer, 25)]})
        self.assertEqual(sorted(order.psa_demand_ids.mapped("hours")), [25, 40])

    def test_demand_follows_dates_of_the_phase(self):
        order = self._confirmed(
            self._phase("Design", "2026-03-01", "2026-03-31"), self._hours(self.architect, 40)
        )
        order.order_line[0].psa_date_end = "2026-04-15"
        self.assertEqual(order.psa_demand_ids.date_end, date(2026, 4, 15))

    def test_work_that_can_move_inside_its_window_is_no_overload(self):
        demand = self._confirmed(self._hours(self.architect, 100)).psa_demand_ids
        self._book(demand, self.ann, 40, "2026-03-02", "2026-03-13")
        self.assertEqual(self._book(demand, self.ann, 30).overload_hours, 0)

    def test_overload_is_free_of_float_noise(self):
        demand = self._confirmed(self._hours(self.architect, 400)).psa_demand_ids
        self._book(demand, self.ann, 33.3, "2026-03-02", "2026-03-12")
        self._book(demand, self.ann, 38.7, "2026-03-02", "2026-03-12")
        self.assertEqual(self._book(demand, self.ann, 0.1, "2026-03-13", "2026-03-13").overload_hours, 0)

    def test_project_manager_books_people_without_hr_rights(self):
        demand = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        booking = (
            self.env["psa.booking"]
            .with_user(self.manager.user_id)
            .create(
                {
                    "demand_id": demand.id,
                    "employee_id": self.ann.id,
                    "date_start": "2026-03-02",
                    "date_end": "2026-03-06",
                    "hours": 8,
                    "kind": "hard",
                }
            )
        )
        self.assertEqual(booking.overload_hours, 0)
        booking.with_user(self.manager.user_id).web_read(
            {"employee_id": {"fields": {"display_name": {}}}, "overload_hours": {}}
        )
        rows = self.env["hr.employee.public"].with_user(self.manager.user_id).search([])
        rows.read(["name", "psa_role_id", "psa_capacity_hours", "psa_free_hours"])

    def test_plain_employee_reads_no_load_of_others(self):
        user = (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create({"name": "plain", "login": "rs.plain"})
        )
        with self.assertRaises(AccessError):
            self.env["hr.employee.public"].with_user(user).browse(self.ann.id).read(["psa_hard_hours"])

    def test_capacity_of_inactive_and_none(self):
        self.assertEqual(self.env["hr.employee"]._psa_capacity(MONDAY, SUNDAY), {})
        self.assertEqual(self.env["hr.employee"]._psa_load(MONDAY, SUNDAY), {})

    def test_the_demands_of_twice_as_many_sows_cost_as_many_queries(self):
        orders = self.env["sale.order"].concat(*(self._confirmed() for _n in range(8)))
        self._count_queries(orders[:4].sudo()._psa_sync_demands)
        once = self._count_queries(orders[:4].sudo()._psa_sync_demands)
        self.assertLessEqual(self._count_queries(orders.sudo()._psa_sync_demands), once)
        self.assertEqual(len(orders.psa_demand_ids), 16)

    def test_the_week_of_twice_as_many_people_costs_as_many_queries(self):
        people = self.env["hr.employee"].create(
            [
                {
                    "name": f"Person {n}",
                    "resource_calendar_id": self.full.id,
                    "date_version": "2026-01-01",
                    "contract_date_start": "2026-01-01",
                }
                for n in range(40)
            ]
        )
        self._count_queries(lambda: people._psa_capacity(MONDAY, SUNDAY))
        once = self._count_queries(lambda: people[:20]._psa_capacity(MONDAY, SUNDAY))
        self.assertLessEqual(self._count_queries(lambda: people._psa_capacity(MONDAY, SUNDAY)), once)

    def test_the_overload_of_twice_as_many_bookings_costs_as_many_queries(self):
        demand = self._confirmed(self._hours(self.architect, 400)).psa_demand_ids
        bookings = self.env["psa.booking"].concat(*(self._book(demand, self.ann, 5) for _n in range(8)))
        self._count_queries(lambda: bookings.mapped("overload_hours"))
        once = self._count_queries(lambda: bookings[:4].mapped("overload_hours"))
        self.assertLessEqual(self._count_queries(lambda: bookings.mapped("overload_hours")), once)

    def test_people_of_the_role_are_proposed_first(self):
        people = self.env["hr.employee"].with_user(self.resourcer.user_id)
        role_first = people.with_context(psa_role_first=self.developer.id).name_search("", limit=3)
        self.assertEqual(role_first[0][0], self.ann.id)
        everyone = {
            person for person, _name in people.with_context(psa_role_first=self.developer.id).name_search("")
        }
        self.assertEqual(everyone, {person for person, _name in people.name_search("")})
        only_one = people.with_context(psa_role_first=self.architect.id).name_search("", limit=1)
        self.assertEqual(only_one[0][0], self.manager.id)

    def test_competition_reaches_over_a_chain_of_bookings(self):
        # 40 h in two weeks could move to the second, were that not full: 120 h in 80 h
        demand = self._confirmed(self._hours(self.architect, 400)).psa_demand_ids
        self._book(demand, self.ann, 40, "2026-03-02", "2026-03-13")
        self._book(demand, self.ann, 40, "2026-03-09", "2026-03-13")
        self.assertEqual(self._book(demand, self.ann, 40).overload_hours, 40)

    def test_demand_company_cannot_drift_from_bookings(self):
        demand = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        self._book(demand, self.ann, 5)
        other = self.env["res.company"].create({"name": "Sister"})
        with self.assertRaises(UserError):
            demand.company_id = other
