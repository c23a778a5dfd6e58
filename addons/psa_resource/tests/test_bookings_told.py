"""Bookings that do not fit any more, because of what others did: told, and cut step by step."""

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import PsaResourceCase


@tagged("post_install", "-at_install")
class TestBookingsTold(PsaResourceCase):
    """60 h of a developer are asked for from March to May."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sow = cls._confirmed(cls._hours(cls.developer, 60))
        cls.line = cls.sow.order_line
        cls.demand = cls.sow.psa_demand_ids
        cls.engagement = cls.demand.project_id
        cls.engagement.user_id = cls.manager.user_id

    def _confirm(self, *lines, **values):
        change = self._change(self.sow, *lines, **values)
        change.action_confirm()
        return change

    def _told(self):
        """The notes about bookings on the project, the newest first."""
        notes = self.engagement.message_ids.filtered(lambda note: "Bookings to look at" in (note.body or ""))
        for note in notes:
            self.assertIn(self.manager.user_id.partner_id, note.notified_partner_ids)
        return notes.mapped("body")

    def test_bookings_are_cut_one_after_the_other_where_less_is_asked_for(self):
        """30 h each of Ann and Bob; a change order leaves 20 h. 25 + 30, then Bob's soft, then 20 h."""
        ann, bob = self._book(self.demand, self.ann, 30), self._book(self.demand, self.bob, 30)
        self._confirm(self._amend(self.line, -40))
        (told,) = self._told()
        self.assertIn("20 h are asked for, 60 h are booked", told)
        ann.hours = 25
        with self.assertRaisesRegex(ValidationError, "asks for 20 h"), self.cr.savepoint():
            ann.hours = 26
        bob.kind = "soft"
        ann.hours = 20
        self.assertEqual((self.demand.booked_hours, self.demand.open_hours), (20, 0))
        with self.assertRaisesRegex(ValidationError, "asks for 20 h"), self.cr.savepoint():
            bob.kind = "hard"

    def test_who_booked_is_told_too_and_finds_the_demand(self):
        """Of 60 h the resource manager books 50 h; a change order leaves 40 h."""
        booker = self.resourcer.user_id
        self._book(self.demand, self.ann, 5)
        booking = self._book(self.demand.with_user(booker), self.bob, 45)
        self.assertEqual(booking.create_uid, booker)
        found = self.demand.with_user(booker)
        self.assertFalse(found.has_misfit)
        self._confirm(self._amend(self.line, -20))
        self._told()
        note = self.engagement.message_ids[0]
        self.assertIn(booker.partner_id, note.notified_partner_ids)
        self.assertIn(f'data-oe-id="{self.demand.id}"', note.body)
        self.assertIn("40 h are asked for, 50 h are booked", found.misfits)
        mine = self.env["psa.demand"].with_user(booker)
        self.assertIn(found, mine.search([("has_misfit", "=", True)]))
        self.assertNotIn(found, mine.search([("has_misfit", "=", False)]))
        booking.hours = 35
        self.assertFalse(found.has_misfit)
        self.assertNotIn(found, mine.search([("has_misfit", "=", True)]))

    def test_a_day_is_empty_while_another_one_is_typed(self):
        self._book(self.demand, self.ann, 30, "2026-05-04", "2026-05-29")
        with Form(self.demand) as form:
            form.date_end = False
            self.assertFalse(form.has_misfit)
            form.date_end = "2026-05-15"
        self.assertIn("outside of", self.demand.misfits)

    def test_a_booking_on_other_days_is_found_as_well(self):
        self._book(self.demand, self.ann, 30, "2026-05-04", "2026-05-29")
        self._confirm(psa_date_end="2026-04-30")
        self.assertIn("outside of", self.demand.misfits)
        self.assertIn(self.demand, self.demand.search([("has_misfit", "=", True)]))
        # nobody is asked for any more: that takes no capacity
        self._confirm(self._amend(self.line, -60))
        self.assertFalse(self.demand.has_misfit)
        self.assertNotIn(self.demand, self.demand.search([("has_misfit", "=", True)]))

    def test_a_booking_does_not_move_to_a_demand_that_is_full(self):
        other = self._confirmed(self._hours(self.developer, 10)).psa_demand_ids
        booking = self._book(self.demand, self.ann, 30)
        with self.assertRaisesRegex(ValidationError, "asks for 10 h"), self.cr.savepoint():
            booking.demand_id = other

    def test_a_sow_that_ends_earlier_tells_what_is_booked_after_it(self):
        self._book(self.demand, self.ann, 30, "2026-05-04", "2026-05-29")
        self._book(self.demand, self.bob, 10, "2026-04-06", "2026-04-10")
        self._confirm(psa_date_end="2026-04-30")
        (told,) = self._told()
        self.assertIn("Ann is booked 30 h from 05/04/2026 to 05/29/2026, outside of", told)
        self.assertNotIn("Bob", told)
        # told once: another change order that moves nothing says nothing more
        self._confirm(self._amend(self.line, 5))
        self.assertEqual(len(self._told()), 1)

    def test_days_and_hours_are_told_in_the_language_of_who_changes_the_order(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self._book(self.demand, self.ann, 7.5, "2026-05-04", "2026-05-29")
        change = self._change(self.sow, psa_date_end="2026-04-30")
        change.with_context(lang="de_DE").action_confirm()
        (told,) = self._told()
        self.assertIn("Ann is booked 7,5 h from 04.05.2026 to 29.05.2026, outside of", told)

    def test_a_line_that_is_taken_off_tells_whom_it_had(self):
        self._book(self.demand, self.ann, 30)
        self._confirm(self._amend(self.line, -60))
        self.assertIn("nobody is asked for any more, 30 h were booked", self._told()[0])

    def test_a_sow_that_is_signed_again_tells_who_was_booked_elsewhere_since(self):
        """Ann's 40 h of the first week of March were free again while the SOW was cancelled, and went to
        another one. Both together are 40 h too many."""
        self._book(self.demand, self.ann, 40)
        self.sow._action_cancel()
        other = self._confirmed(self._hours(self.developer, 60)).psa_demand_ids
        self._book(other, self.ann, 40)
        self.sow.action_draft()
        self.sow.action_confirm()
        (told,) = self._told()
        self.assertIn("Ann: 40 of 40 h do not fit any more", told)

    def test_what_fits_is_not_told(self):
        self._book(self.demand, self.ann, 40)
        self._confirm(self._amend(self.line, -20))
        self.sow.psa_change_ids.action_cancel()
        self.sow._action_cancel()
        self.sow.action_draft()
        self.sow.action_confirm()
        self.assertFalse(self._told())

    def test_who_leaves_is_told_to_the_projects_that_count_on_them(self):
        today = fields.Date.context_today(self.sow)
        later = fields.Date.add(today, days=30)
        self.demand.write({"date_start": "2026-03-01", "date_end": later})
        self._book(self.demand, self.ann, 20, today, later)
        self._book(self.demand, self.bob, 20, today, later)
        self.ann.action_archive()
        (told,) = self._told()
        self.assertIn("Ann has left, and is booked 20 h until", told)

    def test_projects_are_told_who_leaves_on_a_day_to_come(self):
        """Ann leaves on 15 January 2099: what she is booked for until February is told, what ends before is
        not. Whoever is archived with it is told once."""
        self.demand.hours = 200
        self._book(self.demand, self.ann, 30, "2099-01-05", "2099-01-15")
        self._book(self.demand, self.ann, 20, "2099-01-12", "2099-02-13")
        self._book(self.demand, self.bob, 10, "2099-02-02", "2099-02-13")
        leave = self.env["hr.departure.wizard"].with_context(active_ids=self.ann.ids)
        leave.create({"departure_date": "2099-01-15"}).action_register_departure()
        (told,) = self._told()
        self.assertIn("Ann leaves on 01/15/2099, and is booked 20 h until 02/13/2099", told)
        self.assertNotIn("30 h", told)
        leave = leave.with_context(active_ids=self.bob.ids, employee_termination=True)
        leave.create({"departure_date": "2099-01-15"}).action_register_departure()
        self.assertFalse(self.bob.active)
        self.assertEqual(len(self._told()), 2)
        self.assertIn("Bob has left, and is booked 10 h", self._told()[0])
