"""A month that is billed can be closed: its hours stay what they are."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .rights import check_billing_manager


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    time_closed_until = fields.Date(
        related="company_id.psa_time_closed_until",
        string="Time Closed Until",
        help="Nobody logs, changes, recalls or deletes time until this day.",
    )
    can_close_time = fields.Boolean(compute="_compute_can_close_time", compute_sudo=True)

    @api.depends("state", "date_to", "is_filtered", "company_id.psa_time_closed_until")
    def _compute_can_close_time(self):
        today = fields.Date.context_today(self)
        for run in self:
            until = run.company_id.psa_time_closed_until
            run.can_close_time = (
                run.state == "done"
                and not run.is_filtered
                and bool(run.date_to)  # empty while somebody types another day
                and run.date_to <= today
                and (not until or until < run.date_to)
            )

    def action_close_time(self):
        """Close the time of the company until the last day of the run, inclusive. What is closed is opened
        again in the settings of timesheets only.

        :raises AccessError: for users who are no billing managers
        :raises UserError: unless all of the run is billed, of all clients, and its last day has come
        """
        check_billing_manager(self)
        for run in self:
            if not run.can_close_time:
                raise UserError(
                    self.env._(
                        "Time can be closed once all proposals of a run over all clients are invoiced, and "
                        "only until a day that has come and is not closed yet (%s).",
                        run.name,
                    )
                )
            # sudo: a billing manager, which was checked, closes what is billed, and changes no other setting
            run.company_id.sudo().psa_time_closed_until = run.date_to
            run.message_post(
                body=self.env._("Time is closed until %s.", format_date(self.env, run.date_to)),
            )
