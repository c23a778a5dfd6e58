"""Limits of expenses by change orders, and what they had cut. Hotels are billed at cost and 10 % on top."""

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestExpenseLimits(PsaExpenseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.psa_expense_over_limit = "no"

    def _limited(self, limit=400, **values):
        """A SOW on which 500.00 for a hotel are posted: of 550.00 the limit lets 400.00 through."""
        order = self._sow(
            self._line(self.developer),
            self._terms("markup", psa_expense_markup=10, **values),
            psa_expense_limit=limit,
        )
        return order, self._bill((self.hotel, 500, self._account(order)))

    def _amounts(self, order):
        return [(state, amount) for _kind, state, _quantity, amount in self._parts(order)]

    @staticmethod
    def _cut(bill):
        entry = bill.line_ids.analytic_line_ids.sudo()
        return entry.psa_expense_over_limit, entry.psa_expense_note or ""

    def _expenses_of(self, order):
        return order.order_line.filtered(lambda line: line.psa_billing_model == "expense")[0]

    def test_a_raised_limit_lets_through_what_it_had_cut(self):
        order, bill = self._limited()
        self.assertEqual(self._amounts(order), [("open", 400)])
        self._change_order(order, psa_expense_limit_change=100)
        self.assertEqual(order.psa_current_expense_limit, 500)
        self.assertEqual(self._amounts(order), [("open", 500)])
        over, note = self._cut(bill)
        self.assertEqual(over, 50)
        self.assertIn("50.00 over the limit", note)
        self._change_order(order, psa_expense_limit_change=300)
        self.assertEqual(self._amounts(order), [("open", 550)])
        self.assertEqual(self._cut(bill), (0, ""))
        self.assertEqual(self._invoice(self._propose()).amount_untaxed, 550)

    def test_what_is_billed_already_is_billed_no_second_time(self):
        """400.00 are invoiced; of the other 150.00 the higher limit lets 120.00 through."""
        order, bill = self._limited()
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 400)
        self._change_order(order, psa_expense_limit_change=120)
        self.assertEqual(self._amounts(order), [("billed", 400), ("open", 120)])
        self.assertEqual(self._cut(bill)[0], 30)
        second = self._invoice(self._propose(), post=True)
        self.assertEqual(second.amount_untaxed, 120)
        lines = order.order_line.filtered("psa_rebills")
        self.assertEqual(sum(lines.mapped("untaxed_amount_invoiced")), 520)
        self.assertEqual(sum(lines.mapped("untaxed_amount_to_invoice")), 0)
        # the vendor takes all of it back: what was billed goes back to the client, and no cent more
        self._reverse(bill).action_post()
        self.assertEqual(self._amounts(order)[2:], [("open", -520)])

    def test_of_what_was_written_off_nothing_comes_back(self):
        order, _bill = self._limited()
        part = self.env["psa.wip.entry"].search([("order_id", "=", order.id)])
        part.sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        self._change_order(order, psa_expense_limit_change=50)
        # 450.00 may be billed now; the 400.00 are given away, and 150.00 of the cost are left
        self.assertEqual(self._amounts(order), [("written_off", 400), ("open", 150)])

    def test_held_costs_stay_held(self):
        order, _bill = self._limited()
        self.env["psa.wip.entry"].search([("order_id", "=", order.id)]).action_hold()
        self._change_order(order, psa_expense_limit_change=100)
        self.assertEqual(self._amounts(order), [("held", 400), ("open", 100)])

    def test_the_limit_of_a_line_is_raised_by_a_line_that_amends_it(self):
        order, bill = self._limited(0, psa_expense_limit=400)
        line = self._expenses_of(order)
        change = self._change_order(order, self._amend(line, 0, psa_expense_limit_change=100))
        self.assertEqual(self._amounts(order), [("open", 500)])
        self.assertEqual(self._cut(bill)[0], 50)
        self.assertEqual(order._psa_expense_lines(), line, "what amends a line has no terms of its own")
        rows = change._psa_change_values()["expense_limits"]
        self.assertEqual(rows, [("Travel expenses", 400, 500)])
        self.assertEqual((line.psa_expense_limit, line.psa_current_expense_limit), (400, 500))
        # an estimate of nothing, whatever was posted since
        [row] = change._psa_change_values()["rows"]
        self.assertEqual((row["before"].amount, row["after"].amount), (0, 0))
        self.assertIn("500.00", change.psa_change_summary)

    def test_a_signed_sow_with_limits_is_typed_on(self):
        """As on every other, the lines are looked at again, and what was signed is refused in words."""
        order, _bill = self._limited(0, psa_expense_limit=400)
        form = Form(order, "psa_contracts.sow_view_form")
        form.psa_invoice_detail = "person"
        with self.assertRaisesRegex(UserError, "is signed"):
            form.save()

    def test_a_line_is_changed_in_the_dialog(self):
        order, _bill = self._limited(0, psa_expense_limit=400)
        change = self.env["sale.order"].browse(order.action_psa_change_order()["res_id"])
        wizard = (
            self.env["psa.change.lines"]
            .with_context(**change.action_psa_change_lines()["context"])
            .create({})
        )
        self.assertTrue(wizard.has_expenses)
        row = wizard.line_ids.filtered("is_expense")
        self.assertEqual((row.expense_limit, row.new_expense_limit), (400, 400))
        self.assertEqual((wizard.line_ids - row).mapped("expense_limit"), [0])
        row.new_expense_limit = 520
        wizard.action_apply()
        self.assertEqual(change.order_line.psa_amends_line_id, self._expenses_of(order))
        self.assertEqual(change.order_line.psa_expense_limit_change, 120)

    def test_a_refused_expense_is_approved_under_the_higher_limit(self):
        self.company.psa_expense_over_limit = "refuse"
        order = self._sow(self._line(self.developer), self._terms(), psa_expense_limit=400)
        with self.assertRaisesRegex(UserError, "100.00 over the limit"), self.env.cr.savepoint():
            self._expense(order, 500)
        self._change_order(order, psa_expense_limit_change=100)
        self._expense(order, 500)
        self.assertEqual(self._amounts(order), [("open", 500)])

    def test_what_is_let_through_is_worth_what_it_was(self):
        """The change order bills hotels at 20 % on top from now on: 550.00 stay 550.00."""
        order, bill = self._limited()
        line = self._expenses_of(order)
        line.sudo().psa_expense_product_ids = self.mileage
        self._change_order(order, self._terms("markup", psa_expense_markup=20), psa_expense_limit_change=100)
        self.assertEqual(self._amounts(order), [("open", 500)])
        self.assertEqual(self._cut(bill)[0], 50)
        self._bill((self.hotel, 10, self._account(order)))
        self.assertEqual(self._amounts(order), [("open", 500)])
        self._change_order(order, psa_expense_limit_change=100)
        self.assertEqual(sorted(self._amounts(order)), [("open", 12), ("open", 550)])

    def test_the_first_that_was_posted_comes_first(self):
        """110.00 and 220.00 are over a limit of 50.00; 130.00 more are 60.00 for the first, 70.00 for the
        second."""
        order = self._sow(
            self._line(self.developer), self._terms("markup", psa_expense_markup=10), psa_expense_limit=50
        )
        first, second = (self._bill((self.hotel, cost, self._account(order))) for cost in (100, 200))
        self.assertEqual(self._amounts(order), [("open", 50)])
        self._change_order(order, psa_expense_limit_change=130)
        self.assertEqual(sorted(self._amounts(order)), [("open", 70), ("open", 110)])
        self.assertEqual((self._cut(first)[0], self._cut(second)[0]), (0, 150))

    def test_a_cost_that_is_taken_back_makes_room_for_others(self):
        order, bill = self._limited()
        other = self._bill((self.hotel, 100, self._account(order)))
        self.assertEqual(self._amounts(order), [("open", 400)])
        bill.button_draft()
        self.assertEqual(self._amounts(order), [("open", 110)])
        self.assertEqual(self._cut(other), (0, ""))
        bill.action_post()
        self.assertEqual(sorted(self._amounts(order)), [("open", 110), ("open", 290)])

    def test_a_credit_of_a_billed_cost_makes_room_for_others(self):
        """550.00, of which 400.00 are billed, are taken back; 110.00 of another cost are within the limit
        then."""
        order, bill = self._limited()
        other = self._bill((self.hotel, 100, self._account(order)))
        self._invoice(self._propose(), post=True)
        self._reverse(bill).action_post()
        self.assertEqual(self._amounts(order), [("billed", 400), ("open", -400), ("open", 110)])
        self.assertEqual(self._cut(other), (0, ""))

    def test_what_the_vendor_took_back_is_not_let_through(self):
        """A fifth of 550.00 was taken back: 440.00 are owed at most, 400.00 of them are there."""
        order, bill = self._limited()
        self._invoice(self._propose(), post=True)
        refund = self._draft_credit(bill)
        refund.invoice_date = "2026-04-02"
        refund.invoice_line_ids.price_unit = 100
        refund.action_post()
        self.assertEqual(self._amounts(order), [("billed", 400)])
        self._change_order(order, psa_expense_limit_change=100)
        self.assertEqual(self._amounts(order), [("billed", 400), ("open", 40)])

    def test_half_a_cent_that_was_taken_back_is_not_let_through(self):
        """769.50 and 10 % are 846.45, half of it 423.23, of which 100.00 had been cut: 323.23 go back. 423.22
        are left of the cost, and 746.45 less 323.23 are billed of it; not a cent waits for room."""
        order = self._sow(
            self._line(self.developer), self._terms("markup", psa_expense_markup=10), psa_expense_limit=746.45
        )
        bill = self._bill((self.hotel, 769.5, self._account(order)))
        self._invoice(self._propose(), post=True)
        refund = self._draft_credit(bill)
        refund.invoice_date = "2026-04-02"
        refund.invoice_line_ids.price_unit = 384.75
        refund.action_post()
        self.assertEqual(self._amounts(order), [("billed", 746.45), ("open", -323.23)])
        self.assertEqual(bill.line_ids.analytic_line_ids.sudo().psa_expense_cut, 0)

    def test_what_was_billed_before_going_live_uses_the_limits(self):
        """Of 400.00, 250.00 were billed and 50.00 wait: 100.00 are left. 50.00 less were billed in truth."""
        for day, limits in (("2026-03-10", {"psa_expense_limit": 400}), ("2026-03-11", {"limit": 400})):
            order = self._sow(
                self._line(self.developer),
                self._terms(
                    "markup", psa_expense_markup=10, psa_expense_limit=limits.get("psa_expense_limit", 0)
                ),
                psa_expense_limit=limits.get("limit", 0),
            )
            opening = self.env["psa.opening.balance"].create(
                {
                    "sale_line_id": self._expenses_of(order).id,
                    "date": "2026-02-28",
                    "billed_amount": 250,
                    "unbilled_amount": 50,
                }
            )
            bill = self._bill((self.hotel, 500, self._account(order)), day=day)
            self.assertEqual(self._amounts(order), [("open", 100)])
            self.assertEqual(self._cut(bill)[0], 450)
            opening.billed_amount = 200
            self.assertEqual(self._amounts(order), [("open", 150)])
            self.env.flush_all()
            unbilled = self.env["psa.hour.state"].search(
                [("order_id", "=", order.id), ("kind", "=", "opening")]
            )
            self.assertEqual([(row.hours, row.amount) for row in unbilled], [(0, 50)])
            invoice = self._invoice(self._propose(), post=True)
            self.assertEqual(sorted(invoice.invoice_line_ids.mapped("price_subtotal")), [50, 150])

    def test_what_was_billed_before_going_live_uses_the_cap_where_the_line_says_so(self):
        order = self._sow(
            self._line(self.developer),
            self._terms(psa_expense_in_cap=True),
            psa_cap_amount=1000,
        )
        self.env["psa.opening.balance"].create(
            {"sale_line_id": self._expenses_of(order).id, "date": "2026-02-28", "billed_amount": 700}
        )
        self._bill((self.hotel, 400, self._account(order)))
        self.assertEqual(self._amounts(order), [("open", 300), ("over_cap", 100)])

    def test_what_a_limit_cut_is_told(self):
        """500.00 and 10 % are 550.00, of which 400.00 are let through; then 110.00, of which nothing is."""
        order, bill = self._limited()
        other = self._bill((self.hotel, 100, self._account(order)))
        proposal = self._propose()
        told = proposal.left_out.replace("\N{NO-BREAK SPACE}", " ")
        self.assertEqual(told, "over a cap: $ 260.00")
        self.env.flush_all()

        def cut(report, measure):
            return self.env[report]._read_group(
                [("order_id", "=", order.id), ("state", "=", "over_cap")], ["kind"], [measure]
            )

        self.assertEqual(cut("psa.hour.state", "amount:sum"), [("bill", 260)])
        self.assertEqual(cut("psa.billing.analysis", "lost_amount:sum"), [("bill", 260)])
        rows = self.env["psa.hour.state"].search([("order_id", "=", order.id), ("state", "=", "over_cap")])
        self.assertEqual(rows.analytic_line_id, (bill | other).line_ids.analytic_line_ids)
        self.assertEqual(sorted(rows.mapped("amount")), [110, 150])
        self._reverse(other).action_post()
        self.env.flush_all()
        self.assertEqual(cut("psa.hour.state", "amount:sum"), [("bill", 150)])
        self._change_order(order, psa_expense_limit_change=1000)
        self.env.flush_all()
        self.assertFalse(cut("psa.hour.state", "amount:sum"))

    # -- what a change order may not do ----------------------------------------------------

    def test_a_limit_is_not_lowered_below_what_is_spent(self):
        order, _bill = self._limited(500)
        self._expense(order, 0, post=False, total_amount_currency=0.01)
        for change, message in (
            (-0.01, "would be .*499.99, but expenses of .*500.00 are posted or approved"),
            (-501, "cannot go below zero"),
        ):
            with self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
                self._change_order(order, psa_expense_limit_change=change)
        self._change_order(order, psa_expense_limit_change=-500)  # there is none any more
        self.assertEqual(self._amounts(order), [("open", 550)])

    def test_a_new_limit_is_not_below_what_is_spent(self):
        order, _bill = self._limited(0)
        with self.assertRaisesRegex(UserError, "would be .*500.00, but expenses of .*550.00"):
            self._change_order(order, psa_expense_limit_change=500)

    def test_a_change_order_is_cancelled_as_long_as_its_limit_is_not_used(self):
        order, _bill = self._limited(600)
        change = self._change_order(order, psa_expense_limit_change=100)
        change.sudo().action_cancel()
        self.assertEqual(order.psa_current_expense_limit, 600)
        change.sudo().action_draft()
        change.sudo().action_confirm()
        self._bill((self.hotel, 100, self._account(order)))
        with self.assertRaisesRegex(UserError, "660.00 of expenses, more than the limit of .*600.00"):
            change.sudo().action_cancel()

    def test_only_lines_for_expenses_have_limits_of_them(self):
        order, _bill = self._limited()
        with self.assertRaisesRegex(UserError, "no line for expenses"):
            self._change_order(order, self._amend(order.order_line[0], 1, psa_expense_limit_change=100))

    def test_a_signed_limit_is_not_typed(self):
        order, _bill = self._limited()
        change = self._change_order(order, psa_expense_limit_change=100)
        for record, name in ((order, "psa_expense_limit"), (change, "psa_expense_limit_change")):
            with self.assertRaisesRegex(UserError, "is signed"), self.env.cr.savepoint():
                record[name] = 5000
