"""Rounding of billable time: by example, and what holds for any day of work."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_billing.core.rounding import (
    NEAREST,
    UP,
    Time,
    nearest,
    quantity_of,
    round_day,
    to_increment,
)

INCREMENTS = st.sampled_from([6, 15, 30, 60])
DIRECTIONS = st.sampled_from([UP, NEAREST])
HOURS = st.decimals(min_value=Decimal("0.01"), max_value=12, places=2)
SIGNED = st.decimals(min_value=-4, max_value=12, places=2)
DAYS = st.lists(HOURS, min_size=1, max_size=5)


def times(hours, settled=()):
    given_settled = dict(enumerate(settled))
    return [Time(key, Decimal(value), given_settled.get(key)) for key, value in enumerate(hours)]


@pytest.mark.parametrize(
    ("hours", "minutes", "direction", "expected"),
    [
        ("1.01", 6, UP, "1.1"),
        ("1.01", 6, NEAREST, "1.0"),
        ("1.05", 6, NEAREST, "1.1"),  # the half goes up
        ("1.26", 15, UP, "1.5"),
        ("1.26", 15, NEAREST, "1.25"),
        ("0.5", 30, UP, "0.5"),
        ("0.01", 60, UP, "1"),
        ("0.49", 60, NEAREST, "0"),
        ("-0.2", 15, UP, "-0.25"),  # takes back what 0.2 was billed as
        ("0.3333", 15, UP, "0.5"),
        ("0.2500001", 15, UP, "0.25"),  # less than half a second is nothing
        ("0.25025", 15, UP, "0.5"),  # nine tenths of a second are one, and count
        ("7.77", 0, UP, "7.77"),
    ],
)
def test_examples(hours, minutes, direction, expected):
    assert to_increment(Decimal(hours), minutes, direction) == Decimal(expected)


def test_three_times_twenty_minutes_are_an_hour():
    assert sum(round_day(times(["0.3333", "0.3333", "0.3333"]), 15, UP).values()) == 1


def test_time_rounded_down_leaves_the_last_entries_first():
    # 6 + 6 + 3 minutes, to the nearest hour: nothing
    assert round_day(times(["0.1", "0.1", "0.05"]), 60, NEAREST) == {0: 0, 1: 0, 2: 0}
    # 30 + 6 + 3 minutes to the nearest 30: half an hour, all of it in the first entry
    assert round_day(times(["0.5", "0.1", "0.05"]), 30, NEAREST) == {0: Decimal("0.5"), 1: 0, 2: 0}


def test_a_correction_after_billing_gives_back_what_was_billed():
    # 1.1 h were billed as 1.25; taken back altogether, the day is worth nothing
    assert round_day(times(["1.1", "-1.1"], [Decimal("1.25")]), 15, UP) == {1: Decimal("-1.25")}


def test_settled_work_is_not_reopened():
    # billed by the hour before the agreement said 15 minutes: nothing is left of this day, nor owed
    assert round_day(times(["0.1", "0.2"], [Decimal(1)]), 15, UP) == {1: 0}


def test_days_as_unit():
    # 3 h 50 and 3 h 50 are 7 h 40: 7 h 45, of a day of 7.75 hours one
    day = [Time(key, Decimal("3.8333"), unit_hours=Decimal("7.75")) for key in range(2)]
    assert round_day(day, 15, UP) == {0: Decimal("0.49"), 1: Decimal("0.51")}


def test_hours_and_days_on_one_day():
    # 0.1 h by the hour and 3.8 h by the day of 8 h: 4 h; 0.1 h and 0.4875 days, 0.49 of them
    day = [Time(0, Decimal("0.1")), Time(1, Decimal("3.8"), unit_hours=Decimal(8))]
    assert round_day(day, 15, UP) == {0: Decimal("0.10"), 1: Decimal("0.49")}
    # the other way round the hour takes what the days leave: 4 h - 0.48 x 8 h
    day = [Time(0, Decimal("3.8"), unit_hours=Decimal(8)), Time(1, Decimal("0.1"))]
    assert round_day(day, 15, UP) == {0: Decimal("0.48"), 1: Decimal("0.16")}
    # half a day is billed: 3.8 h more are 7.8 h, of 8 h the half is left
    day = [Time(0, Decimal("4"), Decimal("0.5"), Decimal(8)), Time(1, Decimal("3.8"))]
    assert round_day(day, 15, UP) == {1: 4}
    # more than the day comes to is billed: nothing is left, in either unit
    day = [Time(0, Decimal("0.1"), Decimal(1), Decimal(8)), Time(1, Decimal("3.8"))]
    assert round_day(day, 15, UP) == {1: 0}


def test_what_was_carried_is_in_units_of_the_last_line():
    """0.1 h by the hour, then 0.5 h by the day of 8 h are 0.75 h, 0.09375 days: 0.09 and, as 0.005 days were
    rounded off before, 0.10: 0.72 and 0.80 h. Less the 0.10 h they are 0.08 and 0.09 days."""
    day = [Time(0, Decimal("0.1")), Time(1, Decimal("0.5"), unit_hours=Decimal(8))]
    assert round_day(day, 15, UP) == {0: Decimal("0.10"), 1: Decimal("0.08")}
    carried = Decimal("0.005")
    assert round_day(day, 15, UP, carried=carried) == {0: Decimal("0.10"), 1: Decimal("0.09")}
    assert nearest(Decimal("0.124")) == Decimal("0.12")


def test_days_rounded_down_leave_the_last_entries_first():
    """1.0, 0.2 and 0.1 h by the day of 8 h are 0.13, 0.03 and 0.01 days; to the nearest hour they are one,
    0.13 days, all in the first entry."""
    day = [
        Time(key, Decimal(hours), unit_hours=Decimal(8)) for key, hours in enumerate(("1.0", "0.2", "0.1"))
    ]
    assert round_day(day, 60, NEAREST) == {0: Decimal("0.13"), 1: 0, 2: 0}


def test_a_day_that_is_settled_has_nothing_to_round():
    assert round_day(times(["0.1"], [Decimal("0.25")]), 15, UP) == {}
    assert round_day([], 15, UP) == {}


@given(HOURS, INCREMENTS)
def test_up_bills_whole_increments_and_never_less_than_worked(hours, minutes):
    rounded = to_increment(hours, minutes, UP)
    assert rounded * 60 % minutes == 0
    assert 0 <= rounded - hours < Decimal(minutes) / 60


@given(HOURS, INCREMENTS)
def test_nearest_is_at_most_half_an_increment_away(hours, minutes):
    rounded = to_increment(hours, minutes, NEAREST)
    assert rounded * 60 % minutes == 0
    assert abs(rounded - hours) <= Decimal(minutes) / 120


@given(SIGNED, INCREMENTS, DIRECTIONS)
def test_a_correction_rounds_as_the_time_it_takes_back(hours, minutes, direction):
    assert to_increment(-hours, minutes, direction) == -to_increment(hours, minutes, direction)


@given(DAYS, INCREMENTS)
def test_a_day_rounded_up_is_whole_increments_and_not_less_than_worked(hours, minutes):
    total = sum(round_day(times(hours), minutes, UP).values())
    assert total * 60 % minutes == 0
    assert 0 <= total - sum(hours) < Decimal(minutes) / 60


@given(st.lists(SIGNED, min_size=1, max_size=5), INCREMENTS, DIRECTIONS)
def test_a_day_is_worth_its_rounded_hours_and_no_entry_changes_sign(hours, minutes, direction):
    quantities = round_day(times(hours), minutes, direction)
    assert sum(quantities.values()) == to_increment(sum(hours), minutes, direction)
    assert all(quantities[key] * value >= 0 for key, value in enumerate(hours) if value)


@given(st.lists(HOURS, min_size=1, max_size=4), INCREMENTS, DIRECTIONS)
def test_the_order_in_which_entries_arrive_does_not_matter(hours, minutes, direction):
    day = times(hours)
    first = round_day(day, minutes, direction)
    assert all(round_day(order, minutes, direction) == first for order in permutations(day))


@given(DAYS, DAYS, INCREMENTS, DIRECTIONS)
def test_late_time_fills_the_day_up(early, late, minutes, direction):
    """What was billed before and what the late time bills make the day."""
    billed = round_day(times(early), minutes, direction)
    day = times([*early, *late], billed.values())
    quantities = round_day(day, minutes, direction)
    assert set(quantities) == set(range(len(early), len(day)))
    total = sum(quantities.values()) + sum(billed.values())
    assert total == to_increment(sum([*early, *late]), minutes, direction)
    assert all(quantity >= 0 for quantity in quantities.values())


@given(st.lists(SIGNED, max_size=5), INCREMENTS)
def test_by_entry_each_is_rounded_for_itself(hours, minutes):
    quantities = [quantity_of(value, minutes, UP) for value in hours]
    assert all(abs(quantity) >= abs(value) for quantity, value in zip(quantities, hours, strict=True))
