"""The hours of a task as the client sees them in the portal: those of a SOW once they are approved."""

from odoo import models
from odoo.fields import Domain

from .account_analytic_line import SHOWN_TO_CLIENTS


class ProjectTask(models.Model):
    _inherit = "project.task"

    def _psa_client_hours(self, user):
        """``{task: (hours of its own, hours of all its sub-tasks)}`` that ``user`` is shown in the portal:
        the host's figures where they work for the firm.

        :param user: who opened the page; the tasks of a page may be the superuser's
        """
        # sudo: the page has checked who reads these tasks, and the domain says which of their time
        tasks = self.sudo()
        if user._is_internal():
            return {task: (task.effective_hours, task.subtask_effective_hours) for task in tasks}
        below = tasks.with_context(active_test=False)._get_subtask_ids_per_task_id()
        everything = {*self.ids, *(number for numbers in below.values() for number in numbers)}
        entries = tasks.env["account.analytic.line"]
        rows = entries._read_group(
            Domain("task_id", "in", list(everything)) & SHOWN_TO_CLIENTS,
            ["task_id"],
            ["unit_amount:sum"],
        )
        hours = {task.id: own for task, own in rows}
        return {
            task: (hours.get(task.id, 0), sum(hours.get(number, 0) for number in below.get(task.id, ())))
            for task in tasks
        }

    def _psa_for_client(self, user):
        """This task, not to be stored, with the hours that ``user`` is shown of it in the portal, and what
        follows from them (remaining, progress)."""
        self.ensure_one()
        if user._is_internal():
            return self
        own, below = self._psa_client_hours(user)[self]
        return self.new({"effective_hours": own, "subtask_effective_hours": below}, origin=self)

    def _get_portal_total_hours_dict(self):
        totals = super()._get_portal_total_hours_dict()
        if totals:
            shown = self.filtered("allow_timesheets")._psa_client_hours(self.env.user)
            totals["effective_hours"] = sum(own for own, _below in shown.values())
        return totals
