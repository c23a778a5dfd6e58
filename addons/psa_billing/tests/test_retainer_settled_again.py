"""Retainers that were settled, and of which work came or went, or that went on, since."""

from odoo import Command
from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestRetainerSettledAgain(PsaRetainerCase):
    """Three months from March to May, of 10 hours for 1,500.00 each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extra = cls.env.ref("psa_billing.reason_extra")

    def _with_minimum(self, **values):
        """5,000.00 were agreed at least: without work over the hours 500.00 are billed up."""
        return self._sow(self._retainer(psa_retainer_true_up="minimum", psa_retainer_minimum=5000, **values))

    def _with_refund(self):
        """Unused hours roll over, and are paid back at the end."""
        return self._sow(self._retainer(psa_retainer_rollover="end", psa_retainer_true_up="refund"))

    def _last_month(self):
        return self._propose("2026-05-01", "2026-05-31")

    @staticmethod
    def _invoiced(order):
        """What the client was invoiced so far, without taxes."""
        moves = (order | order.psa_change_ids).invoice_ids.filtered(lambda move: move.state == "posted")
        return round(sum(-move.direction_sign * move.amount_untaxed for move in moves), 2)

    @staticmethod
    def _settled(order):
        """(price, quantity) of the lines that settle the retainer."""
        lines = order.order_line.filtered("psa_true_up_of_line_id").sorted("id")
        return lines.mapped(lambda line: (line.price_unit, line.product_uom_qty))

    # -- a minimum -------------------------------------------------------------------------

    def test_work_that_comes_to_a_draft_is_part_of_the_minimum(self):
        """4,500.00, 2 h over for 300.00, and 500.00 less 300.00 up to the minimum: 5,000.00."""
        order = self._with_minimum()
        proposal = self._last_month()
        self.assertEqual(proposal.amount, 5000)
        self._work(order.order_line[0], 12, "2026-05-20")
        proposal.action_make_again()
        self.assertEqual(proposal.amount, 5000)
        self.assertEqual(self._settled(order), [(500, 1), (-300, 1)])
        self._invoice(proposal, post=True)
        self.assertEqual(self._invoiced(order), 5000)
        self.assertFalse(self._propose("2026-06-01", "2026-06-30"))

    def test_work_that_comes_after_the_bill_is_given_back_of_what_was_billed_up(self):
        """12 h of the closed month are 1,800.00: 4,500.00 and 1,800.00 are more than the minimum, and the
        500.00 that were billed up to it go back."""
        order = self._with_minimum()
        self._invoice(self._last_month(), post=True)
        self.assertEqual(self._invoiced(order), 5000)
        self._work(order.order_line[0], 12, "2026-05-20")
        proposal = self._propose(False, "2026-06-30")
        self.assertEqual(sorted(proposal.line_ids.mapped("amount")), [-500, 1800])
        self._invoice(proposal, post=True)
        self.assertEqual(self._invoiced(order), 6300)

    def test_time_that_is_recalled_is_billed_up_to_the_minimum(self):
        """2 h over for 300.00 left 200.00 to bill up. Without them it is 500.00 again, on the same line."""
        order = self._with_minimum()
        entry = self._work(order.order_line[0], 12, "2026-05-20")
        proposal = self._last_month()
        self.assertEqual((proposal.amount, self._settled(order)), (5000, [(200, 1)]))
        proposal.action_cancel()
        entry.action_psa_recall()
        again = self._last_month()
        self.assertEqual((again.amount, self._settled(order)), (5000, [(500, 1)]))

    def test_a_minimum_that_is_reached_after_all_settles_nothing(self):
        """7 h over come to 1,050.00 with 4,500.00: 5,550.00. With 2 h over it is 200.00 up again."""
        order = self._with_minimum()
        self._last_month().action_cancel()
        entries = [self._work(order.order_line[0], hours, "2026-05-20") for hours in (12, 5)]
        proposal = self._last_month()
        self.assertEqual((proposal.amount, self._settled(order)), (5550, [(0, 0)]))
        proposal.action_cancel()
        entries[1].action_psa_recall()
        self.assertEqual((self._last_month().amount, self._settled(order)), (5000, [(200, 1)]))

    def test_what_a_review_gives_away_is_not_billed_up(self):
        """2 h over for 300.00 and 200.00 up; the 300.00 are given away: 4,700.00, also after the next
        run."""
        order = self._with_minimum()
        entry = self._work(order.order_line[0], 12, "2026-05-20")
        proposal = self._last_month()
        over = entry.psa_wip_ids.filtered(lambda part: part.state == "proposed")
        over.sudo()._psa_write_off(self.extra)
        proposal.action_make_again()
        self.assertEqual(proposal.amount, 4700)
        self._invoice(proposal, post=True)
        self.assertFalse(self._propose(False, "2026-06-30"))
        self.assertEqual(self._settled(order), [(200, 1)])

    def test_taxes_in_the_price(self):
        """1,785.00 with 19 % are 1,500.00; 595.00 up to the minimum are 500.00. Nothing is left to
        settle."""
        tax = self.tax.copy({"name": "19 %", "amount": 19, "price_include_override": "tax_included"})
        line = self._retainer(price=1785, psa_retainer_true_up="minimum", psa_retainer_minimum=5000)
        line[2]["tax_ids"] = [Command.set(tax.ids)]
        order = self._sow(line)
        self.assertEqual(self._last_month().amount, 5000)
        self._propose("2026-05-01", "2026-05-31")
        self.assertEqual(self._settled(order), [(595, 1)])

    # -- a refund --------------------------------------------------------------------------

    def _paid_back(self, line, tax=None, used=0):
        """(bill, credit note) of a month of which ``used`` hours are worked, and the rest is paid back."""
        if tax:
            line[2]["tax_ids"] = [Command.set(tax.ids)]
        line[2].update(psa_retainer_rollover="end", psa_retainer_true_up="refund")
        order = self._sow(line)
        bill = self._bill("2026-03-01", "2026-03-01")
        if used:
            self._work(order.order_line, used)
        return bill, self._bill("2026-03-01", "2026-03-31")

    def test_no_more_is_paid_back_than_was_paid(self):
        """Of 1,785.00 with 19 % in it all is paid back, not 19 % more; of 1,000.00 for 3 h all, not 3 h at
        333.33."""
        tax = self.tax.copy({"name": "19 %", "amount": 19, "price_include_override": "tax_included"})
        for moves, net, total in (
            (self._paid_back(self._retainer(1785, 1), tax), 1500, 1785),
            (self._paid_back(self._retainer(1000, 1, hours=3)), 1000, 1150),
        ):
            self.assertEqual([(move.amount_untaxed, move.amount_total) for move in moves], [(net, total)] * 2)

    def test_money_is_paid_back_at_what_it_cost(self):
        """900.00 grant 1,000.00 of work. 2 h x 150.00 are used: of the 700.00 that are left 630.00 were
        paid."""
        money = self._retainer(900, 1, 0, psa_retainer_grant="money", psa_retainer_amount=1000)
        bill, note = self._paid_back(money, used=2)
        self.assertEqual((bill.amount_untaxed, note.amount_untaxed), (900, 630))

    def _two_months(self, order):
        """8 h in March and in April, both billed: 4 h roll over."""
        for month in (3, 4):
            self._work(order.order_line[0], 8, f"2026-0{month}-10")
            self._bill(f"2026-0{month}-01", f"2026-0{month}-30")

    def test_work_of_a_period_that_was_opened_again_is_not_paid_back(self):
        """14 h are left for 2,100.00: 1,500.00 less 2,100.00. The proposal is cancelled and 8 h of May come:
        6 h are left, 900.00 are paid back."""
        order = self._with_refund()
        self._two_months(order)
        proposal = self._last_month()
        self.assertEqual(proposal.amount, -600)
        proposal.action_cancel()
        self._periods(order)[2].action_reopen()
        entry = self._work(order.order_line[0], 8, "2026-05-10")
        self.assert_wip(entry, ("covered", 8, 0, 0))
        again = self._last_month()
        self.assertEqual((again.amount, self._settled(order)), (600, [(-900, 1)]))
        self.assertTrue(self._periods(order)[2].is_closed)
        self._invoice(again, post=True)
        self.assertEqual(self._invoiced(order), 3600)  # 24 h of 150.00

    def test_a_retainer_that_goes_on_after_it_was_paid_back(self):
        """6 h were paid back with 900.00, and are there to be used in June, which grants 10 more. Of these 16
        hours 8 are used: 8 are left for 1,200.00, 300.00 more than were paid back."""
        order = self._with_refund()
        self._two_months(order)
        self._work(order.order_line[0], 8, "2026-05-10")
        self._invoice(self._last_month(), post=True)
        self.assertEqual(self._invoiced(order), 3600)
        self._change(order, (1, 1500, 10), effective="2026-06-01")
        self._work(order.order_line[0], 8, "2026-06-10")
        self.assertEqual(self._periods(order)[3].closing, 8)
        self._bill("2026-06-01", "2026-06-30")
        self.assertEqual(self._settled(order), [(-900, 1), (-300, 1)])
        self.assertEqual(self._invoiced(order), 4800)  # 32 h of 150.00

    def test_hours_that_are_used_after_they_were_paid_back(self):
        """All 16 h are used in June: nothing is left, and the 900.00 that were paid back are billed."""
        order = self._with_refund()
        self._two_months(order)
        self._work(order.order_line[0], 8, "2026-05-10")
        self._invoice(self._last_month(), post=True)
        self._change(order, (1, 1500, 10), effective="2026-06-01")
        self._work(order.order_line[0], 16, "2026-06-10")
        self._bill("2026-06-01", "2026-06-30")
        self.assertEqual(self._settled(order), [(-900, 1), (900, 1)])
        self.assertEqual(self._invoiced(order), 6000)  # 40 h of 150.00
