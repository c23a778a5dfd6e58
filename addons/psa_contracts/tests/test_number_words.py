from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.numbers import factor_told, number_told
from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestNumberWords(PsaContractsCase):
    """Numbers, money and days are written as in the language of who reads them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.french = cls.env(context={**cls.env.context, "lang": "fr_FR"})

    def test_hours_are_written_as_in_the_language_of_who_reads(self):
        """What six digits do not show comes whole: 12,345.25 h were told as 12345.2, 1,234,567 units as
        1.23457e+06."""
        for number, english, french in (
            (7.5, "7.5", "7,5"),
            (-0.25, "-0.25", "-0,25"),
            (8, "8", "8"),
            (12345.25, "12345.25", "12345,25"),
            (1234567, "1234567", "1234567"),
        ):
            with self.subTest(number):
                self.assertEqual(number_told(self.env, number), english)
                self.assertEqual(number_told(self.french, number), french)

    def test_an_exchange_rate_has_six_significant_digits_and_no_exponent(self):
        """0.0000585 was told as 5.85e-05, 1,234,567 as 1.23457e+06."""
        for factor, english, french in (
            (0.0000585, "0.0000585", "0,0000585"),
            (10 / 9, "1.11111", "1,11111"),
            (2, "2", "2"),
            (17000.25, "17000.2", "17000,2"),
            (1234567, "1234570", "1234570"),
        ):
            with self.subTest(factor):
                self.assertEqual(factor_told(self.env, factor), english)
                self.assertEqual(factor_told(self.french, factor), french)

    def test_the_document_of_a_sow_in_french_has_french_numbers(self):
        """A day of a company with weeks of 37.5 h has 7.5 h."""
        self.env.company.resource_calendar_id.hours_per_day = 7.5
        order = self._sow(
            self._hours(self.architect, 2, product_uom_id=self.env.ref("uom.product_uom_day").id)
        )
        told = order.with_env(self.french)._psa_document_day()
        self.assertIn("7,5", told)

    def test_a_price_says_in_french_days_and_money_why_it_is_so(self):
        """The SOW begins on 1 March 2026, the rate of 200.00 on 1 January; of a day of 7.5 h 1,500.00."""
        self.env.company.resource_calendar_id.hours_per_day = 7.5
        order = self._sow().with_env(self.french)
        card = "Standard: Architect, 01/01/2026 – …, on 01/03/2026"
        line = order.order_line[0]
        line._compute_psa_card_price()
        self.assertEqual(line.psa_rate_reason, card)
        line.price_unit = 190
        price = order.currency_id.format(200)
        self.assertIn("200,00", price)
        self.assertEqual(line.psa_rate_reason, f"Set by hand; the card says {price} ({card})")
        day = self.env.ref("uom.product_uom_day")
        by_day = self._sow(self._hours(self.architect, 2, product_uom_id=day.id)).with_env(self.french)
        by_day.order_line._compute_psa_card_price()
        self.assertEqual(
            by_day.order_line.psa_rate_reason, f"{card}, {price} an hour for {day.name} of 7,5 h"
        )

    def test_a_converted_price_says_its_factor_in_french_numbers(self):
        """100.00 at 0.9 for one of the company's are 111.11."""
        other = self._other_currency(("2026-01-01", 0.9))
        card = self._card("Abroad", [(self.architect, 100)], currency_id=other.id)
        order = self._sow(self._hours(self.architect, 1), psa_rate_card_id=card.id).with_env(self.french)
        order.order_line._compute_psa_card_price()
        self.assertEqual(order.order_line.price_unit, 111.11)
        told = f"100,00 {other.name} converted that day at 1,11111, rounded to 0,01"
        self.assertIn(told, order.order_line.psa_rate_reason)

    def test_what_the_cap_of_an_agreement_leaves_is_told_as_money(self):
        """40 h x 200.00 and 100 h x 120.00 are 20,000.00, one more than the cap."""
        self._agreement(cap_amount=19999)
        order = self._sow().with_env(self.french)
        left = order.currency_id.format(19999)
        self.assertIn("999,00", left)
        self.assertIn(f"lets you bill: {left} are left.", order.psa_agreement_warning)

    def test_a_rate_is_called_by_its_days_in_each_language_at_once(self):
        rate = self._card("Next Year", [(self.architect, 250)], "2027-02-01").line_ids
        rate.date_end = "2027-12-31"
        self.assertEqual(rate.display_name, "Architect, 02/01/2027 – 12/31/2027")
        self.assertEqual(rate.with_env(self.french).display_name, "Architect, 01/02/2027 – 31/12/2027")

    def test_the_days_of_a_refusal_are_those_of_the_reader(self):
        order = self._sow(self._phase("Build", "2026-06-15", "2026-05-31"), self._hours(self.architect, 40))
        with self.assertRaisesRegex(UserError, r"ends before it starts \(15/06/2026 – 31/05/2026\)"):
            order.with_env(self.french).action_confirm()

    def test_a_client_reads_the_percentage_of_a_success_fee_in_french(self):
        """12.3456 % came as 12.3456 in every language."""
        order = self._sow(self._sold("success_fee", 10000, name="Savings"))
        fee = order.psa_success_fee_ids
        fee.write({"formula": "percent", "percent": 12.3456, "metric": "Savings of a year"})
        self.assertEqual(fee.with_env(self.french)._psa_formula_text(), "12,3456 % of: Savings of a year")
