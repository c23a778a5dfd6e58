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
ROWS = ".o_data_row"


class DemoFirmCase(ScreensMixin, HttpCase):
    """The demo firm with its month, loaded as ./psa demo loads it."""

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


@tagged("post_install", "-at_install")
class TestDemoFirm(DemoFirmCase):
    def test_the_firm_has_twelve_people_in_five_roles_and_seven_engagements(self):
        people = self.env["hr.employee"].search([("work_email", "=like", "%@northlight.example")])
        self.assertEqual(len(people), 12)
        self.assertEqual(len(people.psa_role_id), 5)
        orders = self.env["sale.order"].search([("client_order_ref", "!=", False), ("psa_kind", "=", "sow")])
        self.assertEqual(len(orders), 7)
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

    def test_the_firm_shows_a_change_order_signed_and_one_to_sign(self):
        sow, signed = (
            self._ref("psa_contracts.sow_harbour_cost"),
            self._ref("psa_contracts.change_harbour_wards"),
        )
        self.assertEqual(signed.state, "sale")
        # 60 h of a senior consultant at 190 came on top, and 20,000 on the cap of 150,000
        self.assertEqual((sow.psa_change_amount, sow.psa_current_cap), (11400, 170000))
        self.assertEqual(sow.psa_current_date_end, signed.psa_date_end)
        draft = self._ref("psa_contracts.change_harbour_handover")
        self.assertEqual((draft.state, draft.name), ("draft", f"{sow.name}-CO2"))
        # 60 h of an analyst less at 110, 30 h of a manager more at 240
        self.assertEqual(draft.amount_untaxed, 30 * 240 - 60 * 110)
        self.assertFalse(draft._psa_confirmation_problem())
        self.assertFalse(draft.duplicated_order_ids, "it has the reference of its SOW on purpose")

    def test_the_firm_is_writing_a_statement_of_work_for_an_opportunity(self):
        sow = self._ref("psa_contracts.sow_solvane_pricing")
        # 90 h × 190 and 140 h × 110 by the card, a milestone of 18,000, a fee of about 12,000
        self.assertEqual((sow.state, sow.amount_untaxed), ("draft", 17100 + 15400 + 18000 + 12000))
        self.assertFalse(sow._psa_confirmation_problem())
        forecast = sow.opportunity_id.psa_pipeline_line_ids
        self.assertEqual(set(forecast.mapped("source")), {"sow"})
        self.assertEqual(sow.opportunity_id.psa_forecast_hours, 90 + 140 + 80)


@tagged("post_install", "-at_install", "slow")
class TestDemoScreens(DemoFirmCase):
    def test_the_screens_open(self):
        shots = [*self._screens_of_sales(), *self._screens_of_delivery()]
        self.photograph("admin", shots + self._screens_by_click())
        self.photograph("admin", self._screens_of_settings())
        # a browser of its own: the portal is another web client
        self.photograph("admin", self._pages_of_the_portal())
        # a phone shows cards where there are some
        card_or = ".o_kanban_record:not(.o_kanban_ghost), "
        self.photograph(
            "admin", [(path, f"{name}_phone", card_or + shown) for path, name, shown in shots], PHONE
        )
        self.photograph(
            "admin",
            [(path, f"{name}_phone", shown) for path, name, shown in self._pages_of_the_portal()],
            PHONE,
        )

    def _screens_of_sales(self):
        lead, draft = (
            self._ref("psa_contracts.opportunity_pricing"),
            self._ref("psa_contracts.sow_solvane_pricing"),
        )
        sow, change = (
            self._ref("psa_contracts.sow_harbour_cost"),
            self._ref("psa_contracts.change_harbour_wards"),
        )
        card = self._ref("psa_contracts.card_standard")
        template = self._ref("psa_contracts.sow_template_fixed_price")
        agreement = self._ref("psa_contracts.agreement_tallis")
        lines, why = ".o_field_widget[name=order_line] .o_data_row", "[data-tooltip^='Standard Rates: ']"
        return [
            (f"/odoo/crm/{lead.id}", "opportunity", ".o_field_widget[name=psa_template_id]"),
            ("/odoo/role-forecast", "role_forecast", ".o_pivot td.o_pivot_cell_value"),
            (f"/odoo/statements-of-work/{draft.id}", "sow_draft", f"{lines} {why}"),
            (f"/odoo/statements-of-work/{sow.id}", "sow", lines),
            ("/odoo/statements-of-work", "sows", ROWS),
            (f"/odoo/change-orders/{change.id}", "change_order", lines),
            ("/odoo/change-orders", "change_orders", ROWS),
            ("/odoo/agreements", "agreements", ROWS),
            (f"/odoo/agreements/{agreement.id}", "agreement", ".o_field_widget[name=notice_date]"),
            (f"/odoo/rate-cards/{card.id}", "rate_card", ROWS),
            (f"/odoo/sow-templates/{template.id}", "sow_template", ROWS),
        ]

    def _screens_of_delivery(self):
        order = self._ref("psa_contracts.sow_meridian_erp")
        project = order.order_line.task_id.project_id
        demand = self.env["psa.demand"].search([("order_id", "=", order.id)], limit=1)
        return [
            ("/odoo/action-project.project_roles_action", "roles", ROWS),
            (f"/odoo/action-project.open_view_project_all_config/{project.id}", "project", ".o_form_view"),
            ("/odoo/project-phases", "phases", ".o_group_header"),
            ("/odoo/timesheets-to-approve", "approve_time", ROWS),
            ("/odoo/psa-demands", "demand", ROWS),
            (f"/odoo/psa-demands/{demand.id}", "demand_form", ROWS),
            ("/odoo/psa-bookings", "bookings", ROWS),
            ("/odoo/psa-capacity", "capacity", ROWS),
        ]

    def test_the_screens_of_billing_open(self):
        proposal = self.env["psa.billing.proposal"].search(
            [("order_id", "=", self._ref("psa_contracts.sow_meridian_erp").id)]
        )
        self.photograph("lucia", self._screens_of_review(proposal))
        self.photograph("henrik", self._screens_of_billing(proposal))
        self.photograph("admin", self._screens_of_billing_settings())
        path, name, _shown = self._screens_of_review(proposal)[1]
        self.photograph("lucia", [(path, f"{name}_phone", ".o_kanban_record:not(.o_kanban_ghost)")], PHONE)

    def _screens_of_review(self, proposal):
        """A project manager has no rights in accounting: the screens open all the same."""
        action = "/odoo/action-psa_billing.psa_billing_proposal_action_review"
        return [
            (action, "proposals_to_review", ROWS),
            (f"{action}/{proposal.id}", "proposal", ROWS),
            (
                f"{action}/{proposal.id}",
                "proposal_adjust",
                ".o_form_view",
                ".o_form_statusbar button[name=action_adjust]",
                ".modal .o_form_view",
            ),
        ]

    def _screens_of_billing(self, proposal):
        action, pivot = "/odoo/action-psa_billing", ".o_pivot td.o_pivot_cell_value"
        return [
            (f"{action}.psa_billing_run_action/{proposal.run_id.id}", "billing_run", ROWS),
            (f"{action}.psa_billing_proposal_action", "proposals", ROWS),
            (f"{action}.psa_wip_entry_action", "wip", ROWS),
            (f"{action}.psa_retainer_period_action", "retainer_periods", ROWS),
            (f"{action}.psa_adjustment_action", "write_offs", ROWS),
            (f"{action}.psa_overdue_client_action", "overdue_clients", ROWS),
            (f"{action}.psa_hour_state_action", "state_of_hours", pivot),
            (f"{action}.psa_billing_analysis_action", "billing_analysis", pivot),
            (f"{action}.psa_leakage_action", "leakage", pivot),
            ("/odoo/invoice-forecast", "invoice_forecast", ".o_graph_view canvas"),
        ]

    def _screens_of_billing_settings(self):
        setting = "#psa_billing_review"
        title = f"h2:has(+ .o_settings_container {setting})"
        page = "/odoo/action-account.action_account_config"
        return [(page, "billing_settings", setting, title, setting)]

    def _screens_by_click(self):
        """Tabs and dialogs: what is clicked, and what shows then."""
        draft, change = (
            self._ref(f"psa_contracts.{name}") for name in ("sow_solvane_pricing", "change_harbour_handover")
        )
        sow, order = f"/odoo/statements-of-work/{draft.id}", f"/odoo/change-orders/{change.id}"
        card = f"/odoo/rate-cards/{self._ref('psa_contracts.card_standard').id}"
        uplift = self._ref("psa_contracts.psa_rate_card_uplift_action")
        form, dialog = ".o_form_view", ".modal .o_form_view"
        return [
            (sow, "sow_document", form, "a[name=psa_document]", ".o_field_widget[name=psa_scope]"),
            (
                sow,
                "sow_phases",
                form,
                "a[name=psa_phases]",
                ".o_field_widget[name=psa_section_ids] .o_data_row",
            ),
            (
                sow,
                "success_fees",
                form,
                "a[name=psa_success_fees]",
                ".o_field_widget[name=psa_success_fee_ids] .o_data_row",
            ),
            (sow, "confirm_by_document", form, "button[name=action_psa_confirm_by_document]", dialog),
            (
                order,
                "change_order_figures",
                form,
                "a[name=psa_change_summary]",
                ".o_field_widget[name=psa_change_summary] table",
            ),
            (order, "change_lines", form, "button[name=action_psa_change_lines]", ".modal .o_data_row"),
            (card, "rate_card_grid", form, "a[name=grid]", ".o_field_widget[name=grid] table"),
            (card, "new_rates", form, f"button[name='{uplift.id}']", ".modal .o_data_row"),
        ]

    def _screens_of_settings(self):
        setting, title = "#psa_forecast", "h2:has(+ .o_settings_container #psa_forecast)"
        return [("/odoo/action-sale.action_sale_config_settings", "sow_settings", setting, title, setting)]

    def _pages_of_the_portal(self):
        page = "#portal_sale_content"
        return [
            (self._ref(f"psa_contracts.{name}").get_portal_url(), picture, page)
            for name, picture in (
                ("sow_solvane_pricing", "sow_portal"),
                ("change_harbour_handover", "change_order_portal"),
            )
        ]
