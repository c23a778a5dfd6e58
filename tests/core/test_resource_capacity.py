"""Capacity arithmetic: nothing is lost, nothing is booked twice."""

from datetime import date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_resource.core import capacity

FIRST = date(2026, 3, 2)
DAYS = st.integers(0, 20).map(lambda n: FIRST + timedelta(days=n))
HOURS = st.floats(0.25, 12)
CAPACITY = st.dictionaries(DAYS, HOURS, max_size=15)


@given(st.floats(0.25, 400), CAPACITY, DAYS, st.integers(0, 20))
def test_all_hours_of_a_booking_are_spread_inside_its_window(total, hours, first, length):
    last = first + timedelta(days=length)
    load = capacity.spread(total, hours, first, last)
    assert abs(sum(load.values()) - total) < 1e-6
    assert all(first <= day <= last for day in load)


@given(st.floats(0.25, 400), CAPACITY, CAPACITY, DAYS, st.integers(0, 20))
def test_overload_is_what_free_capacity_cannot_take(total, hours, promised, first, length):
    last = first + timedelta(days=length)
    over = capacity.overload(total, hours, promised, first, last)
    assert 0 <= over <= total
    everything = capacity.overload(total, hours, {}, first, last)
    assert over >= everything - 1e-9


@given(st.integers(-12, 14), st.integers(0, 400), st.integers(1, 47))
def test_hours_of_an_interval_are_kept_in_every_time_zone(offset, start, length):
    zone = timezone(timedelta(hours=offset))
    begin = datetime(2026, 3, 1, tzinfo=timezone.utc) + timedelta(hours=start)
    days = capacity.hours_by_day([(begin, begin + timedelta(hours=length))], zone)
    assert abs(sum(days.values()) - length) < 1e-9
    assert all(hours <= 24 for hours in days.values())
