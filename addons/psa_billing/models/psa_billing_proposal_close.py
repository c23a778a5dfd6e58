"""A proposal that has nothing left to bill is closed without an invoice: what was written off stays so, and
time that its correction takes back, or that was agreed for nothing, is settled together with it."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .psa_billing_proposal import EDITABLE_STATES, SETTLED_STATES
from .rights import check_billing_manager

#: Why work is written off that a correction takes back.
CANCELLED_OUT = "psa_billing.reason_cancelled_out"
#: Why work is written off that was agreed for nothing.
FREE = "psa_billing.reason_free"


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    can_close = fields.Boolean(compute="_compute_can_close")

    @api.depends("state", "message", "adjustment_ids.state", "line_ids.amount", "line_ids.is_held")
    def _compute_can_close(self):
        for proposal in self:
            lines = proposal._psa_lines_to_bill()
            proposal.can_close = (
                proposal.state in EDITABLE_STATES
                and not proposal.message
                and bool(lines)
                and not any(lines.mapped("amount"))  # asked first: what follows reads all of the work
                and proposal._psa_has_to_settle(lines)
                and not lines._psa_with_money()
            )

    def _psa_has_to_settle(self, lines):
        """Whether closing the proposal settles something on its ``lines``."""
        return bool(self.adjustment_ids or lines._psa_cancelled_out() or lines._psa_for_nothing())

    def _psa_lines_to_bill(self):
        return self.line_ids.filtered(lambda line: not line.is_held)

    # -- what a button calls ---------------------------------------------------------------

    def action_close(self):
        """Close proposals of which nothing is left to bill: no invoice is made, the work stays written off,
        and time that its correction takes back, or that was agreed for nothing, is written off with it.

        :raises AccessError: for users who are no billing managers
        :raises UserError: where there is money left, something to solve, or nothing to settle
        """
        check_billing_manager(self)
        proposals = self._psa_locked()
        proposals._check_state(*EDITABLE_STATES)
        for proposal in proposals:
            proposal._psa_check_closable()
        proposals._check_work_unchanged()
        proposals._psa_write_off_cancelled_out()
        proposals._psa_write_off_free()
        proposals._psa_write_off_worthless()
        proposals.write(
            {"state": "closed", "approved_by_id": self.env.uid, "approved_on": fields.Datetime.now()}
        )
        proposals._psa_log_step()

    # -- rules -----------------------------------------------------------------------------

    def _psa_check_closable(self):
        """:raises UserError: where closing would lose something that can be billed"""
        self.ensure_one()
        self._psa_check_reviewed()
        self._psa_check_solved()
        lines = self._psa_lines_to_bill()
        if not (lines and self._psa_has_to_settle(lines)):
            raise UserError(
                self.env._(
                    "Nothing was written off on the proposal %s: cancel it, then its work waits for the next "
                    "billing run.",
                    self.display_name,
                )
            )
        money = lines._psa_with_money()
        if money:
            raise UserError(
                self.env._(
                    "%(line)s on the proposal %(proposal)s still bills %(amount)s. Approve and invoice the "
                    "proposal, or write off or hold what is left, then close it.",
                    line=money[0].label,
                    proposal=self.display_name,
                    amount=self.currency_id.format(money[0].amount),
                )
            )

    def _psa_write_off_cancelled_out(self):
        """Time and its correction, which come to nothing, wait no more."""
        self._psa_lines_to_bill()._psa_cancelled_out()._psa_write_off_proposed(CANCELLED_OUT)

    def _psa_write_off_free(self):
        """Work that was agreed for nothing waits no more for an invoice beside whose lines it would stand."""
        self._psa_lines_to_bill()._psa_for_nothing()._psa_write_off_proposed(FREE)

    def _psa_write_off_worthless(self):
        """Work that was adjusted down to no money is written off with what was taken off it; what never was
        worth anything, at a price, waits."""
        lines = self._psa_lines_to_bill()
        work = lines.wip_ids.filtered(lambda part: part.state == "proposed")
        adjusted = work.filtered("counterpart_ids")
        for part in adjusted:
            decision = part.counterpart_ids.adjustment_id[:1]
            part.write({"state": "written_off", "adjustment_id": decision.id})
        adjusted.adjustment_id._psa_settle()
        waiting = (work - adjusted)._psa_gather()
        waiting.write({"state": "open", "proposal_line_id": False})
        work._psa_adjusted(lines, more=False)

    def write(self, vals):
        """What host figures say is left to invoice follows from what was closed."""
        closed = self.filtered(lambda proposal: proposal.state == "closed")
        result = super().write(vals)
        if vals.get("state") in SETTLED_STATES:
            # what stays held waits for the next run as it was agreed: nothing is taken off it here any more
            self.line_ids.filtered("is_held")._psa_undo_fixed_adjustments()
        if vals.get("state") == "closed":
            closed = self
        if "state" in vals and closed:
            closed.line_ids.sale_line_id._psa_given_up_changed()
        return result
