"""What has to be right before a SOW is confirmed, and what confirming makes of it."""

from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _confirmation_error_message(self):
        if self.psa_kind:
            problem = self._psa_confirmation_problem()
            if problem:
                return f"{self.name}: {problem}"
        return super()._confirmation_error_message()

    def _psa_confirmation_problem(self):
        """The first thing that keeps this SOW from being confirmed, in words; None if nothing does."""
        sold = self.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)
        if not sold:
            return self.env._("it has no lines. Add what was sold before you confirm it.")
        if not self.psa_date_start:
            return self.env._("it has no start date. The rates are those of that day.")
        for line in sold:
            problem = line._psa_problem()
            if problem:
                return problem
        for section in self.order_line.filtered(lambda line: line.display_type == "line_section"):
            start, end = self._psa_phase_dates(section)
            if start and end and end < start:
                return self.env._(
                    "the phase %(phase)s ends before it starts (%(start)s – %(end)s). Correct its dates; a "
                    "date left empty is that of the statement of work.",
                    phase=section.name,
                    start=fields.Date.to_string(start),
                    end=fields.Date.to_string(end),
                )
        return None

    def _psa_phase_dates(self, section):
        """First and last day (inclusive) of the phase of ``section``; the SOW's where it has none."""
        self.ensure_one()
        return section.psa_date_start or self.psa_date_start, section.psa_date_end or self.psa_date_end

    def _action_confirm(self):
        result = super()._action_confirm()
        for order in self.filtered("psa_kind"):
            # sudo: a salesperson who may confirm the SOW need not be a project manager; what is made
            # follows from the order alone.
            order.sudo()._psa_start_delivery()
        return result

    def _psa_start_delivery(self):
        """Dates on the project, then what ``_psa_place_lines`` makes. Repeatable."""
        self.ensure_one()
        project = self._psa_project()
        if project and self.psa_date_start and self.psa_date_end:
            project.write({"date_start": self.psa_date_start, "date": self.psa_date_end})
        if project and not project.sale_line_id:
            # the host empties it when an order is cancelled, and leaves it so when it is confirmed again
            project.sale_line_id = self._psa_lines_of_project(project)[:1]
        self._psa_refresh_phases()
        self._psa_place_lines()

    def _psa_lines_of_project(self, project):
        """The lines of this SOW that ``project`` was made for, in their order."""
        return self.order_line.filtered(lambda line: line.project_id == project)

    def _psa_refresh_phases(self):
        """Phases that an earlier confirmation made take the name, dates and hours that hold now."""
        sections = self._psa_sections()
        for section in self.order_line.filtered("psa_phase_id"):
            if section.display_type == "line_section":
                section.psa_phase_id.write(self._psa_prepare_phase(section, sections))

    def _psa_project(self):
        """The project that delivers this SOW; empty before it is made."""
        return self.order_line.project_id[:1] or self.order_line.task_id.project_id[:1]

    def _psa_place_lines(self):
        """Phases from the sections, role and phase on the generated tasks; what has its place keeps it."""
        self.ensure_one()
        project = self._psa_project()
        if not project:
            return
        sections = self._psa_sections()
        self._psa_make_phases(project, sections)
        for line, section in sections.items():
            task = line.task_id
            line.psa_phase_id = section.psa_phase_id
            if task and not task.psa_role_id and not task.psa_phase_id:
                task.write({"psa_role_id": line.psa_role_id.id, "psa_phase_id": section.psa_phase_id.id})

    def _psa_make_phases(self, project, sections):
        used = self.order_line.browse(dict.fromkeys(section.id for section in sections.values() if section))
        new = used.filtered(lambda section: not section.psa_phase_id)
        phases = self.env["psa.phase"].create(
            [
                {
                    "project_id": project.id,
                    "sequence": 10 * number,
                    **self._psa_prepare_phase(section, sections),
                }
                for number, section in enumerate(used, start=1)
                if section in new
            ]
        )
        for section, phase in zip(new, phases, strict=True):
            section.psa_phase_id = phase

    def _psa_prepare_phase(self, section, sections):
        """Values of the phase of ``section``; ``sections`` as of ``_psa_sections``."""
        start, end = self._psa_phase_dates(section)
        lines = [line for line, of_section in sections.items() if of_section == section]
        return {
            "name": section.name,
            "date_start": start,
            "date_end": end,
            "budget_hours": sum(line._psa_hours() for line in lines),
        }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_problem(self):
        """What keeps this line's SOW from being confirmed, in words; None if nothing does."""
        self.ensure_one()
        label = self.psa_role_id.name or self.name or ""
        if self.is_expense:
            return None  # the host re-invoices it as the expense says
        if not self.psa_billing_model:
            return self.env._("the line %s has no billing model. Choose how it is paid.", label)
        problem = self._psa_product_problem(label)
        if problem:
            return problem
        if self.psa_billing_model == "time_material" and not self.psa_role_id:
            return self.env._("the time and material line %s has no role. Choose one.", label)
        if self.psa_billing_model == "time_material" and not self.price_unit:
            return self.env._(
                "the line %(line)s has no price. %(reason)s Add the rate to a card and choose the role "
                "again, or type the price.",
                line=label,
                # sudo: whoever confirms may know why this line has no price.
                reason=self.sudo().psa_rate_reason or "",
            )
        return None
