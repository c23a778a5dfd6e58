"""A change order changes budget, phases, dates and lines of the engagement, and nothing that was signed."""

from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestChangeOrder(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sow = cls._sow(
            cls._phase("Design", "2026-03-01", "2026-03-31"),
            cls._hours(cls.architect, 40),
            cls._phase("Build", "2026-04-01", "2026-05-31"),
            cls._hours(cls.developer, 100),
            psa_cap_amount=20000,
        )
        cls.sow.action_confirm()
        cls.design, cls.arch, cls.build, cls.dev = cls.sow.order_line
        cls.engagement = cls.dev.task_id.project_id

    def _figures(self, change, key):
        values = change._psa_change_values()
        return tuple(float(getattr(values["total"][when], key)) for when in ("before", "change", "after"))

    def test_more_hours_go_to_the_task_the_phase_and_the_budget_that_are_there(self):
        change = self._change(self.sow, self._amend(self.dev, 30))
        line = change.order_line
        self.assertEqual(change.name, f"{self.sow.name}-CO1")
        self.assertEqual(
            (line.psa_role_id, line.price_unit, line.price_subtotal), (self.developer, 120, 3600)
        )
        self.assertEqual((line.psa_before_quantity, line.psa_after_quantity), (100, 130))
        # 40 × 200 + 100 × 120 = 20,000; 30 × 120 more
        self.assertEqual(self._figures(change, "amount"), (20000, 3600, 23600))
        self.assertEqual(self._figures(change, "hours"), (140, 30, 170))
        signed = (self.dev.product_uom_qty, self.dev.price_unit, self.sow.amount_untaxed)
        change.action_confirm()
        self.assertEqual((self.dev.product_uom_qty, self.dev.price_unit, self.sow.amount_untaxed), signed)
        self.assertEqual((line.task_id, line.project_id), (self.dev.task_id, self.engagement))
        self.assertEqual(len(self.engagement.task_ids), 2)
        self.assertEqual(self.dev.task_id.allocated_hours, 130)
        self.assertEqual(self.build.psa_phase_id.budget_hours, 130)
        self.assertEqual(
            (self.sow.psa_original_amount, self.sow.psa_change_amount, self.sow.psa_current_amount),
            (20000, 3600, 23600),
        )
        # once confirmed, before and after stay what they were
        self.assertEqual(self._figures(change, "amount"), (20000, 3600, 23600))

    def test_fewer_hours_cut_the_budget_but_not_below_what_is_worked(self):
        self._log_on(self.dev, self.ann, 70, "2026-04-01")
        with self.assertRaisesRegex(
            UserError, "Developer would be cut from 100 to 60 Hours, but 70 are worked and 0 billed"
        ):
            self._change(self.sow, self._amend(self.dev, -40)).action_confirm()
        change = self._change(self.sow, self._amend(self.dev, -30))
        change.action_confirm()
        self.assertEqual(self._figures(change, "amount"), (20000, -3600, 16400))
        self.assertEqual(self.build.psa_phase_id.budget_hours, 70)
        self.assertEqual(self.dev.task_id.allocated_hours, 70)

    def test_a_new_role_in_a_new_phase_gets_its_task_in_the_same_project(self):
        change = self._change(
            self.sow,
            self._phase("Rollout", "2026-06-01", "2026-06-30"),
            self._hours(self.architect, 10),
            psa_date_end="2026-06-30",
        )
        change.action_confirm()
        self.assertEqual(change.order_line.project_id, self.engagement)
        rollout = self.engagement.psa_phase_ids[-1]
        self.assertEqual((rollout.name, rollout.budget_hours, rollout.sequence), ("Rollout", 10, 30))
        task = change.order_line.task_id
        self.assertEqual((task.psa_phase_id, task.psa_role_id), (rollout, self.architect))
        self.assertEqual(self.engagement.date, date(2026, 6, 30))
        self.assertEqual(self.sow.psa_date_end, date(2026, 5, 31))
        self.assertEqual(self.sow.psa_current_date_end, date(2026, 6, 30))
        self.assertEqual(self.env["project.project"].search_count([("sale_order_id", "=", change.id)]), 0)

    def test_phases_move_and_a_phase_without_dates_follows_the_sow(self):
        moved = Command.create(
            {"psa_amends_line_id": self.design.id, "psa_date_end": "2026-04-15", "name": "Design"}
        )
        change = self._change(self.sow, moved)
        self.assertEqual(change.order_line.display_type, "line_section")
        change.action_confirm()
        phase = self.design.psa_phase_id
        self.assertEqual((phase.date_start, phase.date_end), (date(2026, 3, 1), date(2026, 4, 15)))
        self.assertEqual(len(self.engagement.psa_phase_ids), 2)
        change.action_cancel()
        self.assertEqual(phase.date_end, date(2026, 3, 31))

    def test_a_new_rate_from_a_date_holds_for_the_hours_that_are_left(self):
        self._log_on(self.dev, self.ann, 40, "2026-04-10", approved=True)
        change = self._change(self.sow)
        wizard = Form(
            self.env["psa.change.lines"].with_context(**change.action_psa_change_lines()["context"])
        )
        wizard.effective_date = "2026-05-01"
        with wizard.line_ids.edit(1) as row:
            self.assertEqual((row.name, row.quantity, row.used, row.price), ("Developer", 100, 40, 120))
            row.new_price = 130
        wizard.save().action_apply()
        # 60 hours are left: −60 × 120 + 60 × 130 = 600
        self.assertEqual(
            change.order_line.mapped(
                lambda line: (line.product_uom_qty, line.price_unit, line.psa_step_date)
            ),
            [(-60, 120, False), (60, 130, date(2026, 5, 1))],
        )
        self.assertEqual(self._figures(change, "amount"), (20000, 600, 20600))
        self.assertEqual(self._figures(change, "hours"), (140, 0, 140))
        change.action_confirm()
        before = self._log_on(self.dev, self.ann, 2, "2026-04-30")
        after = self._log_on(self.dev, self.ann, 3, "2026-05-01")
        self.assertEqual((before.so_line, after.so_line), (self.dev, change.order_line[1]))

    def test_a_removed_line_has_no_hours_left(self):
        change = self._change(self.sow, self._amend(self.arch, -40))
        change.action_confirm()
        self.assertEqual(self.design.psa_phase_id.budget_hours, 0)
        self.assertEqual(self.sow.psa_current_amount, 12000)

    def test_a_cap_is_raised_and_lowered_by_an_amount(self):
        self._change(self.sow, psa_cap_change=5000).action_confirm()
        self.assertEqual((self.sow.psa_cap_amount, self.sow.psa_current_cap), (20000, 25000))
        self._log_on(self.dev, self.ann, 50, "2026-04-10", approved=True)
        with self.assertRaisesRegex(
            UserError, r"cap of .* would be .*5,000.00, but .*6,000.00 are worked or billed"
        ):
            self._change(self.sow, psa_cap_change=-20000).action_confirm()
        with self.assertRaisesRegex(UserError, "cannot go below zero"):
            self._change(self.sow, psa_cap_change=-30000).action_confirm()
        self.assertEqual(self.sow.psa_current_cap, 25000)

    def test_two_changes_drafted_side_by_side_both_count(self):
        one, two = (
            self._change(self.sow, psa_cap_change=1000),
            self._change(self.sow, self._amend(self.dev, 10), psa_cap_change=2000),
        )
        two.action_confirm()
        one.action_confirm()
        self.assertEqual(self.sow.psa_current_cap, 23000)
        self.assertEqual((one.name[-3:], two.name[-3:]), ("CO1", "CO2"))

    def test_a_fixed_price_is_cut_by_a_deduction_and_a_milestone_with_what_is_reached(self):
        sow = self._sow(
            Command.create(
                {
                    "psa_role_id": self.developer.id,
                    "psa_billing_model": "milestone",
                    "product_uom_qty": 1,
                    "price_unit": 5000,
                    "name": "Go-live",
                }
            ),
            Command.create(
                {
                    "psa_role_id": self.architect.id,
                    "psa_billing_model": "fixed",
                    "product_uom_qty": 1,
                    "price_unit": 3000,
                }
            ),
        )
        sow.action_confirm()
        milestone, fixed = sow.order_line
        change = self._change(
            sow, self._amend(milestone, -1, price_unit=1000), self._amend(fixed, -1, price_unit=500)
        )
        change.action_confirm()
        self.assertEqual(sow.psa_current_amount, 6500)
        self.assertEqual(len(sow.order_line.project_id.milestone_ids), 1)
        cut = change.order_line[0]
        self.assertEqual((milestone.qty_delivered, cut.qty_delivered), (0, 0))
        sow.order_line.project_id.milestone_ids.is_reached = True
        self.assertEqual((milestone.qty_delivered, cut.qty_delivered), (1, -1))
        self.assertEqual(change.order_line[1].qty_to_invoice, -1)

    # -- taking one back -------------------------------------------------------------------

    def _state(self):
        project = self.engagement
        return {
            "project": (project.date_start, project.date, project.allocated_hours),
            "phases": project.psa_phase_ids.mapped(
                lambda p: (p.id, p.name, p.date_start, p.date_end, p.budget_hours)
            ),
            "tasks": project.task_ids.sorted("id").mapped(
                lambda t: (t.id, t.allocated_hours, t.psa_role_id.id, t.psa_phase_id.id)
            ),
            "budget": project.psa_budget_line_ids.mapped(lambda b: (b.id, b.hours, b.cost)),
            "milestones": project.milestone_ids.ids,
            "value": (self.sow.psa_current_amount, self.sow.psa_current_cap, self.sow.psa_current_date_end),
        }

    def test_cancelling_an_unused_change_order_restores_the_former_state_exactly(self):
        before = self._state()
        change = self._change(
            self.sow,
            self._amend(self.dev, 30),
            self._amend(self.arch, -10),
            Command.create({"psa_amends_line_id": self.design.id, "psa_date_end": "2026-04-20"}),
            self._phase("Rollout", "2026-06-01", "2026-06-30"),
            self._hours(self.developer, 12),
            psa_cap_change=4000,
            psa_date_end="2026-06-30",
        )
        change.action_confirm()
        self.assertNotEqual(self._state(), before)
        change.action_cancel()
        self.assertEqual(self._state(), before)
        # and it can be taken up again
        change.action_draft()
        change.action_confirm()
        self.assertEqual(self.sow.psa_current_cap, 24000)
        self.assertEqual(self.dev.task_id.allocated_hours, 130)
        self.assertEqual(len(self.engagement.psa_phase_ids), 3)

    def test_hours_that_were_not_there_do_not_come_back(self):
        """100 h were sold, the project manager left 20 h on the task; a change order takes back 50 h."""
        task = self.dev.task_id
        task.allocated_hours = 20
        self.engagement.allocated_hours = 45
        before = self._state()
        change = self._change(self.sow, self._amend(self.dev, -50))
        change.action_confirm()
        self.assertEqual((task.allocated_hours, self.engagement.allocated_hours), (0, 0))
        change.action_cancel()
        self.assertEqual(self._state(), before)
        change.action_draft()
        change.action_confirm()
        task.allocated_hours = 7  # planned anew since
        change.action_cancel()
        self.assertEqual(task.allocated_hours, 27)

    def test_a_used_change_order_is_refused_with_what_builds_on_it(self):
        change = self._change(
            self.sow, self._hours(self.developer, 10), psa_date_end="2026-07-31", psa_cap_change=1000
        )
        change.action_confirm()
        self._log_on(change.order_line, self.ann, 3, "2026-07-01")
        with self.assertRaisesRegex(
            UserError,
            r"(?s)CO1 cannot be cancelled.*3 hours on.*time logged until 0?7/0?1/2026, after the former end",
        ):
            change.action_cancel()
        self.assertEqual(change.state, "sale")

    def test_hours_that_were_worked_on_the_parent_hold_the_change_order_that_allowed_them(self):
        change = self._change(self.sow, self._amend(self.dev, 30))
        change.action_confirm()
        self._log_on(self.dev, self.ann, 100, "2026-04-10")
        self._log_on(self.dev, self.ann, 20, "2026-04-11")
        with self.assertRaisesRegex(UserError, "cannot be cancelled"):
            change.action_cancel()

    def test_a_sow_with_confirmed_change_orders_is_not_cancelled_before_them(self):
        change = self._change(self.sow, self._amend(self.dev, 30))
        change.action_confirm()
        with self.assertRaisesRegex(UserError, "has confirmed change orders .*-CO1"):
            self.sow.action_cancel()
        change.action_cancel()
        self.sow.action_cancel()
        self.assertEqual(self.sow.state, "cancel")

    # -- bad input -------------------------------------------------------------------------

    def test_what_a_change_order_needs_before_it_is_confirmed(self):
        for values, message in (
            ({"order_line": []}, "it changes nothing"),
            ({"psa_change_reason": " "}, "say why it is made"),
            ({"psa_requested_by_id": False}, "say why it is made"),
            ({"psa_date_end": "2026-02-01"}, "would end on .* before it starts"),
        ):
            lines = [] if "order_line" in values else [self._amend(self.dev, 1)]
            change = self._change(self.sow, *lines)
            change.write({name: value for name, value in values.items() if name != "order_line"})
            with self.subTest(message), self.assertRaisesRegex(UserError, message):
                change.action_confirm()
            self.assertEqual(change.state, "draft")

    def test_the_end_does_not_move_before_time_that_is_logged(self):
        self._log_on(self.dev, self.ann, 2, "2026-05-20")
        with self.assertRaisesRegex(UserError, "would end on .* but time is logged on it until"):
            self._change(self.sow, psa_date_end="2026-05-10").action_confirm()

    def test_a_change_order_amends_its_own_contract_only(self):
        other = self._sow()
        other.action_confirm()
        with self.assertRaisesRegex(ValidationError, "amends a line of another contract"):
            self._change(self.sow, self._amend(other.order_line[0], 5))
        with self.assertRaisesRegex(ValidationError, "has the client, company and currency"):
            self._change(self.sow).partner_id = self.env["res.partner"].create({"name": "Somebody else"})
        with self.assertRaisesRegex(ValidationError, "amends a statement of work"):
            self.env["sale.order"].create({"partner_id": self.client.id, "psa_kind": "change_order"})
        with self.assertRaisesRegex(UserError, "Only a confirmed statement of work"):
            self._sow().action_psa_change_order()

    def test_hours_are_taken_off_at_the_price_at_which_they_were_sold(self):
        with self.assertRaisesRegex(UserError, "takes hours off at 90, a price at which none were sold"):
            self._change(self.sow, self._amend(self.dev, -5, price_unit=90)).action_confirm()
        with self.assertRaisesRegex(UserError, "is negative and amends no line"):
            self._change(self.sow, self._hours(self.developer, -5)).action_confirm()
        with self.assertRaisesRegex(UserError, "another role, billing model or unit"):
            self._change(self.sow, self._amend(self.dev, 5, psa_role_id=self.architect.id)).action_confirm()

    def test_the_wizard_names_what_cannot_be_cut(self):
        self._log_on(self.dev, self.ann, 70, "2026-04-01")
        change = self._change(self.sow)
        wizard = Form(
            self.env["psa.change.lines"].with_context(**change.action_psa_change_lines()["context"])
        )
        with self.assertRaisesRegex(UserError, "Nothing was changed"):
            wizard.save().action_apply()
        with wizard.line_ids.edit(1) as row:
            row.new_quantity = 60
        with self.assertRaisesRegex(
            UserError, "Developer cannot be cut to 60 Hours: 70 are worked or billed"
        ):
            wizard.save().action_apply()

    def test_a_price_that_is_billed_is_not_changed_any_more(self):
        """A fixed price of 900.00 twice, of which one is billed: the other becomes 950.00; then both are."""
        order = self._sow(self._hours(self.developer, 2, psa_billing_model="fixed", price_unit=900))
        order.action_confirm()
        line = order.order_line
        self._bill(line, 1)

        def change(**values):
            wizard = self.env["psa.change.lines"].with_context(default_order_id=self._change(order).id)
            wizard = wizard.create({})
            wizard.line_ids.write(values)
            wizard.action_apply()
            return [(row.product_uom_qty, row.price_unit) for row in wizard.order_id.order_line]

        self.assertEqual(change(new_price=950), [(-1, 900), (1, 950)])
        self._bill(line, 1)
        with self.assertRaisesRegex(
            UserError, "Developer .*: all of it is billed or begins before that day, so that"
        ):
            change(new_price=950)
        self.assertEqual(change(new_price=950, new_quantity=3), [(1, 950)])
        self.assertEqual(change(new_quantity=3), [(1, 900)])

    def _bill(self, line, quantity):
        self.env["account.move.line"].create(
            {
                "move_id": self.env["account.move"]
                .create({"move_type": "out_invoice", "partner_id": self.client.id})
                .id,
                "product_id": line.product_id.id,
                "quantity": quantity,
                "price_unit": line.price_unit,
                "sale_line_ids": [Command.link(line.id)],
            }
        )

    def test_a_salesperson_makes_one_through_the_screens(self):
        as_sales = self.sow.with_user(self.sales.user_id)
        change = (
            self.env["sale.order"]
            .with_user(self.sales.user_id)
            .browse(as_sales.action_psa_change_order()["res_id"])
        )
        with Form(change) as form:
            form.psa_change_reason = "More interfaces"
            form.psa_requested_by_id = self.client
            with form.order_line.new() as line:
                line.psa_amends_line_id = self.dev
                line.product_uom_qty = 25
        self.assertEqual((change.order_line.price_unit, change.amount_untaxed), (120, 3000))
        self.assertIn("23,000.00", change.psa_change_summary)
        self.assertNotIn("Margin", change.psa_change_summary)
