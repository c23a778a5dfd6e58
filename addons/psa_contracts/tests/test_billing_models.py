"""A SOW mixes the six billing models freely; each line sells the product that is invoiced its way."""

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestBillingModels(PsaContractsCase):
    def _line_of(self, order, model):
        return order.order_line.filtered(lambda line: line.psa_billing_model == model)

    def test_a_sow_of_all_six_models_is_confirmed_as_one_project(self):
        order = self._hybrid()
        # 40 × 200 + 3,000 + 5,000 + 3 × 1,500 + 800 + 10,000
        self.assertEqual(order.amount_untaxed, 31300)
        self._sign(order).with_user(self.sales.user_id).action_confirm()
        project = order.order_line.project_id
        self.assertEqual(len(project), 1)
        self.assertEqual(len(order.project_ids), 1)
        self.assertEqual(project.milestone_ids.sale_line_id, self._line_of(order, "milestone"))
        design, build = project.psa_phase_ids
        # 40 h sold + 20 h planned; 30 h planned + 3 × 10 h granted
        self.assertEqual((design.budget_hours, build.budget_hours), (60, 60))
        # neither expenses nor success are work of their own
        with_task = order.order_line.filtered("task_id").mapped("psa_billing_model")
        self.assertEqual(with_task, ["time_material", "fixed", "milestone", "retainer"])

    def test_what_is_earned_later_has_nothing_to_invoice_at_confirmation(self):
        order = self._hybrid()
        order.action_confirm()
        to_invoice = {
            line.psa_billing_model: line.qty_to_invoice for line in order.order_line if line.product_id
        }
        self.assertEqual(
            to_invoice,
            {
                "time_material": 0,
                "fixed": 1,  # paid at once
                "milestone": 0,
                "retainer": 0,
                "expense": 0,
                "success_fee": 0,
            },
        )

    def test_models_without_a_role_propose_the_product_of_the_suite(self):
        for model, xmlid in (
            ("retainer", "product_retainer"),
            ("expense", "product_expense"),
            ("success_fee", "product_success_fee"),
        ):
            product = self.env.ref(f"psa_contracts.{xmlid}")
            with self.subTest(model):
                form = Form(self._sow())
                with form.order_line.new() as line:
                    line.psa_billing_model = model
                    self.assertEqual(line.product_id, product)
                    line.price_unit = 100
                self.assertEqual(form.save().order_line[-1].product_uom_id, product.uom_id)
                self.assertEqual(self._sow(self._sold(model, 1)).order_line.product_id, product)

    def test_a_role_sells_its_own_retainer(self):
        line = self._sow(self._sold("retainer", 900, psa_role_id=self.architect.id)).order_line
        self.assertEqual(line.product_id, self.architect.psa_retainer_product_id)
        self.assertEqual((line.psa_retainer_period, line.product_uom_id.name), ("month", "Units"))
        self.architect.psa_retainer_product_id = False
        line.psa_role_id = self.developer
        line.psa_role_id = self.architect
        self.assertEqual(line.product_id, self.env.ref("psa_contracts.product_retainer"))

    def test_another_model_on_a_draft_line_without_role_changes_its_product(self):
        line = self._sow(self._sold("retainer", 900)).order_line
        line.with_user(self.sales.user_id).psa_billing_model = "expense"
        self.assertEqual(line.product_id, self.env.ref("psa_contracts.product_expense"))
        self.assertFalse(line.psa_retainer_period)

    def test_a_product_that_is_not_invoiced_like_its_model_is_refused(self):
        no_policy = self.env["product.product"].create(
            {"name": "Hotel", "type": "service", "service_policy": "delivered_manual", "expense_policy": "no"}
        )
        by_hours = self.architect.psa_time_product_id
        for model, product, message in (
            ("retainer", by_hours, "is not invoiced the way"),
            ("success_fee", by_hours, "is not invoiced the way"),
            ("expense", by_hours, "is not invoiced the way"),
            ("expense", no_policy, "Hotel of the line Trip re-invoices no expenses. Set “Re-Invoice Costs”"),
        ):
            order = self._sow(self._sold(model, 10, product_id=product.id, name="Trip"))
            with self.subTest(model, product=product.name), self.assertRaisesRegex(UserError, message):
                order.action_confirm()
            self.assertEqual(order.state, "draft")

    def test_a_deleted_product_says_what_to_do(self):
        product = self.env.ref("psa_contracts.product_expense")
        # the templates that come with the suite sell it too
        self.env["sale.order.template.line"].search([("product_id", "=", product.id)]).unlink()
        product.unlink()
        with self.assertRaisesRegex(UserError, "no product for this billing model any more.*choose one"):
            self._sow(self._sold("expense", 10))

    def test_expenses_that_the_host_re_invoices_are_expenses(self):
        order = self._hybrid()
        order.action_confirm()
        line = self.env["sale.order.line"].create(
            {
                "order_id": order.id,
                "product_id": self.env["product.product"].create({"name": "Train"}).id,
                "is_expense": True,
            }
        )
        self.assertEqual(line.psa_billing_model, "expense")

    def test_negative_hours_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "planned hours of Go-live are negative"):
            self._sow(
                self._sold("milestone", 1, name="Go-live", psa_role_id=self.developer.id, psa_effort_hours=-1)
            )
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(CheckViolation, "psa_retainer_hours_not_negative"),
            self.cr.savepoint(),
        ):
            self._sow(self._sold("retainer", 1, psa_retainer_hours=-1))

    def test_planned_hours_and_retainer_terms_of_a_signed_sow_are_not_edited(self):
        order = self._hybrid()
        order.action_confirm()
        for model, values in (
            ("fixed", {"psa_effort_hours": 1}),
            ("retainer", {"psa_retainer_hours": 1}),
            ("retainer", {"psa_retainer_period": "quarter"}),
        ):
            line = self._line_of(order, model).with_user(self.sales.user_id)
            with self.subTest(values), self.assertRaisesRegex(UserError, "is signed"):
                line.write(values)

    def test_other_orders_have_no_terms_of_retainers_or_success(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [
                    Command.create({"product_id": self.env.ref("psa_contracts.product_success_fee").id})
                ],
            }
        )
        self.assertFalse(order.order_line.psa_retainer_period)
        self.assertFalse(order.order_line.psa_success_fee_ids)
        order.order_line.qty_delivered = 1  # as in the host
        self.assertEqual(order.order_line.qty_delivered, 1)


@tagged("post_install", "-at_install")
class TestCapMessage(HttpCase, PsaContractsCase):
    @mute_logger("odoo.sql_db", "odoo.http")
    def test_a_cap_below_zero_says_so_to_who_types_it(self):
        order = self._sow()
        self.sales.user_id.password = "psa.sales.password"
        self.authenticate(self.sales.user_id.login, "psa.sales.password")
        for model, record in (("sale.order", order), ("sale.order.line", order.order_line[0])):
            answer = self.url_open(
                f"/web/dataset/call_kw/{model}/web_save",
                json={
                    "params": {
                        "model": model,
                        "method": "web_save",
                        "args": [record.ids, {"psa_cap_amount": -1}],
                        "kwargs": {"specification": {}},
                    }
                },
            ).json()
            with self.subTest(model):
                message = answer["error"]["data"]["message"]
                self.assertIn("A cap cannot be negative. Use 0 for no cap.", message)
            self.assertFalse(record.psa_cap_amount)

    def test_an_agreed_price_stays_whatever_else_changes_on_the_order(self):
        order = self._hybrid()
        before = order.order_line.mapped("price_unit")
        order.psa_agreement_id = self._agreement()
        order.psa_date_start = "2026-03-02"
        order.order_line.filtered(lambda line: line.psa_billing_model == "fixed").product_uom_qty = 2
        self.assertEqual(order.order_line.mapped("price_unit"), before)
        # 8,000 + 2 × 3,000 + 5,000 + 3 × 1,500 + 800 + 10,000
        self.assertEqual(order.amount_untaxed, 34300)
