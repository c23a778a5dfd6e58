"""A cost is given away whose vendor has credited a part of it: the client neither pays it nor gets it.

A hotel of 300.00 at cost, of which the vendor credits a quarter: 75.00."""

from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestExpenseGivenAway(PsaExpenseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("psa_billing.reason_goodwill")
        cls.order = cls._sow(cls._line(cls.developer), cls._terms())
        cls.bill = cls._bill((cls.hotel, 300, cls._account(cls.order)))

    def _credit_note(self, amount=75, day="2026-03-20"):
        refund = self._reverse(self.bill)
        refund.invoice_date = day
        refund.invoice_line_ids.price_unit = amount
        refund.action_post()
        return refund

    def _work_of(self, move):
        return move.line_ids.analytic_line_ids.psa_wip_ids.sudo()

    def _cost(self):
        return self._work_of(self.bill).filtered(lambda part: not part.adjusts_wip_id)

    def _amounts(self):
        return sorted((state, amount) for _kind, state, _quantity, amount in self._parts(self.order))

    def _both_proposed(self):
        """The proposal of March, with the cost and its credit: 225.00."""
        self.refund = self._credit_note()
        proposal = self._propose()
        self.assertEqual(proposal.amount, 225)
        return proposal

    def test_the_credit_goes_with_the_cost_and_comes_back_with_it(self):
        proposal = self._both_proposed()
        self._cost()._psa_write_off(self.reason)
        self.assertEqual(self._amounts(), [("written_off", 300)])
        self.assertEqual((proposal.amount, proposal.line_ids.mapped("amount")), (0, [0]))
        self._cost().action_undo_adjustments()
        self.assertEqual(self._amounts(), [("proposed", -75), ("proposed", 300)])
        self.assertEqual((proposal.amount, self._work_of(self.refund).proposal_id), (225, proposal))
        self.assertEqual(self._invoice(proposal, post=True).amount_untaxed, 225)

    def test_of_what_is_billed_less_a_quarter_goes_back(self):
        """200.00 of 300.00 are billed, and 50.00 of the 75.00 go back: 150.00, on the same proposal."""
        proposal = self._both_proposed()
        self._cost()._psa_bill_amount(200, self.reason)
        self.assertEqual(self._amounts(), [("proposed", -50), ("proposed", 200), ("written_off", 100)])
        self.assertEqual(proposal.amount, 150)
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(invoice.amount_untaxed, 150)
        self.assertEqual(sum(self.order.order_line.mapped("untaxed_amount_to_invoice")), 0)

    def test_what_a_review_decided_on_the_credit_stays_as_long_as_something_is_owed(self):
        """The client gets 60.00 back, whatever of the cost is billed; nothing, where that is nothing."""
        proposal = self._both_proposed()
        self._work_of(self.refund)._psa_bill_amount(-60, self.reason)
        self._cost()._psa_bill_amount(280, self.reason)
        self.assertEqual(proposal.amount, 220)
        self._cost()._psa_write_off(self.reason)
        self.assertEqual(self._amounts(), [("written_off", 20), ("written_off", 280)])
        self.assertEqual(proposal.amount, 0)
        self._cost().action_undo_adjustments()
        self.assertEqual(proposal.amount, 225)

    def test_the_total_of_a_proposal_is_what_was_asked_for(self):
        """100.00 in all: 133.33 of the cost, and 33.33 back."""
        proposal = self._both_proposed()
        proposal.sudo()._psa_bill_amount(100, self.reason)
        self.assertEqual(proposal.amount, 100)
        self.assertEqual(self._amounts()[:2], [("proposed", -33.33), ("proposed", 133.33)])

    def test_the_credit_is_on_another_proposal(self):
        first = self._propose()
        refund = self._credit_note()
        self._work(self.order.order_line[0], 1)
        second = self._propose()
        self.assertEqual((first.amount, second.amount), (300, 25))  # 1 h at 100.00 less 75.00
        self._cost()._psa_write_off(self.reason)
        self.assertEqual((first.amount, second.amount), (0, 100))
        self._cost().action_undo_adjustments()
        self.assertEqual((first.amount, second.amount), (225, 100))
        self.assertEqual(self._work_of(refund).proposal_id, first)

    def test_a_credit_on_hold_stays_on_hold(self):
        """A quarter of 200.00."""
        proposal = self._both_proposed()
        self._work_of(self.refund).action_hold()
        self._cost()._psa_bill_amount(200, self.reason)
        self.assertEqual(self._amounts(), [("held", -50), ("proposed", 200), ("written_off", 100)])
        self.assertEqual(proposal.amount, 200)

    def test_a_credit_after_the_last_day_of_the_run_waits_for_the_next(self):
        proposal = self._propose()
        self._credit_note(day="2026-04-02")
        self._cost()._psa_write_off(self.reason)
        self._cost().action_undo_adjustments()
        self.assertEqual(self._amounts(), [("open", -75), ("proposed", 300)])
        self.assertEqual(proposal.amount, 300)

    def test_given_away_first_and_credited_then(self):
        proposal = self._propose()
        self._cost()._psa_write_off(self.reason)
        self._credit_note()
        self.assertEqual(self._amounts(), [("written_off", 300)])
        proposal.action_make_again()
        self.assertEqual((proposal.amount, self._amounts()), (0, [("written_off", 300)]))
        self._cost().action_undo_adjustments()
        self.assertEqual((proposal.amount, self._amounts()), (225, [("proposed", -75), ("proposed", 300)]))

    def test_a_cancelled_proposal_leaves_both_to_be_billed(self):
        proposal = self._both_proposed()
        self._cost()._psa_write_off(self.reason)
        proposal.action_cancel()
        self.assertEqual(self._amounts(), [("open", -75), ("open", 300)])
        self.assertEqual(self._propose().amount, 225)

    def test_a_deleted_invoice_leaves_both_to_be_billed(self):
        self._work(self.order.order_line[0], 1)
        self.refund = self._credit_note()
        proposal = self._propose()
        self._cost()._psa_write_off(self.reason)
        invoice = self._invoice(proposal)
        self.assertEqual(invoice.amount_untaxed, 100)
        invoice.unlink()
        self.assertEqual(self._amounts(), [("open", -75), ("open", 300)])

    def test_the_credit_note_is_none_any_more(self):
        proposal = self._both_proposed()
        self._cost()._psa_write_off(self.reason)
        self.refund.button_draft()
        self._cost().action_undo_adjustments()
        self.assertEqual((proposal.amount, self._amounts()), (300, [("proposed", 300)]))

    # -- the client has got it already -----------------------------------------------------

    def _credit_apart(self, approve=True):
        """The credit of 75.00 is on a proposal with an hour of 100.00, the cost on another, which is
        returned."""
        self._cost().action_hold()
        self._work(self.order.order_line[0], 1)
        self.refund = self._credit_note()
        self.other = self._propose()
        self.assertEqual(self.other.amount, 25)
        if approve:
            self.other.action_approve()
        self._cost().action_release()
        return self._propose(False, "2026-04-30")

    def test_what_was_invoiced_of_the_credit_is_charged(self):
        """An hour of 100.00 is all that the client pays in the end: 25.00 and 75.00."""
        proposal = self._credit_apart()
        self.other.action_create_invoice()
        self.other.invoice_id.invoice_date = "2026-04-01"
        self.other.invoice_id.action_post()
        self._cost()._psa_write_off(self.reason)
        self.assertEqual(self._amounts(), [("billed", -75), ("proposed", 75), ("written_off", 300)])
        self.assertIn("Given back before: Hotel", proposal.line_ids.sale_line_id.mapped("name"))
        self.assertEqual(proposal.amount, 75)
        self._cost().action_undo_adjustments()
        self.assertEqual((proposal.amount, self._amounts()), (300, [("billed", -75), ("proposed", 300)]))
        self._cost()._psa_write_off(self.reason)
        self.assertEqual(self._invoice(proposal, post=True).amount_untaxed, 75)
        self.assertFalse(self._propose(False, "2026-12-31"))
        self.assertEqual(sum(self.order.order_line.mapped("untaxed_amount_to_invoice")), 0)

    def test_less_of_the_cost_is_billed_than_when_the_credit_was_invoiced(self):
        """Of 200.00 a quarter is owed, 50.00, and 75.00 were given back: 100.00 for the hour, 200.00 less
        50.00 in all."""
        proposal = self._credit_apart()
        self.other.action_create_invoice()
        self._cost()._psa_bill_amount(200, self.reason)
        self.assertEqual((self.other.amount, proposal.amount), (25, 225))

    def test_a_proposal_with_the_credit_is_taken_back_to_draft(self):
        proposal = self._credit_apart()
        self._cost()._psa_write_off(self.reason)
        self.assertEqual((self.other.amount, proposal.amount), (25, 75))
        self.other.action_reset()
        self.assertEqual((self.other.amount, proposal.amount), (100, 0))
        self.assertEqual(self._amounts(), [("written_off", 300)])

    def test_a_proposal_with_the_credit_is_cancelled(self):
        proposal = self._credit_apart()
        self._cost()._psa_write_off(self.reason)
        self.other.action_cancel()
        self.assertEqual((proposal.amount, self._amounts()), (0, [("written_off", 300)]))

    def test_what_was_given_up_of_the_credit_is_not_charged(self):
        proposal = self._both_proposed()
        (self._cost() | self._work_of(self.refund))._psa_write_off(self.reason)
        self.assertEqual(
            (proposal.amount, self._amounts()), (0, [("written_off", -75), ("written_off", 300)])
        )
        proposal.action_close()
        self.assertEqual(self._amounts(), [("written_off", -75), ("written_off", 300)])
