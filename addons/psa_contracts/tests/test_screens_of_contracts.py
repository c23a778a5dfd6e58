"""What people read on the screens of contracts: the words, the forms, the names of lines."""

from lxml import etree

from odoo import Command
from odoo.tests import Form, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestScreensOfContracts(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sow = cls._sow(
            cls._phase("Design", "2026-03-01", "2026-03-31"),
            cls._hours(cls.architect, 40),
            Command.create(
                {
                    "psa_role_id": cls.architect.id,
                    "psa_billing_model": "milestone",
                    "name": "Concept accepted\nby the board",
                    "product_uom_qty": 1,
                    "price_unit": 5000,
                }
            ),
        )
        cls.hours, cls.milestone = cls.sow.order_line.filtered("psa_billing_model")

    def _change(self):
        self.sow.action_confirm()
        return self.env["sale.order"].browse(self.sow.action_psa_change_order()["res_id"])

    def test_lists_are_grouped_by_the_words_of_contracts(self):
        self._change()
        orders = self.env["sale.order"].with_context(lang="en_US")
        mine = [("partner_id", "=", self.sow.partner_id.id), ("psa_kind", "!=", False)]
        groups = orders.formatted_read_group(mine, ["psa_sow_state"], ["__count"])
        words = dict(orders._fields["psa_sow_state"]._description_selection(self.env))
        self.assertEqual(
            [(words[group["psa_sow_state"]], group["__count"]) for group in groups],
            [("Draft", 1), ("Signed", 1)],
        )
        for group in groups:
            found = orders.search([*mine, *group["__extra_domain"]])
            self.assertEqual(len(found), group["__count"])
        self.assertTrue(orders.fields_get(["psa_sow_state"])["psa_sow_state"]["groupable"])

    def test_a_change_order_opens_in_its_own_form(self):
        change = self._change()
        form = self.env.ref("psa_contracts.change_order_form")
        self.assertEqual(change.get_formview_id(), form.id)
        self.assertEqual(self.sow.action_psa_change_order()["views"], [(form.id, "form")])
        self.assertEqual(self.sow.get_formview_id(), self.env.ref("psa_contracts.sow_view_form").id)

    def test_a_template_is_called_what_it_is(self):
        """Which of two labels shows is a matter of its kind."""
        form = etree.fromstring(self.env["sale.order.template"].get_view(view_type="form")["arch"])
        labels = {
            (label.get("for"), label.get("string"), label.get("invisible"))
            for label in form.iter("label")
            if label.get("for") in ("name", "number_of_days")
        }
        self.assertEqual(
            labels,
            {
                ("name", None, "psa_kind"),
                ("name", "SOW Template", "not psa_kind"),
                ("number_of_days", "Quotation Validity", "psa_kind"),
                ("number_of_days", "Open for Signature", "not psa_kind"),
            },
        )

    def test_the_end_moves_alone(self):
        change = self._change()
        with Form(change, "psa_contracts.change_order_form") as form:
            form.psa_date_end = "2027-06-30"
        self.assertFalse(change.psa_date_start)
        self.assertEqual(str(self.sow._psa_period(change)[1]), "2027-06-30")

    def test_a_line_is_called_by_its_role_or_by_what_it_delivers(self):
        names = (self.hours | self.milestone).with_context(psa_short_name=True).mapped("display_name")
        self.assertEqual(names, ["Architect", "Concept accepted"])
        rows = list(self._change()._psa_prepare_change_lines("2026-03-01"))
        self.assertEqual([row["name"] for row in rows], ["Architect", "Concept accepted"])

    def test_a_line_of_a_change_order_carries_its_number_where_both_stand(self):
        change = self._change()
        change.order_line = [self._hours(self.architect, 10)]
        lines = (self.hours | change.order_line).with_context(psa_short_name="changes")
        self.assertEqual(lines.mapped("display_name"), ["Architect · Design", f"Architect · {change.name}"])
        short = lines.with_context(psa_short_name=True)
        self.assertEqual(short.mapped("display_name"), ["Architect · Design", "Architect"])

    def test_a_new_line_stands_under_its_phase(self):
        change = self._change()
        change.order_line = [
            self._phase("Rollout", "2026-06-01", "2026-06-30"),
            self._hours(self.architect, 10),
        ]
        [row] = change._psa_change_values()["rows"]
        self.assertEqual((row["name"], row["phase"], row["is_new"]), ("Architect", "Rollout", True))

    def test_one_date_says_which_it_is(self):
        sow = self.sow.with_context(lang="en_US")
        sow.write({"psa_date_start": False, "psa_date_end": "2026-05-31"})
        self.assertEqual(sow._psa_document_period(), "until 05/31/2026")
        sow.write({"psa_date_start": "2026-03-01", "psa_date_end": False})
        self.assertEqual(sow._psa_document_period(), "from 03/01/2026")
        sow.psa_date_end = "2026-05-31"
        self.assertEqual(sow._psa_document_period(), "03/01/2026 – 05/31/2026")

    def test_who_sells_and_logs_time_opens_work_of_others_without_rights_on_projects(self):
        self.sow.action_confirm()
        seller = self._person(
            "seller", "psa_project.group_psa_user,sales_team.group_sale_salesman_all_leads"
        ).user_id
        self.assertFalse(seller.has_group("project.group_project_user"))
        view = self.env.ref("psa_contracts.sow_view_form")
        form = Form(self.sow.with_user(seller), view=view)
        self.assertEqual(form.name, self.sow.name)
        self.assertTrue(self.sow.with_user(seller).show_hours_recorded_button)

    def test_who_invoices_opens_one_without_rights_in_sales(self):
        self.env.user.group_ids += self.env.ref("project.group_project_milestone")
        self.sow.action_confirm()
        groups = "account.group_account_invoice,project.group_project_milestone"
        accountant = self._person("accountant", groups).user_id
        project = self.sow.order_line.project_id
        project.privacy_visibility = "followers"
        order = self.sow.with_user(accountant)
        self.assertEqual(order.web_read({"name": {}, "project_ids": {}})[0]["project_ids"], [])
        project.privacy_visibility = "employees"
        self.env.invalidate_all()
        self.assertEqual(order.web_read({"project_ids": {}})[0]["project_ids"], project.ids)
        form = Form(order, view=self.env.ref("psa_contracts.sow_view_form"))
        self.assertEqual(form.name, self.sow.name)
