"""The billable time of an entry: raw hours stay as entered, what is billed is rounded as agreed.

The increment is 0 (as entered), 6, 15, 30 or 60 minutes, up or to the nearest. Time counts to the second;
a correction (negative time) rounds like the time that it takes back.

>>> [str(to_increment(Decimal(hours), 15, UP)) for hours in ("1.1", "1.25", "-1.1", "0")]
['1.25', '1.25', '-1.25', '0']
>>> [str(to_increment(Decimal(hours), 15, NEAREST)) for hours in ("0.12", "0.125", "1.37")]
['0', '0.25', '1.25']
>>> to_increment(Decimal("1.1"), 0, UP)
Decimal('1.1')

By entry each one is rounded for itself. By day a person's entries of one line group are rounded together,
also where a rate stepped in between: each keeps its hours, the last takes the difference. Ten, ten and five
minutes are half an hour, not three quarters:

>>> day = [Time(1, Decimal("0.1667")), Time(2, Decimal("0.1667")), Time(3, Decimal("0.0833"))]
>>> {key: str(quantity) for key, quantity in round_day(day, 15, UP).items()}
{1: '0.17', 2: '0.17', 3: '0.16'}

A late entry finds the first two settled (billed or on a proposal) and bills what is left of the day:

>>> day[:2] = [Time(1, Decimal("0.1667"), settled=Decimal("0.17")), Time(2, Decimal("0.1667"), Decimal("0.33"))]
>>> {key: str(quantity) for key, quantity in round_day(day, 15, UP).items()}
{3: '0.00'}

Sold by the day of eight hours an hour is 0.125 days, which two digits cannot say. What one entry was rounded
up the next one is rounded down: two hours are 0.25 days, and twenty are 2.50, not 2.60:

>>> print(*in_turn([Decimal("0.125")] * 4))
0.13 0.12 0.13 0.12
>>> sum(in_turn([Decimal("0.125")] * 20))
Decimal('2.50')
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal

from .money import CENT, round_to

UP, NEAREST = "up", "nearest"
ENTRY, DAY = "entry", "day"
SECONDS = Decimal(3600)


@dataclass(frozen=True)
class Time:
    """Hours of one entry, or of a part of it. ``settled``: the quantity that is billed or proposed for it
    already; None: none. ``unit_hours``: of the unit of its line, in which its quantity is.

    Keys of one day are ordered: by entry.
    """

    key: object
    hours: Decimal
    settled: Decimal | None = None
    unit_hours: Decimal = Decimal(1)


def to_increment(hours, minutes, direction):
    """``hours`` in whole increments of ``minutes``; as they are where ``minutes`` is 0."""
    if not minutes:
        return hours
    seconds = round_to(hours * SECONDS, Decimal(1))  # 0.3333 h are twenty minutes
    rounding = ROUND_UP if direction == UP else ROUND_HALF_UP
    return (seconds / (60 * minutes)).quantize(Decimal(1), rounding=rounding) * minutes / 60


def quantity_of(hours, minutes, direction, unit_hours=Decimal(1), quantity_unit=CENT):
    """The billable quantity of one entry rounded for itself, in units of ``unit_hours``.

    A day of eight hours, half an hour more, billed in whole hours:

    >>> quantity_of(Decimal("8.5"), 60, UP, unit_hours=Decimal(8))
    Decimal('1.13')
    """
    return round_to(to_increment(hours, minutes, direction) / unit_hours, quantity_unit)


def nearest(exact, carried=Decimal(0), quantity_unit=CENT):
    """The quantity of what is ``exact`` not rounded, where ``carried`` was taken off before it by rounding.

    It is one of the two next to ``exact``: what one entry cannot take over the next one does. So a whole day
    stays one, and what was carried never turns time into a correction:

    >>> nearest(Decimal("0.125"), carried=Decimal("0.05"))
    Decimal('0.13')
    >>> nearest(Decimal("1"), carried=Decimal("0.005"))
    Decimal('1.00')
    >>> nearest(Decimal("0.004"), carried=Decimal("-0.03"))
    Decimal('0.00')
    """
    below, above = ((exact / quantity_unit).quantize(Decimal(1), how) for how in (ROUND_FLOOR, ROUND_CEILING))
    return min(max(round_to(exact + carried, quantity_unit), below * quantity_unit), above * quantity_unit)


def in_turn(exacts, carried=Decimal(0), quantity_unit=CENT):
    """The quantities of ``exacts`` on one line, one after the other: each takes over what was rounded off
    those before it; see ``nearest``."""
    quantities = []
    for exact in exacts:
        quantities.append(nearest(exact, carried, quantity_unit))
        carried += exact - quantities[-1]
    return quantities


def round_day(times, minutes, direction, quantity_unit=CENT, carried=Decimal(0)):
    """{key: billable quantity} of what is not settled yet of a person's ``Time`` on one line group and day.

    All quantities of the day sum to its rounded hours, unless more than that is settled: what is settled
    is not reopened. No entry changes its sign: what the last one cannot take goes on the one before.

    Where lines of the group have several units they sum to that as nearly as the last one's unit says. Six
    minutes are billed as a quarter of an hour; then half an hour is sold by the day of eight hours:

    >>> day = [Time(1, Decimal("0.1"), Decimal("0.25")), Time(2, Decimal("0.5"), unit_hours=Decimal(8))]
    >>> round_day(day, 15, UP)
    {2: Decimal('0.06')}

    :param carried: what rounding took off other days, in units of the last line; see ``nearest``
    """
    times = sorted(times, key=lambda time: time.key)
    loose = [time for time in times if time.settled is None]
    if not loose:
        return {}
    last = loose[-1].unit_hours
    exact = to_increment(sum(time.hours for time in times), minutes, direction) / last
    total = nearest(exact, carried, quantity_unit) * last
    quantities = {time.key: round_to(time.hours / time.unit_hours, quantity_unit) for time in loose}
    rest = total - sum(quantities.get(time.key, time.settled) * time.unit_hours for time in times)
    for time in reversed(loose):
        quantity = quantities[time.key] + round_to(rest / time.unit_hours, quantity_unit)
        if not ((time.hours > 0 > quantity) or (time.hours < 0 < quantity)):
            quantities[time.key] = quantity
            break
        rest += quantities[time.key] * time.unit_hours
        quantities[time.key] = 0 * quantity_unit
    return quantities
