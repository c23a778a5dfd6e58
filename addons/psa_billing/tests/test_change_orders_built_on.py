"""A change order is not cancelled under what builds on it: work moved to its lines, expenses by its terms."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestChangeOrdersBuiltOn(PsaExpenseCase):
    def test_expenses_that_its_terms_priced(self):
        """20 % on top by the change order: 100.00 are 120.00. Without it the client pays 100.00: it is
        cancelled once the expense is reset, which then is posted at cost."""
        order = self._sow()
        change = self._change_order(order, self._terms("markup", psa_expense_markup=20)).sudo()
        expense = self._expense(order, 100)
        self.assertEqual(self._parts(order), [("expense", "open", 1, 120)])
        self.assert_refused(change.action_cancel, "120.00 of expenses by the terms of Travel expenses")
        self._invoice(self._propose(), post=True)
        self.assert_refused(change.action_cancel, "120.00 of expenses by the terms of Travel expenses")
        self._credit(order.invoice_ids)
        expense.account_move_id.button_draft()
        change.action_cancel()
        self.assertEqual(change.state, "cancel")
        expense.account_move_id.action_post()
        self.assertEqual(self._parts(order), [("expense", "open", 1, 100)])

    def test_a_part_of_an_entry_that_was_moved_to_its_line(self):
        """2 of 4 h go to a line of the change order: it stays until they are back."""
        order = self._sow()
        change = self._change_order(order, self._line(self.developer, 10)).sudo()
        entry = self._work(order.order_line, 4)
        entry.psa_wip_ids.sudo()._psa_move_part(2, change.order_line)
        self.assert_refused(change.action_cancel, "2 hours that were moved to Developer")
        # so says the SOW, which cannot go before its change order
        self.assert_refused(order.sudo().action_cancel, "work, bills or terms build on its change orders")
        moved = entry.psa_wip_ids.sudo().filtered(lambda part: part.sale_line_id == change.order_line)
        moved._psa_move(order.order_line)
        change.action_cancel()
        self.assertEqual(change.state, "cancel")
        self.assertEqual(sum(entry.psa_wip_ids.mapped("amount")), 600)

    def test_hours_of_its_own_are_named_once(self):
        order = self._sow()
        change = self._change_order(order, self._line(self.developer, 10)).sudo()
        self._work(change.order_line, 3)
        with self.assertRaises(UserError) as raised:
            change.action_cancel()
        self.assertEqual(str(raised.exception).count("hours"), 1)
