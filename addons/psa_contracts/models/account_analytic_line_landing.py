"""The SOW line that time lands on, and the move to the line of its rate when it is approved."""

from odoo import api, models
from odoo.exceptions import UserError

from ..core.billing_models import TIME_MATERIAL
from ..core.rates import MissingRate
from .sow_landing import SowLanding


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    def _psa_contract(self):
        """The SOW or change order whose line this entry's task, else its project, names; in sudo."""
        self.ensure_one()
        # sudo: that a project belongs to a SOW is no secret to who sees the time on it
        line = self.task_id.sudo().sale_line_id or self.project_id.sudo().sale_line_id
        return line.order_id.filtered("psa_kind")

    def _psa_contracts(self):
        """``{entry: see _psa_contract}``, asked once for each task."""
        found = {}
        for line in self:
            key = line.task_id.id, line.project_id.id
            if key not in found:
                found[key] = line._psa_contract()
        return {line: found[line.task_id.id, line.project_id.id] for line in self}

    @api.depends("psa_role_id", "date")
    def _compute_so_line(self):
        movable = self.filtered(lambda line: not line._psa_is_pinned())
        on_sow = movable.filtered(
            lambda line: (
                not line.is_so_line_edited
                and line.project_id.allow_billable
                and line._is_not_billed()
                and line._psa_contract()
            )
        )
        if on_sow:
            # sudo: which line pays for time follows from the contract, which its writer need not see
            landing = SowLanding(on_sow.sudo())
            for line in on_sow:
                line.so_line = landing.line_of(line.sudo()).id
        return super(AccountAnalyticLine, movable - on_sow)._compute_so_line()

    def _is_updatable_timesheet(self):
        """The host's table of people and sales order items of a project says nothing of time on a SOW."""
        return super()._is_updatable_timesheet() and not self._psa_contract()

    def _timesheet_determine_sale_line(self):
        """On a SOW: the line of the task or role, of its group the one at the price of the day."""
        if not self._psa_contract():
            return super()._timesheet_determine_sale_line()
        return SowLanding(self.sudo()).line_of(self.sudo())  # sudo: see _compute_so_line

    def write(self, vals):
        """Where somebody chose the line of time, the choice holds on its statement of work: time that is put
        on the task or project of another one lands there."""
        if vals.keys() & {"so_line", "is_so_line_edited"} or not vals.keys() & {"project_id", "task_id"}:
            return super().write(vals)
        # sudo: see _compute_so_line
        chosen = self.sudo().filtered(lambda line: line.is_so_line_edited and line.so_line.order_id.psa_kind)
        former = {line: contract._psa_sow() for line, contract in chosen._psa_contracts().items()}
        result = super().write(vals)
        put_on = {line: contract._psa_sow() for line, contract in chosen._psa_contracts().items()}
        gone = chosen.filtered(
            lambda line: put_on[line] not in (former[line], line.so_line.order_id._psa_sow())
        )
        if gone:
            gone.is_so_line_edited = False
            self.env.add_to_compute(self._fields["so_line"], gone)
        return result

    def _psa_after_approve(self):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_after_approve()
        # sudo: the line of a rate follows from the approval, which was checked
        self.sudo()._psa_move_to_steps()

    def _psa_before_lock(self):  # pylint: disable=missing-return  # a hook without a value
        """Time that was logged before its role was sold lands on the line that sells it now."""
        super()._psa_before_lock()
        self._psa_land_again()

    def _psa_after_reopen(self):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_after_reopen()
        self._psa_land_again()

    def _psa_land_again(self):
        """Those of these entries that have no line, or one of another contract than their task's, look for
        theirs anew; what was approved stays (see ``_psa_is_pinned``)."""
        # sudo: see _psa_after_approve
        lines = self.sudo().filtered(
            lambda line: not line.is_so_line_edited and (not line.so_line or line.so_line.order_id.psa_kind)
        )
        contracts = lines._psa_contracts()
        moved = lines.filtered(lambda line: contracts[line]._psa_sow() != line.so_line.order_id._psa_sow())
        if moved:
            self.env.add_to_compute(self._fields["so_line"], moved)

    def _psa_move_to_steps(self):
        """Put approved time on the line at the price of its day, which is made where there is none.

        It stays in its line group, and where its line has that price it stays there.

        :raises UserError: where a currency has no exchange rate on the first day of a price
        """
        timed = self.filtered(
            lambda line: not line.is_so_line_edited and line.so_line.psa_billing_model == TIME_MATERIAL
        )
        contracts = timed._psa_contracts()
        sow_of = {order: order._psa_sow() for order in timed.so_line.order_id.union(*contracts.values())}
        entries = timed.filtered(
            lambda line: contracts[line] and sow_of[contracts[line]] == sow_of[line.so_line.order_id]
        )
        lines = entries._psa_members_of({entry: entry.so_line._psa_group_head() for entry in entries})
        self._psa_put_on_lines({entry: line for entry, line in lines.items() if entry.so_line != line})

    def _psa_members_of(self, heads):
        """``{entry: the line of a group at the price of the entry's day}``, made where there is none.

        :param heads: ``{entry: first line of the group}`` of these entries
        :raises UserError: where a currency has no exchange rate on the first day of a price
        """
        if not self:
            return {}
        landing = SowLanding(self)
        try:
            lines = {entry: landing.member_of(entry, heads[entry]) for entry in self}
        except MissingRate as missing:
            raise UserError(str(missing)) from None
        if landing.missing:
            missing = self.env["sale.order.line"].union(*(head for head, _answer in landing.missing.values()))
            made = missing._psa_make_steps(list(dict.fromkeys(landing.missing.values())), landing.pricer)
            lines.update({entry: made[wanted] for entry, wanted in landing.missing.items()})
        return lines

    def _psa_put_on_lines(self, lines):
        """Set ``so_line`` as a computation does: ``write`` would price the hours at today's cost again.

        :param lines: ``{entry: line}``
        """
        if not lines:
            return
        entries = self.browse().union(*lines)
        entries.modified(["so_line"], before=True)
        with self.env.protecting([self._fields["so_line"]], entries):
            # of one line together: the host adds each to the lists of its line
            for line, own in entries.grouped(lines.get).items():
                own.so_line = line
        entries.modified(["so_line"])
