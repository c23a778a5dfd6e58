"""The dates of agreements hold for every day and term."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_contracts.core.agreements import (
    DAYS,
    ENDS_LATE,
    MONTHS,
    BillingTerms,
    is_reminder_due,
    misfit,
    next_end,
    notice_deadline,
    renewed_end,
)

ANY_DAY = st.dates(date(2020, 1, 1), date(2040, 12, 31))
TERMS = st.integers(1, 36)


@given(ANY_DAY, TERMS)
def test_the_next_term_is_as_long_as_the_calendar_says(end, months):
    after = next_end(end, months)
    assert after > end
    first, last = end + timedelta(days=1), after + timedelta(days=1)
    assert (last.year - first.year) * 12 + last.month - first.month == months


@given(ANY_DAY, TERMS, ANY_DAY)
def test_renewing_reaches_today_and_no_further_than_one_term(end, months, today):
    after = renewed_end(end, months, today)
    assert after >= today or after == end
    assert after >= end
    if after > end:
        assert renewed_end(after, months, today) == after, "a second run renews nothing"


@given(ANY_DAY)
def test_terms_that_end_with_a_month_keep_doing_so(day):
    end = day.replace(day=1) - timedelta(days=1)
    after = renewed_end(end, 1, end + timedelta(days=400))
    assert (after + timedelta(days=1)).day == 1


@given(ANY_DAY, st.integers(0, 12), st.sampled_from([DAYS, MONTHS]))
def test_notice_is_given_before_the_end(end, amount, unit):
    deadline = notice_deadline(end, amount, unit)
    assert deadline <= end
    if unit == DAYS:
        assert (end - deadline).days == amount


@given(ANY_DAY, st.integers(0, 90), ANY_DAY)
def test_a_reminder_comes_before_the_day_or_on_it(day, lead, today):
    assert is_reminder_due(day, lead, today) == (0 <= (day - today).days <= lead)


def test_a_term_without_months_renews_nothing():
    with pytest.raises(ValueError, match="0 months"):
        next_end(date(2026, 1, 1), 0)


def test_an_agreement_without_end_bears_everything_that_starts_under_it():
    assert misfit(date(2030, 1, 1), None, date(2026, 1, 1), None, renews=False) is None


def test_the_first_and_the_last_day_of_an_agreement_lie_in_it():
    frame = date(2026, 1, 1), date(2026, 12, 31)
    assert misfit(*frame, *frame, renews=False) is None
    assert misfit(frame[1], None, *frame, renews=False) == ENDS_LATE


def test_the_next_term_begins_the_day_after_the_end():
    # 30 January to 27 February: the term after that begins on the 28th, as February has no 30th
    assert next_end(date(2026, 1, 29), 1) == date(2026, 2, 27)


@given(ANY_DAY, st.integers(0, 31))
def test_every_day_belongs_to_one_billing_month(day, cutoff):
    terms = BillingTerms(cutoff_day=cutoff)
    end = terms.period_end(day)
    assert day <= end
    assert (end - day).days <= 31
    assert terms.period_end(end) == end
