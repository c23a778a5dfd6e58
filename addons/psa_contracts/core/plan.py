"""Days of a plan that is written before its start is known (SOW templates, DESIGN section 3).

Offsets and durations are whole calendar days; first and last days are inclusive.
"""

from datetime import timedelta


def last_day(start, duration):
    """The last day of ``duration`` calendar days (1 or more) that begin on ``start``.

    >>> from datetime import date
    >>> last_day(date(2026, 3, 1), 31)
    datetime.date(2026, 3, 31)

    :raises ValueError: where the duration is below one day
    """
    if duration < 1:
        raise ValueError(f"a plan of {duration} days has no last day")
    return start + timedelta(days=duration - 1)


def phase_dates(start, offset, duration):
    """``(first day, last day)`` of a phase that begins ``offset`` days after ``start``.

    >>> from datetime import date
    >>> phase_dates(date(2026, 3, 2), 14, 7)
    (datetime.date(2026, 3, 16), datetime.date(2026, 3, 22))

    :raises ValueError: where the offset is negative or the duration below one day
    """
    if offset < 0:
        raise ValueError(f"a phase cannot begin {-offset} days before its plan")
    first = start + timedelta(days=offset)
    return first, last_day(first, duration)


def fit_phase(start, end, planned, offset, duration):
    """``(first day, last day)`` of a phase once its plan of ``planned`` days has to fit ``start`` – ``end``.

    Stretched or pressed in proportion, inside the period, at least one day long.

    >>> from datetime import date
    >>> fit_phase(date(2026, 3, 1), date(2026, 3, 30), planned=30, offset=10, duration=20)
    (datetime.date(2026, 3, 11), datetime.date(2026, 3, 30))
    >>> fit_phase(date(2026, 3, 1), date(2026, 3, 15), planned=30, offset=10, duration=20)
    (datetime.date(2026, 3, 6), datetime.date(2026, 3, 15))

    :raises ValueError: where the period ends before it starts or the plan has no days
    """
    days = (end - start).days + 1
    if days < 1 or planned < 1:
        raise ValueError("a plan needs at least one day")
    first = min(offset * days // planned, days - 1)
    stop = min(-(-(offset + duration) * days // planned), days)
    return start + timedelta(days=first), start + timedelta(days=max(stop, first + 1) - 1)
