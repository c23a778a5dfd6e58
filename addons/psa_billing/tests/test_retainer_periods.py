"""Periods of retainers: made with the contract, billed when due."""

import runpy
from pathlib import Path

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import PsaBillingCase


class PsaRetainerCase(PsaBillingCase):
    @classmethod
    def _retainer(cls, price=1500, quantity=3, hours=10, **values):
        """The command of a retainer of an architect: 10 hours for 1,500.00 a month, three months."""
        return cls._line(
            cls.architect,
            quantity,
            "retainer",
            price_unit=price,
            psa_retainer_hours=hours,
            tax_ids=[Command.set(cls.tax.ids)],
            **values,
        )

    @classmethod
    def _periods(cls, order):
        return cls.env["psa.retainer.period"].search([("order_id", "=", order.id)], order="date_start")

    @classmethod
    def _bill(cls, first, last, post=True):
        """The invoices of a month, posted."""
        proposals = cls._propose(first, last)
        invoices = cls._invoice(proposals) if proposals else cls.env["account.move"]
        if post and invoices:
            invoices.invoice_date = last
            invoices.action_post()
        return invoices

    @classmethod
    def _change(cls, order, *quantities_and_prices, effective):
        change = cls.env["sale.order"].browse(order.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_effective_date": effective,
                "psa_change_reason": "More work",
                "psa_requested_by_id": cls.client.id,
                "order_line": [
                    Command.create(
                        {
                            "psa_amends_line_id": order.order_line[0].id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "psa_retainer_hours": hours,
                        }
                    )
                    for quantity, price, hours in quantities_and_prices
                ],
            }
        )
        change.sudo().action_confirm()
        return change

    def assert_periods(self, order, *expected):
        """``expected``: (first day, opening, granted, used, expired, closing) of each period."""
        found = [
            (
                str(period.date_start),
                *(round(period[name], 2) for name in ("opening", "granted", "used", "expired", "closing")),
            )
            for period in self._periods(order)
        ]
        self.assertEqual(found, list(expected))


@tagged("post_install", "-at_install")
class TestRetainerPeriods(PsaRetainerCase):
    @freeze_time("2026-02-20")
    def test_confirming_makes_the_periods_that_were_ordered(self):
        order = self._sow(self._retainer())
        periods = self._periods(order)
        self.assertEqual(
            periods.mapped(lambda p: (str(p.date_start), str(p.date_end), p.quantity, p.amount, p.granted)),
            [
                ("2026-03-01", "2026-03-31", 1, 1500, 10),
                ("2026-04-01", "2026-04-30", 1, 1500, 10),
                ("2026-05-01", "2026-05-31", 1, 1500, 10),
            ],
        )
        self.assertEqual(periods.mapped("ends_retainer"), [False, False, True])
        self.assertEqual(set(periods.mapped("billing_state")), {"planned"})

    @freeze_time("2026-04-15")
    def test_of_a_retainer_that_is_signed_late_the_first_periods_are_due_at_once(self):
        """Signed in April, from March on: March and April are to bill, in arrears only March."""
        order = self._sow(self._retainer())
        self.assertEqual(self._periods(order).mapped("billing_state"), ["due", "due", "planned"])
        self.assertEqual(self._propose("2026-03-01", "2026-04-30").amount, 3000)
        order = self._sow(self._retainer(psa_retainer_timing="arrears"))
        self.assertEqual(self._periods(order).mapped("billing_state"), ["due", "planned", "planned"])

    @freeze_time("2026-04-15")
    def test_a_retainer_that_was_signed_late_is_put_right_the_same_day(self):
        """1,500.00 should have been 1,600.00: it is cancelled, and signed again so."""
        order = self._sow(self._retainer())
        order.sudo().with_context(psa_left_unbilled_is_known=True).action_cancel()
        self.assertFalse(self._periods(order))
        order.action_draft()
        order.order_line.price_unit = 1600
        order.sudo().action_confirm()
        self.assertEqual(self._periods(order).mapped("amount"), [1600, 1600, 1600])
        self.assertEqual(self._propose("2026-03-01", "2026-04-30").amount, 3200)

    def test_a_period_is_billed_once_on_the_run_of_its_first_day(self):
        order = self._sow(self._retainer())
        proposal = self._propose()
        self.assertEqual((proposal.line_ids.quantity, proposal.amount), (1, 1500))
        self.assertFalse(self._propose())
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(invoice.amount_untaxed, 1500)
        line = invoice.invoice_line_ids
        self.assertEqual(
            (str(line.psa_service_start), str(line.psa_service_end)), ("2026-03-01", "2026-03-31")
        )
        self.assert_host_figures(order.order_line, 1, 1, 0)
        self.assertFalse(self._propose())
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 1500)

    def test_in_arrears_a_period_is_billed_on_its_last_day(self):
        self._sow(self._retainer(psa_retainer_timing="arrears"))
        self.assertFalse(self._propose("2026-03-01", "2026-03-30"))
        self.assertEqual(self._propose("2026-03-01", "2026-03-31").amount, 1500)

    def test_the_first_and_the_last_month_are_charged_by_their_days(self):
        """From 15 March, three months: 17 of 31 days of March are 1,500 x 17 / 31 = 822.58, which 0.55 months
        (825.00) do not say: 2.42 are taken off. June has the rest of 4,500.00: 677.42, 0.45 months
        (675.00) and
        2.42 more."""
        order = self._sow(self._retainer(), psa_date_start="2026-03-15")
        retainer = order.order_line
        self.assertEqual(
            self._periods(order).mapped(lambda p: (str(p.date_end), p.quantity, p.amount, p.granted)),
            [
                ("2026-03-31", 0.55, 822.58, 5.48),
                ("2026-04-30", 1, 1500, 10),
                ("2026-05-31", 1, 1500, 10),
                ("2026-06-14", 0.45, 677.42, 4.52),
            ],
        )
        totals = [
            self._bill(f"2026-0{month}-01", f"2026-0{month}-28").amount_untaxed for month in (3, 4, 5, 6)
        ]
        self.assertEqual(totals, [822.58, 1500, 1500, 677.42])
        self.assert_host_figures(retainer, 3, 3, 0)
        adjustments = order.order_line.filtered("psa_adjusts_line_id")
        self.assertEqual(sorted(adjustments.mapped("price_unit")), [-2.42, 2.42])
        self.assertTrue(all("days" in line.name for line in adjustments))

    def test_months_may_count_from_the_start(self):
        order = self._sow(self._retainer(psa_retainer_calendar="start"), psa_date_start="2026-03-15")
        self.assertEqual(
            self._periods(order).mapped(lambda p: (str(p.date_start), p.quantity, p.amount)),
            [("2026-03-15", 1, 1500), ("2026-04-15", 1, 1500), ("2026-05-15", 1, 1500)],
        )

    def test_a_quarter_is_one_unit(self):
        order = self._sow(
            self._retainer(quantity=2, psa_retainer_period="quarter"), psa_date_start="2026-01-01"
        )
        self.assertEqual(
            self._periods(order).mapped(lambda p: (str(p.date_start), str(p.date_end), p.quantity)),
            [("2026-01-01", "2026-03-31", 1), ("2026-04-01", "2026-06-30", 1)],
        )

    def test_a_cancelled_proposal_and_a_deleted_invoice_free_the_period(self):
        order = self._sow(self._retainer())
        self._propose().action_cancel()
        invoice = self._invoice(self._propose())
        self.assertEqual(self._periods(order)[0].billing_state, "billed")
        invoice.unlink()
        self.assertEqual(self._periods(order)[0].billing_state, "due")
        self.assertEqual(self._propose().amount, 1500)

    def test_a_credit_note_frees_the_period_it_credits(self):
        order = self._sow(self._retainer())
        self._credit(self._bill("2026-03-01", "2026-03-31"))
        self.assertEqual(self._periods(order)[0].billing_state, "due")
        proposal = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual((proposal.line_ids.quantity, proposal.amount), (2, 3000))

    @freeze_time("2026-04-20")
    def test_a_credit_note_of_one_month_frees_the_latest(self):
        order = self._sow(self._retainer())
        invoice = self._bill("2026-03-01", "2026-04-30")
        self.assertEqual(invoice.amount_untaxed, 3000)
        note = invoice._reverse_moves([{"date": "2026-05-02"}])
        note.invoice_line_ids.filtered("product_id").quantity = 1
        note.action_post()
        self.assertEqual(self._periods(order).mapped("billing_state"), ["billed", "due", "planned"])
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 1500)

    def test_a_held_line_keeps_its_period(self):
        order = self._sow(self._retainer())
        proposal = self._propose()
        proposal.line_ids.action_hold()
        self.assertFalse(self._propose("2026-03-01", "2026-03-31"))
        proposal.line_ids.action_release()
        self.assertEqual(proposal.amount, 1500)
        self.assertEqual(self._periods(order)[0].billing_state, "proposed")

    def test_a_quantity_raised_by_hand_does_not_block_the_next_period(self):
        self._sow(self._retainer())
        invoice = self._invoice(self._propose())
        invoice.invoice_line_ids.quantity = 2
        invoice.invoice_date = "2026-03-31"
        invoice.action_post()
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 1500)

    def test_cancelling_the_statement_of_work_takes_back_what_is_not_due(self):
        order = self._sow(self._retainer())
        order._action_cancel()
        self.assertFalse(self._periods(order))
        order.action_draft()
        order.sudo().action_confirm()
        self.assertEqual(len(self._periods(order)), 3)

    # -- without end -----------------------------------------------------------------------

    def test_a_retainer_without_end_grows_ahead_of_time(self):
        self.company.psa_retainer_periods_ahead = 2
        order = self._sow(self._retainer(quantity=1, psa_retainer_open_ended=True), psa_date_end=False)
        periods = self._periods(order)
        self.assertGreater(len(periods), 1)
        self.assertFalse(any(periods.mapped("ends_retainer")))
        self.assertEqual(order.order_line.product_uom_qty, len(periods))
        self.assertEqual(order.order_line.price_unit, 1500)
        with self.enter_registry_test_mode():
            self.env.ref("psa_billing.psa_retainer_cron").method_direct_trigger()
        self.assertEqual(self._periods(order), periods)
        self.assertTrue(periods[0].is_due)

    def test_a_retainer_without_end_ends_with_the_statement_of_work(self):
        """It ends on 15 April: 15 of 30 days."""
        order = self._sow(self._retainer(quantity=1, psa_retainer_open_ended=True), psa_date_end="2026-04-15")
        self.assertEqual(
            self._periods(order).mapped(lambda p: (p.quantity, p.amount, p.ends_retainer)),
            [(1, 1500, False), (0.5, 750, True)],
        )

    # -- change orders ---------------------------------------------------------------------

    def test_a_change_order_prices_future_periods_only(self):
        """From April on 12 hours for 1,800.00, but April is billed already: May only."""
        order = self._sow(self._retainer())
        self._bill("2026-03-01", "2026-04-01")
        self._change(order, (-2, 1500, 10), (2, 1800, 12), effective="2026-04-01")
        self.assertEqual(
            self._periods(order).mapped(lambda p: (p.amount, p.granted)), [(1500, 10), (1500, 10), (1800, 12)]
        )
        self.assertEqual(self._bill("2026-05-01", "2026-05-31").amount_untaxed, 1800)
        self.assertFalse(self._propose("2026-06-01", "2026-06-30"))

    def test_a_change_order_cuts_and_adds_periods(self):
        order = self._sow(self._retainer())
        change = self._change(order, (-1, 1500, 10), effective="2026-04-01")
        self.assertEqual(len(self._periods(order)), 2)
        self.assertTrue(self._periods(order)[-1].ends_retainer)
        change._action_cancel()
        self.assertEqual(len(self._periods(order)), 3)
        self._change(order, (2, 1500, 10), effective="2026-04-01")
        self.assertEqual(len(self._periods(order)), 5)

    # -- from an earlier version -----------------------------------------------------------

    @freeze_time("2026-04-20")
    def test_retainers_signed_before_have_periods_after_an_upgrade(self):
        """Two of three months were delivered by hand, one of them invoiced; 12 hours were covered without
        bound."""
        order = self._sow(self._retainer())
        line = order.order_line
        self._bill("2026-03-01", "2026-03-31")
        entry = self._work(line, 12, "2026-05-10")
        periods = self._periods(order)
        entry.psa_wip_ids.filtered(lambda wip: wip.state == "open").sudo().unlink()
        entry.psa_wip_ids.sudo().write(
            {"raw_hours": 12, "retainer_line_id": False, "retainer_period_id": False}
        )
        periods.sudo().unlink()
        line.qty_delivered = 2
        self.env.flush_all()
        script = Path(__file__).parents[1] / "migrations/19.0.2.0.0/post-migration.py"
        runpy.run_path(str(script))["migrate"](self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertEqual(self._periods(order).mapped("billing_state"), ["billed", "due", "planned"])
        self.assert_host_figures(line, 2, 1, 1500)
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 2, 2, 300))
        runpy.run_path(str(script))["migrate"](self.env.cr, None)

    # -- bad input and rights --------------------------------------------------------------

    def test_bad_terms_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "roll over for no period"):
            self._sow(
                self._retainer(psa_retainer_rollover="periods", psa_retainer_rollover_periods=0),
                confirm=False,
            )
        order = self._sow(self._retainer(psa_retainer_true_up="minimum"), confirm=False)
        self.assertIn("billed up to a minimum, which is 0", order._psa_confirmation_problem())
        order = self._sow(
            self._retainer(psa_retainer_true_up="refund", psa_retainer_open_ended=True), confirm=False
        )
        self.assertIn("Order a number of periods", order._psa_confirmation_problem())

    def test_nobody_writes_periods_and_only_billing_managers_close_them(self):
        period = self._periods(self._sow(self._retainer()))[0]
        project_manager = self._user("pm", "psa_project.group_psa_project_manager")
        self.assertEqual(period.with_user(project_manager).amount, 1500)
        with self.assertRaises(AccessError):
            period.with_user(project_manager).action_close()
        with self.assertRaises(AccessError):
            period.write({"used": 3})
        with self.assertRaises(AccessError):
            period.with_user(self.ann.user_id).read(["amount"])

    def test_terms_of_a_signed_retainer_change_by_change_order_only(self):
        line = self._sow(self._retainer()).order_line
        seller = self._user("seller", "sales_team.group_sale_salesman_all_leads")
        with self.assertRaisesRegex(UserError, "agree on a change order"):
            line.with_user(seller).psa_retainer_rollover = "end"
