"""The SOWs of a proposal, and whether what it was made for still holds when it becomes an invoice."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.psa_contracts.models.sale_order_signed import field_labels

from .psa_billing_proposal import PENDING_STATES


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    order_ids = fields.Many2many(
        "sale.order",
        string="Statements of Work",
        compute="_compute_order_ids",
        store=True,
        precompute=True,
        help="The statements of work that this proposal bills together, as their agreement says.",
    )
    order_count = fields.Integer(compute="_compute_order_count")
    group_key = fields.Char(readonly=True, copy=False, help="What keeps the proposals of a run apart.")
    invoice_key = fields.Char(
        readonly=True, copy=False, help="Addresses, currency and terms that the proposal was made for."
    )
    period_start = fields.Date(
        string="Billed From",
        readonly=True,
        copy=False,
        help="First day of the work that was looked at. Empty: all until the last day.",
    )
    period_end = fields.Date(
        string="Billed Until", readonly=True, copy=False, help="Last day of the work that was looked at."
    )
    late_amount = fields.Monetary(
        string="Late",
        compute="_compute_late_amount",
        help="Work of days that an earlier run had billed of the statement of work already: it was approved, "
        "released or freed after that.",
    )

    change_message = fields.Text(
        string="Changed Since",
        compute="_compute_change_message",
        help="What does not hold any more of what the proposal was made for.",
    )

    _one_draft_a_sow = models.UniqueIndex(
        "(run_id, group_key) WHERE state = 'draft'",
        "A billing run has one draft proposal for what goes on one invoice.",
    )

    @api.depends("order_id", "line_ids.sale_line_id.order_id.psa_parent_id")
    def _compute_order_ids(self):
        for proposal in self:
            proposal.order_ids = proposal.order_id | proposal.line_ids.sale_line_id.order_id._psa_sow()

    @api.depends("order_ids")
    def _compute_order_count(self):
        for proposal in self:
            proposal.order_count = len(proposal.order_ids)

    @api.depends("order_ids", "run_id.date_to", "state")
    def _compute_display_name(self):  # pylint: disable=missing-return  # a compute without a value
        super()._compute_display_name()
        for proposal in self:
            if len(proposal.order_ids) > 1:
                proposal.display_name = self.env._(
                    "%(order)s and %(count)s more, %(run)s",
                    order=proposal.order_id.name,
                    count=len(proposal.order_ids) - 1,
                    run=proposal.run_id.name,
                )

    def _psa_last_day(self):
        """The last day of the work that this proposal was made for, inclusive."""
        self.ensure_one()
        return self.period_end or self.run_id.date_to

    @api.depends("line_ids.amount", "run_id.date_to")
    def _compute_late_amount(self):
        late = self._psa_late_amounts()
        for proposal in self:
            proposal.late_amount = late.get(proposal.id, 0.0)

    @api.depends("state", "order_ids.state", "group_key", "invoice_key")
    def _compute_change_message(self):
        for proposal in self:
            # sudo: as for who approves it; what changed is told to whoever sees the proposal
            pending = proposal.sudo().filtered(lambda one: one.state in PENDING_STATES)
            proposal.change_message = "\n".join(pending._psa_changes() if pending else ()) or False

    def _psa_late_amounts(self):
        """``{proposal id: net amount of its work of days that an earlier run had billed}``; one query."""
        self.env["psa.wip.entry"].flush_model()
        self.env["psa.billing.proposal"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT line.proposal_id, sum(wip.amount)
                      FROM psa_wip_entry wip
                      JOIN psa_billing_proposal_line line ON line.id = wip.proposal_line_id
                     WHERE line.proposal_id = ANY(%s) AND wip.state IN ('proposed', 'billed')
                       AND EXISTS (
                           SELECT 1
                             FROM psa_billing_proposal before
                             JOIN psa_billing_proposal_sale_order_rel rel
                               ON rel.psa_billing_proposal_id = before.id
                             JOIN psa_billing_run run ON run.id = before.run_id
                            WHERE before.state IN ('invoiced', 'closed') AND before.id < line.proposal_id
                              AND rel.sale_order_id = wip.order_id
                              AND COALESCE(before.period_end, run.date_to) >= wip.date
                              AND (before.period_start IS NULL OR before.period_start <= wip.date)
                       )
                  GROUP BY line.proposal_id
                    """,
                    self.ids,
                )
            )
        )

    # -- what has to hold ------------------------------------------------------------------

    def _check_approvable(self):  # pylint: disable=missing-return  # a check without a value
        super()._check_approvable()
        self._check_terms_unchanged()

    def _psa_create_invoices(self):
        """:raises UserError: where the client or the terms changed since, or the invoice date is locked"""
        for run, proposals in self.grouped("run_id").items():
            problem = run._psa_date_problem()
            if problem:
                message = f"{proposals[0].display_name}: {problem}"
                raise UserError(message)
            for proposal in proposals:
                proposal._check_terms_unchanged()
        self._check_sound()
        return super()._psa_create_invoices()

    def _check_terms_unchanged(self):
        """:raises UserError: where a SOW was cancelled, got another client, address, currency or terms since,
        or is to be billed together with others than before"""
        self.ensure_one()
        if change := next(self._psa_changes(), None):
            raise UserError(change)

    def _psa_changes(self):
        """What does not hold any more of what this proposal was made for, in words, and the way out."""
        yield from self._psa_changes_of_state()
        if self.invoice_key:  # else made before there were keys
            yield from self._psa_changes_of_terms()
        if self.group_key:
            yield from self._psa_changes_of_grouping()

    def _psa_changes_of_state(self):
        """Of a SOW that was cancelled since, or of a change order that this bills."""
        for order in self.order_ids.filtered(lambda order: order.state != "sale"):
            yield self.env._(
                "%(order)s is not confirmed any more: only confirmed statements of work are billed. "
                "Have it set to draft, signed and confirmed again, or cancel the proposal %(proposal)s; "
                "“Prepare Again” takes it off a proposal for several.",
                order=order.name,
                proposal=self.display_name,
            )
        for line in self.line_ids._psa_of_cancelled_changes().filtered(lambda line: not line.is_held):
            yield self.env._(
                "The change order %(order)s is not confirmed any more, but “%(line)s” of it is on the "
                "proposal %(proposal)s. Take the proposal back to draft if it is reviewed or approved, and "
                "press “Prepare Again”: it goes off the proposal.",
                order=line.sale_line_id.order_id.name,
                line=line.label,
                proposal=self.display_name,
            )

    def _psa_changes_of_terms(self):
        made_for = json.loads(self.invoice_key)
        for order in self.order_ids:
            now = json.loads(json.dumps(order._psa_invoice_key()))
            changed = {name for name, value in now.items() if made_for.get(name) != value}
            if changed:
                yield self.env._(
                    "%(order)s has changed since the proposal %(proposal)s was made: %(fields)s. Take "
                    "the proposal back to draft if it is reviewed or approved, and press “Prepare Again”: it "
                    "is made anew as the statement of work says now.",
                    order=order.name,
                    proposal=self.display_name,
                    fields=field_labels(order, changed),
                )

    def _psa_changes_of_grouping(self):
        """Where the agreement, or the purchase order number, puts SOWs on other invoices than before."""
        alone = self.group_key == self.order_id._psa_own_key()
        if alone and self.line_ids.filtered(lambda line: line.is_held and line.message):
            return  # what cannot be billed keeps it apart, whatever the agreement says
        # one that is not confirmed is kept apart, and told of already
        for order in self.order_ids.filtered(lambda order: order.state == "sale").sorted("id"):
            # a down payment since then is deducted from the work of its own SOW, also on this proposal
            if self.group_key != order._psa_agreed_key() and self.group_key != order._psa_group_key():
                yield self.env._(
                    "%(order)s goes on another invoice than when the proposal %(proposal)s was made: there "
                    "is one invoice per %(grouping)s now. Take the proposal back to draft if it is reviewed "
                    "or approved, and press “Prepare Again”: it is put together as agreed now.",
                    order=order.name,
                    proposal=self.display_name,
                    grouping=order._psa_grouping_label(),
                )

    def _check_sound(self):
        """:raises UserError: where the run would not propose this any more: a client, product or tax was
        archived since, a tax or a purchase order number is missing, a currency has no rate"""
        bills = self.line_ids.filtered(lambda line: not line.is_held)
        self.order_ids._psa_clients().mapped("active")  # read at once, as the next two
        bills.sale_line_id.product_id.mapped("active")
        bills.sale_line_id.tax_ids.mapped("active")
        for proposal in self:
            run, sold = proposal.run_id, (bills & proposal.line_ids).sale_line_id
            problems = [problem for order in proposal.order_ids for problem in run._psa_problems_of(order)]
            problems += [problem for line in sold for problem in run._psa_problems_of_line(line)]
            if problems:
                raise UserError("\n".join([f"{proposal.display_name}:", *problems]))


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    def _psa_of_cancelled_changes(self):
        """Those of these lines that bill a change order which was cancelled since."""
        return self.filtered(
            lambda line: (
                line.sale_line_id.order_id.psa_parent_id and line.sale_line_id.order_id.state != "sale"
            )
        )

    def _psa_take_off(self):
        """Take these lines of drafts off their proposals, with what a review decided on them."""
        sale_lines = self.sale_line_id
        self._psa_undo_written_off()
        self._psa_undo_fixed_adjustments()
        self.unlink()
        sale_lines._psa_agreement_cap_changed()
