"""The milestones that a confirmed line of a SOW gets, once."""

from odoo import models

#: In the context: ids of the projects that were there before the lines were confirmed.
KNOWN_PROJECTS = "psa_known_project_ids"


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _timesheet_service_generation(self):
        known = self.env.context.get(KNOWN_PROJECTS) or self.project_id.ids
        return super(
            SaleOrderLine, self.with_context(**{KNOWN_PROJECTS: known})
        )._timesheet_service_generation()

    def _handle_milestones(self, project):
        """The host makes another milestone of the whole line each time that the order is confirmed, and puts
        a new line on all milestones of the project that release nothing, also where they are reached. That is
        right for the milestones of a template, in a project that was just made from it.
        """
        if not self.order_id.psa_kind or self.product_id.service_policy != "delivered_milestones":
            return super()._handle_milestones(project)
        milestones = self.env["project.milestone"]
        if milestones.search_count([("sale_line_id", "=", self.id)], limit=1):
            return None
        if self.project_id.id not in self.env.context.get(KNOWN_PROJECTS, ()):
            return super()._handle_milestones(project)
        self.project_id.allow_milestones = True
        milestone = milestones.create(
            {
                "name": self.name,
                "project_id": self.project_id.id,
                "sale_line_id": self.id,
                "quantity_percentage": 1,
            }
        )
        if self.product_id.service_tracking == "task_in_project":
            self.task_id.milestone_id = milestone
        return None
