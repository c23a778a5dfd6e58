"""A vendor bill in a currency without an exchange rate: the proposal says so, and others go on."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestCostsWithoutRate(PsaExpenseCase):
    """700.00 francs for a hotel on 10 March; once it is known, a dollar is 0.80 francs: 875.00 dollars."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = cls._user("accountant", "account.group_account_manager")
        cls.francs = cls.setup_other_currency("CHF", rates=[])
        cls.order = cls._sow(cls._line(cls.developer), cls._terms("markup", psa_expense_markup=10))

    def _francs_bill(self, order=None, price=700, **values):
        line = (self.hotel, price, self._account(order or self.order))
        return self._bill(line, currency_id=self.francs.id, **values)

    def _rate(self, units=0.8, day="2026-03-01"):
        rates = self.env["res.currency.rate"].with_user(self.accountant)
        rates.create({"currency_id": self.francs.id, "name": day, "company_rate": units})

    def _waits(self, order=None):
        return [(state, amount) for _kind, state, _quantity, amount in self._parts(order or self.order)]

    def test_the_proposal_says_so_and_others_go_on(self):
        """With 10 % on top 875.00 are 962.50; the work of two hours is on the proposal beside it."""
        other = self._sow(self._line(self.developer))
        self._work(other.order_line, 1)
        self._work(self.order.order_line[0], 2)
        bill = self._francs_bill()
        self.assertEqual(self._waits(), [("open", 0)])
        run = self._run()
        run.action_make_proposals()
        proposal = run.proposal_ids.filtered(lambda one: one.order_id == self.order)
        self.assertEqual((proposal.amount, (run.proposal_ids - proposal).amount), (200, 100))
        self.assertFalse((run.proposal_ids - proposal).message)
        for words in (bill.name, "CHF", "no exchange rate on 03/10/2026", self.order.name, "Currencies"):
            self.assertIn(words, proposal.message)
        with self.assertRaisesRegex(UserError, "CHF, which has no exchange rate on 03/10/2026"):
            proposal.action_approve()
        # the way out that the message names
        self._rate()
        proposal.action_make_again()
        self.assertFalse(proposal.message)
        self.assertEqual((proposal.amount, self._waits()), (1162.5, [("proposed", 962.5)]))
        invoice = self._invoice(proposal)
        self.assertEqual(invoice.amount_untaxed, 1162.5)

    def test_its_line_is_held_and_the_rest_is_billed(self):
        """The two hours go on their invoice; the next run has the bill."""
        self._work(self.order.order_line[0], 2)
        self._francs_bill()
        proposal = self._propose()
        proposal.line_ids.filtered("message").action_hold()
        self.assertFalse(proposal.message)
        self.assertEqual(self._invoice(proposal).amount_untaxed, 200)
        self._rate()
        self.assertEqual(self._propose().amount, 962.5)

    def test_reports_name_it(self):
        self._francs_bill()
        run = self._run()
        run.action_make_proposals()
        proposal = run.proposal_ids
        for domain in (proposal.action_view_left_out()["domain"], run.action_view_left_out()["domain"]):
            row = self.env["psa.hour.state"].search([*domain, ("order_id", "=", self.order.id)])
            self.assertEqual((row.kind, row.state, row.amount), ("bill", "open", 0))
            self.assertEqual(row.expense_note, "No exchange rate of CHF on 03/10/2026")
        self.assertEqual(proposal.left_out, "no exchange rate: Hotel (03/10/2026)")
        self.assertIn("No exchange rate", row.wip_id.expense_warning)
        self._rate()
        proposal.action_make_again()
        self.assertFalse(proposal.left_out)
        self.assertFalse(proposal.line_ids.wip_ids.expense_warning)

    def test_a_later_rate_is_none_of_its_day(self):
        """The host takes that of April, 0.5, for March: 1,400.00 in its books. 0.80 held then."""
        self._rate(0.5, "2026-04-01")
        self._francs_bill()
        self.assertEqual(self._waits(), [("open", 0)])
        self._rate()
        self.assertEqual(self._propose().amount, 962.5)

    def test_a_rate_that_was_typed_on_the_bill_counts(self):
        """0.70 francs a dollar: 1,000.00 in the books, 1,100.00 with 10 %."""
        bill = self._francs_bill(post=False)
        bill.invoice_currency_rate = 0.7
        bill.action_post()
        self.assertEqual(self._waits(), [("open", 1100)])

    def test_units_at_a_price_need_no_rate(self):
        """171 km at 0.42 are 71.82, whatever they cost."""
        kilometres = self._sow(self._line(self.developer), self._terms("unit", price_unit=0.42))
        line = (self.mileage, 50, self._account(kilometres))
        bill = self._bill(line, currency_id=self.francs.id, post=False)
        bill.invoice_line_ids.quantity = 171
        bill.action_post()
        self.assertEqual(self._waits(kilometres), [("open", 71.82)])

    def test_the_vendor_takes_a_part_back_before_it_is_known(self):
        """200.00 of 700.00 francs are 250.00 dollars, 275.00 with 10 %."""
        refund = self._reverse(self._francs_bill())
        refund.invoice_line_ids.price_unit = 200
        refund.action_post()
        self.assertEqual(self._waits(), [("open", 0)])
        self._rate()
        self.assertEqual(self._propose(False, "2026-04-30").amount, 687.5)
        self.assertEqual(self._waits(), [("proposed", 962.5), ("proposed", -275)])

    def test_the_vendor_takes_all_of_it_back(self):
        self._propose_francs()
        self._reverse(self.bill).action_post()
        self.assertEqual(self._waits(), [])
        self.assertFalse(self._propose())

    def _propose_francs(self):
        self.bill = self._francs_bill()
        proposal = self._propose()
        self.assertTrue(proposal.message)
        proposal.action_cancel()

    def test_a_credit_note_alone(self):
        """80.00 francs back are 100.00 dollars, 110.00 with 10 %."""
        self._francs_bill(move_type="in_refund", price=80)
        self.assertEqual(self._waits(), [("open", 0)])
        self._rate()
        self._propose()
        self.assertEqual([part[3] for part in self._parts(self.order)], [-110])

    def test_limits_cut_it_once_it_is_known(self):
        """1,000.00 at most, 200.00 used: of 962.50 the client pays 800.00."""
        self.order.sudo().psa_expense_limit = 1000
        self.company.psa_expense_over_limit = "no"
        bill = self._francs_bill()
        self._bill((self.hotel, 200 / 1.1, self._account(self.order)))
        self._rate()
        proposal = self._propose()
        self.assertEqual(proposal.amount, 1000)
        self.assertEqual(bill.line_ids.analytic_line_ids.sudo().psa_expense_cut, 162.5)

    def test_what_is_held_is_priced_once_it_is_released(self):
        self._francs_bill()
        part = self.env["psa.wip.entry"].search([("order_id", "=", self.order.id)])
        part.action_hold()
        self._rate()
        self.assertFalse(self._propose())
        part.action_release()
        self.assertEqual(self._propose().amount, 962.5)

    def test_what_is_given_away_stays_so_and_is_priced_once_it_is_not(self):
        self._francs_bill()
        part = self.env["psa.wip.entry"].sudo().search([("order_id", "=", self.order.id)])
        part._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        self._rate()
        self.assertFalse(self._propose())
        part.action_undo_adjustments()
        self.assertEqual(self._propose().amount, 962.5)

    def test_it_waits_under_a_cap_that_is_used_up(self):
        """2,000.00 in all: 20 h of work use them up. What the bill comes to is over them once it is known."""
        order = self._sow(
            self._line(self.developer), self._terms(psa_expense_in_cap=True), psa_cap_amount=2000
        )
        self._francs_bill(order)
        self._work(order.order_line[0], 20)
        self.assertEqual(self._waits(order), [("open", 0)])
        self._rate()
        proposal = self._propose().filtered(lambda one: one.order_id == order)
        parts = self.env["psa.wip.entry"].search([("order_id", "=", order.id)])
        proposed = sum(parts.filtered(lambda part: part.state == "proposed").mapped("amount"))
        over = sum(parts.filtered(lambda part: part.state == "over_cap").mapped("amount"))
        self.assertEqual((proposal.amount, proposed, over), (2000, 2000, 875))

    def test_a_sow_that_stops_does_not_stop_the_run(self):
        """The bill is on two SOWs, of which one is cancelled: 350.00 francs are 437.50, 481.25 with 10 %."""
        other = self._sow(self._line(self.developer), self._terms())
        shares = {str(order.project_id.account_id.id): 50 for order in (self.order, other)}
        self._bill((self.hotel, 700, shares), currency_id=self.francs.id)
        other.sudo()._action_cancel()
        self._rate()
        proposals = self._propose().filtered(lambda one: one.order_id == self.order)
        self.assertEqual((proposals.amount, proposals.message), (481.25, False))
        self.assertEqual(self._waits(other), [("open", 0)])

    def test_what_was_booked_one_to_one_before_is_told_of_and_priced_when_it_is_posted_again(self):
        """700.00 francs as 700.00 dollars, 770.00 with 10 %: so earlier versions took them, and so they stay
        until the bill is reset; here the rate of 1 that they were posted at is deleted. At 0.80 francs they
        are 875.00, and 962.50. What is billed per unit, and what is in dollars, needs no rate."""
        self._rate(1)
        bill = self._francs_bill()
        self._bill((self.hotel, 100, self._account(self.order)), invoice_date="2026-03-12")
        per_unit = self._sow(self._line(self.developer), self._terms("unit", price_unit=0.42))
        self._francs_bill(per_unit, 50)
        parts = self.env["psa.wip.entry"].search([("kind", "=", "bill")])
        self.assertFalse(any(parts.mapped("expense_warning")))
        self.francs.rate_ids.unlink()
        self.env.invalidate_all()
        told = parts.filtered("expense_warning")
        self.assertEqual((told.order_id, told.amount), (self.order, 770))
        self.assertEqual(
            told.expense_warning,
            "Billed as booked, without an exchange rate of CHF on 03/10/2026: have the rate entered, reset "
            f"{bill.display_name} to draft and post it again",
        )
        self._rate()
        bill.button_draft()
        bill.action_post()
        parts = self.env["psa.wip.entry"].search([("order_id", "=", self.order.id)])
        self.assertEqual(sorted(parts.mapped("amount")), [110, 962.5])
        self.assertFalse(any(parts.mapped("expense_warning")))

    def test_so_is_what_an_employee_paid(self):
        """700.00 francs of Ann, as above."""
        self._rate(1)
        self._expense(self.order, 700, currency_id=self.francs.id)
        self.francs.rate_ids.unlink()
        self.env.invalidate_all()
        part = self.env["psa.wip.entry"].search([("order_id", "=", self.order.id)])
        receipt = part.analytic_line_id.move_line_id.move_id
        self.assertIn(f"reset {receipt.display_name} to draft", part.expense_warning)
        self._rate()
        receipt.button_draft()
        receipt.action_post()
        part = self.env["psa.wip.entry"].search([("order_id", "=", self.order.id)])
        self.assertEqual((part.amount, part.expense_warning), (962.5, False))
