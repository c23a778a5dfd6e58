"""The project of a SOW as a copy of its project template."""

from odoo import api, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _timesheet_create_project(self):
        order = self.order_id
        if not order.psa_kind:
            return super()._timesheet_create_project()
        if order.psa_project_template_id and not self.product_id.project_template_id:
            project = self._psa_create_project(order, order.psa_project_template_id)
        else:
            project = super()._timesheet_create_project()
        # A SOW has the phases that it sells: see _psa_make_phases for those of the template that it does.
        sold = {order._psa_phase_key(section) for section in order._psa_sections().values() if section}
        project.psa_phase_ids.filtered(lambda phase: order._psa_phase_key(phase) not in sold).unlink()
        return project

    def _psa_create_project(self, order, template):
        """The copy of ``template`` that delivers ``order``."""
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
