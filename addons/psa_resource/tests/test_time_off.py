"""Time off that is taken back takes its time along, also where that was submitted or approved."""

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import PsaResourceCase


@tagged("post_install", "-at_install")
class TestTimeOff(PsaResourceCase):
    """The host logs granted time off as time, which people hand in with their week."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann.resource_calendar_id = cls._calendar("Full time", "01234")
        cls.officer = new_test_user(cls.env, login="psa.leave", groups="hr_holidays.group_hr_holidays_user")
        kind = cls.env["hr.leave.type"].create(
            {"name": "Holiday", "requires_allocation": False, "leave_validation_type": "no_validation"}
        )
        cls.leave = cls.env["hr.leave"].create(
            {
                "name": "Sea",
                "employee_id": cls.ann.id,
                "holiday_status_id": kind.id,
                "request_date_from": "2026-03-02",
                "request_date_to": "2026-03-03",
            }
        )
        cls.time = cls.leave.timesheet_ids

    def test_time_off_is_refused_after_its_time_was_approved(self):
        self.assertEqual(sorted(self.time.mapped("unit_amount")), [8, 8])
        self.time.with_user(self.manager.user_id).action_psa_submit()
        self.time[0].with_user(self.manager.user_id).action_psa_approve()
        self.leave.with_user(self.officer).action_refuse()
        self.assertEqual((self.leave.state, self.time.exists()), ("refuse", self.time.browse()))

    def test_a_public_holiday_moves_after_its_time_was_submitted(self):
        day = self.env["resource.calendar.leaves"].create(
            {
                "name": "Founders' Day",
                "date_from": "2026-03-10 00:00:00",
                "date_to": "2026-03-10 23:59:59",
                "calendar_id": self.ann.resource_calendar_id.id,
                "company_id": self.env.company.id,
            }
        )
        own = day.timesheet_ids.filtered(lambda entry: entry.employee_id == self.ann)
        own.with_user(self.manager.user_id).action_psa_submit()
        day.write({"date_from": "2026-03-11 00:00:00", "date_to": "2026-03-11 23:59:59"})
        self.assertFalse(own.exists())
        self.assertEqual(
            day.timesheet_ids.filtered(lambda entry: entry.employee_id == self.ann).mapped("psa_state"),
            ["draft"],
        )

    def test_nobody_else_deletes_it(self):
        self.time.with_user(self.manager.user_id).action_psa_submit()
        with self.assertRaises(UserError), self.cr.savepoint():
            self.time.with_user(self.manager.user_id).unlink()
        work = self._log(self.ann, 8)
        work.action_psa_submit()
        with self.assertRaisesRegex(UserError, "Recall it first"):
            work.unlink()
