"""Approved work draws on the periods of its retainer: up to what they hold, in the order of its days."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestRetainerDrawdown(PsaRetainerCase):
    def _overage(self, order):
        return order.order_line.filtered("psa_overage_of_line_id")

    def test_work_up_to_the_grant_is_covered_and_the_rest_is_billed(self):
        """10 hours for 1,500.00: an hour over it costs 150.00. 7 + 5 hours: 2 over, 300.00."""
        order = self._sow(self._retainer())
        line = order.order_line
        first, second = self._work(line, 7), self._work(line, 5, "2026-03-10")
        self.assert_wip(first, ("covered", 7, 0, 0))
        self.assert_wip(second, ("covered", 3, 0, 0), ("open", 2, 2, 300))
        self.assert_periods(
            order,
            ("2026-03-01", 0, 10, 10, 0, 0),
            ("2026-04-01", 0, 10, 0, 10, 0),
            ("2026-05-01", 0, 10, 0, 10, 0),
        )
        self.assertEqual(self._periods(order)[0].over_hours, 2)
        overage = self._overage(order)
        self.assert_host_figures(overage, 2, 0, 300)
        invoice = self._bill("2026-03-01", "2026-03-31")
        self.assertEqual(invoice.amount_untaxed, 1800)
        self.assertEqual(second.timesheet_invoice_id, invoice)
        self.assert_host_figures(overage, 2, 2, 0)

    def test_earlier_work_approved_later_draws_first(self):
        order = self._sow(self._retainer())
        late = self._work(order.order_line, 8, "2026-03-20")
        early = self._work(order.order_line, 5, "2026-03-02")
        self.assert_wip(early, ("covered", 5, 0, 0))
        self.assert_wip(late, ("covered", 5, 0, 0), ("open", 3, 3, 450))
        self.assertEqual(len(self._overage(order)), 1)

    def test_the_boundary_is_a_hundredth_of_an_hour(self):
        """A grant of 3.33 hours; 3.5 are worked."""
        order = self._sow(self._retainer(hours=3.33, psa_retainer_overage_rate=200))
        self.assert_wip(self._work(order.order_line, 3.5), ("covered", 3.33, 0, 0), ("open", 0.17, 0.17, 34))

    def test_recalled_work_gives_its_hours_back(self):
        order = self._sow(self._retainer())
        first = self._work(order.order_line, 8)
        second = self._work(order.order_line, 8, "2026-03-10")
        self.assert_wip(second, ("covered", 2, 0, 0), ("open", 6, 6, 900))
        first.action_psa_recall()
        self.assert_wip(second, ("covered", 8, 0, 0))
        self.assertEqual(self._periods(order)[0].used, 8)

    def test_work_over_it_may_wait(self):
        order = self._sow(self._retainer(psa_retainer_overage="hold"))
        entry = self._work(order.order_line, 12)
        self.assert_wip(entry, ("covered", 10, 0, 0), ("over_cap", 2, 2, 300))
        self.assertEqual(self._propose().amount, 1500)
        # a change order that sells 12 hours from April on does not free March
        self._change(order, (-2, 1500, 10), (2, 1800, 12), effective="2026-04-01")
        self.assert_wip(entry, ("covered", 10, 0, 0), ("over_cap", 2, 2, 300))

    def test_work_over_it_may_draw_on_the_next_period(self):
        """25 hours in March: 10 of March, 10 of April, 5 over. One hour in April is over May's grant: May
        pays."""
        order = self._sow(self._retainer(psa_retainer_overage="next"))
        entry = self._work(order.order_line, 25)
        self.assert_wip(entry, ("covered", 20, 0, 0), ("open", 5, 5, 750))
        self._work(order.order_line, 1, "2026-04-10")
        self.assert_periods(
            order,
            ("2026-03-01", 0, 10, 20, 0, -10),
            ("2026-04-01", -10, 10, 1, 0, -1),
            ("2026-05-01", -1, 10, 0, 9, 0),
        )

    def test_unused_hours_roll_over(self):
        order = self._sow(self._retainer(psa_retainer_rollover="periods", psa_retainer_rollover_periods=1))
        self._work(order.order_line, 4)
        self._work(order.order_line, 13, "2026-04-10")
        # March leaves 6; April uses them and 7 of its own; May has April's 3
        self.assert_periods(
            order,
            ("2026-03-01", 0, 10, 4, 0, 6),
            ("2026-04-01", 6, 10, 13, 0, 3),
            ("2026-05-01", 3, 10, 0, 3, 10),
        )

    def test_a_retainer_may_grant_money_at_the_rates_of_the_card(self):
        """1,000.00 a month. Ann 5 h x 150.00 = 750.00; Dev 3 h x 100.00: 2.50 h for the last 250.00, 0.50
        over at
        his 100.00."""
        order = self._sow(
            self._retainer(
                price=900,
                hours=0,
                psa_retainer_grant="money",
                psa_retainer_amount=1000,
                psa_retainer_role_ids=[Command.set((self.architect | self.developer).ids)],
            )
        )
        line = order.order_line
        self._work(line, 5)
        dev = self._work(line, 3, "2026-03-10", employee=self.dev, psa_role_id=self.developer.id)
        self.assertEqual(dev.so_line, line)
        self.assert_wip(dev, ("covered", 2.5, 0, 0), ("open", 0.5, 0.5, 50))
        self.assertEqual(self._periods(order)[0].used, 1000)

    def test_money_is_drawn_at_the_rate_of_the_place_of_the_day(self):
        """1,000.00 a month, 180.00 an hour in Zurich, where Ann worked until 15 March: 2 h x 180.00 of
        before, handed in after she moved, and 2 h x 150.00 are 660.00."""
        places = self._works_in(self.ann, ("2026-01-01", "Zurich"), ("2026-03-16", "Bern"))
        self.card.line_ids = [
            Command.create(
                {
                    "role_id": self.architect.id,
                    "location_id": places["Zurich"].id,
                    "date_start": "2026-01-01",
                    "price": 180,
                }
            )
        ]
        order = self._sow(
            self._retainer(
                price=900,
                hours=0,
                psa_retainer_grant="money",
                psa_retainer_amount=1000,
                psa_retainer_role_ids=[Command.set(self.architect.ids)],
            )
        )
        self._work(order.order_line, 2, "2026-03-13")
        self._work(order.order_line, 2, "2026-03-16")
        self.assertEqual(self._periods(order)[0].used, 660)

    def test_work_without_a_rate_cannot_draw_on_money(self):
        tester = self.env["project.role"].create({"name": "Tester"})
        order = self._sow(
            self._retainer(
                hours=0, psa_retainer_grant="money", psa_retainer_role_ids=[Command.set(tester.ids)]
            )
        )
        entry = self._log(order.order_line, 1, psa_role_id=tester.id)
        with self.assertRaisesRegex(UserError, "grants money.*No rate for the role Tester"):
            entry.action_psa_approve()

    def test_time_in_the_named_roles_draws_on_the_retainer(self):
        """The developer is sold by the hour too: time on that line's task stays there, other time draws."""
        order = self._sow(
            self._retainer(psa_retainer_role_ids=[Command.set(self.developer.ids)]),
            self._line(self.developer, 50),
        )
        retainer, time = order.order_line
        drawn = self._work(retainer, 2, employee=self.dev, psa_role_id=self.developer.id)
        sold = self._work(time, 3, employee=self.dev)
        self.assertEqual((drawn.so_line, sold.so_line), (retainer, time))
        self.assert_wip(drawn, ("covered", 2, 0, 0))
        self.assert_wip(sold, ("open", 3, 3, 300))

    def test_a_retainer_without_hours_covers_all_work(self):
        order = self._sow(self._retainer(hours=0))
        self.assert_wip(self._work(order.order_line, 500), ("covered", 500, 0, 0))

    def test_held_overage_stays_held(self):
        order = self._sow(self._retainer())
        entry = self._work(order.order_line, 12)
        entry.psa_wip_ids.filtered(lambda wip: wip.state == "open").action_hold()
        self._work(order.order_line, 1, "2026-03-01")
        self.assert_wip(entry, ("covered", 9, 0, 0), ("held", 3, 3, 450))

    def test_overage_on_a_proposal_stays_there(self):
        """12 h: 2 are proposed. Two earlier hours come: they are covered, and what was covered is over
        now."""
        order = self._sow(self._retainer())
        entry = self._work(order.order_line, 12, "2026-03-10")
        self._propose()
        self._work(order.order_line, 2, "2026-03-02")
        self.assert_wip(entry, ("covered", 8, 0, 0), ("proposed", 2, 2, 300), ("open", 2, 2, 300))
        self.assertEqual(self._periods(order)[0].over_hours, 4)

    # -- closed periods --------------------------------------------------------------------

    def test_time_for_a_closed_period_draws_on_the_first_open_one(self):
        order = self._sow(self._retainer())
        self._work(order.order_line, 8)
        self._bill("2026-03-01", "2026-03-31")
        march, april, _may = self._periods(order)
        self.assertTrue(march.is_closed)
        late = self._work(order.order_line, 4, "2026-03-20")
        self.assertEqual(late.psa_wip_ids.retainer_period_id, april)
        self.assertTrue(late.psa_wip_ids.is_late)
        self.assert_periods(
            order,
            ("2026-03-01", 0, 10, 8, 2, 0),
            ("2026-04-01", 0, 10, 4, 6, 0),
            ("2026-05-01", 0, 10, 0, 10, 0),
        )

    def test_what_a_closed_period_paid_for_is_corrected_by_a_negative_entry(self):
        order = self._sow(self._retainer(psa_retainer_rollover="end"))
        entry = self._work(order.order_line, 8)
        invoice = self._bill("2026-03-01", "2026-03-31", post=False)
        with self.assertRaisesRegex(UserError, "is closed. Correct it by an entry with negative hours"):
            entry.action_psa_recall()
        self._work(order.order_line, -3, "2026-03-20")
        # March leaves 2; April 2 + 10 + 3
        self.assertEqual(self._periods(order).mapped("closing"), [2, 15, 25])
        invoice.unlink()
        self.assertFalse(self._periods(order)[0].is_closed)
        entry.action_psa_recall()

    def test_periods_are_closed_in_their_order(self):
        order = self._sow(self._retainer())
        march, april, _may = self._periods(order)
        with self.assertRaisesRegex(UserError, "is still open"):
            april.action_close()
        (march | april).action_close()
        with self.assertRaisesRegex(UserError, "which is later, is closed"):
            march.action_reopen()
        april.action_reopen()
        self._bill("2026-03-01", "2026-03-31")
        with self.assertRaisesRegex(UserError, "is invoiced. Delete the draft invoice"):
            march.action_reopen()

    def test_a_credit_note_of_the_overage_lets_it_draw_again(self):
        order = self._sow(self._retainer())
        entry = self._work(order.order_line, 12)
        invoice = self._bill("2026-03-01", "2026-03-31")
        self.assert_wip(entry, ("covered", 10, 0, 0), ("billed", 2, 2, 300))
        self._credit(invoice)
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 2, 2, 300))

    def test_a_proposal_for_several_statements_of_work_closes_the_periods_of_each(self):
        agreement = self._agreement(billing_grouping="client")
        orders = [self._sow(self._retainer(), psa_agreement_id=agreement.id) for _number in range(2)]
        entry = self._work(orders[1].order_line, 12)
        proposal = self._propose()
        self.assertEqual((len(proposal), proposal.amount), (1, 3300))
        self._invoice(proposal)
        for order in orders:
            self.assertEqual(self._periods(order).mapped("is_closed"), [True, False, False])
        self.assert_wip(entry, ("covered", 10, 0, 0), ("billed", 2, 2, 300))

    # -- at the end ------------------------------------------------------------------------

    def test_unused_hours_are_paid_back(self):
        """Three months of 10 hours for 1,500.00, all roll over, 24 used: 6 x 150.00 = 900.00 are paid
        back."""
        order = self._sow(self._retainer(psa_retainer_rollover="end", psa_retainer_true_up="refund"))
        for month in (3, 4, 5):
            self._work(order.order_line, 8, f"2026-0{month}-10")
        totals = [self._bill(f"2026-0{month}-01", f"2026-0{month}-30").amount_untaxed for month in (3, 4)]
        self.assertEqual(totals, [1500, 1500])
        self.assertEqual(self._bill("2026-05-01", "2026-05-31").amount_untaxed, 600)
        settled = order.order_line.filtered("psa_true_up_of_line_id")
        self.assertEqual((settled.price_unit, settled.qty_invoiced), (-900, 1))
        self.assertFalse(self._propose("2026-06-01", "2026-06-30"))

    def test_a_minimum_is_billed_up(self):
        """3 x 1,500.00 and 2 h over for 300.00 are 4,800.00; 5,000.00 were agreed: 200.00 more."""
        order = self._sow(self._retainer(psa_retainer_true_up="minimum", psa_retainer_minimum=5000))
        self._work(order.order_line, 12, "2026-05-10")
        invoice = self._bill("2026-05-01", "2026-05-31")
        self.assertEqual(invoice.amount_untaxed, 3 * 1500 + 300 + 200)
        self._credit(invoice)
        # what settles it is billed again, once
        self.assertEqual(self._propose("2026-05-01", "2026-05-31").amount, 5000)

    def test_what_is_taken_back_in_a_period_is_not_over_it(self):
        """12 h of 2 March, of which two are taken back on the 20th: 10 h are granted, nothing is billed."""
        order = self._sow(self._retainer())
        entry = self._work(order.order_line, 12)
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 2, 2, 300))
        correction = self._work(order.order_line, -2, "2026-03-20")
        self.assert_wip(entry, ("covered", 12, 0, 0))
        self.assert_wip(correction, ("covered", -2, 0, 0))
        self.assertEqual(self._periods(order)[0].used, 10)
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 1500)

    def test_what_is_taken_back_after_the_bill_is_for_the_next_period(self):
        order = self._sow(self._retainer())
        entry = self._work(order.order_line, 12)
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 1800)
        self._work(order.order_line, -2, "2026-03-20")
        late = self._work(order.order_line, 12, "2026-04-02")
        self.assert_wip(entry, ("covered", 10, 0, 0), ("billed", 2, 2, 300))
        self.assert_wip(late, ("covered", 12, 0, 0))

    def test_what_is_taken_back_under_a_draft_goes_off_it(self):
        order = self._sow(self._retainer())
        entry = self._work(order.order_line, 12)
        proposal = self._propose()
        self.assertEqual(proposal.amount, 1800)
        self._work(order.order_line, -1.5, "2026-03-20")
        proposal.action_make_again()
        # 10.5 h are left: half an hour is over
        self.assertEqual(proposal.amount, 1575)
        self.assert_wip(entry, ("covered", 11.5, 0, 0), ("proposed", 0.5, 0.5, 75))
        self._work(order.order_line, -2, "2026-03-21")
        proposal.action_make_again()
        self.assertEqual((proposal.amount, len(proposal.line_ids)), (1500, 1))
        self.assert_wip(entry, ("covered", 12, 0, 0))
        self.assertEqual(self._invoice(proposal).amount_untaxed, 1500)

    def test_what_money_does_not_pay_for_stays_on_a_draft_with_what_was_decided(self):
        """1,000.00 pay for 6.66 h at 150.00; the 1.00 that is left for nothing more."""
        order = self._sow(self._retainer(hours=0, psa_retainer_grant="money", psa_retainer_amount=1000))
        self._work(order.order_line, 8)
        proposal = self._propose()
        self.assertEqual(proposal.amount, 1701)  # 1.34 h x 150.00
        over = proposal.line_ids.wip_ids.filtered(lambda part: part.state == "proposed")
        over.sudo()._psa_bill_amount(150, self.env.ref("psa_billing.reason_goodwill"))
        proposal.action_make_again()
        self.assertEqual(proposal.amount, 1650)
