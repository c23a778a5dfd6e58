"""Capacity: contract versions, days and load, without a database."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_resource.core import capacity

MONDAY = date(2026, 3, 2)
OFFSETS = st.integers(0, 9)
WINDOWS = st.tuples(OFFSETS, OFFSETS).map(
    lambda pair: (MONDAY + timedelta(days=min(pair)), MONDAY + timedelta(days=max(pair)))
)
JOBS = st.tuples(WINDOWS, st.integers(1, 40)).map(lambda job: (*job[0], job[1]))
CAPACITY = st.dictionaries(OFFSETS.map(lambda n: MONDAY + timedelta(days=n)), st.integers(0, 10))
FIRST = WINDOWS.map(lambda window: window[0])


def placeable(jobs, hours):
    """The most hours that can be placed, by Hall's condition over every window: slow, obviously right."""
    days = [MONDAY + timedelta(days=n) for n in range(10)]
    # largest hours left over in the worst union of disjoint windows
    worst = dict.fromkeys([*days, days[-1] + timedelta(days=1)], 0)
    for n, _start in enumerate(days):
        stop = days[n] + timedelta(days=1)
        best = worst[days[n]]
        for start in days[: n + 1]:
            load = sum(job[2] for job in jobs if start <= job[0] and job[1] < stop)
            room = sum(value for day, value in hours.items() if start <= day < stop)
            best = max(best, worst[start] + load - room)
        worst[stop] = best
    return sum(job[2] for job in jobs) - worst[days[-1] + timedelta(days=1)]


@given(st.lists(JOBS, max_size=6), CAPACITY)
def test_as_many_hours_are_placed_as_can_be(jobs, hours):
    assert capacity.unplaced(jobs, hours) == sum(job[2] for job in jobs) - placeable(jobs, hours)


@given(JOBS, st.lists(JOBS, max_size=5), CAPACITY)
def test_overload_is_between_nothing_and_the_job(job, others, hours):
    assert 0 <= capacity.overload(job, others, hours) <= job[2]


@given(st.integers(1, 80), CAPACITY, WINDOWS)
def test_spread_hours_sum_to_the_total_and_stay_in_the_window(total, hours, window):
    days = capacity.spread(total, hours, *window)
    assert sum(days.values()) == pytest.approx(total)
    assert all(window[0] <= day <= window[1] for day in days)


@given(st.lists(FIRST, max_size=4, unique=True), WINDOWS, FIRST, st.one_of(st.none(), FIRST))
def test_a_day_has_one_contract_version_at_most(starts, window, contract_start, contract_end):
    versions = [(n, day, contract_start, contract_end) for n, day in enumerate(starts)]
    seen = []
    for key, start, end in capacity.contract_spans(versions, *window):
        assert window[0] <= start <= end <= window[1]
        assert starts[key] <= start and contract_start <= start
        assert contract_end is None or end <= contract_end
        seen += [start + timedelta(days=n) for n in range((end - start).days + 1)]
    assert len(seen) == len(set(seen))


def test_a_version_outside_any_contract_covers_nothing():
    assert capacity.contract_spans([("trainee", MONDAY, None, None)], MONDAY, MONDAY) == []


def test_an_interval_over_midnight_counts_on_both_local_days():
    auckland = timezone(timedelta(hours=13))
    evening = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)  # 22 o'clock on Monday in Auckland
    days = capacity.hours_by_day([(evening, evening + timedelta(hours=5))], auckland)
    assert days == {MONDAY: 2, MONDAY + timedelta(days=1): 3}


@given(st.integers(-12, 14), st.integers(0, 400), st.integers(1, 47))
def test_hours_of_an_interval_are_kept_in_every_time_zone(offset, start, length):
    zone = timezone(timedelta(hours=offset))
    begin = datetime(2026, 3, 1, tzinfo=timezone.utc) + timedelta(hours=start)
    days = capacity.hours_by_day([(begin, begin + timedelta(hours=length))], zone)
    assert abs(sum(days.values()) - length) < 1e-9
    assert all(hours <= 24 for hours in days.values())


def test_a_contract_of_one_day_is_a_span():
    assert capacity.contract_spans(
        [("temp", MONDAY, MONDAY, MONDAY)], MONDAY, MONDAY + timedelta(days=6)
    ) == [("temp", MONDAY, MONDAY)]


def test_a_day_on_which_nobody_works_is_none():
    empty = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)
    assert capacity.hours_by_day([(empty, empty)], timezone.utc) == {}


def test_quarters_of_an_hour_add_up():
    assert capacity.add_up([{MONDAY: 1.25}, {MONDAY: 2}]) == {MONDAY: 3.25}


def test_overload_is_said_to_two_digits_and_half_an_hour_is_one():
    assert capacity.overload((MONDAY, MONDAY, 8.5), [], {MONDAY: 8}) == 0.5
    assert capacity.overload((MONDAY, MONDAY, 8.3333), [], {MONDAY: 8}) == 0.33
