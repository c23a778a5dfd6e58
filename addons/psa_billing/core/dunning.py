"""When a client is reminded, and of what: levels by days overdue, pauses, promises.

An invoice goes up one level with each reminder, so that nobody gets the last notice first, and only
once it is overdue for as many days as that level says:

>>> levels = [Level("friendly", 7), Level("firm", 21), Level("last", 45)]
>>> next_level(levels, days_overdue=50, told=None)
Level(key='friendly', days=7)
>>> next_level(levels, days_overdue=50, told=7)
Level(key='firm', days=21)
>>> next_level(levels, days_overdue=20, told=7)
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Level:
    """:param days: days after the due date from which the level holds"""

    key: object
    days: int


@dataclass(frozen=True)
class Debt:
    """An overdue invoice.

    :param days_overdue: days from its oldest due date that is open, until today
    :param told: days of the highest level that the client has had about it; None: no reminder yet
    :param paused: whether a stop, a dispute or a promise keeps it out of reminders today
    """

    key: object
    days_overdue: int
    told: int | None = None
    paused: bool = False


@dataclass(frozen=True)
class Plan:
    """A reminder: its level, the debts that are new at their level, and all that it lists.

    :param news: {key of the debt: the level that it reaches by this reminder}
    """

    level: Level
    news: dict
    listed: list


def days_overdue(due, today):
    """Days since ``due``; 0 on the day itself and before.

    >>> from datetime import date
    >>> days_overdue(date(2026, 3, 31), date(2026, 4, 7))
    7
    >>> days_overdue(date(2026, 4, 30), date(2026, 4, 7))
    0
    """
    return max((today - due).days, 0)


def next_level(levels, days_overdue, told):
    """The lowest level above ``told`` if it is reached; see the top of this file.

    :param levels: ``Level``, in any order
    :param told: days of the highest level had, or None
    """
    above = [level for level in levels if told is None or level.days > told]
    lowest = min(above, key=lambda level: level.days, default=None)
    return lowest if lowest and lowest.days <= days_overdue else None


def plan(levels, debts, today, last_sent=None, gap=0):
    """The reminder that a client is due today, or None.

    All that is overdue and not paused is listed, so that the client sees one figure; the level is
    the highest of those that an invoice newly reaches.

    >>> from datetime import date
    >>> levels = [Level("friendly", 7), Level("firm", 21)]
    >>> debts = [Debt("A", 25, told=7), Debt("B", 8), Debt("C", 2), Debt("D", 90, paused=True)]
    >>> due = plan(levels, debts, date(2026, 4, 30))
    >>> due.level.key, sorted(due.news), [debt.key for debt in due.listed]
    ('firm', ['A', 'B'], ['A', 'B', 'C'])

    Between two reminders to one client lie at least ``gap`` days:

    >>> plan(levels, debts, date(2026, 4, 30), last_sent=date(2026, 4, 24), gap=7)
    >>> bool(plan(levels, debts, date(2026, 5, 1), last_sent=date(2026, 4, 24), gap=7))
    True
    """
    if last_sent and today < last_sent + timedelta(days=gap):
        return None
    listed = [debt for debt in debts if not debt.paused]
    reached = {debt.key: next_level(levels, debt.days_overdue, debt.told) for debt in listed}
    news = {key: level for key, level in reached.items() if level}
    if not news:
        return None
    return Plan(max(news.values(), key=lambda level: level.days), news, listed)


def promise_state(promised_on, amount, paid, today):
    """Whether a promise is ``kept``, ``broken`` or still ``open``; the promised day counts.

    :param amount: promised; ``paid``: received since the promise was made, in the same currency

    >>> from datetime import date
    >>> promise_state(date(2026, 4, 10), 500, 0, date(2026, 4, 10))
    'open'
    >>> promise_state(date(2026, 4, 10), 500, 499.99, date(2026, 4, 11))
    'broken'
    >>> promise_state(date(2026, 4, 10), 500, 500, date(2026, 4, 5))
    'kept'
    """
    if paid >= amount:
        return "kept"
    return "broken" if today > promised_on else "open"
