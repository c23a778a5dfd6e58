"""Success fees: by example and for any result at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_contracts.core.margin import margin
from odoo.addons.psa_contracts.core.success_fee import (
    FORMULA_FIXED,
    FORMULA_PERCENT,
    FeeTerms,
    success_fee,
)

MONEY = st.decimals(min_value=0, max_value=10**7, places=2)
RESULTS = st.decimals(min_value=-(10**8), max_value=10**8, places=2)
PERCENTS = st.decimals(min_value=0, max_value=100, places=4)


def test_half_a_cent_is_rounded_up():
    terms = FeeTerms(FORMULA_PERCENT, percent=Decimal("2.5"))
    # 2.5 % of 0.20 is 0.005
    assert success_fee(terms, Decimal("0.20")) == Decimal("0.01")


def test_a_currency_without_cents_has_fees_without_cents():
    terms = FeeTerms(FORMULA_PERCENT, percent=Decimal("0.15"))
    assert success_fee(terms, Decimal(1_000_333), digits=0) == Decimal(1500)


def test_a_fixed_fee_knows_no_limits():
    terms = FeeTerms(FORMULA_FIXED, amount=Decimal(7000), floor=Decimal(1), cap=Decimal(10))
    assert success_fee(terms, Decimal(-5)) == 7000


def test_a_floor_above_the_cap_is_refused():
    with pytest.raises(ValueError, match="above its cap"):
        success_fee(FeeTerms(FORMULA_PERCENT, floor=Decimal(2), cap=Decimal(1)), Decimal(1))


@given(PERCENTS, MONEY, MONEY, RESULTS, RESULTS)
def test_a_fee_lies_between_its_limits_and_grows_with_the_result(percent, one, two, result, other):
    floor, cap = sorted((one, two))
    terms = FeeTerms(FORMULA_PERCENT, percent=percent, floor=floor, cap=cap)
    low, high = (success_fee(terms, value) for value in sorted((result, other)))
    assert max(floor, 0) <= low <= high
    assert not cap or high <= cap


def test_the_margin_of_nothing_is_no_division_by_zero():
    assert margin(0, 0) == (0, 0)
