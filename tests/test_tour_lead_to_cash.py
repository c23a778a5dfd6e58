"""The thread in a real browser: each person does their part on their own screens."""

from datetime import date

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.psa_contracts.tests.common import SIGNATURE


@tagged("post_install", "-at_install")
class TestTourLeadToCash(HttpCase):
    test_cursor_lock_timeout = 120  # seconds that a request may wait for another on a busy machine

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        quiet = {"no_reset_password": True, "tracking_disable": True}
        cls.env = cls.env(context={**cls.env.context, **quiet})
        cls.architect = cls.env["project.role"].create({"name": "Architect"})
        cls.architect._psa_create_products()
        cls.env["psa.rate.card"].create(
            {
                "name": "Rates",
                "line_ids": [
                    Command.create({"role_id": cls.architect.id, "date_start": "2026-01-01", "price": 200})
                ],
            }
        )
        cls.client = cls.env["res.partner"].create({"name": "Client of the tour"})
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Rollout", "type": "opportunity", "partner_id": cls.client.id, "user_id": False}
        )
        cls._user("tour.sales", "sales_team.group_sale_salesman_all_leads")
        cls.manager = cls._user("tour.manager", "psa_project.group_psa_project_manager")
        cls._user("tour.billing", "psa_billing.group_psa_billing_manager")
        cls.ann = cls.env["hr.employee"].create(
            {
                "name": "Ann",
                "user_id": cls._user("tour.ann", "psa_project.group_psa_user").id,
                "psa_role_id": cls.architect.id,
            }
        )

    @classmethod
    def _user(cls, login, group):
        return new_test_user(cls.env, login=login, groups=group)

    def _sign_in_the_portal(self, order):
        order.action_quotation_sent()
        order._portal_ensure_token()
        answer = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {"access_token": order.access_token, "name": "Clara Client", "signature": SIGNATURE},
        )
        self.assertTrue(answer.get("force_refresh"), answer)
        order.invalidate_recordset()

    def test_from_opportunity_to_posted_invoice(self):
        self.start_tour(f"/odoo/crm/{self.lead.id}", "psa_contracts_sow_tour", login="tour.sales")
        order = self.lead.order_ids
        self.assertEqual((order.psa_kind, order.state), ("sow", "draft"))
        self._sign_in_the_portal(order)
        self.assertEqual((order.psa_kind, order.state, order.amount_untaxed), ("sow", "sale", 8000))

        task = order.order_line.task_id
        self.env["account.analytic.line"].with_user(self.ann.user_id).create(
            {
                "name": "Design",
                "project_id": task.project_id.id,
                "task_id": task.id,
                "date": date.today(),  # a new run proposes the current month
                "unit_amount": 10,
            }
        )
        mine = "/odoo/action-hr_timesheet.act_hr_timesheet_line"
        self.start_tour(mine, "psa_project_submit_tour", login="tour.ann")
        self.start_tour("/odoo/timesheets-to-approve", "psa_project_approve_tour", login="tour.manager")
        self.assertEqual(order.order_line.qty_delivered, 10)

        runs = "/odoo/action-psa_billing.psa_billing_run_action"
        self.start_tour(runs, "psa_billing_run_tour", login="tour.billing")
        self.assertEqual(order.invoice_ids.state, "posted")
        self.assertEqual(order.invoice_ids.amount_untaxed, 2000)
