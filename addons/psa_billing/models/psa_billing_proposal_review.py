"""The steps of a proposal before it is an invoice: who reviews it, who may approve it, who is asked."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from odoo.addons.psa_contracts.models.numbers import number_told

from .rights import BILLING_MANAGER, PROJECT_MANAGER, check_reviewer, users_of

REVIEW_ACTIVITY = "psa_billing.mail_activity_review_proposal"
APPROVE_ACTIVITY = "psa_billing.mail_activity_approve_proposal"


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    reviewer_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Leads the project, and is asked to review the proposal.",
    )
    reviewed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    reviewed_on = fields.Datetime(readonly=True, copy=False)
    project_ids = fields.Many2many(
        "project.project",
        string="Projects",
        compute="_compute_project_ids",
        store=True,
        precompute=True,
        help="The projects whose work it bills. Who sees them sees the proposal.",
    )
    needs_review = fields.Boolean(related="company_id.psa_billing_review")

    @api.depends("line_ids.sale_line_id.task_id.project_id", "line_ids.sale_line_id.project_id", "order_ids")
    def _compute_project_ids(self):
        for proposal in self:
            sale_lines = proposal.line_ids.sale_line_id
            proposal.project_ids = (
                sale_lines.task_id.project_id | sale_lines.project_id | proposal.order_ids.project_id
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Who leads the project is asked to review, where the company wants that."""
        proposals = super(
            PsaBillingProposal, self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        ).create(vals_list)
        proposals = proposals.with_env(self.env)
        for leader, led in proposals.grouped(lambda proposal: proposal._psa_leaders()[:1]).items():
            if leader:
                led.reviewer_id = leader
        proposals._psa_ask_review()
        return proposals

    def _mail_get_partner_fields(self, introspect_fields=False):
        """What is said about a proposal stays inside: the client is no recipient."""
        return []

    # -- what a button calls ---------------------------------------------------------------

    def action_review(self):
        """Say that these draft proposals are right: they can be approved.

        :raises AccessError: for users who neither bill nor lead the project
        :raises UserError: where something is to be solved first
        """
        check_reviewer(self)
        proposals = self._psa_locked()
        proposals._check_state("draft")
        for proposal in proposals:
            proposal._psa_check_solved()
        proposals.write(
            {"state": "reviewed", "reviewed_by_id": self.env.uid, "reviewed_on": fields.Datetime.now()}
        )
        proposals._psa_log_step()

    # -- rules -----------------------------------------------------------------------------

    def _psa_projects(self):
        """{proposal: projects on which its SOW is delivered}; in sudo"""
        return {
            proposal: proposal.line_ids.sale_line_id.task_id.project_id | proposal.order_id.project_ids
            for proposal in self.sudo()  # sudo: which projects deliver a SOW is no secret to who bills it
        }

    def _psa_leaders(self):
        """Users who lead a project that the proposal bills."""
        self.ensure_one()
        return self._psa_projects()[self.sudo()].user_id

    def _psa_foreign_projects(self, user):
        """Projects of proposals that others than ``user`` lead, and ``user`` no project of."""
        foreign = self.env["project.project"]
        for projects in self._psa_projects().values():
            if projects.user_id and user not in projects.user_id:
                foreign |= projects.filtered("user_id")
        return foreign

    def _psa_check_solved(self):
        """:raises UserError: where something keeps the proposal from approval"""
        self.ensure_one()
        if self.message:
            raise UserError(
                self.env._("%(proposal)s: %(message)s", proposal=self.display_name, message=self.message)
            )

    def _psa_check_reviewed(self):
        """:raises UserError: where the company wants a review that has not been made"""
        self.ensure_one()
        if self.needs_review and self.state == "draft":
            raise UserError(
                self.env._(
                    "The proposal %(proposal)s is not reviewed yet: %(reviewer)s is asked to. Who bills may "
                    "review it too.",
                    proposal=self.display_name,
                    reviewer=self.reviewer_id.name or self.env._("any project manager"),
                )
            )

    def _check_work_unchanged(self):
        """:raises UserError: where an entry was changed since it was put on a proposal"""
        for name, date, proposal_id, hours, rated in self._psa_changed_work():
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s on %(proposal)s was changed after it was rated (%(hours)s hours "
                    "now, %(rated)s then). Cancel the proposal, have the time recalled, submitted and "
                    "approved again, then make the proposals again.",
                    entry=name or "",
                    date=format_date(self.env, date),
                    proposal=self.browse(proposal_id).display_name,
                    hours=number_told(self.env, hours),
                    rated=number_told(self.env, rated),
                )
            )

    def _psa_changed_work(self):
        """``[(name, date, proposal id, hours, hours that were rated)]`` of one entry that changed since it
        was put on one of these proposals; empty where none was."""
        self.env["psa.wip.entry"].flush_model()
        self.env["account.analytic.line"].flush_model(["psa_state", "unit_amount", "so_line", "name", "date"])
        return self.env.execute_query(
            SQL(
                """
                  WITH work AS MATERIALIZED (
                       SELECT wip.analytic_line_id, wip.sale_line_id, MIN(wip.proposal_line_id) AS line_id,
                             SUM(wip.raw_hours) AS hours,
                             -- work over a retainer, or cut off by somebody, is billed on another line than
                             -- it was worked on
                             BOOL_OR(wip.retainer_line_id IS NOT NULL OR wip.slice_number != 0) AS is_overage
                         FROM psa_wip_entry wip
                        WHERE wip.proposal_line_id = ANY(%(lines)s) AND wip.state = 'proposed'
                     GROUP BY wip.analytic_line_id, wip.sale_line_id)
                SELECT entry.name, entry.date, line.proposal_id, entry.unit_amount, parts.hours
                  FROM work
                  JOIN psa_billing_proposal_line line ON line.id = work.line_id
                  JOIN account_analytic_line entry ON entry.id = work.analytic_line_id
                  -- entry by entry by its index: a plan of another join depends on statistics of the day;
                  -- of entries with one part there is nothing to add up
            CROSS JOIN LATERAL (
                       SELECT CASE WHEN EXISTS (
                                        SELECT FROM psa_wip_entry other
                                         WHERE other.analytic_line_id = work.analytic_line_id
                                           AND other.part > 1)
                                   THEN (SELECT SUM(other.raw_hours) FROM psa_wip_entry other
                                          WHERE other.analytic_line_id = work.analytic_line_id)
                                   ELSE work.hours END AS hours) parts
                 WHERE entry.project_id IS NOT NULL
                   AND (entry.psa_state != 'approved'
                        OR (entry.so_line IS DISTINCT FROM work.sale_line_id AND NOT work.is_overage)
                        OR ABS(parts.hours - entry.unit_amount) > 0.005)
                 LIMIT 1
                """,
                lines=self.line_ids.ids,
            )
        )

    # -- who is asked ----------------------------------------------------------------------

    def _psa_ask_review(self):
        """Activities for who leads the projects; in one batch."""
        wanted = self.filtered("needs_review")
        if not wanted:
            return
        summary = self.env._("Review what is billed")
        wanted._psa_schedule(
            REVIEW_ACTIVITY,
            {proposal: proposal._psa_able(proposal.reviewer_id) for proposal in wanted},
            dict.fromkeys(wanted, summary),
        )

    def _psa_able(self, user):
        """``user`` where they can review, else who makes the proposals."""
        able = user and (user.has_group(PROJECT_MANAGER) or user.has_group(BILLING_MANAGER))
        return user if able else self.env.user

    def _psa_schedule(self, xmlid, users, summaries):
        """An activity on each of these proposals for its user; no mail a proposal."""
        model = self.env["ir.model"]._get_id(self._name)
        kind = self.env.ref(xmlid)
        # sudo: whoever takes the step before asks for the next, without rights on the activities of others
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": model,
                    "res_id": proposal.id,
                    "activity_type_id": kind.id,
                    "user_id": users[proposal].id,
                    "automated": True,
                    "summary": summaries[proposal],
                    "date_deadline": fields.Date.context_today(self),
                }
                for proposal in self
            ]
        )

    def _psa_log_step(self):
        """Note the step in the history, and that nobody is asked for it any more."""
        if not self:
            return
        states = dict(self._fields["state"]._description_selection(self.env))
        self._message_log_batch(
            bodies={
                proposal.id: Markup("<p>%s: %s</p>")
                % (states[proposal.state], proposal.currency_id.format(proposal.amount))
                for proposal in self
            }
        )
        asked = (
            [REVIEW_ACTIVITY]
            if set(self.mapped("state")) <= {"reviewed"}
            else [REVIEW_ACTIVITY, APPROVE_ACTIVITY]
        )
        if self.filtered(lambda proposal: proposal.state != "draft"):
            # sudo: see _psa_schedule
            self.sudo().activity_unlink(asked)

    # -- limits ----------------------------------------------------------------------------

    def _psa_company_amount(self):
        """The amount in the currency of the company today, whatever its sign."""
        self.ensure_one()
        return abs(
            self.currency_id._convert(
                self.amount, self.company_id.currency_id, self.company_id, fields.Date.context_today(self)
            )
        )

    def _psa_over_limit(self):
        """Those of these proposals that the user may not approve because of their amount."""
        if self.env.user._is_superuser():
            return self.browse()
        over = self.browse()
        for company, proposals in self.grouped("company_id").items():
            limit = self.env["psa.approval.limit"]._psa_limits_of(self.env.user, company)[self.env.user]
            if limit is not None:
                over |= proposals.filtered(
                    lambda proposal, limit=limit: proposal._psa_company_amount() > limit
                )
        return over

    def _psa_ask_approval(self):
        """Somebody who may is asked to approve these proposals; the action that says so.

        :raises UserError: where nobody may
        """
        users = {proposal: proposal._psa_approver() for proposal in self}
        summary = self.env._("Approve: it is over the limit of %s", self.env.user.name)
        self.activity_unlink([APPROVE_ACTIVITY])
        self._psa_schedule(APPROVE_ACTIVITY, users, dict.fromkeys(self, summary))
        names = ", ".join(sorted({user.name for user in users.values()}))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Over your limit"),
                "message": self.env._(
                    "%(proposals)s: %(users)s is asked to approve.",
                    proposals=", ".join(self.mapped("display_name")[:5]),
                    users=names,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _psa_approver(self):
        """Who may approve this amount: of several the one with the lowest limit.

        :raises UserError: where nobody may
        """
        self.ensure_one()
        amount = self._psa_company_amount()
        managers = users_of(BILLING_MANAGER, self.company_id)
        limits = self.env["psa.approval.limit"]._psa_limits_of(managers, self.company_id)
        able = [user for user in managers if limits[user] is None or limits[user] >= amount]
        if not able:
            raise UserError(
                self.env._(
                    "Nobody may approve %(amount)s of %(proposal)s. Have an administrator of accounting "
                    "raise a limit: Invoicing > Configuration > Professional Services > Approval Limits.",
                    amount=self.company_id.currency_id.format(amount),
                    proposal=self.display_name,
                )
            )
        return min(able, key=lambda user: (limits[user] is None, limits[user] or 0, user.id))
