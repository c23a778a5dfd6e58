"""Hours that people can work and hours that are promised, by day.

Days are local days of the person, hours are decimal hours. Both ends of a window are inclusive.
"""

from collections import defaultdict
from datetime import datetime, time, timedelta


def hours_by_day(intervals, tz):
    """Hours of aware ``(start, stop)`` datetimes on each local day of ``tz`` (a pytz or zoneinfo zone).

    >>> from datetime import timezone
    >>> night = (datetime(2026, 3, 2, 22, tzinfo=timezone.utc), datetime(2026, 3, 3, 2, tzinfo=timezone.utc))
    >>> {day.isoformat(): hours for day, hours in hours_by_day([night], timezone.utc).items()}
    {'2026-03-02': 2.0, '2026-03-03': 2.0}
    """
    hours = defaultdict(float)
    for start, stop in intervals:
        start, stop = start.astimezone(tz), stop.astimezone(tz)
        while start.date() < stop.date():
            # wall-clock arithmetic on purpose: a working interval never spans a change of the clocks
            midnight = datetime.combine(start.date() + timedelta(days=1), time.min, tzinfo=start.tzinfo)
            hours[start.date()] += (midnight - start).total_seconds() / 3600
            start = midnight
        hours[start.date()] += (stop - start).total_seconds() / 3600
    return {day: value for day, value in hours.items() if value}


def clip(hours, first, last):
    """The part of ``{day: hours}`` from ``first`` to ``last``.

    >>> from datetime import date
    >>> clip({date(2026, 3, 1): 8, date(2026, 3, 2): 8}, date(2026, 3, 2), date(2026, 3, 9))
    {datetime.date(2026, 3, 2): 8}
    """
    return {day: value for day, value in hours.items() if first <= day <= last}


def spread(total, capacity, first, last):
    """``total`` hours over the days of the window, in proportion to the capacity of each day.

    Without any capacity the hours stand on the first day: they are promised all the same.

    >>> from datetime import date
    >>> monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    >>> spread(6, {monday: 8, tuesday: 4}, monday, tuesday)
    {datetime.date(2026, 3, 2): 4.0, datetime.date(2026, 3, 3): 2.0}
    >>> spread(6, {}, monday, tuesday)
    {datetime.date(2026, 3, 2): 6}
    """
    window = clip(capacity, first, last)
    available = sum(window.values())
    if not available:
        return {first: total}
    return {day: total * hours / available for day, hours in window.items()}


def add_up(loads):
    """The sum of several ``{day: hours}``.

    >>> from datetime import date
    >>> add_up([{date(2026, 3, 2): 1}, {date(2026, 3, 2): 2}])
    {datetime.date(2026, 3, 2): 3}
    """
    total = defaultdict(float)
    for load in loads:
        for day, hours in load.items():
            total[day] += hours
    return {day: int(hours) if hours == int(hours) else hours for day, hours in total.items()}


def overload(total, capacity, promised, first, last):
    """Hours of ``total`` that do not fit beside ``promised`` into the capacity of the window; 0 if all fit.

    >>> from datetime import date
    >>> monday = date(2026, 3, 2)
    >>> overload(6, {monday: 8}, {monday: 4}, monday, monday)
    2
    """
    free = sum(max(0, hours - promised.get(day, 0)) for day, hours in clip(capacity, first, last).items())
    return max(0, total - free)
