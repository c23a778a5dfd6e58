from odoo import fields, models


class HrEmployeePublic(models.Model):
    _inherit = "hr.employee.public"

    psa_role_id = fields.Many2one(related="employee_id.psa_role_id", string="Main Role")
