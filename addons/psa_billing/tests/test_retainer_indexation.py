"""After a new price from a date the signed total stays, and the new price is told with it."""

import re

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .test_retainer_periods import PsaRetainerCase

#: Three months at 1,500.00 are signed; 5 % more from April on: 1,500.00 + 2 x 1,575.00.
PRICE = "Architect (retainer): $ 1,575.00 / Month from 04/01/2026 on"
TOTAL = "All periods come to $ 4,650.00 instead of $ 4,500.00, without taxes."


@tagged("post_install", "-at_install")
class TestRetainerIndexation(PsaRetainerCase, HttpCase):
    def _index(self, order, **values):
        wizard = self.env["psa.retainer.indexation"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        wizard.create({"percent": 5, "date": "2026-04-01", **values}).action_apply()
        self.env.invalidate_all()

    def _lines(self, order):
        return (order.psa_later_prices or "").replace("\xa0", " ").split("\n")

    @staticmethod
    def _text(html):
        html = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\xa0", " ").replace("&nbsp;", " ").split())

    def _document(self, order):
        report = self.env["ir.actions.report"]
        return self._text(report._render_qweb_html("sale.report_saleorder", order.ids)[0].decode())

    def test_the_signed_total_stays_and_the_new_price_is_told(self):
        order = self._sow(self._retainer())
        self.assertFalse(order.psa_later_prices)
        self.assertNotIn("New Prices", self._document(order))
        self._index(order)
        self.assertEqual(self._lines(order), [PRICE, TOTAL])
        self.assertEqual(order.amount_untaxed, 4500)
        document = self._document(order)
        self.assertIn(f"New Prices {PRICE} {TOTAL}", document)
        # the price of a retainer is no rate of a role
        self.assertNotIn("Rates That Change", document)
        self._bill("2026-04-01", "2026-04-30")
        self.env.invalidate_all()
        self.assertEqual(order.amount_untaxed, 4500)
        self.assertEqual(self._lines(order), [PRICE, TOTAL])

    def test_the_client_reads_it_in_the_portal(self):
        order = self._sow(self._retainer())
        self._index(order)
        page = self._text(self.url_open(order.get_portal_url()).text)
        self.assertIn(PRICE, page)
        self.assertIn(TOTAL, page)

    def test_a_second_price_is_told_after_the_first(self):
        order = self._sow(self._retainer())
        self._index(order)
        self._index(order, date="2026-05-01", percent=10)
        # 1,500.00 + 1,575.00 + 1,575.00 x 1.10
        self.assertEqual(
            self._lines(order),
            [
                PRICE,
                "Architect (retainer): $ 1,732.50 / Month from 05/01/2026 on",
                "All periods come to $ 4,807.50 instead of $ 4,500.00, without taxes.",
            ],
        )

    def test_of_a_retainer_without_end_no_total_is_told(self):
        order = self._sow(self._retainer(quantity=1, psa_retainer_open_ended=True), psa_date_end=False)
        self._index(order, date="2027-01-01")
        self.assertEqual(self._lines(order), ["Architect (retainer): $ 1,575.00 / Month from 01/01/2027 on"])

    def test_a_section_that_hides_prices_hides_new_ones_from_the_client(self):
        order = self._sow(
            Command.create({"display_type": "line_section", "name": "Care", "collapse_prices": True}),
            self._retainer(),
        )
        self._index(order)
        self.assertEqual(self._lines(order), [PRICE, TOTAL])
        self.assertNotIn("1,575.00", self._document(order))

    def test_who_reads_prices_reads_new_ones(self):
        order = self._sow(self._retainer())
        self._index(order)
        seller = self._user("seller", "sales_team.group_sale_salesman_all_leads")
        self.assertIn("1,575.00", order.with_user(seller).psa_later_prices)
        with self.assertRaises(AccessError):
            order.with_user(self.ann.user_id).read(["psa_later_prices"])
