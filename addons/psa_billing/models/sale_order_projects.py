"""Which statements of work show their amounts to a project manager: see ``project.project.psa_is_seen``."""

from odoo import api, fields, models
from odoo.fields import Domain


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_is_seen = fields.Boolean(
        string="Amounts Shown",
        compute="_compute_psa_is_seen",
        search="_search_psa_is_seen",
        help="Whether what is billed of the statement of work is shown to a project manager: it is delivered "
        "on a project whose work they see, or on none.",
    )

    @api.depends("project_id", "order_line.project_id", "order_line.task_id.project_id")
    @api.depends_context("uid")
    def _compute_psa_is_seen(self):
        seen = self._psa_projects_of_lines().filtered("psa_is_seen")
        for order in self:
            projects = order._psa_projects_of_lines()
            order.psa_is_seen = not projects or bool(projects & seen)

    def _psa_projects_of_lines(self):
        lines = self.order_line
        return self.project_id | lines.project_id | lines.task_id.project_id

    @api.model
    def _search_psa_is_seen(self, operator, value):
        if operator != "in":
            return NotImplemented
        seen = self._psa_delivered_on(Domain("psa_is_seen", "=", True))
        # sudo: as for projects, see there
        orders = self.sudo()._search(seen | ~self._psa_delivered_on(Domain.TRUE))
        return Domain("id", "any!", orders)

    def _psa_worked_projects(self):
        """All projects on which time may be logged for these SOWs."""
        # sudo: which projects deliver an order; what of their time is shown follows from the user's rights
        lines = self.sudo()._psa_contract().order_line
        projects = lines.order_id.project_id | lines.project_id
        on_lines = [("sale_line_id", "in", lines.ids)]
        projects |= projects.with_context(active_test=False).search(on_lines)
        time = [("so_line", "in", lines.ids), ("project_id", "!=", False)]
        for model, domain in (("project.task", on_lines), ("account.analytic.line", time)):
            rows = lines.env[model].with_context(active_test=False)._read_group(domain, ["project_id"])
            projects = projects.union(*(project for (project,) in rows))
        return projects.with_env(self.env)

    @api.model
    def _psa_delivered_on(self, projects):
        """Orders that are delivered on one of ``projects``, a domain."""
        # bypassing rules: which projects deliver an order is what the rules ask
        on_project = Domain("project_id", "any!", projects)
        on_task = Domain("task_id", "any!", on_project)
        return on_project | Domain("order_line", "any!", on_project | on_task)
