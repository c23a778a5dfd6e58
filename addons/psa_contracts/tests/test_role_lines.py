from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestRoleLines(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            cls._phase("Design", "2026-03-01", "2026-03-31"),
            cls._hours(cls.architect, 40),
            cls._phase("Build", "2026-04-01", "2026-05-31"),
            cls._hours(cls.architect, 10),
            cls._hours(cls.developer, 100),
        )
        cls.order.action_confirm()
        cls.design, cls.build_arch, cls.build_dev = cls.order.order_line.filtered("psa_role_id")
        cls.sow_project = cls.design.task_id.project_id

    def test_time_on_a_task_lands_on_the_line_of_the_task(self):
        self.assertEqual(self._log_on(self.build_arch, self.ann, 1).so_line, self.build_arch)

    def test_another_role_on_the_task_lands_on_the_line_of_that_role(self):
        entry = self._log_on(self.design, self.ann, 1, psa_role_id=self.developer.id)
        self.assertEqual(entry.so_line, self.build_dev)
        entry.psa_role_id = self.architect
        self.assertEqual(entry.so_line, self.design)

    def test_time_without_a_task_lands_on_the_role_in_the_phase_of_the_day(self):
        def line(day):
            return self._log(self.manager, 1, day, project_id=self.sow_project.id, task_id=False).so_line

        self.assertEqual(line("2026-03-15"), self.design)
        self.assertEqual(line("2026-04-15"), self.build_arch)

    def test_a_role_that_was_not_sold_is_flagged_not_guessed(self):
        tester = self.env["project.role"].create({"name": "Tester"})
        entry = self._log_on(self.design, self.bob, 1, psa_role_id=tester.id)
        nobody = self._log(self.bob, 1, project_id=self.sow_project.id, task_id=False)
        self.assertFalse((entry | nobody).so_line)
        search = self.env.ref("psa_contracts.hr_timesheet_line_search")
        self.assertIn("psa_role_not_sold", search.arch)
        flagged = self.env["account.analytic.line"].search(
            [("so_line", "=", False), ("project_id.sale_line_id.order_id.psa_kind", "!=", False)]
        )
        self.assertEqual(flagged, entry | nobody)

    def test_approved_time_does_not_move(self):
        approved = self._log_on(self.design, self.manager, 2)
        approved.action_psa_submit()
        approved.action_psa_approve()
        draft = self._log_on(self.design, self.manager, 3)
        self.design.task_id.sale_line_id = self.build_arch
        self.env.flush_all()
        self.assertEqual((approved.so_line, draft.so_line), (self.design, self.build_arch))
        with self.assertRaisesRegex(UserError, "Recall it first"):
            approved.with_user(self.manager.user_id).so_line = self.build_dev

    def test_approved_time_in_a_role_that_was_not_sold_gets_no_line_by_recomputation(self):
        tester = self.env["project.role"].create({"name": "Tester"})
        approved = self._log_on(self.design, self.ann, 2, psa_role_id=tester.id, approved=True)
        draft = self._log_on(self.design, self.ann, 3, psa_role_id=tester.id)
        self.assertFalse((approved | draft).so_line)
        tester._psa_create_products()
        self.card.line_ids = [Command.create({"role_id": tester.id, "date_start": "2026-01-01", "price": 90})]
        self.order.write({"order_line": [self._hours(tester, 10)]})
        self.design.task_id.sale_line_id = self.build_arch  # makes the host look for lines again
        self.env.flush_all()
        self.assertEqual(draft.so_line.psa_role_id, tester)
        self.assertFalse(approved.so_line)
        approved.with_user(self.manager.user_id).action_psa_recall()
        self.assertEqual(
            approved.so_line, draft.so_line, "recalled, it lands on the line that was sold since"
        )

    def test_time_of_other_projects_behaves_as_stock(self):
        self.assertFalse(self._log(self.ann, 1).so_line)
