"""What happens between a proposal and its approval."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestChangedProposals(PsaBillingCase):
    def test_a_correction_goes_on_the_proposal_or_is_credited(self):
        line = self._sow().order_line
        self._work(line, 2)
        run = self._run()
        run.action_make_proposals()
        self._work(line, -0.5, "2026-03-03")
        # nothing that was not looked at slips in: it is on the proposal after the run is made again
        self.assertEqual(run.proposal_ids.amount, 300)
        run.action_make_proposals()
        self.assertEqual((len(run.proposal_ids), run.proposal_ids.amount), (1, 225))  # 1.5 h × 150.00
        run.proposal_ids.action_approve()
        # once it is approved, a correction has a credit of its own
        late = self._work(line, -0.25, "2026-03-04")
        run.proposal_ids.action_create_invoice()
        self.assertEqual(run.proposal_ids.invoice_id.amount_untaxed, 225)
        self.assert_wip(late, ("open", -0.25, -0.25, -37.5))
        credit = self._invoice(self._propose())
        self.assertEqual((credit.move_type, credit.amount_untaxed), ("out_refund", 37.5))

    def test_payers_agreed_after_the_proposal_are_noticed_and_pay_their_shares(self):
        order = self._sow()
        self._work(order.order_line, 4)
        proposal = self._propose()
        fund = self.env["res.partner"].create({"name": "Fund"})
        order.sudo().psa_payer_ids = [
            Command.create({"partner_id": payer.id, "share": share, "sequence": number})
            for number, (payer, share) in enumerate(((self.client, 25), (fund, 75)))
        ]
        with self.assertRaisesRegex(
            UserError, "has changed since the proposal .*Paying Clients.*Prepare Again"
        ):
            proposal.action_approve()
        proposal.action_make_again()
        self._invoice(proposal)
        # 600.00 in quarters
        self.assertEqual(
            {move.psa_payer_id: move.amount_untaxed for move in proposal.invoice_ids},
            {self.client: 150, fund: 450},
        )
