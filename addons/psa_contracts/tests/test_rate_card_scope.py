"""Whose prices a card holds, which card is asked first, and how it is read."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestRateCardScope(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rival = cls.env["res.partner"].create({"name": "Rival", "is_company": True})
        cls.agreement, cls.rival_agreement = cls.env["psa.agreement"].create(
            [{"name": f"Frame {client.name}", "partner_id": client.id} for client in (cls.client, cls.rival)]
        )

    def test_the_scope_follows_from_what_the_card_names(self):
        order = self._sow()
        cases = {
            "company": {},
            "client": {"partner_id": self.client.id},
            "agreement": {"agreement_id": self.agreement.id},
            "sow": {"order_id": order.id},
        }
        for scope, values in cases.items():
            with self.subTest(scope):
                card = self._card("Card", [], **values)
                self.assertEqual(card.scope, scope)
                self.assertEqual(card.partner_id, self.client if values else self.client.browse())

    def test_in_the_form_the_scope_is_chosen_first(self):
        form = Form(self.env["psa.rate.card"])
        form.name = "Frame Prices"
        form.scope = "agreement"
        form.agreement_id = self.agreement
        self.assertEqual(form.partner_id, self.client)
        card = form.save()
        self.assertEqual((card.scope, card.agreement_id), ("agreement", self.agreement))
        with Form(card) as form:
            form.scope = "company"
        self.assertFalse(card.agreement_id or card.partner_id)

    def test_a_scope_that_does_not_fit_is_refused(self):
        order, stock = self._sow(), self._sow(psa_kind=False)
        for message, values in (
            ("choose the client", {"scope": "client"}),
            ("choose the agreement", {"scope": "agreement", "partner_id": self.client.id}),
            ("choose the statement of work", {"scope": "sow"}),
            ("names no client", {"scope": "company", "partner_id": self.client.id}),
            ("names no agreement", {"order_id": order.id, "agreement_id": self.agreement.id}),
            ("is no statement of work", {"order_id": stock.id}),
            (
                "Frame Rival is one of Rival, not of Client Ltd",
                {"agreement_id": self.rival_agreement.id, "partner_id": self.client.id},
            ),
            (
                f"{order.name} is one of Client Ltd, not of Rival",
                {"order_id": order.id, "partner_id": self.rival.id},
            ),
        ):
            with self.subTest(message), self.assertRaisesRegex(ValidationError, message):
                self._card("Odd", [], **values)

    def test_the_narrower_card_is_asked_first(self):
        order = self._sow(psa_agreement_id=self.agreement.id)
        client = self._card("Client", [], partner_id=self.client.id)
        default = self._card("Default of the agreement", [])
        self.agreement.rate_card_id = default
        agreement = self._card("Agreement", [], agreement_id=self.agreement.id)
        sow = self._card("SOW", [], order_id=order.id)
        self._card("Of a rival", [], partner_id=self.rival.id)
        self._card("Of a rival's agreement", [], agreement_id=self.rival_agreement.id)
        self._card("Of another SOW", [], order_id=self._sow().id)
        order.psa_rate_card_id = False
        self.assertEqual(order._psa_cards(), sow | agreement | default | client | self.card)
        self.assertEqual(
            order._psa_cards().mapped("name")[:3], ["SOW", "Agreement", "Default of the agreement"]
        )
        order.psa_rate_card_id = client
        self.assertEqual(order._psa_cards().mapped("name")[:2], ["Client", "SOW"])

    def test_a_new_sow_is_proposed_the_card_of_its_agreement(self):
        self._card("Client", [], partner_id=self.client.id)
        card = self._card("Agreement", [(self.architect, 170)], agreement_id=self.agreement.id)
        self.assertEqual(self._sow(psa_agreement_id=self.agreement.id).psa_rate_card_id, card)
        self.assertEqual(self._sow().psa_rate_card_id.name, "Client")

    def test_an_agreement_takes_no_card_of_another_client_or_of_one_sow(self):
        for owner, values in (
            ("Rival", {"partner_id": self.rival.id}),
            ("SOW", {"order_id": self._sow().id}),
        ):
            card = self._card("Odd", [], **values)
            with (
                self.subTest(owner),
                self.assertRaisesRegex(ValidationError, f"Odd is that of {owner}.* alone"),
            ):
                self.agreement.rate_card_id = card

    def test_of_two_cards_of_one_scope_the_newer_is_asked_first(self):
        newer = self._card("Standard 2027", [(self.architect, 300)], start="2027-01-01")
        self.assertEqual(self._sow()._psa_cards(), newer | self.card)
        # the newer one has no price for March 2026: the older answers
        self.assertEqual(self._sow().order_line[0].price_unit, 200)

    def test_an_archived_card_prices_nothing_new_but_a_signed_sow_keeps_it(self):
        own = self._card("Client Prices", [(self.architect, 180)], partner_id=self.client.id)
        draft, signed = self._sow(), self._sow()
        signed.action_confirm()
        own.active = False
        self.assertEqual(self._sow().psa_rate_card_id, self.card)
        self.assertNotIn(own, draft._psa_cards())
        self.assertEqual(signed._psa_cards()[0], own)

    def test_a_card_of_one_sow_prices_no_other(self):
        own = self._card("SOW Prices", [(self.architect, 11)], order_id=self._sow().id)
        with self.assertRaisesRegex(ValidationError, "SOW Prices is that of .* alone"):
            self._sow().psa_rate_card_id = own

    def test_the_copy_of_a_card_of_one_sow_is_one_of_its_client(self):
        copy = self._card("SOW Prices", [(self.architect, 11)], order_id=self._sow().id).copy()
        self.assertEqual(
            (copy.name, copy.scope, copy.partner_id), ("SOW Prices (copy)", "client", self.client)
        )
        self.assertEqual(copy.line_ids.price, 11)

    def test_a_rate_manager_without_sales_rights_reads_and_writes_cards(self):
        user = new_test_user(self.env, login="rates", groups="psa_contracts.group_psa_rate_manager")
        card = self._card("SOW", [(self.architect, 1)], order_id=self._sow().id)
        as_manager = card.with_user(user)
        self.assertEqual(as_manager.web_read({"order_id": {}, "grid": {}})[0]["order_id"], card.order_id.id)
        as_manager.line_ids.price = 12
        as_manager.name = "Renamed"
        portal = new_test_user(self.env, login="rates.portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            card.with_user(portal).read(["name"])

    def test_the_grid_shows_roles_by_the_days_on_which_prices_change(self):
        place = self._place("Zurich")
        self._rate_changes(self.architect, "2026-07-01", 210)
        self._rate(self.architect, 1900, unit="day", employee_id=self.ann.id, end="2026-06-30")
        self._rate(self.developer, 140, location_id=place.id, start="2026-07-01")
        found = self.card._psa_grid()
        self.assertEqual(found["days"], [date(2026, 1, 1), date(2026, 7, 1)])
        prices = {whose: [rate.price for rate in rates] for whose, rates in found["rows"]}
        self.assertEqual(
            prices,
            {
                "Architect": [200, 210],
                "Architect (Ann)": [1900, 0],
                "Developer": [120, 120],
                "Developer, Zurich": [0, 140],
            },
        )
        self.assertIn("Developer, Zurich", self.card.grid)
        self.assertIn("/ day", self.card.grid)
        self.assertIn("No rates yet", self._card("Empty", []).grid)

    def test_the_grid_is_there_while_rates_are_typed(self):
        with Form(self.card) as form:
            with form.line_ids.new() as line:
                line.role_id = self.env["project.role"].create({"name": "Tester"})
                line.date_start = "2026-02-01"
                line.price = 77
            self.assertIn("Tester", form.grid)

    def test_the_card_is_printed(self):
        self.card.company_id.company_details = "<br/>".join(["Line"] * 20)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "psa_contracts.report_rate_card", self.card.ids
        )
        self.assertIn("Architect", html.decode())
        self.assertIn("data-report-margin-top", html.decode())  # below a letterhead of twenty lines

    def test_roles_locations_and_units_collide_as_the_resolver_reads_them(self):
        place = self._place("Zurich")
        self._rate(self.architect, 230, location_id=place.id)
        with (
            self.assertRaisesRegex(ValidationError, "Architect, Zurich, 01/01/2026 – … and"),
            self.cr.savepoint(),
        ):
            self._rate(self.architect, 240, start="2026-05-01", location_id=place.id)
        with self.assertRaisesRegex(ValidationError, "Architect per day, 05/01/2026 – …"):
            self._rate(self.architect, 1600, start="2026-05-01", unit="day")

    def test_a_line_moved_to_another_card_is_checked_there(self):
        other = self._card("Other", [(self.architect, 1)])
        with self.assertRaisesRegex(ValidationError, "Two rates on the card Other"):
            self.card.line_ids[0].card_id = other
        self.card.write({"line_ids": [Command.clear()]})
