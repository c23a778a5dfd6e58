from odoo import api, fields, models

from ..core.dunning import Level


class PsaDunningLevel(models.Model):
    _name = "psa.dunning.level"
    _description = "Reminder Level"
    _order = "company_id, days, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="A company with levels of its own uses those only. Empty: for all companies without.",
    )
    days = fields.Integer(
        string="Days Overdue",
        required=True,
        default=7,
        help="From that many days after the due date on, the client is reminded at this level.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Mail",
        required=True,
        ondelete="restrict",
        domain=[("model", "=", "psa.dunning.reminder")],
        default=lambda self: self.env.ref("psa_billing.mail_template_reminder_first", False),
    )
    activity_for = fields.Selection(
        [
            ("none", "Nobody"),
            ("salesperson", "Salesperson of the Client"),
            ("responsible", "Responsible for Collections"),
        ],
        required=True,
        default="none",
        help="Who gets something to do when the reminder goes out: call the client, for example.",
    )
    activity_summary = fields.Char(string="What to Do", translate=True)

    _days_not_negative = models.Constraint(
        "CHECK(days >= 0)", "A reminder cannot go out before the due date: the days are 0 or more."
    )
    _one_level_a_day = models.UniqueIndex(
        "(COALESCE(company_id, 0), days) WHERE active",
        "Two levels of a company cannot begin on the same day: change the days of one.",
    )

    @api.model
    def _psa_levels_of(self, company):
        """The levels that hold for ``company``: its own, else those of all companies."""
        levels = self.search([("company_id", "in", [company.id, False])])
        return levels.filtered("company_id") or levels

    def _psa_core(self):
        """These levels as ``core.dunning`` takes them."""
        return [Level(level, level.days) for level in self]
