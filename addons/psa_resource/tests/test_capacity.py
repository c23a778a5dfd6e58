from datetime import date, datetime, timedelta

from odoo.tests import freeze_time, tagged

from .common import PsaResourceCase

MONDAY, FRIDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 8)


@tagged("post_install", "-at_install")
class TestCapacity(PsaResourceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.full = cls._calendar("Full time", "01234")
        cls.part = cls._calendar("Three days", "012")
        cls.people = cls.ann | cls.bob | cls.manager
        cls.people.resource_calendar_id = cls.full
        cls.people.tz = "UTC"

    def _week(self, employee):
        return sum(employee._psa_capacity(MONDAY, SUNDAY)[employee.id].values())

    def test_a_week_has_the_hours_of_the_calendar(self):
        capacity = self.ann._psa_capacity(MONDAY, SUNDAY)[self.ann.id]
        self.assertEqual(capacity, {MONDAY + timedelta(days=n): 8 for n in range(5)})

    def test_leave_and_public_holidays_are_taken_off(self):
        Leaves = self.env["resource.calendar.leaves"]
        common = {"calendar_id": self.full.id, "company_id": self.env.company.id}
        Leaves.create(
            [
                {  # a public holiday: everybody's Monday
                    **common,
                    "name": "Holiday",
                    "date_from": datetime(2026, 3, 2),
                    "date_to": datetime(2026, 3, 2, 23, 59, 59),
                },
                {  # Ann's Tuesday morning, 8 to 12
                    **common,
                    "name": "Doctor",
                    "resource_id": self.ann.resource_id.id,
                    "date_from": datetime(2026, 3, 3, 8),
                    "date_to": datetime(2026, 3, 3, 12),
                },
            ]
        )
        self.assertEqual(self._week(self.ann), 28)  # 40 − 8 − 4
        self.assertEqual(self._week(self.bob), 32)  # 40 − 8

    def test_after_a_part_time_switch_each_day_has_the_hours_of_its_contract(self):
        # full time until Wednesday 4 March, three days a week (Mon–Wed) from Thursday on:
        # Mon, Tue, Wed at 8 h are 24 h; the host's helpers say 40
        self.ann.write({"date_version": "2026-01-01", "contract_date_start": "2026-01-01"})
        self.ann.create_version({"date_version": "2026-03-05", "resource_calendar_id": self.part.id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._week(self.ann), 24)
        next_week = self.ann._psa_capacity(MONDAY + timedelta(days=7), SUNDAY + timedelta(days=7))
        self.assertEqual(sum(next_week[self.ann.id].values()), 24)

    def test_without_a_contract_each_day_has_the_hours_of_its_version(self):
        # as the contract above, in a firm that keeps none: Mon, Tue, Wed at 8 h are 24 h
        self.ann.version_id.date_version = "2026-01-01"
        self.ann.create_version({"date_version": "2026-03-05", "resource_calendar_id": self.part.id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(any(self.ann.version_ids.mapped("contract_date_start")))
        # the week before it still had 40, and so had those before there was a version
        weeks = [
            sum(self.ann._psa_capacity(monday, monday + timedelta(days=6))[self.ann.id].values())
            for monday in (date(2025, 6, 2), MONDAY - timedelta(7), MONDAY, MONDAY + timedelta(7))
        ]
        self.assertEqual(weeks, [40, 40, 24, 24])

    def test_a_version_to_come_counts_from_its_day(self):
        self.ann.create_version({"date_version": "2099-03-04", "resource_calendar_id": self.part.id})
        self.assertEqual(self.ann.resource_calendar_id, self.full)
        # Mon, Tue of full time and Wed of the three days; then three days a week
        self.assertEqual(
            sum(self.ann._psa_capacity(date(2099, 3, 2), date(2099, 3, 8))[self.ann.id].values()), 24
        )
        self.assertEqual(
            sum(self.ann._psa_capacity(date(2099, 2, 23), date(2099, 3, 1))[self.ann.id].values()), 40
        )

    def test_flexible_hours_lose_what_leave_takes_whenever_it_is(self):
        flexible = self.env["resource.calendar"].create(
            {
                "name": "Flexible",
                "tz": "UTC",
                "flexible_hours": True,
                "hours_per_day": 8,
                "full_time_required_hours": 40,
            }
        )
        self.ann.resource_calendar_id = flexible
        self.assertEqual(self._week(self.ann), 40)
        leaves = [
            (datetime(2026, 3, 3, 15), datetime(2026, 3, 3, 18)),  # 3 h, most of it after the host's 8 to 16
            (datetime(2026, 3, 4), datetime(2026, 3, 4, 23, 59, 59)),  # a day
            (datetime(2026, 3, 5, 8), datetime(2026, 3, 6, 12)),  # a day and a half, the host's 8 to 12
            (datetime(2026, 3, 7, 9), datetime(2026, 3, 7, 11)),  # a Saturday, not worked anyway
        ]
        self.env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Leave",
                    "calendar_id": flexible.id,
                    "resource_id": self.ann.resource_id.id,
                    "date_from": start,
                    "date_to": stop,
                }
                for start, stop in leaves
            ]
        )
        self.assertEqual(
            self.ann._psa_capacity(MONDAY, SUNDAY)[self.ann.id],
            {MONDAY: 8, date(2026, 3, 3): 5, date(2026, 3, 6): 4},
        )

    def test_after_the_day_of_departure_there_is_no_capacity(self):
        self.ann.version_id.date_version = "2026-01-01"
        self.env["hr.departure.wizard"].with_context(active_ids=self.ann.ids).create(
            {"departure_date": "2026-03-04"}
        ).action_register_departure()
        self.assertTrue(self.ann.active)
        self.assertEqual(self._week(self.ann), 24)
        # who comes back has hours again
        self.ann.create_version({"date_version": "2026-04-01"})
        self.assertEqual(
            sum(self.ann._psa_capacity(date(2026, 4, 6), date(2026, 4, 12))[self.ann.id].values()), 40
        )

    def test_before_and_after_the_contract_there_is_no_capacity(self):
        self.ann.write(
            {
                "date_version": "2026-03-04",
                "contract_date_start": "2026-03-04",
                "contract_date_end": "2026-03-05",
            }
        )
        self.assertEqual(
            self.ann._psa_capacity(MONDAY, SUNDAY)[self.ann.id], {date(2026, 3, 4): 8, date(2026, 3, 5): 8}
        )

    def test_hours_belong_to_the_day_where_the_person_is(self):
        # 8 to 16 o'clock in Auckland begins the evening before in UTC
        self.ann.tz = "Pacific/Auckland"
        self.assertEqual(
            set(self.ann._psa_capacity(MONDAY, FRIDAY)[self.ann.id]),
            {MONDAY + timedelta(days=n) for n in range(5)},
        )

    def test_without_a_calendar_the_company_hours_count_not_24(self):
        self.env.company.resource_calendar_id = self.full
        self.ann.resource_calendar_id = False
        self.assertEqual(self._week(self.ann), 40)

    def test_the_capacity_of_many_costs_as_few_queries_as_that_of_one(self):
        def queries(people):
            return self._count_queries(lambda: people._psa_capacity(MONDAY, SUNDAY))

        queries(self.ann)
        self.assertLessEqual(queries(self.people), queries(self.ann) + 2)

    @freeze_time("2026-03-04")
    def test_the_capacity_screen_shows_the_chosen_week(self):
        demand = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        self._book(demand, self.ann, 10)
        self._book(demand, self.ann, 6, kind="soft")
        public = self.env["hr.employee.public"].with_user(self.resourcer.user_id).browse(self.ann.id)
        self.assertEqual(
            (public.psa_capacity_hours, public.psa_hard_hours, public.psa_soft_hours, public.psa_free_hours),
            (40, 10, 6, 30),
        )
        later = public.with_context(psa_week_offset=1)
        self.assertEqual((later.psa_capacity_hours, later.psa_hard_hours), (40, 0))

    def test_a_booking_over_two_weeks_is_spread_by_capacity(self):
        demand = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        self._book(demand, self.ann, 20, "2026-03-02", "2026-03-13")
        load = self.ann._psa_load(MONDAY, SUNDAY)[self.ann.id]["hard"]
        self.assertEqual(load, {MONDAY + timedelta(days=n): 2 for n in range(5)})

    def test_what_does_not_fit_is_said_and_not_refused(self):
        demand = self._confirmed(self._hours(self.architect, 100)).psa_demand_ids
        first = self._book(demand, self.ann, 30)
        self.assertEqual(first.overload_hours, 0)
        second = self._book(demand, self.ann, 15)
        # 40 h of capacity − 30 h promised = 10 h free; 15 h do not fit by 5
        self.assertEqual(second.overload_hours, 5)
        self.assertEqual(self._book(demand, self.bob, 15).overload_hours, 0)
