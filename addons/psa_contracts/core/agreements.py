"""The dates of a frame agreement, and what it says about billing.

All dates are inclusive: ``end`` is the last day on which the agreement holds.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

DAYS, MONTHS = "day", "month"
ONE_DAY = timedelta(days=1)


def next_end(end, months):
    """Last day of the term of ``months`` that follows ``end``. A term that ends with a month goes on to do so.

    >>> next_end(date(2026, 12, 31), 12)
    datetime.date(2027, 12, 31)
    >>> next_end(date(2026, 6, 30), 1)
    datetime.date(2026, 7, 31)
    >>> next_end(date(2027, 2, 28), 12)
    datetime.date(2028, 2, 29)

    A term that is longer than the calendar ends with it:

    >>> next_end(date(2026, 12, 31), 99_999)
    datetime.date(9999, 12, 31)

    :raises ValueError: where the term is no whole month or more
    """
    if months < 1:
        raise ValueError(f"a term of {months} months does not renew anything")
    try:
        return end + ONE_DAY + relativedelta(months=months) - ONE_DAY
    except (OverflowError, ValueError):
        return date.max


def renewed_end(end, months, today):
    """The end after all the renewals that are due on ``today``; ``end`` itself as long as that is not past.

    >>> renewed_end(date(2026, 12, 31), 12, date(2026, 12, 31))
    datetime.date(2026, 12, 31)
    >>> renewed_end(date(2026, 12, 31), 12, date(2027, 1, 1))
    datetime.date(2027, 12, 31)
    >>> renewed_end(date(2024, 3, 31), 6, date(2026, 1, 15))
    datetime.date(2026, 3, 31)
    """
    first_end, terms = end, 0
    while end < today:
        terms += 1
        end = next_end(first_end, terms * months)
    return end


def notice_deadline(end, amount, unit):
    """Last day on which notice can be given so that all of the notice period lies before the end.

    >>> notice_deadline(date(2026, 12, 31), 3, MONTHS)
    datetime.date(2026, 9, 30)
    >>> notice_deadline(date(2026, 12, 31), 30, DAYS)
    datetime.date(2026, 12, 1)
    >>> notice_deadline(date(2026, 12, 31), 0, DAYS)
    datetime.date(2026, 12, 31)

    A period that is longer than the calendar has begun on its first day:

    >>> notice_deadline(date(2026, 12, 31), 99_999, MONTHS)
    datetime.date(1, 1, 1)
    """
    try:
        period = relativedelta(months=amount) if unit == MONTHS else timedelta(days=amount)
        return end + ONE_DAY - period - ONE_DAY
    except (OverflowError, ValueError):
        return date.min


#: How a period can fail to lie inside an agreement.
STARTS_EARLY, STARTS_LATE, ENDS_LATE = "starts_early", "starts_late", "ends_late"


def misfit(start, end, agreement_start, agreement_end, renews):
    """How the period from ``start`` to ``end`` (None: open) leaves that of the agreement; None if it fits.

    An agreement that renews by itself has no end that could be crossed; nor has one without end.

    >>> frame = (date(2026, 1, 1), date(2026, 12, 31))
    >>> misfit(date(2026, 3, 1), date(2026, 12, 31), *frame, renews=False)
    >>> misfit(date(2026, 3, 1), date(2027, 1, 1), *frame, renews=False)
    'ends_late'
    >>> misfit(date(2026, 3, 1), date(2027, 1, 1), *frame, renews=True)
    >>> misfit(date(2026, 3, 1), None, *frame, renews=False)
    'ends_late'
    >>> misfit(date(2027, 1, 1), None, *frame, renews=False)
    'starts_late'
    >>> misfit(date(2025, 12, 31), date(2026, 6, 30), *frame, renews=True)
    'starts_early'
    """
    if start < agreement_start:
        return STARTS_EARLY
    if agreement_end is None or renews:
        return None
    if start > agreement_end:
        return STARTS_LATE
    if end is None or end > agreement_end:
        return ENDS_LATE
    return None


def is_reminder_due(day, lead_days, today):
    """Whether ``today`` lies in the ``lead_days`` before ``day``; on the day itself it does, after it no more.

    >>> [is_reminder_due(date(2026, 9, 30), 30, day)
    ...  for day in (date(2026, 8, 30), date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 1))]
    [False, True, True, False]

    On the first day of the calendar nothing lies before it:

    >>> is_reminder_due(date.min, 30, date(2026, 1, 1))
    False
    """
    return 0 <= (day - today).days <= lead_days


@dataclass(frozen=True, slots=True)
class BillingTerms:
    """How a SOW is billed. The defaults are those of a SOW without agreement.

    >>> BillingTerms().frequency, BillingTerms().rounding_minutes, BillingTerms().po_required
    ('monthly', 0, False)
    """

    frequency: str = "monthly"  # weekly, monthly, quarterly, completion
    cutoff_day: int = 0  # last day of the month that is billed; 0: that of the month
    grouping: str = "sow"  # one invoice per: sow, project, client, po (purchase order number)
    rounding_minutes: int = 0  # increment of the billable time; 0: as entered
    rounding_direction: str = "up"  # up, nearest
    rounding_scope: str = "entry"  # entry, day
    po_required: bool = False

    def period_end(self, day: date) -> date:
        """Last day of the billing month that ``day`` falls in.

        >>> BillingTerms().period_end(date(2026, 2, 3))
        datetime.date(2026, 2, 28)
        >>> BillingTerms(cutoff_day=25).period_end(date(2026, 2, 26))
        datetime.date(2026, 3, 25)
        >>> BillingTerms(cutoff_day=31).period_end(date(2026, 4, 30))
        datetime.date(2026, 4, 30)
        """
        cutoff = self.cutoff_day or 31
        end = day + relativedelta(day=cutoff)  # no month has more days than it has
        return end if day <= end else day + relativedelta(months=1, day=cutoff)
