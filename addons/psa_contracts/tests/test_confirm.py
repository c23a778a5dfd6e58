from datetime import date

from odoo import Command
from odoo.tests import tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestConfirm(PsaContractsCase):
    def _two_phases(self):
        return self._sow(
            self._phase("Design", "2026-03-01", "2026-03-31"),
            self._hours(self.architect, 40),
            self._phase("Build", "2026-04-01", "2026-05-31"),
            self._hours(self.architect, 10),
            self._hours(self.developer, 100),
        )

    def test_confirming_makes_one_project_with_a_phase_for_each_section(self):
        order = self._two_phases()
        self._sign(order).with_user(self.sales.user_id).action_confirm()
        project = order.order_line.task_id.project_id
        self.assertEqual(len(project), 1)
        design, build = project.psa_phase_ids
        self.assertEqual((design.name, design.budget_hours), ("Design", 40))
        self.assertEqual((build.name, build.budget_hours), ("Build", 110))
        self.assertEqual((build.date_start, build.date_end), (date(2026, 4, 1), date(2026, 5, 31)))
        self.assertEqual((project.date_start, project.date), (date(2026, 3, 1), date(2026, 5, 31)))
        tasks = order.order_line.task_id
        self.assertEqual(tasks.mapped("psa_role_id"), self.architect | self.developer)
        self.assertEqual(tasks.mapped("psa_phase_id"), design | build)

    def test_the_template_of_a_product_brings_the_phases_that_are_sold(self):
        """Those of the sections, however their names are typed; what was planned of others has none."""
        template = self.env["project.project"].create({"name": "Rollout", "is_template": True})
        kickoff, design = self.env["psa.phase"].create(
            [
                {"name": name, "project_id": template.id, "budget_hours": 5, "sequence": number}
                for number, name in enumerate(("Kick-off", "design "))
            ]
        )
        self.env["project.task"].create(
            [
                {"name": f"Plan {phase.name}", "project_id": template.id, "psa_phase_id": phase.id}
                for phase in (kickoff, design)
            ]
        )
        order = self._two_phases()
        order.order_line.product_id.project_template_id = template
        self._sign(order).with_user(self.sales.user_id).action_confirm()
        project = order.order_line.task_id.project_id
        self.assertEqual(
            project.psa_phase_ids.sorted("id").mapped(lambda phase: (phase.name, phase.budget_hours)),
            [("Design", 40), ("Build", 110)],
        )
        planned = (project.task_ids - order.order_line.task_id).sorted("name")
        self.assertEqual(
            planned.mapped(lambda task: (task.name, task.psa_phase_id.name)),
            [("Plan Kick-off", False), ("Plan design ", "Design")],
        )
        self.assertEqual(planned.psa_phase_id, order.order_line[0].psa_phase_id)
        self.assertEqual((kickoff | design).task_ids.project_id, template)

    def test_confirming_again_after_a_cancellation_makes_nothing_twice(self):
        order = self._two_phases()
        order.action_confirm()
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual(len(order.order_line.task_id.project_id), 1)
        self.assertEqual(len(order.order_line.task_id.project_id.psa_phase_ids), 2)

    def test_a_line_added_to_a_confirmed_sow_gets_role_and_phase_on_its_task(self):
        order = self._two_phases()
        order.action_confirm()
        first = order.order_line.task_id[0]
        first.psa_role_id = self.developer  # the project manager's own choice
        order.write({"order_line": [self._hours(self.developer, 5, sequence=99)]})
        task = order.order_line.filtered(lambda line: line.product_uom_qty == 5).task_id
        self.assertEqual(task.psa_role_id, self.developer)
        self.assertEqual(task.psa_phase_id.name, "Build")
        self.assertEqual(len(task.project_id.psa_phase_ids), 2)
        self.assertEqual(first.psa_role_id, self.developer)

    def test_a_phase_added_to_a_confirmed_sow_comes_after_those_that_are_there(self):
        order = self._two_phases()
        order.action_confirm()
        order.write(
            {
                "order_line": [
                    Command.create({"display_type": "line_section", "name": "Handover", "sequence": 98}),
                    self._hours(self.developer, 5, sequence=99),
                ]
            }
        )
        phases = order.order_line.task_id.project_id.psa_phase_ids
        self.assertEqual(phases.sorted("sequence").mapped("name"), ["Design", "Build", "Handover"])
        self.assertEqual(phases.mapped("sequence"), [10, 20, 30])

    def test_a_sow_that_is_signed_again_updates_its_phases_and_leads_its_project_again(self):
        order = self._two_phases()
        order.action_confirm()
        project = order.order_line.task_id.project_id
        order._action_cancel()
        self.assertFalse(project.sale_line_id)
        order.action_draft()
        section, line = order.order_line[:2]
        section.psa_date_end, line.product_uom_qty = "2026-04-15", 60
        order.action_confirm()
        self.assertEqual(
            (section.psa_phase_id.date_end, section.psa_phase_id.budget_hours), (date(2026, 4, 15), 60)
        )
        self.assertEqual(project.sale_line_id.order_id, order)
        entry = self._log(self.manager, 1, "2026-03-15", project_id=project.id, task_id=False)
        self.assertEqual(entry.so_line, line)

    def test_a_task_in_a_project_of_its_product_is_in_no_phase(self):
        """The firm keeps the hours of developers on one project for all clients."""
        shared = self.env["project.project"].create({"name": "Pool", "allow_billable": True})
        self.developer.psa_time_product_id.write(
            {"service_tracking": "task_global_project", "project_id": shared.id}
        )
        order = self._sow(
            self._phase("Design"), self._hours(self.architect, 40), self._hours(self.developer, 100)
        )
        order.action_confirm()
        own, pooled = order.order_line.task_id
        self.assertEqual((own.psa_phase_id.name, pooled.project_id), ("Design", shared))
        self.assertEqual(
            (pooled.psa_phase_id, pooled.psa_role_id), (own.psa_phase_id.browse(), self.developer)
        )

    def test_a_sow_that_is_signed_again_on_another_project_gets_its_phases_there(self):
        order = self._sow(self._phase("Design"), self._hours(self.architect, 40))
        order.action_confirm()
        order._action_cancel()
        order.action_draft()
        other = self.env["project.project"].create({"name": "Other", "allow_billable": True})
        line = order.order_line.filtered("psa_role_id")
        line.write({"project_id": other.id, "task_id": False})
        order.action_confirm()
        self.assertEqual((line.psa_phase_id.project_id, line.task_id.project_id), (other, other))
        budget = self.env["psa.budget.line"].search([("sale_line_id", "=", line.id)])
        self.assertEqual((budget.project_id, budget.phase_id.project_id, budget.hours), (other, other, 40))

    def test_a_sow_without_sections_has_no_phases(self):
        order = self._sow()
        order.action_confirm()
        self.assertFalse(order.order_line.task_id.project_id.psa_phase_ids)

    def test_fixed_and_milestone_lines_join_the_same_project(self):
        order = self._sow(
            self._hours(self.architect, 10),
            Command.create(
                {
                    "psa_role_id": self.developer.id,
                    "psa_billing_model": "milestone",
                    "name": "Go-live",
                    "product_uom_qty": 1,
                    "price_unit": 5000,
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
        # 10 × 200 + 5,000 + 3,000
        self.assertEqual(order.amount_untaxed, 10000)
        order.action_confirm()
        project = order.order_line.project_id
        self.assertEqual(len(project), 1)
        self.assertEqual(project.milestone_ids.sale_line_id, order.order_line[1])
        project.milestone_ids.is_reached = True
        self.assertEqual(order.order_line[1].qty_delivered, 1)

    def test_confirming_asks_at_most_a_third_more_queries_than_the_host_for_the_same_lines(self):
        def confirm(kind):
            phases = [
                command
                for number in range(6)
                for command in (
                    self._phase(f"Phase {number}", "2026-03-01", "2026-05-31"),
                    *(self._hours(self.architect, 10) for _line in range(4 if number < 2 else 3)),
                )
            ]
            order = self._sow(*phases)
            self.assertEqual(len(order.order_line.filtered("psa_role_id")), 20)
            self.env.flush_all()
            self.env.cr.execute("UPDATE sale_order SET psa_kind = %s WHERE id = %s", [kind, order.id])
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order.action_confirm()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        confirm("sow"), confirm(None)
        self.assertLessEqual(confirm("sow"), 1.3 * confirm(None))

    def test_signing_many_at_once_costs_no_more_queries_each(self):
        def confirm(count):
            orders = self.env["sale.order"].concat(*[self._sow() for _ in range(count)])
            return self._count_queries(orders.action_confirm) / count

        confirm(1)
        self.assertLessEqual(confirm(4), confirm(2) * 1.1)
