"""A month with expenses, from the receipt to the paid invoice, to the cent."""

from odoo import Command
from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestStoryExpenses(PsaExpenseCase):
    def test_march_with_a_hotel_a_drive_a_dinner_and_a_contractor(self):
        """Ann works eight hours in Lyon (150.00 an hour), spends three nights there, drives home and dines.

        Signed: time; travel with 10 % on top, a night at 130.00 at most; kilometres at 0.55; dinners with
        colleagues are the firm's. 15 % sales tax; the hotel's price has 10 % purchase tax in it.

        ============================  =======================================  ========
        work                          8 h × 150.00                             1,200.00
        hotel, 396.00 with tax        396.00 / 1.10 = 360.00, + 10 %             396.00
        drive                         470 km × 0.55                              258.50
        print shop (vendor bill)      87.35 + 10 % = 96.085                       96.09
        net                                                                    1,950.59
        tax 15 %                      292.5885                                   292.59
        to pay                                                                 2,243.18
        ============================  =======================================  ========
        """
        tax = self.company_data["default_tax_purchase"].copy(
            {"name": "10 % in the price", "amount": 10, "price_include_override": "tax_included"}
        )
        self.hotel.supplier_taxes_id = tax
        printing = self._expense_product("Printing", "cost")
        order = self._sow(
            self._line(self.architect),
            self._terms("markup", psa_expense_markup=10, psa_expense_item_limit=130),
            self._terms("unit", price_unit=0.55, psa_expense_product_ids=[Command.set(self.mileage.ids)]),
        )
        self.ann.sudo().expense_manager_id = self.env.user
        order.sudo().action_lock()
        employee = self.ann.user_id
        work = self._work(order.order_line[0], 8, "2026-03-04")
        hotel = (
            self.env["hr.expense"]
            .with_user(employee)
            .create(
                {
                    "name": "Three nights in Lyon",
                    "employee_id": self.ann.id,
                    "product_id": self.hotel.id,
                    "quantity": 3,
                    "total_amount_currency": 396,
                    "date": "2026-03-05",
                }
            )
        )
        self.env["ir.attachment"].create(
            {"name": "hotel.pdf", "raw": b"%PDF", "res_model": "hr.expense", "res_id": hotel.id}
        )
        hotel = hotel.with_env(self.env)
        hotel.sale_order_id = order
        hotel.with_user(employee).action_submit()
        self.env.invalidate_all()
        hotel.action_approve()
        self.assertEqual(hotel.state, "approved")
        self._post(hotel)
        drive = self._expense(order, product=self.mileage, quantity=470)
        dinner = self._expense(None, 84, self.meals, analytic_distribution=self._account(order))
        bill = self._bill((printing, 87.35, self._account(order)))
        self.assertEqual({expense.state for expense in hotel + drive + dinner} | {bill.state}, {"posted"})

        proposal = self._propose()
        self.assertEqual(proposal.amount, 1950.59)
        amounts = sorted(proposal.line_ids.mapped("amount"))
        self.assertEqual(amounts, [96.09, 258.5, 396.0, 1200.0])
        self.assertEqual(sum(proposal.line_ids.mapped("worked_hours")), 8)
        invoice = self._invoice(proposal, post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (1950.59, 292.59))
        self.assertEqual(invoice.amount_total, 2243.18)
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", invoice.id), ("res_field", "=", False)]
        )
        self.assertIn("hotel.pdf", files.mapped("name"))
        self.assertEqual(work.psa_wip_ids.state, "billed")
        for line in order.order_line.filtered("psa_rebills"):
            self.assertAlmostEqual(line.untaxed_amount_to_invoice, 0)
            self.assertEqual(line.qty_invoiced, line.qty_delivered)
        # what the project cost: 8 h × 60.00, hotel 360.00, 470 km × 0.30, dinner 84.00, printing 87.35
        costs = order.project_id._get_profitability_items(with_action=False)["costs"]["total"]
        self.assertAlmostEqual(costs["billed"], -(480 + 360 + 141 + 84 + 87.35))
        # hours are those of time, money is that of all
        self.env.flush_all()
        states = self.env["psa.hour.state"].search([("order_id", "=", order.id)])
        self.assertEqual(sum(states.mapped("hours")), 8)
        self.assertAlmostEqual(sum(states.mapped("amount")), 1950.59)
        by_kind = self.env["psa.hour.state"]._read_group(
            [("order_id", "=", order.id)], ["kind"], ["hours:sum"]
        )
        self.assertEqual({kind: hours or 0 for kind, hours in by_kind}, {"time": 8, "expense": 0, "bill": 0})

        # the printer credits 17.47, a fifth: the client gets a fifth of 96.09 back with the next month
        refund = self._reverse(bill)
        refund.invoice_line_ids.price_unit = 17.47
        refund.action_post()
        self._work(order.order_line[0], 1, "2026-04-07")
        april = self._propose("2026-04-01", "2026-04-30")
        # 150.00 − 19.22
        self.assertEqual(april.amount, 130.78)
        self.assertEqual(self._invoice(april, post=True).amount_untaxed, 130.78)
