from odoo import models
from odoo.exceptions import UserError


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        """:raises UserError: where a copy of a proposal's invoice would bill its time beside the proposal"""
        if is_modify:
            for move in self.move_ids:
                if move._psa_billed_lines():
                    raise UserError(
                        self.env._(
                            "%s comes from a proposal. Reverse it without a new invoice, then make the "
                            "proposals of the period again: they bill the freed time.",
                            move.display_name,
                        )
                    )
        return super().reverse_moves(is_modify=is_modify)
