"""What the cards of today say about unbilled work; no model, it lives as long as one preview."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from odoo.addons.psa_contracts.core.rates import MissingRate
from odoo.addons.psa_contracts.models.rate_pricer import RatePricer

from ..core.money import dec


@dataclass(frozen=True)
class Span:
    """From ``first`` to ``last`` (both included) work on ``line`` by people of ``kind`` has another price.

    ``price``: net, of a unit of the line, in the currency of the order; None: there is no rate.
    """

    line: int
    kind: int
    first: date
    last: date
    price: object
    reason: str


class RerateSpans:
    """The spans in which ``lines`` (T&M, in sudo) have another price than today's cards say.

    The cards are asked once for each line and kind of people (those whom no card names are of one kind), and
    not once an entry: see ``spans`` and ``kinds``.
    """

    def __init__(self, lines, employees):
        self.env = lines.env
        self.lines = lines
        heads = lines.browse(dict.fromkeys(line._psa_group_head().id for line in lines))
        self.members = heads._psa_group_members()
        self.pricer = RatePricer(heads.order_id, heads.psa_role_id)
        self._prices = {}
        self._read_kinds(employees, heads.psa_role_id)

    def _read_kinds(self, employees, roles):
        """Sort people by what the cards can tell them apart by."""
        cards = self.env["psa.rate.card"].union(*self.pricer.cards.values())
        rows = self.env["psa.rate.card.line"]._read_group(
            [("card_id", "in", cards.ids), ("role_id", "in", roles.ids)], ["employee_id", "location_id"]
        )
        named = {employee.id for employee, _location in rows if employee}
        places = {location.id for _employee, location in rows if location}
        kinds, self.kinds = {}, {}
        nobody, nowhere = employees.browse(), self.env["hr.work.location"]
        for employee in employees:
            place = employee.work_location_id if places else nowhere
            kind = (
                employee if employee.id in named else nobody,
                place if place.id in places else nowhere,
            )
            #: {employee id: number of the kind}
            self.kinds[employee.id] = kinds.setdefault(kind, len(kinds))
        self._kinds = {number: kind for kind, number in kinds.items()}

    def spans(self):
        """``[Span]`` of all lines and kinds whose price is not that of the line; also where none is found."""
        return [span for line in self.lines for kind in self._kinds for span in self._spans_of(line, kind)]

    def _spans_of(self, line, kind):
        head = line._psa_group_head()
        for base, first, last in self._bases(head):
            if base._psa_is_by_card():
                yield from self._by_card(line, head, kind, first, last)
            elif base != line and not _same_price(base, line):
                reason = self.env._("%(order)s, from %(date)s", order=base.order_id.name, date=first)
                yield Span(line.id, kind, first, last, base._psa_net_price(), reason)

    def _bases(self, head):
        """``[(line that says the price, first day, last day)]``: the head, then changes that re-price it."""
        changes = self.members.get(head, head).filtered(
            lambda line: line.psa_amends_line_id and line.psa_step_date and line.product_uom_qty >= 0
        )
        first, base = date.min, head
        for change in changes.sorted(lambda line: (line.psa_step_date, line.id)):
            if change.psa_step_date > first:
                yield base, first, change.psa_step_date - timedelta(days=1)
            first, base = change.psa_step_date, change
        yield base, first, date.max

    def _by_card(self, line, head, kind, first, last):
        order = head.order_id
        employee, location = self._kinds[kind]
        start = max(first, order._psa_price_day())  # work before the SOW began has its first rates
        if start > last:
            start = last
        steps = self.pricer.steps(
            order,
            head.psa_role_id,
            head.psa_employee_id or employee,
            head.psa_location_id or location,
            start,
            last,
        )
        ends = [day - timedelta(days=1) for day, _answer in steps[1:]] + [last]
        for number, ((day, answer), end) in enumerate(zip(steps, ends, strict=True)):
            span = self._span(line, head, answer, day)
            if span:
                yield Span(line.id, kind, day if number else first, end, *span)

    def _span(self, line, head, answer, day):
        """``(net price or None, reason)`` where the price is not that of ``line``; else None."""
        if answer is None:
            return None, self.pricer.missing(head.order_id, head.psa_role_id, day)
        key = head.order_id, answer, line.product_uom_id
        if key not in self._prices:
            first = self.pricer.first_day(head.order_id, answer)
            try:
                self._prices[key] = self.pricer.price(head.order_id, answer, line.product_uom_id, first)
            except MissingRate as missing:
                self._prices[key] = None, str(missing)
        price, reason = self._prices[key]
        if price is None:
            return None, reason
        price_unit = line._psa_with_taxes(price)
        if not line.currency_id.compare_amounts(price_unit, line.price_unit):
            return None
        return line._psa_net_price(price_unit), reason


def _same_price(line, other):
    return line.product_uom_id == other.product_uom_id and not line.currency_id.compare_amounts(
        line.price_unit, other.price_unit
    )


def summary(env, rows):
    """The note on a SOW: what was re-rated.

    :param rows: ``psa.rerate.line`` of one SOW
    """
    by_price = defaultdict(lambda: [dec(0), dec(0)])
    for row in rows:
        sums = by_price[row.role_id.display_name, row.old_price, row.new_price]
        sums[0] += dec(row.hours)
        sums[1] += dec(row.difference)
    currency = rows.currency_id[:1]
    return [
        env._(
            "%(role)s: %(hours)s h from %(old)s to %(new)s: %(difference)s",
            role=role,
            hours=f"{float(hours):g}",
            old=currency.format(old),
            new=currency.format(new),
            difference=currency.format(float(difference)),
        )
        for (role, old, new), (hours, difference) in by_price.items()
    ]
