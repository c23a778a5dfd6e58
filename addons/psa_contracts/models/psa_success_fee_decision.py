"""A success fee is claimed, and approved, rejected or taken back by somebody else."""

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .lock import touch


class PsaSuccessFee(models.Model):
    _inherit = "psa.success.fee"

    def action_claim(self):
        """Put the recorded result before those who approve."""
        for fee in self:
            fee.check_access("write")
            fee._psa_require_state("agreed", "rejected")
            fee._psa_require_signed()
            if not fee.result_date or not fee.evidence_ids:
                raise UserError(
                    self.env._(
                        "The success fee %(fee)s of %(order)s has no recorded result. Fill in the result, "
                        "its date and the evidence, then claim it.",
                        fee=fee.display_name,
                        order=fee.order_id.name,
                    )
                )
        # sudo: the access was checked above; state and claimant are written by this button only
        self.sudo().write(
            {
                "state": "claimed",
                "claimed_by_id": self.env.uid,
                "claimed_date": fields.Datetime.now(),
                "decided_by_id": False,
                "decided_date": False,
            }
        )

    def action_approve(self):
        """The fee is owed: its line is delivered at the price of the fee.

        :raises AccessError: for who is no sales manager, or claimed the fee
        """
        self._psa_check_decider()
        for fee in self:
            fee._psa_require_state("claimed")
            fee._psa_require_signed()
            amount = fee.fee_amount
            fee._psa_decide("approved", signed_price=fee.sale_line_id.price_unit)
            fee._psa_set_price(amount)

    def action_reject(self):
        """The claim does not hold; the result can be corrected and claimed again.

        :raises AccessError: for who is no sales manager, or claimed the fee
        """
        self._psa_check_decider()
        for fee in self:
            fee._psa_require_state("claimed")
            fee._psa_decide("rejected")

    def action_withdraw(self):
        """Take an approval back, as long as nothing of it stands on an invoice.

        :raises UserError: with the amount and the way out once the fee is invoiced
        """
        self._psa_check_decider()
        for fee in self:
            fee._psa_require_state("approved")
            problem = fee._psa_withdrawal_problem()
            if problem:
                raise UserError(problem)
            fee._psa_set_price(fee.signed_price)
            fee._psa_decide("claimed", signed_price=0)

    def _psa_withdrawal_problem(self):
        """What keeps this approval from being taken back, in words; None if nothing does."""
        self.ensure_one()
        # sudo: that the fee is invoiced counts also for who does not see the invoice
        line = self.sale_line_id.sudo()
        if not line._psa_quantity_billed():
            return None
        invoices = line.invoice_lines.move_id.filtered(lambda move: move.state != "cancel")
        return self.env._(
            "The success fee %(fee)s of %(order)s is invoiced: %(amount)s on %(invoices)s. Delete the "
            "draft or credit the invoice first, then withdraw the approval.",
            fee=self.display_name,
            order=self.order_id.name,
            amount=self.currency_id.format(self.fee_amount),
            invoices=", ".join(move.name or self.env._("a draft invoice") for move in invoices),
        )

    def _psa_require_state(self, *states):
        # who takes it off, cancels its SOW or bills it at the same moment is run again
        touch(self.sudo().order_id._psa_sow())  # sudo: whoever claims; the row stays as it is
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "The success fee %(fee)s of %(order)s is %(state)s. Load the page again and see what "
                    "is left to do.",
                    fee=self.display_name,
                    order=self.order_id.name,
                    state=labels[self.state].lower(),
                )
            )

    def _psa_check_decider(self):
        if self.env.su:
            return
        self.check_access("write")
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(self.env._("Success fees are approved and rejected by sales managers."))
        own = self.filtered(lambda fee: fee.claimed_by_id == self.env.user)
        if own:
            raise AccessError(
                self.env._(
                    "You claimed the success fee %(fee)s of %(order)s yourself. Ask another sales manager.",
                    fee=own[0].display_name,
                    order=own[0].order_id.name,
                )
            )

    def _psa_decide(self, state, **values):
        # sudo: who may decide was checked; state and decider are written by the buttons only
        self.sudo().write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_date": fields.Datetime.now(),
                **values,
            }
        )

    def _psa_set_price(self, amount):
        # sudo: the price of the line follows from the approved fee, also on a locked order
        line = self.sale_line_id.sudo().with_context(psa_success_fee=True)
        line.write({"price_unit": amount, "technical_price_unit": amount})
