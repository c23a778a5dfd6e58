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

    def map_tasks(self, new_project_id):
        """A copy of a project has phases of its own, which the copies of the tasks are in."""
        phases = self.psa_phase_ids
        copies = phases.copy({"project_id": new_project_id})
        made = dict(zip(phases.ids, copies.ids, strict=True))
        return super(ProjectProject, self.with_context(psa_phase_mapping=made)).map_tasks(new_project_id)

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
