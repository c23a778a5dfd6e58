"""What a review writes off of costs makes room under a limit: what comes back finds only what is left of it.

Hotels are billed at cost, up to 400.00 in all; 300.00 are on a proposal."""

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
