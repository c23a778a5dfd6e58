"""Costs that are charged to several analytic plans, or in thirds: they are paid once, and to the cent."""

from odoo import Command
from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestExpensePlans(PsaExpenseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = cls.env["account.analytic.plan"].create({"name": "Departments"})
        cls.departments = cls.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("Sales", "Delivery", "Research")]
        )

    def _thirds(self, order):
        """The project of ``order``, for a third each of the departments."""
        project = order.project_id.account_id.id
        shares = zip(self.departments, (33.34, 33.33, 33.33), strict=True)
        return {f"{project},{department.id}": percent for department, percent in shares}

    def _amounts(self, order):
        return [amount for _kind, _state, _quantity, amount in self._parts(order)]

    def _reverse_expense(self, expense):
        self._draft_credit(expense.account_move_id).action_post()

    def test_an_expense_is_billed_once_however_many_plans_it_is_charged_to(self):
        """As a distribution model of the firm says: all of it to the project, all of it to a department."""
        self.env["account.analytic.distribution.model"].create(
            {
                "product_categ_id": self.hotel.categ_id.id,
                "company_id": self.company.id,
                "analytic_distribution": {self.departments[0].id: 100},
            }
        )
        order = self._sow(self._line(self.architect), self._terms())
        expense = self._expense(order, 100)
        self.assertEqual(len(expense.analytic_distribution), 2)
        self.assertEqual(self._parts(order), [("expense", "open", 1, 100)])
        self._reverse_expense(expense)
        self.assertEqual(self._parts(order), [])

    def test_what_was_billed_of_it_goes_back_once(self):
        order = self._sow(self._line(self.architect), self._terms())
        distribution = {**self._account(order), str(self.departments[0].id): 100}
        expense = self._expense(order, 100, analytic_distribution=distribution)
        self._invoice(self._propose(), post=True)
        self._reverse_expense(expense)
        self.assertEqual(self._parts(order), [("expense", "billed", 1, 100), ("expense", "open", -1, -100)])

    def test_all_of_an_expense_is_billed_where_a_plan_has_a_part_of_it(self):
        order = self._sow(self._line(self.architect), self._terms())
        half = {str(order.project_id.account_id.id): 50, str(self.departments[0].id): 100}
        self._expense(order, 100, analytic_distribution=half)
        self._expense(order, 80, analytic_distribution={str(self.departments[1].id): 100})
        self.assertEqual(self._amounts(order), [100, 80])

    def test_a_bill_is_billed_by_what_is_charged_to_the_project(self):
        order = self._sow(self._line(self.architect), self._terms())
        half = {str(order.project_id.account_id.id): 50, str(self.departments[0].id): 100}
        self._bill((self.hotel, 100, half))
        self.assertEqual(self._amounts(order), [50])

    def test_thirds_of_a_unit_are_one(self):
        """One night at 500.00 is 500.00; three times 0.33 of it were 495.00."""
        order = self._sow(self._line(self.architect), self._terms("unit", price_unit=500))
        self._bill((self.hotel, 300, self._thirds(order)))
        self.assertEqual([part[2] for part in self._parts(order)], [0.33, 0.34, 0.33])
        self.assertEqual(sum(self._amounts(order)), 500)

    def test_thirds_of_a_unit_within_the_limit_of_an_item_are_one(self):
        """A night for 120.00 where 100.00 may be spent; three times 33.00 were 99.00."""
        self.company.psa_expense_over_limit = "no"
        order = self._sow(self._line(self.architect), self._terms(psa_expense_item_limit=100))
        self._bill((self.hotel, 120, self._thirds(order)))
        self.assertEqual(sum(self._amounts(order)), 100)

    def test_thirds_of_foreign_money_are_all_of_it(self):
        """The firm keeps its books in another currency than the bill and the statement of work."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        euro.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-01-01", "rate": 0.9091, "company_id": self.company.id}
        )
        prices = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        order = self._sow(self._line(self.architect), self._terms(), pricelist_id=prices.id)
        for spent in (100, 10, 50.05, 99.99):
            before = sum(self._amounts(order))
            self._bill((self.hotel, spent, self._thirds(order)), currency_id=euro.id)
            self.assertAlmostEqual(sum(self._amounts(order)) - before, spent, 9)

    def test_what_the_vendor_takes_back_of_a_product_that_is_billed_no_more(self):
        """The client got nothing back of 100.00 that they had paid."""
        order = self._sow(self._line(self.architect), self._terms())
        bill = self._bill((self.hotel, 100, self._account(order)), (self.meals, 30, self._account(order)))
        self._invoice(self._propose(), post=True)
        self.hotel.expense_policy = "no"
        self._reverse(bill).action_post()
        self.assertEqual(self._parts(order), [("bill", "billed", 1, 100), ("bill", "open", -1, -100)])
        self._bill((self.hotel, 50, self._account(order)))
        self.assertEqual(len(self._parts(order)), 2)

    def test_the_bill_of_another_company_is_none_of_the_clients(self):
        """Its accounts may be shared; it kept all of the statement of work from being billed."""
        other = self.setup_other_company(name="Sister")["company"]
        self.env.user.company_ids |= other
        order = self._sow(self._line(self.architect), self._terms())
        self._work(order.order_line[0], 2)
        account = order.project_id.account_id
        account.company_id = False
        line = {
            "product_id": self.hotel.id,
            "price_unit": 100,
            "tax_ids": False,
            "analytic_distribution": {str(account.id): 100},
        }
        bill = self.env["account.move"].with_company(other)
        bill = bill.create(
            {
                "move_type": "in_invoice",
                "partner_id": self.vendor.id,
                "invoice_date": "2026-03-10",
                "invoice_line_ids": [Command.create(line)],
            }
        )
        bill.action_post()
        self.assertEqual(bill.company_id, other)
        self.assertEqual(self._parts(order), [])
        self.assertEqual(self._propose().amount, 300)
