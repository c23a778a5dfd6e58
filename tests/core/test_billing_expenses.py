"""What clients pay for costs: by example, with limits, and what goes back."""

from decimal import Decimal

import pytest

from odoo.addons.psa_billing.core.expenses import (
    COST,
    MARKUP,
    NOT_BILLED,
    UNIT,
    Billed,
    Terms,
    bill,
    given_back,
    limited,
    rest_given_back,
)

D = Decimal


def test_what_is_not_billed_is_worth_nothing():
    assert bill(Terms(NOT_BILLED), D(50), D(1)) == Billed(D(0), D(0), D(0), D(0), D(0))


def test_without_a_markup_nothing_comes_on_top():
    assert bill(Terms(MARKUP), D(100), D(1)) == Billed(D(1), D(100), D(100), D(0), D(0))
    # a markup that was typed before the method was changed to "at cost"
    assert bill(Terms(COST, markup=D(10)), D(100), D(1)).amount == 100


def test_a_unit_without_a_price_costs_nothing():
    assert bill(Terms(UNIT), D("51.30"), D(171)).amount == 0


@pytest.mark.parametrize("cost", ["0", "0.50", "51.30"])
def test_by_the_unit_it_is_no_matter_what_it_cost(cost):
    """171 km at 0.42, also where the firm paid little or nothing."""
    assert bill(Terms(UNIT, price=D("0.42")), D(cost), D(171)) == Billed(D(171), D("0.42"), D("71.82"))


def test_a_credit_by_the_unit_gives_back_its_units():
    back = bill(Terms(UNIT, price=D("0.42")), D("-51.30"), D(-171))
    assert (back.quantity, back.price, back.amount) == (-171, D("0.42"), D("-71.82"))


def test_a_limit_for_each_item_bounds_the_price_of_a_unit():
    """171 km at 0.42, at most 0.30 each: 51.30 of 71.82. A limit of 0.50 bounds nothing."""
    low = bill(Terms(UNIT, price=D("0.42"), item_limit=D("0.30")), D(60), D(171))
    assert (low.price, low.amount, low.over) == (D("0.30"), D("51.30"), D("20.52"))
    high = bill(Terms(UNIT, price=D("0.42"), item_limit=D("0.50")), D(60), D(171))
    assert (high.price, high.amount, high.over) == (D("0.42"), D("71.82"), 0)


@pytest.mark.parametrize(
    ("left", "amount", "over"),
    [("100", "50", "3"), ("50", "50", "3"), ("49.20", "49.20", "3.80"), ("0", "0", "53"), ("-5", "0", "53")],
)
def test_a_limit_lets_through_what_is_left_of_it(left, amount, over):
    """50.00 of a cost, of which a limit for each item cut 3.00 already."""
    assert limited(Billed(D(1), D(50), D(50), over=D(3)), D(left)) == (D(amount), D(over))


def test_cents_do_not_pass_a_limit_that_is_used_up():
    assert limited(Billed(D(1), D("0.80"), D("0.80")), D(0)) == (0, D("0.80"))


def test_of_a_credit_all_goes_back():
    assert given_back(D(-50), D(0), D(1)) == -50


@pytest.mark.parametrize(
    ("owed", "got", "given_up", "rest"),
    [
        ("75", "0", "0", "75"),  # nothing has gone back yet
        ("35", "25", "10", "0"),  # all that is owed has
        (
            "30",
            "10",
            "25",
            "0",
        ),  # less is owed since: the rest is of what they forgave
        ("5", "0", "10", "0"),  # likewise, where they got nothing
        ("10.05", "10", "1", "0"),
    ],
)
def test_what_the_client_gets_back_yet(owed, got, given_up, rest):
    assert rest_given_back(D(owed), D(got), D(given_up)) == D(rest)
