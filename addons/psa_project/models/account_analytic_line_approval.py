"""Submit, approve, refuse and recall timesheet entries."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from ..core.approval import APPROVED, DRAFT, LOCKED_STATES, REFUSED, SUBMITTED, next_state, states_for
from .defaults import only_own_defaults

STATE_FIELDS = {"psa_state", "psa_approved_by_id", "psa_approved_on", "psa_refusal_reason"}
CONTENT_FIELDS = {
    "date",
    "employee_id",
    "name",
    "product_uom_id",  # what the hours are hours of: two days are no two hours
    "project_id",
    "psa_role_id",
    "task_id",
    "unit_amount",
    "user_id",
}
#: What Odoo's "Timesheet when on Time Off" keeps leave and public holidays in, where it is installed.
LEAVE_FIELDS = ("holiday_id", "global_leave_id")
#: Follow from the content, and are written by the host in sudo when the hours cost something else, say.
FOLLOWING_FIELDS = {"amount", "company_id", "currency_id"}


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_state = fields.Selection(
        [(DRAFT, "Draft"), (SUBMITTED, "Submitted"), (APPROVED, "Approved"), (REFUSED, "Refused")],
        string="Approval",
        default=DRAFT,
        required=True,
        readonly=True,
        copy=False,
    )
    psa_approved_by_id = fields.Many2one("res.users", string="Approved By", readonly=True, copy=False)
    psa_approved_on = fields.Datetime(string="Approved On", readonly=True, copy=False)
    # not for clients, who read the time of projects that are shared with them
    psa_refusal_reason = fields.Char(
        string="Reason for Refusal", readonly=True, copy=False, groups="base.group_user"
    )
    psa_is_leave = fields.Boolean(
        string="Is Time Off",
        compute="_compute_psa_is_leave",
        search="_search_psa_is_leave",
        help="Leave and public holidays are granted in Time Off: nobody submits or approves them as time.",
    )
    amount = fields.Monetary(groups="base.group_user")

    # What waits is looked for; what is approved, which is most, is changed once more when it is invoiced.
    _psa_not_approved = models.Index("(psa_state) WHERE psa_state != 'approved'")

    # -- what a button calls ---------------------------------------------------------------

    def action_psa_submit(self):
        """Hand draft or refused entries in for approval; entries already further on stay as they are."""
        entries = self._psa_entries_for("submit")
        entries._psa_check_own_or_approver()
        if entries.filtered(lambda entry: not entry.unit_amount):
            raise UserError(
                self.env._("An entry without hours cannot be submitted. Fill in the hours or delete it.")
            )
        entries._psa_set_state("submit", psa_refusal_reason=False)

    def action_psa_approve(self):
        """Approve submitted entries.

        :raises AccessError: for users who are no approvers
        :raises UserError: for one's own time, unless the company allows it
        """
        entries = self._psa_entries_for("approve")
        entries._psa_check_approver()
        entries._psa_check_not_own()
        entries._psa_set_state(
            "approve", psa_approved_by_id=self.env.uid, psa_approved_on=fields.Datetime.now()
        )
        entries._psa_after_approve()

    def action_psa_refuse(self):
        """Ask for the reason, then refuse the submitted entries."""
        entries = self._psa_entries_for("refuse")
        entries._psa_check_approver()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse Timesheets"),
            "res_model": "psa.timesheet.refuse",
            "view_mode": "form",
            "target": "new",
            "context": {"default_entry_ids": entries.ids},
        }

    def action_psa_recall(self):
        """Take entries back to draft: one's own until they are approved, approved ones as an approver."""
        entries = self._psa_entries_for("recall")
        approved = entries.filtered(lambda entry: entry.psa_state == APPROVED)
        (entries - approved)._psa_check_own_or_approver()
        if approved:
            approved._psa_check_approver()
            approved._psa_check_reopen()
        entries._psa_set_state(
            "recall", psa_approved_by_id=False, psa_approved_on=False, psa_refusal_reason=False
        )
        approved._psa_after_reopen()

    # -- time off --------------------------------------------------------------------------

    @api.model
    def _psa_leave_fields(self):
        return [name for name in LEAVE_FIELDS if name in self._fields]

    @api.depends(lambda self: self._psa_leave_fields())
    def _compute_psa_is_leave(self):
        names = self._psa_leave_fields()
        for line in self:
            line.psa_is_leave = any(line[name] for name in names)

    @api.model
    def _search_psa_is_leave(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(Domain(name, "!=", False) for name in self._psa_leave_fields())

    # -- hooks for the addons above --------------------------------------------------------

    def _psa_before_lock(self):
        """Called with entries that are about to be submitted or approved: what follows from records that
        were not there when they were written is found now."""
        self._psa_fill_roles()

    def _psa_after_approve(self):
        """Called with the entries that have just been approved, all at once."""

    def _psa_check_reopen(self):
        """:raises UserError: where approved entries may not be reopened, with the way out"""

    def _psa_after_reopen(self):
        """Called with the formerly approved entries that are draft again, all at once."""

    # -- rules -----------------------------------------------------------------------------

    @api.private
    def _psa_refuse(self, reason):
        """Refuse submitted entries and tell their owners why.

        :raises AccessError: for users who are no approvers
        :raises UserError: without a reason
        """
        entries = self._psa_entries_for("refuse")
        entries._psa_check_approver()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the time is refused: its owner has to know what to change."))
        entries._psa_set_state("refuse", psa_refusal_reason=reason.strip())
        entries._psa_notify_refusal(reason.strip())

    def _psa_entries_for(self, step):
        """The timesheet entries among these that ``step`` is possible for.

        :raises UserError: where there is none
        """
        possible = states_for(step)
        entries = self.filtered(
            lambda line: line.project_id and line.psa_state in possible and not line.psa_is_leave
        )
        if entries:
            return entries
        messages = {
            "submit": self.env._("There is no draft or refused time among these entries to submit."),
            "approve": self.env._("There is no submitted time among these entries to approve."),
            "refuse": self.env._("There is no submitted time among these entries to refuse."),
            "recall": self.env._("These entries are drafts already."),
        }
        raise UserError(messages[step])

    def _psa_set_state(self, step, **values):
        self.check_access("write")
        if step in ("submit", "approve"):
            self._psa_before_lock()
        # What is computed from a draft (role, sale line) must be settled before its state locks it.
        self.flush_recordset()
        for state, entries in self.grouped("psa_state").items():
            # sudo: the caller's right to this step and to write these entries was checked;
            # users may not write the state fields themselves.
            entries.sudo().write({"psa_state": next_state(state, step), **values})

    def _psa_check_approver(self):
        if not (self.env.su or self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver")):
            raise AccessError(
                self.env._(
                    "Only project managers and timesheet approvers can approve, refuse or reopen time."
                )
            )

    def _psa_check_own_or_approver(self):
        if any(entry.user_id != self.env.user for entry in self):
            self._psa_check_approver()

    def _psa_check_not_own(self):
        if self.env.su:
            return
        # sudo: whose time it is: the user of the entry can be written, the person cannot be another one
        own = self.filtered(lambda entry: self.env.user in (entry.user_id | entry.employee_id.sudo().user_id))
        # sudo: a setting of the entry's company, which the approver need not be able to read.
        forbidden = own.filtered(lambda entry: not entry.company_id.sudo().psa_self_approval)
        if forbidden:
            raise UserError(
                self.env._(
                    "You cannot approve your own time (%(entry)s, %(date)s): somebody else has to. "
                    "An administrator can allow it under Timesheets > Configuration.",
                    entry=forbidden[0].display_name,
                    date=format_date(self.env, forbidden[0].date),
                )
            )

    def _psa_notify_refusal(self, reason):
        for (project, user), entries in self.grouped(lambda entry: (entry.project_id, entry.user_id)).items():
            if not user or user == self.env.user:
                continue
            told = project.with_context(lang=user.lang)  # who reads it, not who refused
            told.message_notify(
                partner_ids=user.partner_id.ids,
                subject=told.env._("Time on %s was refused", told.display_name),
                body=told.env._(
                    "%(hours)s hours were refused: %(reason)s Correct them under My Timesheets and "
                    "submit them again.",
                    hours=formatLang(told.env, sum(entries.mapped("unit_amount")), grouping=False),
                    reason=reason,
                ),
            )

    # -- guards ----------------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        return only_own_defaults(self, super().default_get(fields), STATE_FIELDS)

    @api.model_create_multi
    def create(self, vals_list):
        given = [{name: vals[name] for name in STATE_FIELDS & vals.keys()} for vals in vals_list]
        if not self.env.su and any(states not in ({}, {"psa_state": DRAFT}) for states in given):
            raise AccessError(self._psa_state_message())
        return super().create(vals_list)

    def _psa_is_locked(self):
        """Whether this is time that somebody has handed in or signed off."""
        self.ensure_one()
        return bool(self.project_id and self.psa_state in LOCKED_STATES)

    def _psa_state_message(self):
        return self.env._(
            "The approval of time changes only by submitting, approving, refusing or recalling it."
        )

    def _check_can_write(self, values):
        if not self.env.su and STATE_FIELDS & values.keys():
            raise AccessError(self._psa_state_message())
        if (CONTENT_FIELDS if self.env.su else CONTENT_FIELDS | FOLLOWING_FIELDS) & values.keys():
            locked = self.filtered(lambda line: line._psa_is_locked())
            if locked:
                raise UserError(
                    self.env._(
                        "%(entry)s of %(date)s is %(state)s and cannot be changed. Recall it first.",
                        entry=locked[0].display_name,
                        date=format_date(self.env, locked[0].date),
                        state=dict(self._fields["psa_state"]._description_selection(self.env))[
                            locked[0].psa_state
                        ].lower(),
                    )
                )
        return super()._check_can_write(values)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        locked = self.filtered(lambda line: line._psa_is_locked())
        if locked:
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s was submitted or approved and cannot be deleted. Recall it first.",
                    entry=locked[0].display_name,
                    date=format_date(self.env, locked[0].date),
                )
            )

    def _is_readonly(self):
        return super()._is_readonly() or self._psa_is_locked()
