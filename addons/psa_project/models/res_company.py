from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    psa_self_approval = fields.Boolean(
        string="Approve One's Own Time",
        help="Timesheet approvers may approve the hours that they worked themselves.",
    )
