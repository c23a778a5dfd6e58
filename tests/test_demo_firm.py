"""The demo firm loads, its month runs, and its screens open on a desktop and on a phone."""

import contextlib
import io
import runpy
from pathlib import Path

from screens import PHONE, ScreensMixin

from odoo.tests import HttpCase, tagged
from odoo.tools import convert_file

ROOT = Path(__file__).parent.parent
ADDONS = ("psa_project", "psa_contracts", "psa_resource", "psa_billing")


@tagged("post_install", "-at_install")
class TestDemoFirm(ScreensMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for addon in ADDONS:
            for path in sorted((ROOT / "addons" / addon / "demo").glob("*.xml")):
                convert_file(cls.env, addon, f"demo/{path.name}", {}, mode="init")
        cls.story = io.StringIO()
        with contextlib.redirect_stdout(cls.story):
            runpy.run_path(str(ROOT / "tools" / "demo_month.py"), {"env": cls.env})["tell_the_month"]()

    def _ref(self, xmlid):
        return self.env.ref(xmlid)

    def test_the_firm_has_twelve_people_in_five_roles_and_six_engagements(self):
        people = self.env["hr.employee"].search([("work_email", "=like", "%@northlight.example")])
        self.assertEqual(len(people), 12)
        self.assertEqual(len(people.psa_role_id), 5)
        orders = self.env["sale.order"].search([("client_order_ref", "!=", False), ("psa_kind", "=", "sow")])
        self.assertEqual(len(orders), 6)
        self.assertEqual(len(orders.partner_id), 4)
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        entries = self.env["account.analytic.line"].search([("order_id", "in", orders.ids)])
        self.assertGreater(len(entries), 400)
        states = set(entries.mapped("psa_state"))
        self.assertLessEqual({"approved", "submitted"}, states)
        # on a Monday nobody has logged this week's drafts yet
        self.assertLessEqual(states, {"approved", "submitted", "draft"})

    def test_time_of_the_firm_is_worked_in_a_role_that_was_sold(self):
        orders = self.env["sale.order"].search([("client_order_ref", "!=", False), ("psa_kind", "=", "sow")])
        projects = orders.order_line.task_id.project_id
        lost = self.env["account.analytic.line"].search(
            [("project_id", "in", projects.ids), ("so_line", "=", False)]
        )
        self.assertFalse(lost, "time of the demo firm that no SOW line pays for")

    def test_the_month_ends_with_a_posted_invoice(self):
        told = self.story.getvalue()
        self.assertIn("Opportunity to cash: done.", told)
        # ten weekdays: Priya 5 h × 190 = 9,500 over 10 days; Nora 3.5 h × 150 = 5,250
        invoice = self.env["account.move"].search(
            [("partner_id", "=", self._ref("psa_contracts.client_meridian").id), ("state", "=", "posted")],
            limit=1,
        )
        self.assertEqual(invoice.amount_untaxed, 14750)

    def test_the_agreements_of_the_firm_show_what_was_sold_and_billed_under_them(self):
        for name in ("agreement_tallis", "agreement_meridian"):
            agreement = self._ref(f"psa_contracts.{name}")
            self.assertEqual(agreement.state, "active")
            self.assertGreater(agreement.value_amount, agreement.billed_amount)
        # the month's own SOW, and what was there before
        self.assertEqual(agreement.sow_count, 3)
        self.assertEqual(agreement.billed_amount, 14750)

    def test_the_screens_open(self):
        order = self._ref("psa_contracts.sow_meridian_erp")
        project = order.order_line.task_id.project_id
        run = self.env["psa.billing.run"].search([], limit=1)
        proposal = run.proposal_ids.filtered(lambda proposal: proposal.order_id == order)
        lead = self.env["crm.lead"].search([("name", "=", "Warehouse automation")], limit=1)
        demand = self.env["psa.demand"].search([("order_id", "=", order.id)], limit=1)
        card = self._ref("psa_contracts.card_standard")
        agreement = self._ref("psa_contracts.agreement_tallis")
        rows, form = ".o_data_row", ".o_form_view"
        shots = [
            (f"/odoo/crm/{lead.id}", "opportunity", form),
            (f"/odoo/statements-of-work/{order.id}", "sow", ".o_field_widget[name=order_line] .o_data_row"),
            ("/odoo/statements-of-work", "sows", rows),
            (f"/odoo/rate-cards/{card.id}", "rate_card", rows),
            ("/odoo/agreements", "agreements", rows),
            (f"/odoo/agreements/{agreement.id}", "agreement", ".o_field_widget[name=notice_date]"),
            ("/odoo/action-project.project_roles_action", "roles", rows),
            (f"/odoo/action-project.open_view_project_all_config/{project.id}", "project", form),
            ("/odoo/project-phases", "phases", ".o_group_header"),
            ("/odoo/timesheets-to-approve", "approve_time", rows),
            ("/odoo/psa-demands", "demand", rows),
            (f"/odoo/psa-demands/{demand.id}", "demand_form", rows),
            ("/odoo/psa-bookings", "bookings", rows),
            ("/odoo/psa-capacity", "capacity", rows),
            (f"/odoo/action-psa_billing.psa_billing_run_action/{run.id}", "billing_run", rows),
            (f"/odoo/action-psa_billing.psa_billing_proposal_action/{proposal.id}", "proposal", rows),
            ("/odoo/action-psa_billing.psa_billing_proposal_action", "proposals", rows),
            ("/odoo/action-psa_billing.psa_wip_entry_action", "wip", rows),
        ]
        self.photograph("admin", shots)
        portal = [(order.get_portal_url(), "sow_portal", "#portal_sale_content")]
        self.photograph("admin", portal)  # a browser of its own: the portal is another web client
        # a phone shows cards where there are some
        card_or = ".o_kanban_record:not(.o_kanban_ghost), "
        self.photograph(
            "admin", [(path, f"{name}_phone", card_or + shown) for path, name, shown in shots], PHONE
        )
