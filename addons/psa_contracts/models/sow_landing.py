"""Which SOW line time lands on; no model, it lives as long as one computation.

First the line group: the task's line where it is sold in the entry's role, else a retainer that names the
role,
else the role's line; a line that names the person beats one that does not. Then the line of the group at
the price of the day: of several at
one price the first whose ordered hours are not used up.
"""

from collections import defaultdict

from odoo.addons.psa_project.core.periods import is_valid_on

from ..core.billing_models import FIXED, MILESTONE, RETAINER, TIME_MATERIAL
from ..core.rates import MissingRate
from .rate_pricer import RatePricer

#: Time in a role that is sold only so is paid for by the line: covered.
COVERED_MODELS = (FIXED, MILESTONE, RETAINER)


class SowLanding:
    """Answers for ``entries`` (time on SOWs, in sudo) with a number of queries that does not depend on
    how many they are."""

    def __init__(self, entries):
        self.env = entries.env
        self.entries = entries
        contracts = entries._psa_contracts()
        sow_of = {contract: contract._psa_sow() for contract in set(contracts.values())}
        self.sow_of = {entry: sow_of[contract] for entry, contract in contracts.items()}
        sows = self.env["sale.order"].union(*sow_of.values())
        #: {sow: its lines and those of its confirmed change orders that are sold first, in their order}
        self.heads = defaultdict(list)
        #: {head: all lines of its group, the head first}
        self.members = defaultdict(self.env["sale.order.line"].browse)
        for line in self._lines(sows):
            head = line._psa_group_head()
            self.members[head] += line
            if head == line and not line._psa_is_declined():
                self.heads[line.order_id._psa_sow()].append(line)
        #: {entry: (head, answer)} of the entries whose price has no line yet
        self.missing = {}
        self._pricer = None
        self._used = None
        self._changes, self._same = {}, {}

    def _lines(self, sows):
        lines = self.env["sale.order.line"].search(
            [
                ("display_type", "=", False),
                ("is_downpayment", "=", False),
                "|",
                ("order_id", "in", sows.ids),
                "&",
                ("order_id.psa_parent_id", "in", sows.ids),
                ("state", "=", "sale"),
            ]
        )
        return lines.sorted(
            lambda line: (bool(line.order_id.psa_parent_id), line.order_id.id, line.sequence, line.id)
        )

    # -- which group -----------------------------------------------------------------------

    def line_of(self, entry):
        """The line that ``entry`` lands on; empty where its role was not sold: flagged, not guessed."""
        head = self.head_of(entry)
        try:
            return self.member_of(entry, head) if head else head
        except MissingRate:
            return head  # said when the time is approved: nobody is kept from logging it

    def head_of(self, entry):
        """The first line of the group that ``entry`` lands on, or empty."""
        task_line = entry.task_id.sale_line_id
        task_head = task_line._psa_group_head() if task_line else task_line
        role = entry.psa_role_id
        if task_head and task_head._psa_takes(role):
            if task_head.psa_billing_model != TIME_MATERIAL:
                return task_line
            candidates = self._for_person(entry, [*self._sold(entry, (TIME_MATERIAL,)), task_head])
            if task_head in candidates:
                return task_head
        named = [line for line in self.heads[self.sow_of[entry]] if role and line._psa_pays_for(role)]
        if named := self._nearest(entry, named):
            return named[:1]
        heads = self._sold(entry, (TIME_MATERIAL,))
        if heads:
            return self._nearest(entry, self._at_location(entry, self._for_person(entry, heads)))[:1]
        covered = self._nearest(entry, self._sold(entry, COVERED_MODELS))
        return covered if len(covered) == 1 else covered[:0]

    def _sold(self, entry, models):
        """The first lines of the groups in the role of ``entry`` that earn by one of ``models``."""
        role = entry.psa_role_id
        return [
            line
            for line in self.heads[self.sow_of[entry]]
            if role and line.psa_role_id == role and line.psa_billing_model in models
        ]

    @staticmethod
    def _for_person(entry, lines):
        """Those that name the person, else those that name nobody."""
        own = [line for line in lines if line.psa_employee_id and line.psa_employee_id == entry.employee_id]
        return own or [line for line in lines if not line.psa_employee_id]

    @staticmethod
    def _at_location(entry, lines):
        """Those where the person works that day, else those anywhere, else those where it was sold."""
        place = entry.employee_id._psa_place_on(entry.date)
        here = [line for line in lines if line.psa_location_id and line.psa_location_id == place]
        return here or [line for line in lines if not line.psa_location_id] or lines

    def _nearest(self, entry, lines):
        """Those of the task's phase, else of the phase of the day, else all of them."""
        lines = self.env["sale.order.line"].union(*lines)
        phase = entry.task_id.psa_phase_id
        in_phase = lines.filtered(lambda line: phase and line.psa_phase_id == phase)
        return in_phase or lines.filtered(lambda line: _in_phase_of_day(line, entry.date)) or lines

    # -- which line of the group -----------------------------------------------------------

    def member_of(self, entry, head):
        """The line of the group of ``head`` at the price of the entry's day.

        Where that price has no line yet: the line that would step, and ``missing`` says to which price.

        :raises MissingRate: where a currency has no exchange rate
        """
        members = self.members[head] or head
        if head.psa_billing_model != TIME_MATERIAL:
            return head
        base = self._base(entry, head, members)
        answer = self._answer(entry, head) if base._psa_is_by_card() else None
        key = head.id, base.id, answer
        if key not in self._same:
            self._same[key] = self._at_price(members, head, base, answer)
        same = self._same[key]
        if answer is not None and not same:
            self.missing[entry] = head, answer
            return base
        if entry._psa_is_pinned() and entry.so_line in same:
            return entry.so_line
        return self._first_unused(entry, same)

    def _at_price(self, members, head, base, answer):
        """Those of ``members`` at the price of ``answer``; without one at that of ``base``."""
        if answer is None:
            return members.filtered(lambda line: line._psa_sells_like(base))
        return self.pricer.at_price(head.order_id, answer, members)

    def _base(self, entry, head, members):
        """The line that says the price of the entry's day: the latest change of it, else the head."""
        if head not in self._changes:
            changes = members.filtered(
                lambda line: line.psa_amends_line_id and line.psa_step_date and line.product_uom_qty >= 0
            )
            self._changes[head] = changes.sorted(lambda line: (line.psa_step_date, line.id))
        changes = self._changes[head]
        if not (changes and entry.date):
            return head
        return changes.filtered(lambda line: line.psa_step_date <= entry.date)[-1:] or head

    def _answer(self, entry, head):
        """What the cards say of the work; work before the SOW began has its first rates."""
        order = head.order_id
        first = order._psa_price_day()
        return self.pricer.find(
            order,
            head.psa_role_id,
            head.psa_employee_id or entry.employee_id,
            head.psa_location_id or entry.employee_id._psa_place_on(entry.date),
            max(entry.date or first, first),
            head,
        )

    @property
    def pricer(self):
        """The cards of all the SOWs, for all the roles sold on them; read once."""
        if self._pricer is None:
            heads = self.env["sale.order.line"].union(
                *(line for lines in self.heads.values() for line in lines)
            )
            self._pricer = RatePricer(heads.order_id, heads.psa_role_id)
        return self._pricer

    def _first_unused(self, entry, lines):
        """The first of ``lines`` (of one price) with ordered hours left, else the last that was ordered."""
        ordered = lines.filtered(lambda line: line.product_uom_qty > 0)
        if len(ordered) < 2:
            return ordered or lines[:1]
        for line in ordered:
            if self.used[line] + 1e-6 < line._psa_hours():
                self.used[line] += entry.unit_amount
                return line
        self.used[ordered[-1]] += entry.unit_amount
        return ordered[-1]

    @property
    def used(self):
        """Hours of other time on the lines of groups that were ordered more than once: ``{line: hours}``."""
        if self._used is None:
            lines = self.env["sale.order.line"].union(*self.members.values())
            rows = self.env["account.analytic.line"]._read_group(
                [
                    ("so_line", "in", lines.filtered(lambda line: line.product_uom_qty > 0).ids),
                    ("project_id", "!=", False),
                    ("id", "not in", self.entries.ids),
                ],
                ["so_line"],
                ["unit_amount:sum"],
            )
            self._used = defaultdict(float, dict(rows))
        return self._used


def _in_phase_of_day(line, day):
    phase = line.psa_phase_id
    return bool(phase and day and is_valid_on(day, phase.date_start or None, phase.date_end or None))
