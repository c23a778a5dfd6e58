from odoo import fields, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    psa_vendor_id = fields.Many2one(
        "res.partner",
        string="Contractor of",
        groups="hr.group_hr_user",
        ondelete="restrict",
        index="btree_not_null",
        help="The vendor whose bills are the cost of this person's hours. Empty: the person's work contact.",
    )
