"""Fixed prices in instalments, and what a former system billed of them."""

from decimal import Decimal

import pytest

from odoo.addons.psa_billing.core.instalments import left_to_bill
from odoo.addons.psa_billing.core.opening import Opening

D = Decimal


def left(due, total, ordered, price, billed_quantity=0, billed_amount=0):
    figures = (due, total, ordered, price, billed_quantity, billed_amount)
    return left_to_bill(*(D(figure) for figure in figures))


def test_nothing_is_due_of_what_was_billed_ahead_of_the_plan():
    assert left(200, 1000, 1, 1000, "0.33", "333.30") == (0, 0)


def test_what_was_billed_with_another_quantity_is_not_billed_again():
    """333.30 are due and billed, as 0.30 of a piece and 33.30 beside it."""
    assert left("333.30", 1000, 1, 1000, "0.30", "333.30") == (0, 0)


def test_an_instalment_that_a_hundredth_of_a_piece_cannot_say_is_money_only():
    assert left("0.50", 1000, 1, 1000) == (0, D("0.50"))


def test_a_price_of_cents_is_billed_as_it_was_ordered():
    assert left("0.50", "0.50", 1, "0.50") == (1, 0)


def test_the_last_instalment_has_the_whole_quantity_where_the_total_was_rounded_down():
    """3 × 33.334 are 100.00, and 100.00 are 2.9999 pieces."""
    assert left(100, 100, 3, "33.334") == (3, 0)


def test_a_deduction_is_taken_off_by_the_same_plan():
    """100.00 less, in thirds: 33.33 is 0.33 of a piece at 100.00 and 0.33 beside it."""
    assert left("-33.33", -100, -1, 100) == (D("-0.33"), D("-0.33"))
    assert left(-100, -100, -1, 100, "-0.66", "-66.66") == (D("-0.34"), D("0.66"))


def test_the_quantity_that_a_former_system_billed_counts_where_it_is_known():
    assert Opening(D(7500), D(0), D(51)).quantity(D(150)) == 51
    assert Opening(D(7500), D(0), D(51)).cents(D(150)) == -150


def test_of_what_costs_nothing_nothing_was_billed():
    assert Opening(D(0), D(0)).quantity(D(0)) == 0
    assert Opening(D(0), D(0)).quantity_within(D(0)) == 0


@pytest.mark.parametrize(("billed", "rest"), [("5049.99", "49.99"), ("5050", "0"), ("4950", "0")])
def test_money_that_a_hundredth_of_the_quantity_could_say_is_of_another_price(billed, rest):
    """One piece at 5,000.00 was billed; 50.00 more are the price of 0.01 piece."""
    assert Opening(D(billed), D(0), D(1)).rest(D(5000)) == D(rest)
