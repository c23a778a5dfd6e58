"""Shares of work that several clients pay: nothing is lost, nobody pays twice."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from odoo.addons.psa_billing.core.payers import allot, deal, still_due, taken_over
from odoo.addons.psa_contracts.core.shares import split

CENT = Decimal("0.01")
values = st.lists(st.integers(-500, 2000).map(lambda units: units * CENT), min_size=1, max_size=12)
shares = st.sampled_from(
    [
        [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")],
        [Decimal(60), Decimal(40)],
        [Decimal("0.01"), Decimal("99.99")],
        [Decimal("12.5")] * 8,
    ]
)


@given(values, shares)
@example([4 * CENT], [Decimal("12.5")] * 8)
def test_rows_sum_to_the_entries_and_all_is_dealt(entries, of_payers):
    totals = split(sum(entries, Decimal(0)), of_payers)
    rows = deal(entries, totals)
    assert [sum(row) for row in rows] == entries
    # of tiny sums the last payer takes a rest of the other sign: 0.04 of eight are 7 x 0.01 and -0.03
    tiny = min(totals) < 0 < max(totals)
    for value, row in zip(entries, rows, strict=True):
        assert all(part == 0 or (part > 0) == (value > 0) for part in (row[:-1] if tiny else row))


@given(st.lists(st.integers(0, 2000).map(lambda units: units * CENT), min_size=1, max_size=12), shares)
def test_columns_sum_to_what_each_payer_pays(entries, of_payers):
    totals = split(sum(entries, Decimal(0)), of_payers)
    # of tiny sums the last payer takes a negative rest; those cannot be dealt without changing a sign
    if min(totals) >= 0:
        rows = deal(entries, totals)
        assert [sum(column) for column in zip(*rows, strict=True)] == totals


def test_digits_below_a_hundredth_stay_with_the_last_payer():
    assert deal([Decimal("0.3333")], [Decimal("0.17"), Decimal("0.16")]) == [
        [Decimal("0.17"), Decimal("0.1633")]
    ]


def test_digits_below_a_hundredth_stay_with_the_last_payer_who_pays_something():
    """Of 0.335 h 34 hundredths are rounded off; who pays nothing gets no part of an hour either."""
    assert allot(Decimal("0.335"), [Decimal(1), Decimal(0)]) == [Decimal("0.335"), 0]


def test_time_and_its_correction_are_shared_alike_where_nobody_says_how():
    assert deal([Decimal(2), Decimal(-2)], [Decimal(0), Decimal(0)]) == [[1, 1], [-1, -1]]


def test_an_amount_without_payers_is_refused():
    with pytest.raises(ValueError, match="nobody to pay"):
        allot(Decimal(1), [Decimal(0), Decimal(0)])


def test_a_payer_who_was_billed_more_than_its_share_pays_nothing_more():
    # 100.00 due by halves, of which the first payer was billed 70.00: the other pays the rest of its 50.00
    assert still_due([Decimal(50), Decimal(50)], [Decimal(70), Decimal(20)]) == [Decimal(0), Decimal(30)]


def test_what_one_who_left_was_billed_counts_for_nobody_who_was_there():
    billed = [Decimal(300), Decimal(200)]
    assert taken_over(billed, Decimal(100), [Decimal(60), Decimal(40)]) == billed


def test_nobody_owes_anything_where_all_is_billed():
    """Of 600.00 and 400.00 one was billed 100.00 more, the other 100.00 less."""
    assert still_due([Decimal(600), Decimal(400)], [Decimal(700), Decimal(300)]) == [0, 0]
