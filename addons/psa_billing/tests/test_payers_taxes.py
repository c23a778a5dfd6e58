"""Several payers of prices with taxes in them."""

from odoo import Command
from odoo.tests import tagged

from ..core.money import dec
from .test_payers import PayersCase


@tagged("post_install", "-at_install")
class TestPayersOfPricesWithTaxes(PayersCase):
    """99.99 an hour with 15 % in it, 86.947826 net, paid in halves. 0.67 h are 66.99 with taxes, 58.25 net,
    for one client: 29.13 and, the last taking the rest, 29.12.
    The host rounds by line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.tax_calculation_rounding_method = "round_per_line"
        cls.included = cls.tax.copy({"name": "15 % included", "price_include_override": "tax_included"})

    def _priced(self, **values):
        taxes = [Command.set(self.included.ids)]
        line = self._line(self.architect, price_unit=99.99, tax_ids=taxes, **values)
        return self._shared(line).order_line

    def test_shares_sum_to_what_one_client_pays(self):
        """0.34 h are 34.00, net 29.57, less 0.44; 0.33 h are 33.00, net 28.70, and 0.42."""
        line = self._priced()
        self._work(line, 0.67)
        proposal = self._propose()
        self.assertEqual(proposal.amount, 58.25)
        self.assertEqual(proposal._psa_amounts_by_payer(), {self.client: dec(29.13), self.fund: dec(29.12)})
        invoices = self._billed(proposal)
        rows = {
            payer: move.invoice_line_ids.filtered("quantity").mapped("price_subtotal")
            for payer, move in invoices.items()
        }
        self.assertEqual(rows, {self.client: [29.57, -0.44], self.fund: [28.7, 0.42]})
        self.assertEqual([move.amount_untaxed for move in invoices.values()], [29.13, 29.12])

    def test_one_who_pays_no_taxes_pays_the_same(self):
        """Abroad the hour is 86.947826: 0.33 h are 28.69, and 0.43 beside them."""
        no_tax = self.env["account.tax"].create({"name": "Abroad", "amount": 0})
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        no_tax.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(self.included.ids)],
            }
        )
        self.fund.property_account_position_id = position
        self._work(self._priced(), 0.67)
        invoices = self._billed(self._propose())
        self.assertEqual([move.amount_untaxed for move in invoices.values()], [29.13, 29.12])
        self.assertEqual([move.amount_tax for move in invoices.values()], [4.36, 0])

    def test_a_share_that_comes_back_is_billed_again_with_its_cents(self):
        """Of the 58.26 of the entry the fund has 29.13."""
        entry = self._work(self._priced(), 0.67)
        self._billed(self._propose())[self.fund].unlink()
        self.assertEqual(sum(entry.psa_wip_ids.mapped("amount")), 58.26)
        again = self._propose()
        self.assertEqual(again.amount, 29.13)
        self.assertEqual([move.amount_untaxed for move in self._billed(again).values()], [29.13])

    def test_under_a_cap_they_sum_to_the_cap(self):
        """Up to 50.00: 25.00 each."""
        self._work(self._priced(cap=50), 0.67)
        invoices = self._billed(self._propose())
        self.assertEqual([move.amount_untaxed for move in invoices.values()], [25, 25])

    def test_what_was_written_off_is_in_nobodys_share(self):
        """Of 2 h and 1 h the hour is written off: 2 h are 173.90 net, 86.95 each."""
        line = self._priced()
        self._work(line, 2)
        hour = self._work(line, 1, "2026-03-03")
        proposal = self._propose()
        hour.psa_wip_ids.sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        self.assertEqual(proposal.amount, 173.9)
        self.assertEqual(proposal._psa_amounts_by_payer(), {self.client: dec(86.95), self.fund: dec(86.95)})

    def test_the_taxes_of_a_payer_are_looked_up_once_however_many_lines_it_pays(self):
        """Two lines and ten with 1 h each: 86.95 net, half of it are 43.48 and 43.47. The fund is abroad,
        where a fiscal position applies by itself."""
        land = self.env.ref("base.be")
        self.env["account.fiscal.position"].create(
            {"name": "Abroad", "auto_apply": True, "country_id": land.id, "sequence": 0}
        )
        self.fund.country_id = land
        taxes = [Command.set(self.included.ids)]

        def made(count):
            """Queries of the invoices of as many lines, and what they come to without and with taxes."""
            line = self._line(self.architect, price_unit=99.99, tax_ids=taxes)
            for sold in self._shared(*[line] * count).order_line:
                self._work(sold, 1)
            proposal = self._propose()
            proposal.action_approve()
            queries = self._count_queries(proposal.action_create_invoice)
            moves = proposal.invoice_ids.sorted(lambda move: move.psa_payer_id.id)
            return queries, [(round(move.amount_untaxed, 2), round(move.amount_total, 2)) for move in moves]

        made(1)
        (few, two), (many, ten) = made(2), made(10)
        # the client's 43.48 are 50.00 with taxes
        self.assertEqual(two, [(86.96, 100), (86.94, 86.94)])
        self.assertEqual(ten, [(434.8, 500), (434.7, 434.7)])
        self.assertLessEqual(many, few + 1)
