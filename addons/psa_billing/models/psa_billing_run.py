from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .psa_billing_proposal import PENDING_STATES
from .rights import check_billing_manager

#: Proposals that cannot be billed before something is solved.
BLOCKED = [("message", "not in", (False, ""))]
#: What the machine notes of its own work.
WORK_FIELDS = {"is_scheduled", "job", "job_todo", "job_total", "job_user_id", "message"}


class PsaBillingRun(models.Model):
    _name = "psa.billing.run"
    _description = "Billing Run"
    _order = "date_to desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True, readonly=False, required=True, precompute=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    date_from = fields.Date(
        string="Only From",
        help="First day of the work to bill. Empty: everything until the last day, also late time of "
        "periods that were billed before.",
    )
    date_to = fields.Date(
        string="Until",
        required=True,
        default=lambda self: fields.Date.end_of(fields.Date.context_today(self), "month"),
        help="Last day of the work to bill, inclusive.",
    )
    invoice_date = fields.Date(help="Date of the invoices. Empty: the day on which they are posted.")
    proposal_ids = fields.One2many("psa.billing.proposal", "run_id", string="Proposals", readonly=True)
    message = fields.Text(readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("open", "In Progress"), ("done", "Done")], compute="_compute_state", store=True
    )
    proposal_count = fields.Integer(compute="_compute_figures")
    blocked_count = fields.Integer(string="To Solve", compute="_compute_figures")
    approved_count = fields.Integer(compute="_compute_figures")
    invoice_count = fields.Integer(compute="_compute_figures")
    total_text = fields.Char(
        string="To Bill",
        compute="_compute_total_text",
        help="Of all proposals that are not cancelled, without taxes, by currency.",
    )

    _dates_in_order = models.Constraint(
        "CHECK(date_from IS NULL OR date_to >= date_from)",
        "A billing run cannot end before it starts: check the two dates.",
    )

    # Not at once when a day is typed: the host goes on to show the former day of a date that others follow.
    # See create and write.
    def _compute_name(self):
        for run in self:
            run.name = run._psa_name_of(run.date_to)

    @api.model
    def _psa_name_of(self, day):
        """What a run until ``day`` is called where nobody says otherwise."""
        day = fields.Date.to_date(day) or fields.Date.context_today(self)
        return self.env._("Billing of %s", format_date(self.env, day, date_format="MMMM yyyy"))

    def _psa_is_named_by_day(self):
        """Whether nobody gave this run a name: it has that of its last day, in the language of whoever made
        it, or as earlier versions wrote it."""
        self.ensure_one()
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        names = {self.with_context(lang=code)._psa_name_of(self.date_to) for code in languages}
        return self.name in names | {self.env._("Billing of %s", f"{self.date_to:%Y-%m}")}

    @api.depends("proposal_ids.state")
    def _compute_state(self):
        for run in self:
            states = set(run.proposal_ids.mapped("state"))
            if not states:
                run.state = "draft"
            else:
                run.state = "open" if states & {*PENDING_STATES} else "done"

    @api.depends("proposal_ids.state", "proposal_ids.message")
    def _compute_figures(self):
        by_state = self._psa_sums_of_proposals(["state"], "__count")
        blocked = self._psa_sums_of_proposals([], "__count", BLOCKED)
        for run in self:
            counts = dict(by_state[run._origin])
            run.proposal_count = sum(counts.values())
            run.blocked_count = sum(count for (count,) in blocked[run._origin])
            run.approved_count, run.invoice_count = counts.get("approved", 0), counts.get("invoiced", 0)

    @api.depends("proposal_ids.state", "proposal_ids.amount")
    def _compute_total_text(self):
        totals = self._psa_sums_of_proposals(["currency_id"], "amount:sum")
        for run in self:
            sums = totals[run._origin]
            # a SOW that cannot be billed has nothing in its currency yet
            sums = [(currency, amount) for currency, amount in sums if amount] or sums[:1]
            run.total_text = ", ".join(currency.format(amount) for currency, amount in sums)

    def _psa_sums_of_proposals(self, groups, aggregate, domain=()):
        """``{run: [(*groups, aggregate)]}`` of the proposals of these runs that are not cancelled."""
        rows = self.env["psa.billing.proposal"]._read_group(
            [("run_id", "in", self.ids), ("state", "!=", "cancelled"), *domain],
            ["run_id", *groups],
            [aggregate],
        )
        sums = defaultdict(list)
        for run, *values in rows:
            sums[run].append(values)
        return sums

    # -- what a button calls ---------------------------------------------------------------

    def action_make_proposals(self):
        """Turn the open work that is due into draft proposals.

        Run again it adds what has become billable since, and looks anew at what was blocked. Large runs work
        in the background: see ``psa_billing_run_job``.

        :raises AccessError: for users who are no billing managers
        :raises UserError: while the run is at work already
        """
        check_billing_manager(self)
        for run in self:
            # sudo: proposals are written by their buttons only; the right to press them was checked,
            # and the run is one of a company that the user is in.
            own = run.sudo().with_company(run.company_id)
            own._psa_start("propose", own._psa_orders_to_bill())

    def action_create_invoices(self):
        """Make the draft invoices of the approved proposals of these runs; many of them in the background.

        :raises UserError: where no proposal is approved, or while a run is at work already
        """
        check_billing_manager(self)
        proposals = self.proposal_ids.filtered(lambda proposal: proposal.state == "approved")
        if not proposals:
            raise UserError(self.env._("No proposal of this run is approved yet: approve them first."))
        if len(proposals) <= self._psa_at_once():
            return proposals.action_create_invoice()
        for run, own in proposals.grouped("run_id").items():
            # sudo: see action_make_proposals
            run.sudo().with_company(run.company_id)._psa_start("invoice", own.sudo())
        return None

    def action_view_proposals(self):
        """The proposals of the run."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_billing_proposal_action")
        return {**action, "domain": [("run_id", "in", self.ids)], "context": {}}

    def action_view_blocked(self):
        """The proposals of the run that cannot be billed before something is solved."""
        action = self.action_view_proposals()
        return {
            **action,
            "name": self.env._("To Solve"),
            "display_name": self.env._("To Solve"),
            "domain": [*action["domain"], ("state", "!=", "cancelled"), *BLOCKED],
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_proposals(self):
        # sudo: proposals that the user may not see count too
        if self.sudo().proposal_ids:
            raise UserError(
                self.env._(
                    "A billing run with proposals stays as their record. Cancel its proposals instead."
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_typed(vals)
        # the name that a form proposed before another last day was typed
        proposed = self._psa_name_of(self._fields["date_to"].default(self))
        return super().create(
            [
                {name: value for name, value in vals.items() if (name, value) != ("name", proposed)}
                for vals in vals_list
            ]
        )

    def _check_not_typed(self, vals):
        typed = WORK_FIELDS & vals.keys()
        if typed and not self.env.su:
            raise AccessError(
                self.env._(
                    "A billing run notes by itself how far it is (%s): press its buttons.",
                    ", ".join(sorted(typed)),
                )
            )

    def write(self, vals):
        self._check_not_typed(vals)
        fixed = {"date_from", "date_to", "company_id"} & vals.keys()
        # sudo: proposals that the user may not see count too
        if fixed and self.sudo().proposal_ids.filtered(lambda proposal: proposal.state != "cancelled"):
            raise UserError(
                self.env._(
                    "The period of a run with proposals stays as it is. Make another run for other days."
                )
            )
        follows = "date_to" in vals and "name" not in vals
        called = self.filtered(lambda run: follows and run._psa_is_named_by_day())
        result = super().write(vals)
        called._compute_name()
        return result
