"""Hours and days on SOW lines: a day has the hours of the company's working day when it was signed, not the
host's fixed 8."""

from odoo import api, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_unit_hours(self):
        """Hours in one unit of this line; 0.0 where it is not sold by time."""
        self.ensure_one()
        if self.display_type:
            return 0.0
        order = self.order_id
        return self.product_uom_id._psa_hours(
            order if order.psa_kind else self.company_id or self.env.company
        )

    def _psa_quantity_of_time(self, amount, unit):
        """``amount`` of ``unit`` (that of the time worked) in the unit of this line, not rounded."""
        self.ensure_one()
        if not unit or unit == self.product_uom_id:
            return amount
        hours, unit_hours = unit._psa_hours(self.company_id), self._psa_unit_hours()
        if not (hours and unit_hours):
            return unit._compute_quantity(amount, self.product_uom_id, round=False, raise_if_failure=False)
        return amount * hours / unit_hours

    def _get_delivered_quantity_by_analytic(self, additional_domain):
        day = self.env["uom.uom"]._psa_day()
        by_day = self.filtered(
            lambda line: (
                line.order_id.psa_kind
                and line.product_uom_id == day
                and line.qty_delivered_method == "timesheet"
            )
        )
        result = super(SaleOrderLine, self - by_day)._get_delivered_quantity_by_analytic(additional_domain)
        if by_day:
            rows = self.env["account.analytic.line"]._read_group(
                [("so_line", "in", by_day.ids), *additional_domain],
                ["so_line", "product_uom_id"],
                ["unit_amount:sum"],
            )
            for line, unit, amount in rows:
                result[line.id] += line.product_uom_id.round(line._psa_quantity_of_time(amount, unit))
        return result

    def _convert_qty_company_hours(self, dest_company):
        hours = self._psa_unit_hours() if self.order_id.psa_kind else 0.0
        company_hours = dest_company.project_time_mode_id._psa_hours(dest_company)
        if not (hours and company_hours):
            return super()._convert_qty_company_hours(dest_company)
        return self.product_uom_qty * hours / company_hours

    def _timesheet_create_project(self):
        project = super()._timesheet_create_project()
        template = self.product_id.project_template_id
        if self.order_id.psa_kind and not template.allocated_hours:
            # The host counted eight hours a day, for the lines that share the project.
            day = self.env["uom.uom"]._psa_day()
            lines = self.order_id.order_line.filtered(
                lambda line: (
                    line.product_uom_id == day
                    and line.product_id.service_tracking in ("task_in_project", "project_only")
                    and line.product_id.project_template_id == template
                )
            )
            counted = day.factor / self.env["uom.uom"]._psa_hour().factor
            more = sum(line.product_uom_qty * (line._psa_unit_hours() - counted) for line in lines)
            if more:
                project.allocated_hours += more
        return project

    @api.depends("psa_role_id", "psa_kind")
    def _compute_allowed_uom_ids(self):
        result = super()._compute_allowed_uom_ids()
        time = self.env["uom.uom"]._psa_hour() | self.env["uom.uom"]._psa_day()
        for line in self.filtered(lambda line: line.psa_kind and line.psa_role_id):
            if line.product_id.uom_id in time:
                line.allowed_uom_ids |= time
        return result
