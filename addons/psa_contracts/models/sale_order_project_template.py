"""The project of a SOW as a copy of its project template."""

from odoo import api, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_place_lines(self):
        result = super()._psa_place_lines()
        self._psa_place_template_tasks()
        return result

    def _psa_place_template_tasks(self):
        """Tasks copied from a project template go into the phase of the same name, else into none."""
        project = self._psa_project()
        phases = {phase.name.strip().casefold(): phase for phase in project.psa_phase_ids}
        for task in project.tasks:
            if task.psa_phase_id and task.psa_phase_id.project_id != project:
                task.psa_phase_id = phases.get(task.psa_phase_id.name.strip().casefold(), False)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _timesheet_create_project(self):
        template = self.order_id.psa_kind and self.order_id.psa_project_template_id
        if not template or self.product_id.project_template_id:
            return super()._timesheet_create_project()
        order = self.order_id
        values = self._timesheet_create_project_prepare_values()
        values.update(
            name=f"{values['name']} - {template.name}",
            user_id=template.user_id.id,
            **self._timesheet_create_project_account_vals(order.project_id),
        )
        if order.psa_date_start and order.psa_date_end:
            values.update(date_start=order.psa_date_start, date=order.psa_date_end)
        project = template.action_create_from_template(values)
        # No line on the tasks of the copy: time on them goes to the line of the role that worked.
        project.tasks.sale_line_id = False
        self.write({"project_id": project.id})
        project.reinvoiced_sale_order_id = order
        return project


class ProjectTask(models.Model):
    _inherit = "project.task"

    @api.depends("project_id.sale_line_id")
    def _compute_sale_line(self):
        """On a SOW a task has the line that it was made for, or none: the first line of the project would
        only hide that the role of the person who works decides who pays."""
        # sudo: that a project belongs to a SOW is no secret to who works on it
        sow_projects = self.project_id.sudo().filtered("sale_line_id.order_id.psa_kind")
        if not sow_projects:
            return super()._compute_sale_line()
        without = self.filtered(
            lambda task: (
                task.project_id in sow_projects
                and not task.sale_line_id
                and not task.parent_id.sale_line_id
                and not task.milestone_id.sale_line_id
            )
        )
        without.sale_line_id = False
        return super(ProjectTask, self - without)._compute_sale_line()
