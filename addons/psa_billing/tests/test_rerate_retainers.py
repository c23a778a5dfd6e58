"""Re-rating of work that draws on retainers, or is over them."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_rerate import RerateCase


@tagged("post_install", "-at_install")
class TestRerateRetainers(RerateCase):
    """Ann's 150.00 an hour become another price after her work was approved."""

    def test_work_over_hours_of_a_retainer_has_its_price(self):
        order = self._sow(self._retainer())
        entry = self._work(order.order_line, 12)
        self._change_card(165)
        self.assertFalse(self._preview(order).line_ids)
        self._work(order.order_line, 1, "2026-03-30")
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 2, 2, 300))

    def test_a_changed_card_is_no_matter_of_what_drew_on_money_before(self):
        order = self._sow(self._money())
        first = self._work(order.order_line, 4)
        self._change_card(200)
        second = self._work(order.order_line, 3, "2026-03-30")
        # 4 h x 150.00 leave 400.00: 2 h x 200.00, the third is over
        self.assert_wip(first, ("covered", 4, 0, 0))
        self.assert_wip(second, ("covered", 2, 0, 0), ("open", 1, 1, 200))
        self.assertEqual(self._periods(order)[0].used, 1000)

    def test_what_drew_on_money_is_rated_again(self):
        order = self._sow(self._money())
        first, second = self._work(order.order_line, 4), self._work(order.order_line, 4, "2026-03-20")
        # 4 h and 2.66 h are 999.00 of the 1,000.00
        self.assert_wip(second, ("covered", 2.66, 0, 0), ("open", 1.34, 1.34, 201))
        self._change_card(200)
        # the second entry draws 1 h of the 200.00 that are left; 3 h x 200.00 are billed
        self.assertEqual(self._rerate(order), [("ann", 8, 150, 200, 399)])
        self.assert_wip(first, ("covered", 4, 0, 0))
        self.assert_wip(second, ("covered", 1, 0, 0), ("open", 3, 3, 600))
        self.assertEqual(self._periods(order)[0].used, 1000)

    def test_work_that_stays_at_its_rate_may_draw_less_when_other_work_draws_more(self):
        order = self._sow(self._money())
        first, second = self._work(order.order_line, 4), self._work(order.order_line, 4, "2026-03-20")
        second.psa_wip_ids.filtered(lambda part: part.state == "open").action_hold()
        self._change_card(250)
        rates = self.env["psa.wip.entry"].search([("analytic_line_id", "=", second.id)])
        rates.sudo().draw_rate = 250  # as if it had been rated after the change
        self.env["psa.retainer.period"]._psa_draw(order.order_line[0])
        self.assert_wip(second, ("covered", 1.6, 0, 0), ("held", 2.4, 2.4, 600))
        # 4 h x 250.00 use up the 1,000.00: all 4 h of the 20th are over
        self.assertEqual(sorted(self._rerate(order)), [("ann", 4, 150, 250, 0), ("ann", 4, 250, 250, 400)])
        self.assert_wip(first, ("covered", 4, 0, 0))
        self.assert_wip(second, ("held", 4, 4, 1000))

    def test_money_is_drawn_at_the_old_rate_where_the_card_has_none(self):
        order = self._sow(self._money())
        entry = self._work(order.order_line, 8)
        self.card.line_ids.filtered(lambda row: row.role_id == self.architect).date_end = "2026-02-28"
        wizard = self._preview(order)
        self.assertTrue(wizard.line_ids.is_missing)
        self.assertIn("No rate for the role Architect", wizard.line_ids.reason)
        with self.assertRaisesRegex(UserError, "nothing to re-rate"):
            wizard.action_apply()
        self.assert_wip(entry, ("covered", 6.66, 0, 0), ("open", 1.34, 1.34, 201))

    def test_money_that_was_billed_or_drawn_in_a_closed_period_is_history(self):
        order = self._sow(self._money())
        billed = self._work(order.order_line, 8)
        self._bill("2026-03-01", "2026-03-31")
        self._change_card(200)
        self.assertFalse(self._preview(order).line_ids)
        self.assert_wip(billed, ("covered", 6.66, 0, 0), ("billed", 1.34, 1.34, 201))
        drawn = self._work(order.order_line, 2, "2026-04-10")
        self._change_card(300)
        self._periods(order)[1].action_close()
        self.assertFalse(self._preview(order).line_ids)
        self.assert_wip(drawn, ("covered", 2, 0, 0))

    def test_what_draws_on_money_keeps_its_rate_while_a_part_is_settled(self):
        order = self._sow(self._money())
        entry = self._work(order.order_line, 8)
        over = entry.psa_wip_ids.filtered(lambda part: part.state == "open")
        over.sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        self._change_card(200)
        # 6.66 h for 999.00 of the 1,000.00 are drawn, 1.34 h were written off
        self._kept(order, "A part of the entry is billed, written off", (6.66, 150))
        with self.assertRaisesRegex(UserError, "nothing to re-rate"):
            self._preview(order).action_apply()
        self.assert_wip(entry, ("covered", 6.66, 0, 0), ("written_off", 1.34, 1.34, 201))
        self._change_card(150)
        self.assertFalse(self._preview(order).line_ids)

    def test_what_is_over_money_of_a_closed_period_keeps_its_rate(self):
        order = self._sow(self._money())
        self._work(order.order_line, 8)
        self._periods(order)[0].action_close()
        self._change_card(200)
        self._kept(order, "The period that it was drawn from is closed", (1.34, 150))

    def test_shares_of_what_is_over_money_keep_their_rate(self):
        order = self._shared(self._money())
        entry = self._work(order.order_line, 8)
        self._bill("2026-03-01", "2026-03-31", post=False)
        entry.psa_wip_ids.invoice_id.filtered(lambda move: move.psa_payer_id == self.fund).unlink()
        self._change_card(200)
        # of 1.34 h over 1,000.00 the fund's 66.67 % wait again
        waiting = entry.psa_wip_ids.filtered(lambda part: part.state == "open")
        self.assertEqual(waiting.payer_id, self.fund)
        self.assertEqual(waiting.raw_hours, 0.89)
        self._kept(order, "One of the paying clients has been billed", (0.89, 150))

    def test_hours_that_left_a_retainer_of_money_are_no_matter_of_its_rate(self):
        order = self._sow(self._money(), self._line(self.developer))
        entry = self._work(order.order_line[0], 4)
        entry.psa_wip_ids.sudo()._psa_move_part(1, order.order_line[1])
        self._change_card(200)
        # 3 h draw at 200.00; 1 h x 100.00 is the developer's
        self.assertEqual(self._rerate(order), [("ann", 3, 150, 200, 0)])
        self.assert_wip(entry, ("covered", 3, 0, 0), ("open", 1, 1, 100))
        self.assertEqual(self._periods(order)[0].used, 600)
