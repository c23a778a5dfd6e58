"""The rate resolver against a naive reading of its rules."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_contracts.core.rates import MissingRate, RateCards, RateRow, find_overlap

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 60).map(lambda n: FIRST + timedelta(days=n))
ROWS = st.builds(
    lambda role, employee, start, length, price: RateRow(
        role, employee, start, None if length is None else start + timedelta(days=length), Decimal(price)
    ),
    role=st.integers(1, 2),
    employee=st.sampled_from([None, None, 7]),
    start=DAYS,
    length=st.one_of(st.none(), st.integers(0, 30)),
    price=st.integers(0, 500),
)
CARDS = st.dictionaries(st.integers(1, 3), st.lists(ROWS, max_size=6), max_size=3)


def naive(rows_by_card, order, role, employee, day):
    """Sort every valid row by the rules, take the first."""
    found = [
        (order.index(card), row.employee is None, -row.start.toordinal(), position, row)
        for card, rows in rows_by_card.items()
        if card in order
        for position, row in enumerate(rows)
        if row.role == role and row.employee in (None, employee) and row.is_valid_on(day)
    ]
    return min(found)[-1].price if found else None


@given(CARDS, st.permutations([1, 2, 3]), st.integers(1, 2), st.sampled_from([None, 7, 8]), DAYS)
def test_the_resolver_answers_what_the_rules_say(rows_by_card, order, role, employee, day):
    expected = naive(rows_by_card, order, role, employee, day)
    cards = RateCards(rows_by_card)
    if expected is None:
        with pytest.raises(MissingRate):
            cards.resolve(order, role, employee, day)
    else:
        answer = cards.resolve(order, role, employee, day)
        assert answer.price == expected
        assert answer.is_personal == (answer.row.employee is not None)


@given(st.lists(ROWS, max_size=5))
def test_an_overlap_is_two_rows_of_one_key_valid_on_one_day(rows):
    def collide(one, other):
        return (one.role, one.employee) == (other.role, other.employee) and (
            one.is_valid_on(other.start) or other.is_valid_on(one.start)
        )

    pair = find_overlap(rows)
    expected = any(collide(one, other) for n, one in enumerate(rows) for other in rows[n + 1 :])
    assert bool(pair) == expected
    if pair:
        assert collide(*pair)
