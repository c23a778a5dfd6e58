"""Opportunity to cash: one SOW through all four addons, with figures worked out by hand.

Architect  40 h × 200.00 =  8,000.00     Design, March
Developer 100 h × 120.00 = 12,000.00     Build, April and May
                           20,000.00     + 15 % = 23,000.00
"""

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestLeadToCash(AccountTestInvoicingCommon, HttpCase):
    @classmethod
    def get_default_groups(cls):
        groups = (
            "psa_billing.group_psa_billing_manager",
            "psa_contracts.group_psa_rate_manager",
            "psa_project.group_psa_project_manager",
            "psa_resource.group_psa_resource_manager",
            "sales_team.group_sale_manager",
        )
        return super().get_default_groups() | cls.env["res.groups"].concat(*map(cls.quick_ref, groups))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.tax = cls.company_data["default_tax_sale"]
        cls.architect, cls.developer = cls.env["project.role"].create(
            [{"name": "Architect"}, {"name": "Developer"}]
        )
        (cls.architect | cls.developer)._psa_create_products()
        (cls.architect | cls.developer).psa_time_product_id.taxes_id = cls.tax
        cls.card = cls.env["psa.rate.card"].create(
            {
                "name": "Rates",
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "line_ids": [
                    Command.create({"role_id": cls.architect.id, "date_start": "2026-01-01", "price": 200}),
                    Command.create({"role_id": cls.developer.id, "date_start": "2026-01-01", "price": 120}),
                ],
            }
        )
        cls.ann = cls._employee("ann", cls.architect)
        cls.dev = cls._employee("dev", cls.developer)
        cls.client = cls.env["res.partner"].create({"name": "Client Ltd", "email": "client@client.example"})

    @classmethod
    def _employee(cls, login, role):
        user = new_test_user(
            cls.env(context={**cls.env.context, "no_reset_password": True}),
            login=f"story.{login}",
            groups="psa_project.group_psa_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        # sudo: the story begins after HR has hired its people
        employees = cls.env["hr.employee"].sudo()
        return employees.create(
            {
                "name": login,
                "user_id": user.id,
                "company_id": cls.company.id,
                "psa_role_id": role.id,
                "hourly_cost": 60,
            }
        ).sudo(False)

    # -- the steps of the story ------------------------------------------------------------

    def _sow_from_opportunity(self):
        lead = self.env["crm.lead"].create(
            {"name": "Rollout", "type": "opportunity", "partner_id": self.client.id}
        )
        action = lead.action_psa_new_sow()
        return (
            self.env["sale.order"]
            .with_context(**action["context"])
            .create(
                {
                    "psa_date_start": "2026-03-01",
                    "psa_date_end": "2026-05-31",
                    "order_line": [
                        self._phase("Design", "2026-03-01", "2026-03-31"),
                        self._role_line(self.architect, 40),
                        self._phase("Build", "2026-04-01", "2026-05-31"),
                        self._role_line(self.developer, 100),
                    ],
                }
            )
            .with_context(lead.env.context)
        )

    def _phase(self, name, start, end):
        return Command.create(
            {"display_type": "line_section", "name": name, "psa_date_start": start, "psa_date_end": end}
        )

    def _role_line(self, role, hours):
        return Command.create(
            {"psa_role_id": role.id, "psa_billing_model": "time_material", "product_uom_qty": hours}
        )

    def _sign_in_the_portal(self, order):
        order.action_quotation_sent()
        order._portal_ensure_token()
        answer = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {"access_token": order.access_token, "name": "Clara Client", "signature": SIGNATURE},
        )
        self.assertTrue(answer.get("force_refresh"), answer)
        order.invalidate_recordset()

    def _log_and_submit(self, employee, task, day, hours):
        entry = (
            self.env["account.analytic.line"]
            .with_user(employee.user_id)
            .create(
                {
                    "name": "Work",
                    "project_id": task.project_id.id,
                    "task_id": task.id,
                    "date": day,
                    "unit_amount": hours,
                    "employee_id": employee.id,
                }
            )
        )
        entry.action_psa_submit()
        return entry.with_user(self.env.user)

    def _bill(self, first, last):
        run = self.env["psa.billing.run"].create(
            {"date_from": first, "date_to": last, "company_id": self.company.id}
        )
        run.action_make_proposals()
        return run.proposal_ids

    # -- assertions that read like the ledger -----------------------------------------------

    def assert_ledger(self, invoice, *expected):
        """``expected``: (account, debit, credit) of each journal item, in any order."""
        items = invoice.line_ids.filtered("account_id")  # without sections and notes
        found = sorted((line.account_id.id, line.debit, line.credit) for line in items)
        self.assertEqual(found, sorted((account.id, debit, credit) for account, debit, credit in expected))

    def assert_host_figures(self, line, delivered, invoiced, amount_to_invoice):
        self.assertAlmostEqual(line.qty_delivered, delivered)
        self.assertAlmostEqual(line.qty_invoiced, invoiced)
        self.assertAlmostEqual(line.untaxed_amount_to_invoice, amount_to_invoice)

    def test_from_opportunity_to_cash(self):
        # Sales: the SOW is priced by the card
        order = self._sow_from_opportunity()
        self.assertEqual(order.psa_kind, "sow")
        self.assertEqual(order.partner_id, self.client)
        architect_line, developer_line = order.order_line.filtered("psa_role_id")
        self.assertEqual((architect_line.price_unit, developer_line.price_unit), (200, 120))
        self.assertEqual((order.amount_untaxed, order.amount_tax, order.amount_total), (20000, 3000, 23000))

        # The client signs; delivery and staffing have what they need
        self._sign_in_the_portal(order)
        self.assertEqual((order.state, order.signed_by), ("sale", "Clara Client"))
        project = order.order_line.task_id.project_id
        self.assertEqual(len(project), 1)
        self.assertEqual(project.psa_phase_ids.mapped("name"), ["Design", "Build"])
        self.assertEqual(project.psa_phase_ids.mapped("budget_hours"), [40, 100])
        demands = self.env["psa.demand"].search([("order_id", "=", order.id)])
        self.assertEqual(sorted(demands.mapped("hours")), [40, 100])
        self.env["psa.booking"].create(
            {
                "demand_id": demands.filtered(lambda d: d.role_id == self.architect).id,
                "employee_id": self.ann.id,
                "date_start": "2026-03-02",
                "date_end": "2026-03-20",
                "hours": 40,
                "kind": "hard",
            }
        )
        self.assertEqual(demands.filtered(lambda d: d.role_id == self.architect).open_hours, 0)

        # Delivery: 7.5 + 3 h of the architect in March, 6.25 h of the developer in April, 3 h not approved
        design, build = architect_line.task_id, developer_line.task_id
        march = self._log_and_submit(self.ann, design, "2026-03-03", 7.5)
        march += self._log_and_submit(self.ann, design, "2026-03-31", 3)
        april = self._log_and_submit(self.dev, build, "2026-04-01", 6.25)
        unapproved = self._log_and_submit(self.dev, build, "2026-04-02", 3)
        self.assertEqual((march | april | unapproved).so_line, architect_line | developer_line)
        self.assertEqual(architect_line.qty_delivered, 0)
        (march | april).action_psa_approve()
        # 10.5 h × 200 = 2,100.00; 6.25 h × 120 = 750.00
        self.assert_host_figures(architect_line, delivered=10.5, invoiced=0, amount_to_invoice=2100)
        self.assert_host_figures(developer_line, delivered=6.25, invoiced=0, amount_to_invoice=750)

        # March: 2,100.00 + 15 % (315.00) = 2,415.00
        proposal = self._bill("2026-03-01", "2026-03-31")
        self.assertEqual(len(proposal), 1)
        self.assertEqual(sum(proposal.line_ids.mapped("amount")), 2100)
        proposal.action_approve()
        proposal.action_create_invoice()
        invoice = order.invoice_ids
        self.assertEqual((invoice.state, invoice.move_type), ("draft", "out_invoice"))
        invoice.action_post()
        self.assert_ledger(
            invoice,
            (self.company_data["default_account_receivable"], 2415, 0),
            (self.company_data["default_account_revenue"], 0, 2100),
            (self.tax.invoice_repartition_line_ids.account_id, 0, 315),
        )
        billed = invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        self.assertEqual(
            (billed.sale_line_ids, billed.quantity, billed.price_unit), (architect_line, 10.5, 200)
        )
        self.assertEqual(march.timesheet_invoice_id, invoice)
        self.assertFalse((april | unapproved).timesheet_invoice_id)
        self.assert_host_figures(architect_line, delivered=10.5, invoiced=10.5, amount_to_invoice=0)
        self.assert_host_figures(developer_line, delivered=6.25, invoiced=0, amount_to_invoice=750)

        # What was billed is not billed again; April: 750.00 + 112.50 = 862.50
        self.assertFalse(self._bill("2026-03-01", "2026-03-31").line_ids)
        proposal = self._bill("2026-04-01", "2026-04-30")
        proposal.action_approve()
        proposal.action_create_invoice()
        second = order.invoice_ids - invoice
        second.action_post()
        self.assertEqual((second.amount_untaxed, second.amount_tax, second.amount_total), (750, 112.5, 862.5))
        self.assertEqual(april.timesheet_invoice_id, second)
        self.assertFalse(unapproved.timesheet_invoice_id)

        # The host's profitability panel: all 2,850.00 invoiced, 16.75 + 3 h × 60.00 = 1,185.00 of cost
        figures = project._get_profitability_items(with_action=False)
        self.assertEqual(figures["revenues"]["total"], {"invoiced": 2850.0, "to_invoice": 0.0})
        self.assertEqual(figures["costs"]["total"]["billed"], -1185.0)
