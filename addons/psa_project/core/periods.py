"""Dated rows: which is valid on a day, which is closed, and which of them collide.

Both bounds are inclusive; an end of ``None`` is open.
"""

from datetime import date


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
