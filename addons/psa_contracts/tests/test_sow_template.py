from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import PsaContractsCase

INDUSTRIES = ("consulting", "fixed_price", "agency", "managed_it", "audit", "engineering")


@tagged("post_install", "-at_install")
class TestSowTemplate(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project_template = cls.env["project.project"].create(
            {
                "name": "Rollout Project",
                "is_template": True,
                "allow_billable": True,
                "type_ids": [Command.create({"name": "Backlog"}), Command.create({"name": "Shipped"})],
                "psa_phase_ids": [Command.create({"name": "build"})],
            }
        )
        cls.env["project.task"].create(
            [
                {
                    "name": "Set up",
                    "project_id": cls.project_template.id,
                    "psa_role_id": cls.developer.id,
                    "psa_phase_id": cls.project_template.psa_phase_ids.id,
                    "stage_id": cls.project_template.type_ids[0].id,
                    "child_ids": [
                        Command.create({"name": "Accounts", "project_id": cls.project_template.id})
                    ],
                },
                {"name": "Meetings", "project_id": cls.project_template.id},
            ]
        )
        cls.template = cls.env["sale.order.template"].create(
            {
                "name": "Rollout",
                "psa_kind": "sow",
                "psa_duration": 60,
                "psa_project_template_id": cls.project_template.id,
                "psa_cap_amount": 30000,
                "psa_scope": "<p>We roll out.</p>",
                "sale_order_template_line_ids": [
                    cls._section("Design", 0, 20),
                    cls._line(cls.architect, "time_material", 40),
                    cls._section("Build", 20, 40),
                    cls._line(cls.developer, "time_material", 100, psa_cap_amount=9000),
                    cls._line(cls.developer, "milestone", 1, psa_price_unit=5000, psa_effort_hours=30),
                ],
            }
        )

    @classmethod
    def _section(cls, name, offset, days):
        return Command.create(
            {
                "display_type": "line_section",
                "name": name,
                "psa_start_offset": offset,
                "psa_duration": days,
            }
        )

    @classmethod
    def _line(cls, role, model, quantity, **values):
        return Command.create(
            {"psa_role_id": role.id, "psa_billing_model": model, "product_uom_qty": quantity, **values}
        )

    def _from_template(self, template=None, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "psa_kind": "sow",
                "psa_date_start": "2026-03-01",
                "sale_order_template_id": (template or self.template).id,
                **values,
            }
        )
        order._onchange_sale_order_template_id()
        return order

    def test_a_line_of_a_template_sells_the_product_of_its_role(self):
        lines = self.template.sale_order_template_line_ids
        self.assertEqual(
            lines.mapped("product_id"),
            self.architect.psa_time_product_id
            | self.developer.psa_time_product_id
            | self.developer.psa_milestone_product_id,
        )
        lines[1].psa_billing_model = "fixed"
        self.assertEqual(lines[1].product_id, self.architect.psa_fixed_product_id)
        tester = self.env["project.role"].create({"name": "Tester"})
        with self.assertRaisesRegex(UserError, "Tester has no product.*Create Products"):
            self.template.sale_order_template_line_ids = [self._line(tester, "time_material", 1)]

    def test_choosing_a_template_fills_the_form_before_it_is_saved(self):
        form = Form(self.env["sale.order"].with_user(self.sales.user_id).with_context(default_psa_kind="sow"))
        form.partner_id = self.client
        form.sale_order_template_id = self.template
        form.psa_date_start = "2026-03-01"
        order = form.save()
        self._assert_rollout(order)

    def test_choosing_a_template_on_a_saved_sow_replaces_its_lines(self):
        order = self._sow()
        order.sale_order_template_id = self.template
        order._onchange_sale_order_template_id()
        self._assert_rollout(order)
        self.assertIn("We roll out.", order.psa_scope)

    def _assert_rollout(self, order):
        # 40 × 200 + 100 × 120 + 5,000
        self.assertEqual(order.amount_untaxed, 25000)
        # 60 days from March 1: 31 in March, 29 in April
        self.assertEqual((order.psa_date_start, order.psa_date_end), (date(2026, 3, 1), date(2026, 4, 29)))
        design, architect, build, developer, milestone = order.order_line
        self.assertEqual((design.psa_date_start, design.psa_date_end), (date(2026, 3, 1), date(2026, 3, 20)))
        self.assertEqual((build.psa_date_start, build.psa_date_end), (date(2026, 3, 21), date(2026, 4, 29)))
        self.assertEqual((architect.price_unit, developer.price_unit), (200, 120))
        self.assertEqual((developer.psa_cap_amount, order.psa_cap_amount), (9000, 30000))
        self.assertEqual((milestone.price_unit, milestone.psa_effort_hours), (5000, 30))
        self.assertEqual(order.psa_project_template_id, self.project_template)

    def test_phases_and_end_follow_the_start_until_the_sow_is_signed(self):
        order = self._from_template()
        build = order.order_line[2]
        order.psa_date_start = "2026-04-01"
        self.assertEqual(order.psa_date_end, date(2026, 5, 30))
        self.assertEqual((build.psa_date_start, build.psa_date_end), (date(2026, 4, 21), date(2026, 5, 30)))
        order.action_confirm()
        order.sudo().psa_date_start = "2026-06-01"
        self.assertEqual(order.psa_date_end, date(2026, 5, 30))
        self.assertEqual(build.psa_date_start, date(2026, 4, 21))

    def test_without_a_start_the_phases_wait_for_one(self):
        order = self._from_template(psa_date_start=False)
        self.assertFalse(order.psa_date_end)
        self.assertFalse(order.order_line[2].psa_date_start)
        order.psa_date_start = "2026-03-01"
        self.assertEqual(order.order_line[2].psa_date_start, date(2026, 3, 21))

    def test_amounts_of_a_template_are_converted_to_the_currency_of_the_sow(self):
        other = self.env["res.currency"].create({"name": "XPS", "symbol": "X", "rounding": 0.01})
        self.env["res.currency.rate"].create({"currency_id": other.id, "name": "2026-01-01", "rate": 2})
        pricelist = self.env["product.pricelist"].create({"name": "Other money", "currency_id": other.id})
        order = self._from_template(pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, other)
        # 1 of the company's currency is 2 of the other; the card's 200 and 120 too
        self.assertEqual(order.order_line.mapped("price_unit"), [0, 400, 0, 240, 10000])
        self.assertEqual((order.psa_cap_amount, order.order_line[3].psa_cap_amount), (60000, 18000))

    def test_a_plan_of_more_than_a_hundred_years_is_refused(self):
        """An opportunity with the template could not be saved, and the daily job of the forecast ended."""
        template = self.env["sale.order.template"].create({"name": "Long", "psa_kind": "sow"})
        for values in (
            {"psa_duration": 9_999_999},
            {"sale_order_template_line_ids": [self._section("Design", 0, 9_999_999)]},
            {"sale_order_template_line_ids": [self._section("Design", 9_999_999, 7)]},
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, "more than 36500 days"),
                self.cr.savepoint(),
            ):
                template.write(values)
        template.psa_duration = 36_500

    def test_the_project_is_one_copy_of_the_project_template(self):
        order = self._from_template(client_order_ref="PO 7")
        self._sign(order).with_user(self.sales.user_id).action_confirm()
        project = order.order_line.task_id.project_id
        self.assertEqual(len(project), 1)
        self.assertEqual(order.order_line.project_id, project)
        self.assertEqual(project.name, f"PO 7 - {order.name} - Rollout Project")
        self.assertFalse(project.is_template)
        self.assertTrue(project.account_id)
        self.assertEqual(
            (project.partner_id, project.company_id, project.reinvoiced_sale_order_id),
            (self.client, order.company_id, order),
        )
        self.assertEqual((project.date_start, project.date), (date(2026, 3, 1), date(2026, 4, 29)))
        self.assertEqual(project.type_ids.mapped("name"), ["Backlog", "Shipped"])
        self.assertEqual(project.psa_phase_ids.sorted("sequence").mapped("name"), ["Design", "Build"])
        copied = project.task_ids - order.order_line.task_id
        self.assertEqual(set(copied.mapped("name")), {"Set up", "Accounts", "Meetings"})
        set_up = copied.filtered(lambda task: task.name == "Set up")
        self.assertEqual((set_up.psa_phase_id.name, set_up.psa_role_id), ("Build", self.developer))
        self.assertEqual(set_up.psa_phase_id.project_id, project)
        self.assertEqual((copied.sale_order_id, copied.partner_id), (order, self.client))
        self.assertEqual(self.project_template.task_ids.psa_phase_id.project_id, self.project_template)
        hours = order.order_line.filtered("psa_role_id").task_id.mapped("allocated_hours")
        self.assertEqual(hours, [40, 100, 0])

    def test_time_on_copied_tasks_goes_to_the_line_of_the_role_that_worked(self):
        order = self._from_template()
        order.action_confirm()
        project = order.order_line.task_id.project_id
        copied = project.task_ids - order.order_line.task_id
        self.assertFalse(copied.sale_line_id)
        meetings = copied.filtered(lambda task: task.name == "Meetings")
        architect, developer = order.order_line[1], order.order_line[3]
        for employee, line in ((self.manager, architect), (self.ann, developer)):
            entry = self._log(employee, 1, "2026-03-02", project_id=project.id, task_id=meetings.id)
            self.assertEqual(entry.so_line, line)
        project.sale_line_id = developer
        self.assertFalse(meetings.sale_line_id)

    def test_a_sow_confirmed_again_keeps_its_project(self):
        order = self._from_template()
        order.action_confirm()
        project = order.order_line.project_id
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual(order.order_line.project_id, project)
        self.assertFalse((project.task_ids - order.order_line.task_id).sale_line_id)

    def test_templates_of_sows_and_of_quotations_are_kept_apart(self):
        plain = self.env["sale.order.template"].create({"name": "Goods"})
        self.env.company.sale_order_template_id = plain
        order = self._sow()
        self.assertFalse(order.sale_order_template_id)
        quotation = self.env["sale.order"].create({"partner_id": self.client.id})
        self.assertEqual(quotation.sale_order_template_id, plain)
        with self.assertRaisesRegex(ValidationError, "is no statement of work"):
            quotation.sale_order_template_id = self.template

    def test_each_template_by_industry_makes_a_sow_that_can_be_signed(self):
        roles = self.env["project.role"].search([])
        self._card("All roles", [(role, 150) for role in roles], partner_id=self.client.id)
        for name in INDUSTRIES:
            with self.subTest(name):
                template = self.env.ref(f"psa_contracts.sow_template_{name}")
                order = self._from_template(template)
                self.assertTrue(all(template._psa_document("en_US").values()))
                sections = order.order_line.filtered("display_type")
                self.assertEqual(max(sections.mapped("psa_date_end")), order.psa_date_end)
                order.action_confirm()
                project = order.project_ids
                self.assertEqual(len(project), 1)
                self.assertEqual(project.psa_phase_ids.mapped("name"), sections.mapped("name"))
                copied = project.task_ids - order.order_line.task_id
                self.assertEqual(len(copied), len(template.psa_project_template_id.task_ids))
                self.assertTrue(all(task.psa_phase_id.project_id == project for task in copied))
                self.assertFalse(copied.sale_line_id)

    def test_the_consulting_template_adds_up(self):
        lead = self.env.ref("psa_contracts.role_engagement_lead")
        consultant = self.env.ref("psa_contracts.role_business_consultant")
        self._card("Consulting", [(lead, 220), (consultant, 160)], partner_id=self.client.id)
        order = self._from_template(self.env.ref("psa_contracts.sow_template_consulting"))
        # 24 h + 24 h at 220; 120 h + 100 h + 30 h at 160
        self.assertEqual(order.amount_untaxed, 10560 + 40000)
        self.assertEqual(order.psa_cap_amount, 50000)
        self.assertEqual(order.psa_date_end, date(2026, 5, 9))
        order.action_confirm()
        self.assertEqual(order.project_ids.psa_phase_ids.mapped("budget_hours"), [144, 124, 30])

    def test_without_rates_the_lines_of_a_template_say_which_are_missing(self):
        order = self._from_template(self.env.ref("psa_contracts.sow_template_consulting"))
        self.assertIn("No rate for the role Engagement Lead", order.order_line[1].psa_rate_reason)
        with self.assertRaisesRegex(UserError, "has no price. No rate for the role Engagement Lead"):
            order.action_confirm()

    def test_a_sow_becomes_a_template_that_makes_it_again(self):
        order = self._from_template(sale_order_template_id=self.template.id)
        action = order.action_psa_save_as_template()
        template = self.env["sale.order.template"].browse(action["res_id"])
        self.assertEqual(template.psa_duration, 60)
        again = self._from_template(template)
        self._assert_rollout(again)
        quotation = self.env["sale.order"].create({"partner_id": self.client.id})
        with self.assertRaisesRegex(UserError, "is no statement of work"):
            quotation.action_psa_save_as_template()
        with self.assertRaisesRegex(UserError, "not allowed to create"):
            order.with_user(self.sales.user_id).action_psa_save_as_template()

    def test_sales_use_templates_and_only_their_managers_write_them(self):
        as_sales = self.template.with_user(self.sales.user_id)
        self.assertEqual(as_sales.psa_duration, 60)
        with self.assertRaisesRegex(UserError, "not allowed to modify"):
            as_sales.psa_duration = 5
        chief = self._person("chief", "sales_team.group_sale_manager")
        self.template.with_user(chief.user_id).psa_duration = 90

    def test_tasks_of_projects_that_deliver_no_sow_get_their_line_as_fast_as_in_the_host(self):
        prepaid = self.architect.psa_fixed_product_id
        order = self._sow(Command.create({"product_id": prepaid.id, "product_uom_qty": 9}), psa_kind=False)
        order.action_confirm()

        def queries(count):
            project = self.env["project.project"].create(
                {"name": "Stock", "task_ids": [Command.create({"name": f"T{n}"}) for n in range(count)]}
            )
            found = self._count_queries(
                lambda: project.write({"allow_billable": True, "partner_id": self.client.id})
            )
            self.assertEqual(project.task_ids.sale_line_id, order.order_line)
            return found

        queries(2)  # caches
        self.assertLessEqual(queries(40), queries(20) + 20)
