"""Native down payments on a SOW are deducted by its proposals."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestDownPayments(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow()
        cls.line = cls.order.order_line

    def _pay_in_advance(self, amount, order=None, post=True):
        """A native down payment of ``amount`` with taxes."""
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=(order or self.order).ids)
            .create({"advance_payment_method": "fixed", "fixed_amount": amount})
        )
        wizard.create_invoices()
        invoice = (order or self.order).invoice_ids.filtered(lambda move: move.state == "draft")
        if post:
            invoice.invoice_date = "2026-03-01"
            invoice.action_post()
        return invoice

    def test_a_down_payment_is_deducted_as_a_whole(self):
        # 345.00 with 15 % are 300.00 and 45.00; 10 h x 150.00 = 1,500.00
        deposit = self._pay_in_advance(345)
        self.assertEqual((deposit.amount_untaxed, deposit.amount_tax), (300, 45))
        self._work(self.line, 10)
        proposal = self._propose()
        self.assertEqual(
            (proposal.amount, proposal.deposit_amount, proposal.invoice_amount), (1500, -300, 1200)
        )
        invoice = self._invoice(proposal, post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (1200, 180))
        self.assertEqual((proposal.deposit_amount, proposal.invoice_amount), (-300, 1200))
        advance = self.order.order_line.filtered(lambda line: line.is_downpayment and not line.display_type)
        self.assertEqual((advance.qty_invoiced, advance.untaxed_amount_to_invoice), (0, 0))
        self.assert_host_figures(self.line, delivered=10, invoiced=10, amount_to_invoice=0)
        section = invoice.invoice_line_ids.filtered(lambda line: line.display_type == "line_section")
        self.assertEqual(section.name, "Down Payments")
        self._work(self.line, 1, "2026-04-01")
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").deposit_amount, 0)

    def test_what_is_more_than_the_invoice_is_carried_to_the_next(self):
        # 1,150.00 are 1,000.00 net. March bills 2.47 h = 370.50; April 10 h = 1,500.00 less 629.50
        self._pay_in_advance(1150)
        self._work(self.line, 2.47)
        first = self._propose()
        self.assertEqual((first.amount, first.deposit_amount, first.invoice_amount), (370.5, -370.5, 0))
        march = self._invoice(first, post=True)
        self.assertEqual((march.amount_untaxed, march.amount_tax), (0, 0))
        lines = march.invoice_line_ids.filtered("is_downpayment")
        self.assertEqual(
            lines.mapped(lambda line: (line.quantity, line.price_unit, line.price_subtotal)),
            [(-0.37, 1000, -370), (1, -0.5, -0.5)],
        )
        self.assertEqual(lines.account_id, lines[0].account_id)
        self._work(self.line, 10, "2026-04-01")
        second = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual((second.deposit_amount, second.invoice_amount), (-629.5, 870.5))
        april = self._invoice(second, post=True)
        self.assertEqual((april.amount_untaxed, april.amount_tax), (870.5, 130.58))
        advance = self.order.order_line.filtered("is_downpayment")
        self.assertEqual(sum(advance.mapped("qty_invoiced")), 0)
        self.assertAlmostEqual(sum(self.order.order_line.mapped("untaxed_amount_invoiced")), 1870.5)
        self.assertAlmostEqual(sum(self.order.order_line.mapped("untaxed_amount_to_invoice")), 0)

    def test_taxes_in_the_price_are_no_part_of_what_is_deducted(self):
        included = self.tax.copy({"name": "19 %", "amount": 19, "price_include_override": "tax_included"})
        line = self._line(self.architect, price_unit=119, tax_ids=[Command.set(included.ids)])
        order = self._sow(line)
        # 500.00 with 19 % are 420.17; March bills 2.47 h x 100.00
        self.assertEqual(self._pay_in_advance(500, order).amount_untaxed, 420.17)
        self._work(order.order_line.filtered("task_id"), 2.47)
        first = self._propose()
        self.assertEqual((first.deposit_amount, first.invoice_amount), (-247, 0))
        march = self._invoice(first, post=True)
        self.assertEqual((march.amount_untaxed, march.amount_tax), (0, 0))
        # 0.58 x 420.168 = 243.70, and 3.30
        deducted = march.invoice_line_ids.filtered("is_downpayment").mapped("price_subtotal")
        self.assertEqual(deducted, [-243.7, -3.3])
        self._work(order.order_line.filtered("task_id"), 3, "2026-04-01")
        april = self._invoice(self._propose("2026-04-01", "2026-04-30"), post=True)
        # 300.00 less 173.17
        self.assertEqual(april.amount_untaxed, 126.83)
        advance = order.order_line.filtered("is_downpayment")
        self.assertEqual(sum(advance.mapped("qty_invoiced")), 0)

    def test_what_is_left_of_one_that_was_credited_in_part_is_deducted(self):
        """Of 1,000.00 net 400.00 are credited, 0.4 units at the same price: Odoo then says that a unit costs
        nothing. 370.50 of the other 600.00 are deducted in March, 229.50 in April."""
        deposit = self._pay_in_advance(1150)
        note = deposit._reverse_moves([{"date": "2026-03-02"}])
        note.invoice_line_ids.filtered("is_downpayment").filtered("price_subtotal").quantity = 0.4
        note.action_post()
        self._work(self.line, 2.47)
        first = self._propose()
        self.assertEqual((first.amount, first.deposit_amount), (370.5, -370.5))
        self.assertEqual(self._invoice(first, post=True).amount_untaxed, 0)
        self._work(self.line, 10, "2026-04-01")
        second = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual((second.deposit_amount, second.invoice_amount), (-229.5, 1270.5))
        self.assertEqual(self._invoice(second, post=True).amount_untaxed, 1270.5)
        self._work(self.line, 1, "2026-05-04")
        self.assertEqual(self._propose("2026-05-01", "2026-05-31").deposit_amount, 0)

    def test_a_deleted_invoice_gives_the_deduction_back(self):
        self._pay_in_advance(1150)
        self._work(self.line, 2.47)
        self._invoice(self._propose()).unlink()
        again = self._propose()
        self.assertEqual((again.amount, again.deposit_amount), (370.5, -370.5))
        self._invoice(again).button_cancel()
        last = self._propose()
        self.assertEqual((last.amount, last.deposit_amount), (370.5, -370.5))

    def test_a_credited_invoice_gives_the_deduction_back(self):
        self._pay_in_advance(345)
        self._work(self.line, 10)
        self._credit(self._invoice(self._propose(), post=True))
        again = self._propose()
        self.assertEqual((again.amount, again.deposit_amount), (1500, -300))

    def _taxed_apart(self, **values):
        """15 % on hours (15,000.00 ordered), 5 % on a fixed price of 1,000.00; 10 % are paid in advance."""
        reduced = self.tax.copy({"name": "Reduced", "amount": 5})
        fixed = self._line(self.developer, 1, "fixed", price_unit=1000, tax_ids=[Command.set(reduced.ids)])
        order = self._sow(self._line(self.architect), fixed, **values)
        self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "percentage",
                "amount": 10,
            }
        ).create_invoices()
        deposit = order.invoice_ids
        deposit.invoice_date = "2026-03-01"
        deposit.action_post()
        # 1,500.00 and 225.00 of 15 %, 100.00 and 5.00 of 5 %
        self.assertEqual((deposit.amount_untaxed, deposit.amount_tax), (1600, 230))
        return order

    def test_a_down_payment_is_deducted_from_work_with_its_taxes(self):
        order = self._taxed_apart()
        self._work(order.order_line[0], 4)
        march = self._propose()
        # of 600.00 all; of 1,000.00 at 5 % no more than the 100.00 of that tax: 900.00 and 45.00
        self.assertEqual((march.amount, march.deposit_amount, march.invoice_amount), (1600, -700, 900))
        invoice = self._invoice(march, post=True)
        self.assertEqual((invoice.move_type, march.deposit_amount), ("out_invoice", -700))
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (900, 45))
        self._work(order.order_line[0], 10, "2026-04-01")
        april = self._propose("2026-04-01", "2026-04-30")
        # 1,500.00 less the other 900.00
        invoice = self._invoice(april, post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (600, 90))

    def test_taxes_that_no_line_has_any_more_are_deducted_from_all(self):
        order = self._taxed_apart()
        order.order_line[1].sudo().tax_ids = self.tax
        self._work(order.order_line[0], 4)
        proposal = self._propose()
        # 1,600.00 at 15 %: 1,500.00, and the 100.00 whose tax is gone
        self.assertEqual((proposal.amount, proposal.deposit_amount), (1600, -1600))
        self.assertEqual(self._invoice(proposal).amount_untaxed, 0)

    def test_a_payer_is_deducted_from_work_with_the_taxes_paid_in_advance(self):
        fund = self.env["res.partner"].create({"name": "Fund"})
        order = self._taxed_apart(
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": 50, "sequence": number})
                for number, payer in enumerate(self.client | fund)
            ]
        )
        self._work(order.order_line[0], 4)
        proposal = self._propose()
        # the client owes 300.00 and 500.00, of which it paid all and 100.00
        self.assertEqual((proposal.amount, proposal.deposit_amount), (1600, -400))
        self._invoice(proposal)
        amounts = {move.psa_payer_id: move.amount_untaxed for move in proposal.invoice_ids}
        self.assertEqual(amounts, {self.client: 400, fund: 800})

    def test_what_was_deducted_is_not_taken_back_under_the_invoice(self):
        # 1,000.00 net in advance; 600.00 of work are deducted, 400.00 are left
        deposit = self._pay_in_advance(1150)
        self._work(self.line, 4)
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 0)
        message = f"{invoice.name}.* deducted it. Credit or delete those first, or take back .*600.00 less"
        with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
            self._credit(deposit)
        self.env.invalidate_all()
        deposit.button_draft()  # to correct a date, say
        for take_back in (deposit.button_cancel, deposit.unlink):
            with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                take_back()
        deposit.action_post()

    def test_what_is_left_of_a_down_payment_is_credited(self):
        deposit = self._pay_in_advance(1150)
        self._work(self.line, 4)
        self._invoice(self._propose(), post=True)
        note = self._draft_credit(deposit)
        # of 1,000.00 600.00 are deducted
        note.invoice_line_ids.filtered("is_downpayment").quantity = 0.4
        note.action_post()
        self.assertEqual(note.amount_untaxed, 400)
        self._work(self.line, 4, "2026-04-01")
        proposal = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual((proposal.amount, proposal.deposit_amount), (600, 0))

    def test_all_of_a_down_payment_is_credited_after_the_invoice(self):
        deposit = self._pay_in_advance(1150)
        self._work(self.line, 4)
        self._credit(self._invoice(self._propose(), post=True))
        self._credit(deposit)
        again = self._propose()
        # nothing was paid in advance any more
        self.assertEqual((again.amount, again.deposit_amount, again.invoice_amount), (600, 0, 600))

    def test_two_proposals_share_one_down_payment(self):
        self._pay_in_advance(345)
        self._work(self.line, 1, "2026-03-02")
        self._work(self.line, 10, "2026-04-01")
        first = self._propose()
        second = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual(((first | second).mapped("deposit_amount")), [-150, -150])
        second.line_ids.action_hold()
        first.action_approve()
        self.assertEqual(first.deposit_amount, -150)
        second.line_ids.action_release()
        self.assertEqual(second.deposit_amount, -150)
        invoices = self._invoice(second)
        # billed first, it takes all there is
        self.assertEqual(invoices.amount_untaxed, 1200)
        self.assertEqual(first.deposit_amount, 0)

    def test_a_draft_down_payment_is_not_deducted(self):
        self._pay_in_advance(345, post=False)
        self._work(self.line, 10)
        self.assertEqual(self._propose().deposit_amount, 0)

    def test_only_the_payer_who_paid_in_advance_is_deducted(self):
        fund = self.env["res.partner"].create({"name": "Fund"})
        order = self._sow(
            psa_payer_ids=[
                (0, 0, {"partner_id": payer.id, "share": 50, "sequence": number})
                for number, payer in enumerate(self.client | fund)
            ]
        )
        self._pay_in_advance(1150, order)
        self._work(order.order_line.filtered("psa_role_id"), 10)
        proposal = self._propose()
        # each owes 750.00; the client paid 1,000.00 of its own
        self.assertEqual((proposal.amount, proposal.deposit_amount), (1500, -750))
        self._invoice(proposal)
        amounts = {move.psa_payer_id: move.amount_untaxed for move in proposal.invoice_ids}
        self.assertEqual(amounts, {self.client: 0, fund: 750})

    def _two_sows_on_one_proposal(self):
        """A client whose SOWs are billed together: 2 h × 150.00 = 300.00, and 3 h × 100.00 = 300.00."""
        agreement = self._agreement(billing_grouping="client")
        first = self._sow(psa_agreement_id=agreement.id)
        second = self._sow(self._line(self.developer), psa_agreement_id=agreement.id)
        self._work(first.order_line, 2)
        self._work(second.order_line, 3)
        proposal = self._propose()
        self.assertEqual((proposal.order_ids, proposal.amount), (first | second, 600))
        return first, second, proposal

    def test_down_payments_of_all_sows_of_a_proposal_are_deducted(self):
        first, second, proposal = self._two_sows_on_one_proposal()
        # after the proposal was made: 460.00 with tax are 400.00 net, 115.00 are 100.00
        self._pay_in_advance(460, first)
        self._pay_in_advance(115, second)
        # of the 400.00 the work of the first SOW takes 300.00; 600.00 − 300.00 − 100.00
        self.assertEqual((proposal.deposit_amount, proposal.invoice_amount), (-400, 200))
        invoice = self._invoice(proposal, post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (200, 30))
        self.assertEqual((proposal.deposit_amount, proposal.invoice_amount), (-400, 200))
        left = {order: sum(order._psa_deposits().values()) for order in first | second}
        self.assertEqual(left, {first: 100, second: 0})
        # what is left of the first goes off its next invoice: 4 h × 150.00 − 100.00
        self._work(first.order_line.filtered("psa_role_id"), 4, "2026-04-02")
        april = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual((april.deposit_amount, april.invoice_amount), (-100, 500))
        self.assertEqual(self._invoice(april).amount_untaxed, 500)

    def test_a_down_payment_of_the_second_sow_alone_is_deducted(self):
        _first, second, proposal = self._two_sows_on_one_proposal()
        self._pay_in_advance(575, second)  # 500.00 net, 300.00 of work
        self.assertEqual((proposal.deposit_amount, proposal.invoice_amount), (-300, 300))
        # what is held is not deducted from
        line = proposal.line_ids.filtered(lambda line: line.sale_line_id.order_id == second)
        line.action_hold()
        self.assertEqual((proposal.deposit_amount, proposal.invoice_amount), (0, 300))
        line.action_release()
        invoice = self._invoice(proposal)
        self.assertEqual(invoice.amount_untaxed, 300)
        advance = invoice.invoice_line_ids.filtered("is_downpayment").sale_line_ids.order_id
        self.assertEqual(advance, second)
        invoice.unlink()
        self.assertEqual(sum(second._psa_deposits().values()), 500)

    def test_a_sow_alone_and_a_group_share_a_down_payment_in_their_order(self):
        _first, second, proposal = self._two_sows_on_one_proposal()
        self._pay_in_advance(402.5, second)  # 350.00 net: 300.00 go off the group
        self._work(second.order_line.filtered("psa_role_id"), 2, "2026-04-02")
        alone = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual(alone.order_ids, second)
        self.assertEqual((proposal | alone).mapped("deposit_amount"), [-300, -50])
        self.assertEqual(self._invoice(alone).amount_untaxed, 0)  # billed first: 200.00 less 200.00
        self.assertEqual(proposal.deposit_amount, -150)
