"""Loads what demo XML cannot say: three months of time, relative to today.

Called from the demo data only. Nothing here runs in a database without demo data.
"""

import random
from datetime import timedelta

from odoo import Command, api, fields, models

#: Who works on which SOW, and for how many hours on a usual day.
TEAMS = {
    "sow_meridian_erp": {"lucia": 3, "priya": 6, "felix": 7},
    "sow_meridian_change": {"tomas": 2, "nora": 6},
    "sow_harbour_cost": {"lucia": 3, "grace": 7, "sofia": 6},
    "sow_solvane_entry": {"henrik": 2, "jonas": 3, "oscar": 4},
    "sow_tallis_regulation": {"amara": 2, "tomas": 4, "daniel": 7},
    "sow_tallis_target": {"henrik": 2, "jonas": 4, "oscar": 3},
}
NOTES = (
    "Workshop and follow-up",
    "Analysis",
    "Interviews",
    "Draft for the steering group",
    "Review with the client",
)
DAYS_LOGGED = 0.85  # chance that a person logs time on a day: leave, training and sick days make up the rest


class PsaDemoFirm(models.AbstractModel):
    _name = "psa.demo.firm"
    _description = "Demo Firm"

    @api.model
    def _load(self):
        """Sign the demo SOWs, staff them and log, submit and approve three months of time."""
        demo = self.with_context(tracking_disable=True, mail_create_nolog=True, mail_notrack=True)
        orders = {name: self.env.ref(f"psa_contracts.{name}") for name in TEAMS}
        for order in orders.values():
            order.with_context(**demo.env.context).action_confirm()
        demo._load_time(orders)
        self._reach_milestones(orders)

    @api.model
    def _load_time(self, orders):
        today = fields.Date.context_today(self)
        dice = random.Random(2026)
        vals_list = []
        for name, people in TEAMS.items():
            project = orders[name].order_line.task_id.project_id[:1]
            for login, hours in people.items():
                employee = self.env.ref(f"psa_project.employee_{login}")
                project.psa_team_ids = [
                    Command.create({"employee_id": employee.id, "role_id": employee.psa_role_id.id})
                ]
                vals_list += self._prepare_time(dice, orders[name], project, employee, hours, today)
        entries = self.env["account.analytic.line"].create(vals_list)
        self._approve_past_weeks(entries, today)

    @api.model
    def _prepare_time(self, dice, order, project, employee, hours, today):
        """Values of the entries of ``employee`` on each weekday from the start of ``order``
        until yesterday.
        """
        day, vals_list = order.psa_date_start, []
        while day < today:
            task = self._task_for(project, employee, day)
            if day.weekday() < 5 and task and dice.random() < DAYS_LOGGED:
                vals_list.append(
                    {
                        "date": day,
                        "project_id": project.id,
                        "task_id": task.id,
                        "employee_id": employee.id,
                        "unit_amount": hours + dice.choice((-1, -0.5, 0, 0, 0.5, 1)),
                        "name": dice.choice(NOTES),
                    }
                )
            day += timedelta(days=1)
        return vals_list

    @api.model
    def _task_for(self, project, employee, day):
        """The task of the phase of ``day`` in the employee's role, else one without a role."""

        def fits(task, role):
            phase = task.psa_phase_id
            in_phase = not phase or (
                (not phase.date_start or phase.date_start <= day)
                and (not phase.date_end or day <= phase.date_end)
            )
            return task.psa_role_id == role and in_phase

        tasks = project.task_ids
        return next(
            (
                task
                for role in (employee.psa_role_id, self.env["project.role"])
                for task in tasks
                if fits(task, role)
            ),
            None,
        )

    @api.model
    def _approve_past_weeks(self, entries, today):
        """Approved up to two weeks ago, submitted last week, draft this week."""
        monday = today - timedelta(days=today.weekday())
        entries.filtered(lambda entry: entry.date < monday).action_psa_submit()
        entries.filtered(lambda entry: entry.date < monday - timedelta(days=7)).action_psa_approve()

    @api.model
    def _reach_milestones(self, orders):
        """The first milestone of each SOW that has some was reached."""
        for order in orders.values():
            milestones = self.env["project.milestone"].search([("sale_line_id", "in", order.order_line.ids)])
            milestones.sorted(lambda milestone: milestone.sale_line_id.sequence)[:1].is_reached = True
