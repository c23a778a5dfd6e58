"""Time of closed months stays as it is: what was billed, paid out and reported does not change any more."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..core.periods import is_closed
from .account_analytic_line_approval import CONTENT_FIELDS, FOLLOWING_FIELDS


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    def _psa_closed_until(self):
        """The last day that the company of this entry has closed, inclusive; None where none is."""
        # sudo: a setting of the entry's company, which its writer need not be able to read
        return self.company_id.sudo().psa_time_closed_until or None

    def _psa_is_closed(self):
        """Whether this is time of a day that its company has closed."""
        self.ensure_one()
        return bool(self.project_id and self.date) and is_closed(self.date, self._psa_closed_until())

    def _psa_check_open(self):
        """:raises UserError: for time of a closed day, unless the system writes it (leave that is
        granted late, say), with the way out"""
        closed = () if self.env.su else self.filtered(lambda line: line._psa_is_closed())
        if closed:
            raise UserError(
                self.env._(
                    "Time until %(until)s is closed: %(entry)s of %(date)s cannot be logged, changed, "
                    "recalled or deleted. Log it on a later day, or have an administrator open the period "
                    "again under Timesheets > Configuration.",
                    until=format_date(self.env, closed[0]._psa_closed_until()),
                    entry=closed[0].display_name,
                    date=format_date(self.env, closed[0].date),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        # no constraint: those run in sudo and cannot tell the system from a user
        entries._psa_check_open()
        return entries

    def _check_can_write(self, values):
        if (CONTENT_FIELDS | FOLLOWING_FIELDS) & values.keys():
            self._psa_check_open()
        return super()._check_can_write(values)

    def write(self, vals):
        result = super().write(vals)
        if {"company_id", "date", "project_id", "task_id"} & vals.keys():
            self._psa_check_open()  # it may have moved to a closed day
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self._psa_check_open()

    def action_psa_recall(self):
        """As long as the day is open. What was logged can be submitted, approved and refused later on."""
        self._psa_check_open()
        return super().action_psa_recall()

    def _compute_project_id(self):
        # A task that moves to another project leaves closed time where it was worked.
        return super(
            AccountAnalyticLine, self.filtered(lambda line: not line._psa_is_closed())
        )._compute_project_id()

    def _is_readonly(self):
        return super()._is_readonly() or self._psa_is_closed()
