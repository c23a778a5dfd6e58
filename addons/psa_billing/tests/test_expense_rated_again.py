"""A cost that was rated stays so when its document is set back to draft and posted again."""

from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestExpenseRatedAgain(PsaExpenseCase):
    """100 km at 0.42 are 42.00; a contractor for 500.00 with 10 % on top is 550.00."""

    def _again(self, bill, **values):
        bill.button_draft()
        if values:
            bill.invoice_line_ids.write(values)
        bill.action_post()

    def _mileage(self):
        order = self._sow(self._line(self.architect))
        bill = self._bill((self.mileage, 30, self._account(order)), post=False)
        bill.invoice_line_ids.write({"quantity": 100, "price_unit": 0.3})
        bill.action_post()
        self.assertEqual(self._parts(order), [("bill", "open", 100, 42)])
        return order, bill

    def test_another_price_of_the_product_is_for_new_costs(self):
        """The next 100 km are 50.00. So they are once 120 km were driven: 60.00."""
        order, bill = self._mileage()
        self.mileage.list_price = 0.5
        self._again(bill)
        self.assertEqual(self._parts(order), [("bill", "open", 100, 42)])
        self._again(bill, name="Once more")
        self.assertEqual(self._parts(order), [("bill", "open", 100, 42)])
        self._again(bill, quantity=120)
        self.assertEqual(self._parts(order), [("bill", "open", 120, 60)])
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 60)

    def test_so_it_is_after_its_invoice_was_deleted(self):
        order, bill = self._mileage()
        self._invoice(self._propose()).unlink()
        self.mileage.list_price = 0.5
        self._again(bill)
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 42)

    def test_another_markup_is_for_new_costs(self):
        """A change order agrees on 20 %: 600.00 for what is bought after it, 660.00 for 550.00."""
        order = self._sow(self._line(self.architect), self._terms("markup", psa_expense_markup=10))
        bill = self._bill((self.hotel, 500, self._account(order)))
        order.order_line.sudo().psa_expense_markup = 20
        self._again(bill)
        self.assertEqual(self._parts(order), [("bill", "open", 1, 550)])
        self._again(bill, price_unit=550)
        self.assertEqual(self._parts(order), [("bill", "open", 1, 660)])

    def test_a_cost_whose_credit_is_taken_back_keeps_its_rate(self):
        """The vendor credits the bill, and by mistake: the kilometres are 42.00 as before, and the next ones
        are not billed at all."""
        order, bill = self._mileage()
        refund = self._draft_credit(bill)
        refund.invoice_date = refund.date
        refund.action_post()
        self.assertEqual(self._parts(order), [])
        self.mileage.list_price = 0.5
        self.company.psa_expense_default = "no"
        refund.button_draft()
        self.assertEqual(self._parts(order), [("bill", "open", 100, 42)])
        self._bill((self.mileage, 30, self._account(order)))
        self.assertEqual(self._parts(order), [("bill", "open", 100, 42)])

    def test_an_expense_that_is_reset_and_posted_again_keeps_its_rate(self):
        """Its entry is set back and deleted, and another one is made."""
        order = self._sow(self._line(self.architect))
        expense = self._expense(order, product=self.mileage, quantity=100)
        self.assertEqual([part[2:] for part in self._parts(order)], [(100, 42)])
        self.mileage.list_price = 0.5
        expense.account_move_id.button_draft()
        expense.sudo().action_reset()
        self.assertEqual(self._parts(order), [])
        expense.action_submit()
        if expense.state != "approved":
            expense.action_approve()
        self._post(expense)
        self.assertEqual([part[2:] for part in self._parts(order)], [(100, 42)])

    def test_it_stays_with_the_client_whose_project_has_another_account_by_now(self):
        """The former account is that of another SOW, whose client pays for what is booked there later."""
        order, other = (self._sow(self._line(self.architect), self._terms()) for _number in range(2))
        account = order.project_id.account_id
        booked = self._account(order)
        bill = self._bill((self.hotel, 100, booked))
        order.project_id.account_id = account.copy({"name": "Another"})
        other.project_id.account_id = account
        self._again(bill)
        self._bill((self.hotel, 70, booked))
        self.assertEqual(self._parts(order), [("bill", "open", 1, 100)])
        self.assertEqual(self._parts(other), [("bill", "open", 1, 70)])

    def test_what_was_not_billed_at_all_has_the_terms_of_now(self):
        """Nothing was agreed for expenses; then they are sold at cost."""
        self.company.psa_expense_default = "no"
        order = self._sow(self._line(self.architect))
        bill = self._bill((self.hotel, 100, self._account(order)))
        self.assertEqual(self._parts(order), [])
        self._change_order(order, self._terms())
        self._again(bill)
        self.assertEqual(self._parts(order), [("bill", "open", 1, 100)])

    def test_limits_are_those_of_now(self):
        """Of 100.00 a limit of 80.00 lets 30.00 through, as another hotel has taken 50.00 meanwhile."""
        order = self._sow(self._line(self.architect), self._terms(psa_expense_limit=80))
        self.company.psa_expense_over_limit = "no"
        bill = self._bill((self.hotel, 100, self._account(order)))
        self.assertEqual(self._parts(order), [("bill", "open", 1, 80)])
        bill.button_draft()
        self._bill((self.hotel, 50, self._account(order)))
        bill.action_post()
        self.assertEqual(sorted(self._parts(order)), [("bill", "open", 1, 30), ("bill", "open", 1, 50)])
