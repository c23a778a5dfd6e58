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
        for line, role in time._psa_proposed_roles().items():
            line.psa_role_id = role

    def _psa_proposed_roles(self):
        """``{entry: role}`` of the task, else of the team on that day, else of the person."""
        team = self.project_id._psa_team_by_employee(self.employee_id)
        return {
            line: line.task_id._psa_role() or line._psa_team_role(team) or line.employee_id.psa_role_id
            for line in self
        }

    def _psa_fill_roles(self):
        """Time that was logged before anybody said in which role it is worked (the team was put together
        after the first week, say) has the role that is proposed now. A role that is there stays.

        Called before a step that locks the entries; those that are submitted are filled, too.
        """
        # sudo: which role it is follows from task, team and person, which its writer need not see
        empty = self.sudo().filtered(lambda line: line.project_id and not line.psa_role_id)
        found = {line: role for line, role in empty._psa_proposed_roles().items() if role}
        entries = self.sudo().browse().union(*found)
        # as a computation does: content is not written on what is submitted
        with self.env.protecting([self._fields["psa_role_id"]], entries):
            for line, role in found.items():
                line.psa_role_id = role
        entries.modified(["psa_role_id"])

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
