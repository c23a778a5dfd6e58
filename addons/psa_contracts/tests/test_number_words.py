from odoo.tests import tagged

from ..models.numbers import number_told
from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestNumberWords(PsaContractsCase):
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

    def test_the_document_of_a_sow_in_french_has_french_numbers(self):
        """A day of a company with weeks of 37.5 h has 7.5 h."""
        self.env.company.resource_calendar_id.hours_per_day = 7.5
        order = self._sow(
            self._hours(self.architect, 2, product_uom_id=self.env.ref("uom.product_uom_day").id)
        )
        told = order.with_env(self.french)._psa_document_day()
        self.assertIn("7,5", told)
