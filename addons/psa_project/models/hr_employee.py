from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.approval import LOCKED_STATES


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    psa_role_id = fields.Many2one(
        "project.role",
        string="Main Role",
        help="The role in which this person usually works for clients. Engagement teams "
        "and tasks can say otherwise.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handed_in_time(self):
        # sudo: all of their time counts, whoever deletes them
        entry = (
            self.env["account.analytic.line"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", self.ids),
                    ("project_id", "!=", False),
                    ("psa_state", "in", list(LOCKED_STATES)),
                ],
                limit=1,
            )
        )
        if entry:
            raise UserError(
                self.env._(
                    "%(person)s has time that was submitted or approved, on %(project)s: without the person "
                    "nobody could say who worked it. Archive them instead.",
                    person=entry.employee_id.name,
                    project=entry.project_id.display_name,
                )
            )
