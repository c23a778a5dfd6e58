"""What a review writes off of costs makes room under a limit: what comes back finds only what is left of it.

Hotels are billed at cost, up to 400.00 in all; 300.00 are on a proposal."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestExpenseLimitsReview(PsaExpenseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.psa_expense_over_limit = "no"
        cls.reason = cls.env.ref("psa_billing.reason_entry")
        cls.order = cls._sow(cls._line(cls.developer), cls._terms(), psa_expense_limit=400)
        cls.first = cls._expense(cls.order, 300)
        cls.proposal = cls._propose()
        cls.part = cls._part_of(cls.first)

    @classmethod
    def _part_of(cls, expense):
        return cls.env["psa.wip.entry"].sudo().search([("expense_id", "=", expense.id)])

    def _amounts(self, expense):
        parts = self._part_of(expense).sorted("part")
        return [(part.state, part.amount) for part in parts]

    @staticmethod
    def _cut(expense):
        entry = expense.account_move_id.line_ids.analytic_line_ids.sudo()
        return entry.psa_expense_cut, entry.psa_expense_note or ""

    def test_less_is_written_off_as_far_as_the_limit_leaves_room(self):
        """100.00 of the 300.00 are billed; 250.00 more are spent since: 50.00 are left."""
        self.part._psa_bill_amount(100, self.reason)
        self._expense(self.order, 250)
        with self.assertRaisesRegex(UserError, "20.00 over their limit"), self.env.cr.savepoint():
            self.part._psa_bill_amount(170, self.reason)
        self.part._psa_bill_amount(150, self.reason)
        self.assertEqual(self._amounts(self.first), [("proposed", 150), ("written_off", 150)])

    def test_more_is_not_billed_of_a_cost_than_its_limit_leaves(self):
        with self.assertRaisesRegex(UserError, "0.50 over their limit"), self.env.cr.savepoint():
            self.part._psa_bill_amount(400.5, self.reason)
        with self.assertRaisesRegex(UserError, "0.50 over their limit"), self.env.cr.savepoint():
            self.proposal.sudo()._psa_bill_amount(400.5, self.reason)
        self.part._psa_bill_amount(400, self.reason)
        self.assertEqual(self._amounts(self.first), [("proposed", 400), ("written_off", -100)])

    def test_a_cancelled_proposal_gives_back_what_the_limit_leaves(self):
        """Of the 300.00 that were given away 250.00 were spent for something else: 150.00 are left."""
        self.part._psa_write_off(self.reason)
        second = self._expense(self.order, 250)
        self.proposal.action_cancel()
        self.assertEqual(self._amounts(self.first), [("open", 150)])
        cut, note = self._cut(self.first)
        self.assertEqual(cut, 150)
        self.assertIn("150.00 over the limit", note)
        self.assertEqual(self._propose().amount, 400)
        # it is billed like everything that a limit cut, as soon as there is room
        self._change_order(self.order, psa_expense_limit_change=100)
        self.assertEqual(sum(amount for _state, amount in self._amounts(self.first)), 250)
        self.assertEqual(self._amounts(second), [("proposed", 250)])
        self.assertEqual(self._cut(self.first)[0], 50)

    def test_nothing_is_given_back_where_the_limit_is_used(self):
        """Half of it was given away, and the room for it is used: the other half is billed as before."""
        self.part._psa_bill_amount(150, self.reason)
        self._expense(self.order, 250)
        self.proposal.action_cancel()
        self.assertEqual(self._amounts(self.first), [("open", 150)])
        self.assertEqual(self._cut(self.first)[0], 150)
        self.assertEqual(
            self.env["psa.adjustment"].search([("order_id", "=", self.order.id)]).state, "undone"
        )

    def test_a_cost_of_which_all_is_over_the_limit_waits_for_room(self):
        self.part._psa_write_off(self.reason)
        self._expense(self.order, 400)
        self.proposal.action_cancel()
        self.assertEqual(self._amounts(self.first), [])
        self.assertEqual(self._cut(self.first)[0], 300)
        self._change_order(self.order, psa_expense_limit_change=1000)
        self.assertEqual(self._amounts(self.first), [("open", 300)])
        self.assertEqual(self._cut(self.first), (0, ""))

    def test_a_deleted_invoice_gives_back_what_the_limit_leaves(self):
        self.part._psa_bill_amount(100, self.reason)
        invoice = self._invoice(self.proposal)
        self._expense(self.order, 300)
        invoice.unlink()
        self.assertEqual(self._amounts(self.first), [("open", 100)])
        self.assertEqual(self._cut(self.first)[0], 200)

    def test_the_limit_of_a_line(self):
        order = self._sow(self._line(self.developer), self._terms(psa_expense_limit=100))
        first = self._expense(order, 80)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self._part_of(first)._psa_write_off(self.reason)
        self._expense(order, 90)
        proposal.action_cancel()
        self.assertEqual(self._amounts(first), [("open", 10)])

    def test_without_a_limit_all_of_it_waits_again(self):
        order = self._sow(self._line(self.developer), self._terms())
        first = self._expense(order, 80)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self._part_of(first)._psa_write_off(self.reason)
        proposal.action_cancel()
        self.assertEqual(self._amounts(first), [("open", 80)])

    # -- of which something is settled, or taken back ------------------------------------------

    def _bill_of(self, order, amount, day="2026-03-11"):
        return self._bill((self.hotel, amount, self._account(order)), day=day)

    def _credit_of(self, bill, amount):
        refund = self._reverse(bill)
        refund.invoice_line_ids.price_unit = amount
        refund.action_post()
        return refund

    def _of(self, order):
        """(state, amount) of all costs of the SOW."""
        return [(state, amount) for _kind, state, _quantity, amount in self._parts(order)]

    def test_of_a_cost_that_is_billed_in_part_the_rest_finds_what_is_left(self):
        """Of 550.00 400.00 are billed, 100.00 more after a change order are given away and spent: the limit
        of 500.00 is used, and 150.00 are cut."""
        order = self._sow(self._line(self.developer), self._terms(), psa_expense_limit=400)
        bill = self._bill_of(order, 550)
        self._invoice(self._propose().filtered(lambda proposal: proposal.order_id == order), post=True)
        self._change_order(order, psa_expense_limit_change=100)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        proposal.line_ids.wip_ids.sudo()._psa_write_off(self.reason)
        self._bill_of(order, 100, "2026-03-12")
        proposal.action_cancel()
        self.assertEqual(self._of(order), [("billed", 400), ("open", 100)])
        entry = bill.line_ids.analytic_line_ids.sudo()
        self.assertEqual((entry.psa_expense_cut, entry.so_line), (150, entry.psa_wip_ids.sale_line_id))
        # it comes as soon as there is room, and goes back to the client whole
        self._change_order(order, psa_expense_limit_change=120)
        self.assertEqual(self._of(order), [("billed", 400), ("open", 100), ("open", 120)])
        self._reverse(bill).action_post()
        self.assertEqual(self._of(order)[-1], ("open", -520))

    def test_a_credit_of_the_vendor_counts_against_what_is_over_first(self):
        """300.00 less 50.00 of a credit are given away, and 400.00 are spent: nothing is left for them."""
        order = self._sow(self._line(self.developer), self._terms(), psa_expense_limit=400)
        bill = self._bill_of(order, 300)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self._credit_of(bill, 50)
        self.assertEqual(self._of(order), [("proposed", 300), ("open", -50)])
        proposal.line_ids.wip_ids.sudo()._psa_write_off(self.reason)
        self.assertEqual(self._of(order), [("written_off", 300)], "given away, it is not given back, too")
        self._bill_of(order, 400, "2026-03-12")
        proposal.action_cancel()
        self.assertEqual(self._of(order), [("open", 400)])
        self.assertEqual(bill.line_ids.analytic_line_ids.sudo().psa_expense_cut, 250)
        self._change_order(order, psa_expense_limit_change=100)
        self.assertEqual(sum(amount for _state, amount in self._of(order)), 500)

    def test_what_the_vendor_took_back_of_a_written_off_cost_is_not_billed_again(self):
        """300.00 are given away, 50.00 of them credited since; without the decision 250.00 are owed."""
        order = self._sow(self._line(self.developer), self._terms())
        bill = self._bill_of(order, 300)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        proposal.line_ids.wip_ids.sudo()._psa_write_off(self.reason)
        self._credit_of(bill, 50)
        self.assertEqual(self._of(order), [("written_off", 300)])
        proposal.action_cancel()
        self.assertEqual(self._of(order), [("open", 300), ("open", -50)])

    def test_what_is_billed_less_of_a_cost_is_given_back_less(self):
        """100.00 of 300.00 are billed, and half of the cost is credited: 50.00. Of 200.00 it is 100.00, and
        with all of it billed again 150.00."""
        order = self._sow(self._line(self.developer), self._terms())
        bill = self._bill_of(order, 300)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        part = proposal.line_ids.wip_ids.sudo()
        part._psa_bill_amount(100, self.reason)
        self._credit_of(bill, 150)
        self.assertEqual(self._of(order), [("proposed", 100), ("written_off", 200), ("open", -50)])
        part._psa_bill_amount(200, self.reason)
        self.assertEqual(sorted(self._of(order))[0], ("open", -100))
        part.action_undo_adjustments()
        self.assertEqual(self._of(order), [("proposed", 300), ("open", -150)])

    def test_a_cost_that_was_taken_back_as_a_whole_is_not_billed_when_its_write_off_is_undone(self):
        order = self._sow(self._line(self.developer), self._terms())
        bill = self._bill_of(order, 300)
        part = bill.line_ids.analytic_line_ids.psa_wip_ids.sudo()
        part._psa_write_off(self.reason)
        self._reverse(bill).action_post()
        self.assertEqual(self._of(order), [("written_off", 300)])
        part.action_undo_adjustments()
        self.assertEqual(self._of(order), [("open", 300), ("open", -300)])

    def test_what_was_given_back_already_is_given_back_once(self):
        """100.00 of 300.00 and a credit of 50.00 are invoiced, the first invoice is credited: 300.00 less
        half of them are owed, so 100.00 go back beside the 50.00."""
        order = self._sow(self._line(self.developer), self._terms())
        bill = self._bill_of(order, 300)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        proposal.line_ids.wip_ids.sudo()._psa_bill_amount(100, self.reason)
        invoice = self._invoice(proposal, post=True)
        self._credit_of(bill, 150)
        self._work(order.order_line[0], 3)
        again = self._propose("2026-03-01", "2026-04-30").filtered(
            lambda proposal: proposal.order_id == order
        )
        self._invoice(again, post=True)
        self.assertEqual(self._of(order), [("billed", 100), ("written_off", 200), ("billed", -50)])
        self._credit(invoice)
        self.assertEqual(self._of(order), [("open", 300), ("billed", -50), ("open", -100)])

    # -- of several payers ---------------------------------------------------------------------

    def _shared(self, limit=0):
        fund = self.env["res.partner"].create({"name": "Fund"})
        payers = [
            Command.create({"partner_id": payer.id, "share": share})
            for payer, share in ((self.client, 40), (fund, 60))
        ]
        order = self._sow(
            self._line(self.developer), self._terms(), psa_expense_limit=limit, psa_payer_ids=payers
        )
        return order, fund

    def _by_payer(self, order):
        parts = self.env["psa.wip.entry"].search(
            [("order_id", "=", order.id), ("state", "!=", "written_off")]
        )
        return sorted((part.state, part.payer_id.name or "", part.amount) for part in parts)

    def test_a_write_off_comes_back_to_each_payer_by_its_share(self):
        """150.00 of 300.00 are billed: 60.00 and 90.00. Each invoice that is deleted gives back 40 % and 60 %
        of 300.00, and it is billed so."""
        order, _fund = self._shared()
        self._bill_of(order, 300)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        proposal.line_ids.wip_ids.sudo()._psa_bill_amount(150, self.reason)
        self._invoice(proposal)
        decision = self.env["psa.adjustment"].search([("order_id", "=", order.id)])
        self.assertEqual(decision.amount, -150)
        of_client, of_fund = proposal.invoice_ids.sorted(lambda move: move.amount_untaxed)
        of_fund.unlink()
        self.assertEqual(self._by_payer(order), [("billed", "Client Ltd", 60), ("open", "Fund", 180)])
        self.assertEqual((decision.state, decision.amount), ("done", -60))
        of_client.unlink()
        self.assertEqual(self._by_payer(order), [("open", "Client Ltd", 120), ("open", "Fund", 180)])
        self.assertEqual(decision.state, "undone")
        again = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self._invoice(again)
        self.assertEqual(sorted(again.invoice_ids.mapped("amount_untaxed")), [120, 180])

    def test_the_limit_cuts_what_the_invoice_of_one_payer_gives_back(self):
        """As above with a limit of 400.00, of which 250.00 are spent since: of the 180.00 of the fund 90.00
        are left. Without any invoice 150.00 are, shared anew when they are billed: 60.00 and 90.00."""
        order, _fund = self._shared(400)
        self._bill_of(order, 300)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        proposal.line_ids.wip_ids.sudo()._psa_bill_amount(150, self.reason)
        self._invoice(proposal)
        self._bill_of(order, 250, "2026-03-12")
        of_client, of_fund = proposal.invoice_ids.sorted(lambda move: move.amount_untaxed)
        of_fund.unlink()
        waiting = [("billed", "Client Ltd", 60), ("open", "", 250), ("open", "Fund", 90)]
        self.assertEqual(self._by_payer(order), waiting)
        of_client.unlink()
        self.assertEqual(self._by_payer(order), [("open", "", 150), ("open", "", 250)])
        again = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self._invoice(again)
        self.assertEqual(sorted(again.invoice_ids.mapped("amount_untaxed")), [160, 240])

    # -- brought in by an opening balance ------------------------------------------------------

    def test_what_was_billed_before_going_live_cuts_what_waits(self):
        """300.00 wait below 400.00; that 250.00 were billed before is entered later: 150.00 are left. It was
        50.00 less: 200.00."""
        order = self._sow(self._line(self.developer), self._terms(), psa_expense_limit=400)
        bill = self._bill_of(order, 300)
        terms = order.order_line.filtered(lambda line: line.psa_billing_model == "expense")[0]
        opening = self.env["psa.opening.balance"].create(
            {"sale_line_id": terms.id, "date": "2026-02-28", "billed_amount": 250}
        )
        self.assertEqual(self._of(order), [("open", 150)])
        self.assertEqual(bill.line_ids.analytic_line_ids.sudo().psa_expense_cut, 150)
        opening.billed_amount = 200
        self.assertEqual(self._of(order), [("open", 200)])
        opening.billed_amount = 380
        self.assertEqual(self._of(order), [("open", 20)])
        opening.unlink()
        self.assertEqual(self._of(order), [("open", 300)])
