from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PsaPhase(models.Model):
    _name = "psa.phase"
    _description = "Project Phase"
    _order = "project_id, sequence, date_start, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    project_id = fields.Many2one("project.project", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="project_id.company_id", store=True)
    date_start = fields.Date(string="Start", copy=False)
    date_end = fields.Date(string="End", copy=False, help="Last day of the phase.")
    budget_line_ids = fields.One2many("psa.budget.line", "phase_id", string="Budget Lines")
    budget_hours = fields.Float(
        string="Budget",
        compute="_compute_budget_hours",
        store=True,
        readonly=False,
        help="Hours planned for the phase: those of its budget lines, where it has some.",
    )
    spent_hours = fields.Float(
        string="Spent",
        compute="_compute_spent_hours",
        help="Hours logged on the tasks of the phase, approved or not.",
    )
    state = fields.Selection(
        [("planned", "Planned"), ("active", "Active"), ("done", "Done")],
        default="planned",
        required=True,
        copy=False,
    )
    task_ids = fields.One2many("project.task", "psa_phase_id", string="Tasks")

    _dates_in_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "A phase cannot end before it starts: check the two dates.",
    )
    _budget_not_negative = models.Constraint(
        "CHECK(budget_hours IS NULL OR budget_hours >= 0)",
        "The budget of a phase cannot be below zero hours.",
    )

    @api.constrains("project_id")
    def _check_project_of_parts(self):
        self.task_ids._check_psa_phase_of_project()
        self.budget_line_ids._check_phase_of_project()

    def _psa_check_of_project(self, project, what):
        """:raises ValidationError: where this phase is none of ``project``, of which ``what`` is a part"""
        if self and self.project_id != project:
            raise ValidationError(
                self.env._(
                    "The phase %(phase)s of %(what)s is none of %(project)s. Choose a phase of the project; "
                    "in a file, name it by its external or database ID: phases of several projects have one "
                    "name.",
                    phase=self.name,
                    what=what,
                    # not of which it is: its project may be a private one
                    project=project.display_name or self.env._("no project"),
                )
            )

    @api.depends("budget_line_ids.hours")
    def _compute_budget_hours(self):
        for phase in self:
            if phase.budget_line_ids:
                # lines that people took away or moved may leave less than a change order takes off
                phase.budget_hours = max(0.0, sum(phase.budget_line_ids.mapped("hours")))

    @api.depends("task_ids.timesheet_ids.unit_amount")
    def _compute_spent_hours(self):
        # sudo: the total of a phase counts everybody's hours; a person sees the sum, not the entries.
        rows = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [("task_id.psa_phase_id", "in", self.ids), ("project_id", "!=", False)],
                ["task_id"],
                ["unit_amount:sum"],
            )
        )
        spent = dict.fromkeys(self.ids, 0.0)
        for task, hours in rows:
            spent[task.psa_phase_id.id] += hours
        for phase in self:
            phase.spent_hours = spent.get(phase.id, 0.0)
