"""What must not happen to a SOW: prices leaking, signed terms changing, a price for the wrong thing."""

from psycopg2.errors import ForeignKeyViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestSowGuards(PsaContractsCase):
    def _stock_order(self):
        product = self.env["product.product"].create({"name": "Goods", "list_price": 10})
        return self.env["sale.order"].create(
            {"partner_id": self.client.id, "order_line": [Command.create({"product_id": product.id})]}
        )

    def test_a_confirmed_quotation_does_not_become_a_sow(self):
        order = self._stock_order()
        order.action_confirm()
        with self.assertRaisesRegex(UserError, order.name):
            order.with_user(self.sales.user_id).psa_kind = "sow"
        self.assertFalse(order.psa_kind)

    def test_phase_dates_and_price_reason_of_a_signed_sow_are_not_edited_by_sales(self):
        order = self._sow(self._phase("Design", "2026-03-01"), self._hours(self.architect, 1))
        order.action_confirm()
        section, line = order.order_line.with_user(self.sales.user_id)
        for record, values in (
            (section, {"psa_date_start": "2026-03-15"}),
            (section, {"psa_date_end": "2026-03-15"}),
            (line, {"psa_rate_reason": "Agreed by phone"}),
            (line, {"psa_phase_id": False}),
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, "is signed"):
                record.write(values)

    def test_neither_the_client_nor_a_project_manager_reads_what_the_card_says(self):
        order = self._sow()
        order.order_line[0].price_unit = 300
        order.action_confirm()
        client = new_test_user(self.env, login="psa.client", groups="base.group_portal")
        client.partner_id.parent_id = self.client
        for user in (client, self.manager.user_id):
            line = order.order_line[0].with_user(user)
            self.assertEqual(line.read(["price_unit"])[0]["price_unit"], 300)
            with self.subTest(user.login), self.assertRaises(AccessError):
                line.read(["psa_rate_reason"])
        as_sales = order.order_line[0].with_user(self.sales.user_id)
        self.assertIn(f"the card says {order.currency_id.format(200)}", as_sales.psa_rate_reason)

    def test_a_line_in_days_costs_the_hours_of_a_day(self):
        day = self.env.ref("uom.product_uom_day")
        line = self._sow(self._hours(self.architect, 2, product_uom_id=day.id)).order_line
        # the host turns 8 worked hours into one delivered day
        self.assertEqual((line.price_unit, line.price_subtotal), (1600, 3200))
        self.assertIn(f"{line.currency_id.format(200)} an hour for Days", line.psa_rate_reason)
        self.assertNotIn("by hand", line.psa_rate_reason)

    def test_another_role_on_a_draft_line_changes_its_product_too(self):
        line = self._sow(self._hours(self.architect, 2)).order_line
        line.with_user(self.sales.user_id).psa_role_id = self.developer
        self.assertEqual((line.product_id, line.price_unit), (self.developer.psa_time_product_id, 120))
        line.write({"psa_role_id": self.architect.id, "psa_billing_model": "fixed", "price_unit": 900})
        self.assertEqual((line.product_id, line.price_unit), (self.architect.psa_fixed_product_id, 900))
        tester = self.env["project.role"].create({"name": "Tester"})
        with self.assertRaisesRegex(UserError, "Tester has no product.*Create Products"):
            line.psa_role_id = tester
        self.assertEqual(line.psa_role_id, self.architect)

    def test_the_form_says_which_role_has_no_product(self):
        tester = self.env["project.role"].create({"name": "Tester"})
        line = self.env["sale.order.line"].new({"order_id": self._sow().id, "psa_role_id": tester.id})
        warning = line._onchange_psa_product()["warning"]
        self.assertIn("Tester has no product", warning["message"])

    def test_the_card_of_another_client_prices_nothing(self):
        rival = self.env["res.partner"].create({"name": "Rival"})
        card = self._card("Rival Prices", [(self.architect, 11)], partner_id=rival.id)
        order = self._sow()
        with self.assertRaisesRegex(ValidationError, "Rival Prices is that of another client.*Client Ltd"):
            order.with_user(self.sales.user_id).psa_rate_card_id = card
        for client, expected in ((self.client.id, self.card), (rival.id, card | self.card)):
            found = self.env["psa.rate.card"].search(
                [
                    ("company_id", "=", self.env.company.id),
                    "|",
                    ("partner_id", "=", False),
                    ("partner_id", "parent_of", client),
                ]
            )
            self.assertEqual(found, expected)

    def test_a_card_of_any_contact_is_the_card_of_the_client(self):
        contact, colleague = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.client.id} for name in ("Contact", "Colleague")]
        )
        card = self._card("Client Prices", [(self.architect, 180)], partner_id=contact.id)
        self.assertEqual(self._sow(partner_id=colleague.id).psa_rate_card_id, card)
        form = Form(self._sow(partner_id=contact.id))
        form.psa_rate_card_id = self.card
        self.assertEqual(form.save().psa_rate_card_id, self.card)

    def test_a_price_of_one_never_becomes_the_price_of_all(self):
        person = self.env["hr.employee"].create({"name": "Zed"})
        rates = self.card.line_ids
        self.card.line_ids = [
            Command.create(
                {
                    "role_id": self.architect.id,
                    "employee_id": person.id,
                    "date_start": "2026-02-01",
                    "price": 999,
                }
            )
        ]
        person.unlink()
        self.card.invalidate_recordset()
        self.assertEqual(self.card.line_ids, rates)
        client = self.env["res.partner"].create({"name": "Gone"})
        self._card("Gone Prices", [(self.architect, 11)], partner_id=client.id)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ForeignKeyViolation),
            self.cr.savepoint(),
        ):
            client.unlink()
        self.assertEqual(self._sow().order_line[0].price_unit, 200)

    def test_a_card_that_priced_a_sow_is_archived_not_deleted(self):
        order = self._sow()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ForeignKeyViolation),
            self.cr.savepoint(),
        ):
            self.card.unlink()
        self.card.active = False
        self.assertEqual(order.psa_rate_card_id, self.card)

    def test_an_opportunity_without_client_asks_for_it_and_goes_on_to_the_sow(self):
        lead = self.env["crm.lead"].create({"name": "Rollout", "type": "opportunity"})
        ask = lead.with_user(self.sales.user_id).action_psa_new_sow()
        self.assertEqual(ask["res_model"], "crm.quotation.partner")
        wizard = (
            self.env["crm.quotation.partner"]
            .with_user(self.sales.user_id)
            .with_context(**ask["context"], active_model="crm.lead", active_id=lead.id)
            .create({"action": "exist", "partner_id": self.client.id})
        )
        action = wizard.action_apply()
        self.assertEqual(action["context"]["default_psa_kind"], "sow")
        self.assertEqual(action["context"]["default_partner_id"], self.client.id)
        self.assertNotIn("default_psa_kind", lead.action_new_quotation()["context"])
