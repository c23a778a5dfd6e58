from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.psa_project.tests.queries import CountsQueries


class PsaBillingCase(CountsQueries, AccountTestInvoicingCommon):
    """An advisory firm: Ann is an architect (150.00 an hour), Dev a developer (100.00), 15 % tax."""

    @classmethod
    def get_default_groups(cls):
        groups = (
            "psa_billing.group_psa_billing_manager",
            "psa_contracts.group_psa_rate_manager",
            "psa_project.group_psa_project_manager",
            "project.group_project_milestone",
            "sales_team.group_sale_manager",
        )
        return super().get_default_groups() | cls.env["res.groups"].concat(*map(cls.quick_ref, groups))

    @classmethod
    def _rate_changes(cls, role, price, day="2026-03-01", unit="hour"):
        """Another price of ``role`` from ``day`` on; a price that was to begin then, or later, is gone."""
        day = fields.Date.to_date(day)
        rates = cls.card.line_ids.filtered(lambda rate: rate.role_id == role and not rate.employee_id)
        # sudo: the former plan may have been signed
        rates.filtered(lambda rate: rate.date_start >= day).sudo().unlink()
        held = rates.exists().filtered(lambda rate: rate._psa_row().is_valid_on(day))
        held.date_end = day - timedelta(days=1)
        cls.card.line_ids = [
            Command.create({"role_id": role.id, "date_start": day, "price": price, "unit": unit})
        ]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "no_reset_password": True, "tracking_disable": True})
        cls.company = cls.company_data["company"]
        cls.company.psa_billing_tax_check = False  # many lines here are sold without tax
        cls.tax = cls.company_data["default_tax_sale"]
        cls.architect, cls.developer = roles = cls.env["project.role"].create(
            [{"name": "Architect"}, {"name": "Developer"}]
        )
        roles._psa_create_products()
        products = roles.psa_time_product_id | roles.psa_fixed_product_id | roles.psa_milestone_product_id
        products.taxes_id = cls.tax
        cls.card = cls.env["psa.rate.card"].create(
            {
                "name": "Rates 2026",
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "line_ids": [
                    Command.create({"role_id": cls.architect.id, "date_start": "2026-01-01", "price": 150}),
                    Command.create({"role_id": cls.developer.id, "date_start": "2026-01-01", "price": 100}),
                ],
            }
        )
        cls.ann = cls._employee("ann", cls.architect)
        cls.dev = cls._employee("dev", cls.developer)
        cls.client = cls.env["res.partner"].create({"name": "Client Ltd", "email": "client@client.example"})

    # -- builders --------------------------------------------------------------------------

    @classmethod
    def _user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=f"bill.{login}",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def _employee(cls, login, role, company=None):
        company = company or cls.company
        user = cls._user(login, "psa_project.group_psa_user", company)
        return (
            cls.env["hr.employee"]
            .sudo()
            .create(
                {
                    "name": login,
                    "user_id": user.id,
                    "company_id": company.id,
                    "psa_role_id": role.id,
                    "hourly_cost": 60,
                }
            )
        )

    @classmethod
    def _works_in(cls, employee, *moves):
        """``employee`` works, as HR says, from each first day at that place: ``(day, name)``. The places by
        their names."""
        places = {}
        for name in dict.fromkeys(name for _day, name in moves):
            address = cls.company.partner_id.id
            values = {"name": name, "address_id": address, "location_type": "office"}
            places[name] = cls.env["hr.work.location"].sudo().create(values)
        employee = employee.with_user(cls.env.ref("base.user_root"))
        (first, name), *later = moves
        employee.version_id.write({"date_version": first, "work_location_id": places[name].id})
        for day, name in later:
            employee.create_version({"date_version": day, "work_location_id": places[name].id})
        return places

    @classmethod
    def _line(cls, role, hours=100, model="time_material", cap=0, **values):
        """The command of a SOW line; ``price`` of fixed lines goes into ``values``."""
        return Command.create(
            {
                "psa_role_id": role.id,
                "psa_billing_model": model,
                "product_uom_qty": hours,
                "psa_cap_amount": cap,
                **values,
            }
        )

    @classmethod
    def _sow(cls, *lines, confirm=True, **values):
        """A confirmed SOW of the client with these lines; one architect line by default."""
        order = cls.env["sale.order"].create(
            {
                "psa_kind": "sow",
                "partner_id": cls.client.id,
                "psa_date_start": "2026-03-01",
                "psa_date_end": "2026-06-30",
                "order_line": list(lines) or [cls._line(cls.architect)],
                **values,
            }
        )
        if confirm:
            order.sudo().action_confirm()  # as the portal does when the client signs
        return order

    @classmethod
    def _agreement(cls, **values):
        """An active agreement of the client."""
        agreement = cls.env["psa.agreement"].create(
            {
                "name": "Frame",
                "partner_id": cls.client.id,
                "company_id": cls.company.id,
                "date_start": "2026-01-01",
                **values,
            }
        )
        agreement.action_activate()
        return agreement

    @classmethod
    def _log(cls, line, hours, day="2026-03-02", employee=None, **values):
        """``hours`` on the task of a SOW line, submitted, not approved."""
        task = line.task_id
        entry = cls.env["account.analytic.line"].create(
            {
                "name": "Work",
                "project_id": task.project_id.id,
                "task_id": task.id,
                "employee_id": (employee or (cls.dev if line.psa_role_id == cls.developer else cls.ann)).id,
                "date": day,
                "unit_amount": hours,
                **values,
            }
        )
        entry.action_psa_submit()
        return entry

    @classmethod
    def _work(cls, line, hours, day="2026-03-02", employee=None, **values):
        """``hours`` on the task of a SOW line, approved."""
        entry = cls._log(line, hours, day, employee, **values)
        entry.action_psa_approve()
        return entry

    @classmethod
    def _run(cls, first="2026-03-01", last="2026-03-31", **values):
        return cls.env["psa.billing.run"].create(
            {
                "name": "March",
                "date_from": first,
                "date_to": last,
                "company_id": cls.company.id,
                "only_due": False,
                **values,
            }
        )

    @classmethod
    def _change_order(cls, sow, *lines, **values):
        """A confirmed change order of ``sow``."""
        change = cls.env["sale.order"].browse(sow.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_change_reason": "More to do",
                "psa_requested_by_id": cls.client.id,
                "order_line": list(lines),
                **values,
            }
        )
        change.sudo().action_confirm()
        return change

    @classmethod
    def _amend(cls, line, quantity, **values):
        """The command of a line of a change order that amends ``line``."""
        return Command.create({"psa_amends_line_id": line.id, "product_uom_qty": quantity, **values})

    @classmethod
    def _propose(cls, first="2026-03-01", last="2026-03-31"):
        run = cls._run(first, last)
        run.action_make_proposals()
        return run.proposal_ids

    @classmethod
    def _invoice(cls, proposals, post=False):
        proposals.action_approve()
        proposals.action_create_invoice()
        invoices = proposals.invoice_id
        if post:
            invoices.invoice_date = fields.Date.to_date("2026-04-01")
            invoices.action_post()
        return invoices

    @classmethod
    def _reversal(cls, invoice, **values):
        """The dialog that credits an invoice."""
        return (
            cls.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, **values})
        )

    @classmethod
    def _draft_credit(cls, invoice, **values):
        """A draft credit note of all of the invoice, of 2 April."""
        wizard = cls._reversal(invoice, **{"date": "2026-04-02", **values})
        wizard.refund_moves()
        return wizard.new_move_ids

    @classmethod
    def _credit(cls, invoice):
        """A posted credit note of all of the invoice."""
        note = cls._draft_credit(invoice)
        note.action_post()
        return note

    # -- assertions ------------------------------------------------------------------------

    def assert_refused(self, call, *words, error=UserError):
        """``call`` raises ``error`` whose text has ``words`` in their order, and leaves nothing behind."""
        with self.assertRaisesRegex(error, "(?s)" + ".*".join(words)), self.env.cr.savepoint():
            call()
        self.env.invalidate_all()

    def assert_wip(self, entry, *expected):
        """``expected``: (state, raw hours, billable quantity, amount) of each part, in the order
        of the parts.
        """
        parts = entry.psa_wip_ids.sorted("part")
        found = [(wip.state, round(wip.raw_hours, 6), wip.billable_quantity, wip.amount) for wip in parts]
        self.assertEqual(found, list(expected))
        self.assertAlmostEqual(sum(parts.mapped("raw_hours")), entry.unit_amount, 9)

    def assert_host_figures(self, line, delivered, invoiced, amount_to_invoice):
        line.env.flush_all()
        line.invalidate_recordset()
        self.assertAlmostEqual(line.qty_delivered, delivered)
        self.assertAlmostEqual(line.qty_invoiced, invoiced)
        self.assertAlmostEqual(line.untaxed_amount_to_invoice, amount_to_invoice)
