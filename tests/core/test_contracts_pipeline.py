"""Forecast hours: none is lost or made, whatever the period, and phases stay inside their plan."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_contracts.core.pipeline import Trigger, is_forecast, not_in_the_past, spread
from odoo.addons.psa_contracts.core.plan import fit_phase, last_day, phase_dates

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 800).map(lambda n: FIRST + timedelta(days=n))
LENGTHS = st.integers(1, 400)
HOURS = st.integers(0, 1_000_000).map(lambda cents: Decimal(cents) / 100)


@given(hours=HOURS, start=DAYS, length=LENGTHS)
def test_the_months_of_a_period_share_its_hours_to_the_last_digit(hours, start, length):
    end = last_day(start, length)
    slices = spread(hours, start, end)
    assert sum(part for _month, _first, _last, part in slices) == hours
    for month, first, last, part in slices:
        assert part > 0
        assert part == part.quantize(Decimal("0.01"))
        assert month.day == 1
        assert (month.year, month.month) == (first.year, first.month) == (last.year, last.month)
        assert start <= first <= last <= end
    assert [month for month, *_ in slices] == sorted({month for month, *_ in slices})


@given(hours=HOURS, start=DAYS, length=LENGTHS)
def test_each_month_has_its_share_of_the_weekdays(hours, start, length):
    end = last_day(start, length)
    days = [start + timedelta(days=n) for n in range(length)]
    weekdays = [day for day in days if day.weekday() < 5] or days
    parts = {month: part for month, _first, _last, part in spread(hours, start, end)}
    for month in {day.replace(day=1) for day in days}:
        share = sum(day.replace(day=1) == month for day in weekdays)
        exact = hours * share / len(weekdays)
        assert abs(parts.get(month, Decimal(0)) - exact) <= Decimal("0.01")


def test_a_weekend_alone_still_has_its_hours():
    # Saturday February 28 and Sunday March 1, 2026
    slices = spread(Decimal(8), date(2026, 2, 28), date(2026, 3, 1))
    assert [(month.month, part) for month, _first, _last, part in slices] == [(2, 4), (3, 4)]


def test_what_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="ends before it starts"):
        spread(Decimal(1), date(2026, 3, 2), date(2026, 3, 1))
    with pytest.raises(ValueError, match="has no last day"):
        last_day(FIRST, 0)
    for offset, duration in ((-1, 5), (0, 0)):
        with pytest.raises(ValueError, match="days"):
            phase_dates(FIRST, offset, duration)
    with pytest.raises(ValueError, match="at least one day"):
        fit_phase(FIRST, FIRST - timedelta(days=1), 10, 0, 5)


@given(start=DAYS, actual=LENGTHS, planned=LENGTHS, offset=st.integers(0, 500), duration=LENGTHS)
def test_a_fitted_phase_lies_in_its_period(start, actual, planned, offset, duration):
    end = last_day(start, actual)
    first, last = fit_phase(start, end, planned, offset, duration)
    assert start <= first <= last <= end


@given(start=DAYS, planned=LENGTHS, data=st.data())
def test_a_phase_of_a_plan_that_fits_keeps_its_days(start, planned, data):
    offset = data.draw(st.integers(0, planned - 1))
    duration = data.draw(st.integers(1, planned - offset))
    end = last_day(start, planned)
    assert fit_phase(start, end, planned, offset, duration) == phase_dates(start, offset, duration)


@given(start=DAYS, length=LENGTHS, today=DAYS)
def test_a_period_that_passed_begins_today_and_keeps_its_length(start, length, today):
    first, last = not_in_the_past(start, last_day(start, length), today)
    assert first == max(start, today)
    assert last == last_day(first, length)


@pytest.mark.parametrize("match_all", [False, True])
def test_a_criterion_that_is_off_is_not_asked(match_all):
    assert not Trigger(match_all=match_all)
    assert not is_forecast(Trigger(match_all=match_all), True, 100, -5)
    assert is_forecast(Trigger(days=7, match_all=match_all), False, 0, -5)
    assert is_forecast(Trigger(by_stage=True, match_all=match_all), True, 0, None)
    assert not is_forecast(Trigger(by_stage=True, match_all=match_all), False, 100, 0)


def test_one_criterion_is_enough_and_half_a_per_cent_or_a_day_is_one():
    for criteria in ({"by_stage": True}, {"probability": 0.5}, {"days": 1}):
        assert Trigger(**criteria)
    assert is_forecast(Trigger(probability=0.5), False, 0.6, None)
    assert is_forecast(Trigger(days=1), False, 0, 1)


def test_hours_of_three_digits_are_not_lost():
    slices = spread(Decimal("7.777"), date(2026, 3, 16), date(2026, 4, 15))
    assert sum(part for _month, _first, _last, part in slices) == Decimal("7.777")


def test_any_or_all_of_the_criteria_are_needed():
    criteria = {"by_stage": True, "probability": 50, "days": 10}
    assert is_forecast(Trigger(**criteria), False, 20, 10)
    assert not is_forecast(Trigger(**criteria), False, 20, 11)
    assert not is_forecast(Trigger(**criteria, match_all=True), True, 50, 11)
    assert is_forecast(Trigger(**criteria, match_all=True), True, 50, 10)
