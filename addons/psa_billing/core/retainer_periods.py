"""The periods of a retainer: their days, what part of a whole period each is, which line bills it, for how much.

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
        left = [span for span in found if not any(a <= span.start and span.end <= b for a, b in pauses)]
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


@dataclass(frozen=True)
class Sold:
    """A line of a retainer: the first one, one of a change order, or one at an indexed price.

    ``quantity``: number of periods, negative where a change order takes some away. ``start``: the first day
    of a period that may be billed on it. ``indexed``: it orders nothing, it is the price of what is ordered
    from ``start`` on. ``order``: the statement of work or change order that it stands on. ``granted``: what a
    period grants.
    """

    key: object
    quantity: Decimal
    price: Decimal
    start: date | None = None
    indexed: bool = False
    order: object = None
    granted: Decimal = Decimal(0)

    @property
    def terms(self):
        """What two lines have in common where it is no matter which of them bills a period."""
        return self.price, self.granted


def ordered(lines):
    """Number of periods that ``lines`` (``Sold``) come to; never less than none."""
    return max(sum((line.quantity for line in lines), Decimal(0)), Decimal(0))


def charged(periods, lines, fixed, endless=False):
    """``[(Span, key of the line that bills it)]`` of the ``periods``.

    What was sold first is used up first. What a change order takes away goes from the lines of its price,
    the latest first. Periods that are ``fixed`` (``{start: key}``) stay where they are: a change acts on the
    others only.

    Six months at 1,000.00 of which a change order sells the last three at 1,200.00 instead:

    >>> months = spans(date(2026, 1, 1), 1, calendar=True, quantity=Decimal(6))
    >>> april = date(2026, 4, 1)
    >>> sold = [Sold("sow", Decimal(6), Decimal(1000)), Sold("cut", Decimal(-3), Decimal(1000), april),
    ...         Sold("new", Decimal(3), Decimal(1200), april)]
    >>> [key for _span, key in charged(months, sold, {})]
    ['sow', 'sow', 'sow', 'new', 'new', 'new']

    From May on indexed:

    >>> sold.append(Sold("index", Decimal(0), Decimal(1260), date(2026, 5, 1), indexed=True))
    >>> [key for _span, key in charged(months, sold, {})]
    ['sow', 'sow', 'sow', 'new', 'index', 'index']

    Of a retainer without end (``endless``) nothing is used up: a period has the price of its first day.

    >>> sold = [Sold("sow", Decimal(3), Decimal(1000)), Sold("new", Decimal(0), Decimal(1200), april)]
    >>> [key for _span, key in charged(months, sold, {}, endless=True)]
    ['sow', 'sow', 'sow', 'new', 'new', 'new']

    A period of which a part was sold at another price is charged by its days at each of them. A month and a
    half at 1,600.00, and half a month more at 1,900.00, come to 3,350.00:

    >>> months = spans(date(2026, 4, 1), 1, calendar=True, quantity=Decimal(2))
    >>> sold = [Sold("sow", Decimal("1.5"), Decimal(1600)), Sold("more", Decimal("0.5"), Decimal(1900))]
    >>> for span, key in charged(months, sold, {}):
    ...     print(span.start, span.end, span.quantity, key)
    2026-04-01 2026-04-30 1.00 sow
    2026-05-01 2026-05-16 0.50 sow
    2026-05-17 2026-05-31 0.50 more
    """
    left = _capacity([line for line in lines if not line.indexed])
    shares = {key: Fraction(quantity) for key, quantity in left.items()}
    by_key = {line.key: line for line in lines}
    answer = []
    for span in periods:
        key = fixed.get(span.start)
        if key is None and endless:
            answer.append((span, _indexed(span, _line_on(span.start, lines), lines)))
            continue
        if key is not None:
            line = by_key[_charged(key, by_key, left)]
            left[line.key] -= span.quantity
            shares[line.key] -= span.share
            answer.append((span, key))
            continue
        while span:
            line = _line_for(span, left, by_key)
            part, span = _cut(span, line, left, shares, by_key)
            left[line.key] -= part.quantity
            shares[line.key] -= part.share
            answer.append((part, _indexed(part, line, lines)))
    return answer


def _cut(span, line, left, shares, by_key):
    """``span`` as far as ``line`` sells it, and the rest where other lines sell that on other terms; whole
    days."""
    quantity, share, days = left[line.key], shares[line.key], (span.end - span.start).days + 1
    others = any(left[key] > 0 and by_key[key].terms != line.terms for key in left if key != line.key)
    if not (others and 0 < quantity < span.quantity and 0 < share < span.share and days > 1):
        return span, None
    own = Fraction(days) * share / span.share
    own = min(max(int(round_to(Decimal(own.numerator) / Decimal(own.denominator), Decimal(1))), 1), days - 1)
    end = span.start + DAY * (own - 1)
    rest = Span(end + DAY, span.end, span.share - share, span.quantity - quantity)
    return Span(span.start, end, share, quantity), rest


def _capacity(lines):
    """``{key: periods left}`` of the lines that sell some, in their order, after what others take away.

    An order takes away what was sold before it, not what it sells itself at that price: three months of ten
    hours, of which the last two shall have twelve.

    >>> sold = [Sold("sow", Decimal(3), Decimal(1500), order=1), Sold("ten", Decimal(-2), Decimal(1500), order=2),
    ...         Sold("twelve", Decimal(2), Decimal(1500), order=2)]
    >>> {key: int(left) for key, left in _capacity(sold).items()}
    {'sow': 1, 'twelve': 2}
    """
    prices = {line.key: line.price for line in lines}
    left, later, by_order = {}, [], {}
    for line in lines:
        by_order.setdefault(line.order, []).append(line)
    for own in by_order.values():
        cuts = ((line.price, -line.quantity) for line in own if line.quantity < 0)
        later += [(price, _take(left, prices, price, amount)) for price, amount in cuts]
        left.update({line.key: line.quantity for line in own if line.quantity > 0})
    for price, amount in later:
        _take(left, prices, price, amount)
    # nothing but what is taken away, or a retainer without end
    return left or {line.key: Decimal(0) for line in lines[:1]}


def _take(left, prices, price, amount):
    """Take ``amount`` off what is ``left``: what was sold at ``price`` first, of that the latest.

    :return: what of ``amount`` there was not
    """
    same = [key for key in reversed(left) if prices[key] == price]
    for key in [*same, *(key for key in reversed(left) if key not in same)]:
        taken = min(amount, left[key])
        left[key] -= taken
        amount -= taken
    return amount


def _charged(key, by_key, left):
    """A period on an indexed line, or on one that is used up, counts for the first that has some left."""
    if key in left and not by_key[key].indexed:
        return key
    return next((other for other in left if left[other] > 0), next(iter(left)))


def _line_for(span, left, by_key):
    started = [key for key in left if (by_key[key].start or span.start) <= span.start]
    usable = [key for key in started if left[key] > 0] or [key for key in left if left[key] > 0]
    return by_key[usable[0] if usable else (started or list(left))[-1]]


def _line_on(day, lines):
    """The line of a retainer without end that was agreed last of those that hold on ``day``."""
    sold = [line for line in lines if not line.indexed and line.quantity >= 0]
    started = [line for line in sold if not line.start or line.start <= day]
    return max(reversed(started or sold[:1] or lines[:1]), key=lambda line: line.start or date.min)


def _indexed(span, line, lines):
    later = [
        other
        for other in lines
        if other.indexed and other.start <= span.start and other.start >= (line.start or other.start)
    ]
    return max(later, key=lambda other: other.start).key if later else line.key


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
