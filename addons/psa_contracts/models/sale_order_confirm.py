"""What has to be right before a SOW is confirmed, and what confirming makes of it."""

from odoo import api, models
from odoo.tools import format_date

from .follow import write_changed


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
        if self.psa_kind == "change_order":
            return self._psa_change_order_problem()
        if not self._psa_sold_lines():
            return self.env._("it has no lines. Add what was sold before you confirm it.")
        if not self.psa_date_start:
            return self.env._("it has no start date. The rates are those of that day.")
        return self._psa_lines_problem() or self._psa_phases_problem(self.browse())

    def _psa_lines_problem(self):
        return next((problem for line in self._psa_sold_lines() if (problem := line._psa_problem())), None)

    def _psa_phases_problem(self, changes):
        """:param changes: the change orders that moved dates, or would"""
        for section in (self | changes).order_line.filtered(lambda line: line.display_type == "line_section"):
            start, end = self._psa_phase_dates(section.psa_amends_line_id or section, changes)
            if start and end and end < start:
                return self.env._(
                    "the phase %(phase)s ends before it starts (%(start)s – %(end)s). Correct its dates; a "
                    "date left empty is that of the statement of work.",
                    phase=section.name,
                    start=format_date(self.env, start),
                    end=format_date(self.env, end),
                )
        return None

    def _action_confirm(self):
        # sudo: what the cards say, whoever confirms
        signed = self.filtered("psa_kind").sudo()
        signed.order_line._psa_keep_signed_prices()
        signed._psa_keep_day_hours()
        signed._psa_keep_choice()
        signed._psa_keep_signed_rates()
        result = super()._action_confirm()
        # sudo: a salesperson who may confirm the SOW need not be a project manager; what is made
        # follows from the order alone.
        for order in self.filtered("psa_kind").sudo():
            if order.psa_kind == "change_order":
                order._psa_start_change()
            else:
                order._psa_start_delivery()
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
        self._psa_refresh_client()
        self._psa_refresh_phases()
        self._psa_place_lines()
        self._psa_make_known_steps()
        self._psa_invite(project)
        project._psa_plan_changed()

    def _psa_refresh_client(self):
        """A project that an earlier confirmation made is that of the client who signs now: whom the SOW was
        written for before neither owns nor follows it. A project of others on which it is delivered stays."""
        project, client = self._psa_project(), self.partner_id.commercial_partner_id
        former = project.partner_id.commercial_partner_id
        tasks = self.order_line.task_id.filtered(lambda task: task.sale_line_id.order_id == self)
        # tasks that were just made are those of the client
        if former == client or former not in tasks.partner_id.commercial_partner_id:
            return
        for records in (project, tasks):
            theirs = records.filtered(lambda one: one.partner_id.commercial_partner_id == former)
            theirs.partner_id = self.partner_id
            followers = records.message_partner_ids.filtered(
                lambda partner: partner.commercial_partner_id == former
            )
            records.message_unsubscribe(followers.ids)

    def _psa_invite(self, project):
        """The client follows the engagement, and the people sold by name are on its team."""
        if not project:
            return
        project.message_subscribe(partner_ids=self.partner_id.ids)
        known = project.psa_team_ids.employee_id
        start, end = self._psa_sow()._psa_period()
        self.env["psa.team.member"].create(
            [
                {
                    "project_id": project.id,
                    "employee_id": line.psa_employee_id.id,
                    "role_id": line.psa_role_id.id,
                    "date_start": start,
                    "date_end": end,
                }
                for employee, lines in self._psa_sold_lines().grouped("psa_employee_id").items()
                if employee and employee not in known
                for line in lines.filtered("psa_role_id")[:1]
            ]
        )

    def _psa_lines_of_project(self, project):
        """The lines of this SOW that ``project`` was made for, in their order."""
        return self.order_line.filtered(lambda line: line.project_id == project)

    def _psa_refresh_phases(self):
        """Phases that an earlier confirmation made take the name and dates that hold now."""
        project = self._psa_project()
        for section in self.order_line.filtered("psa_phase_id"):
            if section.display_type == "line_section" and section.psa_phase_id.project_id == project:
                section.psa_phase_id.write(self._psa_prepare_phase(section))

    def _psa_project(self):
        """The project that delivers this SOW; empty before it is made."""
        # of a SOW that needed none, a change order may have made it
        for order in (self._psa_sow(), *self._psa_sow()._psa_changes(), self):
            project = order.order_line.project_id[:1] or order.order_line.task_id.project_id[:1]
            if project:
                return project
        return self.env["project.project"]

    def _psa_place_lines(self):
        """Phases from the sections, role and phase on the generated tasks, the budget; what has its place
        keeps it."""
        self.ensure_one()
        project = self._psa_project()
        if not project:
            return
        sections = self._psa_sections()
        self._psa_make_phases(project, sections)
        for line, section in sections.items():
            task = line.task_id
            # what a line changes stays in its phase, wherever the change stands
            line.psa_phase_id = line.psa_amends_line_id.psa_phase_id or section.psa_phase_id
            if (
                task.sale_line_id == line
                and not task.psa_role_id
                and not task.psa_phase_id
                and not line.psa_amends_line_id
            ):
                # a product may have its tasks in a project of its own, which has none of these phases
                phase = line.psa_phase_id.filtered(lambda one, task=task: one.project_id == task.project_id)
                task.write({"psa_role_id": line.psa_role_id.id, "psa_phase_id": phase.id})
        self._psa_sync_budget(project)

    def _psa_make_phases(self, project, sections):
        used = self.order_line.browse(dict.fromkeys(section.id for section in sections.values() if section))
        for section in used.filtered("psa_amends_line_id"):
            section.psa_phase_id = section.psa_amends_line_id.psa_phase_id
        new = used.filtered(lambda section: section.psa_phase_id.project_id != project)
        last = max(project.psa_phase_ids.mapped("sequence"), default=0) if self.psa_parent_id else 0
        free = {self._psa_phase_key(phase): phase for phase in reversed(self._psa_free_phases(project))}
        missing = []
        for number, section in enumerate(used, start=1):
            if section not in new:
                continue
            values = {"sequence": last + 10 * number, **self._psa_prepare_phase(section)}
            if phase := free.pop(self._psa_phase_key(section), None):
                phase.write(values)
                section.psa_phase_id = phase
            else:
                missing.append((section, {"project_id": project.id, **values}))
        phases = self.env["psa.phase"].create([values for _section, values in missing])
        for (section, _values), phase in zip(missing, phases, strict=True):
            section.psa_phase_id = phase

    @api.model
    def _psa_phase_key(self, named):
        """What a section and the phase that it stands for have in common: their name, however it is typed."""
        return (named.name or "").strip().casefold()

    def _psa_free_phases(self, project):
        """Phases of ``project`` that no section stands for yet, as those of the template it was made from."""
        phases = project.psa_phase_ids
        return phases - self.env["sale.order.line"].search([("psa_phase_id", "in", phases.ids)]).psa_phase_id

    def _psa_prepare_phase(self, section):
        """Values of the phase of ``section``."""
        start, end = self._psa_phase_dates(section)
        return {"name": section.name, "date_start": start, "date_end": end}

    def _psa_sync_budget(self, project):
        """One budget line for each line that sells hours; those of change orders are signed."""
        lines = self._psa_sold_lines()
        budgets = self.env["psa.budget.line"].search([("sale_line_id", "in", lines.ids)])
        by_line = budgets.grouped("sale_line_id")
        costs = lines._psa_hour_costs()
        new, kept = [], budgets.browse()
        for line in lines:
            hours = line._psa_hours()
            if not hours:
                continue
            values = {
                "project_id": project.id,
                "phase_id": line.psa_phase_id.id,
                "role_id": line.psa_role_id.id,
                "hours": hours,
                "cost": hours * costs.get(line, 0.0),
                "sale_line_id": line.id,
            }
            budget = by_line.get(line)
            if budget:
                kept += budget
                write_changed(budget, values)
            else:
                new.append(values)
        (budgets - kept).unlink()
        budgets.create(new)


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
            return self._psa_price_problem(label)
        return None

    def _psa_price_problem(self, label):
        self.ensure_one()
        # sudo: whoever confirms may know why this line has no price.
        reason = self.sudo().psa_rate_reason or ""
        if self.order_id.psa_kind == "change_order":
            return self.env._(
                "the line %(line)s has no price. %(reason)s Add the rate to a card and choose the role "
                "again, or type the price.",
                line=label,
                reason=reason,
            )
        return self.env._(
            "the line %(line)s has no price. %(reason)s Add the rate to a card and press Update Prices (the "
            "round arrow beside the rate card), or type the price.",
            line=label,
            reason=reason,
        )
