"""What the cards of today say about unbilled work; no model, it lives as long as one preview."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from odoo.tools import format_date

from odoo.addons.psa_contracts.core.rates import DAY, MissingRate
from odoo.addons.psa_contracts.models.numbers import number_told
from odoo.addons.psa_contracts.models.rate_pricer import RatePricer
from odoo.addons.psa_project.core.periods import spells

from ..core.money import dec


@dataclass(frozen=True)
class Span:
    """From ``first`` to ``last`` (both included) work on lines of ``group`` by people of ``kind`` has another
    price.

    ``price``: net, of a unit of the line it goes to, in the currency of the order; None: there is no rate.
    ``unit``: id of that unit where it is another than that of the line it is on; else None.
    """

    group: int
    kind: int
    first: date
    last: date
    price: object
    reason: str
    unit: int | None = None


class RerateSpans:
    """The spans in which ``lines`` (T&M, in sudo) have another price than today's cards say.

    The cards are asked once for lines that they cannot tell apart (``groups``) and for people that they
    cannot tell apart (``kinds``: those whom no card names are of one kind), and not once an entry.
    """

    def __init__(self, lines, employees):
        self.env = lines.env
        heads = lines.browse(dict.fromkeys(line._psa_group_head().id for line in lines))
        members = heads._psa_group_members()
        together = lines.union(*members.values())._ids  # read together, not group by group
        self.members = {head: group.with_prefetch(together) for head, group in members.items()}
        self.pricer = RatePricer(heads.order_id, heads.psa_role_id)
        self._prices, self._gross_prices = {}, {}
        self._read_kinds(employees, heads.psa_role_id)
        self._read_groups(lines)
        #: ``[Span]`` of all groups and kinds whose price is not that of the line; also where none is found
        self.spans = [
            span
            for group, line in self._groups.items()
            for kind in self._kinds
            for span in self._spans_of(group, line, kind)
        ]
        #: ids of the entries that no price reaches, see ``_psa_elsewhere``
        self.elsewhere = []
        #: {(price, reason): its number, from 1 on}
        self.answers = {}
        for span in self.spans:
            self.answers.setdefault((span.price, span.reason), len(self.answers) + 1)

    def columns(self):
        """What a query takes to find the span of work: lists by name."""
        return {
            "lines": list(self.groups),
            "groups": list(self.groups.values()),
            "employees": list(self.kinds),
            "kinds": list(self.kinds.values()),
            "of": [span.group for span in self.spans],
            "by": [span.kind for span in self.spans],
            "firsts": [span.first for span in self.spans],
            "lasts": [span.last for span in self.spans],
            "answers": [self.answers[span.price, span.reason] for span in self.spans],
            "prices": [span.price for span in self.spans],
            "units": [span.unit for span in self.spans],
            "elsewhere": self.elsewhere,
        }

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
            dated = employee._psa_places() if places else []
            known = [(day, place if place.id in places else nowhere) for day, place in dated]
            kind = (
                employee if employee.id in named else nobody,
                tuple(spells(known or [(date.min, nowhere)])),
            )
            #: {employee id: number of the kind}
            self.kinds[employee.id] = kinds.setdefault(kind, len(kinds))
        self._kinds = {number: kind for kind, number in kinds.items()}

    def _read_groups(self, lines):
        """Sort lines by all that their prices follow from."""
        numbers, self.groups, self._groups = {}, {}, {}
        described = {}
        for line in lines:
            head = line._psa_group_head()
            order = head.order_id
            key = (
                self.pricer.cards[order]._ids,
                order._psa_price_day(),
                order.currency_id.id,
                order.company_id.id,
                order._psa_hours_per_day(),
                order._psa_signed_key(head.product_id),
                order.fiscal_position_id.id,
                head.psa_role_id.id,
                head.psa_employee_id.id,
                head.psa_location_id.id,
                *(self._described(member, described) for member in self._members_of(head)),
                self._place_of(line, head),
            )
            #: {line id: number of the group}
            self.groups[line.id] = numbers.setdefault(key, len(numbers))
            self._groups.setdefault(self.groups[line.id], line)

    def _members_of(self, head):
        return self.members.get(head) or head

    def _place_of(self, line, head):
        """Which of its group ``line`` is; no other line is like one that its group has lost."""
        ids = self._members_of(head)._ids
        return ids.index(line.id) if line.id in ids else ("lost", line.id)

    @staticmethod
    def _described(line, known):
        """All of a line that its price, and those of the lines beside it, follow from."""
        if line not in known:
            included = any(line.tax_ids.mapped("price_include"))
            known[line] = (
                line.product_id.id,
                line.product_uom_id.id,
                line.price_unit,
                line.psa_card_price,
                line.psa_rate_id.id,
                line.discount,
                line.tax_ids._ids,
                included and line.order_id.partner_shipping_id.id,
                (line.product_uom_qty > 0) - (line.product_uom_qty < 0),
                line.psa_step_date,
                line.psa_amends_line_id and line.order_id.id,
            )
        return known[line]

    def _spans_of(self, group, line, kind):
        head = line._psa_group_head()
        for base, first, last in self._bases(head):
            if self._is_by_card(base):
                yield from self._by_card(group, line, kind, first, last)
            elif base != line and not base._psa_sells_like(line):
                day = format_date(self.env, first)
                reason = self.env._("%(order)s, from %(date)s", order=base.order_id.name, date=day)
                same = self._members_of(head).filtered(lambda member, base=base: member._psa_sells_like(base))
                target = first_ordered(same)
                unit = _other_unit(line, target.product_uom_id)
                yield Span(group, kind, first, last, target._psa_net_price(), reason, unit)

    def _bases(self, head):
        """``[(line that says the price, first day, last day)]``: the head, then changes that re-price it."""
        changes = self._members_of(head).filtered(
            lambda line: line.psa_amends_line_id and line.psa_step_date and line.product_uom_qty >= 0
        )
        first, base = date.min, head
        for change in changes.sorted(lambda line: (line.psa_step_date, line.id)):
            if change.psa_step_date > first:
                yield base, first, change.psa_step_date - timedelta(days=1)
            first, base = change.psa_step_date, change
        yield base, first, date.max

    def _by_card(self, group, line, kind, first, last):
        employee, places = self._kinds[kind]
        for start, end, location in places:
            if start <= last and first <= end:
                yield from self._at_place(
                    group, line, kind, max(first, start), min(last, end), employee, location
                )

    def _at_place(self, group, line, kind, first, last, employee, location):
        head = line._psa_group_head()
        order = head.order_id
        start = max(first, order._psa_price_day())  # work before the SOW began has its first rates
        steps = self.pricer.steps(
            order,
            head.psa_role_id,
            head.psa_employee_id or employee,
            head.psa_location_id or location,
            start,
            max(start, last),
            head,
        )
        ends = [day - timedelta(days=1) for day, _answer in steps[1:]] + [last]
        for number, ((day, answer), end) in enumerate(zip(steps, ends, strict=True)):
            found = self._price_of(line, head, answer, day)
            if found:
                yield Span(group, kind, day if number else first, end, *found)

    def _price_of(self, line, head, answer, day):
        """``(net price or None, reason, other unit)`` where the price is not that of ``line``; else None.

        It is that of the line which the work goes to, as ``SowLanding`` finds it or as it is made then.
        """
        order = head.order_id
        if answer is None:
            return None, self.pricer.missing(order, head.psa_role_id, day)
        try:
            same = self.pricer.at_price(order, answer, self._members_of(head), self._says)
            if line in same:
                return None
            if same:
                target = first_ordered(same)
                reason = self._price(order, answer, target.product_uom_id)[1]
                return target._psa_net_price(), reason, _other_unit(line, target.product_uom_id)
            unit = self.env["uom.uom"]._psa_day() if answer.row.unit == DAY else head.product_uom_id
            price, reason = self._price(order, answer, unit)
        except MissingRate as missing:
            return None, str(missing)
        return head._psa_net_price(self._gross(head, price)), reason, _other_unit(line, unit)

    # -- prices, each worked out once ------------------------------------------------------

    def _price(self, order, answer, unit):
        """See ``RatePricer.price``."""
        key = order, answer, unit
        if key not in self._prices:
            self._prices[key] = self.pricer.price(order, answer, unit, self.pricer.first_day(order, answer))
        return self._prices[key]

    def _gross(self, line, price):
        """``price`` as it stands on ``line``."""
        order, product = line.order_id, line.product_id
        key = product, order.fiscal_position_id, line.company_id, order._psa_signed_taxes(product), price
        if key not in self._gross_prices:
            self._gross_prices[key] = line._psa_with_taxes(price)
        return self._gross_prices[key]

    def _says(self, order, answer, line):
        """See ``RatePricer.says``."""
        price, _reason = self._price(order, answer, line.product_uom_id)
        return not line.currency_id.compare_amounts(self._gross(line, price), line.price_unit)

    def _is_by_card(self, line):
        """See ``SaleOrderLine._psa_is_by_card``."""
        price = line.psa_card_price
        return bool(price) and not line.currency_id.compare_amounts(self._gross(line, price), line.price_unit)


def _other_unit(line, unit):
    return unit.id if unit != line.product_uom_id else None


def first_ordered(lines):
    """That of ``lines`` (of one price) which work goes to first."""
    return (lines.filtered(lambda line: line.product_uom_qty > 0) or lines)[:1]


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
            hours=number_told(env, float(hours)),
            old=currency.format(old),
            new=currency.format(new),
            difference=currency.format(float(difference)),
        )
        for (role, old, new), (hours, difference) in by_price.items()
    ]
