"""Hours that people can work and hours that are promised, by day.

Days are local days of the person, hours are decimal hours. Both ends of a window are inclusive.
"""

from collections import defaultdict
from datetime import datetime, time, timedelta
from itertools import zip_longest


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


def take_off(hours, leave):
    """What is left of ``{day: hours}`` after ``{day: hours of leave}``, whenever in the day the leave is.

    >>> from datetime import date
    >>> take_off({date(2026, 3, 2): 8, date(2026, 3, 3): 8}, {date(2026, 3, 3): 3, date(2026, 3, 7): 2})
    {datetime.date(2026, 3, 2): 8, datetime.date(2026, 3, 3): 5}
    >>> take_off({date(2026, 3, 2): 8}, {date(2026, 3, 2): 24})
    {}
    """
    left = {day: value - leave.get(day, 0) for day, value in hours.items()}
    return {day: value for day, value in left.items() if value > 0}


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


def contract_spans(versions, first, last):
    """``(key, first day, last day)`` of each contract version that covers days of the window.

    :param versions: ``(key, valid from, contract start, contract end)``; a version holds until the next
        one begins, within its contract; without a contract start it covers nothing

    >>> from datetime import date
    >>> full_time, part_time = ("full", date(2026, 1, 1)), ("part", date(2026, 3, 4))
    >>> contract = (date(2026, 1, 1), None)
    >>> for key, start, end in contract_spans(
    ...     [full_time + contract, part_time + contract], date(2026, 3, 2), date(2026, 3, 8)
    ... ):
    ...     print(key, start, end)
    full 2026-03-02 2026-03-03
    part 2026-03-04 2026-03-08
    """
    versions = sorted(versions, key=lambda version: version[1])
    ends = [version[1] - timedelta(days=1) for version in versions[1:]]
    spans = []
    for (key, valid_from, contract_start, contract_end), until in zip_longest(versions, ends):
        if contract_start:
            start = max(first, valid_from, contract_start)
            end = min(day for day in (last, until, contract_end) if day)
            if start <= end:
                spans.append((key, start, end))
    return spans


def last_day(departures, begins):
    """The last day of who is registered to leave; None for who stays, or came back after it.

    :param departures: days of departure, None among them
    :param begins: first days of the versions of the person

    >>> from datetime import date
    >>> last_day([None, date(2026, 6, 30)], [date(2026, 1, 1), date(2026, 3, 1)])
    datetime.date(2026, 6, 30)
    >>> last_day([date(2026, 6, 30), None], [date(2026, 1, 1), date(2026, 9, 1)])
    >>> last_day([None], [date(2026, 1, 1)])
    """
    left = max((day for day in departures if day), default=None)
    return left if left and all(day <= left for day in begins) else None


def unplaced(jobs, capacity):
    """Hours of all ``(first, last, hours)`` that cannot be worked inside their windows.

    Day by day the job that ends first is worked first, which places as many hours as can be placed.

    >>> from datetime import date
    >>> monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    >>> unplaced([(monday, tuesday, 8), (monday, monday, 8)], {monday: 8, tuesday: 8})
    0
    >>> unplaced([(monday, tuesday, 8), (monday, monday, 9)], {monday: 8, tuesday: 8})
    1
    """
    waiting = [list(job) for job in sorted(jobs, key=lambda job: job[1])]
    for day, free in sorted(capacity.items()):
        for job in waiting:
            if job[0] <= day <= job[1]:
                done = min(free, job[2])
                job[2] -= done
                free -= done
    return sum(job[2] for job in waiting)


def overload(job, others, capacity):
    """Hours that no longer fit because ``job`` stands beside ``others``; 0 if all can be worked.

    What can still be done inside its window is no conflict, however full the single day looks.

    :param job: ``(first, last, hours)``, likewise each of ``others``
    :return: hours, to two decimals

    >>> from datetime import date
    >>> monday = date(2026, 3, 2)
    >>> overload((monday, monday, 6), [(monday, monday, 4)], {monday: 8})
    2
    """
    return max(0, round(unplaced([job, *others], capacity) - unplaced(others, capacity), 2))
