"""Which price an hour or a day of work has, and why (DESIGN: "Rates").

Cards are asked in the order given: card of the SOW, of its agreement, of the client, of the company. What a
SOW line itself says (a person's price, then the role's) stands in front of them as a card of its own. Inside
a card an employee's row beats the role's, then a row for the work location beats one for anywhere, and of
the rows valid that day the one that starts latest wins. Prices are Decimal, per hour or per day, in the
currency of their card; both dates of a row are inclusive.
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from heapq import heappop, heappush

HOUR, DAY = "hour", "day"
ONE_DAY = timedelta(days=1)


class MissingRate(LookupError):
    """No card asked has a row for the role (or employee) on the day."""


@dataclass(frozen=True, slots=True)
class RateRow:
    """One dated price. ``employee`` None: for everybody in the role; ``location`` None: wherever the work
    is done; ``end`` None: until further notice; ``unit``: what the price is for, an hour or a day."""

    role: int
    employee: int | None
    start: date
    end: date | None
    price: Decimal
    row_id: int = 0
    location: int | None = None
    unit: str = HOUR

    def is_valid_on(self, day):
        """Whether ``day`` lies between start and end, both included."""
        return self.start <= day and (self.end is None or day <= self.end)

    @property
    def key(self):
        """Whom the row is for. On one card two rows of one key must not share a day, whatever their unit."""
        return self.role, self.employee, self.location


@dataclass(frozen=True, slots=True)
class RateAnswer:
    """The row that decides, and the card that it stands on."""

    card: int
    row: RateRow

    @property
    def price(self):
        """Price of the row's unit in the card's currency."""
        return self.row.price

    @property
    def is_personal(self):
        """Whether the price is one of the employee's own."""
        return self.row.employee is not None


class RateCards:
    """The rows of many cards, ready to be asked once or a hundred thousand times.

    >>> cards = RateCards({7: [RateRow(1, None, date(2026, 1, 1), None, Decimal(150)),
    ...                        RateRow(1, None, date(2026, 7, 1), None, Decimal(160)),
    ...                        RateRow(1, None, date(2026, 1, 1), None, Decimal(170), location=3),
    ...                        RateRow(1, 42, date(2026, 1, 1), None, Decimal(1500), unit=DAY)]})
    >>> cards.resolve([7], role=1, employee=5, location=None, day=date(2026, 6, 30)).price
    Decimal('150')
    >>> cards.resolve([7], role=1, employee=5, location=None, day=date(2026, 7, 1)).price
    Decimal('160')
    >>> cards.resolve([7], role=1, employee=5, location=3, day=date(2026, 7, 1)).price
    Decimal('170')
    >>> answer = cards.resolve([7], role=1, employee=42, location=3, day=date(2026, 7, 1))
    >>> answer.price, answer.row.unit, answer.card
    (Decimal('1500'), 'day', 7)
    >>> cards.resolve([7], role=2, employee=None, location=None, day=date(2026, 7, 1))
    Traceback (most recent call last):
        ...
    odoo.addons.psa_contracts.core.rates.MissingRate: role 2 has no rate on 2026-07-01
    """

    __slots__ = ("_timelines",)

    def __init__(self, rows_by_card):
        """:param rows_by_card: ``{card: [RateRow]}``; a card is anything that can be a key"""
        # {(card, role): {employee: {location: (first days, answers from then on)}}}
        self._timelines = {}
        for card, rows in rows_by_card.items():
            grouped = defaultdict(list)
            for row in rows:
                grouped[row.key].append(row)
            for (role, employee, location), group in grouped.items():
                people = self._timelines.setdefault((card, role), {})
                people.setdefault(employee, {})[location] = _timeline(card, group)

    def resolve(self, card_order, role, employee, location, day):
        """The rate of work in ``role`` by ``employee`` at ``location`` on ``day``.

        :param card_order: the cards to ask, the first answer wins
        :param employee: id, or None where nobody is named yet
        :param location: id, or None where the place is not known
        :raises MissingRate: where no card has a row
        """
        answer = self.find(card_order, role, employee, location, day)
        if answer is None:
            raise MissingRate(f"role {role} has no rate on {day.isoformat()}")
        return answer

    def find(self, card_order, role, employee, location, day):
        """As ``resolve``, but None where no card has a row."""
        owners = (None,) if employee is None else (employee, None)
        places = (None,) if location is None else (location, None)
        for card in card_order:
            people = self._timelines.get((card, role))
            if people is None:
                continue
            for owner in owners:
                timelines = people.get(owner)
                if timelines is None:
                    continue
                for place in places:
                    timeline = timelines.get(place)
                    if timeline is not None:
                        number = bisect_right(timeline[0], day)
                        if number and timeline[1][number - 1] is not None:
                            return timeline[1][number - 1]
        return None

    def resolve_many(self, questions):
        """One answer (or None) a question, in their order, in constant memory.

        :param questions: any iterable of ``(card_order, role, employee, location, day)``
        """
        find = self.find
        for card_order, role, employee, location, day in questions:
            yield find(card_order, role, employee, location, day)

    def steps(self, card_order, role, employee, location, start, end=None):
        """The rates from ``start`` to ``end`` (both included; None: for ever) as ``[(first day, answer)]``.

        The answer is None from a day on which no card has a rate any more.

        >>> cards = RateCards({7: [RateRow(1, None, date(2026, 1, 1), date(2026, 6, 30), Decimal(150)),
        ...                        RateRow(1, None, date(2026, 7, 1), None, Decimal(160))]})
        >>> for day, answer in cards.steps([7], 1, None, None, date(2026, 3, 1), date(2026, 12, 31)):
        ...     print(day, answer.price)
        2026-03-01 150
        2026-07-01 160
        >>> len(cards.steps([7], 1, None, None, date(2026, 3, 1), date(2026, 6, 30)))
        1
        """
        days = {start}
        for card in card_order:
            for owner, timelines in self._timelines.get((card, role), {}).items():
                for place, (starts, _answers) in timelines.items():
                    if owner in (None, employee) and place in (None, location):
                        days.update(day for day in starts if start < day and (end is None or day <= end))
        found = []
        for day in sorted(days):
            answer = self.find(card_order, role, employee, location, day)
            if not found or found[-1][1] is not answer:
                found.append((day, answer))
        return found


def _timeline(card, rows):
    """``(days, answers)``: from each day on its answer holds, None where no row is valid."""
    cuts = {row.start for row in rows}
    cuts.update(row.end + ONE_DAY for row in rows if row.end is not None and row.end < date.max)
    waiting = sorted(enumerate(rows), key=lambda item: item[1].start, reverse=True)
    valid, days, answers = [], [], []
    for cut in sorted(cuts):
        while waiting and waiting[-1][1].start == cut:
            position, row = waiting.pop()
            heappush(valid, (-row.start.toordinal(), position, row))
        while valid and not valid[0][2].is_valid_on(cut):
            heappop(valid)
        row = valid[0][2] if valid else None
        if not answers or row is not (answers[-1] and answers[-1].row):
            days.append(cut)
            answers.append(RateAnswer(card, row) if row else None)
    return days, answers


def find_overlap(rows):
    """The first two rows for the same role, employee and location that are valid on one day, else None.

    An hourly and a daily price of one day collide too: work would have two prices.

    >>> one = RateRow(1, None, date(2026, 1, 1), date(2026, 6, 30), Decimal(1))
    >>> two = RateRow(1, None, date(2026, 6, 30), None, Decimal(2), unit=DAY)
    >>> find_overlap([two, one]) == (one, two)
    True
    >>> find_overlap([one, RateRow(1, None, date(2026, 7, 1), None, Decimal(2))])
    >>> find_overlap([one, RateRow(1, None, date(2026, 6, 30), None, Decimal(2), location=3)])
    """
    grouped = defaultdict(list)
    for row in rows:
        grouped[row.key].append(row)
    for group in grouped.values():
        group.sort(key=lambda row: row.start)
        last = group[0]
        for row in group[1:]:
            if last.end is None or row.start <= last.end:
                return last, row
            last = row
    return None


def grid(rows):
    """The rows of a card as a table: ``(days, {key: [row or None for each of the days]})``.

    ``days`` are those on which any price begins or ends; each column holds until the day before the next.

    >>> days, prices = grid([RateRow(1, None, date(2026, 1, 1), None, Decimal(150)),
    ...                      RateRow(2, None, date(2026, 7, 1), None, Decimal(90))])
    >>> [day.month for day in days]
    [1, 7]
    >>> [row and row.price for row in prices[2, None, None]]
    [None, Decimal('90')]
    """
    days = {row.start for row in rows}
    days.update(row.end + ONE_DAY for row in rows if row.end is not None and row.end < date.max)
    days = sorted(days)
    prices = {}
    for row in rows:
        line = prices.setdefault(row.key, [None] * len(days))
        for number, day in enumerate(days):
            if row.is_valid_on(day):
                line[number] = row
    return days, prices


def uplift(price, percent, step):
    """``price`` raised by ``percent`` (negative: lowered), rounded half up to a multiple of ``step``.

    >>> uplift(Decimal(150), Decimal(4), Decimal("1.00"))
    Decimal('156.00')
    >>> uplift(Decimal("112.50"), Decimal("2.5"), Decimal("0.25"))
    Decimal('115.25')
    >>> uplift(Decimal(101), Decimal(4), Decimal(5))
    Decimal('105')

    :raises ValueError: for a step that is not above zero, or a cut by more than 100 %
    """
    if step <= 0:
        raise ValueError(f"prices cannot be rounded to {step}")
    if percent < -100:
        raise ValueError(f"a price cannot be cut by {-percent} %")
    return (price * (100 + percent) / 100 / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def price_of_unit(price, row_unit, unit_hours, day_hours):
    """The price of a unit of ``unit_hours`` where an hour, or a day of ``day_hours``, costs ``price``.

    Not rounded. A day that costs a price a day costs exactly that.

    >>> price_of_unit(Decimal(150), HOUR, Decimal("7.6"), Decimal("7.6"))
    Decimal('1140.0')
    >>> price_of_unit(Decimal(1200), DAY, Decimal("7.6"), Decimal("7.6"))
    Decimal('1200')
    >>> price_of_unit(Decimal(1200), DAY, Decimal(1), Decimal(8))
    Decimal('150')
    """
    if row_unit == HOUR:
        return price * unit_hours
    return price if unit_hours == day_hours else price * unit_hours / day_hours
