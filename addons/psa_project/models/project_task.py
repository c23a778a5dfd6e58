from odoo import fields, models


class ProjectTask(models.Model):
    _inherit = "project.task"

    psa_role_id = fields.Many2one(
        "project.role",
        string="Role",
        help="The role in which time on this task is worked, whoever works it. "
        "Empty: the engagement team or the employee's main role decides.",
    )
    psa_phase_id = fields.Many2one(
        "psa.phase",
        string="Phase",
        domain="[('project_id', '=', project_id)]",
        index="btree_not_null",
    )
