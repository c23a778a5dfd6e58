from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import PsaProjectCase


@tagged("post_install", "-at_install")
class TestPhases(PsaProjectCase):
    def _phase(self, **values):
        return self.env["psa.phase"].create({"name": "Design", "project_id": self.project.id, **values})

    def test_spent_hours_are_those_of_the_tasks_of_the_phase(self):
        phase, empty = self._phase(budget_hours=10), self._phase()
        self.task.psa_phase_id = phase
        self._log(self.ann, 3)
        self._log(self.bob, 1.5)
        self._log(self.bob, 8, task_id=False)
        self.assertEqual(phase.spent_hours, 4.5)
        self.assertEqual(empty.spent_hours, 0)
        # a consultant sees the sum although the entries are not theirs
        self.env.invalidate_all()
        self.assertEqual(phase.with_user(self.bob.user_id).spent_hours, 4.5)

    def test_an_end_before_the_start_and_a_negative_budget_are_refused(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(CheckViolation, "dates_in_order"),
            self.cr.savepoint(),
        ):
            self._phase(date_start="2026-03-02", date_end="2026-03-01")
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(CheckViolation, "budget_not_negative"):
            self._phase(budget_hours=-1)

    def test_budget_lines_that_take_off_more_than_is_there_leave_nothing(self):
        """A change order takes 40 h off a line of 100 h that somebody has moved to another phase."""
        phase = self._phase()
        lines = self.env["psa.budget.line"].create(
            [
                {"project_id": phase.project_id.id, "phase_id": phase.id, "hours": hours}
                for hours in (100, -40)
            ]
        )
        self.assertEqual(phase.budget_hours, 60)
        lines[0].phase_id = False
        self.env.flush_all()
        self.assertEqual(phase.budget_hours, 0)

    def test_a_file_puts_nothing_into_the_phase_of_another_project(self):
        """Phases of several projects are called Design: a file that names it so meant another one."""
        phase = self._phase()
        other = self.env["project.project"].create({"name": "Other"})
        for model, fields, row in (
            ("psa.budget.line", ["project_id", "phase_id", "hours"], ["Other", "Design", "5"]),
            ("project.task", ["project_id", "psa_phase_id", "name"], ["Other", "Design", "Part"]),
        ):
            with self.subTest(model):
                result = self.env[model].with_user(self.manager.user_id).load(fields, [row])
                self.assertFalse(result["ids"])
                told = [message["message"] for message in result["messages"]]
                self.assertTrue(any("The phase Design of" in text for text in told), told)
                self.assertFalse(self.env[model].search([("project_id", "=", other.id)]))
        self.task.psa_phase_id = phase
        with self.assertRaisesRegex(ValidationError, "Design of Build is none of Rollout"):
            phase.project_id = other

    def test_a_copy_of_a_project_has_phases_of_its_own(self):
        """The tasks of the copy stayed in the phases of the first project: 5 h on them were spent there."""
        phase = self._phase(budget_hours=10, state="active", date_start="2026-03-02")
        self.task.psa_phase_id = phase
        self.env["project.task"].create(
            {"name": "Part", "parent_id": self.task.id, "project_id": self.project.id, "active": False}
        )
        copied = self.project.with_user(self.manager.user_id).copy()
        own = copied.psa_phase_ids
        self.assertEqual(
            (own.name, own.budget_hours, own.state, own.date_start), ("Design", 10, "planned", False)
        )
        tasks = (
            self.env["project.task"].with_context(active_test=False).search([("project_id", "=", copied.id)])
        )
        self.assertEqual((len(tasks), tasks.psa_phase_id), (2, own))
        self._log(
            self.ann, 5, project_id=copied.id, task_id=tasks.filtered(lambda task: task.name == "Build").id
        )
        self.assertEqual((phase.spent_hours, own.spent_hours), (0, 5))

    def test_a_task_that_moves_to_another_project_leaves_its_phase(self):
        self.task.psa_phase_id = self._phase()
        part = self.env["project.task"].create({"name": "Part", "parent_id": self.task.id})
        self.assertEqual(part.psa_phase_id, self.task.psa_phase_id, "a part is in the phase of its task")
        other = self.env["project.project"].create({"name": "Other"})
        self.assertFalse(self.task.copy({"project_id": other.id}).psa_phase_id)
        self.task.project_id = other
        self.assertFalse((self.task | part).psa_phase_id)

    def test_consultants_read_phases_and_only_managers_change_them(self):
        phase = self._phase()
        self.assertEqual(phase.with_user(self.ann.user_id).name, "Design")
        with self.assertRaises(AccessError):
            phase.with_user(self.ann.user_id).name = "Mine"
        phase.with_user(self.manager.user_id).name = "Ours"
        self.assertEqual(phase.name, "Ours")

    def test_phases_of_another_company_and_of_private_projects_are_hidden(self):
        other = self.env["res.company"].create({"name": "Sister"})
        foreign = self._person("foreign", "psa_project.group_psa_project_manager", company=other)
        phase = self._phase()
        self.project.company_id = self.env.company
        with self.assertRaises(AccessError):
            phase.with_user(foreign.user_id).read(["name"])
        self.project.privacy_visibility = "followers"
        with self.assertRaises(AccessError):
            phase.with_user(self.ann.user_id).read(["name"])
        self.assertEqual(phase.with_user(self.manager.user_id).name, "Design")

    def test_the_screens_open_for_those_who_use_them(self):
        with Form(self.project.with_user(self.manager.user_id), "project.edit_project") as form:
            with form.psa_phase_ids.new() as phase:
                phase.name = "Build"
                phase.budget_hours = 40
        self.assertEqual(self.project.psa_phase_ids.mapped("name"), ["Build"])
        self.env["account.analytic.line"].with_user(self.ann.user_id).get_views(
            [(False, "list"), (False, "search")]
        )
        self.env["project.task"].with_user(self.manager.user_id).get_views(
            [(False, "form"), (False, "search")]
        )
        settings = Form(self.env["res.config.settings"])
        settings.psa_self_approval = True
        settings.save().execute()
        self.assertTrue(self.env.company.psa_self_approval)

    def test_deleting_a_project_takes_its_team_and_phases_along(self):
        empty = self.env["project.project"].create(
            {"name": "Empty", "psa_phase_ids": [Command.create({"name": "One"})]}
        )
        phase = empty.psa_phase_ids
        empty.unlink()
        self.assertFalse(phase.exists())
