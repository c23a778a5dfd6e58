from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestSow(PsaContractsCase):
    def test_role_lines_take_product_price_and_reason_from_role_and_card(self):
        order = self._sow()
        architect, developer = order.order_line
        self.assertEqual(architect.product_id, self.architect.psa_time_product_id)
        self.assertEqual((architect.price_unit, developer.price_unit), (200, 120))
        # 40 × 200 + 100 × 120
        self.assertEqual(order.amount_untaxed, 20000)
        self.assertEqual(architect.psa_rate_reason, "Standard: Architect, 01/01/2026 – …, on 03/01/2026")

    def test_the_form_prices_a_line_as_soon_as_its_role_is_chosen(self):
        form = Form(self.env["sale.order"].with_context(default_psa_kind="sow"))
        form.partner_id = self.client
        form.psa_date_start = "2026-03-01"
        self.assertEqual(form.psa_rate_card_id, self.card)
        with form.order_line.new() as line:
            line.psa_role_id = self.developer
            self.assertEqual(line.price_unit, 120)
            line.product_uom_qty = 10
        order = form.save()
        self.assertEqual(order.amount_untaxed, 1200)
        self.assertEqual(order.order_line.psa_billing_model, "time_material")
        self.assertRegex(order.name, r"^SOW/\d{4}/\d{4}$")

    def test_the_card_of_the_client_beats_that_of_the_company(self):
        own = self._card("Client Prices", [(self.architect, 180)], partner_id=self.client.id)
        order = self._sow()
        self.assertEqual(order.psa_rate_card_id, own)
        # the client's card has no developer: the company's answers
        self.assertEqual(order.order_line.mapped("price_unit"), [180, 120])

    def test_the_start_of_the_sow_decides_which_rate_counts(self):
        self.card.line_ids.filtered(lambda line: line.role_id == self.architect).date_end = "2026-02-28"
        self.card.line_ids = [
            Command.create({"role_id": self.architect.id, "date_start": "2026-03-01", "price": 215})
        ]
        self.assertEqual(self._sow().order_line[0].price_unit, 215)
        order = self._sow(psa_date_start="2026-02-28")
        self.assertEqual(order.order_line[0].price_unit, 200)
        order.psa_date_start = "2026-03-01"
        self.assertEqual(order.order_line[0].price_unit, 215)

    def test_a_price_set_by_hand_stays_and_says_so(self):
        order = self._sow()
        order.order_line[0].price_unit = 190
        said = f"Set by hand; the card says {order.currency_id.format(200)}"
        self.assertIn(said, order.order_line[0].psa_rate_reason)
        order.psa_date_start = "2026-03-02"
        self.assertEqual(order.order_line[0].price_unit, 190)

    def test_a_card_in_another_currency_is_converted_on_the_day_that_prices(self):
        euro = self.env.ref("base.EUR")
        if self.env.company.currency_id == euro:
            euro = self.env.ref("base.USD")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        # 1 unit of the company's currency is 0.5 of the foreign one: 100 foreign are 200
        self.env["res.currency.rate"].create({"currency_id": euro.id, "name": "2026-01-01", "rate": 0.5})
        self._card("Foreign Money", [(self.architect, 100)], currency_id=euro.id, partner_id=self.client.id)
        line = self._sow(self._hours(self.architect, 1)).order_line
        self.assertEqual(line.price_unit, 200)
        self.assertIn(f"100.00 {euro.name} converted that day", line.psa_rate_reason)

    def test_a_missing_rate_names_role_date_and_cards_and_blocks_confirmation(self):
        tester = self.env["project.role"].create({"name": "Tester"})
        tester._psa_create_products()
        order = self._sow(self._hours(tester, 5))
        self.assertEqual(order.order_line.price_unit, 0)
        message = "No rate for the role Tester on 03/01/2026 in Standard."
        self.assertEqual(order.order_line.psa_rate_reason, message)
        with self.assertRaisesRegex(UserError, f"{order.name}: the line Tester has no price. {message}"):
            order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.assertFalse(order.project_ids)

    def test_a_rate_that_begins_later_is_named_and_the_way_out_leads_to_a_price(self):
        """5 h of a tester from 1 March; the card has 90.00 from 1 April, then from 1 March on: 450.00."""
        tester = self.env["project.role"].create({"name": "Tester"})
        tester._psa_create_products()
        rate = self.env["psa.rate.card.line"].create(
            {"card_id": self.card.id, "role_id": tester.id, "date_start": "2026-04-01", "price": 90}
        )
        order = self._sow(self._hours(tester, 5))
        message = "on 03/01/2026 in Standard. The first one begins on 04/01/2026.*press Update Prices"
        with self.assertRaisesRegex(UserError, message):
            order.action_confirm()
        rate.date_start = "2026-03-01"
        order.action_update_prices()
        order.action_confirm()
        self.assertEqual((order.state, order.amount_untaxed), ("sale", 450))

    def test_a_role_without_product_is_refused_with_the_way_out(self):
        tester = self.env["project.role"].create({"name": "Tester"})
        with self.assertRaisesRegex(UserError, "Tester has no product.*Create Products"):
            self._sow(self._hours(tester, 5))

    def test_what_cannot_be_confirmed_says_why(self):
        fixed = self.architect.psa_fixed_product_id
        cases = {
            "it has no lines": self._sow(self._phase("Only a heading")),
            "it has no start date": self._sow(psa_date_start=False),
            "no billing model": self._sow(
                Command.create({"product_id": self.env["product.product"].create({"name": "Goods"}).id})
            ),
            "is not invoiced the way": self._sow(
                Command.create({"product_id": fixed.id, "psa_billing_model": "milestone"})
            ),
            "has no role": self._sow(
                Command.create(
                    {
                        "product_id": self.architect.psa_time_product_id.id,
                        "psa_billing_model": "time_material",
                    }
                )
            ),
            "the phase Late ends before it starts": self._sow(
                self._phase("Late", "2026-04-01", "2026-03-01"), self._hours(self.architect, 1)
            ),
            "the phase After ends before it starts .06/15/2026 – 05/31/2026.": self._sow(
                self._phase("After", "2026-06-15"), self._hours(self.architect, 1)
            ),
        }
        for message, order in cases.items():
            with self.subTest(message), self.assertRaisesRegex(UserError, message):
                order.action_confirm()

    def test_negative_caps_and_turned_dates_are_refused(self):
        for values, constraint in (
            ({"psa_cap_amount": -1}, "psa_cap_not_negative"),
            ({"psa_date_end": "2026-02-01"}, "psa_dates_in_order"),
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(CheckViolation, constraint),
                self.cr.savepoint(),
            ):
                self._sow(**values)

    def test_a_signed_sow_cannot_be_edited_by_sales(self):
        order = self._sow()
        order.action_confirm()
        as_sales = order.with_user(self.sales.user_id)
        for values in ({"psa_kind": False}, {"psa_cap_amount": 5}, {"psa_date_end": "2026-12-31"}):
            with self.subTest(values), self.assertRaisesRegex(UserError, "is signed"):
                as_sales.write(values)
        for values in (
            {"psa_role_id": self.developer.id},
            {"psa_billing_model": "fixed"},
            {"psa_cap_amount": 5},
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, "is signed"):
                as_sales.order_line[0].write(values)

    def test_the_opportunity_hands_over_to_the_sow(self):
        lead = self.env["crm.lead"].create(
            {"name": "Rollout", "type": "opportunity", "partner_id": self.client.id}
        )
        action = lead.with_user(self.sales.user_id).action_psa_new_sow()
        form = Form(self.env["sale.order"].with_user(self.sales.user_id).with_context(**action["context"]))
        self.assertEqual((form.partner_id, form.psa_kind), (self.client, "sow"))
        order = form.save()
        self.assertEqual(order.opportunity_id, lead)
        lead.partner_id = False
        self.assertEqual(lead.action_psa_new_sow()["res_model"], "crm.quotation.partner")

    def test_other_orders_know_nothing_of_it(self):
        product = self.env["product.product"].create({"name": "Goods", "list_price": 10})
        order = self.env["sale.order"].create(
            {"partner_id": self.client.id, "order_line": [Command.create({"product_id": product.id})]}
        )
        self.assertFalse(order.psa_rate_card_id)
        self.assertFalse(order.order_line.psa_billing_model)
        self.assertEqual(order.order_line.price_unit, 10)
        self.assertNotIn("SOW", order.name)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
