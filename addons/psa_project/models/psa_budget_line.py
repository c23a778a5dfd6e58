from odoo import api, fields, models
from odoo.tools import SQL

#: Cost tells what people earn: HR and the managers of projects see it (DESIGN section 4, "People").
COST_GROUPS = "hr.group_hr_user,psa_project.group_psa_project_manager"


class PsaBudgetLine(models.Model):
    _name = "psa.budget.line"
    _description = "Budget Line"
    _order = "project_id, phase_id, role_id, id"
    _check_company_auto = True

    project_id = fields.Many2one("project.project", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="project_id.company_id", store=True)
    currency_id = fields.Many2one(related="project_id.currency_id")
    phase_id = fields.Many2one(
        "psa.phase",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('project_id', '=', project_id)]",
        help="Empty: for the whole project.",
    )
    role_id = fields.Many2one("project.role", help="Empty: whoever works on the phase.")
    hours = fields.Float(required=True, help="Hours planned. A change that cuts the plan counts negative.")
    cost = fields.Monetary(
        groups=COST_GROUPS, help="What the hours are expected to cost, in the currency of the company."
    )
    spent_hours = fields.Float(
        string="Spent",
        compute="_compute_spent_hours",
        help="Hours logged on the phase in the role, approved or not. Of several lines of one phase and "
        "role the first one shows them.",
    )

    @api.constrains("project_id", "phase_id")
    def _check_phase_of_project(self):
        for line in self:
            # sudo: whose phase it is matters also to a writer who cannot read the other project
            line.sudo().phase_id._psa_check_of_project(line.sudo().project_id, self.env._("a budget line"))

    @api.depends("project_id", "phase_id", "role_id")
    def _compute_spent_hours(self):
        spent = self._psa_hours_by_phase_and_role()
        shown = set()
        for line in self.sorted("id"):
            key = (line.project_id.id, line.phase_id.id or 0, line.role_id.id or 0)
            line.spent_hours = 0.0 if key in shown else spent.get(key, 0.0)
            shown.add(key)

    def _psa_hours_by_phase_and_role(self):
        """{(project, phase or 0, role or 0): hours logged} on the projects of these lines; one query."""
        self.env["account.analytic.line"].flush_model(["project_id", "task_id", "psa_role_id", "unit_amount"])
        self.env["project.task"].flush_model(["psa_phase_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT entry.project_id, COALESCE(task.psa_phase_id, 0), COALESCE(entry.psa_role_id, 0),
                       SUM(entry.unit_amount)
                  FROM account_analytic_line entry
             LEFT JOIN project_task task ON task.id = entry.task_id
                 WHERE entry.project_id = ANY(%s)
              GROUP BY 1, 2, 3
                """,
                self.project_id.ids,
            )
        )
        return {(project, phase, role): hours for project, phase, role, hours in rows}
