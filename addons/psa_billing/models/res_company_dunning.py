"""Settings of reminders and of payments that are entered twice."""

from odoo import fields, models

from .rights import COLLECTOR, users_of


class ResCompany(models.Model):
    _inherit = "res.company"

    psa_dunning_mode = fields.Selection(
        [("off", "Off"), ("propose", "Propose"), ("send", "Send")],
        string="Reminders",
        required=True,
        default="propose",
        help="What the daily job does with overdue invoices: nothing, propose reminders for somebody "
        "to send, or send them.",
    )
    psa_dunning_gap_days = fields.Integer(
        string="Days Between Reminders", default=7, help="A client gets no two mails within fewer days."
    )
    psa_collector_id = fields.Many2one(
        "res.users",
        string="Responsible for Collections",
        help="Gets the activities of broken promises and of reminder levels. Empty: the salesperson of the "
        "client, else somebody who makes invoices.",
    )
    psa_duplicate_days = fields.Integer(
        string="Window for Duplicate Payments",
        default=7,
        help="A payment of the same client or vendor with the same amount is asked about when one was "
        "entered up to that many days before or after.",
    )

    _psa_dunning_days = models.Constraint(
        "CHECK(psa_dunning_gap_days >= 0 AND psa_duplicate_days >= 0)",
        "Days between reminders, and the window for duplicate payments, are 0 or more.",
    )

    def _psa_collector_of(self, partner):
        """Whose activity it is to chase ``partner``: never nobody's."""
        self.ensure_one()
        user = self.psa_collector_id or partner.user_id
        if user:
            return user
        return users_of(COLLECTOR, self).sorted("id")[:1] or self.env.user
