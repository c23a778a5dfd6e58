"""Retainers are billed in batches: what a period costs does not grow with their number."""

from odoo import Command
from odoo.tests import tagged

from .common_complete import TALKING
from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestRetainerSpeed(PsaRetainerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {
                "name": "Care",
                "type": "service",
                "service_policy": "delivered_manual",
                "service_tracking": "no",
                "taxes_id": [Command.set(cls.tax.ids)],
            }
        )

    def _care(self, **values):
        """A SOW with a retainer that no project delivers."""
        values = {
            "product_id": self.product.id,
            "psa_billing_model": "retainer",
            "product_uom_qty": 3,
            "price_unit": 500,
            **values,
        }
        return Command.create(values)

    def _queries(self, count):
        """Queries of a step, from due periods to posted invoices of as many new clients."""
        clients = self.env["res.partner"].create([{"name": f"Client {n}"} for n in range(count)])
        for client in clients:
            self._sow(self._care(), self._care(price_unit=300), partner_id=client.id)
        run = self._run(invoice_date="2026-04-01").with_context(**TALKING)
        self.env.flush_all()
        self.env.invalidate_all()
        found, start = {}, self.env.cr.sql_log_count
        for name, step in (
            ("propose", run.action_make_proposals),
            ("approve", lambda: run.proposal_ids.action_approve()),
            ("invoice", lambda: run.proposal_ids.action_create_invoice()),
            ("post", lambda: run.proposal_ids.invoice_id.action_post()),
        ):
            step()
            self.env.cr.flush()
            found[name] = self.env.cr.sql_log_count - start
            start = self.env.cr.sql_log_count
        self.assertEqual(run.proposal_ids.invoice_id.mapped("amount_untaxed"), [800] * count)
        return found

    def test_queries_a_batch(self):
        """The host asks for the journal and the followers of each invoice, and names its order; nothing
        else is asked of each."""
        self._queries(1)
        few, many = self._queries(10), self._queries(20)
        each = {name: (many[name] - few[name]) / 10 for name in few}
        self.assertLessEqual(each["propose"], 1.5, each)
        self.assertLessEqual(each["approve"], 0.5, each)
        self.assertLessEqual(each["invoice"], 5, each)
        self.assertLessEqual(each["post"], 3, each)

    def test_a_line_without_project_is_charged_to_no_account(self):
        order = self._sow(self._care())
        self.assertEqual(order.order_line._psa_without_projects(), {order.order_line.id})
        self.assertFalse(self._invoice(self._propose()).invoice_line_ids.analytic_distribution)

    def test_a_line_of_a_project_is_charged_to_its_account(self):
        """Also where the project or its task is archived the host is asked, and knows best."""
        plan = self.env["account.analytic.plan"].create({"name": "Plan"})
        account = self.env["account.analytic.account"].create({"name": "Care", "plan_id": plan.id})
        order = self._sow(self._care(), self._care(price_unit=300), self._care(price_unit=200))
        by_project, by_task, archived = order.order_line
        project = self.env["project.project"].create(
            {
                "name": "Care",
                "partner_id": self.client.id,
                "allow_billable": True,
                "account_id": account.id,
                "sale_line_id": by_project.id,
            }
        )
        tasks = self.env["project.task"].create(
            [
                {"name": "Care", "project_id": project.id, "sale_line_id": line.id}
                for line in by_task | archived
            ]
        )
        tasks[1].active = False
        self.assertFalse(order.order_line._psa_without_projects())
        lines = self._invoice(self._propose()).invoice_line_ids.grouped("sale_line_ids")
        for line in order.order_line:
            self.assertEqual(lines[line].analytic_distribution, {str(account.id): 100})

    def test_hours_sold_ahead_are_told_by_the_host(self):
        ahead = self.env["product.product"].create(
            {
                "name": "Hours",
                "type": "service",
                "service_policy": "ordered_prepaid",
                "uom_id": self.env.ref("uom.product_uom_hour").id,
            }
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [
                    Command.create({"product_id": ahead.id, "product_uom_qty": 5}),
                    Command.create({"product_id": self.product.id}),
                ],
            }
        )
        self.assertEqual(order.order_line.mapped("remaining_hours_available"), [True, False])
