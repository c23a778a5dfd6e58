"""How an agreement comes into force and ends: by its buttons, which sales managers press."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .psa_agreement import MANAGER_GROUP


class PsaAgreement(models.Model):
    _inherit = "psa.agreement"

    def _check_manager(self):
        """:raises UserError: where the user is no sales manager"""
        if not self.env.su and not self.env.user.has_group(MANAGER_GROUP):
            raise UserError(
                self.env._("Only sales managers activate, terminate and reopen agreements. Ask one of them.")
            )

    def _set(self, **vals):
        # sudo: reached only through the buttons, after _check_manager
        self.check_access("write")
        self.sudo().write(vals)

    def action_activate(self):
        """Draft agreements come into force.

        :raises UserError: for others than sales managers, and where an agreement has ended already
        """
        self._check_manager()
        today = fields.Date.context_today(self)
        for agreement in self:
            if agreement.state != "draft":
                raise UserError(self.env._("%s is no draft: it cannot be activated.", agreement.display_name))
            if agreement.date_end and agreement.date_end < today and agreement.renewal == "none":
                raise UserError(
                    self.env._(
                        "%(agreement)s ended on %(date)s. Enter a later last day before you activate it.",
                        agreement=agreement.display_name,
                        date=format_date(self.env, agreement.date_end),
                    )
                )
        self._set(state="active")

    def action_terminate(self):
        """Ask for the last day and the reason."""
        self.ensure_one()
        self._check_manager()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Terminate Agreement"),
            "res_model": "psa.agreement.terminate",
            "view_mode": "form",
            "target": "new",
            "context": {"default_agreement_id": self.id},
        }

    def _terminate(self, date, reason):
        """End this active agreement after ``date`` (its last day); today or earlier: at once.

        :raises UserError: for others than sales managers, and where it is not active or has ended before
        """
        self.ensure_one()
        self._check_manager()
        if self.state != "active":
            raise UserError(self.env._("%s is not active: there is nothing to terminate.", self.display_name))
        if date < self.date_start or (self.date_end and self.renewal == "none" and date > self.date_end):
            raise UserError(
                self.env._(
                    "%(agreement)s cannot be terminated as of %(date)s: that is outside its own dates "
                    "(%(start)s – %(end)s).",
                    agreement=self.display_name,
                    date=format_date(self.env, date),
                    start=format_date(self.env, self.date_start),
                    end=format_date(self.env, self.date_end) or "…",
                )
            )
        ended = date <= fields.Date.context_today(self)
        self._set(
            date_end=date,
            renewal="none",
            termination_date=date,
            termination_reason=reason,
            **({"state": "terminated"} if ended else {}),
        )
        self.message_post(
            body=self.env._(
                "Terminated as of %(date)s: %(reason)s", date=format_date(self.env, date), reason=reason
            )
        )

    def action_reopen(self):
        """Agreements that have ended become drafts again, to be changed and activated anew.

        :raises UserError: for others than sales managers, and for drafts and active agreements
        """
        self._check_manager()
        for agreement in self:
            if agreement.state not in ("expired", "terminated"):
                raise UserError(self.env._("%s has not ended: it stays as it is.", agreement.display_name))
        self._set(state="draft", termination_date=False, termination_reason=False)

    def action_stop_renewal(self):
        """Notice was given: the agreement ends with its present term.

        :raises UserError: for others than sales managers, and where it does not renew by itself
        """
        self._check_manager()
        for agreement in self:
            if agreement.state != "active" or agreement.renewal != "automatic":
                raise UserError(
                    self.env._("%s does not renew by itself: it stays as it is.", agreement.display_name)
                )
        self._set(renewal="none")
        for agreement in self:
            agreement.message_post(
                body=self.env._(
                    "Notice was given: the agreement ends on %s.", format_date(self.env, agreement.date_end)
                )
            )
