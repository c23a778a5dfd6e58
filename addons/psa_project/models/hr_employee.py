from odoo import fields, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    psa_role_id = fields.Many2one(
        "project.role",
        string="Main Role",
        help="The role in which this person usually works for clients. Engagement teams "
        "and tasks can say otherwise.",
    )
