from odoo import models

from .psa_billing_proposal import PENDING_STATES


class PsaSuccessFee(models.Model):
    _inherit = "psa.success.fee"

    def _psa_withdrawal_problem(self):
        """Nor is an approval taken back while the fee waits on a proposal, also as a held line."""
        problem = super()._psa_withdrawal_problem()
        if problem:
            return problem
        # sudo: that the fee is proposed counts also for who sees no proposals
        proposed = (
            self.env["psa.billing.proposal.line"]
            .sudo()
            .search(
                [
                    ("sale_line_id", "=", self.sale_line_id.id),
                    ("proposal_state", "in", (*PENDING_STATES, "closed")),
                ],
                limit=1,
            )
        )
        if not proposed:
            return None
        return self.env._(
            "The success fee %(fee)s of %(order)s is about to be billed: %(amount)s on the proposal "
            "%(proposal)s. Cancel that proposal first, then withdraw the approval.",
            fee=self.display_name,
            order=self.order_id.name,
            amount=self.currency_id.format(proposed.amount),
            proposal=proposed.proposal_id.display_name,
        )
