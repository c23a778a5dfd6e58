"""Adjustments of work: by example in the module, and what holds for any work."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.addons.psa_billing.core.adjustment import (
    Piece,
    at_amount,
    at_quantity,
    cut,
    direction_of,
    less,
    share_out,
    taken_off,
)
from odoo.addons.psa_billing.core.money import CENT, amount_of, round_to

HOURS = st.decimals(min_value=Decimal("0.01"), max_value=24, places=2)
PRICES = st.decimals(min_value=1, max_value=500, places=2)
MONEY = st.decimals(min_value=-5000, max_value=5000, places=2)


def piece_of(hours, price):
    return Piece(hours, hours, amount_of(hours, price))


D = Decimal


def test_nothing_is_billed_of_a_piece_that_is_set_to_nothing():
    """Eight hours at 150.00 less 200.00: with the hours the money beside them goes, too."""
    piece = Piece(D(8), D(8), D(1000), D(-200))
    assert at_quantity(piece, D(0), D(150)) == (Piece(D(0), D(0), D(0)), piece)


def test_the_money_beside_the_hours_stays_with_those_that_are_billed():
    """Six of these hours are 900.00 less 200.00."""
    billed, off = at_quantity(Piece(D(8), D(8), D(1000), D(-200)), D(6), D(150))
    assert billed == Piece(D(6), D(6), D(700), D(-200))
    assert off == Piece(D(2), D(2), D(300))


def test_hours_that_are_added_to_a_correction_are_no_hours_of_the_entry():
    """Eight hours are taken back, nine credited."""
    billed, off = at_quantity(Piece(D(-8), D(-8), D(-1200)), D(-9), D(150))
    assert billed == Piece(D(-8), D(-9), D(-1350))
    assert off == Piece(D(0), D(1), D(150))


def test_half_a_unit_of_money_more_is_a_write_up():
    assert direction_of(D("0.5")) == "write_up"


def test_a_whole_that_is_given_away_takes_all_off():
    assert taken_off(D(900), D(0), [D(600), D(300)]) == [D(600), D(300)]


@pytest.mark.parametrize(("total", "target"), [(0, 100), (900, -1), (-900, 1)])
def test_no_whole_changes_its_sign(total, target):
    with pytest.raises(ValueError, match="sign"):
        taken_off(D(total), D(target), [D(600), D(300)])


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
