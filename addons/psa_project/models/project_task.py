from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class ProjectTask(models.Model):
    _inherit = "project.task"

    psa_role_id = fields.Many2one(
        "project.role",
        string="Role",
        help="The role in which time on this task is worked, whoever works it. "
        "Empty: the task that this one is a part of, else the engagement team or the employee's main role "
        "decides.",
    )
    psa_phase_id = fields.Many2one(
        "psa.phase",
        string="Phase",
        compute="_compute_psa_phase_id",
        store=True,
        readonly=False,
        domain="[('project_id', '=', project_id)]",
        index="btree_not_null",
    )

    def _auto_init(self):
        # A column that is there already is not computed for each of a firm's old tasks at install.
        if not column_exists(self.env.cr, "project_task", "psa_phase_id"):
            create_column(self.env.cr, "project_task", "psa_phase_id", "int4")
        return super()._auto_init()

    @api.depends("project_id")
    def _compute_psa_phase_id(self):
        """A task that moves to another project leaves its phase; a new part is in the phase of its task."""
        for task in self:
            if task.psa_phase_id.project_id != task.project_id:
                parent = task.parent_id
                task.psa_phase_id = parent.project_id == task.project_id and parent.psa_phase_id

    @api.constrains("psa_phase_id")
    def _check_psa_phase_of_project(self):
        if "psa_phase_mapping" in self.env.context:
            return  # the host copies parts of tasks first, and moves them to the copy of the project then
        for task in self:
            # sudo: whose phase it is matters also to a writer who cannot read the other project
            task.sudo().psa_phase_id._psa_check_of_project(task.sudo().project_id, task.sudo().name)

    def _psa_role(self):
        """The role of this task, else of the task of the same project that it is a part of; empty where
        neither says one."""
        task = self.sudo()  # sudo: which role it is follows from the tasks, which who logs time need not see
        while not task.psa_role_id and task.parent_id and task.parent_id.project_id == task.project_id:
            task = task.parent_id
        return task.psa_role_id.with_env(self.env)

    def copy_data(self, default=None):
        """A copy in another project is in the copy of the phase there, if there is one."""
        made = self.env.context.get("psa_phase_mapping", {})
        data = super().copy_data(default)
        for task, values in zip(self, data, strict=True):
            phase = task.psa_phase_id.id
            if values.get("psa_phase_id") == phase:
                kept = values.get("project_id") == task.project_id.id and phase
                values["psa_phase_id"] = made.get(phase, kept)
        return data
