"""What builds on a change order, and how an unused one is taken back."""

from odoo import models
from odoo.tools import format_amount, format_date

from .numbers import number_told


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_uses(self):
        """What builds on this confirmed change order, in words; empty where it can be cancelled."""
        self.ensure_one()
        return [
            *self._psa_uses_by_work(),
            *self._psa_uses_by_bills(),
            *self._psa_uses_by_changes(),
            *self._psa_uses_of_terms(),
            *self._psa_uses_of_caps(),
            *self._psa_uses_of_dates(),
        ]

    def _psa_used_for_good(self):
        """Those of these confirmed change orders of a SOW that cannot be cancelled, the last one first: what
        hangs on those after it says nothing of one that is not the last."""
        last = self.sorted(lambda change: (change.date_order, change.id))[-1:]
        return self.filtered(
            lambda change: (
                change._psa_uses()
                if change == last
                else [*change._psa_uses_by_work(), *change._psa_uses_by_bills()]
            )
        )

    def _psa_uses_by_work(self):
        rows = self.env["account.analytic.line"]._read_group(
            [("so_line", "in", self.order_line.ids), ("project_id", "!=", False)],
            ["so_line"],
            ["unit_amount:sum"],
        )
        for line, hours in rows:
            yield self.env._(
                "%(hours)s hours on %(line)s", hours=number_told(self.env, hours), line=line.name
            )
        own = self._psa_own_tasks()
        for task in own.filtered(lambda task: task.timesheet_ids or task.child_ids):
            yield self.env._("the task %s, which has time or sub-tasks", task.name)
        for task in self._psa_own_phases().task_ids - own:
            yield self.env._(
                "the task %(task)s in the phase %(phase)s", task=task.name, phase=task.psa_phase_id.name
            )
        for milestone in self._psa_own_milestones().filtered("is_reached"):
            yield self.env._("the milestone %s, which is reached", milestone.name)

    def _psa_uses_by_bills(self):
        moves = self.order_line.invoice_lines.move_id.filtered(lambda move: move.state != "cancel")
        for move in moves:
            yield self.env._("the invoice %s", move.display_name)

    def _psa_uses_by_changes(self):
        later = self.env["sale.order.line"].search(
            [
                ("psa_amends_line_id", "in", self.order_line.ids),
                ("state", "=", "sale"),
                ("order_id", "!=", self.id),
            ]
        )
        for change in later.order_id:
            yield self.env._("the change order %s", change.name)

    def _psa_uses_of_terms(self):
        """Hours that would be more than what was agreed without this change order."""
        amending = self._psa_sold_lines().filtered("psa_amends_line_id")
        members = amending._psa_group_members()
        for head, (worked, billed) in amending._psa_used_quantities().items():
            group = members[head]
            left = sum((group - self.order_line).mapped("product_uom_qty"))
            if round(max(worked, billed), 6) > round(left, 6) and sum(group.mapped("product_uom_qty")) > left:
                yield self.env._(
                    "%(line)s: %(worked)s worked and %(billed)s billed, more than the %(left)s "
                    "that would be left",
                    line=head.psa_role_id.name or head.name,
                    worked=number_told(self.env, worked),
                    billed=number_told(self.env, billed),
                    left=number_told(self.env, left),
                )

    def _psa_uses_of_caps(self):
        """Work that would be over a cap again."""
        sow, order = self.psa_parent_id, self
        capped = self.order_line.filtered("psa_cap_change")
        caps = [
            (
                sow._psa_cap(sow._psa_changes() - self),
                self.psa_cap_change,
                sow._psa_contract()._psa_sold_lines(),
            )
        ]
        for head, members in capped._psa_group_members().items():
            left = members.filtered(lambda line: line.order_id != order)
            caps.append((head._psa_cap(left), head._psa_cap(members) - head._psa_cap(left), members))
        for cap, change, lines in caps:
            tighter = change > 0 or sow.currency_id.is_zero(cap + change)  # 0: there is no cap now
            if cap and tighter and cap < (taken := lines._psa_taken_of_cap()):
                yield self.env._(
                    "%(taken)s worked or billed, more than the cap of %(cap)s that would hold again",
                    taken=format_amount(self.env, taken, sow.currency_id),
                    cap=format_amount(self.env, cap, sow.currency_id),
                )

    def _psa_uses_of_dates(self):
        """Time, and other change orders, outside of the days that would hold again."""
        sow = self.psa_parent_id
        remaining = sow._psa_changes() - self
        (first, last), (start, end) = sow._psa_worked_days(), sow._psa_period(remaining)
        if self.psa_date_end and last and end and end < last:
            yield self.env._("time logged until %s, after the former end", format_date(self.env, last))
        if self.psa_date_start and first and start and first < start:
            yield self.env._("time logged from %s on, before the former start", format_date(self.env, first))
        if start and end and end < start:
            yield self.env._(
                "the end on %(end)s, which is before the former start on %(start)s",
                start=format_date(self.env, start),
                end=format_date(self.env, end),
            )
        elif problem := sow._psa_phases_problem(remaining):
            yield problem

    # -- what it made ----------------------------------------------------------------------

    def _psa_own_lines(self):
        """The lines that sell something new: they amend none."""
        return self._psa_sold_lines().filtered(lambda line: not line.psa_amends_line_id)

    def _psa_own_tasks(self):
        # what was made for a line names it; a task that somebody put on the line is not the change order's
        return self._psa_own_lines().mapped(
            lambda line: line.task_id.filtered(lambda t: t.sale_line_id == line)
        )

    def _psa_own_milestones(self):
        return self.env["project.milestone"].search([("sale_line_id", "in", self._psa_own_lines().ids)])

    def _psa_own_phases(self):
        sections = self.order_line.filtered(lambda line: line.display_type and not line.psa_amends_line_id)
        return sections.psa_phase_id.filtered(lambda phase: phase.project_id == self._psa_project())

    def _psa_undo_change(self):
        """Bring project, phases, budget and caps back to what holds without this cancelled change order."""
        self.ensure_one()
        lines = self.psa_parent_id._psa_contract()._psa_sold_lines() | self._psa_sold_lines()
        self._psa_take_hours_back()
        self.env["psa.budget.line"].search([("sale_line_id", "in", self.order_line.ids)]).unlink()
        self._psa_own_milestones().unlink()
        self._psa_own_tasks().unlink()
        self._psa_own_phases().unlink()
        self.order_line.write({"psa_phase_id": False, "task_id": False})
        self._psa_move_dates()
        self._psa_project()._psa_plan_changed()
        self.psa_parent_id._psa_terms_changed(lines)
