"""When a SOW is due to be billed, and when a run is made without anybody asking for it.

A period is a week (Monday to Sunday), a month or a quarter that ends on the cut-off day of its last month
(0: its last day). A run bills the periods that end within its days, whole: a quarterly SOW in the run of
March is billed from 1 January, one with cut-off day 25 from 26 February to 25 March. Days that no period
closes wait for the next run.
"""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

WEEKLY, MONTHLY, QUARTERLY, COMPLETION = "weekly", "monthly", "quarterly", "completion"
ONE_DAY = timedelta(days=1)


def last_period_end(frequency, cutoff_day, day):
    """The last end of a period on or before ``day``.

    >>> from datetime import date
    >>> last_period_end(WEEKLY, 0, date(2026, 3, 31)), last_period_end(WEEKLY, 0, date(2026, 3, 29))
    (datetime.date(2026, 3, 29), datetime.date(2026, 3, 29))
    >>> last_period_end(MONTHLY, 25, date(2026, 3, 31)), last_period_end(MONTHLY, 25, date(2026, 3, 24))
    (datetime.date(2026, 3, 25), datetime.date(2026, 2, 25))
    >>> last_period_end(QUARTERLY, 0, date(2026, 3, 30)), last_period_end(QUARTERLY, 0, date(2026, 3, 31))
    (datetime.date(2025, 12, 31), datetime.date(2026, 3, 31))

    :raises ValueError: where the frequency knows no periods
    """
    if frequency == WEEKLY:
        return day - timedelta(days=day.isoweekday() % 7)
    if frequency not in (MONTHLY, QUARTERLY):
        raise ValueError(f"{frequency} has no periods")
    months = 1 if frequency == MONTHLY else 3
    back = day.month % months
    end = day + relativedelta(months=-back, day=cutoff_day or 31)
    return end if end <= day else end + relativedelta(months=-months, day=cutoff_day or 31)


def due_window(frequency, cutoff_day, first, last, complete=False):
    """(first day or None, last day) of the work that is due, both inclusive; None where nothing is.

    >>> from datetime import date
    >>> march = date(2026, 3, 1), date(2026, 3, 31)
    >>> due_window(MONTHLY, 0, *march)
    (datetime.date(2026, 3, 1), datetime.date(2026, 3, 31))
    >>> due_window(MONTHLY, 25, *march)
    (datetime.date(2026, 2, 26), datetime.date(2026, 3, 25))
    >>> due_window(QUARTERLY, 0, *march)
    (datetime.date(2026, 1, 1), datetime.date(2026, 3, 31))
    >>> due_window(QUARTERLY, 0, date(2026, 2, 1), date(2026, 2, 28)) is None
    True
    >>> due_window(WEEKLY, 0, None, date(2026, 3, 31))
    (None, datetime.date(2026, 3, 29))

    :param first: first day of the run; None: all that waits
    :param last: last day of the run
    :param complete: whether what was sold is complete: then and only then it is due ``COMPLETION``
    """
    if frequency == COMPLETION:
        return (None, last) if complete else None
    end = last_period_end(frequency, cutoff_day, last)
    if first is None:
        return None, end
    before = last_period_end(frequency, cutoff_day, first - ONE_DAY)
    return (before + ONE_DAY, end) if end > before else None


def scheduled_end(frequency, day, today):
    """Last day of the period that a run by schedule has to bill by ``today``.

    Monthly: on the ``day`` of each month (31: its last) the month before; weekly: on the weekday ``day``
    (1 Monday … 7 Sunday) the week before. The answer stays the same until the next run is due, so that a
    server that stood still makes up for it.

    >>> from datetime import date
    >>> [str(scheduled_end(MONTHLY, 3, date(2026, 4, day))) for day in (2, 3, 30)]
    ['2026-02-28', '2026-03-31', '2026-03-31']
    >>> [str(scheduled_end(WEEKLY, 2, date(2026, 4, day))) for day in (6, 7, 12, 13)]  # 6 April: a Monday
    ['2026-03-29', '2026-04-05', '2026-04-05', '2026-04-05']
    """
    if frequency == WEEKLY:
        due = today - timedelta(days=(today.isoweekday() - day) % 7)
        return due - timedelta(days=due.isoweekday())
    due = today + relativedelta(day=day)
    if due > today:
        due = today + relativedelta(months=-1, day=day)
    return due + relativedelta(day=1) - ONE_DAY
