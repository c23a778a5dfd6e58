"""The daily job of agreements: they renew, end, and their owners hear of it in time."""

import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import format_date

from ..core.agreements import is_reminder_due, renewed_end

_logger = logging.getLogger(__name__)


class PsaAgreement(models.Model):
    _inherit = "psa.agreement"

    @api.model
    def _cron_follow_dates(self):
        """Renew and end what is due today and remind the owners; each agreement in its own transaction."""
        today = fields.Date.context_today(self)
        active = self.search([("state", "=", "active"), ("date_end", "!=", False)])
        due = active.filtered(lambda agreement: agreement._is_due(today))
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for agreement in due:
            locked = agreement.try_lock_for_update()
            if locked and locked.state == "active" and locked._is_due(today):
                locked._follow_dates_alone(today)
            if not cron._commit_progress(1):
                break

    def _follow_dates_alone(self, today):
        """One agreement that fails does not keep the others from their renewals and reminders."""
        # the job has no language: what it writes is read by the owner, else by the people of the company
        lang = self.user_id.filtered("active").lang or self.company_id.partner_id.lang
        try:
            with self.env.cr.savepoint():
                self.with_context(lang=lang)._follow_dates(today)
                self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            # an addon beside us may fail in many ways; the log tells
            _logger.exception("The dates of the agreement %s could not be followed", self.id)
            self.env.invalidate_all()

    def _is_due(self, today):
        return self.date_end < today or bool(self._due_reminders(today))

    def _follow_dates(self, today):
        """Bring this active agreement to ``today``. Repeatable: done twice it does nothing more."""
        self.ensure_one()
        if self.date_end < today:
            if self.renewal == "automatic":
                self._renew(today)
            else:
                self.state = "terminated" if self.termination_date else "expired"
                self.message_post(body=self.env._("Ended on %s.", format_date(self.env, self.date_end)))
                return
        for field, day, summary in self._due_reminders(today):
            self._remind(day, summary)
            self[field] = day

    def _renew(self, today):
        before = self.date_end
        self.date_end = renewed_end(before, self.renewal_months, today)
        self.message_post(
            body=self.env._(
                "Renewed: it would have ended on %(before)s and now runs until %(after)s.",
                before=format_date(self.env, before),
                after=format_date(self.env, self.date_end),
            )
        )

    def _due_reminders(self, today):
        """``[(field that remembers it, day, what to say)]`` of what the owner has not heard of yet."""
        company, end = self.company_id, self.date_end
        renews = self.renewal == "automatic"
        due = []
        if (
            renews
            and self.notice_reminded != self.notice_date
            and is_reminder_due(self.notice_date, company.psa_agreement_notice_days, today)
        ):
            due.append(
                (
                    "notice_reminded",
                    self.notice_date,
                    self.env._(
                        "Last day to give notice: after it, the agreement renews by %s months.",
                        self.renewal_months,
                    ),
                )
            )
        if self.end_reminded != end and is_reminder_due(end, company.psa_agreement_end_days, today):
            summary = (
                self.env._("The agreement renews after this day.")
                if renews
                else self.env._("The agreement ends: agree on a new one if the client stays.")
            )
            due.append(("end_reminded", end, summary))
        return due

    def _remind(self, day, summary):
        """An activity for the owner; a note where nobody owns the agreement who may read it."""
        owner = self.user_id.filtered("active")
        if owner and self.with_user(owner).with_context(allowed_company_ids=owner.company_ids.ids).has_access(
            "read"
        ):
            self.activity_schedule(
                "mail.mail_activity_data_todo", date_deadline=day, summary=summary, user_id=owner.id
            )
        else:
            note = f"{format_date(self.env, day)}: {summary}"
            self.message_post(body=note)
