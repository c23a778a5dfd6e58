"""Hours that were cut off an entry: they stay, nothing is lost, and nobody pays more for a cut."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_billing.core.adjustment import Piece
from odoo.addons.psa_billing.core.money import amount_of
from odoo.addons.psa_billing.core.slices import cut_shares, in_parts, keep_cuts

CENT = Decimal("0.01")
hundredths = st.integers(1, 2000).map(lambda units: units * CENT)
prices = st.sampled_from([Decimal("133.33"), Decimal(150), Decimal("87.77"), Decimal("0.99")])
signs = st.sampled_from([Decimal(1), Decimal(-1)])


@given(hundredths, st.lists(hundredths, max_size=5), signs)
def test_a_cut_stays_while_there_are_hours_for_it(hours, cuts, sign):
    kept, rest = keep_cuts(sign * hours, [sign * cut for cut in cuts])
    assert sum(kept, rest) == sign * hours
    assert sign * rest >= 0
    lost = [sign * own < cut for own, cut in zip(kept, cuts, strict=True)]
    assert all(0 <= sign * own <= cut for own, cut in zip(kept, cuts, strict=True))
    # the rest loses first, then the last cut
    if any(lost):
        assert rest == 0
        assert all(own == 0 for own in kept[lost.index(True) + 1 :])


def test_cuts_of_time_that_turned_into_a_correction_are_none():
    assert keep_cuts(Decimal(-1), [Decimal("0.5")]) == ([0], -1)
    assert keep_cuts(Decimal(0), [Decimal("0.5"), Decimal(2)]) == ([0, 0], 0)


@given(st.lists(hundredths, min_size=1, max_size=5), signs, prices, st.integers(-5, 5))
def test_parts_sum_to_the_whole(hours, sign, price, cents):
    hours = [sign * own for own in hours]
    worked = sum(hours)
    whole = Piece(worked, worked, amount_of(worked, price) + cents * CENT)
    parts = in_parts(whole, hours, price)
    assert [part.raw_hours for part in parts] == hours
    assert sum(part.quantity for part in parts) == worked
    assert sum(part.amount for part in parts) == whole.amount
    for part in parts:
        assert part.amount == amount_of(part.quantity, price) + part.remainder
    assert not any(part.remainder for part in parts[:-1])


def test_what_was_rounded_to_nothing_is_nothing_in_parts():
    parts = in_parts(
        Piece(Decimal("0.1"), Decimal(0), Decimal(0)), [Decimal("0.04"), Decimal("0.06")], Decimal(150)
    )
    assert [(part.raw_hours, part.quantity, part.amount) for part in parts] == [
        (Decimal("0.04"), 0, 0),
        (Decimal("0.06"), 0, 0),
    ]


@given(st.lists(hundredths, min_size=2, max_size=4), signs, prices, st.integers(1, 99))
def test_each_pays_as_much_as_before(quantities, sign, price, percent):
    shares = [Piece(sign * own, sign * own, sign * amount_of(own, price)) for own in quantities]
    hours = sum(share.raw_hours for share in shares)
    wanted = (hours * percent / 100).quantize(CENT)
    if not 0 < wanted / hours < 1:
        return
    cut = cut_shares(shares, wanted, price)
    assert sum(part.raw_hours for _rest, part in cut) == wanted
    whole = sum(part.quantity for _rest, part in cut)
    assert sum(part.amount for _rest, part in cut) == amount_of(whole, price)
    for share, (rest, part) in zip(shares, cut, strict=True):
        assert (rest + part).raw_hours == share.raw_hours
        assert (rest + part).quantity == share.quantity
        assert (rest + part).amount == share.amount
        for piece in (rest, part):
            assert piece.amount == amount_of(piece.quantity, price) + piece.remainder
            for value in (piece.raw_hours, piece.quantity, piece.amount):
                assert value * sign >= 0


@pytest.mark.parametrize("sign", [1, -1])
def test_a_share_that_is_worth_nothing_gets_nothing(sign):
    hour, half = sign * Decimal(1), sign * Decimal("0.5")
    free, paid = Piece(hour, Decimal(0), Decimal(0)), Piece(hour, hour, sign * Decimal(150))
    (_rest, nothing), (_other, part) = cut_shares([free, paid], hour, Decimal(150))
    assert (nothing.raw_hours, nothing.quantity, nothing.amount) == (half, 0, 0)
    assert (part.raw_hours, part.quantity, part.amount) == (half, half, sign * 75)


def test_shares_that_are_worth_nothing_together_are_cut_by_hours():
    up, down = Piece(Decimal(1), Decimal(1), Decimal(10)), Piece(Decimal(3), Decimal(0), Decimal(-9))
    cut = cut_shares([up, down], Decimal(2), Decimal(150))
    # half of the hours, half of the quantity: 0.5 x 150.00, by hours 1 : 3
    assert [part.amount for _rest, part in cut] == [Decimal("18.75"), Decimal("56.25")]


@pytest.mark.parametrize("hours", [Decimal(0), Decimal(2), Decimal(-1), Decimal(5)])
def test_a_cut_leaves_hours_on_both_sides(hours):
    with pytest.raises(ValueError, match="hours"):
        cut_shares([Piece(Decimal(1), Decimal(1), Decimal(150))] * 2, hours, Decimal(150))
