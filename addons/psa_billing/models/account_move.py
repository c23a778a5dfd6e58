from odoo import fields, models
from odoo.exceptions import UserError

from .rights import REVIEWER_GROUPS


class AccountMove(models.Model):
    _inherit = "account.move"

    psa_proposal_ids = fields.One2many(
        "psa.billing.proposal",
        "invoice_id",
        string="Proposals",
        readonly=True,
        groups=REVIEWER_GROUPS,
    )

    def _psa_post_origin(self):
        """The note that the host leaves on an invoice made from an order."""
        bodies = {}
        for move in self:
            values = {"self": move, "origin": move.line_ids.sale_line_ids.order_id}
            bodies |= self.env["mail.render.mixin"]._render_template_qweb_view(
                "mail.message_origin_link", move._name, move.ids, add_context=values
            )
        self._message_log_batch(bodies=bodies)

    def _psa_billed_lines(self):
        # sudo: whoever may change an invoice changes what it bills, without rights on proposals
        return self.sudo().line_ids.filtered("psa_proposal_line_id")

    def _psa_proposals(self):
        # sudo: see _psa_billed_lines
        return self.env["psa.billing.proposal"].sudo().search([("invoice_id", "in", self.ids)])

    def button_cancel(self):
        billed = self._psa_billed_lines()
        result = super().button_cancel()
        cancelled = billed.filtered(lambda line: line.move_id.state == "cancel")
        if cancelled:
            cancelled.move_id._psa_proposals().write({"state": "cancelled"})
            cancelled._psa_free_work()
        return result

    def button_draft(self):
        """:raises UserError: where the work that the invoice billed, or the credit note freed, has gone on"""
        for move in self:
            if move.state == "cancel" and move._psa_billed_lines():
                raise UserError(
                    self.env._(
                        "The time that %s billed was freed when it was cancelled. Make the proposals of the "
                        "period again instead of using this invoice.",
                        move.display_name,
                    )
                )
            if (
                move.state == "posted"
                and move.move_type == "out_refund"
                and move.reversed_entry_id._psa_billed_lines()
            ):
                raise UserError(
                    self.env._(
                        "The credit note %s freed the time that it credits, which may "
                        "be billed again by now. "
                        "Bill it by a new proposal instead of taking the credit back.",
                        move.display_name,
                    )
                )
        return super().button_draft()

    def unlink(self):
        if not self:  # the host calls it with nothing at each write of a line
            return super().unlink()
        proposals = self._psa_proposals()  # found by the link that goes with the invoice
        result = super().unlink()
        proposals.write({"state": "cancelled"})
        return result

    def write(self, vals):
        if vals.get("state") == "posted" and self._psa_is_settled():
            # Nothing that the lines of taxes and terms follow from changes by the state.
            return super(AccountMove, self.with_context(skip_invoice_sync=True)).write(vals)
        return super().write(vals)

    def _psa_is_settled(self):
        """Whether all these are draft invoices of proposals, with their date."""
        if any(
            move.state != "draft" or move.move_type != "out_invoice" or not move.invoice_date for move in self
        ):
            return False
        return not self - self._psa_proposals().invoice_id

    def _post(self, soft=True):
        entries = self._psa_billed_entries()
        computed = [field for field in entries._fields.values() if field.compute and field.store]
        # The state of an invoice changes nothing on approved time, but the host computes each entry anew.
        with self.env.protecting(computed, entries):
            posted = self._psa_post_batch(lambda moves: super()._post(soft))
        credit_notes = posted.filtered(lambda move: move.move_type == "out_refund" and move.reversed_entry_id)
        credited = credit_notes.reversed_entry_id._psa_credited_lines()
        if credited:
            moves = credited.move_id
            credited._psa_free_work()
            gone = moves.filtered(lambda move: not move._psa_billed_work())
            gone._psa_proposals().write({"state": "cancelled"})
        return posted

    def _psa_billed_entries(self):
        """The time that invoices of proposals bill."""
        # sudo: see _psa_billed_lines
        proposals = self._psa_proposals()
        domain = [("timesheet_invoice_id", "in", proposals.invoice_id.ids)]
        return self.env["account.analytic.line"].sudo().search(domain, order="id")

    def _psa_billed_work(self):
        # sudo: see _psa_billed_lines
        return self.env["psa.wip.entry"].sudo().search([("invoice_line_id", "in", self.line_ids.ids)])

    def _psa_credited_lines(self):
        """The lines of these invoices of which posted credit notes take back all."""
        billed = self._psa_billed_lines()
        if not billed:
            return billed
        # sudo: see _psa_billed_lines
        refunds = self.sudo().reversal_move_ids.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_refund"
        )
        return billed.filtered(
            lambda line: (
                line.currency_id.compare_amounts(
                    sum(
                        refunds.filtered(lambda move: move.reversed_entry_id == line.move_id)
                        .invoice_line_ids.filtered(lambda credit: credit.sale_line_ids == line.sale_line_ids)
                        .mapped("price_subtotal")
                    ),
                    line.price_subtotal,
                )
                >= 0
            )
        )

    def action_post(self):
        result = super().action_post()
        # The host unlinks all time of the SOLs on a credit note, also where it credits a part only.
        credit_notes = self.filtered(lambda move: move.move_type == "out_refund" and move.reversed_entry_id)
        if work := credit_notes.reversed_entry_id._psa_billed_work():
            work._psa_sync_invoice_of(work.analytic_line_id)
        return result
