"""What change orders leave behind in awkward cases: budget, phases, lines and caps stay right."""

from datetime import date

from psycopg2.errors import ForeignKeyViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestChangeOrderData(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sow = cls._sow(
            cls._phase("Design", "2026-03-01", "2026-03-31"),
            cls._hours(cls.architect, 40),
            cls._phase("Build", "2026-04-01", "2026-05-31"),
            cls._hours(cls.developer, 100),
        )
        cls.sow.action_confirm()
        cls.design, cls.arch, cls.build, cls.dev = cls.sow.order_line
        cls.engagement = cls.dev.task_id.project_id

    # -- what is amended -------------------------------------------------------------------

    def test_a_line_of_a_cancelled_or_unconfirmed_change_order_is_not_amended(self):
        first = self._change(self.sow, self._hours(self.developer, 10, psa_role_id=self.architect.id))
        first.action_confirm()
        second = self._change(self.sow, self._amend(first.order_line, 5))
        first.action_cancel()
        message = "amends a line of .*-CO1, which is not confirmed"
        with self.assertRaisesRegex(UserError, message):
            second.action_confirm()
        first.action_draft()
        with self.assertRaisesRegex(UserError, message):
            second.action_confirm()
        first.action_confirm()
        second.action_confirm()
        self.assertEqual(first.order_line.task_id.allocated_hours, 15)

    def test_an_amending_line_counts_in_the_phase_of_its_line_wherever_it_stands(self):
        change = self._change(
            self.sow,
            self._phase("Rollout", "2026-06-01", "2026-06-30"),
            self._hours(self.architect, 10),
            self._amend(self.dev, -30),
        )
        change.action_confirm()
        phases = {phase.name: phase.budget_hours for phase in self.engagement.psa_phase_ids}
        self.assertEqual(phases, {"Design": 40, "Build": 70, "Rollout": 10})

    def test_two_change_orders_that_are_confirmed_in_one_go_count_one_after_the_other(self):
        self._log_on(self.dev, self.ann, 30, "2026-04-01")
        changes = self._change(self.sow, self._amend(self.dev, -50)) | self._change(
            self.sow, self._amend(self.dev, -50)
        )
        with (
            self.assertRaisesRegex(UserError, "would be cut from 50 to 0 Hours, but 30 are worked"),
            self.cr.savepoint(),
        ):
            changes.action_confirm()
        self.assertEqual(changes.mapped("state"), ["draft", "draft"])

    def test_two_change_orders_that_are_cancelled_in_one_go_too(self):
        changes = self._change(self.sow, self._amend(self.dev, 30)) | self._change(
            self.sow, self._amend(self.dev, 30)
        )
        changes.action_confirm()
        self._log_on(self.dev, self.ann, 120, "2026-04-01")
        with (
            self.assertRaisesRegex(UserError, "120 worked and 0 billed, more than the 100"),
            self.cr.savepoint(),
        ):
            changes._action_cancel()
        self.assertEqual(changes.mapped("state"), ["sale", "sale"])
        changes[1]._action_cancel()
        (self.sow | changes)[1:].invalidate_recordset()
        self.assertEqual(self.dev.task_id.allocated_hours, 130)

    def test_a_sow_is_cancelled_together_with_its_change_orders(self):
        changes = self._change(self.sow, self._hours(self.developer, 10)) | self._change(
            self.sow, self._amend(self.dev, 30)
        )
        changes.action_confirm()
        (self.sow | changes)._action_cancel()
        self.assertEqual(set((self.sow | changes).mapped("state")), {"cancel"})
        self.assertEqual(len(self.engagement.task_ids), 2)
        (self.sow | changes).action_draft()
        self.sow.action_confirm()
        changes.action_confirm()
        self.assertEqual(len(self.engagement.task_ids), 3)
        self.assertEqual(self.dev.task_id.allocated_hours, 130)
        self.assertEqual(self.engagement.psa_budget_line_ids.mapped("hours"), [40, 100, 10, 30])

    # -- other billing models --------------------------------------------------------------

    def test_more_periods_of_a_retainer_grant_the_hours_of_its_line(self):
        sow = self._sow(
            self._sold(
                "retainer",
                4500,
                psa_role_id=self.developer.id,
                psa_retainer_period="quarter",
                product_uom_qty=2,
                psa_retainer_hours=30,
            )
        )
        sow.action_confirm()
        change = self._change(sow, self._amend(sow.order_line, 2))
        line = change.order_line
        self.assertEqual((line.psa_retainer_period, line.psa_retainer_hours), ("quarter", 30))
        change.action_confirm()
        self.assertEqual(sum(line.project_id.psa_budget_line_ids.mapped("hours")), 120)

    def test_success_fees_and_expenses(self):
        sow = self._hybrid()
        sow.action_confirm()
        expense = sow.order_line.filtered(lambda line: line.psa_billing_model == "expense")
        fee = sow.order_line.filtered(lambda line: line.psa_billing_model == "success_fee")
        with self.assertRaisesRegex(UserError, "success fee .* cannot be changed, only taken off"):
            self._change(sow, self._amend(fee, -1, price_unit=5000)).action_confirm()
        change = self._change(sow, self._amend(expense, 1, price_unit=200))
        change.action_confirm()
        self.assertEqual(sow.psa_change_amount, 200)
        more = self._change(sow, self._sold("success_fee", 5000, name="More savings"))
        more.action_confirm()
        self.assertEqual(len(more.order_line.psa_success_fee_ids), 1)
        change.action_cancel()
        more.action_cancel()
        self.assertEqual(sow.psa_change_amount, 0)

    def test_hours_are_taken_off_with_the_discount_with_which_they_were_sold(self):
        sow = self._sow(self._hours(self.developer, 100, discount=25))
        sow.action_confirm()
        change = self._change(sow, self._amend(sow.order_line, -10))
        self.assertEqual(change.amount_untaxed, -900)
        change.order_line.discount = 0
        with self.assertRaisesRegex(UserError, "takes hours off at 120, a price at which none were sold"):
            change.action_confirm()
        change.order_line.discount = 25
        change.action_confirm()
        self.assertEqual(sow.psa_current_amount, 8100)

    def test_a_line_in_days_of_a_company_that_works_seven_and_a_half_hours(self):
        self.env.company.resource_calendar_id.hours_per_day = 7.5
        self._rate_changes(self.developer, "2026-02-01", 900, unit="day")
        sow = self._sow(self._phase("Build"), self._hours(self.developer, 10))
        sow.action_confirm()
        line = sow.order_line[1]
        self.assertEqual(line.task_id.allocated_hours, 75)
        self._log_on(line, self.ann, 15, approved=True)
        with self.assertRaisesRegex(UserError, "would be cut from 10 to 1 Days, but 2 are worked"):
            self._change(sow, self._amend(line, -9)).action_confirm()
        self._change(sow, self._amend(line, -4)).action_confirm()
        self.assertEqual(line.task_id.allocated_hours, 45)
        self.assertEqual(line.psa_phase_id.budget_hours, 45)

    # -- caps ------------------------------------------------------------------------------

    def test_two_lines_of_one_group_lower_its_cap_together(self):
        sow = self._sow(self._hours(self.developer, 100, psa_cap_amount=9000))
        sow.action_confirm()
        lower = [self._amend(sow.order_line, 0, psa_cap_change=-5000) for _number in range(2)]
        with self.assertRaisesRegex(UserError, "cap of .* cannot go below zero"):
            self._change(sow, *lower).action_confirm()

    def test_a_cap_where_there_was_none_is_no_less_than_what_is_worked(self):
        self._log_on(self.dev, self.ann, 50, "2026-04-01", approved=True)
        with self.assertRaisesRegex(UserError, r"would be .*1,000.00, but .*6,000.00 are worked"):
            self._change(self.sow, psa_cap_change=1000).action_confirm()
        with self.assertRaisesRegex(UserError, r"would be .*1,000.00, but .*6,000.00 are worked"):
            self._change(self.sow, self._amend(self.dev, 0, psa_cap_change=1000)).action_confirm()
        self._change(self.sow, psa_cap_change=6000).action_confirm()
        self.assertEqual(self.sow.psa_current_cap, 6000)

    def test_a_line_cap_that_work_has_used_is_not_taken_back(self):
        sow = self._sow(self._hours(self.developer, 100, psa_cap_amount=1200))
        sow.action_confirm()
        change = self._change(sow, self._amend(sow.order_line, 0, psa_cap_change=1200))
        change.action_confirm()
        self._log_on(sow.order_line, self.ann, 20, approved=True)
        with self.assertRaisesRegex(UserError, r"2,400.00 worked or billed, more than the cap of .*1,200.00"):
            change.action_cancel()

    # -- dates -----------------------------------------------------------------------------

    def test_one_of_the_two_dates_moves_alone(self):
        self._change(self.sow, psa_date_start="2026-02-15").action_confirm()
        self.assertEqual(
            (self.engagement.date_start, self.engagement.date), (date(2026, 2, 15), date(2026, 5, 31))
        )
        open_ended = self._sow(psa_date_end=False)
        open_ended.action_confirm()
        project = open_ended.order_line.project_id
        change = self._change(open_ended, psa_date_end="2026-08-31")
        change.action_confirm()
        self.assertEqual((project.date_start, project.date), (date(2026, 3, 1), date(2026, 8, 31)))
        change.action_cancel()
        self.assertFalse(open_ended.psa_current_date_end)
        self.assertFalse(project.date)

    def test_new_rates_from_before_the_start_hold_for_all_hours(self):
        change = self._change(self.sow)
        wizard = Form(
            self.env["psa.change.lines"].with_context(**change.action_psa_change_lines()["context"])
        )
        wizard.effective_date = "2025-12-01"
        with wizard.line_ids.edit(1) as row:
            row.new_price = 130
        wizard.save().action_apply()
        change.action_confirm()
        entry = self._log_on(self.dev, self.ann, 2, "2026-04-01", approved=True)
        self.assertEqual((entry.so_line.price_unit, entry.so_line.order_id), (130, change))

    def test_days_that_others_built_on_are_not_taken_back(self):
        earlier = self._change(self.sow, psa_date_start="2026-02-01")
        earlier.action_confirm()
        shorter = self._change(
            self.sow,
            *(
                Command.create(
                    {
                        "psa_amends_line_id": line.id,
                        "psa_date_start": "2026-02-01",
                        "psa_date_end": "2026-02-20",
                    }
                )
                for line in (self.design, self.build)
            ),
            psa_date_end="2026-02-20",
        )
        shorter.action_confirm()
        with self.assertRaisesRegex(UserError, "the end on .*02/20/2026, which is before the former start"):
            earlier.action_cancel()
        shorter.action_cancel()
        self._log_on(self.dev, self.ann, 2, "2026-02-10")
        with self.assertRaisesRegex(UserError, "time logged from .*02/10/2026 on, before the former start"):
            earlier.action_cancel()

    # -- steps -----------------------------------------------------------------------------

    def test_a_step_is_amended_like_its_line_and_a_draft_naming_it_keeps_it(self):
        self._rate_changes(self.developer, "2026-05-01", 150)
        sow = self._sow(self._hours(self.developer, 100))
        sow.action_confirm()
        head, step = sow.order_line
        change = self._change(sow, self._amend(step, 10))
        self.assertEqual((change.order_line.price_unit, change.order_line.psa_before_quantity), (150, 100))
        change.action_confirm()
        self.assertEqual(head.task_id.allocated_hours, 110)
        change.action_cancel()
        self.assertEqual(head.task_id.allocated_hours, 100)
        sow.action_cancel()
        sow.action_draft()
        sow.action_confirm()
        change.action_draft()
        change.action_confirm()
        self.assertEqual(sow.order_line, head | step)
        self.assertEqual(head.task_id.allocated_hours, 110)

    # -- copies ----------------------------------------------------------------------------

    def test_a_copy_of_a_sow_is_a_contract_of_its_own(self):
        self._change(self.sow, self._amend(self.dev, 30), psa_date_end="2026-06-30").action_confirm()
        copy = self.sow.copy()
        self.assertFalse(copy.psa_change_ids)
        self.assertEqual(
            (copy.state, copy.amount_untaxed, copy.psa_date_end), ("draft", 20000, date(2026, 5, 31))
        )
        copy.action_confirm()
        project = copy.order_line.project_id
        self.assertEqual(len(project), 1)
        self.assertNotEqual(project, self.engagement)
        self.assertEqual(copy._psa_project(), project)
        self.assertEqual(sum(self.engagement.psa_budget_line_ids.mapped("hours")), 170)
        self.assertEqual(self._change(copy).name, f"{copy.name}-CO1")

    def test_a_copy_of_a_sow_with_a_card_of_its_own_is_read_against_the_others(self):
        card = self._card("Only here", [(self.developer, 99)], order_id=self.sow.id)
        draft = self._sow(self._hours(self.developer, 10))
        own = self._card("Only there", [(self.developer, 77)], order_id=draft.id)
        draft.psa_rate_card_id = own
        copy = draft.copy()
        self.assertNotIn(copy.psa_rate_card_id, card | own)
        # as in the host the typed and the agreed prices come along; the line says what the card says
        self.assertEqual((copy.order_line.price_unit, copy.order_line.psa_card_price), (77, 120))
        self.assertIn(f"the card says {copy.currency_id.format(120)}", copy.order_line.psa_rate_reason)

    def test_a_change_order_is_not_copied(self):
        change = self._change(self.sow, self._amend(self.dev, -30))
        with self.assertRaisesRegex(
            ValidationError, "a change order amends a statement of work. Start it there"
        ):
            change.copy()

    # -- records that go away --------------------------------------------------------------

    def test_archived_roles_people_and_products_keep_a_change_order_working(self):
        change = self._change(
            self.sow, self._amend(self.dev, 30), self._hours(self.developer, 5, psa_employee_id=self.ann.id)
        )
        self.developer.active = False
        self.ann.active = False
        self.dev.product_id.active = False
        change.action_confirm()
        change.action_cancel()
        self.assertEqual(sum(self.engagement.psa_budget_line_ids.mapped("hours")), 140)

    def test_what_a_sow_stands_on_is_not_deleted(self):
        for record in (self.developer, self.dev.product_id, self.client):
            with (
                self.subTest(record),
                mute_logger("odoo.sql_db"),
                self.assertRaises(ForeignKeyViolation),
                self.cr.savepoint(),
            ):
                record.unlink()
        with self.assertRaises(UserError):
            self.sow.unlink()

    def test_a_deleted_phase_or_task_is_no_hindrance(self):
        self.design.psa_phase_id.unlink()
        self.dev.task_id.unlink()
        moved = Command.create({"psa_amends_line_id": self.design.id, "psa_date_end": "2026-04-15"})
        change = self._change(self.sow, moved, self._amend(self.arch, 5), self._amend(self.dev, 5))
        change.action_confirm()
        self.assertEqual(sum(self.engagement.psa_budget_line_ids.mapped("hours")), 110)
        change.action_cancel()
        self.assertEqual(sum(self.engagement.psa_budget_line_ids.mapped("hours")), 100)

    # -- without a project -----------------------------------------------------------------

    def test_a_sow_that_makes_no_project_takes_change_orders(self):
        support = self.env["product.product"].create(
            {
                "name": "Licence",
                "type": "service",
                "service_tracking": "no",
                "service_policy": "ordered_prepaid",
            }
        )
        sow = self._sow(self._sold("fixed", 1000, product_id=support.id, name="Licence"))
        sow.action_confirm()
        self.assertFalse(sow._psa_project())
        change = self._change(sow, self._amend(sow.order_line, 1), psa_date_end="2026-07-31")
        change.action_confirm()
        self.assertEqual(sow.psa_current_amount, 2000)
        change.action_cancel()
        # the first work of all comes with a change order
        change = self._change(sow, self._phase("Build"), self._hours(self.developer, 10))
        change.action_confirm()
        project = change.order_line[1].project_id
        self.assertEqual(project.psa_phase_ids.mapped("budget_hours"), [10])
        self.assertEqual(change.order_line[1].task_id.psa_role_id, self.developer)
        entry = self._log_on(change.order_line[1], self.ann, 2)
        self.assertEqual(entry.so_line, change.order_line[1])

    def test_a_change_order_in_another_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.client.lang = "de_DE"
        change = self._change(self.sow, self._amend(self.dev, 30))
        as_german = change.with_context(lang="de_DE")
        self.assertIn("23", as_german.psa_change_summary)
        as_german.action_confirm()
        self.assertEqual(self.sow.psa_current_amount, 23600)
