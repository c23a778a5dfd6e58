"""Money that several clients pay: nothing is lost, nothing is paid twice."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_contracts.core.shares import is_whole, split, total

CENTS = st.integers(-10_000_000, 10_000_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def shares(draw):
    """Two to six shares of four digits that make up 100."""
    cuts = sorted(draw(st.sets(st.integers(1, 999_999), min_size=1, max_size=5)))
    bounds = [0, *cuts, 1_000_000]
    return [Decimal(high - low) / 10_000 for low, high in zip(bounds, bounds[1:], strict=False)]


@given(CENTS, shares())
def test_the_parts_make_up_the_amount_and_are_whole_cents(amount, parts_of):
    parts = split(amount, parts_of)
    assert sum(parts) == amount
    assert all(part == part.quantize(Decimal("0.01")) for part in parts)


@given(CENTS, shares())
def test_all_but_the_last_are_off_by_less_than_a_cent(amount, parts_of):
    for part, share in list(zip(split(amount, parts_of), parts_of, strict=True))[:-1]:
        assert abs(part - amount * share / 100) <= Decimal("0.005")


@pytest.mark.parametrize("shares_of", [[], [50, 49], [50, 51], [100, 0], [150, -50]])
def test_shares_that_are_none_are_refused(shares_of):
    with pytest.raises(ValueError, match="above 0 and make up 100"):
        split(Decimal(10), shares_of)


def test_floats_of_the_database_add_up():
    assert total([0.1] * 10) == 1
    assert is_whole([14.2857] * 6 + [14.2858])
