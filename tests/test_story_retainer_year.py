"""Twelve months of a retainer, from 12 January 2026: 20 hours for 3,000.00 a month, billed in advance.

Unused hours may be used in two later months, ten at most roll over; work over it costs 175.00 an hour;
from July on
the price is 4 % higher; what is left at the end is paid back.

            opening  granted  used   over  expired  closing   invoice
January         -     12.90    8.00    -      -       4.90   3,000.00 x 20/31                   1,935.48
February      4.90    20.00   12.00    -     2.90    10.00   January's 4.90 first; cap          3,000.00
March        10.00    20.00    6.00    -    14.00    10.00   4 of February and 10 of March go   3,000.00
April        10.00    20.00   30.00   4.00    -        -     3,000.00 + 4 x 175.00              3,700.00
May             -     20.00   15.00    -      -       5.00                                      3,000.00
June          5.00    20.00   20.00    -      -       5.00                                      3,000.00
July          5.00    20.00   20.00    -      -       5.00   3,000.00 + 4 %                     3,120.00
August        5.00    20.00    3.00    -    12.00    10.00   3 hours of July came late          3,120.00
September    10.00    20.00   30.00   1.50    -        -     3,120.00 + 1.5 x 175.00            3,382.50
October         -     20.00   20.00    -      -        -                                        3,120.00
November        -     20.00   18.00    -      -       2.00                                      3,120.00
December      2.00    20.00   22.00    -      -        -                                        3,120.00
January         -      7.10    6.00    -      -       1.10   3,120.00 x 11/31 - 1.10 x 156.00     935.50
"""

from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from odoo.addons.psa_billing.tests.common import PsaBillingCase

#: Hours worked on a day of each month.
WORK = {
    "2026-01-20": 8,
    "2026-02-10": 12,
    "2026-03-10": 6,
    "2026-04-10": 20,
    "2026-04-20": 14,
    "2026-05-10": 15,
    "2026-06-10": 20,
    "2026-07-10": 20,
    "2026-09-10": 31.5,
    "2026-10-10": 20,
    "2026-11-10": 18,
    "2026-12-10": 22,
    "2027-01-05": 6,
}
BALANCES = [
    ("2026-01-12", 0, 12.9, 8, 0, 4.9),
    ("2026-02-01", 4.9, 20, 12, 2.9, 10),
    ("2026-03-01", 10, 20, 6, 14, 10),
    ("2026-04-01", 10, 20, 30, 0, 0),
    ("2026-05-01", 0, 20, 15, 0, 5),
    ("2026-06-01", 5, 20, 20, 0, 5),
    ("2026-07-01", 5, 20, 20, 0, 5),
    ("2026-08-01", 5, 20, 3, 12, 10),
    ("2026-09-01", 10, 20, 30, 0, 0),
    ("2026-10-01", 0, 20, 20, 0, 0),
    ("2026-11-01", 0, 20, 18, 0, 2),
    ("2026-12-01", 2, 20, 22, 0, 0),
    ("2027-01-01", 0, 7.1, 6, 0, 1.1),
]
INVOICES = [
    1935.48,
    3000,
    3000,
    3700,
    3000,
    3000,
    3120,
    3120,
    3382.5,
    3120,
    3120,
    3120,
    935.5,
]


@tagged("post_install", "-at_install")
class TestStoryRetainerYear(PsaBillingCase):
    def _sign(self):
        with freeze_time("2026-01-08 09:00:00"):
            return self._sow(
                self._line(
                    self.architect,
                    12,
                    "retainer",
                    price_unit=3000,
                    psa_retainer_hours=20,
                    psa_retainer_rollover="periods",
                    psa_retainer_rollover_periods=2,
                    psa_retainer_rollover_cap=10,
                    psa_retainer_overage_rate=175,
                    psa_retainer_true_up="refund",
                    tax_ids=[Command.set(self.tax.ids)],
                ),
                psa_date_start="2026-01-12",
                psa_date_end=False,
            )

    def _bill_month(self, first):
        """The work of the month, then its run, proposal and posted invoice, on its last day."""
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        with freeze_time(f"{last} 18:00:00"):
            for day, hours in WORK.items():
                if day.startswith(f"{first:%Y-%m}"):
                    self._work(self.retainer, hours, day)
            invoice = self._invoice(self._propose(first, last))
            invoice.invoice_date = last
            invoice.action_post()
        return invoice

    def _index(self):
        with freeze_time("2026-06-15 09:00:00"):
            wizard = (
                self.env["psa.retainer.indexation"]
                .with_context(active_model="sale.order", active_ids=self.order.ids)
                .create({"percent": 4, "date": "2026-07-01"})
            )
            wizard.action_apply()

    def test_a_year_of_a_retainer(self):
        self.order = self._sign()
        self.retainer = self.order.order_line
        invoices = self.env["account.move"]
        for number in range(13):
            first = date(2026 + number // 12, number % 12 + 1, 1)
            if first == date(2026, 7, 1):
                self._index()
            if first == date(2026, 8, 1):
                with freeze_time("2026-08-03 09:00:00"):
                    late = self._work(self.retainer, 3, "2026-07-20")
            invoices += self._bill_month(first)
        self.assertEqual(invoices.mapped("amount_untaxed"), INVOICES)
        periods = self.env["psa.retainer.period"].search(
            [("order_id", "=", self.order.id)], order="date_start"
        )
        names = ("opening", "granted", "used", "expired", "closing")
        found = [(str(period.date_start), *(round(period[name], 2) for name in names)) for period in periods]
        self.assertEqual(found, BALANCES)
        self.assertTrue(all(periods.mapped("is_closed")))
        self.assertTrue(late.psa_wip_ids.is_late)
        self._check_host_figures()

    def _check_host_figures(self):
        """What was sold stays as it was signed; delivered is invoiced, and nothing is left."""
        self.env.flush_all()
        lines = self.order.order_line
        lines.invalidate_recordset()
        indexed = lines.filtered(lambda line: line.psa_group_line_id == self.retainer)
        overage = lines.filtered("psa_overage_of_line_id")
        # January's 0.65 and five months; six months and January's 0.35
        self.assertEqual((self.retainer.product_uom_qty, self.retainer.price_unit), (12, 3000))
        self.assert_host_figures(self.retainer, 5.65, 5.65, 0)
        self.assertEqual(indexed.price_unit, 3120)
        self.assert_host_figures(indexed, 6.35, 6.35, 0)
        self.assert_host_figures(overage, 5.5, 5.5, 0)
        # 1,935.48 + 4 x 3,000 + 3,700 + 5 x 3,120 + 3,382.50 + 935.50
        self.assertAlmostEqual(sum(lines.mapped("untaxed_amount_invoiced")), 37553.48)
        self.assertAlmostEqual(sum(lines.mapped("untaxed_amount_to_invoice")), 0)
