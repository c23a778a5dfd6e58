from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError

from .account_move_line import ADAPTED
from .rights import REVIEWER_GROUPS


class AccountMove(models.Model):
    _inherit = "account.move"

    psa_proposal_id = fields.Many2one(
        "psa.billing.proposal",
        string="Proposal",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=REVIEWER_GROUPS,
    )
    psa_payer_id = fields.Many2one(
        "res.partner",
        string="Paying Client",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Pays a share of the statement of work; others have invoices of their own.",
    )

    psa_has_work = fields.Boolean(compute="_compute_psa_has_work")
    psa_credited_work_ids = fields.One2many(
        "psa.credited.work", "move_id", string="Credited Work", readonly=True, groups=REVIEWER_GROUPS
    )

    @api.depends("line_ids.psa_proposal_line_id")
    def _compute_psa_has_work(self):
        for move in self:
            move.psa_has_work = bool(move._psa_billed_lines())

    def action_psa_view_work(self):
        """The work that the invoice bills, entry by entry."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_wip_entry_action")
        return {**action, "domain": [("invoice_line_id.move_id", "in", self.ids)], "context": {}}

    def _psa_post_origin(self):
        """The note that the host leaves on an invoice made from an order."""
        bodies = {}
        for move in self:
            values = {"self": move, "origin": move.line_ids.sale_line_ids.order_id}
            bodies |= self.env["mail.render.mixin"]._render_template_qweb_view(
                "mail.message_origin_link", move._name, move.ids, add_context=values
            )
        self._message_log_batch(bodies=bodies)

    def _psa_credit_negative(self):
        """Draft invoices below zero become credit notes, as the host makes them of orders."""
        negative = self.filtered(lambda move: move.amount_total < 0)
        if negative:
            with self.env.protecting([self._fields["team_id"]], negative):
                negative.action_switch_move_type()
                for move in negative:
                    move.line_ids.sale_line_ids.order_id.invoice_ids._set_reversed_entry(move)

    def _psa_billed_lines(self):
        # sudo: whoever may change an invoice changes what it bills, without rights on proposals
        return self.sudo().line_ids.filtered("psa_proposal_line_id")

    def _psa_proposals(self):
        # sudo: see _psa_billed_lines
        return self.sudo().psa_proposal_id

    def button_cancel(self):
        """:raises UserError: where others have used what these gave back under a cap"""
        billed = self._psa_billed_lines()
        with self.invoice_line_ids._psa_gives_room_under_caps()._psa_keeping_caps():
            result = super().button_cancel()
            cancelled = billed.filtered(lambda line: line.move_id.state == "cancel")
            if cancelled:
                cancelled._psa_free_work()
                sale_lines = cancelled.move_id.invoice_line_ids.sale_line_ids
                sale_lines._psa_close_adjustments()
                sale_lines._psa_agreement_cap_changed()
                cancelled.move_id._psa_proposals()._psa_cancel_unbilled()
        return result

    def button_draft(self):
        """:raises UserError: where the work that the invoice billed, or the credit note freed, has gone on,
        or others have used what a credit note of a fixed price gave back under a cap"""
        for move in self:
            if move.state == "cancel" and move._psa_billed_lines():
                raise UserError(
                    self.env._(
                        "The time that %s billed was freed when it was cancelled. Make the proposals of the "
                        "period again instead of using this invoice.",
                        move.display_name,
                    )
                )
        self._psa_check_credits_stay()
        posted = self.filtered(lambda move: move.state == "posted")
        gave_room = posted.invoice_line_ids._psa_gives_room_under_caps()
        with gave_room._psa_keeping_caps():
            result = super().button_draft()
            gave_room._psa_recut_together()  # what nobody has proposed yet waits again
        return result

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """:raises UserError: where an invoice would bill what a credit note freed beside its next proposal"""
        self._psa_check_credits_stay()
        return super()._reverse_moves(default_values_list, cancel)

    def _psa_check_credits_stay(self):
        """:raises UserError: where one of these is a posted credit note that freed work"""
        notes = self._psa_crediting_lines().move_id.filtered(lambda move: move.state == "posted")
        if notes:
            raise UserError(
                self.env._(
                    "The credit note %s freed the time that it credits, which may be billed again by now. "
                    "Bill it by a new proposal instead of taking the credit back.",
                    notes[0].display_name,
                )
            )

    def action_switch_move_type(self):
        """:raises UserError: where the bill of a proposal would give its amount back, or its credit bill it
        once more; one below zero becomes a credit note"""
        for move in self.filtered(lambda move: move.amount_total >= 0):
            if proposal := move._psa_proposals():
                raise UserError(
                    self.env._(
                        "%(invoice)s bills the proposal %(proposal)s: as another kind of document it would "
                        "count the other way round. Delete it and bill the proposal again, or post it and "
                        "credit it.",
                        invoice=move.display_name,
                        proposal=proposal.display_name,
                    )
                )
            if bill := move.reversed_entry_id.filtered(lambda bill: bill._psa_proposals()):
                raise UserError(
                    self.env._(
                        "%(note)s credits %(invoice)s: as an invoice it would bill the same once more. "
                        "Delete it, and bill what is missing by a proposal.",
                        note=move.display_name,
                        invoice=bill.name,
                    )
                )
        return super().action_switch_move_type()

    def action_update_fpos_values(self):
        """Under another fiscal position prices with taxes follow these; the client pays the same net."""
        return super(AccountMove, self.with_context(psa_prices=ADAPTED)).action_update_fpos_values()

    def unlink(self):
        if not self:  # the host calls it with nothing at each write of a line
            return super().unlink()
        proposals = self._psa_proposals()  # found by the link that goes with the invoice
        result = super().unlink()
        proposals._psa_cancel_unbilled()
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
        # sudo: see _psa_billed_lines
        return all(move.psa_proposal_id for move in self.sudo())

    def _post(self, soft=True):
        self._psa_prepare_credits()
        with self._psa_time_aside():
            posted = self._psa_post_batch(lambda moves: super()._post(soft))
        posted.line_ids.mapped("move_name")  # stored together with the state of the lines
        posted._psa_settle_work()
        return posted

    @contextmanager
    def _psa_time_aside(self):
        """The state of an invoice of a proposal changes nothing on the approved time that it bills, but the
        host computes each entry anew, and its task and SOL: as long as this lasts it finds none."""
        billing = self.sudo().filtered("psa_proposal_id")  # sudo: see _psa_billed_lines
        field = self._fields["timesheet_ids"]
        field._update_cache(billing, ())
        try:
            yield
        finally:
            billing.invalidate_recordset(["timesheet_ids"], flush=False)

    def _psa_billed_work(self):
        # sudo: see _psa_billed_lines
        return self.env["psa.wip.entry"].sudo().search([("invoice_line_id", "in", self.line_ids.ids)])

    def action_post(self):
        result = super().action_post()
        # The host unlinks all time of the SOLs on a credit note, also where it credits a part only.
        credit_notes = self.filtered(lambda move: move.move_type == "out_refund" and move.reversed_entry_id)
        if work := credit_notes.reversed_entry_id._psa_billed_work():
            work._psa_sync_invoice_of(work.analytic_line_id)
        return result
