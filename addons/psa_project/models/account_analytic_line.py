from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ..core.approval import LOCKED_STATES
from ..core.periods import is_valid_on


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_role_id = fields.Many2one(
        "project.role",
        string="Role",
        compute="_compute_psa_role_id",
        store=True,
        readonly=False,
        help="The role in which the hours were worked. Proposed from the task, else from the engagement "
        "team on that day, else from the main role of the employee.",
    )

    def _auto_init(self):
        # A column that is there already is not computed for each of a firm's old entries at install.
        if not column_exists(self.env.cr, "account_analytic_line", "psa_role_id"):
            create_column(self.env.cr, "account_analytic_line", "psa_role_id", "int4")
        return super()._auto_init()

    @api.depends("task_id", "project_id", "employee_id", "date")
    def _compute_psa_role_id(self):
        open_lines = self.filtered(lambda line: line.psa_state not in LOCKED_STATES)
        time = open_lines.filtered("project_id")
        (open_lines - time).psa_role_id = False
        team = time.project_id._psa_team_by_employee(time.employee_id)
        for line in time:
            line.psa_role_id = (
                line.task_id.psa_role_id or line._psa_team_role(team) or line.employee_id.psa_role_id
            )

    def _psa_team_role(self, team):
        """The role of this entry's employee in ``team`` (see ``_psa_team_by_employee``) on its day."""
        self.ensure_one()
        members = team.get((self.project_id.id, self.employee_id.id), ())
        return next(
            (
                member.role_id
                for member in members
                if self.date and is_valid_on(self.date, member.date_start or None, member.date_end or None)
            ),
            self.env["project.role"],
        )

    @api.depends("task_id.project_id")
    def _compute_project_id(self):
        # Moving a task to another project must not carry approved hours along.
        return super(
            AccountAnalyticLine, self.filtered(lambda line: line.psa_state not in LOCKED_STATES)
        )._compute_project_id()
