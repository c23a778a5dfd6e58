"""Rates that step twice a year, in two currencies: one card in EUR, one SOW in USD, one in EUR.

Card, EUR an hour          from 1 January 2026 150.00, from 1 July 156.00, from 1 January 2027 162.00
1 USD in EUR               1 March 0.80, 15 May 0.70, 1 July 0.90, 20 July 0.60, 1 January 2027 0.85
The SOW in USD, an hour    from 1 March 150 ÷ 0.80 = 187.50, from 1 July 156 ÷ 0.90 = 173.33,
                           from 1 January 162 ÷ 0.85 = 190.59: each at the rate of its own first day
"""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.psa_billing.tests.common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestStoryRateSteps(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency(
            "EUR",
            rates=[
                ("2026-03-01", 0.8),
                ("2026-05-15", 0.7),
                ("2026-07-01", 0.9),
                ("2026-07-20", 0.6),
                ("2027-01-01", 0.85),
            ],
        )
        cls.euro_card = cls.env["psa.rate.card"].create(
            {
                "name": "Euro Rates",
                "company_id": cls.company.id,
                "currency_id": cls.euro.id,
                "partner_id": cls.client.id,
                "line_ids": [
                    Command.create(
                        {"role_id": cls.architect.id, "date_start": start, "date_end": end, "price": price}
                    )
                    for start, end, price in (
                        ("2026-01-01", "2026-06-30", 150),
                        ("2026-07-01", "2026-12-31", 156),
                        ("2027-01-01", False, 162),
                    )
                ],
            }
        )

    def _sign(self, **values):
        """A SOW of a year from March 2026, signed on its first day."""
        with freeze_time("2026-03-01 09:00:00"):
            return self._sow(
                self._line(self.architect, 300),
                psa_date_end="2027-02-28",
                psa_rate_card_id=self.euro_card.id,
                **values,
            )

    def _work_a_year(self, line):
        """10 h in June, 7.25 h in July, 4 h in January, each approved a week later; the entries."""
        entries = []
        for day, approved, hours in (
            ("2026-06-30", "2026-07-06", 10),
            ("2026-07-22", "2026-07-29", 7.25),
            ("2027-01-11", "2027-01-18", 4),
        ):
            with freeze_time(f"{approved} 09:00:00"):
                entries.append(self._work(line, hours, day))
        return entries

    def test_in_another_currency_than_the_card(self):
        order = self._sign()
        head = order.order_line
        self.assertEqual((order.currency_id.name, head.price_unit), ("USD", 187.5))
        # 300 × 187.50; the July step is not made yet: nobody knows its exchange rate in March
        self.assertEqual(order.amount_untaxed, 56250)

        entries = self._work_a_year(head)
        july, january = order.order_line - head
        self.assertEqual([entry.so_line for entry in entries], [head, july, january])
        self.assertEqual([line.price_unit for line in order.order_line], [187.5, 173.33, 190.59])
        self.assertEqual(
            [line.psa_step_date for line in order.order_line], [False, date(2026, 7, 1), date(2027, 1, 1)]
        )
        self.assertIn("156.00 EUR converted that day at 1.11111", july.psa_rate_reason)
        self.assertEqual(order.amount_untaxed, 56250)
        self.assertEqual(len(order.order_line.task_id), 1)

        # 10 × 187.50 = 1,875.00; 7.25 × 173.33 = 1,256.64; 4 × 190.59 = 762.36
        self.assert_host_figures(head, delivered=10, invoiced=0, amount_to_invoice=1875)
        self.assert_host_figures(july, delivered=7.25, invoiced=0, amount_to_invoice=1256.64)
        self.assert_host_figures(january, delivered=4, invoiced=0, amount_to_invoice=762.36)
        invoice = self._invoice(self._propose("2026-03-01", "2027-02-28"), post=True)
        # 3,894.00 + 15 %
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (3894, 584.1))
        billed = invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        self.assertEqual(
            sorted((line.sale_line_ids.id, line.quantity, line.price_subtotal) for line in billed),
            sorted([(head.id, 10, 1875), (july.id, 7.25, 1256.64), (january.id, 4, 762.36)]),
        )
        for line, hours in ((head, 10), (july, 7.25), (january, 4)):
            self.assert_host_figures(line, delivered=hours, invoiced=hours, amount_to_invoice=0)

        # history is not rewritten: a new exchange rate moves nothing, nor the price of work to come; another
        # price of the card begins on a day of its own
        self.euro.rate_ids.rate = 0.1
        with self.assertRaisesRegex(UserError, f"signed statements of work \\({order.name}\\)"):
            self.euro_card.line_ids.price = 1
        with freeze_time("2027-03-15 09:00:00"):
            late = self._work(head, 2, "2027-02-10")
        self.assertEqual((late.so_line, late.psa_wip_ids.amount), (january, 381.18))
        self.assertEqual([line.price_unit for line in order.order_line], [187.5, 173.33, 190.59])

    def test_in_the_currency_of_the_card(self):
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": self.euro.id})
        order = self._sign(pricelist_id=pricelist.id)
        # every step is known on the day of signing
        self.assertEqual((order.currency_id, order.amount_untaxed), (self.euro, 45000))
        self.assertEqual([line.price_unit for line in order.order_line], [150, 156, 162])
        head, july, january = order.order_line
        entries = self._work_a_year(head)
        self.assertEqual([entry.so_line for entry in entries], [head, july, january])
        # 10 × 150 = 1,500.00; 7.25 × 156 = 1,131.00; 4 × 162 = 648.00
        self.assertEqual([line.untaxed_amount_to_invoice for line in order.order_line], [1500, 1131, 648])
        invoice = self._invoice(self._propose("2026-03-01", "2027-02-28"), post=True)
        self.assertEqual((invoice.currency_id, invoice.amount_untaxed), (self.euro, 3279))
