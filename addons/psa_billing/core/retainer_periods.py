"""The periods of a retainer: their days, what part of a whole period each is, and what that comes to. Which line
of the contract bills them: ``retainer_lines``.

Periods are calendar months, quarters or years, or count from the day on which the retainer starts. One that is
not whole is charged by its days. A retainer of three months from the 15th of March at 1,500.00 a month:

>>> march, april, may, june = spans(date(2026, 3, 15), 1, calendar=True, quantity=Decimal(3))
>>> march.start.isoformat(), march.end.isoformat(), str(march.quantity)
('2026-03-15', '2026-03-31', '0.55')
>>> june.start.isoformat(), june.end.isoformat(), str(june.quantity)
('2026-06-01', '2026-06-14', '0.45')
>>> [str(money) for money in prorated([span.share for span in (march, april, may, june)], Decimal(1500))]
['822.58', '1500.00', '1500.00', '677.42']

What was ordered is billed to the cent: 822.58 + 1,500.00 + 1,500.00 + 677.42 = 4,500.00. The same retainer by
its own months:

>>> [span.end.isoformat() for span in spans(date(2026, 3, 15), 1, calendar=False, quantity=Decimal(3))]
['2026-04-14', '2026-05-14', '2026-06-14']
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .money import CENT, round_to

DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Span:
    """Days of a period, both inclusive. ``share``: the part of a whole period that it is; ``quantity``: the
    same with two digits."""

    start: date
    end: date
    share: Fraction
    quantity: Decimal


def add_months(day, months):
    """
    >>> add_months(date(2026, 1, 31), 1).isoformat()
    '2026-02-28'
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day(start, months, quantity):
    """The last day of ``quantity`` periods from ``start`` on; a broken period counts by its days.

    >>> last_day(date(2026, 3, 1), 1, Decimal("2.5")).isoformat()
    '2026-05-16'
    """
    whole = int(quantity)
    first, after = add_months(start, whole * months), add_months(start, (whole + 1) * months)
    days = round_to(Decimal((after - first).days) * (quantity - whole), Decimal(1))
    return first + DAY * int(days) - DAY


def spans(start, months, calendar, quantity=None, until=None):
    """The periods from ``start`` on, in order.

    :param months: months of a whole period
    :param calendar: whether periods are those of the calendar, else they count from ``start``
    :param quantity: number of periods ordered: what is ordered is what they sum to
    :param until: without ``quantity``: the last day, inclusive
    """
    if quantity is not None:
        if quantity <= 0:
            return []
        until = last_day(start, months, quantity)
        if until < start:  # less than half a day
            until = start
    found, number = [], 0
    while (first := _first(start, months, calendar, number)) <= until:
        after = _first(start, months, calendar, number + 1)
        own_start, own_end = max(start, first), min(until, after - DAY)
        number += 1
        if own_end < own_start:
            continue
        share = Fraction((own_end - own_start).days + 1, (after - first).days)
        found.append(Span(own_start, own_end, share, _two_digits(share)))
    return found if quantity is None else _summing(found, quantity)


def pauses_within(pauses, start, end):
    """Whether a period from ``start`` to ``end`` lies within one of ``pauses``: ``[(first day, last day)]``; all
    days are inclusive."""
    return any(first <= start and end <= last for first, last in pauses)


def running(pauses, start, months, calendar, quantity=None, until=None):
    """As ``spans``, without the periods that lie within ``pauses``: ``[(first day, last day)]``, both inclusive.

    What is ordered is what the others sum to. Three months from March on with a pause in April end with June:

    >>> april = date(2026, 4, 1), date(2026, 4, 30)
    >>> [span.start.month for span in running([april], date(2026, 3, 1), 1, calendar=True, quantity=Decimal(3))]
    [3, 5, 6]
    """
    paused = Decimal(0)
    while True:
        whole = None if quantity is None else quantity + paused
        found = spans(start, months, calendar, whole, until) if quantity is None or quantity > 0 else []
        left = [span for span in found if not pauses_within(pauses, span.start, span.end)]
        less = sum((span.quantity for span in found if span not in left), Decimal(0))
        if quantity is None or less == paused or not left:
            return left
        paused = less


def _summing(found, quantity):
    """The periods ``found``, of which the last one makes up ``quantity``.

    Months are of different length: where those before come to all that was ordered, the days of the last one
    go with the one before it. 7.06 months from the 28th of July last until the 1st of March, 0.13 of July and
    six whole ones leave 0.93 for February:

    >>> february = spans(date(2020, 7, 28), 1, calendar=True, quantity=Decimal("7.06"))[-1]
    >>> february.start.isoformat(), february.end.isoformat(), str(february.quantity)
    ('2021-02-01', '2021-03-01', '0.93')
    """
    *others, last = found
    share = Fraction(quantity) - sum(span.share for span in others)
    rest = round_to(quantity - sum(span.quantity for span in others), CENT)
    if others and (share <= 0 or rest <= 0):
        *others, before = others
        return _summing([*others, Span(before.start, last.end, before.share, before.quantity)], quantity)
    return [*others, Span(last.start, last.end, share, rest)]


def _first(start, months, calendar, number):
    if not calendar:
        return add_months(start, number * months)
    month = (start.month - 1) // months * months + 1
    return add_months(date(start.year, month, 1), number * months)


def _two_digits(share):
    return round_to(Decimal(share.numerator) / Decimal(share.denominator), CENT)


def prorated(shares, value, unit=CENT):
    """What each of the ``shares`` of periods has of a ``value`` a period; they sum to what all of them have.

    >>> [str(part) for part in prorated([Fraction(1, 3)] * 3, Decimal(100))]
    ['33.33', '33.34', '33.33']
    """
    parts, total, before = [], Fraction(0), Decimal(0)
    for share in shares:
        total += share
        after = round_to(Decimal(total.numerator) * value / Decimal(total.denominator), unit)
        parts.append(after - before)
        before = after
    return parts


def around(periods, fixed):
    """``periods`` with those that are ``fixed`` (``{start: (end, quantity)}``) as they were made: where one ends
    before the period that would be made today, the rest is a period of its own.

    A last half month that is billed already, before a change order sells more months:

    >>> march, april = spans(date(2026, 3, 1), 1, calendar=True, quantity=Decimal(2))
    >>> later = around([march, april], {march.start: (date(2026, 3, 16), Decimal("0.50"))})
    >>> [(span.start.isoformat(), str(span.quantity)) for span in later]
    [('2026-03-01', '0.50'), ('2026-03-17', '0.50'), ('2026-04-01', '1.00')]
    """
    answer = []
    for span in periods:
        while span:
            end, quantity = fixed.get(span.start, (span.end, span.quantity))
            if end >= span.end:
                answer.append(span)
                break
            share = min(Fraction(quantity), span.share)
            answer.append(Span(span.start, end, share, quantity))
            rest = span.quantity - quantity
            span = Span(end + DAY, span.end, span.share - share, rest) if rest > 0 else None
    return answer


@dataclass(frozen=True)
class Charge:
    """What is charged for days, both inclusive: a part of a whole period, and its net amount."""

    start: date
    end: date
    quantity: Decimal
    amount: Decimal

    @property
    def takes_back(self):
        """Whether it gives the client back what was charged for its days."""
        return (self.quantity, self.amount) < (0, 0)


def correction(billed, before, wanted):
    """The ``Charge`` that sets a billed period right where the retainer ends within it or before it, or does
    so no more; None where nothing is to be set right.

    March is billed at 1,500.00 when the retainer ends on the 15th: 15 of its 31 days are 725.81.

    >>> march = Charge(date(2026, 3, 1), date(2026, 3, 31), Decimal(1), Decimal(1500))
    >>> until_15 = Charge(date(2026, 3, 1), date(2026, 3, 15), Decimal("0.48"), Decimal("725.81"))
    >>> back = correction(march, [], until_15)
    >>> back.start.isoformat(), back.end.isoformat(), str(back.quantity), str(back.amount)
    ('2026-03-16', '2026-03-31', '-0.52', '-774.19')

    Goes it on after all, these days are charged again:

    >>> again = correction(march, [back], march)
    >>> again.start.isoformat(), again.end.isoformat(), str(again.quantity), str(again.amount)
    ('2026-03-16', '2026-03-31', '0.52', '774.19')

    :param billed: ``Charge`` as it was billed
    :param before: earlier corrections that are billed, too, in their order
    :param wanted: ``Charge`` that the contract says now; None: the retainer ends before the period
    """
    if wanted is None:
        wanted = Charge(billed.start, billed.start - DAY, Decimal(0), Decimal(0))
    if wanted.end >= billed.end and wanted.quantity >= billed.quantity:
        wanted = billed
    quantity = wanted.quantity - sum((one.quantity for one in before), billed.quantity)
    amount = wanted.amount - sum((one.amount for one in before), billed.amount)
    if not quantity and not amount:
        return None
    end = billed.end
    if before:
        end = before[-1].start - DAY if before[-1].takes_back else before[-1].end
    first, last = sorted((end, min(wanted.end, billed.end)))
    return Charge(min(first + DAY, last), last, quantity, amount)
