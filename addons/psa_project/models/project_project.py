from collections import defaultdict

from odoo import fields, models


class ProjectProject(models.Model):
    _inherit = "project.project"

    psa_team_ids = fields.One2many("psa.team.member", "project_id", string="Engagement Team")
    psa_phase_ids = fields.One2many("psa.phase", "project_id", string="Phases")
    psa_budget_line_ids = fields.One2many("psa.budget.line", "project_id", string="Budget")

    def _psa_plan_changed(self):
        """Hook for what measures against the plan: the contract of these projects has just made or changed
        their phases, dates and budget."""

    def _psa_team_by_employee(self, employees):
        """The team members of these projects among ``employees``: ``{(project id, employee id): [members]}``.

        One query however many projects and employees are asked for.
        """
        # sudo: who plays which role on a project decides the role of an entry also where its writer
        # cannot read the team.
        members = (
            self.env["psa.team.member"]
            .sudo()
            .search([("project_id", "in", self.ids), ("employee_id", "in", employees.ids)])
        )
        team = defaultdict(list)
        for member in members:
            team[member.project_id.id, member.employee_id.id].append(member)
        return team
