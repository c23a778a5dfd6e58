"""Runs until a day to come, or of one client, on 10 March: what they leave of retainers."""

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestRetainerAhead(PsaRetainerCase):
    """Four months from March on, ten hours for 1,500.00 each; what is unused at the end is paid back."""

    def _sold(self):
        return self._sow(self._retainer(quantity=4, psa_retainer_true_up="refund"))

    def _run_ahead(self, **values):
        run = self._run(False, "2026-12-31", only_due=True, **values)
        run.action_make_proposals()
        return run.proposal_ids

    def _index(self, order):
        """5 % more from May on."""
        wizard = self.env["psa.retainer.indexation"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        wizard.create({"percent": 5, "date": "2026-05-01"}).action_apply()

    def _amounts(self, order):
        return self._periods(order).mapped("amount")

    def _states(self, order):
        return self._periods(order).mapped("billing_state")

    def test_a_run_of_one_client_leaves_the_retainers_of_others(self):
        order = self._sold()
        other = self.env["res.partner"].create({"name": "Other Ltd"})
        worked = self._sow(self._line(self.architect), partner_id=other.id)
        self._work(worked.order_line, 5)
        proposal = self._run_ahead(partner_ids=[Command.set(other.ids)])
        self.assertEqual((proposal.order_id, proposal.amount), (worked, 750))
        self.assertEqual(len(order.order_line), 1)  # nothing is paid back of months that are to come
        self.assertEqual(self._states(order), ["due", "planned", "planned", "planned"])
        self.assertFalse(any(self._periods(order).mapped("is_closed")))
        self._index(order)
        self.assertEqual(self._amounts(order), [1500, 1500, 1575, 1575])
        self.assertEqual(self._propose(False).filtered(lambda one: one.order_id == order).amount, 1500)

    def test_a_retainer_is_not_settled_before_it_has_ended(self):
        order = self._sold()
        proposal = self._run_ahead()
        # all months at once, and nothing of them is paid back as if it was unused
        self.assertEqual((proposal.amount, len(order.order_line)), (6000, 1))
        self.assertFalse(any(self._periods(order).mapped("is_closed")))
        with freeze_time("2026-07-01"):
            self._propose(False, "2026-06-30")
            self.assertEqual(order.order_line[1:].mapped("price_subtotal"), [-1500])

    def test_months_of_a_cancelled_proposal_are_not_due_before_their_day(self):
        order = self._sold()
        proposal = self._run_ahead()
        self.assertEqual(order.order_line.qty_delivered, 4)
        proposal.action_cancel()
        self.assertEqual(self._states(order), ["due", "planned", "planned", "planned"])
        self.assertEqual(order.order_line.qty_delivered, 1)
        self._index(order)
        self.assertEqual(self._amounts(order), [1500, 1500, 1575, 1575])

    def test_months_that_cannot_be_billed_are_not_due_before_their_day(self):
        order = self._sold()
        self.client.active = False
        self.assertIn("is archived", self._run_ahead().message)
        with self.enter_registry_test_mode():
            self.env.ref("psa_billing.psa_retainer_cron").method_direct_trigger()
        self.assertEqual(self._states(order), ["due", "planned", "planned", "planned"])
        self.assertEqual(order.order_line.qty_delivered, 1)

    def test_the_dialog_of_a_statement_of_work_bills_the_month_that_has_come(self):
        order = self._sold()
        wizard = self.env["sale.advance.payment.inv"].with_context(active_ids=order.ids).create({})
        proposals = self.env["psa.billing.proposal"].search(wizard.create_invoices()["domain"])
        self.assertEqual(proposals.amount, 1500)
        self.assertEqual(order.order_line.qty_delivered, 1)
