from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestRateCard(PsaContractsCase):
    def test_overlapping_rates_are_refused_and_both_are_named(self):
        with self.assertRaisesRegex(
            ValidationError, r"card Standard.*Architect, 01/01/2026 – … and Architect, 07/01/2026 – …"
        ):
            self.card.line_ids = [
                Command.create({"role_id": self.architect.id, "date_start": "2026-07-01", "price": 210})
            ]

    def test_a_rate_may_follow_one_that_has_ended_and_a_person_may_have_their_own(self):
        self.card.line_ids.filtered(lambda line: line.role_id == self.architect).date_end = "2026-06-30"
        self.card.line_ids = [
            Command.create({"role_id": self.architect.id, "date_start": "2026-07-01", "price": 210}),
            Command.create(
                {
                    "role_id": self.architect.id,
                    "date_start": "2026-01-01",
                    "price": 250,
                    "employee_id": self.manager.id,
                }
            ),
        ]
        self.assertEqual(len(self.card.line_ids), 4)

    def test_negative_prices_and_turned_dates_are_refused(self):
        for values, constraint in (
            ({"price": -1}, "price_not_negative"),
            ({"price": 1, "date_end": "2025-12-31"}, "dates_in_order"),
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(CheckViolation, constraint),
                self.cr.savepoint(),
            ):
                self._card("Bad", []).line_ids = [
                    Command.create({"role_id": self.architect.id, "date_start": "2026-01-01", **values})
                ]

    def test_sales_reads_cards_rate_managers_write_them_others_see_nothing(self):
        line = self.card.line_ids[0]
        self.assertEqual(line.with_user(self.sales.user_id).price, 200)
        with self.assertRaises(AccessError):
            line.with_user(self.sales.user_id).price = 1
        for employee in (self.ann, self.manager):
            with self.subTest(employee.name), self.assertRaises(AccessError):
                line.with_user(employee.user_id).read(["price"])
        self.ann.user_id.group_ids += self.env.ref("psa_contracts.group_psa_rate_manager")
        line.with_user(self.ann.user_id).price = 205
        self.assertEqual(line.price, 205)

    def test_cards_of_another_company_are_hidden_and_price_nothing(self):
        other = self.env["res.company"].create({"name": "Sister"})
        foreign = self._card("Foreign", [(self.architect, 999)], company_id=other.id)
        with self.assertRaises(AccessError):
            foreign.with_user(self.sales.user_id).read(["name"])
        self.assertEqual(self._sow().psa_rate_card_id, self.card)

    def test_the_currency_of_a_card_is_proposed_from_its_company(self):
        form = Form(self.env["psa.rate.card"])
        form.name = "New"
        self.assertEqual(form.save().currency_id, self.env.company.currency_id)
