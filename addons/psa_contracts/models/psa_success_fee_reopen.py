"""Success fees of a SOW that is not signed, or was cancelled and is written anew."""

from odoo import models
from odoo.exceptions import UserError


class PsaSuccessFee(models.Model):
    _inherit = "psa.success.fee"

    def _psa_require_signed(self):
        if self.order_id.state != "sale":
            raise UserError(
                self.env._(
                    "%s is not signed: there is nothing to claim on it yet. Confirm it first.",
                    self.order_id.name,
                )
            )

        # sudo: what a change order took off counts, whoever claims
        line = self.sudo().sale_line_id
        if line._psa_is_declined():
            raise UserError(
                self.env._(
                    "The success fee %(fee)s of %(order)s is an option that the client did not take: nothing "
                    "is owed of it. A change order sells it anew.",
                    fee=self.display_name,
                    order=self.order_id.name,
                )
            )
        members = line._psa_group_members()[line._psa_group_head()]
        if line.psa_amends_line_id or sum(members.mapped("product_uom_qty")) <= 0:
            raise UserError(
                self.env._(
                    "The success fee %(fee)s was taken off %(order)s by %(changes)s: nothing is owed of it.",
                    fee=self.display_name,
                    order=self.order_id._psa_sow().name,
                    changes=", ".join((members.order_id - line.order_id).mapped("name")),
                )
            )

    def _psa_reopen(self):
        """These fees, whose SOW is written anew, are agreed and not claimed yet: the estimate stands on the
        line again, and what was recorded stays. What is billed of a fee stays approved."""
        for fee in self.filtered(lambda fee: fee.state != "agreed"):
            if fee.state == "approved":
                if fee._psa_withdrawal_problem():
                    continue
                fee._psa_set_price(fee.signed_price)
            fee.write(
                {
                    "state": "agreed",
                    "signed_price": 0.0,
                    "claimed_by_id": False,
                    "claimed_date": False,
                    "decided_by_id": False,
                    "decided_date": False,
                }
            )
