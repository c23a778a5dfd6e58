from odoo import api, fields, models
from odoo.exceptions import UserError

from .rights import check_billing_manager

#: Proposals that are still worked on.
EDITABLE_STATES = ("draft", "reviewed")
#: Proposals whose work waits for an invoice.
PENDING_STATES = (*EDITABLE_STATES, "approved")
#: Proposals that have settled the days until which they were made.
SETTLED_STATES = ("invoiced", "closed")


class PsaBillingProposal(models.Model):
    _name = "psa.billing.proposal"
    _description = "Billing Proposal"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    # whoever reviews a proposal comments on it, without the right to write it
    _mail_post_access = "read"

    run_id = fields.Many2one("psa.billing.run", required=True, readonly=True, index=True, ondelete="restrict")
    order_id = fields.Many2one(
        "sale.order", string="SOW", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="order_id.partner_id", string="Client", store=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id", store=True)
    date_from = fields.Date(related="run_id.date_from")
    date_to = fields.Date(related="run_id.date_to")
    line_ids = fields.One2many("psa.billing.proposal.line", "proposal_id", string="Lines", readonly=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("reviewed", "Reviewed"),
            ("approved", "Approved"),
            ("invoiced", "Invoiced"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    order_message = fields.Text(readonly=True, copy=False)
    message = fields.Text(
        string="To Solve",
        compute="_compute_message",
        store=True,
        help="What keeps the proposal from approval.",
    )
    worked_amount = fields.Monetary(string="Worked", compute="_compute_amounts", store=True)
    adjustment_amount = fields.Monetary(
        string="Adjustment",
        compute="_compute_amounts",
        store=True,
        help="What is billed less what was worked: what a review took off or put on, and what rounding does, "
        "as where a cap is billed to the cent.",
    )
    amount = fields.Monetary(
        string="To Bill", compute="_compute_amounts", store=True, help="Without taxes, without held lines."
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)
    invoice_id = fields.Many2one("account.move", readonly=True, copy=False, index="btree_not_null")

    @api.depends("order_id.name", "run_id.name")
    def _compute_display_name(self):
        for proposal in self:
            proposal.display_name = f"{proposal.order_id.name}, {proposal.run_id.name}"

    @api.depends("order_message", "line_ids.message", "line_ids.is_held")
    def _compute_message(self):
        for proposal in self:
            messages = [proposal.order_message]
            messages += proposal.line_ids.filtered(lambda line: not line.is_held).mapped("message")
            proposal.message = "\n".join(message for message in messages if message) or False

    @api.depends("line_ids.worked_amount", "line_ids.amount", "line_ids.is_held")
    def _compute_amounts(self):
        for proposal in self:
            lines = proposal.line_ids.filtered(lambda line: not line.is_held)
            proposal.worked_amount = sum(lines.mapped("worked_amount"))
            proposal.amount = sum(lines.mapped("amount"))
            proposal.adjustment_amount = proposal.amount - proposal.worked_amount

    # -- what a button calls ---------------------------------------------------------------

    def action_approve(self):
        """Approve proposals for invoicing.

        What is over the user's limit is not approved: somebody with the limit is asked, by an activity.

        :raises AccessError: for users who are no billing managers
        :raises UserError: where something is to be solved first, or somebody else was faster
        :return: None, or the action that says who was asked
        """
        check_billing_manager(self)
        proposals = self._psa_locked()
        proposals.mapped("line_ids.is_held")  # read at once
        for proposal in proposals:
            proposal._check_approvable()
        proposals._check_work_unchanged()
        proposals._check_fixed_due()
        proposals._check_sound()
        over = proposals._psa_over_limit()
        approved = proposals - over
        approved.write(
            {"state": "approved", "approved_by_id": self.env.uid, "approved_on": fields.Datetime.now()}
        )
        approved._psa_log_step()
        return over._psa_ask_approval() if over else None

    def action_reset(self):
        """Take reviewed, approved and closed proposals back to draft."""
        check_billing_manager(self)
        proposals = self._psa_locked()
        proposals._check_state("reviewed", "approved", "closed")
        proposals.write(
            {
                "state": "draft",
                "reviewed_by_id": False,
                "reviewed_on": False,
                "approved_by_id": False,
                "approved_on": False,
            }
        )
        proposals._psa_give_back_anew()
        proposals._psa_log_step()

    def action_cancel(self):
        """Cancel proposals that are not invoiced; their work waits for the next run as it was rated.

        :raises UserError: on invoiced proposals, or where others have used what these took off under a cap,
            by a correction, a change order or a line that the review added
        """
        check_billing_manager(self)
        proposals = self._psa_locked()
        proposals._check_state(*PENDING_STATES, "closed")
        on_lines = [("proposal_line_id", "in", proposals.line_ids.ids)]
        wip = self.env["psa.wip.entry"].sudo()  # sudo: as the proposals are
        proposed = wip.search([*on_lines, ("state", "=", "proposed")])
        taking_off = proposed._psa_corrections_under_caps() | proposals.line_ids._psa_deducts_under_caps()
        with taking_off._psa_keeping_caps():
            proposals.write({"state": "cancelled"})
            wip.search([*on_lines, ("state", "=", "held")]).write({"proposal_line_id": False})
            proposed._psa_free()
            proposals.line_ids._psa_undo_written_off()
            proposals.line_ids._psa_undo_fixed_adjustments()
            proposals.line_ids.sale_line_id._psa_agreement_cap_changed()
        proposals._psa_log_step()

    def action_create_invoice(self):
        """Make a native draft invoice of each of these approved proposals and open them.

        :raises UserError: where a proposal is not approved, or was invoiced by somebody else just now
        """
        check_billing_manager(self)
        proposals = self._psa_locked()
        proposals._check_state("approved")
        moves = proposals._psa_create_invoices()
        proposals._psa_log_step()
        # sudo is left behind: what the user sees of the invoices are the user's own rights.
        return self.order_id.action_view_invoice(invoices=self.env["account.move"].browse(moves.ids))

    def action_make_again(self):
        """Look again at what could not be billed and add what has been approved since."""
        check_billing_manager(self)
        self._check_state("draft")
        self.run_id.action_make_proposals()

    def action_view_wip(self):
        """The work on the proposal, entry by entry."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_wip_entry_action")
        name = self.env._("Work on %s", self.display_name) if len(self) == 1 else action["name"]
        return {
            **action,
            "name": name,
            "display_name": name,  # goes before the name
            "domain": [("proposal_line_id", "in", self.line_ids.ids), ("adjusts_wip_id", "=", False)],
            "context": {"psa_review": True},
            "views": [
                (self.env.ref("psa_billing.psa_wip_entry_view_list_review").id, "list"),
                (False, "kanban"),
                (False, "form"),
                (False, "pivot"),
            ],
        }

    # -- rules -----------------------------------------------------------------------------

    def _psa_locked(self):
        """These proposals in sudo, locked until the end of the transaction and read afresh.

        :raises UserError: where another transaction works on one of them
        """
        # sudo: proposals are written by their buttons only, and the right to press them was checked
        # Read together from now on, also where a run found them one by one.
        proposals = self.sudo().with_prefetch()
        proposals.flush_recordset()
        if len(proposals.try_lock_for_update(allow_referencing=True)) < len(proposals):
            raise UserError(
                self.env._(
                    "Somebody else works on this proposal at this moment. Reload the page and look again."
                )
            )
        proposals.invalidate_recordset()
        return proposals

    def _check_state(self, *states):
        wrong = self.filtered(lambda proposal: proposal.state not in states)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            told = {"proposal": wrong[0].display_name, "state": labels[wrong[0].state].lower()}
            if wrong[0].state in EDITABLE_STATES and not {*EDITABLE_STATES} & {*states}:
                message = self.env._("The proposal %(proposal)s is %(state)s: approve it first.", **told)
            else:
                message = self.env._("The proposal %(proposal)s is %(state)s already.", **told)
            if wrong[0].state == "invoiced":
                message += " " + self.env._(
                    "Delete its draft invoice or credit the posted one to free the work."
                )
            if wrong[0].state == "closed":
                message += " " + self.env._("Take it back to draft to change what it bills.")
            raise UserError(message)

    def _check_approvable(self):
        self.ensure_one()
        self._check_state(*EDITABLE_STATES)
        self._psa_check_reviewed()
        self._psa_check_solved()
        lines = self.line_ids.filtered(lambda line: not line.is_held)
        if not lines:
            raise UserError(
                self.env._(
                    "The proposal %s has no line to bill: release a held line or cancel it.",
                    self.display_name,
                )
            )
        # lines that come to nothing only together make an invoice of nothing, which shows the client each
        if all(map(self.currency_id.is_zero, lines.mapped("amount"))):
            raise UserError(self._psa_nothing_message())

    def _psa_nothing_message(self):
        self.ensure_one()
        if self.can_close:
            return self.env._(
                "The proposal %s comes to nothing that can be invoiced or credited: close it without "
                "invoice. What was agreed for nothing can be held instead: it goes on the next invoice.",
                self.display_name,
            )
        return self.env._(
            "The proposal %s comes to nothing that can be invoiced or credited. Hold its work until there is "
            "more, or write it off and close it without invoice.",
            self.display_name,
        )

    def _psa_set_message(self, message):
        for proposal in self:
            if (proposal.order_message or False) != (message or False):
                proposal.order_message = message or False

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """:raises UserError: always: a proposal is cancelled, not deleted"""
        raise UserError(self.env._("Proposals are kept as the record of billing. Cancel them instead."))
