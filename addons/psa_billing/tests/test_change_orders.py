"""Change orders in billing: caps, lines, deductions. Architect 150.00, developer 100.00 an hour."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestChangeOrders(PsaBillingCase):
    def test_work_over_the_cap_is_released_by_the_change_order_that_raises_it(self):
        sow = self._sow(self._line(self.architect), psa_cap_amount=600)
        entry = self._work(sow.order_line, 8)
        self.assert_wip(entry, ("open", 4, 4, 600), ("over_cap", 4, 4, 600))
        change = self._change_order(sow, psa_cap_change=300)
        self.assert_wip(entry, ("open", 6, 6, 900), ("over_cap", 2, 2, 300))
        self.assertEqual(self._invoice(self._propose()).amount_untaxed, 900)
        with self.assertRaisesRegex(UserError, "900.00 worked or billed, more than the cap of .*600.00"):
            change.sudo().action_cancel()

    def test_the_cap_of_a_line_holds_for_its_change_orders_too(self):
        sow = self._sow(self._line(self.architect, hours=4, cap=600))
        head = sow.order_line
        change = self._change_order(sow, self._amend(head, 4, psa_cap_change=300))
        first = self._work(head, 4)
        second = self._work(change.order_line, 4, "2026-03-03")
        # 600.00 + 300.00: 4 h and 2 h of the other 4
        self.assert_wip(first, ("open", 4, 4, 600))
        self.assert_wip(second, ("open", 2, 2, 300), ("over_cap", 2, 2, 300))

    def test_a_cap_that_was_taken_away_does_not_come_back_below_what_is_worked(self):
        sow = self._sow(self._line(self.architect), psa_cap_amount=600)
        change = self._change_order(sow, psa_cap_change=-600)
        first = self._work(sow.order_line, 4)
        change.sudo().action_cancel()  # 600.00 worked, and 600.00 allowed again
        change.sudo().action_draft()
        change.sudo().action_confirm()
        second = self._work(sow.order_line, 1, "2026-03-03")
        with self.assertRaisesRegex(UserError, "750.00 worked or billed, more than the cap of .*600.00"):
            change.sudo().action_cancel()
        self.assert_wip(first, ("open", 4, 4, 600))
        self.assert_wip(second, ("open", 1, 1, 150))

    def test_a_cap_is_lowered_to_what_was_billed_after_the_review(self):
        up, down = self.env.ref("psa_billing.reason_extra"), self.env.ref("psa_billing.reason_goodwill")
        for amount, reason in ((900, up), (300, down)):
            sow = self._sow(self._line(self.architect), psa_cap_amount=2000)
            self._work(sow.order_line, 4)  # 600.00
            proposal = self._propose()
            proposal.line_ids.sudo()._psa_bill_amount(amount, reason)
            self.assertEqual(self._invoice(proposal, post=True).amount_untaxed, amount)
            with self.assertRaisesRegex(UserError, f"but .*{amount}.00 are worked or billed"):
                self._change_order(sow, psa_cap_change=amount - 2000.01)
            self._change_order(sow, psa_cap_change=amount - 2000)
            late = self._work(sow.order_line, 1, "2026-03-10")
            self.assert_wip(late, ("over_cap", 1, 1, 150))

    def test_work_on_a_change_order_is_billed_with_its_sow(self):
        sow = self._sow(self._line(self.architect))
        change = self._change_order(sow, self._line(self.developer, hours=5))
        self._work(sow.order_line, 2)
        entry = self._work(change.order_line, 5)
        self.assertEqual(entry.psa_wip_ids.order_id, sow)
        proposal = self._propose()
        self.assertEqual((proposal.order_id, proposal.amount), (sow, 800))
        invoice = self._invoice(proposal, post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (800, 120))
        self.assert_host_figures(change.order_line, delivered=5, invoiced=5, amount_to_invoice=0)
        with self.assertRaisesRegex(UserError, "(?s)5 hours on.*the invoice"):
            change.sudo().action_cancel()

    def test_a_cut_fixed_price_is_a_deduction_on_the_next_invoice(self):
        sow = self._sow(
            self._line(self.architect, hours=1, model="fixed", price_unit=3000),
            self._line(self.developer, hours=1, model="milestone", price_unit=5000),
        )
        fixed, milestone = sow.order_line
        self._change_order(
            sow, self._amend(fixed, -1, price_unit=500), self._amend(milestone, -1, price_unit=1000)
        )
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(sorted(invoice.invoice_line_ids.mapped("price_subtotal")), [-500, 3000])
        milestone.sudo().project_id.milestone_ids.is_reached = True
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(sorted(invoice.invoice_line_ids.mapped("price_subtotal")), [-1000, 5000])

    def test_a_fixed_price_is_cut_by_money_down_to_what_is_billed(self):
        sow = self._sow(
            self._line(self.architect, hours=1, model="fixed", price_unit=3000),
            self._line(self.developer, hours=1, model="fixed", price_unit=1000),
            confirm=False,
        )
        whole, planned = sow.order_line
        sow.psa_instalment_ids = [
            Command.create(
                {"sale_line_id": planned.id, "name": day, "percent": 50, "due_by": "date", "date": day}
            )
            for day in ("2026-03-10", "2026-04-10")
        ]
        sow.sudo().action_confirm()
        # more than the price is not taken off it, whatever the quantity
        with self.assertRaisesRegex(UserError, "Architect would come to .*-.*1,500.00, but .*0.00 of it are"):
            self._change_order(sow, self._amend(whole, -0.5, price_unit=9000))
        for _number in range(2):
            self._change_order(sow, self._amend(whole, -1, price_unit=500))
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 2500)  # 3,000.00 − 2 × 500.00, and half of 1,000.00
        with self.assertRaisesRegex(UserError, "Developer would be cut from 1 to 0 .*0.5 billed"):
            self._change_order(sow, self._amend(planned, -1, price_unit=501))
        with self.assertRaisesRegex(UserError, "would come to .*450.00, but .*500.00 of it are billed"):
            self._change_order(sow, self._amend(planned, -0.5, price_unit=1100))
        self._change_order(sow, self._amend(planned, -1, price_unit=200))
        # the other half less 200.00
        invoice = self._invoice(self._propose("2026-04-01", "2026-04-30"), post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (300, 45))

    def test_a_billed_fixed_price_is_not_cut(self):
        sow = self._sow(self._line(self.architect, hours=1, model="fixed", price_unit=3000))
        self._invoice(self._propose())
        with self.assertRaisesRegex(UserError, "0 are worked and 1 billed"):
            self._change_order(sow, self._amend(sow.order_line, -1, price_unit=3000))

    def test_what_a_cancelled_change_order_sold_or_took_off_goes_off_the_proposal(self):
        sow = self._sow(self._line(self.architect, hours=1, model="fixed", price_unit=3000))
        cut = self._change_order(sow, self._amend(sow.order_line, -1, price_unit=500))
        more = self._change_order(sow, self._line(self.developer, hours=1, model="fixed", price_unit=700))
        proposal = self._propose()
        self.assertEqual(proposal.amount, 3200)  # 3,000.00 − 500.00 + 700.00
        more.sudo().action_cancel()
        with self.assertRaisesRegex(UserError, f"change order {more.name} is not confirmed.*Prepare Again"):
            proposal.action_approve()
        proposal.action_make_again()
        self.assertEqual(proposal.amount, 2500)
        proposal.action_approve()
        cut.sudo().action_cancel()
        with self.assertRaisesRegex(UserError, f"change order {cut.name} is not confirmed.*back to draft"):
            proposal.action_create_invoice()
        proposal.action_reset()
        proposal.action_make_again()
        invoice = self._invoice(proposal, post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (3000, 450))  # 15 %

    def test_a_cancelled_change_order_takes_what_the_review_decided_on_it_along(self):
        sow = self._sow(self._line(self.architect, hours=1, model="fixed", price_unit=3000))
        more = self._change_order(sow, self._line(self.developer, hours=1, model="fixed", price_unit=700))
        proposal = self._propose()
        line = proposal.line_ids.filtered(lambda line: line.sale_line_id.order_id == more)
        line.sudo()._psa_bill_amount(600, self.env.ref("psa_billing.reason_goodwill"))
        self.assertEqual(proposal.amount, 3600)
        more.sudo().action_cancel()
        proposal.action_make_again()
        self.assertEqual((proposal.amount, proposal.line_ids.sale_line_id), (3000, sow.order_line))
        decided = self.env["psa.adjustment"].search([("proposal_id", "=", proposal.id)])
        self.assertEqual(decided.mapped("state"), ["undone"])
        self.assertEqual(self._invoice(proposal).amount_untaxed, 3000)
