from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestExpenses(PsaExpenseCase):
    # -- what the client pays --------------------------------------------------------------

    def test_at_cost(self):
        order = self._sow(self._line(self.architect), self._terms())
        expense = self._expense(order, 361, quantity=3)
        self.assertEqual(self._parts(order), [("expense", "open", 1, 361.0)])
        line = expense.sale_order_line_id
        self.assertTrue(line.psa_rebills)
        self.assertEqual((line.order_id, line.price_unit, line.tax_ids), (order, 361, self.tax))
        self.assert_host_figures(line, delivered=1, invoiced=0, amount_to_invoice=361)

    def test_marked_up_to_the_cent(self):
        order = self._sow(self._line(self.architect), self._terms("markup", psa_expense_markup=12.5))
        self._expense(order, 87.35)
        # 87.35 × 1.125 = 98.26875
        self.assertEqual(self._parts(order), [("expense", "open", 1, 98.27)])

    def test_per_unit_at_the_price_of_the_line(self):
        order = self._sow(self._line(self.architect), self._terms("unit", price_unit=0.55))
        self._expense(order, product=self.mileage, quantity=120)
        self._expense(order, product=self.mileage, quantity=30, day="2026-03-06")
        # 120 km × 0.55 = 66.00 and 30 km × 0.55 = 16.50, on one line
        self.assertEqual(self._parts(order), [("expense", "open", 120, 66.0), ("expense", "open", 30, 16.5)])
        line = order.order_line.filtered("psa_rebills")
        self.assertEqual((len(line), line.product_uom_qty, line.product_uom_id.name), (1, 150, "km"))
        self.assert_host_figures(line, delivered=150, invoiced=0, amount_to_invoice=82.5)

    def test_per_unit_at_the_price_of_the_product(self):
        order = self._sow(self._line(self.architect), self._terms("unit"))
        self._expense(order, product=self.mileage, quantity=171)
        # 171 km × 0.42
        self.assertEqual(self._parts(order), [("expense", "open", 171, 71.82)])

    def test_terms_are_for_the_products_that_they_name(self):
        travel = self.env["product.category"].create({"name": "Travel"})
        trains = self.env["product.category"].create({"name": "Trains", "parent_id": travel.id})
        train = self._expense_product("Train", "cost", categ_id=trains.id)
        order = self._sow(
            self._line(self.architect),
            self._terms("markup", psa_expense_markup=5),
            self._terms("markup", psa_expense_markup=10, psa_expense_categ_ids=[Command.set(travel.ids)]),
            self._terms("no", psa_expense_product_ids=[Command.set(self.mileage.ids)]),
        )
        for product in (self.hotel, train):
            self._expense(order, 100, product)
        self._expense(order, product=self.mileage, quantity=10)
        # the hotel by the first line, the train by its category, mileage not at all
        self.assertEqual([part[3] for part in self._parts(order)], [105.0, 110.0])

    def test_without_terms_as_the_company_says(self):
        order = self._sow(self._line(self.architect))
        self._expense(order, 50)
        self._expense(order, product=self.mileage, quantity=100)
        # at cost, and 100 km at the product's 0.42
        self.assertEqual([part[3] for part in self._parts(order)], [50.0, 42.0])
        self.company.psa_expense_default = "no"
        self._expense(order, 70)
        self.assertEqual(len(self._parts(order)), 2)

    def test_included_taxes_leave_the_net_price(self):
        tax = self.tax.copy({"name": "15 % included", "price_include_override": "tax_included"})
        self.hotel.taxes_id = tax
        order = self._sow(self._line(self.architect), self._terms())
        expense = self._expense(order, 100)
        # 100.00 net are 115.00 with 15 %
        self.assertEqual(expense.sale_order_line_id.price_unit, 115)
        self.assertEqual(self._parts(order), [("expense", "open", 1, 100.0)])

    def test_units_at_a_price_with_included_tax(self):
        """0.42 a km with 8.1 % in it, 171 km: 71.82, which is 66.44 net; 10 % less are 0.378 a km: 64.638,
        net 59.79 for itself, and as the host rounds what the client pays, 64.64 less 4.84 of tax, 59.80."""
        tax = self.tax.copy({"name": "8.1 % in", "amount": 8.1, "price_include_override": "tax_included"})
        self.mileage.taxes_id = tax
        order = self._sow(self._line(self.architect), self._terms("unit"))
        self._expense(order, product=self.mileage, quantity=171)
        other = self._sow(
            self._line(self.architect),
            self._terms("unit", price_unit=0.42, discount=10, tax_ids=[Command.set(tax.ids)]),
        )
        self._expense(other, product=self.mileage, quantity=171, day="2026-03-06")
        self.assertEqual(self._parts(order), [("expense", "open", 171, 66.44)])
        self.assertEqual(self._parts(other), [("expense", "open", 171, 59.79)])
        self._invoice(self._propose())
        invoice, reduced = order.invoice_ids, other.invoice_ids
        self.assertEqual((invoice.amount_untaxed, invoice.amount_total), (66.44, 71.82))
        self.assertEqual((reduced.amount_untaxed, reduced.amount_total), (59.80, 64.64))
        self.assertAlmostEqual(reduced.invoice_line_ids.price_unit, 0.378, 6)

    def test_on_a_locked_order(self):
        order = self._sow(self._line(self.architect), self._terms())
        order.sudo().action_lock()
        self._expense(order, 40)
        bill = self._bill((self.hotel, 60, self._account(order)))
        self.assertEqual(self._parts(order), [("expense", "open", 1, 40.0), ("bill", "open", 1, 60.0)])
        bill.button_draft()
        self.assertEqual(self._parts(order), [("expense", "open", 1, 40.0)])

    def test_other_orders_are_the_hosts(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [Command.create({"product_id": self.hotel.id, "price_unit": 1})],
            }
        )
        order.action_confirm()
        expense = self._expense(order, 40)
        self.assertFalse(expense.sale_order_line_id.psa_rebills)
        self.assertEqual(expense.sale_order_line_id.price_unit, 40)
        self.assertEqual(self._parts(order), [])

    def test_a_cost_on_an_unconfirmed_sow_is_refused(self):
        order = self._sow(self._line(self.architect), confirm=False)
        with self.assertRaisesRegex(UserError, "not a confirmed statement of work"):
            self._expense(order, 40)

    # -- vendor bills ----------------------------------------------------------------------

    def test_a_vendor_bill_is_shared_by_its_distribution(self):
        first = self._sow(self._line(self.architect), self._terms("markup", psa_expense_markup=10))
        second = self._sow(self._line(self.developer))
        accounts = [order.project_id.account_id for order in (first, second)]
        self._bill((self.hotel, 100, {str(accounts[0].id): 60, str(accounts[1].id): 40}))
        # 60.00 with 10 % on top; 40.00 at cost
        self.assertEqual(self._parts(first), [("bill", "open", 1, 66.0)])
        self.assertEqual(self._parts(second), [("bill", "open", 1, 40.0)])

    def test_what_is_not_re_invoiced_stays_cost_of_the_project(self):
        order = self._sow(self._line(self.architect), self._terms("no"))
        self._expense(order, 80)
        self._bill((self.hotel, 20, self._account(order)), (self.meals, 30, self._account(order)))
        self.assertEqual(self._parts(order), [])
        self.assertFalse(self._propose())
        costs = order.project_id._get_profitability_items(with_action=False)["costs"]
        self.assertEqual(costs["total"]["billed"], -130)

    # -- currencies ------------------------------------------------------------------------

    def _dollars(self):
        dollars = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0), ("2026-03-05", 1.6)])
        pricelist = self.env["product.pricelist"].create({"name": "€", "currency_id": dollars.id})
        order = self._sow(self._terms(), pricelist_id=pricelist.id)
        return dollars, order

    def test_money_in_the_currency_of_the_sow_is_billed_as_paid(self):
        currency, order = self._dollars()
        self._expense(order, 99.99, currency_id=currency.id)
        self.assertEqual(self._parts(order), [("expense", "open", 1, 99.99)])
        self.assertEqual(order.currency_id, currency)

    def test_other_money_is_converted_at_the_day_of_the_expense(self):
        _currency, order = self._dollars()
        self._expense(order, 100, day="2026-03-04")
        self._expense(order, 100, day="2026-03-05")
        # 2.0 until the 4th, 1.6 from the 5th
        self.assertEqual([part[3] for part in self._parts(order)], [200.0, 160.0])

    def test_without_an_exchange_rate_nothing_is_guessed(self):
        _currency, order = self._dollars()
        with self.assertRaisesRegex(UserError, "EUR has no exchange rate on 12/31/2025"):
            self._expense(order, 100, day="2025-12-31")

    # -- limits ----------------------------------------------------------------------------

    def test_over_the_limit_is_refused_at_approval(self):
        order = self._sow(self._terms("markup", psa_expense_markup=10, psa_expense_limit=200))
        self._expense(order, 100)
        with self.assertRaisesRegex(UserError, "over the limit for expenses"):
            # 110.00 + 100.10 are 10.10 over 200.00
            self._expense(order, 91)
        self._expense(order, 81.81)
        self.assertEqual([part[3] for part in self._parts(order)], [110.0, 89.99])

    def test_what_is_approved_and_not_posted_yet_uses_the_limit(self):
        order = self._sow(self._terms(), psa_expense_limit=500)
        first = self._expense(order, 300, post=False)
        with self.assertRaisesRegex(UserError, "is .*100.00 over the limit for expenses"):
            self._expense(order, 300, post=False)
        second = self._expense(order, 200, post=False)  # to the cent
        with self.assertRaisesRegex(UserError, "is .*0.01 over the limit for expenses"):
            self._expense(order, 0.01, post=False)
        self._post(first)
        self._post(second)
        self.assertEqual([part[3] for part in self._parts(order)], [300.0, 200.0])

    def test_over_the_limit_is_not_billed(self):
        self.company.psa_expense_over_limit = "no"
        order = self._sow(self._terms(), psa_expense_limit=150)
        self._expense(order, 100)
        over = self._expense(order, 80)
        self._expense(order, 30)
        self.assertEqual([part[3] for part in self._parts(order)], [100.0, 50.0])
        entry = over.account_move_id.line_ids.analytic_line_ids
        self.assertIn("30.00", entry.psa_expense_note)

    def test_what_was_written_off_is_not_taken_back_beyond_the_limit(self):
        """80.00 are given away, then 90.00 of the 100.00 are used: 80.00 more are 70.00 too much."""
        self.company.psa_expense_over_limit = "no"
        order = self._sow(self._line(self.developer), self._terms(psa_expense_limit=100))
        self._expense(order, 80)
        given_up = self.env["psa.wip.entry"].search([("order_id", "=", order.id)])
        given_up.sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        self._expense(order, 90)
        for undo in (given_up.action_undo_adjustments, given_up.adjustment_id.action_undo):
            with self.assertRaisesRegex(UserError, "70.00 over their limit"), self.env.cr.savepoint():
                undo()
        self.assertEqual([part[1] for part in self._parts(order)], ["written_off", "open"])
        order.order_line.filtered("psa_expense_limit").sudo().psa_expense_limit = 170
        given_up.action_undo_adjustments()
        self.assertEqual([part[1] for part in self._parts(order)], ["open", "open"])

    def test_limit_of_an_item(self):
        self.company.psa_expense_over_limit = "no"
        order = self._sow(self._terms("markup", psa_expense_markup=10, psa_expense_item_limit=120))
        self._expense(order, 361, quantity=3)
        # three nights at 120.00 at most: 360.00 with 10 % on top
        self.assertEqual(self._parts(order), [("expense", "open", 1, 396.0)])

    def test_expenses_count_against_the_cap_where_the_line_says_so(self):
        for counts, expected in ((False, [("open", 400.0)]), (True, [("open", 350.0), ("over_cap", 50.0)])):
            order = self._sow(
                self._line(self.architect), self._terms(psa_expense_in_cap=counts), psa_cap_amount=500
            )
            self._work(order.order_line[0], 1, "2026-03-02")
            self._expense(order, 400)
            # 150.00 of time first; 350.00 are left of the cap
            parts = [(state, amount) for _kind, state, _quantity, amount in self._parts(order)]
            self.assertEqual(sorted(parts), expected)
            late = self._work(order.order_line[0], 2, "2026-03-06")
            states = [(part.state, part.amount) for part in late.psa_wip_ids]
            self.assertEqual(states, [("over_cap" if counts else "open", 300.0)])

    def test_negative_limits_are_refused(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self._sow(self._terms(psa_expense_limit=-1), confirm=False)

    # -- billing ---------------------------------------------------------------------------

    def test_held_written_and_billed_as_time(self):
        order = self._sow(self._line(self.architect), self._terms())
        held, billed = self._expense(order, 40), self._expense(order, 60, day="2026-03-06")
        work = self.env["psa.wip.entry"].search([("expense_id", "=", held.id)])
        work.action_hold()
        self.assert_host_figures(held.sale_order_line_id, 1, 0, 40)
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 60)
        self.assertEqual(invoice.amount_tax, 9)
        self.assert_host_figures(billed.sale_order_line_id, 1, 1, 0)
        self.assertFalse(invoice.timesheet_ids)
        work.action_release()
        self.assertEqual(self._propose().amount, 40)
        self._credit(invoice)
        self.assertEqual(self._parts(order), [("expense", "proposed", 1, 40.0), ("expense", "open", 1, 60.0)])

    def test_a_signed_sow_keeps_its_terms(self):
        order = self._sow(self._terms())
        with self.assertRaisesRegex(UserError, "is signed"):
            order.order_line.psa_expense_markup = 20

    def test_nobody_types_what_bills_expenses(self):
        order = self._sow(self._terms(), confirm=False)
        with self.assertRaisesRegex(UserError, "Bills Expenses"):
            order.order_line.psa_rebills = True

    # -- taken back ------------------------------------------------------------------------

    def test_a_bill_that_is_reset_is_not_billed(self):
        order = self._sow(self._line(self.architect), self._terms())
        bill = self._bill((self.hotel, 60, self._account(order)))
        bill.button_draft()
        self.assertEqual(self._parts(order), [])
        bill.action_post()
        self.assertEqual(self._parts(order), [("bill", "open", 1, 60.0)])

    def test_a_bill_on_a_proposal_or_invoice_is_not_reset(self):
        order = self._sow(self._line(self.architect), self._terms())
        bill = self._bill((self.hotel, 60, self._account(order)))
        proposal = self._propose()
        with self.assertRaisesRegex(UserError, "is on the proposal"):
            bill.button_draft()
        self._invoice(proposal, post=True)
        with self.assertRaisesRegex(UserError, "the client gets the amount back"):
            bill.button_draft()

    def test_a_reversal_before_billing_leaves_nothing(self):
        order = self._sow(self._line(self.architect), self._terms())
        bill = self._bill((self.hotel, 60, self._account(order)))
        self._reverse(bill).action_post()
        self.assertEqual(self._parts(order), [])
        self.assertFalse(self._propose())

    def test_a_reversal_after_billing_gives_the_amount_back(self):
        order = self._sow(self._line(self.architect), self._terms("markup", psa_expense_markup=10))
        bill = self._bill((self.hotel, 60, self._account(order)))
        self._invoice(self._propose(), post=True)
        self._reverse(bill).action_post()
        self.assertEqual(self._parts(order), [("bill", "billed", 1, 66.0), ("bill", "open", -1, -66.0)])
        self._work(order.order_line[0], 2, "2026-04-03")
        # 2 h × 150.00 − 66.00
        invoice = self._invoice(self._propose("2026-04-01", "2026-04-30"), post=True)
        self.assertEqual(invoice.amount_untaxed, 234)
        credit = order.order_line.filtered(lambda line: line.psa_rebills and line.product_uom_qty < 0)
        self.assert_host_figures(credit, delivered=-1, invoiced=-1, amount_to_invoice=0)

    def test_a_credit_of_a_part_gives_a_part_back(self):
        order = self._sow(self._line(self.architect), self._terms("markup", psa_expense_markup=10))
        bill = self._bill((self.hotel, 60, self._account(order)))
        refund = self._reverse(bill)
        refund.invoice_line_ids.price_unit = 20
        refund.action_post()
        # a third of 66.00
        self.assertEqual(self._parts(order), [("bill", "open", 1, 66.0), ("bill", "open", -1, -22.0)])

    def test_a_reversed_expense_is_not_billed(self):
        order = self._sow(self._line(self.architect), self._terms())
        expense = self._expense(order, 361, quantity=3)
        self._reverse(expense.account_move_id).action_post()
        self.assertEqual(self._parts(order), [])
