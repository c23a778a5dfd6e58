"""Time that was logged before its role was known or sold."""

from datetime import date

from odoo.tests import tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestWorkBeforeTerms(PsaContractsCase):
    """100 h of a developer are sold; the manager works as an architect, which is not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sow = cls._sow(cls._hours(cls.developer, 100))
        cls.sow.action_confirm()
        cls.line = cls.sow.order_line
        cls.engagement = cls.line.task_id.project_id

    def _loose(self, employee, day):
        """8 h on the project, without a task."""
        return self._log(employee, 8, day, project_id=self.engagement.id, task_id=False)

    def _sell_architect(self):
        """The line of a confirmed change order that sells 20 h of an architect."""
        change = self._change(self.sow, self._hours(self.architect, 20))
        change.action_confirm()
        return change.order_line

    def test_a_role_that_is_sold_later_takes_the_time_that_nobody_has_approved(self):
        """What was approved without a line stays until it is recalled: billing never rated it."""
        draft, submitted, approved = (
            self._loose(self.manager, day) for day in ("2026-03-04", "2026-03-05", "2026-03-06")
        )
        (submitted | approved).action_psa_submit()
        approved.sudo().action_psa_approve()
        self.assertFalse((draft | submitted | approved).so_line)
        line = self._sell_architect()
        self.assertEqual((draft | submitted).so_line, line)
        self.assertFalse(approved.so_line)
        draft.action_psa_submit()
        (draft | submitted).sudo().action_psa_approve()
        self.assertEqual((draft | submitted).mapped("so_line"), line)
        # 2 × 8 h, approved
        self.assertEqual(line.qty_delivered, 16)
        approved.sudo().action_psa_recall()
        self.assertEqual(approved.so_line, line)

    def test_a_line_that_somebody_took_away_by_hand_stays_away(self):
        entry = self._loose(self.ann, "2026-03-04")
        self.assertEqual(entry.so_line, self.line)
        entry.write({"so_line": False, "is_so_line_edited": True})
        self._sell_architect()
        entry.action_psa_submit()
        self.assertFalse(entry.so_line)

    def test_a_role_that_the_team_says_later_brings_the_line_with_it(self):
        """Bob has no main role; the team is put together once he has handed in his first day."""
        entry = self._loose(self.bob, "2026-03-04")
        entry.with_user(self.bob.user_id).action_psa_submit()
        self.assertFalse(entry.so_line)
        self.env["psa.team.member"].create(
            {
                "project_id": self.engagement.id,
                "employee_id": self.bob.id,
                "role_id": self.developer.id,
            }
        )
        entry.with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual((entry.psa_role_id, entry.so_line), (self.developer, self.line))
        self.assertEqual(self.line.qty_delivered, 8)

    def test_a_budget_that_was_taken_away_does_not_keep_a_change_order_from_being_signed(self):
        """The project manager has planned anew and deleted the budget line of the phase: less 40 h of it
        leave none, not 40 below zero."""
        sow = self._sow(self._phase("Design"), self._hours(self.developer, 100))
        sow.action_confirm()
        section, line = sow.order_line
        section.psa_phase_id.budget_line_ids.unlink()
        change = self._change(sow, self._amend(line, -40))
        change.action_confirm()
        self.env.flush_all()
        self.assertEqual((change.state, section.psa_phase_id.budget_hours), ("sale", 0))

    def test_who_was_sold_by_name_stays_on_the_team_as_long_as_the_work_goes_on(self):
        """Bob was sold as a developer until the end of May; his time of July, by a change order that goes on
        until August, had no role and was billed to nobody."""
        sow = self._sow(self._hours(self.developer, 100, psa_employee_id=self.bob.id))
        sow.action_confirm()
        project = sow.order_line.task_id.project_id
        member = project.psa_team_ids
        self._change(sow, psa_date_end="2026-08-31").action_confirm()
        self.assertEqual(member.date_end, date(2026, 8, 31))
        entry = self._log(self.bob, 8, "2026-07-01", project_id=project.id, task_id=False)
        self.assertEqual((entry.psa_role_id, entry.so_line), (self.developer, sow.order_line))
        entry.unlink()
        sow.psa_change_ids.action_cancel()
        self.assertEqual(member.date_end, date(2026, 5, 31))

    def test_another_role_that_follows_on_the_team_keeps_its_days(self):
        """Bob is an architect from June on, as his manager has planned: the change order moves nothing."""
        sow = self._sow(self._hours(self.developer, 100, psa_employee_id=self.bob.id))
        sow.action_confirm()
        member = sow.order_line.task_id.project_id.psa_team_ids
        member.copy({"role_id": self.architect.id, "date_start": "2026-06-01", "date_end": "2026-06-30"})
        self._change(sow, psa_date_end="2026-08-31").action_confirm()
        self.assertEqual(
            member.project_id.psa_team_ids.mapped("date_end"), [date(2026, 5, 31), date(2026, 6, 30)]
        )
