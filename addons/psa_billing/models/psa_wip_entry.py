from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from .copied import CopiedMany2one
from .psa_billing_proposal import EDITABLE_STATES, PENDING_STATES
from .rights import BILLING_MANAGER, check_reviewer

WIP_STATES = [
    ("covered", "Covered"),
    ("open", "Open"),
    ("held", "Held"),
    ("over_cap", "Over Cap"),
    ("written_off", "Written Off"),
    ("proposed", "Proposed"),
    ("billed", "Billed"),
]
#: Work in these states may still be re-cut at a cap, reopened or freed.
UNFIXED_STATES = ("open", "held", "over_cap")
#: Approved work in these states is not billed yet, nor given up.
UNBILLED_STATES = ("open", "held", "over_cap", "proposed")
#: What the parts of an entry share.
SUMMED_FIELDS = ("raw_hours", "billable_quantity", "amount", "remainder")
#: Work in these states counts as delivered to the client (DESIGN section 4, "WIP entries").
DELIVERED_STATES = ("open", "held", "proposed", "billed")


class PsaWipEntry(models.Model):
    _name = "psa.wip.entry"
    _description = "Work in Progress"
    _order = "date desc, id desc"

    # found by the index of _part_once
    analytic_line_id = fields.Many2one(
        "account.analytic.line", string="Entry", required=True, readonly=True, ondelete="restrict"
    )
    part = fields.Integer(default=1, readonly=True, help="Number of the part within its entry.")
    slice_number = fields.Integer(
        default=0,
        readonly=True,
        help="Parts of an entry with the same number wait as one. 0: what was not cut off by somebody.",
    )
    name = fields.Char(related="analytic_line_id.name", string="Description")
    date = fields.Date(required=True, readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    role_id = fields.Many2one("project.role", readonly=True)
    project_id = fields.Many2one("project.project", readonly=True)
    sale_line_id = fields.Many2one(
        "sale.order.line", string="SOW Line", required=True, readonly=True, index=True, ondelete="restrict"
    )
    order_id = fields.Many2one(
        "sale.order", string="SOW", required=True, readonly=True, index=True, ondelete="restrict"
    )
    # client, company and currency are those of the order
    partner_id = CopiedMany2one(related="order_id.partner_id", string="Client", store=True)
    company_id = CopiedMany2one("res.company", required=True, readonly=True)
    currency_id = CopiedMany2one("res.currency", required=True, readonly=True)
    raw_hours = fields.Float(string="Worked", readonly=True, help="Hours as entered.")
    billable_quantity = fields.Float(
        string="Billable", digits="Product Unit", readonly=True, help="In the unit of the SOW line."
    )
    unit_price = fields.Float(
        digits=(16, 6), readonly=True, help="Price of a unit after discount, without taxes.", aggregator=None
    )
    amount = fields.Monetary(readonly=True, help="Without taxes, in the currency of the SOW.")
    remainder = fields.Monetary(
        readonly=True,
        help="Money that the billable quantity does not express, up to a cap or by an adjustment; part of "
        "the amount.",
    )
    payer_id = fields.Many2one(
        "res.partner",
        string="Paying Client",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=BILLING_MANAGER,
        help="Pays this part of the work alone. Empty: not billed yet, or the client pays all.",
    )
    state = fields.Selection(WIP_STATES, required=True, readonly=True)
    held_over_cap = fields.Boolean(
        string="On Hold",
        readonly=True,
        help="Was held before it went over a cap: it is held again when the cap is raised.",
    )
    proposal_line_id = fields.Many2one(
        "psa.billing.proposal.line", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    proposal_id = fields.Many2one(related="proposal_line_id.proposal_id", string="Proposal")
    invoice_line_id = fields.Many2one(
        "account.move.line", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    invoice_id = fields.Many2one(related="invoice_line_id.move_id", string="Invoice")

    # Work changes its state often: of the states only the one that runs look for has an index.
    _open_work = models.Index("(company_id, date) WHERE state = 'open'")
    # Work is approved and billed month by month: a summary of the days is found as fast, and costs a change
    # of state nothing.
    _days = models.Index("USING brin (date)")
    # Of the entries only those that have several parts are looked at as a whole.
    _several_parts = models.Index("(analytic_line_id) WHERE part > 1")
    _part_once = models.Constraint(
        "UNIQUE(analytic_line_id, part)", "A part of an entry can stand in the work in progress once only."
    )
    # Two transactions that rate, free or re-cut the same entry at once cannot both leave it to be billed.
    _billable_once = models.UniqueIndex(
        "(analytic_line_id, COALESCE(payer_id, 0), slice_number) WHERE state IN ('open', 'held')",
        "The work of an entry can wait for billing once only.",
    )
    _over_cap_once = models.UniqueIndex(
        "(analytic_line_id, COALESCE(payer_id, 0), slice_number) WHERE state = 'over_cap'",
        "The work of an entry can wait over the cap once only.",
    )
    _covered_once = models.UniqueIndex(
        "(analytic_line_id, slice_number) WHERE state = 'covered'",
        "The work of an entry can be covered once only.",
    )
    _billed_on_a_line = models.Constraint(
        "CHECK(state != 'billed' OR (proposal_line_id IS NOT NULL AND invoice_line_id IS NOT NULL))",
        "Billed work names its proposal and its invoice line.",
    )
    _proposed_on_a_line = models.Constraint(
        "CHECK(state != 'proposed' OR (proposal_line_id IS NOT NULL AND invoice_line_id IS NULL))",
        "Proposed work names its proposal and no invoice line.",
    )
    _waiting_on_no_invoice = models.Constraint(
        "CHECK(state NOT IN ('open', 'over_cap', 'covered') OR "
        "(proposal_line_id IS NULL AND invoice_line_id IS NULL))",
        "Work that waits stands on no proposal and no invoice.",
    )

    @api.depends("analytic_line_id", "state")
    @api.depends_context("lang")
    def _compute_display_name(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        for entry in self:
            name = entry.analytic_line_id.name or format_date(self.env, entry.date)
            entry.display_name = f"{name} ({states.get(entry.state)})"

    # -- what a button calls ---------------------------------------------------------------

    def action_hold(self):
        """Keep open work, and work on draft proposals, out of billing until it is released.

        What was adjusted of it on the proposal is taken back: it waits as it was rated.

        :raises AccessError: for users who neither bill nor manage projects
        :raises UserError: where nothing among the entries can be held, or without a correction more is
            proposed than a cap leaves
        """
        check_reviewer(self)
        entries = self.filtered(
            lambda entry: (
                entry.state == "open"
                or (entry.state == "proposed" and entry.proposal_id.state in EDITABLE_STATES)
            )
        )
        if not entries:
            raise UserError(self.env._("Only open work and work on draft proposals can be held."))
        # sudo: the right to review was checked, the entries are those the user may read; nobody may
        # write the state of work directly.
        lines = entries.sudo().proposal_line_id
        with entries.sudo()._psa_corrections_under_caps()._psa_keeping_caps():
            entries.sudo()._psa_hold({"proposal_line_id": False})
            lines._psa_refresh()

    def _psa_hold(self, values=()):
        """This work waits as held, as it was rated.

        :param values: what else is written
        """
        held = self._psa_gather()
        held.write({"state": "held", **dict(values)})
        held._psa_recut(held.order_id._psa_under_caps())

    def action_release(self):
        """Let held work be billed again by the next run; over a cap once the cap is raised.

        :raises UserError: where nothing among the entries is held
        """
        check_reviewer(self)
        entries = self.filtered(
            lambda entry: entry.state == "held" or (entry.state == "over_cap" and entry.held_over_cap)
        )
        if not entries:
            raise UserError(self.env._("There is no held work among these entries."))
        # sudo: see action_hold
        entries.sudo()._psa_release_held()

    def _psa_release_held(self):
        """Held work goes back on the draft proposal that it stands on, else it is open. What of it is over a
        cap waits there and is held no more."""
        keys = {entry._psa_cut_with() for entry in self}
        over = self.search(
            [("analytic_line_id", "in", self.analytic_line_id.ids), ("state", "=", "over_cap")]
        ).filtered(lambda entry: entry._psa_cut_with() in keys)
        over.held_over_cap = False
        entries = self - over
        on_draft = entries.filtered(lambda entry: entry.proposal_id.state in EDITABLE_STATES)
        on_draft.write({"state": "proposed"})
        (entries - on_draft).write({"state": "open", "proposal_line_id": False})

    def _psa_reopen_message(self):
        self.ensure_one()
        values = {"entry": self.name or "", "date": format_date(self.env, self.date)}
        if self.state == "billed":
            return self.env._(
                "%(entry)s of %(date)s is billed on %(invoice)s. Delete the draft invoice or credit the "
                "posted one, then recall the time.",
                invoice=self.invoice_id.display_name,
                **values,
            )
        if self.state == "written_off":
            return self._psa_written_off_message(values)
        return self.env._(
            "%(entry)s of %(date)s is on the proposal %(proposal)s. %(way)s, then recall the time.",
            proposal=self.proposal_id.display_name,
            way=self._psa_way_off_proposal(),
            **values,
        )

    def _psa_way_off_proposal(self):
        """What takes this work off its proposal."""
        editable = self.proposal_id.state in EDITABLE_STATES
        if editable and self.proposal_line_id.is_held:
            return self.env._("Release its line there and hold the entry, or have it cancelled")
        if editable:
            return self.env._("Hold the entry there, or have a billing manager cancel the proposal")
        return self.env._("Have a billing manager cancel the proposal")

    def _psa_written_off_message(self, values):
        return self.env._(
            "%(entry)s of %(date)s is written off (%(reason)s). %(way)s, then recall the time.",
            reason=self.adjustment_id.reason_id.name,
            way=self._psa_way_to_take_back(),
            **values,
        )

    def _psa_way_to_take_back(self):
        """What makes this work wait that is written off."""
        proposal = self.proposal_id
        if proposal.state in EDITABLE_STATES:
            return self.env._(
                "Take that back on the proposal %s and hold the entry there, or have a billing manager "
                "cancel the proposal",
                proposal.display_name,
            )
        if proposal.state in (*PENDING_STATES, "closed"):
            return self.env._("Have a billing manager cancel the proposal %s", proposal.display_name)
        if proposal:
            return self.env._("Credit the invoice that it was taken off from")
        return self.env._("Take that back under WIP")

    # -- between proposal, invoice and back ------------------------------------------------

    def _psa_free(self):
        """Proposed or billed work waits for billing again as it was rated, and caps are consumed anew.

        What proposals or invoices say about it is the caller's to settle before.
        """
        if not self:
            return
        entries = self.sudo()  # sudo: follows from an invoice or proposal that the user may change
        analytic_lines, lines = entries.analytic_line_id, entries.proposal_line_id
        entries = entries._psa_gather()
        entries.write({"state": "open", "proposal_line_id": False, "invoice_line_id": False})
        entries._psa_sync_invoice_of(analytic_lines)
        orders = entries.order_id
        lines._psa_without_work()._psa_undo_written_off()
        costs = entries._psa_cost_entries()
        entries._psa_recut(orders._psa_under_caps())
        costs._psa_cut_to_limits()

    def _psa_sync_invoice_of(self, analytic_lines):
        """``timesheet_invoice_id`` names the invoice that bills the first part of each entry, or none.

        Of several payers it is that of the first who is billed.
        """
        if not analytic_lines:
            return
        self.flush_model()
        analytic_lines.flush_model(["timesheet_invoice_id"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_analytic_line entry
                   SET timesheet_invoice_id = billed.move_id
                  FROM (
                       SELECT DISTINCT ON (wip.analytic_line_id) wip.analytic_line_id, line.move_id
                         FROM psa_wip_entry wip
                    LEFT JOIN account_move_line line ON line.id = wip.invoice_line_id
                    LEFT JOIN psa_payer_share share
                           ON share.order_id = wip.order_id AND share.partner_id = wip.payer_id
                        WHERE wip.analytic_line_id = ANY(%s)
                     ORDER BY wip.analytic_line_id, line.move_id IS NULL,
                              share.sequence, share.id, line.move_id
                       ) billed
                 WHERE billed.analytic_line_id = entry.id AND entry.project_id IS NOT NULL
                   AND entry.timesheet_invoice_id IS DISTINCT FROM billed.move_id
                """,
                list(analytic_lines.ids),
            )
        )
        analytic_lines.invalidate_recordset(["timesheet_invoice_id"])
        self.env["account.move"].invalidate_model(["timesheet_ids"])
