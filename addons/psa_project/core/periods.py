"""Dated rows: which is valid on a day, which is closed, and which of them collide.

Both bounds are inclusive; an end of ``None`` is open.
"""

from datetime import date, timedelta


def is_valid_on(day, start, end=None):
    """Whether ``day`` lies in the period.

    >>> is_valid_on(date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31))
    True
    >>> is_valid_on(date(2026, 4, 1), date(2026, 1, 1), date(2026, 3, 31))
    False
    >>> is_valid_on(date(2030, 1, 1), date(2026, 1, 1))
    True
    """
    return (start is None or start <= day) and (end is None or day <= end)


def is_closed(day, closed_until):
    """Whether ``day`` lies in what is closed until a day, inclusive; ``None`` closes nothing.

    >>> is_closed(date(2026, 10, 31), date(2026, 10, 31))
    True
    >>> is_closed(date(2026, 11, 1), date(2026, 10, 31))
    False
    >>> is_closed(date(2026, 10, 31), None)
    False
    """
    return closed_until is not None and day <= closed_until


def value_on(day, dated):
    """The value that holds on ``day``: of ``[(first day, value)]``, in their order, the last that has begun;
    the first one also holds before its day.

    >>> dated = [(date(2026, 1, 1), "Berlin"), (date(2026, 4, 1), "Zurich")]
    >>> value_on(date(2026, 3, 31), dated), value_on(date(2026, 4, 1), dated), value_on(date(2020, 1, 1), dated)
    ('Berlin', 'Zurich', 'Berlin')
    """
    begun = [value for first, value in dated if first <= day]
    return begun[-1] if begun else dated[0][1]


def spells(dated):
    """``[(first day, last day, value)]`` over all days; see ``value_on``. Neighbours that are equal are one.

    >>> dated = [(date(2026, 1, 1), "Berlin"), (date(2026, 2, 1), "Berlin"), (date(2026, 4, 1), "Zurich")]
    >>> for first, last, value in spells(dated):
    ...     print(first, last, value)
    0001-01-01 2026-03-31 Berlin
    2026-04-01 9999-12-31 Zurich
    """
    found = []
    for first, value in dated:
        if not found:
            found.append((date.min, date.max, value))
        elif value != found[-1][2]:
            found[-1] = (found[-1][0], first - timedelta(days=1), found[-1][2])
            found.append((first, date.max, value))
    return found


def first_overlap(periods):
    """The first two of ``(key, start, end)`` that share a day, as a pair of keys, else None.

    >>> first_overlap([("a", date(2026, 1, 1), date(2026, 1, 31)), ("b", date(2026, 2, 1), None)])
    >>> first_overlap([("a", date(2026, 1, 1), None), ("b", date(2026, 2, 1), None)])
    ('a', 'b')
    """
    last_key, last_end = None, None
    for key, start, end in sorted(periods, key=lambda period: period[1] or date.min):
        if last_key is not None and (last_end is None or (start or date.min) <= last_end):
            return last_key, key
        last_key, last_end = key, end
    return None
