"""What work draws on a retainer: in the order of its days, up to what each period holds.

A period opens with what rolled over, is granted its hours (or money), and closes with what was not used.
Of a retainer of ten hours a month whose unused hours may be used in the next month:

>>> terms = Terms(rollover=1)
>>> year = [Grant(month, date(2026, month, 1), date(2026, month, 28), Decimal(10)) for month in (1, 2, 3)]
>>> work = [Work("a", date(2026, 1, 5), Decimal(6)), Work("b", date(2026, 2, 5), Decimal(11)),
...         Work("c", date(2026, 3, 5), Decimal("13.5"))]
>>> figures, parts = draw(year, work, terms)
>>> for row in figures:
...     print(*map(int, (row.opening, row.granted, row.used, row.expired, row.closing)))
0 10 6 0 4
4 10 11 0 3
3 10 13 0 0
>>> [(part.key, str(part.hours), part.over) for part in parts if part.over]
[('c', '0.50', True)]

Of twelve hours two are taken back later in the month: ten are within, none is over.

>>> work = [Work("a", date(2026, 1, 5), Decimal(12)), Work("b", date(2026, 1, 20), Decimal(-2))]
>>> [(part.key, str(part.hours), part.over) for part in draw(year[:1], work, Terms())[1]]
[('b', '-2', False), ('a', '12', False)]

Always: opening + granted - used - expired = closing, and the next period opens with it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .money import CENT, amount_of, round_down, round_to

BILL, HOLD, NEXT = "bill", "hold", "next"
#: Rolls over until the retainer ends.
UNTIL_END = None


@dataclass(frozen=True)
class Terms:
    """``rollover``: in how many later periods what was not used may be used; 0: none, ``UNTIL_END``: all.

    ``rolled_cap``: what rolls over at most; None: no bound. ``overage``: what becomes of work over the
    balance: billed, held, or drawn on the next grant. ``keep_last``: what is left when the retainer ends does
    not expire: it is settled.
    """

    rollover: int | None = 0
    rolled_cap: Decimal | None = None
    overage: str = BILL
    keep_last: bool = False


@dataclass(frozen=True)
class Grant:
    """A period with what it grants. ``used``: set once it is closed, and never changed after.

    ``opening``: what it opens with where that comes from before this system, not from the period before.
    ``used_before``: what of an open one was used before this system. ``ends``: the retainer ends with it.
    """

    key: object
    start: date
    end: date
    granted: Decimal
    used: Decimal | None = None
    opening: Decimal | None = None
    used_before: Decimal = Decimal(0)
    ends: bool = False


@dataclass(frozen=True)
class Work:
    """Unsettled work of one entry; ``price`` of an hour where the retainer grants money, 1 where hours.

    Keys are ordered: by entry.
    """

    key: object
    date: date
    hours: Decimal
    price: Decimal = Decimal(1)


@dataclass(frozen=True)
class Figures:
    """What a period comes to, in hours or money. ``rolled``: what of the opening rolled in."""

    key: object
    opening: Decimal
    granted: Decimal
    used: Decimal
    expired: Decimal
    closing: Decimal
    over_hours: Decimal


@dataclass(frozen=True)
class Part:
    """Hours of an entry that a period pays for, or that are over what it holds. ``drawn``: hours or money."""

    key: object
    period: object
    hours: Decimal
    drawn: Decimal
    over: bool


class Balance:
    """What a retainer holds: what each period granted and nobody used yet, oldest first, less what was drawn
    ahead."""

    def __init__(self):
        self.grants = []  # [number of the period, amount]
        self.ahead = Decimal(0)

    @property
    def total(self):
        """What is left, below zero where work drew on the next grant."""
        return sum((amount for _number, amount in self.grants), Decimal(0)) - self.ahead

    def grant(self, number, amount):
        """A new grant pays first for what was drawn ahead."""
        paid = min(self.ahead, amount)
        self.ahead -= paid
        self.grants.append([number, amount - paid])

    def use(self, amount):
        """Take ``amount`` from the oldest grants, then ahead; below zero: give it back to the latest."""
        if amount < 0:
            repaid = min(self.ahead, -amount)
            self.ahead -= repaid
            self.grants[-1][1] += -amount - repaid
            return
        for grant in self.grants:
            taken = min(grant[1], amount)
            grant[1] -= taken
            amount -= taken
        self.ahead += amount

    def expire(self, number, terms):
        """Drop what does not roll over the end of period ``number``; returns what is lost."""
        before = self.total
        if terms.rollover is not UNTIL_END:
            self.grants = [grant for grant in self.grants if number - grant[0] < terms.rollover]
        if terms.rolled_cap is not None:
            above = sum((grant[1] for grant in self.grants), Decimal(0)) - terms.rolled_cap
            for grant in self.grants:
                lost = max(min(grant[1], above), Decimal(0))
                grant[1] -= lost
                above -= lost
        return before - self.total


def draw(grants, works, terms, unit=CENT):
    """(``Figures`` of each period, ``Part`` of each work), by date and key whatever order they come in.

    Closed periods stay as they are: work of their days that comes late draws on the first that is open.
    Work before the first period draws on the first, work after the last on the last; where all are closed it
    is over.

    :param grants: ``Grant`` in the order of their days
    :param works: ``Work`` that is not settled (billed, or on a proposal as overage)
    :param unit: the smallest amount of what is granted: a hundredth of an hour, the cent of the currency
    """
    by_period = _by_period(grants, works)
    balance, figures, parts = Balance(), [], []
    for number, grant in enumerate(grants):
        if grant.opening is not None:
            balance = Balance()
            balance.ahead = max(-grant.opening, Decimal(0))
            balance.grants.append([number - 1, max(grant.opening, Decimal(0))])
        opening = balance.total
        balance.grant(number, grant.granted)
        used, own = _use_period(grant, _ahead(grants, number, terms), by_period[number], balance, unit)
        parts += own
        expired = Decimal(0)
        if not (grant.ends and terms.keep_last):
            expired = balance.expire(number, terms)
        over = sum((part.hours for part in own if part.over), Decimal(0))
        figures.append(Figures(grant.key, opening, grant.granted, used, expired, balance.total, over))
    last = grants[-1].key if grants else None
    parts += [Part(work.key, last, work.hours, Decimal(0), over=True) for work in by_period[None]]
    return figures, parts


def _by_period(grants, works):
    """``{number of the period, None where no period is open: works by date and key}``"""
    by_period = {number: [] for number in (*range(len(grants)), None)}
    open_periods = [number for number, grant in enumerate(grants) if grant.used is None]
    for work in sorted(works, key=lambda work: (work.date, work.key)):
        target = next((number for number in open_periods if grants[number].end >= work.date), None)
        if target is None and open_periods:
            target = open_periods[-1]
        by_period[target].append(work)
    return by_period


def _ahead(grants, number, terms):
    """What of the next grant may be drawn ahead."""
    if terms.overage != NEXT or number + 1 >= len(grants):
        return Decimal(0)
    return grants[number + 1].granted


def _use_period(grant, ahead, works, balance, unit):
    """(what the period uses, parts of its works)

    Its corrections come first: what was taken back is not over the balance, whenever that was seen.
    """
    if grant.used is not None:
        balance.use(grant.used)
        return grant.used, []
    used, parts = grant.used_before, []
    balance.use(used)
    for work in sorted(works, key=lambda work: work.hours >= 0):
        inside, over = split(work, balance.total + ahead, grant.key, unit)
        parts += [part for part in (inside, over) if part]
        if inside:
            used += inside.drawn
            balance.use(inside.drawn)
    return used, parts


def split(work, left, period, unit=CENT):
    """(part that ``left`` pays for or None, part over it or None); whole hundredths of an hour fit.

    Eight hours at 150.00 on a balance of 1,000.00: 6.66 hours for 999.00 fit, 1.34 are over.

    >>> inside, over = split(Work("a", date(2026, 1, 5), Decimal(8), Decimal(150)), Decimal(1000), "jan")
    >>> print(inside.hours, inside.drawn, over.hours)
    6.66 999.00 1.34
    """
    value = amount_of(work.hours, work.price, unit) if work.price != 1 else work.hours
    if value <= max(left, Decimal(0)):  # also a correction: it gives back, whatever is left
        return Part(work.key, period, work.hours, value, over=False), None
    hours = round_down(max(left, Decimal(0)) / work.price, CENT)
    drawn = amount_of(hours, work.price, unit)
    if drawn > left:  # half a cent up
        hours -= CENT
        drawn = amount_of(hours, work.price, unit)
    over = Part(work.key, period, work.hours - hours, Decimal(0), over=True)
    if hours <= 0:
        return None, Part(work.key, period, work.hours, Decimal(0), over=True)
    return Part(work.key, period, hours, drawn, over=False), over


def settlement(kind, left, value_of_unit, billed, minimum, unit=CENT):
    """The amount that settles a retainer at its end: below zero it is paid back.

    ``refund``: what is left, at the ``value_of_unit``: what was paid, net, for an hour, or for a unit of the money
    that a period grants.
    ``minimum``: what was billed, overage included, up to the agreed ``minimum``.

    >>> print(settlement("refund", Decimal("4.5"), Decimal(150), Decimal(0), Decimal(0)))
    -675.00
    >>> print(settlement("minimum", Decimal(0), Decimal(150), Decimal(17500), Decimal(18000)))
    500
    """
    if kind == "refund":
        return -round_to(max(left, Decimal(0)) * value_of_unit, unit)
    if kind == "minimum":
        return max(minimum - billed, Decimal(0))
    return Decimal(0)


def settlement_left(due, least, made):
    """What is billed (below zero: paid back) of a retainer that was settled by ``made`` before, because work
    came or went since, or it went on after all.

    ``due``: what settles it now. ``least``: what would, if all that was given up of the work over it had been
    billed: what somebody gave away is not billed by the settlement instead.

    A minimum of 5,000.00 was billed up by 500.00; then 300.00 of work came. Or it was billed up by 200.00, and
    these 300.00 went, because the time was wrong; or somebody gave them away.

    >>> print(settlement_left(Decimal(200), Decimal(200), Decimal(500)))
    -300
    >>> print(settlement_left(Decimal(500), Decimal(500), Decimal(200)))
    300
    >>> print(settlement_left(Decimal(500), Decimal(200), Decimal(200)))
    0
    """
    return due - made if made > due else max(least - made, Decimal(0))
