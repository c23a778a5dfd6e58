"""What a confirmed change order does to the engagement: tasks, phases, budget, dates."""

from odoo import fields, models

from .rights import PRICE_GROUPS


def put_hours(target, hours):
    """Allocate ``hours`` (below 0: take them back) to ``target``, a task or project that keeps 0 at least.

    :return: the hours that were put there
    """
    put = max(hours, -target.allocated_hours)
    if put:
        target.allocated_hours += put
    return put


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_allocated_hours = fields.Float(
        readonly=True,
        copy=False,
        groups=PRICE_GROUPS,
        help="Hours that this line of a change order put on the task of the line that it amends; fewer are "
        "taken from it than the line says where the task had not as many.",
    )


class ProjectProject(models.Model):
    _inherit = "project.project"

    def _psa_move_team(self, before, after):
        """Who was on the team until the end (or from the start) of the work still is, where that moves; who
        has another role of a later or earlier day keeps the days.

        :param before: ``(first day, last day)`` so far, ``after``: from now on; empty where open
        """
        (first, last), (start, end) = before, after
        for members in self.psa_team_ids.grouped("employee_id").values():
            rows = members.sorted(lambda member: (bool(member.date_start), member.date_start or None))
            if last and end and rows[-1].date_end == last and end >= (rows[-1].date_start or end):
                rows[-1].date_end = end
            if first and start and rows[0].date_start == first and start <= (rows[0].date_end or start):
                rows[0].date_start = start


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_allocated_hours = fields.Float(
        readonly=True,
        copy=False,
        groups=PRICE_GROUPS,
        help="Hours that this change order put on its project.",
    )

    def _psa_join_engagement(self):
        """Before the host makes projects and tasks: this change order delivers on the project of its SOW.

        An amending line has the task of the line that it amends.
        """
        self.ensure_one()
        project = self._psa_project()
        for line in self._psa_sold_lines():
            line.project_id = project
            if line.psa_amends_line_id:
                line.task_id = line._psa_group_head().task_id
            elif line.task_id.project_id != project:
                line.task_id = False

    def _psa_start_change(self):
        """What a confirmed change order makes of the engagement. Repeatable after a cancellation."""
        self.ensure_one()
        sow = self.psa_parent_id
        self._psa_place_lines()
        self._psa_allocate_hours()
        self._psa_move_dates()
        (sow | self)._psa_make_known_steps()
        self._psa_invite(self._psa_project())
        self._psa_project()._psa_plan_changed()
        sow._psa_post_change(self)
        sow._psa_terms_changed(sow._psa_contract()._psa_sold_lines())

    def _psa_allocate_hours(self):
        """The hours of amending lines come on top of those allocated to the task, those of all lines on top
        of those of the project; none goes below 0. What was put there is remembered, to be taken back.

        The hours of a new line's own task are the host's.
        """
        total = 0.0
        # sudo: what was put where follows from a change order that is confirmed by right; nobody types it
        for line in self._psa_sold_lines().sudo():
            hours = line._psa_hours()
            total += hours
            if line.psa_amends_line_id and line.task_id:
                line.psa_allocated_hours = put_hours(line.task_id, hours)
        if project := self._psa_project():
            self.sudo().psa_allocated_hours = put_hours(project, total)

    def _psa_take_hours_back(self):
        """Tasks and project have the hours that they would have without this change order."""
        # sudo: see _psa_allocate_hours
        for line in self._psa_sold_lines().sudo().filtered("psa_allocated_hours"):
            put_hours(line.task_id, -line.psa_allocated_hours)
            line.psa_allocated_hours = 0.0
        change = self.sudo()
        if change.psa_allocated_hours:
            put_hours(self._psa_project(), -change.psa_allocated_hours)
            change.psa_allocated_hours = 0.0

    def _psa_move_dates(self):
        """Project and phases take the dates that hold now, where this change order speaks of them."""
        sow, project = self.psa_parent_id, self._psa_project()
        changes = sow._psa_changes()
        moves_sow = bool(self.psa_date_start or self.psa_date_end)
        if project and moves_sow:
            start, end = sow._psa_period(changes)
            project.write({"date_start": start, "date": end})
            # what held without this change order, or with it where it was cancelled
            without = changes - self if self in changes else changes | self
            project._psa_move_team(sow._psa_period(without), (start, end))
        sections = (sow | changes).order_line.filtered(
            lambda line: line.display_type == "line_section" and not line.psa_amends_line_id
        )
        amended = self.order_line.psa_amends_line_id
        for section in sections.filtered("psa_phase_id"):
            if moves_sow or section in amended:
                start, end = sow._psa_phase_dates(section, changes)
                section.psa_phase_id.write({"date_start": start, "date_end": end})

    def _psa_post_change(self, change):
        """Tell the followers of the SOW and of its project what has changed."""
        for record in (self, self._psa_project()):
            if not record:
                continue
            record.message_post(
                body=self.env._(
                    "%(change)s was confirmed: %(reason)s",
                    change=change._get_html_link(),
                    reason=change.psa_change_reason or "",
                ),
                subtype_xmlid="mail.mt_note",
            )
