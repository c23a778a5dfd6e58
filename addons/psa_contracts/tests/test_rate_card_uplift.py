"""Next year's rates from this year's."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestRateCardUplift(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._rate(cls.architect, 213.5, employee_id=cls.ann.id)

    def _wizard(self, cards=None, **values):
        context = {"active_model": "psa.rate.card", "active_ids": (cards or self.card).ids}
        form = Form(self.env["psa.rate.card.uplift"].with_context(**context))
        for name, value in {"percent": 4, "step": 1, "date_start": "2027-01-01", **values}.items():
            form[name] = value
        return form.save()

    def _prices(self, card):
        """{(whose, first day): (last day, price)} of a card."""
        return {
            (rate._psa_whose_name(), rate.date_start): (rate.date_end, rate.price) for rate in card.line_ids
        }

    def test_it_shows_old_and_new_prices_before_anything_changes(self):
        wizard = self._wizard()
        # 200 × 1.04 = 208; 213.50 × 1.04 = 222.04; 120 × 1.04 = 124.80
        shown = {line.rate_id._psa_whose_name(): (line.old_price, line.new_price) for line in wizard.line_ids}
        self.assertEqual(
            shown, {"Architect": (200, 208), "Architect (Ann)": (213.5, 222), "Developer": (120, 125)}
        )
        self.assertEqual(len(self.card.line_ids), 3)

    def test_who_moved_to_a_sister_company_keeps_nobody_from_the_new_rates(self):
        """Ann has 213.50 on the card; nobody else could be raised, nor the card be duplicated."""
        self.ann.company_id = self.env["res.company"].create({"name": "Sister"})
        self.env.flush_all()
        self._wizard().action_apply()
        self.assertEqual(
            self._prices(self.card),
            {
                ("Architect", date(2026, 1, 1)): (date(2026, 12, 31), 200),
                ("Architect", date(2027, 1, 1)): (False, 208),
                ("Architect (Ann)", date(2026, 1, 1)): (False, 213.5),
                ("Developer", date(2026, 1, 1)): (date(2026, 12, 31), 120),
                ("Developer", date(2027, 1, 1)): (False, 125),
            },
        )
        self.assertEqual(self.card.copy().line_ids.sorted("id").mapped("price"), [200, 120, 208, 125])
        self.assertEqual(
            self._wizard(into="new", date_start="2028-01-01").action_apply()["view_mode"], "form"
        )

    def test_what_others_changed_since_the_preview_is_not_written_over(self):
        """124.80 were rounded from 120; in the meantime somebody has raised it to 130."""
        wizard = self._wizard()
        rate = self.card.line_ids.filtered(lambda rate: rate.role_id == self.developer)
        rate.price = 130
        with self.assertRaisesRegex(UserError, "130.00 now, not .*120.00 any more"), self.cr.savepoint():
            wizard.action_apply()
        self.assertFalse(rate.date_end)

    def test_in_the_same_card_old_rates_end_the_day_before(self):
        self._wizard().action_apply()
        eve, new_year = date(2026, 12, 31), date(2027, 1, 1)
        self.assertEqual(
            self._prices(self.card),
            {
                ("Architect", date(2026, 1, 1)): (eve, 200),
                ("Architect", new_year): (False, 208),
                ("Architect (Ann)", date(2026, 1, 1)): (eve, 213.5),
                ("Architect (Ann)", new_year): (False, 222),
                ("Developer", date(2026, 1, 1)): (eve, 120),
                ("Developer", new_year): (False, 125),
            },
        )

    def test_a_new_card_takes_over_scope_and_currency_and_leaves_the_old_one_alone(self):
        own = self._card("Client Prices", [(self.architect, 180)], partner_id=self.client.id)
        before = self._prices(own)
        action = self._wizard(own, into="new", percent=2.5, step=0.5).action_apply()
        card = self.env["psa.rate.card"].browse(action["res_id"])
        self.assertEqual((card.name, card.partner_id), ("Client Prices 2027", self.client))
        # 180 × 1.025 = 184.50
        self.assertEqual(self._prices(card), {("Architect", date(2027, 1, 1)): (False, 184.5)})
        self.assertEqual(self._prices(own), before)

    def test_many_cards_at_once(self):
        own = self._card("Client Prices", [(self.architect, 180)], partner_id=self.client.id)
        wizard = self._wizard(self.card | own)
        self.assertFalse(wizard.name)
        action = wizard.action_apply()
        self.assertEqual(self.env["psa.rate.card"].search(action["domain"]), self.card | own)
        self.assertIn(("Architect", date(2027, 1, 1)), self._prices(own))
        action = self._wizard(self.card | own, into="new", date_start="2028-01-01").action_apply()
        names = self.env["psa.rate.card"].search(action["domain"]).mapped("name")
        self.assertEqual(sorted(names), ["Client Prices 2028", "Standard 2028"])

    def test_a_price_changed_in_the_preview_counts(self):
        wizard = self._wizard()
        number = [line.rate_id._psa_whose_name() for line in wizard.line_ids].index("Architect")
        with Form(wizard) as form, form.line_ids.edit(number) as line:
            line.new_price = 209
        wizard.action_apply()
        self.assertEqual(self._prices(self.card)["Architect", date(2027, 1, 1)], (False, 209))

    def test_a_rate_that_ends_later_or_is_followed_keeps_its_end(self):
        self.card.line_ids.filtered(lambda rate: rate.role_id == self.developer).date_end = "2027-06-30"
        self.card.line_ids.filtered(lambda rate: rate.employee_id).date_end = "2027-03-31"
        self._rate(self.developer, 150, start="2027-07-01")
        self._rate(self.architect, 260, start="2027-04-01", employee_id=self.ann.id)
        self._wizard().action_apply()
        prices = self._prices(self.card)
        self.assertEqual(prices["Developer", date(2027, 1, 1)], (date(2027, 6, 30), 125))
        self.assertEqual(prices["Architect (Ann)", date(2027, 1, 1)], (date(2027, 3, 31), 222))

    def test_what_cannot_be_written_says_why(self):
        cases = {
            "step above zero": self._wizard(step=0),
            "more than 100 %": self._wizard(percent=-101),
            "Standard: no rate holds on the day before 01/01/2020": self._wizard(date_start="2020-01-01"),
        }
        self._wizard(date_start="2026-09-01").action_apply()
        # ends on 31 August: the September rates begin on that very day
        self._rate(self.env["project.role"].create({"name": "Tester"}), 1, end="2026-08-31")
        cases["Standard has a rate from that day already: Architect"] = self._wizard(date_start="2026-09-01")
        for message, wizard in cases.items():
            with self.subTest(message), self.assertRaisesRegex(UserError, message):
                wizard.action_apply()

    def test_only_rate_managers_raise_rates(self):
        with self.assertRaises(AccessError):
            self.env["psa.rate.card.uplift"].with_user(self.sales.user_id).create({"card_ids": self.card.ids})
