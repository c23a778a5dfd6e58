from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PsaProjectCase


@tagged("post_install", "-at_install")
class TestClosedTime(PsaProjectCase):
    """February 2026 is closed. Ann logged 8 h on the 27th and 4 h on March 2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        entries = cls._log(cls.ann, 8, "2026-02-27") | cls._log(cls.ann, 4, "2026-03-02")
        cls.env.company.psa_time_closed_until = "2026-02-28"
        cls.closed, cls.open = entries.with_user(cls.ann.user_id)

    def test_nobody_logs_time_on_a_closed_day(self):
        for employee in (self.ann, self.manager):
            model = self.env["account.analytic.line"].with_user(employee.user_id)
            values = {"name": "Late", "project_id": self.project.id, "unit_amount": 1}
            with self.assertRaisesRegex(UserError, "until 02/28/2026 is closed.*open the period again"):
                model.create({**values, "date": "2026-02-28"})
            self.assertEqual(model.create({**values, "date": "2026-03-01"}).unit_amount, 1)

    def test_the_days_are_written_as_the_reader_writes_them(self):
        self.env["res.lang"]._activate_lang("de_DE")
        told = r"until 28\.02\.2026 is closed: .* of 27\.02\.2026 cannot"
        with self.assertRaisesRegex(UserError, told):
            self.closed.with_context(lang="de_DE").unit_amount = 6

    def test_neither_does_a_file(self):
        model = self.env["account.analytic.line"].with_user(self.ann.user_id)
        columns = ["name", "project_id/.id", "unit_amount", "date"]
        rows = [["Late", str(self.project.id), "1", day] for day in ("2026-02-28", "2026-03-01")]
        answer = model.load(columns, rows)
        self.assertFalse(answer["ids"])
        self.assertIn("is closed", answer["messages"][0]["message"])

    def test_time_of_a_closed_day_stays_as_it_is(self):
        for values in ({"unit_amount": 6}, {"date": "2026-03-02"}, {"name": "Other"}):
            with self.assertRaisesRegex(UserError, "is closed"):
                self.closed.write(values)
        with self.assertRaisesRegex(UserError, "is closed"):
            self.closed.unlink()
        self.assertTrue(self.closed.readonly_timesheet)
        self.assertFalse(self.open.readonly_timesheet)
        self.open.unit_amount = 5

    def test_nor_does_it_leave_for_a_company_that_closed_nothing(self):
        """Whoever works for two companies moved an entry to the other one by RPC, and changed it there."""
        sister = self.env["res.company"].create({"name": "Sister"})
        self.ann.user_id.company_ids |= sister
        entry = self.closed.with_context(allowed_company_ids=[self.env.company.id, sister.id])
        for values in ({"company_id": sister.id}, {"amount": 0}):
            with self.subTest(values), self.assertRaisesRegex(UserError, "is closed"), self.cr.savepoint():
                entry.write(values)

    def test_time_does_not_move_to_a_closed_day(self):
        with self.assertRaisesRegex(UserError, "is closed"):
            self.open.date = "2026-02-01"
        form = Form(self.open)
        form.date = "2026-02-01"
        with self.assertRaisesRegex(UserError, "is closed"):
            form.save()

    def test_what_was_logged_in_time_is_submitted_and_approved_later(self):
        self.closed.action_psa_submit()
        entry = self.closed.with_user(self.manager.user_id)
        entry._psa_refuse("On which task?")
        self.closed.action_psa_submit()
        entry.action_psa_approve()
        self.assertEqual(entry.psa_state, "approved")

    def test_it_is_not_recalled(self):
        (self.closed | self.open).action_psa_submit()
        with self.assertRaisesRegex(UserError, "is closed"):
            (self.closed | self.open).action_psa_recall()
        self.open.action_psa_recall()
        (self.closed | self.open).with_user(self.manager.user_id).action_psa_approve()
        with self.assertRaisesRegex(UserError, "is closed"):
            self.closed.with_user(self.manager.user_id).action_psa_recall()

    def test_a_task_that_moves_leaves_closed_time_where_it_was_worked(self):
        other = self.env["project.project"].create({"name": "Support"})
        self.task.project_id = other
        self.assertEqual(self.closed.project_id, self.project)
        self.assertEqual(self.open.project_id, other)

    def test_an_administrator_opens_the_period_again(self):
        settings = self.env["res.config.settings"].create({"psa_time_closed_until": False})
        settings.execute()
        self.closed.unit_amount = 6
        with self.assertRaises(AccessError):
            self.env.company.with_user(self.manager.user_id).psa_time_closed_until = "2026-03-31"

    def test_each_company_closes_its_own(self):
        other = self.env["res.company"].create({"name": "Other"})
        cleo = self._person("cleo", "psa_project.group_psa_user", company=other)
        project = self.env["project.project"].create({"name": "Elsewhere", "company_id": other.id})
        model = self.env["account.analytic.line"].with_user(cleo.user_id)
        entry = model.create(
            {"name": "Work", "project_id": project.id, "unit_amount": 1, "date": "2026-02-27"}
        )
        self.assertEqual(entry.date, fields.Date.to_date("2026-02-27"))

    def test_the_system_notes_leave_that_is_granted_late(self):
        """Leave is time on an internal project, which the host writes in sudo."""
        values = {"name": "Leave", "project_id": self.project.id, "employee_id": self.ann.id}
        leave = self.closed.sudo().create({**values, "unit_amount": 8, "date": "2026-02-26"})
        leave.unlink()

    def test_costs_are_no_time(self):
        """What a vendor bill books on a project is not logged by anybody: the lock dates of accounting
        rule it."""
        plan = self.project.account_id or self.project._create_analytic_account() or self.project.account_id
        cost = self.env["account.analytic.line"].create(
            {"name": "Hosting", "account_id": plan.id, "amount": -100, "date": "2026-02-27"}
        )
        cost.name = "Hosting of February"
        self.assertFalse(cost._psa_is_closed())

    def test_many_entries_ask_once(self):
        """10 entries at a time: no query for each of them."""
        values = {"name": "Work", "project_id": self.project.id, "task_id": self.task.id, "unit_amount": 1}
        model = self.env["account.analytic.line"].with_user(self.ann.user_id)
        entries = model.create([{**values, "date": "2026-03-03"} for _number in range(10)])
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(8):
            entries._psa_check_open()
