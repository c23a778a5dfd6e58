"""Vendor bills that are credited line by line and in parts, and matches that are undone."""

from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestExpenseTakenBack(PsaExpenseCase):
    """A hotel bill on a SOW whose client pays 10 % on top."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.developer), cls._terms("markup", psa_expense_markup=10))

    def _hotel(self, *prices, **values):
        return self._bill(*((self.hotel, price, self._account(self.order)) for price in prices), **values)

    def _credit_of(self, bill, *prices, product=None):
        """A posted credit note of the bill with lines of these prices."""
        refund = self._reverse(bill)
        first, rest = refund.invoice_line_ids[0], refund.invoice_line_ids[1:]
        rest.unlink()
        lines = first
        for _price in prices[1:]:
            lines += first.copy({"move_id": refund.id})
        for line, price in zip(lines, prices, strict=True):
            line.price_unit = price
        if product:
            distribution = lines[0].analytic_distribution
            lines.product_id = product
            lines.write({"analytic_distribution": distribution, "tax_ids": False, "price_unit": prices[0]})
        refund.action_post()
        return refund

    def _amounts(self):
        return [amount for _kind, _state, _quantity, amount in self._parts(self.order)]

    def test_credits_of_all_parts_give_all_back(self):
        """110.00 in thirds: 36.66, 73.33 less 36.66, the rest; not a cent stays."""
        bill = self._hotel(100)
        for price in (33.33, 33.33, 33.34):
            self._credit_of(bill, price)
        self.assertEqual(self._amounts(), [110, -36.66, -36.67, -36.67])

    def test_one_line_is_credited_in_two(self):
        bill = self._hotel(100)
        self._invoice(self._propose(), post=True)
        self._credit_of(bill, 60, 40)
        self.assertEqual(self._amounts(), [110, -66, -44])

    def test_two_lines_alike_are_credited_one_after_the_other(self):
        """Two nights of 50.00: none was billed, so each goes away with its credit note."""
        bill = self._hotel(50, 50)
        self._credit_of(bill, 50)
        self.assertEqual(self._amounts(), [55])
        self._credit_of(bill, 50)
        self.assertEqual(self._amounts(), [])

    def test_another_product_is_given_back_by_its_own_terms(self):
        bill = self._hotel(100)
        self._credit_of(bill, 40, product=self._expense_product("Fare", "cost"))
        self.assertEqual(self._amounts(), [110, -44])

    def test_a_credit_note_that_is_reset_leaves_the_cost_to_be_billed(self):
        bill = self._hotel(100)
        refund = self._credit_of(bill, 100)
        self.assertEqual(self._amounts(), [])
        refund.button_draft()
        self.assertEqual(self._amounts(), [110])
        refund.action_post()
        self.assertEqual(self._amounts(), [])
        bill.button_draft()
        bill.action_post()
        self.assertEqual(self._amounts(), [])

    def test_what_was_written_off_is_not_given_back(self):
        bill = self._hotel(100)
        part = self.env["psa.wip.entry"].sudo().search([("order_id", "=", self.order.id)])
        part._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        self._credit_of(bill, 40)
        self.assertEqual(self._amounts(), [110])

    def test_a_credit_within_what_was_over_the_limit_gives_nothing_back(self):
        """500.00 and 10 % are 550.00, of which the limit lets 400.00 through. A credit of 100.00 leaves
        440.00, still over it; after another of 100.00 330.00 are owed: 70.00 go back. The last 300.00 give
        back the rest."""
        self.company.psa_expense_over_limit = "no"
        self.order = self._sow(
            self._line(self.developer), self._terms("markup", psa_expense_markup=10), psa_expense_limit=400
        )
        bill = self._hotel(500)
        self._credit_of(bill, 100)
        self.assertEqual(self._amounts(), [400])
        self._credit_of(bill, 100)
        self.assertEqual(self._amounts(), [400, -70])
        self._credit_of(bill, 300)
        self.assertEqual(self._amounts(), [400, -70, -330])

    def test_a_credit_within_a_limit_is_worth_less_when_another_one_is_none_any_more(self):
        """As above: after the second credit 70.00 go back. The first one is reset: 440.00 are owed of what is
        left, 400.00 by the limit; nothing goes back. Posted once more it is 70.00 again."""
        self.company.psa_expense_over_limit = "no"
        self.order = self._sow(
            self._line(self.developer), self._terms("markup", psa_expense_markup=10), psa_expense_limit=400
        )
        bill = self._hotel(500)
        first, _second = (self._credit_of(bill, 100) for _number in range(2))
        self.assertEqual(self._amounts(), [400, -70])
        first.button_draft()
        self.assertEqual(self._amounts(), [400])
        first.action_post()
        self.assertEqual(self._amounts(), [400, -70])

    def _written_off_of_600(self, limit):
        """A bill of 600.00 at cost, up to ``limit``, and its proposal, on which 100.00 are given away."""
        self.company.psa_expense_over_limit = "no"
        self.order = self._sow(self._line(self.developer), self._terms(), psa_expense_limit=limit)
        bill = self._hotel(600)
        self.proposal = self._propose()
        part = self.proposal.line_ids.wip_ids.sudo()
        part._psa_bill_amount(part.amount - 100, self.env.ref("psa_billing.reason_goodwill"))
        return bill

    def _paid(self):
        """What the client is to pay in all, and what the limit cuts."""
        parts = self.env["psa.wip.entry"].sudo().search([("order_id", "=", self.order.id)])
        kept = parts.filtered(lambda part: part.state != "written_off")
        return sum(kept.mapped("amount")), sum(parts.analytic_line_id.mapped("psa_expense_cut"))

    def test_what_a_limit_cuts_of_a_cost_that_is_written_off_and_credited_in_part(self):
        """Without a limit the client pays 500.00 of 600.00, and 450.00 once the vendor has credited a tenth.

        The limit of 400.00 lets 300.00 through after the write-off and cuts 200.00; of 500.00 in all a tenth
        is credited: 450.00 are left. The room of what was given away is used again, so 400.00 are billed and
        50.00 cut, until the limit is raised: 450.00, as with no limit."""
        bill = self._written_off_of_600(0)
        self._credit_of(bill, 60)
        self.assertEqual(self._paid(), (450, 0))
        bill = self._written_off_of_600(400)
        self.assertEqual(self._paid(), (300, 200))
        self._credit_of(bill, 60)
        self.assertEqual(self._paid(), (400, 50))
        self._change_order(self.order, psa_expense_limit_change=600)
        self.assertEqual(self._paid(), (450, 0))

    def test_what_a_limit_cuts_of_a_cost_that_is_credited_in_part_and_written_off(self):
        """As above in the other order: 540.00 less 400.00 are cut, after the write-off 450.00 less 300.00."""
        self.company.psa_expense_over_limit = "no"
        self.order = self._sow(self._line(self.developer), self._terms(), psa_expense_limit=400)
        self._credit_of(self._hotel(600), 60)
        self.assertEqual(self._paid(), (400, 140))
        part = self._propose().line_ids.wip_ids.sudo()
        part._psa_bill_amount(300, self.env.ref("psa_billing.reason_goodwill"))
        self.assertEqual(self._paid(), (300, 150))

    def test_the_exchange_rate_of_a_credit_note_is_not_the_clients(self):
        """100.00 € are 62.50 on 9 March and 50.00 on 2 April: 10 % on top the client pays 68.75. All of it
        is taken back before it is billed, all after it, and two fifths: 27.50."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.6), ("2026-04-01", 2.0)])
        self._credit_of(self._hotel(100, currency_id=euro.id), 100)
        self.assertEqual(self._amounts(), [])
        bill = self._hotel(100, currency_id=euro.id)
        self._invoice(self._propose(), post=True)
        self._credit_of(bill, 40)
        self.assertEqual(self._amounts(), [68.75, -27.5])
        self._credit_of(bill, 60)
        self.assertEqual(self._amounts(), [68.75, -27.5, -41.25])

    def test_shares_of_a_bill_in_another_currency_are_taken_back_to_the_cent(self):
        """A third of 62.50 is 20.83 (33.33 %), of 50.00 it is 16.67: the bill is taken back all the same."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.6), ("2026-04-01", 2.0)])
        other = self._sow(self._line(self.developer))
        accounts = [str(order.project_id.account_id.id) for order in (self.order, other)]
        bill = self._bill((self.hotel, 100, {accounts[0]: 33.33, accounts[1]: 66.67}), currency_id=euro.id)
        # 20.83 with 10 % on top
        self.assertEqual(self._amounts(), [22.91])
        self._reverse(bill).action_post()
        self.assertEqual((self._amounts(), self._parts(other)), ([], []))

    def test_what_is_held_on_a_proposal_and_taken_back_leaves_it(self):
        """30 km at 0.42 are held, 50 km of another bill too; the first is taken back: 21.00 stay held."""
        order = self._sow(self._line(self.developer), self._terms("unit"))
        self._work(order.order_line[0], 1)
        bills = [
            self._bill((self.mileage, 0.3, self._account(order)), invoice_date=f"2026-03-{day}", post=False)
            for day in (11, 12)
        ]
        for bill, quantity in zip(bills, (30, 50), strict=True):
            bill.invoice_line_ids.quantity = quantity
            bill.action_post()
        proposal = self._propose()
        line = proposal.line_ids.filtered("sale_line_id.psa_rebills")
        line.action_hold()
        self.assertEqual((line.quantity, line.amount), (80, 33.6))
        self._reverse(bills[0]).action_post()
        self.assertEqual((line.quantity, line.amount), (50, 21))
        self._reverse(bills[1]).action_post()
        self.assertEqual(proposal.line_ids.mapped("amount"), [100])

    def test_a_credit_note_of_its_own_is_taken_back(self):
        """A credit of the hotel gives the client 110.00 back; reversed by 40.00, 44.00 less."""
        refund = self._hotel(100, move_type="in_refund")
        self.assertEqual(self._amounts(), [-110])
        self._credit_of(refund, 40)
        self.assertEqual(self._amounts(), [-110, 44])

    def test_what_takes_a_credit_note_back_is_billed(self):
        """The client was given 110.00 and is charged 44.00 of them again."""
        refund = self._hotel(100, move_type="in_refund")
        self._work(self.order.order_line[0], 3)
        self._invoice(self._propose(), post=True)
        self._credit_of(refund, 40)
        proposal = self._propose("2026-04-01", "2026-04-30")
        self.assertFalse(proposal.message)
        invoice = self._invoice(proposal, post=True)
        bills = invoice.invoice_line_ids
        self.assertEqual((bills.quantity, bills.price_unit, invoice.amount_untaxed), (1, 44, 44))

    # -- hours that a bill pays for --------------------------------------------------------

    def _match(self, bill):
        self.dev.sudo().psa_vendor_id = self.vendor
        self.env["psa.expense.match"].create({"move_id": bill.id}).action_match()

    def test_a_match_that_is_undone_leaves_the_bill_to_be_billed(self):
        self._work(self.order.order_line[0], 4, "2026-03-03")
        bill = self._hotel(700, day="2026-04-05")
        self._match(bill)
        self.assertEqual(self._amounts(), [])
        bill.action_psa_unmatch_hours()
        self.assertEqual(self._parts(self.order), [("bill", "open", 1, 770)])

    def test_the_credit_of_a_matched_bill_goes_and_comes_with_it(self):
        self._work(self.order.order_line[0], 4, "2026-03-03")
        bill = self._hotel(700, day="2026-04-05")
        self._credit_of(bill, 100)
        self.assertEqual(self._amounts(), [770, -110])
        self._match(bill)
        self.assertEqual(self._amounts(), [])
        bill.action_psa_unmatch_hours()
        self.assertEqual(self._amounts(), [770, -110])

    def test_the_hours_of_an_undone_match_say_no_more_on_which_project_the_bill_is(self):
        """On no project before, the bill was nobody's to pay; it is not after, either."""
        entry = self._work(self.order.order_line[0], 4, "2026-03-03")
        bill = self._bill((self.hotel, 700, False), day="2026-04-05")
        self._match(bill)
        self.assertEqual(bill.invoice_line_ids.analytic_distribution, self._account(self.order))
        bill.action_psa_unmatch_hours()
        self.assertFalse(bill.invoice_line_ids.analytic_distribution)
        self.assertEqual((self._amounts(), entry.amount), ([], -240))
