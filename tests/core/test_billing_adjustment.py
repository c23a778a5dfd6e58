"""Adjustments of work: by example in the module, and what holds for any work."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.addons.psa_billing.core.adjustment import Piece, at_amount, at_quantity, cut, less, share_out
from odoo.addons.psa_billing.core.money import CENT, amount_of, round_to

HOURS = st.decimals(min_value=Decimal("0.01"), max_value=24, places=2)
PRICES = st.decimals(min_value=1, max_value=500, places=2)
MONEY = st.decimals(min_value=-5000, max_value=5000, places=2)


def piece_of(hours, price):
    return Piece(hours, hours, amount_of(hours, price))


@given(HOURS, HOURS, PRICES)
def test_another_quantity_sums_to_what_was_rated(hours, quantity, price):
    piece = piece_of(hours, price)
    billed, off = at_quantity(piece, quantity, price)
    assert billed + off == piece
    assert billed.quantity == quantity
    assert billed.amount == amount_of(quantity, price)
    assert billed.raw_hours >= 0 and off.raw_hours >= 0


@given(HOURS, PRICES, st.decimals(min_value=0, max_value=9000, places=2))
def test_another_amount_keeps_the_hours(hours, price, amount):
    piece = piece_of(hours, price)
    assume(piece.amount)
    billed, off = at_amount(piece, amount)
    assert billed + off == piece
    assert (billed.amount, billed.raw_hours, billed.quantity) == (amount, hours, hours)
    assert billed.amount == amount_of(billed.quantity, price) + billed.remainder


@given(HOURS, HOURS, PRICES)
def test_a_cut_sums_to_the_cent(hours, quantity, price):
    assume(quantity < hours)
    piece = piece_of(hours, price)
    rest, part = cut(piece, quantity, price)
    assert rest + part == piece
    assert rest.quantity > 0 and part.quantity == quantity


@given(MONEY, st.lists(MONEY, min_size=1, max_size=40))
def test_shares_sum_exactly(total, amounts):
    assume(sum(amounts))
    shares = share_out(total, amounts)
    assert sum(shares) == total
    assert all(share == round_to(share, CENT) for share in shares)


@given(st.lists(st.decimals(min_value=Decimal("0.01"), max_value=900, places=2), min_size=1, max_size=40))
def test_each_share_is_right_within_a_cent(amounts):
    total = Decimal("-100")
    for amount, share in zip(amounts, share_out(total, amounts), strict=True):
        assert abs(share - total * amount / sum(amounts)) <= CENT


def test_everything_written_off_leaves_nothing():
    amounts = [Decimal("33.33"), Decimal("0"), Decimal("-5.01"), Decimal("71.68")]
    assert share_out(-sum(amounts), amounts) == [-amount for amount in amounts]


def test_corrections_are_adjusted_as_what_they_take_back():
    billed, off = at_quantity(Piece(Decimal(-2), Decimal(-2), Decimal(-300)), Decimal(-1), Decimal(150))
    assert (billed.raw_hours, billed.quantity, billed.amount) == (-1, -1, -150)
    assert (off.raw_hours, off.quantity, off.amount) == (-1, -1, -150)


def test_more_than_there_is_is_refused():
    eight = piece_of(Decimal(8), Decimal(150))
    with pytest.raises(ValueError, match="sign"):
        at_amount(eight, Decimal("-0.01"))
    with pytest.raises(ValueError, match="sign"):
        at_quantity(eight, Decimal("-1"), Decimal(150))
    with pytest.raises(ValueError, match="sign"):  # nothing to bill more of
        at_amount(piece_of(Decimal(0), Decimal(150)), Decimal(10))
    with pytest.raises(ValueError, match="sign"):
        at_quantity(piece_of(Decimal(0), Decimal(150)), Decimal(1), Decimal(150))
    for quantity in (0, 8, 9, -1):
        with pytest.raises(ValueError, match="quantity"):
            cut(eight, Decimal(quantity), Decimal(150))
    with pytest.raises(ValueError, match="quantity"):
        cut(piece_of(Decimal(0), Decimal(150)), Decimal(1), Decimal(150))
    with pytest.raises(ValueError, match="nothing"):
        share_out(Decimal(10), [Decimal(1), Decimal(-1)])
    billed, off = less(eight, Decimal(-50))
    assert (billed.amount, off.amount) == (1250, -50)
