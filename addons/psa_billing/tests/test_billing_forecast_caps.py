"""The invoice forecast promises nothing that a cap keeps from the client, and says how much that is."""

from freezegun import freeze_time

from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestBillingForecastCaps(PsaExpenseCase):
    """It is 15 March. An hour is 100.00."""

    def _forecast(self, order):
        self.env.flush_all()
        with freeze_time("2026-03-15"):
            rows = self.env["psa.billing.forecast"]._read_group(
                [("order_id", "=", order.id)], ["certainty"], ["amount:sum", "over_cap_amount:sum"]
            )
        return {certainty: (round(amount, 2), round(over, 2)) for certainty, amount, over in rows}

    def test_work_over_a_cap_is_not_promised(self):
        """12 h up to 1,000.00: 200.00 are over it. A change order by 150.00 leaves 50.00."""
        order = self._sow(self._line(self.developer), psa_cap_amount=1000)
        self._work(order.order_line, 12)
        self.assertEqual(self._forecast(order), {"open": (1000, 0), "over_cap": (0, 200)})
        self._change_order(order, psa_cap_change=150)
        self.assertEqual(self._forecast(order), {"open": (1150, 0), "over_cap": (0, 50)})

    def test_what_a_limit_cuts_of_costs_is_not_promised(self):
        """500.00 and 80.00 up to 400.00: 100.00 are cut of the first, and all of the second."""
        self.company.psa_expense_over_limit = "no"
        order = self._sow(self._line(self.developer), self._terms(), psa_expense_limit=400)
        self._bill((self.hotel, 500, self._account(order)))
        self._expense(order, 80)
        self.assertEqual(self._forecast(order), {"open": (400, 0), "over_cap": (0, 180)})
        # invoiced, what is cut still waits
        self._invoice(self._propose())
        self.assertEqual(self._forecast(order), {"over_cap": (0, 180)})
        self._change_order(order, psa_expense_limit_change=180)
        self.assertEqual(self._forecast(order), {"open": (180, 0)})

    def test_fixed_prices_over_the_cap_of_an_agreement_are_not_promised(self):
        """1,000.00 for all: of two fixed prices of 700.00 the first fits. 4 h of work, 400.00, come before
        both and leave 600.00 for none of them; up to 1,800.00 all fits."""
        agreement = self._agreement(cap_amount=1000)
        fixed = [self._line(self.architect, 1, "fixed", price_unit=700)]
        first, second = (self._sow(*fixed, psa_agreement_id=agreement.id) for _number in range(2))
        other = self._sow(*fixed, psa_agreement_id=False)
        self.assertEqual(self._forecast(first), {"open": (700, 0)})
        self.assertEqual(self._forecast(second), {"over_cap": (0, 700)})
        self.assertEqual(self._forecast(other), {"open": (700, 0)})
        proposals = self._propose().filtered(lambda proposal: proposal.amount)
        self.assertEqual(proposals.order_id, first + other)
        self.assertEqual(self._forecast(second), {"over_cap": (0, 700)})
        proposals.action_cancel()
        time = self._sow(self._line(self.developer), psa_agreement_id=agreement.id)
        self._work(time.order_line, 4)
        self.assertEqual(self._forecast(time), {"open": (400, 0)})
        self.assertEqual(self._forecast(first), {"over_cap": (0, 700)})
        agreement.cap_amount = 1800
        self.assertEqual(self._forecast(first), {"open": (700, 0)})
        self.assertEqual(self._forecast(second), {"open": (700, 0)})
