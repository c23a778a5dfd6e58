"""Quantities and amounts."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_billing.core.money import amount_of, dec, price_after_discount, round_down, round_to
from odoo.addons.psa_billing.core.proposal import line_amounts

CENT = Decimal("0.01")
MONEY = st.decimals(min_value=-100000, max_value=100000, places=4)


def test_a_float_is_read_as_it_is_shown():
    assert dec(0.1) + dec(0.2) == Decimal("0.3")
    assert dec(False) == dec(None) == 0
    assert dec(Decimal("1.5")) == Decimal("1.5")


def test_halves_round_away_from_zero():
    assert round_to(Decimal("1.005"), CENT) == Decimal("1.01")
    assert round_to(Decimal("-1.005"), CENT) == Decimal("-1.01")


def test_the_discount_is_taken_off_before_rounding():
    # 1.25 h × 133.33 × 0.9 = 149.99625
    assert amount_of(Decimal("1.25"), price_after_discount(Decimal("133.33"), Decimal(10))) == Decimal(
        "150.00"
    )


def test_without_a_cap_the_line_is_what_the_host_computes():
    assert line_amounts(Decimal("1.5"), Decimal("33.33"), Decimal("50.01"), exact=False) == (50, 0)


@given(value=MONEY)
def test_rounding_is_off_by_at_most_half_a_unit(value):
    assert abs(round_to(value, CENT) - value) <= CENT / 2
    assert abs(round_down(value, CENT)) <= abs(value)


@given(quantity=MONEY, price=MONEY, entries=MONEY)
def test_on_capped_work_line_and_adjustment_bill_what_the_entries_come_to(quantity, price, entries):
    product, adjustment = line_amounts(quantity, price, entries, exact=True)
    assert product + adjustment == entries
