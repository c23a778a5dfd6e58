"""What keeps lines of draft invoices from being deleted or cancelled: credit notes on them, and what was
billed together with them."""

from odoo import models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _psa_free_work(self):
        """:raises UserError: where a credit note took back a part of one of these lines: what it gave back is
        billed again, and the client would be owed it once more"""
        # sudo: see super
        notes = self.sudo()._psa_posted_credits()
        if notes:
            raise UserError(
                self.env._(
                    "“%(line)s” of %(invoice)s was credited, as a whole or in part, by %(notes)s, and is "
                    "billed again: without the invoice the client would get that for nothing. Post the "
                    "invoice again, then credit the rest of it.",
                    line=(notes[0].psa_credits_line_id.name or "").split("\n")[0],
                    invoice=notes[0].psa_credits_line_id.move_id.display_name,
                    notes=", ".join(notes.move_id.mapped("display_name")),
                )
            )
        return super()._psa_free_work()

    def _psa_check_deleted_together(self):
        """:raises UserError: where a line goes without its adjustment, or the other way round: what the work
        is worth would not be what the client pays"""
        billed = self.move_id._psa_billed_lines()
        billed = billed.filtered(lambda line: line.psa_proposal_line_id in self.psa_proposal_line_id)
        for parts in billed.grouped(lambda line: (line.move_id, line.psa_proposal_line_id)).values():
            adjustments = parts.filtered("sale_line_ids.psa_adjusts_line_id")
            main = parts - adjustments
            if main and adjustments and bool(main - self) != bool(adjustments - self):
                left = (main - self) or (adjustments - self)
                raise UserError(
                    self.env._(
                        "%(line)s and its adjustment were billed together on %(invoice)s: delete also "
                        "“%(left)s”, or the whole draft, then make the proposal again and adjust it there.",
                        line=main[0].sale_line_ids.display_name,
                        invoice=main[0].move_id.display_name,
                        left=(left[0].name or "").split("\n")[0],
                    )
                )
