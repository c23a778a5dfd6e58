"""The client pays in EUR, the firm books in USD, its rates stand on a card in GBP.

1 USD               March 0.80 EUR and 0.40 GBP, April 0.50 EUR: what the invoices are booked at
card                75.00 GBP an hour
the SOW, 1 March    75.00 x 0.80 / 0.40 = 150.00 EUR an hour, and stays

March   10 h x 150.00 = 1,500.00 EUR, tax 225.00   at 0.80: 1,875.00 USD and 281.25
April    4 h x 150.00 =   600.00 EUR, tax  90.00   at 0.50: 1,200.00 USD and 180.00
billed                  2,100.00 EUR                        3,075.00 USD
"""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from odoo.addons.psa_billing.tests.common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestStoryThreeCurrencies(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-03-01", 0.8), ("2026-04-01", 0.5)])
        cls.pound = cls.setup_other_currency("GBP", rates=[("2026-03-01", 0.4)])
        cls.env["psa.rate.card"].create(
            {
                "name": "London",
                "company_id": cls.company.id,
                "currency_id": cls.pound.id,
                "partner_id": cls.client.id,
                "line_ids": [
                    Command.create({"role_id": cls.architect.id, "date_start": "2026-01-01", "price": 75})
                ],
            }
        )
        pricelist = cls.env["product.pricelist"].create({"name": "EUR", "currency_id": cls.euro.id})
        with freeze_time("2026-03-01"):
            cls.order = cls._sow(pricelist_id=pricelist.id)
        cls.line = cls.order.order_line

    def _bill(self, first, last, day):
        invoice = self._invoice(self._propose(first, last))
        invoice.invoice_date = date.fromisoformat(day)
        invoice.action_post()
        return invoice

    def _booked(self, invoice):
        """(net, tax) in the currency of the company."""
        return abs(invoice.amount_untaxed_signed), abs(invoice.amount_tax_signed)

    def test_invoices_are_booked_at_the_rate_of_their_day(self):
        self.assertEqual(self.company.currency_id.name, "USD")
        self.assertEqual((self.order.currency_id, self.line.price_unit), (self.euro, 150))
        self._work(self.line, 10, "2026-03-10")
        march = self._bill("2026-03-01", "2026-03-31", "2026-03-31")
        self.assertEqual(march.currency_id, self.euro)
        self.assertEqual((march.amount_untaxed, march.amount_tax), (1500, 225))
        self.assertEqual(self._booked(march), (1875, 281.25))

        entry = self._work(self.line, 4, "2026-04-14")
        april = self._bill("2026-04-01", "2026-04-30", "2026-04-30")
        self.assertEqual((april.amount_untaxed, april.amount_tax), (600, 90))
        self.assertEqual(self._booked(april), (1200, 180))
        self.assert_wip(entry, ("billed", 4, 4, 600.0))
        self.assert_host_figures(self.line, delivered=14, invoiced=14, amount_to_invoice=0)

        self.env.flush_all()
        ((billed,),) = self.env["psa.billing.analysis"]._read_group(
            [("order_id", "=", self.order.id)], [], ["billed_amount:sum"]
        )
        self.assertAlmostEqual(billed, 3075, 2)
