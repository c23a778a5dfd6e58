"""Fixed prices that are held on a proposal wait for the next run once it is invoiced or closed."""

from odoo import Command
from odoo.tests import tagged

from .test_caps_used_between import UsedBetweenCase


@tagged("post_install", "-at_install")
class TestHeldFixedPrices(UsedBetweenCase):
    """1,000.00, in instalments of 600.00 in March and 400.00 in May or at once, beside an hour at 100.00."""

    def _held(self, planned, taken_off=0):
        """(proposal of March, its held line)"""
        order = self._sow(
            self._line(self.architect, 1, "fixed", price_unit=1000), self._line(self.developer), confirm=False
        )
        fixed, hours = order.order_line
        if planned:
            order.psa_instalment_ids = [
                Command.create(self._part(fixed, number, percent, day))
                for number, (percent, day) in enumerate(((60, "2026-03-10"), (40, "2026-05-10")))
            ]
        order.sudo().action_confirm()
        self._work(hours, 1)
        proposal = self._propose().filtered(lambda one: one.order_id == order)
        line = proposal.line_ids.filtered(lambda one: one.sale_line_id == fixed)
        if taken_off:
            line.sudo()._psa_bill_amount(line.amount - taken_off, self.goodwill)
        line.action_hold()
        return proposal, line

    def _close(self, proposal, held):
        (proposal.line_ids - held).sudo()._psa_write_off(self.goodwill)
        proposal.action_close()

    def test_a_held_instalment_of_a_closed_proposal_is_billed_by_the_next_run(self):
        for planned, amount in ((True, 600), (False, 1000)):
            with self.subTest(planned=planned):
                proposal, held = self._held(planned)
                self._close(proposal, held)
                again = self._april(proposal.order_id)
                self.assertEqual(again.amount, amount)
                self._invoice(again, post=True)
                # back on the draft it is not billed a second time
                proposal.action_reset()
                held.action_release()
                self.assert_refused(proposal.action_approve, "not due any more as it was proposed")

    def test_what_a_review_took_off_does_not_stay_with_what_it_did_not_bill(self):
        """100.00 are taken off, then the line is held and the rest of the proposal invoiced or closed: the
        next run bills all of it."""
        for settle in ("invoice", "close"):
            for planned, amount in ((True, 600), (False, 1000)):
                with self.subTest(settle=settle, planned=planned):
                    proposal, held = self._held(planned, taken_off=100)
                    if settle == "invoice":
                        self._invoice(proposal, post=True)
                    else:
                        self._close(proposal, held)
                    decided = self.env["psa.adjustment"].search([("sale_line_id", "=", held.sale_line_id.id)])
                    self.assertEqual((decided.state, decided.amount), ("undone", -100))
                    again = self._april(proposal.order_id)
                    self.assertEqual(again.amount, amount)
                    self._invoice(again, post=True)
                    rest = self._propose(False, "2026-05-31").filtered(
                        lambda one, order=proposal.order_id: one.order_id == order
                    )
                    self.assertEqual(sum(rest.mapped("amount")), 1000 - amount)
