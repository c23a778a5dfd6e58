import runpy
from datetime import date

from odoo.exceptions import RedirectWarning, UserError
from odoo.modules import get_module_path
from odoo.tests import freeze_time, new_test_user, tagged

from .common import PsaResourceCase

TUESDAY = "2027-03-02"


@tagged("post_install", "-at_install")
class TestTimeOff(PsaResourceCase):
    """Time Off writes leave and public holidays as timesheets (the host's project_timesheet_holidays, which
    comes with Timesheets and Time Off): HR grants them, not the approver of time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann.resource_calendar_id = cls._calendar("Full time", "01234")
        cls.ann.tz = "UTC"
        cls.officer = new_test_user(
            cls.env, login="psa.hr", groups="hr_holidays.group_hr_holidays_manager,hr.group_hr_manager"
        )
        cls.kind = cls.env["hr.leave.type"].create(
            {"name": "Paid", "requires_allocation": False, "leave_validation_type": "no_validation"}
        )

    def _leave(self, day=TUESDAY):
        """A granted day of leave of Ann, and its time."""
        leave = self.env["hr.leave"].create(
            {
                "employee_id": self.ann.id,
                "holiday_status_id": self.kind.id,
                "request_date_from": day,
                "request_date_to": day,
            }
        )
        return leave, self._time_of(holiday_id=leave)

    def _holiday(self, day):
        """A public holiday, and the time of Ann on it."""
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.env.company.id,
                "date_from": f"{day} 00:00:00",
                "date_to": f"{day} 23:00:00",
            }
        )
        return holiday, self._time_of(global_leave_id=holiday)

    def _time_of(self, **values):
        ((name, record),) = values.items()
        domain = [(name, "=", record.id), ("employee_id", "=", self.ann.id)]
        time = self.env["account.analytic.line"].search(domain)
        self.assertEqual(time.mapped("unit_amount"), [8])
        return time

    def _hand_in(self, time, state="approved"):
        """Leave was handed in by an earlier version, and the database is upgraded."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_analytic_line SET psa_state = %s, psa_approved_by_id = %s WHERE id = ANY(%s)",
            [state, self.manager.user_id.id, time.ids],
        )
        path = get_module_path("psa_project") + "/migrations/19.0.1.3.3/post-leave_is_no_time.py"
        runpy.run_path(path)["migrate"](self.env.cr, "19.0.1.3.2")
        self.env.invalidate_all()

    def _week(self):
        """Leave on Tuesday and work on Wednesday: their time, as Ann."""
        _leave, time = self._leave()
        work = self._log(self.ann, 8, "2027-03-03")
        return time.with_user(self.ann.user_id), work.with_user(self.ann.user_id)

    def test_leave_is_not_submitted_with_the_time_of_a_week(self):
        time, work = self._week()
        (time | work).action_psa_submit()
        self.assertEqual((time.psa_state, work.psa_state), ("draft", "submitted"))
        with self.assertRaisesRegex(UserError, "no draft or refused time"):
            time.action_psa_submit()

    def test_work_that_was_approved_stays_so(self):
        time, work = self._week()
        self._hand_in(time | work)
        self.assertEqual((time.psa_state, work.psa_state), ("draft", "approved"))
        self.assertEqual(time.psa_approved_by_id | work.psa_approved_by_id, self.manager.user_id)
        self.assertFalse(time.psa_approved_by_id)

    def test_leave_does_not_wait_in_the_lists(self):
        _leave, time = self._leave()
        _holiday, free = self._holiday("2027-03-09")
        work = self._log(self.ann, 8, "2027-03-03")
        mine = [("employee_id", "=", self.ann.id), ("date", ">=", "2027-03-01"), ("date", "<", "2027-04-01")]
        lines = self.env["account.analytic.line"]
        self.assertEqual(lines.search([*mine, ("psa_is_leave", "=", True)]), time | free)
        self.assertEqual(lines.search([*mine, ("psa_is_leave", "=", False)]), work)
        self.assertEqual((time | free | work).mapped("psa_is_leave"), [True, True, False])

    def test_leave_whose_time_was_approved_is_refused_by_hr(self):
        for state in ("submitted", "approved"):
            leave, time = self._leave("2027-03-02" if state == "submitted" else "2027-03-04")
            self._hand_in(time, state)
            leave.with_user(self.officer).action_refuse()
            self.assertEqual(leave.state, "refuse")
            self.assertFalse(time.exists())

    @freeze_time("2027-02-01")
    def test_who_leaves_is_archived_whatever_became_of_their_holidays(self):
        _holiday, time = self._holiday("2027-03-09")
        self._hand_in(time)
        self.ann.with_user(self.officer).with_context(no_wizard=True).action_archive()
        self.assertFalse(self.ann.active)
        self.assertFalse(time.exists())

    def test_a_public_holiday_moves_to_another_day(self):
        holiday, time = self._holiday("2027-03-09")
        self._hand_in(time)
        holiday.write({"date_from": "2027-03-10 00:00:00", "date_to": "2027-03-10 23:00:00"})
        self.assertEqual(self._time_of(global_leave_id=holiday).date, date(2027, 3, 10))

    def test_people_change_no_leave_as_time(self):
        _leave, time = self._leave()
        with self.assertRaises(RedirectWarning), self.cr.savepoint():
            time.with_user(self.ann.user_id).unlink()
        with self.assertRaisesRegex(UserError, "linked to time off"), self.cr.savepoint():
            time.with_user(self.manager.user_id).write({"unit_amount": 4})
