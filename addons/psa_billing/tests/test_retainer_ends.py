"""Retainers that end within, or before, a period that was charged already."""

from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


class EndingCase(PsaRetainerCase):
    def _endless(self, **values):
        """A retainer without end from the 1st of March on: 10 hours for 1,500.00 a month."""
        return self._sow(
            self._retainer(quantity=1, psa_retainer_open_ended=True, **values), psa_date_end=False
        )

    def _end(self, order, day):
        """A change order that ends the statement of work on ``day``."""
        return self._change_order(order, Command.clear(), psa_date_end=day)

    def _charged(self, order):
        """(first day, last day, quantity, amount) of periods and corrections until the end of May."""
        periods = self.env["psa.retainer.period"].search(
            [("order_id", "=", order.id), ("date_start", "<", "2026-06-01")], order="date_start, id"
        )
        return [
            (str(p.date_start), str(p.date_end), round(p.quantity, 2), round(p.amount, 2)) for p in periods
        ]

    def _invoiced(self, order):
        """What the client was invoiced of the order so far, without taxes, by posted invoices."""
        moves = order.invoice_ids.filtered(lambda move: move.state == "posted")
        return round(sum(-move.direction_sign * move.amount_untaxed for move in moves), 2)


@tagged("post_install", "-at_install")
class TestRetainerEnds(EndingCase):
    def test_days_after_the_end_of_a_billed_month_are_given_back(self):
        """Until the 15th: 15 of 31 days are 725.81; 1,500.00 were billed: 774.19 go back."""
        order = self._endless()
        self._bill("2026-03-01", "2026-03-01")
        self._end(order, "2026-03-15")
        self.assertEqual(
            self._charged(order),
            [("2026-03-01", "2026-03-31", 1, 1500), ("2026-03-16", "2026-03-31", -0.52, -774.19)],
        )
        note = self._bill("2026-03-01", "2026-03-31")
        self.assertEqual((note.move_type, note.amount_untaxed), ("out_refund", 774.19))
        self.assertEqual(self._invoiced(order), 725.81)
        line = order.order_line[0]
        self.assertEqual((line.qty_delivered, line.qty_invoiced), (0.48, 0.48))
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))

    def test_months_that_will_not_come_are_not_ordered_any_more(self):
        """Made ahead until May at least; ended on 15 March, 0.48 of a month are ordered, delivered and
        invoiced, 725.81: nothing is left. Without the end, the months are ordered again."""
        order = self._endless()
        line, before = order.order_line, order.order_line.product_uom_qty
        self.assertGreater(before, 2)
        self._bill("2026-03-01", "2026-03-01")
        change = self._end(order, "2026-03-15")
        self.assertEqual((line.product_uom_qty, line.price_unit), (0.48, 1500))
        self._bill("2026-03-01", "2026-03-31")
        self.assert_host_figures(line, delivered=0.48, invoiced=0.48, amount_to_invoice=0)
        self.assertEqual((line.invoice_status, order.invoice_status), ("invoiced", "invoiced"))
        self.assertEqual(self._invoiced(order), 725.81)
        change.sudo().action_cancel()
        self.assertEqual(line.product_uom_qty, before)

    def test_nor_are_months_at_a_price_that_will_not_come(self):
        """1,575.00 from May on; the retainer ends with April: two months at 1,500.00 and none of the
        others.
        """
        order = self._endless()
        wizard = self.env["psa.retainer.indexation"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        wizard.create({"date": "2026-05-01", "percent": 5}).action_apply()
        step = order.order_line[1]
        self.assertGreater(step.product_uom_qty, 0)
        self._end(order, "2026-04-30")
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [2, 0])

    def test_the_hours_of_the_last_month_are_granted_by_its_days(self):
        """15 of 31 days grant 4.84 of 10 hours: of 6 hours 1.16 are over."""
        order = self._endless()
        self._bill("2026-03-01", "2026-03-01")
        entry = self._work(order.order_line[0], 6, "2026-03-10")
        self.assert_wip(entry, ("covered", 6, 0, 0))
        self._end(order, "2026-03-15")
        self.assert_periods(order, ("2026-03-01", 0, 4.84, 4.84, 0, 0), ("2026-03-16", 0, 0, 0, 0, 0))
        self.assert_wip(entry, ("covered", 4.84, 0, 0), ("open", 1.16, 1.16, 174))

    def test_hours_that_were_drawn_on_a_month_that_does_not_come_are_billed(self):
        """15 h in March, of which 5 draw on April; March is billed. The retainer ends with March: 5 h x
        150.00. Then it ends with April: they have drawn on it, and the 750.00 go back."""
        order = self._endless(psa_retainer_overage="next")
        self._work(order.order_line[0], 15, "2026-03-10")
        self._bill("2026-03-01", "2026-03-31")
        self._end(order, "2026-03-31")
        bill = self._bill("2026-04-01", "2026-04-30")
        self.assertEqual(bill.amount_untaxed, 750)
        self.assertIn("Drawn on a period that did not come", bill.invoice_line_ids.name)
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))
        self._end(order, "2026-04-30")
        self.assertEqual(self._bill("2026-04-01", "2026-04-30").amount_untaxed, 750)
        self.assertEqual(self._invoiced(order), 3000)

    def test_so_is_what_half_a_month_does_not_grant(self):
        """20 h in March; April ends on the 15th and grants 5: 5 h at the agreed 180.00 are over, 900.00."""
        order = self._endless(psa_retainer_overage="next", psa_retainer_overage_rate=180)
        self._work(order.order_line[0], 20, "2026-03-10")
        self._bill("2026-03-01", "2026-03-31")
        self._end(order, "2026-04-15")
        self.assertEqual(self._bill("2026-04-01", "2026-04-30").amount_untaxed, 750 + 900)

    def test_so_are_those_of_a_retainer_that_costs_nothing(self):
        """10 h a month for nothing, 5 more in March, which was closed by hand, at 180.00: 900.00."""
        order = self._endless(price=0, psa_retainer_overage="next", psa_retainer_overage_rate=180)
        self._work(order.order_line[0], 15, "2026-03-10")
        self.env["psa.retainer.period"].search(
            [("order_id", "=", order.id), ("date_start", "=", "2026-03-01")]
        ).action_close()
        self._end(order, "2026-03-31")
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 900)

    def test_so_is_money(self):
        """1,200.00 of work in March, 200.00 of it on April: they are billed when that does not come."""
        order = self._endless(
            hours=0, psa_retainer_grant="money", psa_retainer_amount=1000, psa_retainer_overage="next"
        )
        self._work(order.order_line[0], 8, "2026-03-10")
        self._bill("2026-03-01", "2026-03-31")
        self._end(order, "2026-03-31")
        self.assertEqual(self._bill("2026-04-01", "2026-04-30").amount_untaxed, 200)

    def test_a_month_that_is_due_and_not_billed_is_charged_until_the_end(self):
        order = self._endless()
        self.env["psa.retainer.period"]._psa_become_due(date(2026, 3, 1))
        self._end(order, "2026-03-15")
        self.assertEqual(self._charged(order), [("2026-03-01", "2026-03-15", 0.48, 725.81)])
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 725.81)

    def test_months_that_are_due_and_begin_after_the_end_go(self):
        order = self._endless()
        self.env["psa.retainer.period"]._psa_become_due(date(2026, 5, 1))
        self._end(order, "2026-03-15")
        self.assertEqual(self._charged(order), [("2026-03-01", "2026-03-15", 0.48, 725.81)])

    def test_a_month_on_a_draft_proposal_is_set_right_on_it(self):
        order = self._endless()
        proposal = self._propose("2026-03-01", "2026-03-31")
        self._end(order, "2026-03-15")
        proposal.run_id.action_make_proposals()
        line = proposal.line_ids
        self.assertEqual((line.quantity, line.amount, proposal.amount), (0.48, 725.81, 725.81))

    def test_a_quarter_that_was_paid_ahead(self):
        """45 of the 91 days of the second quarter are 2,225.27 of 4,500.00."""
        order = self._sow(
            self._retainer(
                price=4500, quantity=1, psa_retainer_open_ended=True, psa_retainer_period="quarter"
            ),
            psa_date_start="2026-04-01",
            psa_date_end=False,
        )
        self._bill("2026-04-01", "2026-04-01")
        self._end(order, "2026-05-15")
        self.assertFalse(self._propose("2026-05-01", "2026-05-15"), "the days after it have not come yet")
        self.assertEqual(self._bill("2026-05-01", "2026-05-31").amount_untaxed, 2274.73)

    def test_a_change_order_that_takes_half_a_billed_month_away(self):
        """Of three months, all billed, 2.5 are left: 16 days of May, 0.5 x 1,500.00 go back."""
        order = self._sow(self._retainer())
        self._bill("2026-03-01", "2026-05-01")
        self._change(order, (-0.5, 1500, 10), effective="2026-05-01")
        self.assertEqual(self._charged(order)[-1], ("2026-05-17", "2026-05-31", -0.5, -750))
        self.assertEqual(self._bill("2026-05-01", "2026-05-31").amount_untaxed, 750)
        self.assertEqual(self._invoiced(order), 3750)

    def test_a_billed_month_that_is_taken_away_goes_back_whole(self):
        order = self._sow(self._retainer())
        self._bill("2026-03-01", "2026-05-01")
        change = self._change(order, (-1, 1500, 10), effective="2026-05-01")
        self.assertEqual(self._charged(order)[-1], ("2026-05-01", "2026-05-31", -1, -1500))
        self.assertEqual([p.granted for p in self._periods(order)], [10, 10, 0, 0])
        change._action_cancel()
        self.assertEqual(self._charged(order)[-1], ("2026-05-01", "2026-05-31", 1, 1500))
        self.assertEqual([p.granted for p in self._periods(order)], [10, 10, 10])

    def test_a_retainer_that_goes_on_after_all_is_charged_again(self):
        """Ended on the 15th of March, 774.19 given back; then on the 15th of April: March is whole again and
        15 of 30 days of April come to it."""
        order = self._endless()
        self._bill("2026-03-01", "2026-03-01")
        self._end(order, "2026-03-15")
        self._bill("2026-03-01", "2026-03-31")
        self._end(order, "2026-04-15")
        self.assertEqual(
            self._charged(order),
            [
                ("2026-03-01", "2026-03-31", 1, 1500),
                ("2026-03-16", "2026-03-31", -0.52, -774.19),
                ("2026-03-16", "2026-03-31", 0.52, 774.19),
                ("2026-04-01", "2026-04-15", 0.5, 750),
            ],
        )
        self.assertEqual(self._bill("2026-04-01", "2026-04-30").amount_untaxed, 1524.19)
        self._end(order, "2026-03-10")
        # 10 of 31 days are 483.87; 2,250.00 were billed
        self._bill("2026-04-01", "2026-04-30")
        self.assertEqual(self._invoiced(order), 483.87)

    def test_the_end_moves_before_anything_was_given_back(self):
        order = self._endless()
        self._bill("2026-03-01", "2026-03-01")
        self._end(order, "2026-03-15")
        self._end(order, "2026-03-20")
        self.assertEqual(self._charged(order)[1:], [("2026-03-21", "2026-03-31", -0.35, -532.26)])
        self._end(order, "2026-03-31")
        self.assertEqual(self._charged(order), [("2026-03-01", "2026-03-31", 1, 1500)])
        self.assertEqual(self._periods(order).granted, 10)

    def test_planning_again_changes_nothing(self):
        order = self._endless()
        self._bill("2026-03-01", "2026-03-01")
        self._end(order, "2026-03-15")
        before = self._periods(order)
        order._psa_plan_retainers()
        self.assertEqual(self._periods(order), before)
        self._bill("2026-03-01", "2026-03-31")
        order._psa_plan_retainers()
        self.assertEqual(self._periods(order), before)

    def test_a_deleted_draft_gives_back_once_more(self):
        order = self._endless()
        self._bill("2026-03-01", "2026-03-01")
        self._end(order, "2026-03-15")
        self._bill("2026-03-01", "2026-03-31", post=False).unlink()
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 774.19)
        self.assertEqual(self._invoiced(order), 725.81)

    def test_beside_work_it_goes_off_the_invoice(self):
        """Five hours at 100.00 less 774.19; what a credit note takes back of that comes again."""
        order = self._sow(
            self._retainer(quantity=1, psa_retainer_open_ended=True),
            self._line(self.developer, price_unit=100),
            psa_date_end=False,
        )
        self._bill("2026-03-01", "2026-03-01")
        entry = self._work(order.order_line[1], 5, "2026-03-10")
        self._end(order, "2026-03-15")
        note = self._bill("2026-03-01", "2026-03-31")
        self.assertEqual((note.move_type, note.amount_untaxed), ("out_refund", 274.19))
        self.assertEqual(entry.timesheet_invoice_id, note)
        self._credit(note)
        self.assert_wip(entry, ("open", 5, 5, 500))
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 274.19)
        self.assertEqual(self._invoiced(order), 1225.81)

    def test_a_credited_month_is_billed_until_the_end(self):
        """The whole invoice of March is credited after the retainer ended: 725.81 are left to bill."""
        order = self._endless()
        invoice = self._bill("2026-03-01", "2026-03-01")
        self._end(order, "2026-03-15")
        self._credit(invoice)
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 725.81)
        self.assertEqual(self._invoiced(order), 725.81)

    def test_a_closed_month_keeps_its_hours(self):
        """Its work is billed; the money of the days after the end goes back."""
        order = self._endless()
        self._work(order.order_line[0], 6, "2026-03-10")
        self._bill("2026-03-01", "2026-03-31")
        self._end(order, "2026-03-15")
        self.assert_periods(order, ("2026-03-01", 0, 10, 6, 4, 0), ("2026-03-16", 0, 0, 0, 0, 0))
        self.assertEqual(self._bill("2026-04-01", "2026-04-30").amount_untaxed, 774.19)

    def test_days_that_are_sold_after_they_were_billed_have_their_figures(self):
        """It ended with March, and all until the end of April was billed. Half of April, which is sold after
        all, grants 5 h in a month that is closed: nobody worked, so they expire."""
        order = self._endless()
        self._end(order, "2026-03-31")
        self._bill("2026-03-01", "2026-04-30")
        self._end(order, "2026-04-15")
        self.assertTrue(self._periods(order)[1].is_closed)
        self.assert_periods(order, ("2026-03-01", 0, 10, 0, 10, 0), ("2026-04-01", 0, 5, 0, 5, 0))

    def test_recurring_revenue_ends_with_it(self):
        order = self._endless()
        self._bill("2026-03-01", "2026-04-01")
        self._end(order, "2026-04-15")
        self.env.flush_all()
        rows = self.env["psa.retainer.report"].search([("partner_id", "=", order.partner_id.id)])
        figures = {str(row.month): (row.mrr, row.lost) for row in rows}
        self.assertEqual(figures, {"2026-03-01": (1500, 0), "2026-04-01": (0, 1500)})

    def test_no_more_is_taken_away_than_was_sold(self):
        order = self._sow(self._retainer())
        self._bill("2026-03-01", "2026-05-01")
        with self.assertRaisesRegex(UserError, "would be cut from 3 to -1"):
            self._change(order, (-4, 1500, 10), effective="2026-03-01")

    def test_days_that_are_given_back_get_no_new_price(self):
        order = self._endless()
        self._bill("2026-03-01", "2026-03-01")
        self._end(order, "2026-03-15")
        wizard = self.env["psa.retainer.indexation"].create(
            {"percent": 5, "date": "2026-03-16", "retainer_line_ids": order.order_line.ids}
        )
        self.assertRegex(wizard.line_ids.problem, "^no period from 03/16/2026 on")

    def test_an_earlier_correction_keeps_no_period_from_being_closed(self):
        order = self._sow(self._retainer())
        self._bill("2026-03-01", "2026-05-01")
        self._change(order, (-2.5, 1500, 10), effective="2026-03-01")
        self._change(order, (1, 1500, 10), effective="2026-03-01")
        periods = self._periods(order)
        self.assertTrue(periods.filtered("corrects_id"))
        periods.action_close()
        self.assertEqual(periods.filtered("closed_on"), periods.filtered(lambda p: not p.corrects_id))

    def test_names_say_what_a_correction_is(self):
        order = self._endless()
        self._bill("2026-03-01", "2026-03-01")
        self._end(order, "2026-03-15")
        self.assertIn("given back", self._periods(order)[-1].display_name)
        self.assertNotIn("given back", self._periods(order)[0].display_name)

    def test_each_paying_client_gets_its_share_back(self):
        """50 % each: 750.00 in March, of 774.19 that go back 387.10 and 387.09."""
        fund = self.env["res.partner"].create({"name": "Fund"})
        payers = self.client | fund
        order = self._endless()
        order.sudo().psa_payer_ids = [
            Command.create({"partner_id": payer.id, "share": 50}) for payer in payers
        ]
        self._bill_shares("2026-03-01")
        self._end(order, "2026-03-15")
        notes = self._bill_shares("2026-03-31")
        self.assertEqual(
            {move.psa_payer_id: (move.move_type, move.amount_untaxed) for move in notes},
            {self.client: ("out_refund", 387.1), fund: ("out_refund", 387.09)},
        )
        self.assertEqual(self._invoiced(order), 725.81)
        # what one of them gets back no more is given back again, to that one alone
        self._credit(notes.filtered(lambda move: move.psa_payer_id == fund))
        self.assertEqual(self._invoiced(order), 1112.9)
        again = self._bill_shares("2026-03-31")
        self.assertEqual(
            (again.psa_payer_id, again.move_type, again.amount_untaxed), (fund, "out_refund", 387.09)
        )
        self.assertEqual(self._invoiced(order), 725.81)

    def _bill_shares(self, day):
        proposal = self._propose("2026-03-01", day)
        proposal.action_approve()
        proposal.action_create_invoice()
        proposal.invoice_ids.invoice_date = day
        proposal.invoice_ids.action_post()
        return proposal.invoice_ids
