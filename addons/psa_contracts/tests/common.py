import runpy
from datetime import timedelta
from pathlib import Path

from odoo import Command, fields

from odoo.addons.psa_project.tests.common import PsaProjectCase

MIGRATIONS = Path(__file__).parents[1] / "migrations"
#: What the portal stores when a client signs.
SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class PsaContractsCase(PsaProjectCase):
    """On top of the people of psa_project:

    a client, a card (architect 200, developer 120) and a SOW builder.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles = cls.architect | cls.developer
        cls.roles._psa_create_products()
        cls.client = cls.env["res.partner"].create({"name": "Client Ltd", "is_company": True})
        cls.sales = cls._person("sales", "sales_team.group_sale_salesman_all_leads")
        cls.card = cls._card("Standard", [(cls.architect, 200), (cls.developer, 120)])

    def _migrate(self, script="19.0.2.0.0/post-migration.py", version="19.0.1.0.0"):
        """Run a script of this addon, as the upgrade from ``version`` does."""
        self.env.flush_all()
        runpy.run_path(str(MIGRATIONS / script))["migrate"](self.env.cr, version)
        self.env.invalidate_all()

    @classmethod
    def _card(cls, name, prices, start="2026-01-01", **values):
        return cls.env["psa.rate.card"].create(
            {
                "name": name,
                "line_ids": [
                    Command.create({"role_id": role.id, "date_start": start, "price": price})
                    for role, price in prices
                ],
                **values,
            }
        )

    @classmethod
    def _rate(cls, role, price, start="2026-01-01", end=False, card=None, **values):
        """A row on ``card``, by default on the standard card."""
        return cls.env["psa.rate.card.line"].create(
            {
                "card_id": (card or cls.card).id,
                "role_id": role.id,
                "price": price,
                "date_start": start,
                "date_end": end,
                **values,
            }
        )

    @classmethod
    def _rate_changes(cls, role, day, price, **values):
        """The price of ``role`` on the standard card is another one from ``day`` (a string) on."""
        before = fields.Date.to_date(day) - timedelta(days=1)
        cls.card.line_ids.filtered(
            lambda rate: rate.role_id == role and not (rate.date_end or rate.employee_id or rate.location_id)
        ).date_end = before
        return cls._rate(role, price, day, **values)

    @classmethod
    def _other_currency(cls, *rates):
        """A currency that is not that of the company; ``rates``: (day, units for one of the company's)."""
        other = cls.env.ref("base.EUR")
        if other == cls.env.company.currency_id:
            other = cls.env.ref("base.USD")
        other.active = True
        other.rate_ids.unlink()
        for day, rate in rates:
            cls._exchange(other, day, rate)
        return other

    @classmethod
    def _exchange(cls, currency, day, rate):
        cls.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": day, "rate": rate, "company_id": cls.env.company.id}
        )

    @classmethod
    def _place(cls, name):
        """A work location."""
        return cls.env["hr.work.location"].create(
            {"name": name, "address_id": cls.env.company.partner_id.id, "location_type": "office"}
        )

    @classmethod
    def _phase(cls, name, start=False, end=False):
        return Command.create(
            {"display_type": "line_section", "name": name, "psa_date_start": start, "psa_date_end": end}
        )

    @classmethod
    def _hours(cls, role, hours, **values):
        return Command.create(
            {
                "psa_role_id": role.id,
                "psa_billing_model": "time_material",
                "product_uom_qty": hours,
                **values,
            }
        )

    @classmethod
    def _sold(cls, billing_model, price, **values):
        """A line of any billing model at a price; without a role unless one is given."""
        return Command.create({"psa_billing_model": billing_model, "price_unit": price, **values})

    @classmethod
    def _hybrid(cls, **values):
        """A draft SOW with a line of each of the six billing models, in two phases:

        8,000 by the hour, 3,000 fixed, 5,000 on go-live, 3 × 1,500 retainer, 800 expenses, 10,000 on success.
        """
        return cls._sow(
            cls._phase("Design", "2026-03-01", "2026-03-31"),
            cls._hours(cls.architect, 40),
            cls._sold("fixed", 3000, psa_role_id=cls.architect.id, name="Concept", psa_effort_hours=20),
            cls._phase("Build", "2026-04-01", "2026-05-31"),
            cls._sold("milestone", 5000, psa_role_id=cls.developer.id, name="Go-live", psa_effort_hours=30),
            cls._sold("retainer", 1500, name="Support", product_uom_qty=3, psa_retainer_hours=10),
            cls._sold("expense", 800, name="Travel"),
            cls._sold("success_fee", 10000, name="Savings"),
            **values,
        )

    @classmethod
    def _sow(cls, *lines, **values):
        """A draft SOW of March to May 2026; without lines: 40 h of an architect, 100 h of a developer."""
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.client.id,
                "psa_kind": "sow",
                "psa_date_start": "2026-03-01",
                "psa_date_end": "2026-05-31",
                "order_line": list(lines) or [cls._hours(cls.architect, 40), cls._hours(cls.developer, 100)],
                **values,
            }
        )

    @classmethod
    def _change(cls, sow, *lines, **values):
        """A draft change order of a confirmed SOW."""
        change = cls.env["sale.order"].browse(sow.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_change_reason": "Two more interfaces",
                "psa_requested_by_id": cls.client.id,
                "order_line": list(lines),
                **values,
            }
        )
        return change

    @classmethod
    def _amend(cls, line, quantity, **values):
        """The command of a line that changes what ``line`` sold by ``quantity``."""
        return Command.create({"psa_amends_line_id": line.id, "product_uom_qty": quantity, **values})

    @classmethod
    def _log_on(cls, line, employee, hours, day="2026-03-02", approved=False, **values):
        """``hours`` of ``employee`` on the task of a SOW line, approved by the manager if asked."""
        entry = cls._log(
            employee, hours, day, project_id=line.task_id.project_id.id, task_id=line.task_id.id, **values
        )
        if approved:
            entry.action_psa_submit()
            entry.with_user(cls.manager.user_id).action_psa_approve()
        return entry

    @classmethod
    def _agreement(cls, state="active", **values):
        """An agreement with the client over 2026, in force unless told otherwise."""
        return cls.env["psa.agreement"].create(
            {
                "name": "Framework 2026",
                "partner_id": cls.client.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
                "state": state,
                **values,
            }
        )

    @classmethod
    def _sign(cls, order):
        """What the portal stores when the client signs; nothing is confirmed yet."""
        order.sudo().write(
            {"signed_by": "Clara Client", "signed_on": "2026-02-27 10:00:00", "signature": SIGNATURE}
        )
        return order
