from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.psa_project.core.approval import APPROVED
from odoo.addons.psa_project.core.periods import is_valid_on


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_without_sow_line = fields.Boolean(
        string="Role Not Sold",
        compute="_compute_psa_without_sow_line",
        search="_search_psa_without_sow_line",
        help="Time on a statement of work in a role that is not on it: nobody pays for it yet.",
    )

    def _psa_project_sow(self):
        """The SOW that the project of this entry delivers; empty where it delivers another order or none."""
        self.ensure_one()
        # sudo: that a project belongs to a SOW is no secret to who sees the time on it
        return self.project_id.sudo().sale_line_id.order_id.filtered("psa_kind")

    @api.depends("so_line", "project_id.sale_line_id")
    def _compute_psa_without_sow_line(self):
        for line in self:
            line.psa_without_sow_line = bool(not line.so_line and line._psa_project_sow())

    def _search_psa_without_sow_line(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: see _psa_project_sow
        projects = (
            self.env["project.project"].sudo()._search([("sale_line_id.order_id.psa_kind", "!=", False)])
        )
        return [("project_id", "in", projects), ("so_line", "=", False)]

    def _psa_is_pinned(self):
        """Whether this entry was approved on a SOW: it does not move any more, also where its role was not
        sold and it has no line (a line that came later would hold time that billing never rated).

        Time of every other order moves as in the host, approved or not.
        """
        self.ensure_one()
        # sudo: see _psa_project_sow
        sow = self.so_line.sudo().order_id.filtered("psa_kind") if self.so_line else self._psa_project_sow()
        return self.psa_state == APPROVED and bool(sow)

    @api.depends("psa_role_id", "date")
    def _compute_so_line(self):
        return super(
            AccountAnalyticLine, self.filtered(lambda line: not line._psa_is_pinned())
        )._compute_so_line()

    def _timesheet_determine_sale_line(self):
        """On a SOW: the task's line if the role allows it, else the line of the role, else none."""
        order = (self.task_id.sale_line_id or self.project_id.sale_line_id).sudo().order_id
        if not order.psa_kind:
            return super()._timesheet_determine_sale_line()
        task_line = self.task_id.sale_line_id.sudo()
        if task_line and (not task_line.psa_role_id or task_line.psa_role_id == self.psa_role_id):
            return task_line
        return self._psa_line_of_role(order)

    def _psa_line_of_role(self, order):
        """The time and material line of ``order`` in this entry's role: of the task's phase, else of the
        phase of the day, else the first. Empty where the role was not sold: that is flagged, not guessed."""
        lines = order.order_line.filtered(
            lambda line: (
                line.psa_billing_model == "time_material"
                and line.psa_role_id
                and line.psa_role_id == self.psa_role_id
            )
        )
        phase = self.task_id.psa_phase_id
        in_phase = lines.filtered(lambda line: phase and line.psa_phase_id == phase)
        on_day = lines.filtered(
            lambda line: (
                line.psa_phase_id
                and self.date
                and is_valid_on(
                    self.date, line.psa_phase_id.date_start or None, line.psa_phase_id.date_end or None
                )
            )
        )
        return (in_phase or on_day or lines)[:1]

    def _check_can_write(self, values):
        if "so_line" in values and not self.env.su:
            pinned = self.filtered(lambda line: line._psa_is_pinned())
            if pinned.filtered(lambda line: line.so_line.id != values["so_line"]):
                raise UserError(
                    self.env._(
                        "Approved time stays on its sales order item. Recall it first to move it to another."
                    )
                )
        return super()._check_can_write(values)
