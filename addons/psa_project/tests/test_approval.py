from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PsaProjectCase


@tagged("post_install", "-at_install")
class TestApproval(PsaProjectCase):
    def _submitted(self, employee=None, hours=8):
        employee = employee or self.ann
        entry = self._log(employee, hours)
        entry.with_user(employee.user_id).action_psa_submit()
        return entry

    def test_time_is_submitted_by_its_owner_and_approved_by_the_manager(self):
        entry = self._log(self.ann, 8)
        self.assertEqual(entry.psa_state, "draft")
        entry.with_user(self.ann.user_id).action_psa_submit()
        self.assertEqual(entry.psa_state, "submitted")
        entry.with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual(entry.psa_state, "approved")
        self.assertEqual(entry.psa_approved_by_id, self.manager.user_id)
        self.assertTrue(entry.psa_approved_on)

    def test_draft_time_cannot_be_approved_before_it_is_submitted(self):
        entry = self._log(self.ann, 8)
        with self.assertRaisesRegex(UserError, "no submitted time"):
            entry.with_user(self.manager.user_id).action_psa_approve()

    def test_consultants_cannot_approve(self):
        entry = self._submitted()
        with self.assertRaises(AccessError):
            entry.with_user(self.ann.user_id).action_psa_approve()
        with self.assertRaises(AccessError):
            entry.with_user(self.ann.user_id).action_psa_refuse()
        self.assertEqual(entry.psa_state, "submitted")

    def test_a_consultant_cannot_submit_the_time_of_another(self):
        entry = self._log(self.ann, 8)
        with self.assertRaises(AccessError):
            entry.with_user(self.bob.user_id).action_psa_submit()

    def test_nobody_approves_their_own_time_unless_the_company_allows_it(self):
        entry = self._submitted(self.manager)
        with self.assertRaisesRegex(UserError, "your own time"):
            entry.with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual(entry.psa_state, "submitted")
        self.env.company.psa_self_approval = True
        entry.with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual(entry.psa_state, "approved")

    def test_ones_own_time_is_not_approved_under_the_name_of_another_user(self):
        """The user of an entry can be written by RPC; whose time it is says the person."""
        entry = self._log(self.manager, 8)
        entry.with_user(self.manager.user_id).user_id = self.ann.user_id
        entry.with_user(self.manager.user_id).action_psa_submit()
        with self.assertRaisesRegex(UserError, "your own time"):
            entry.with_user(self.manager.user_id).action_psa_approve()

    def test_no_time_is_born_approved_by_a_default(self):
        """Neither by the context of a call nor by a default that its writer keeps."""
        entries = self.env["account.analytic.line"].with_user(self.ann.user_id)
        values = {"name": "Work", "project_id": self.project.id, "task_id": self.task.id, "unit_amount": 8}
        approved = {
            "default_psa_state": "approved",
            "default_psa_approved_by_id": self.manager.user_id.id,
            "default_psa_approved_on": "2026-03-02 10:00:00",
        }
        by_context = entries.with_context(**approved).create(values)
        self.env["ir.default"].set("account.analytic.line", "psa_state", "approved", self.ann.user_id.id)
        for entry in by_context, entries.create(values):
            self.assertEqual((entry.psa_state, entry.psa_approved_on), ("draft", False))
            self.assertFalse(entry.psa_approved_by_id)

    def test_one_own_entry_in_a_batch_approves_none_of_it(self):
        others, own = self._submitted(), self._submitted(self.manager)
        with self.assertRaises(UserError):
            (others | own).with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual(others.psa_state, "submitted")

    def test_refused_hours_are_told_as_their_owner_writes_them_not_as_who_refuses(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.ann.user_id.lang = "de_DE"
        self._submitted(hours=7.5).with_user(self.manager.user_id)._psa_refuse("On which task?")
        told = self.env["mail.message"].search(
            [("partner_ids", "in", self.ann.user_id.partner_id.ids)], limit=1
        )
        self.assertIn("7,50 hours were refused: On which task?", told.body)

    def test_refused_time_says_why_and_can_be_corrected_and_submitted_again(self):
        entry = self._submitted()
        action = entry.with_user(self.manager.user_id).action_psa_refuse()
        dialog = Form(
            self.env["psa.timesheet.refuse"].with_user(self.manager.user_id).with_context(**action["context"])
        )
        dialog.reason = "Travel goes on the travel task"
        dialog.save().action_refuse()
        self.assertEqual(entry.psa_state, "refused")
        self.assertEqual(entry.psa_refusal_reason, "Travel goes on the travel task")
        told = self.env["mail.message"].search(
            [("partner_ids", "in", self.ann.user_id.partner_id.ids)], limit=1
        )
        self.assertIn("Travel goes on the travel task", told.body)
        entry.with_user(self.ann.user_id).write({"unit_amount": 6})
        entry.with_user(self.ann.user_id).action_psa_submit()
        self.assertEqual(entry.psa_state, "submitted")
        self.assertFalse(entry.psa_refusal_reason)

    def test_refusing_needs_a_reason(self):
        entry = self._submitted()
        with self.assertRaisesRegex(UserError, "Say why"):
            entry.with_user(self.manager.user_id)._psa_refuse("  ")

    def test_the_owner_recalls_submitted_time_but_not_approved_time(self):
        entry = self._submitted()
        entry.with_user(self.ann.user_id).action_psa_recall()
        self.assertEqual(entry.psa_state, "draft")
        entry.with_user(self.ann.user_id).action_psa_submit()
        entry.with_user(self.manager.user_id).action_psa_approve()
        with self.assertRaises(AccessError):
            entry.with_user(self.ann.user_id).action_psa_recall()
        entry.with_user(self.manager.user_id).action_psa_recall()
        self.assertEqual(entry.psa_state, "draft")
        self.assertFalse(entry.psa_approved_by_id)

    def test_submitted_and_approved_time_is_locked(self):
        entry = self._submitted()
        for values in (
            {"unit_amount": 9},
            {"date": "2026-03-03"},
            {"psa_role_id": self.architect.id},
            {"name": "x"},
            {"product_uom_id": self.env.ref("uom.product_uom_day").id},
            {"amount": 0},
            {"company_id": self.env.company.id},
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, "Recall it first"):
                entry.with_user(self.ann.user_id).write(values)
        with self.assertRaisesRegex(UserError, "Recall it first"):
            entry.with_user(self.ann.user_id).unlink()
        self.assertTrue(entry.readonly_timesheet)

    def test_approved_time_stays_on_its_project_when_the_task_moves(self):
        entry, draft = self._submitted(), self._log(self.ann, 1)
        other = self.env["project.project"].create({"name": "Other"})
        self.task.project_id = other
        self.assertEqual(entry.project_id, self.project)
        self.assertEqual(draft.project_id, other)

    def test_the_state_cannot_be_written_or_created_over_rpc(self):
        entry = self._log(self.ann, 8)
        with self.assertRaises(AccessError):
            entry.with_user(self.manager.user_id).write({"psa_state": "approved"})
        values = {"project_id": self.project.id, "employee_id": self.ann.id, "unit_amount": 1, "name": "x"}
        for forged in ({"psa_state": "approved"}, {"psa_approved_by_id": self.manager.user_id.id}):
            with self.subTest(forged), self.assertRaises(AccessError):
                self.env["account.analytic.line"].with_user(self.ann.user_id).create({**values, **forged})

    def test_a_copy_starts_as_a_draft(self):
        entry = self._submitted()
        self.assertEqual(entry.copy().psa_state, "draft")

    def test_empty_hours_and_lines_that_are_no_time_cannot_be_submitted(self):
        with self.assertRaisesRegex(UserError, "without hours"):
            self._log(self.ann, 0).action_psa_submit()
        cost = self.env["account.analytic.line"].create({"name": "Cost", "amount": -5})
        with self.assertRaisesRegex(UserError, "no draft or refused"):
            cost.action_psa_submit()
        with self.assertRaisesRegex(UserError, "drafts already"):
            self._log(self.ann, 1).action_psa_recall()
        with self.assertRaisesRegex(UserError, "no submitted time"):
            self._log(self.ann, 1).action_psa_refuse()

    def test_the_form_fits_a_database_that_shares_projects_with_clients(self):
        """There clients read time, but not why it was refused: a form that showed it is warned of."""
        self.env.ref("hr_timesheet.access_account_analytic_line_portal_user").active = True
        with self.assertNoLogs("odoo.addons.base.models.ir_ui_view", "WARNING"):
            self.env.ref("psa_project.hr_timesheet_line_form")._check_xml()
            self.env.ref("psa_project.hr_timesheet_line_tree")._check_xml()

    def test_approving_costs_the_same_queries_for_ten_entries_as_for_twenty(self):
        def approve(count):
            entries = self.env["account.analytic.line"].concat(
                *[self._log(self.ann, 1) for _ in range(count)]
            )
            entries.action_psa_submit()
            return self._count_queries(lambda: entries.with_user(self.manager.user_id).action_psa_approve())

        approve(2)  # fills the caches
        self.assertLessEqual(approve(20), approve(10) + 2)

    def test_who_has_handed_in_time_is_archived_not_deleted(self):
        carl = self.env["hr.employee"].create({"name": "Carl"})
        entry = self._log(carl, 2)
        entry.action_psa_submit()
        entry.with_user(self.manager.user_id).action_psa_approve()
        with self.assertRaisesRegex(UserError, "Carl has time .* on Rollout.*Archive"), self.cr.savepoint():
            carl.unlink()
        carl.action_archive()
        self.assertEqual(entry.employee_id, carl)
        # drafts keep nobody
        dora = self.env["hr.employee"].create({"name": "Dora"})
        self._log(dora, 2)
        dora.unlink()
