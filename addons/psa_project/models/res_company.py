from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    psa_self_approval = fields.Boolean(
        string="Approve One's Own Time",
        help="Timesheet approvers may approve the hours that they worked themselves.",
    )
    psa_time_closed_until = fields.Date(
        string="Time Closed Until",
        help="Last day, inclusive, on which time stays as it is: nobody logs, changes, recalls or deletes "
        "it. What was logged by then can still be submitted, approved and refused. Empty: nothing is closed.",
    )
