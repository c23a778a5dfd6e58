from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.periods import first_overlap


class PsaTeamMember(models.Model):
    _name = "psa.team.member"
    _description = "Engagement Team Member"
    _order = "project_id, date_start, id"
    _rec_name = "employee_id"

    project_id = fields.Many2one("project.project", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="project_id.company_id", store=True)
    employee_id = fields.Many2one("hr.employee", required=True, index=True)
    role_id = fields.Many2one("project.role", required=True)
    date_start = fields.Date(string="From", help="First day in this role. Empty: from the beginning.")
    date_end = fields.Date(string="To", help="Last day in this role. Empty: until further notice.")

    _dates_in_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "A team member cannot leave before joining: check the two dates.",
    )

    @api.onchange("employee_id")
    def _onchange_employee_id(self):
        if self.employee_id and not self.role_id:
            self.role_id = self.employee_id.psa_role_id

    @api.constrains("project_id", "employee_id", "date_start", "date_end")
    def _check_one_role_a_day(self):
        # sudo: every membership counts, also those that the user cannot read.
        everyone = self.sudo().search(
            [("project_id", "in", self.project_id.ids), ("employee_id", "in", self.employee_id.ids)]
        )
        for (project, employee), members in everyone.grouped(lambda m: (m.project_id, m.employee_id)).items():
            pair = first_overlap((m, m.date_start or None, m.date_end or None) for m in members)
            if pair:
                raise ValidationError(
                    self.env._(
                        "%(employee)s would have two roles on %(project)s on the same day: %(one)s and "
                        "%(other)s. End the first before the second begins.",
                        employee=employee.name,
                        project=project.display_name,
                        one=pair[0].role_id.display_name,
                        other=pair[1].role_id.display_name,
                    )
                )
