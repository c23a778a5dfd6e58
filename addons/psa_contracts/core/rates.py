"""Which price an hour has, and why (DESIGN: "Rates").

Cards are asked in the order given: card of the SOW, of the client, of the company. Inside a card an
employee's row beats the role's, and of the rows valid that day the one that starts latest wins.
Prices are Decimal, per hour, in the currency of their card; both dates of a row are inclusive.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


class MissingRate(LookupError):
    """No card asked has a row for the role (or employee) on the day."""


@dataclass(frozen=True, slots=True)
class RateRow:
    """One dated price. ``employee`` None: for everybody in the role; ``end`` None: until further notice."""

    role: int
    employee: int | None
    start: date
    end: date | None
    price: Decimal
    row_id: int = 0

    def is_valid_on(self, day):
        """Whether ``day`` lies between start and end, both included."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class RateAnswer:
    """The row that decides, and the card that it stands on."""

    card: int
    row: RateRow

    @property
    def price(self):
        """Price of an hour in the card's currency."""
        return self.row.price

    @property
    def is_personal(self):
        """Whether the price is one of the employee's own."""
        return self.row.employee is not None


class RateCards:
    """The rows of many cards, ready to be asked.

    >>> cards = RateCards({7: [RateRow(1, None, date(2026, 1, 1), None, Decimal(150)),
    ...                        RateRow(1, None, date(2026, 7, 1), None, Decimal(160)),
    ...                        RateRow(1, 42, date(2026, 1, 1), None, Decimal(190))]})
    >>> cards.resolve([7], role=1, employee=5, day=date(2026, 6, 30)).price
    Decimal('150')
    >>> cards.resolve([7], role=1, employee=5, day=date(2026, 7, 1)).price
    Decimal('160')
    >>> cards.resolve([7], role=1, employee=42, day=date(2026, 7, 1)).price
    Decimal('190')
    >>> cards.resolve([7], role=2, employee=None, day=date(2026, 7, 1))
    Traceback (most recent call last):
        ...
    odoo.addons.psa_contracts.core.rates.MissingRate: role 2 has no rate on 2026-07-01
    """

    def __init__(self, rows_by_card):
        self._rows = {}
        for card, rows in rows_by_card.items():
            grouped = defaultdict(list)
            for row in rows:
                grouped[row.role, row.employee].append(row)
            for key, group in grouped.items():
                self._rows[(card, *key)] = sorted(group, key=lambda row: row.start, reverse=True)

    def resolve(self, card_order, role, employee, day):
        """The rate of an hour of ``role`` worked by ``employee`` on ``day``.

        :param card_order: ids of the cards to ask, the first answer wins
        :param employee: id, or None where nobody is named yet
        :raises MissingRate: where no card has a row
        """
        owners = (employee, None) if employee is not None else (None,)
        for card in card_order:
            for owner in owners:
                for row in self._rows.get((card, role, owner), ()):
                    if row.is_valid_on(day):
                        return RateAnswer(card, row)
        raise MissingRate(f"role {role} has no rate on {day.isoformat()}")


def find_overlap(rows):
    """The first two rows of one role and employee that are valid on the same day, else None.

    >>> one = RateRow(1, None, date(2026, 1, 1), date(2026, 6, 30), Decimal(1))
    >>> two = RateRow(1, None, date(2026, 6, 30), None, Decimal(2))
    >>> find_overlap([two, one]) == (one, two)
    True
    >>> find_overlap([one, RateRow(1, None, date(2026, 7, 1), None, Decimal(2))])
    """
    grouped = defaultdict(list)
    for row in rows:
        grouped[row.role, row.employee].append(row)
    for group in grouped.values():
        group.sort(key=lambda row: row.start)
        last = group[0]
        for row in group[1:]:
            if last.end is None or row.start <= last.end:
                return last, row
            last = row
    return None
