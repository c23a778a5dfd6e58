"""Runs that are made by schedule: proposals only, and the billing managers are told."""

from odoo import api, fields, models
from odoo.tools import format_date

from ..core.schedule import MONTHLY, WEEKLY, scheduled_end
from .rights import BILLING_MANAGER, users_of


class PsaBillingRun(models.Model):
    _name = "psa.billing.run"
    _inherit = ["psa.billing.run", "mail.thread", "mail.activity.mixin"]

    is_scheduled = fields.Boolean(string="By Schedule", readonly=True, copy=False)

    @api.model
    def _cron_psa_schedule(self):
        """Make the run of the period that has ended, in each company whose day has come."""
        companies = self.env["res.company"].search([("psa_billing_schedule", "!=", False)])
        for company in companies:
            self._psa_schedule_for(company)

    @api.model
    def _psa_schedule_for(self, company):
        end, until = company._psa_billing_scheduled_end(), company.psa_billing_scheduled_until
        if end and not until:  # a company that was made with its schedule: see write
            company.psa_billing_scheduled_until = end
        if not end or (until or end) >= end:
            return
        run = self.with_company(company).create(
            {"company_id": company.id, "date_to": end, "date_from": False, "is_scheduled": True}
        )
        company.psa_billing_scheduled_until = end
        run._psa_start("propose", run._psa_orders_to_bill(), at_once=False)

    def _psa_after_job(self, job):
        super()._psa_after_job(job)
        if job != "propose" or not self.is_scheduled:
            return
        managers = users_of(BILLING_MANAGER, self.company_id)
        system = self.env.ref("base.user_root") | self.env.ref("base.user_admin")
        for user in (managers - system) or managers:
            told = self.with_context(lang=user.lang).env  # nobody's language: the job works by itself
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user.id,
                summary=told._("Review %(count)s proposals", count=self.proposal_count),
                note=told._(
                    "The run until %(date)s was made by schedule: %(count)s proposals, %(blocked)s to solve.",
                    date=format_date(told, self.date_to),
                    count=self.proposal_count,
                    blocked=self.blocked_count,
                ),
            )


class ResCompany(models.Model):
    _inherit = "res.company"

    psa_billing_schedule = fields.Selection(
        [(MONTHLY, "Every Month"), (WEEKLY, "Every Week")],
        string="Billing Runs by Schedule",
        help="A run of the period that has ended is made by itself: proposals only, and the billing managers "
        "are told by an activity. Empty: somebody makes each run.",
    )
    psa_billing_schedule_day = fields.Integer(
        string="Day of the Month",
        default=1,
        help="Day on which the run of the month before is made, 1 to 31.",
    )
    psa_billing_schedule_weekday = fields.Selection(
        [
            ("1", "Monday"),
            ("2", "Tuesday"),
            ("3", "Wednesday"),
            ("4", "Thursday"),
            ("5", "Friday"),
            ("6", "Saturday"),
            ("7", "Sunday"),
        ],
        string="Weekday",
        default="1",
        help="Day on which the run of the week before is made.",
    )
    psa_billing_scheduled_until = fields.Date(
        readonly=True, help="Last day of the run that was made by schedule last."
    )

    psa_billing_tax_check = fields.Boolean(
        string="Stop at Missing Taxes",
        default=True,
        help="A line without tax whose product is taxed is not billed until somebody looked at it.",
    )

    _psa_billing_schedule_is_a_day = models.Constraint(
        "CHECK(psa_billing_schedule_day IS NULL OR psa_billing_schedule_day BETWEEN 1 AND 31)",
        "The day of the month on which billing runs are made is 1 to 31.",
    )

    def _psa_billing_scheduled_end(self):
        """Last day of the period that a run by schedule has to have billed by today; None: no schedule."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.psa_billing_schedule == WEEKLY:
            return scheduled_end(WEEKLY, int(self.psa_billing_schedule_weekday or 1), today)
        if self.psa_billing_schedule == MONTHLY:
            return scheduled_end(MONTHLY, self.psa_billing_schedule_day or 1, today)
        return None

    def write(self, vals):
        before = {company: company.psa_billing_schedule for company in self}
        result = super().write(vals)
        if "psa_billing_schedule" in vals:
            # A schedule starts with the next period that ends, not with those that somebody has billed.
            for company in self.filtered(lambda company: before[company] != company.psa_billing_schedule):
                company.psa_billing_scheduled_until = company._psa_billing_scheduled_end()
        return result
