"""What an earlier version left in the database goes on under this one."""

import runpy
from pathlib import Path

from odoo.tests import tagged

from .common import PsaProjectCase

SCRIPTS = Path(__file__).parents[1] / "migrations"


@tagged("post_install", "-at_install")
class TestMigration(PsaProjectCase):
    def _indexes(self):
        self.env.cr.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'account_analytic_line'")
        return {name for (name,) in self.env.cr.fetchall()}

    def test_time_has_the_indexes_of_a_new_database(self):
        indexes = self._indexes()
        self.assertIn("account_analytic_line_psa_not_approved", indexes)
        self.env.cr.execute(
            """
            CREATE INDEX account_analytic_line__psa_state_index ON account_analytic_line (psa_state);
            CREATE INDEX account_analytic_line__psa_role_id_index ON account_analytic_line (psa_role_id);
            """
        )
        migrate = runpy.run_path(str(SCRIPTS / "19.0.1.2.0/post-indexes.py"))["migrate"]
        migrate(self.env.cr, None)
        self.assertEqual(len(self._indexes()), len(indexes) + 2, "nothing to do in a new database")
        migrate(self.env.cr, "19.0.1.1.0")
        self.assertEqual(self._indexes(), indexes)

    def test_tasks_of_a_copied_project_leave_the_phases_of_the_first(self):
        phase = self.env["psa.phase"].create({"name": "Design", "project_id": self.project.id})
        other = self.env["project.project"].create({"name": "Copy"})
        self.task.psa_phase_id = phase
        copied = self.env["project.task"].create({"name": "Build", "project_id": other.id})
        self.env.flush_all()
        self.env.cr.execute("UPDATE project_task SET psa_phase_id = %s WHERE id = %s", [phase.id, copied.id])
        migrate = runpy.run_path(str(SCRIPTS / "19.0.1.3.1/post-phase_of_project.py"))["migrate"]
        migrate(self.env.cr, "19.0.1.3.0")
        self.env.invalidate_all()
        self.assertEqual((self.task.psa_phase_id, copied.psa_phase_id), (phase, self.env["psa.phase"]))
