from odoo import api, fields, models
from odoo.tools import format_date

from .rights import check_collector


class PsaDunningStop(models.Model):
    _name = "psa.dunning.stop"
    _inherit = "psa.dunning.pause"
    _description = "Reminder Stop"
    _order = "id desc"

    active = fields.Boolean(default=True)
    move_id = fields.Many2one(
        help="Empty: no invoice of the client is reminded.",
    )
    kind = fields.Selection(
        [("stop", "No Reminders"), ("dispute", "Dispute")],
        required=True,
        default="stop",
        help="Dispute: the client contests the invoice; somebody has to settle it.",
    )
    reason = fields.Char(required=True)
    date_until = fields.Date(
        string="Until", help="Last day without reminders. Empty: until somebody ends it."
    )

    @api.model_create_multi
    def create(self, vals_list):
        stops = super().create(vals_list)
        for stop in stops:
            stop._psa_note()
        return stops

    def write(self, vals):
        result = super().write(vals)
        if {"active", "date_until", "reason", "kind"} & vals.keys():
            for stop in self:
                stop._psa_note()
        return result

    def action_end(self):
        """Remind again from today on."""
        check_collector(self)
        self.active = False

    def _psa_note(self):
        """Tell the history of the client who stopped reminders, of what, why and until when."""
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        values = {
            "kind": kinds[self.kind],
            "what": self.move_id.name or self.env._("all invoices"),
            "reason": self.reason,
            "until": format_date(self.env, self.date_until) or self.env._("ended by hand"),
        }
        if not self.active:
            body = self.env._("Reminders go on: %(what)s (was: %(kind)s, %(reason)s)", **values)
        else:
            body = self.env._("%(kind)s: %(what)s, %(reason)s, until: %(until)s", **values)
        # sudo: collectors write the history of the client also where they may not write the contact
        self.partner_id.sudo().message_post(body=body)

    @api.model
    def _psa_pausing(self, company, partners, today):
        """The stops of ``partners`` that hold on ``today``."""
        return self.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.ids),
                "|",
                ("date_until", "=", False),
                ("date_until", ">=", today),
            ]
        )
