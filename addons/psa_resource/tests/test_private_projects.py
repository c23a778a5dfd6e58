"""Who sees demand and bookings of a project that the host shows to its followers only."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PsaResourceCase


@tagged("post_install", "-at_install")
class TestPrivateProjects(PsaResourceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project_user = cls._person("user", "psa_project.group_psa_user,project.group_project_user")
        cls.booked = cls._person("booked", "psa_project.group_psa_user")
        cls.colleague = cls._person("colleague", "psa_project.group_psa_user")
        orders = cls._confirmed(cls._hours(cls.architect, 40)) | cls._confirmed(
            cls._hours(cls.architect, 100)
        )
        cls.secret, cls.open = (order.psa_demand_ids for order in orders)
        cls.secret.project_id.privacy_visibility = "followers"
        cls.bookings = cls._book(cls.secret, cls.booked, 5) | cls._book(cls.secret, cls.ann, 7)
        cls._book(cls.open, cls.ann, 8)

    def _seen(self, person):
        """Which of the demands and bookings ``person`` finds; nothing else of them can be read either."""
        self.env.invalidate_all()
        found = []
        for records in (self.secret | self.open, self.secret.booking_ids | self.open.booking_ids):
            as_person = records.with_user(person.user_id)
            shown = as_person.search([("id", "in", records.ids)])
            for hidden in as_person - shown:
                with self.assertRaises(AccessError):
                    hidden.read(["display_name"])
            found.append(sorted(shown.mapped("hours")))
        return found

    def test_what_is_private_is_seen_by_followers_and_who_staffs(self):
        """40 h and 100 h are asked for; 5 h and 7 h are booked of the private 40, 8 h of the others."""
        everything = [[40, 100], [5, 7, 8]]
        for person, seen in (
            (self.colleague, [[100], [8]]),
            (self.project_user, [[100], [8]]),
            (self.booked, [[40, 100], [5, 8]]),
            (self.resourcer, everything),
            (self.manager, everything),
        ):
            with self.subTest(person.name):
                self.assertEqual(self._seen(person), seen)
        self.secret.project_id.message_subscribe(self.project_user.user_id.partner_id.ids)
        self.assertEqual(self._seen(self.project_user), everything)

    def test_hours_of_private_projects_take_capacity_for_everybody(self):
        """Ann has 40 h in the week. 7 h of the private project and 8 h of the other are booked: of 80 h more,
        which the week holds 25 of, 55 are too many."""
        booking = self._book(self.open, self.ann, 80)
        for person in (self.colleague, self.project_user):
            self.env.invalidate_all()
            self.assertEqual(booking.with_user(person.user_id).overload_hours, 55)

    def test_a_list_of_twice_as_much_costs_as_many_queries(self):
        for _n in range(7):
            self._book(self.open, self.colleague, 1)
        bookings = self.env["psa.booking"].with_user(self.colleague.user_id)

        def read(limit):
            self.env.invalidate_all()
            return self._count_queries(lambda: bookings.search([], limit=limit).read(["hours"]))

        read(4)
        self.assertLessEqual(read(8), read(4))

    def test_an_open_end_shows_no_day(self):
        order = self._confirmed(self._hours(self.architect, 10), psa_date_end=False)
        self.assertTrue(order.psa_demand_ids.is_open_ended)
        for kind in ("list", "kanban"):
            arch = self.env["psa.demand"].get_views([(False, kind)])["views"][kind]["arch"]
            with self.subTest(kind):
                self.assertRegex(arch, r'<field name="date_end"[^>]* invisible="is_open_ended"')
                self.assertFalse(self.secret.is_open_ended)
