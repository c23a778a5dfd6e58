from psycopg2.errors import CheckViolation

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import PsaProjectCase


@tagged("post_install", "-at_install")
class TestRoles(PsaProjectCase):
    def _join(self, employee, role, start=False, end=False):
        return self.env["psa.team.member"].create(
            {
                "project_id": self.project.id,
                "employee_id": employee.id,
                "role_id": role.id,
                "date_start": start,
                "date_end": end,
            }
        )

    def test_the_main_role_counts_where_nothing_else_is_said(self):
        self.assertEqual(self._log(self.ann, 1).psa_role_id, self.developer)
        self.assertFalse(self._log(self.bob, 1).psa_role_id)

    def test_the_team_beats_the_main_role_on_the_days_of_the_membership(self):
        self._join(self.ann, self.architect, "2026-03-01", "2026-03-31")
        self.assertEqual(self._log(self.ann, 1, "2026-03-31").psa_role_id, self.architect)
        self.assertEqual(self._log(self.ann, 1, "2026-04-01").psa_role_id, self.developer)

    def test_the_task_beats_the_team(self):
        self._join(self.ann, self.architect)
        self.task.psa_role_id = self.developer
        self.assertEqual(self._log(self.ann, 1).psa_role_id, self.developer)

    def test_a_part_of_a_task_is_worked_in_the_role_of_its_task(self):
        self._join(self.ann, self.architect)
        self.task.psa_role_id = self.developer
        part = self.env["project.task"].create({"name": "Part", "parent_id": self.task.id})
        piece = self.env["project.task"].create({"name": "Piece", "parent_id": part.id})
        self.assertEqual(piece.project_id, self.project)
        self.assertEqual(self._log(self.ann, 1, task_id=piece.id).psa_role_id, self.developer)
        # one that says another role has that one, and what is a part of it, too
        part.psa_role_id = self.architect
        self.assertEqual(self._log(self.bob, 1, task_id=piece.id).psa_role_id, self.architect)

    def test_a_part_in_another_project_is_worked_as_its_own_team_says(self):
        self.task.psa_role_id = self.architect
        other = self.env["project.project"].create({"name": "Other"})
        part = self.env["project.task"].create({"name": "Part", "parent_id": self.task.id})
        part.project_id = other
        entry = self._log(self.ann, 1, project_id=other.id, task_id=part.id)
        self.assertEqual(entry.psa_role_id, self.developer)

    def test_who_may_see_the_part_only_has_the_role_of_the_task(self):
        self.task.psa_role_id = self.architect
        self.project.privacy_visibility = "followers"
        part = self.env["project.task"].create(
            {"name": "Part", "parent_id": self.task.id, "user_ids": self.ann.user_id.ids}
        )
        part.message_subscribe(self.ann.user_id.partner_id.ids)
        mine = (
            self.env["account.analytic.line"]
            .with_user(self.ann.user_id)
            .create({"name": "Own", "project_id": self.project.id, "task_id": part.id, "unit_amount": 1})
        )
        self.assertFalse(self.task.with_user(self.ann.user_id).has_access("read"))
        self.assertEqual(mine.psa_role_id, self.architect)

    def test_a_role_typed_on_the_entry_beats_all(self):
        self.task.psa_role_id = self.developer
        self.assertEqual(self._log(self.ann, 1, psa_role_id=self.architect.id).psa_role_id, self.architect)

    def test_the_role_of_submitted_time_does_not_follow_later_changes(self):
        entry = self._log(self.ann, 1)
        entry.action_psa_submit()
        self.task.psa_role_id = self.architect
        self.ann.psa_role_id = self.architect
        entry.modified(["task_id"])
        self.env.flush_all()
        self.assertEqual(entry.psa_role_id, self.developer)

    def test_time_without_a_project_has_no_role(self):
        line = self.env["account.analytic.line"].create({"name": "Cost", "employee_id": self.ann.id})
        self.assertFalse(line.psa_role_id)

    def test_two_roles_on_one_day_are_refused_and_named(self):
        self._join(self.ann, self.architect, "2026-01-01", "2026-03-31")
        with self.assertRaisesRegex(ValidationError, "Architect and Developer"), self.cr.savepoint():
            self._join(self.ann, self.developer, "2026-03-31")
        self._join(self.ann, self.developer, "2026-04-01")
        self._join(self.bob, self.developer)

    def test_leaving_before_joining_is_refused(self):
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(CheckViolation, "dates_in_order"):
            self._join(self.ann, self.architect, "2026-03-31", "2026-03-01")

    def test_consultants_see_roles_without_hr_rights(self):
        public = self.env["hr.employee.public"].with_user(self.bob.user_id).browse(self.ann.id)
        self.assertEqual(public.psa_role_id, self.developer)
        # read through hr.employee too, as the timesheet list does
        self.assertEqual(self.ann.with_user(self.bob.user_id).psa_role_id, self.developer)
        mine = (
            self.env["account.analytic.line"]
            .with_user(self.ann.user_id)
            .create({"name": "Own", "project_id": self.project.id, "task_id": self.task.id, "unit_amount": 1})
        )
        self.assertEqual(mine.psa_role_id, self.developer)

    def test_choosing_the_employee_proposes_the_main_role(self):
        form = Form(self.env["psa.team.member"].with_context(default_project_id=self.project.id))
        form.employee_id = self.ann
        self.assertEqual(form.role_id, self.developer)

    def test_time_from_before_the_team_was_put_together_takes_its_role_when_it_is_handed_in(self):
        """Bob has no main role. He logs in the first week, the team is put together in the second."""
        draft, submitted = self._log(self.bob, 8), self._log(self.bob, 8, "2026-03-03")
        submitted.with_user(self.bob.user_id).action_psa_submit()
        self.assertFalse((draft | submitted).psa_role_id)
        self._join(self.bob, self.architect)
        draft.with_user(self.bob.user_id).action_psa_submit()
        self.assertEqual(draft.psa_role_id, self.architect)
        submitted.with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual(submitted.psa_role_id, self.architect)

    def test_a_role_that_is_there_stays_when_time_is_handed_in(self):
        entry = self._log(self.ann, 8)
        self.assertEqual(entry.psa_role_id, self.developer)  # her main role
        self._join(self.ann, self.architect)
        entry.with_user(self.ann.user_id).action_psa_submit()
        entry.with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual(entry.psa_role_id, self.developer)
