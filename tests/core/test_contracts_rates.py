"""The rate resolver against a naive reading of its rules."""

import tracemalloc
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_contracts.core.rates import (
    DAY,
    HOUR,
    MissingRate,
    RateCards,
    RateRow,
    find_overlap,
    grid,
    price_of_unit,
    uplift,
)

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 60).map(lambda n: FIRST + timedelta(days=n))
ROWS = st.builds(
    lambda role, employee, location, start, length, price, unit: RateRow(
        role,
        employee,
        start,
        None if length is None else start + timedelta(days=length),
        Decimal(price),
        location=location,
        unit=unit,
    ),
    role=st.integers(1, 2),
    employee=st.sampled_from([None, None, 7]),
    location=st.sampled_from([None, None, 3]),
    start=DAYS,
    length=st.one_of(st.none(), st.integers(0, 30)),
    price=st.integers(0, 500),
    unit=st.sampled_from([HOUR, DAY]),
)
CARDS = st.dictionaries(st.integers(1, 3), st.lists(ROWS, max_size=8), max_size=3)
QUESTIONS = st.tuples(
    st.permutations([1, 2, 3]),
    st.integers(1, 2),
    st.sampled_from([None, 7, 8]),
    st.sampled_from([None, 3, 4]),
    DAYS,
)


def naive(rows_by_card, order, role, employee, location, day):
    """Sort every valid row by the rules, take the first: ``(card, row)`` or None."""
    found = [
        (
            order.index(card),
            row.employee is None,
            row.location is None,
            -row.start.toordinal(),
            position,
            card,
            row,
        )
        for card, rows in rows_by_card.items()
        if card in order
        for position, row in enumerate(rows)
        if row.role == role
        and row.employee in (None, employee)
        and row.location in (None, location)
        and row.is_valid_on(day)
    ]
    return min(found, key=lambda item: item[:-1])[-2:] if found else None


@given(CARDS, QUESTIONS)
def test_the_resolver_answers_what_the_rules_say(rows_by_card, question):
    expected = naive(rows_by_card, *question)
    cards = RateCards(rows_by_card)
    if expected is None:
        with pytest.raises(MissingRate):
            cards.resolve(*question)
    else:
        answer = cards.resolve(*question)
        assert (answer.card, answer.row) == expected
        assert answer.price == answer.row.price
        assert answer.is_personal == (answer.row.employee is not None)


@given(CARDS, st.lists(QUESTIONS, max_size=10))
def test_many_questions_have_the_answers_of_each(rows_by_card, questions):
    cards = RateCards(rows_by_card)
    assert list(cards.resolve_many(questions)) == [cards.find(*question) for question in questions]


@given(CARDS, QUESTIONS, st.integers(0, 60))
def test_steps_are_the_answers_of_each_day_of_the_period(rows_by_card, question, length):
    *asked, start = question
    end = start + timedelta(days=length)
    cards = RateCards(rows_by_card)
    steps = cards.steps(*asked, start, end)
    assert steps[0][0] == start
    assert all(one[1] != other[1] for one, other in zip(steps, steps[1:], strict=False))
    for number in range(length + 1):
        day = start + timedelta(days=number)
        answer = [answer for first, answer in steps if first <= day][-1]
        assert answer == cards.find(*asked, day)


@given(st.lists(ROWS, max_size=5))
def test_an_overlap_is_two_rows_of_one_key_valid_on_one_day(rows):
    def collide(one, other):
        return one.key == other.key and (one.is_valid_on(other.start) or other.is_valid_on(one.start))

    pair = find_overlap(rows)
    expected = any(collide(one, other) for n, one in enumerate(rows) for other in rows[n + 1 :])
    assert bool(pair) == expected
    if pair:
        assert collide(*pair)


@given(st.lists(ROWS, max_size=6), DAYS)
def test_the_grid_shows_the_price_of_every_day(rows, day):
    if find_overlap(rows):
        return
    days, prices = grid(rows)
    for key, line in prices.items():
        valid = [row for row in rows if row.key == key and row.is_valid_on(day)]
        shown = [row for first, row in zip(days, line, strict=True) if first <= day]
        assert (shown[-1] if shown else None) == (valid[0] if valid else None)


def test_a_price_typed_on_the_line_stands_in_front_of_every_card():
    line = [
        RateRow(1, 7, date.min, None, Decimal(190)),
        RateRow(1, None, date.min, None, Decimal(180)),
    ]
    cards = RateCards({"line": line, 5: [RateRow(1, 7, FIRST, None, Decimal(250))]})
    assert cards.resolve(["line", 5], 1, 7, None, FIRST).price == 190
    assert cards.resolve(["line", 5], 1, 8, None, FIRST).price == 180
    assert cards.resolve([5], 1, 7, None, FIRST).price == 250


def test_a_row_may_end_on_the_last_day_there_is():
    cards = RateCards({1: [RateRow(1, None, FIRST, date.max, Decimal(9))]})
    assert cards.resolve([1], 1, None, None, date.max).price == 9


@given(
    st.decimals(0, 5000, places=2),
    st.decimals(-100, 100, places=2),
    st.sampled_from([Decimal("0.01"), Decimal("0.25"), Decimal(1), Decimal(5)]),
)
def test_an_uplift_is_the_nearest_multiple_of_the_step(price, percent, step):
    raised = uplift(price, percent, step)
    exact = price * (100 + percent) / 100
    assert raised % step == 0
    assert abs(raised - exact) <= step / 2
    if raised < exact:
        assert exact - raised < step / 2  # half goes up


@pytest.mark.parametrize(("percent", "step"), [(Decimal(4), Decimal(0)), (Decimal(-101), Decimal(1))])
def test_impossible_uplifts_are_refused(percent, step):
    with pytest.raises(ValueError, match="cannot be"):
        uplift(Decimal(100), percent, step)


def test_a_day_of_its_own_price_is_never_rounded_by_hours():
    third = Decimal("7.6")
    assert price_of_unit(Decimal(1000), DAY, third, third) == 1000
    assert price_of_unit(Decimal(1000), HOUR, third, third) == 7600


def test_memory_does_not_grow_with_the_number_of_questions():
    cards = RateCards({1: [RateRow(role, None, FIRST, None, Decimal(role)) for role in range(100)]})

    def peak(count):
        tracemalloc.start()
        total = sum(
            answer.price
            for answer in cards.resolve_many(((1,), n % 100, None, None, FIRST) for n in range(count))
        )
        assert total == count // 100 * 4950
        _size, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(20_000) < peak(1_000) + 10_000


def test_a_price_may_hold_for_one_day():
    day = FIRST + timedelta(days=3)
    cards = RateCards({1: [RateRow(1, None, day, day, Decimal(9))]})
    assert cards.resolve([1], 1, None, None, day).price == 9
    assert cards.find([1], 1, None, None, day + timedelta(days=1)) is None


def test_a_card_shows_a_price_that_ends_on_the_last_day_there_is():
    row = RateRow(1, None, FIRST, date.max, Decimal(9))
    assert grid([row]) == ([FIRST], {row.key: [row]})


def test_half_a_day_costs_half_of_a_day():
    assert price_of_unit(Decimal(1200), DAY, Decimal(4), Decimal(8)) == 600
