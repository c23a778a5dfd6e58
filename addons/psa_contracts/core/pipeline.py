"""When an opportunity counts as work to come, and when that work falls (DESIGN section 3).

Hours are Decimal, probabilities per cent (0 to 100), dates inclusive.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a firm wants of an opportunity before it is forecast; a criterion that is off is not asked.

    ``by_stage``: its stage is marked. ``probability``: at least that many per cent, 0 is off.
    ``days``: expected to close within that many days or overdue, 0 is off.
    ``match_all``: all the criteria that are on, else any of them.
    """

    by_stage: bool = False
    probability: float = 0.0
    days: int = 0
    match_all: bool = False

    def __bool__(self):
        return bool(self.by_stage or self.probability > 0 or self.days > 0)


def is_forecast(trigger, stage_marked, probability, days_to_close):
    """Whether an opportunity is forecast; ``days_to_close`` None: no expected closing is known.

    >>> half = Trigger(probability=50)
    >>> is_forecast(half, False, 50, None), is_forecast(half, True, 49.9, 3)
    (True, False)
    >>> both = Trigger(by_stage=True, days=30, match_all=True)
    >>> is_forecast(both, True, 10, 30), is_forecast(both, True, 10, 31), is_forecast(both, True, 10, None)
    (True, False, False)
    >>> is_forecast(Trigger(), True, 100, 0)
    False
    """
    met = []
    if trigger.by_stage:
        met.append(stage_marked)
    if trigger.probability > 0:
        met.append(probability >= trigger.probability)
    if trigger.days > 0:
        met.append(days_to_close is not None and days_to_close <= trigger.days)
    return bool(met) and (all(met) if trigger.match_all else any(met))


def not_in_the_past(start, end, today):
    """The period moved on to ``today`` where it would have begun: what is not sold yet was not worked either.

    >>> not_in_the_past(date(2026, 3, 1), date(2026, 3, 10), today=date(2026, 3, 5))
    (datetime.date(2026, 3, 5), datetime.date(2026, 3, 14))
    """
    delay = max(today - start, timedelta())
    return start + delay, end + delay


def _weekdays(start, end):
    """How many of the days are Monday to Friday."""
    days = (end - start).days + 1
    weeks, rest = divmod(days, 7)
    return 5 * weeks + sum((start + timedelta(days=day)).weekday() < SATURDAY for day in range(rest))


def _months(start, end):
    """``(first day, last day)`` of the part of the period in each calendar month."""
    while start <= end:
        following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
        yield start, min(end, following - timedelta(days=1))
        start = following


def spread(hours, start, end):
    """``hours`` over the calendar months of a period: ``[(month, first day, last day, hours)]``.

    By the weekdays (Monday to Friday) in each month; by all days where the period has no weekday.
    Hours have two digits, and their sum is ``hours`` to the last digit. Months without hours are left out.

    >>> for month, first, last, part in spread(Decimal(100), date(2026, 3, 16), date(2026, 4, 15)):
    ...     print(month, first, last, part)
    2026-03-01 2026-03-16 2026-03-31 52.17
    2026-04-01 2026-04-01 2026-04-15 47.83

    :raises ValueError: where the period ends before it starts
    """
    if end < start:
        raise ValueError(f"the period ends before it starts ({start} – {end})")
    parts = list(_months(start, end))
    weights = [_weekdays(first, last) for first, last in parts]
    if not any(weights):
        weights = [1] * len(parts)  # a weekend: one day in each month
    total, seen, given, slices = sum(weights), 0, Decimal(0), []
    for (first, last), weight in zip(parts, weights, strict=True):
        seen += weight
        until = hours if seen == total else (hours * seen / total).quantize(CENT, ROUND_HALF_UP)
        if until != given:
            slices.append((first.replace(day=1), first, last, until - given))
        given = until
    return slices
