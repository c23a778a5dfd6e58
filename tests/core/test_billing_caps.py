"""Caps: what may be billed and what waits, by example and for any work at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_billing.core.caps import Work, split_at_caps
from odoo.addons.psa_billing.core.money import amount_of, dec

CENTS = st.decimals(min_value=0, max_value=5000, places=2)
HOURS = st.decimals(min_value=Decimal("-4"), max_value=24, places=2).filter(bool)
PRICES = st.decimals(min_value=Decimal("0.01"), max_value=500, places=2)
WORKS = st.lists(st.tuples(st.sampled_from("ab"), HOURS), max_size=12)


def works_of(rows, prices):
    return [Work(number, line, hours, hours, prices[line]) for number, (line, hours) in enumerate(rows)]


def test_work_within_the_cap_is_not_cut():
    parts = split_at_caps([Work("e", "a", dec(4), dec(4), dec(150))], {"a": dec(600)})
    assert [(part.over, part.amount) for part in parts] == [(False, 600)]


def test_the_line_cap_comes_before_the_cap_of_the_sow():
    rows = [Work(1, "a", dec(4), dec(4), dec(150)), Work(2, "b", dec(4), dec(4), dec(100))]
    parts = split_at_caps(rows, {"a": dec(300)}, dec(500))
    # a: 300.00 of 600.00 within its line; b: the 200.00 that the SOW has left
    assert [(part.key, part.over, part.amount) for part in parts] == [
        (1, False, 300),
        (1, True, 300),
        (2, False, 200),
        (2, True, 200),
    ]


def test_a_consumed_cap_leaves_all_work_over_it():
    parts = split_at_caps([Work("e", "a", dec(1), dec(1), dec(150))], {"a": dec(-20)})
    assert [(part.over, part.amount) for part in parts] == [(True, 150)]


def test_a_correction_gives_back_to_the_cap():
    rows = [
        Work(1, "a", dec(4), dec(4), dec(100)),
        Work(2, "a", dec(-1), dec(-1), dec(100)),
        Work(3, "a", dec(2), dec(2), dec(100)),
    ]
    parts = split_at_caps(rows, {"a": dec(400)})
    assert [(part.key, part.over, part.amount) for part in parts] == [
        (1, False, 400),
        (2, False, -100),
        (3, False, 100),
        (3, True, 100),
    ]


def test_less_than_a_hundredth_of_an_hour_stays_as_money():
    inside, over = split_at_caps([Work("e", "a", dec(1), dec(1), dec(150))], {"a": dec(0.5)})
    assert (inside.quantity, inside.amount, inside.remainder) == (0, dec(0.5), dec(0.5))
    assert (over.quantity, over.amount) == (1, dec(149.5))


@pytest.mark.parametrize("unit, expected", [("0.01", "333.33"), ("1", "333"), ("0.05", "333.30")])
def test_the_split_keeps_to_the_rounding_of_the_currency(unit, expected):
    inside, over = split_at_caps(
        [Work("e", "a", dec(8), dec(8), dec(100))], {"a": Decimal("333.33")}, money_unit=Decimal(unit)
    )
    assert inside.amount == Decimal(expected)
    assert inside.amount + over.amount == 800


@given(rows=WORKS, price_a=PRICES, price_b=PRICES, line_left=CENTS, order_left=st.none() | CENTS)
def test_nothing_is_lost_and_no_cap_is_passed(rows, price_a, price_b, line_left, order_left):
    works = works_of(rows, {"a": price_a, "b": price_b})
    parts = split_at_caps(works, {"a": line_left}, order_left)
    for work in works:
        own = [part for part in parts if part.key == work.key]
        assert 1 <= len(own) <= 2
        assert sum(part.raw_hours for part in own) == work.raw_hours
        assert sum(part.quantity for part in own) == work.quantity
        assert sum(part.amount for part in own) == amount_of(work.quantity, work.price)
    inside = [part for part in parts if not part.over]
    assert sum(part.amount for part in inside if part.line == "a") <= line_left
    if order_left is not None:
        assert sum(part.amount for part in inside) <= order_left
    for part in inside:
        price = price_a if part.line == "a" else price_b
        assert part.amount == amount_of(part.quantity, price) + part.remainder


@given(rows=WORKS, price=PRICES, lower=CENTS, more=CENTS)
def test_a_higher_cap_never_lets_less_through(rows, price, lower, more):
    works = works_of([("a", abs(hours)) for _line, hours in rows], {"a": price})

    def through(cap):
        return sum(part.amount for part in split_at_caps(works, {"a": cap}) if not part.over)

    assert through(lower) <= through(lower + more)


def test_the_cap_of_the_agreement_comes_last():
    rows = [
        Work(1, "a", dec(4), dec(4), dec(150), order="S1"),
        Work(2, "b", dec(4), dec(4), dec(100), order="S2"),
        Work(3, "a", dec(2), dec(2), dec(150), order="S1"),
    ]
    parts = split_at_caps(rows, {"a": dec(450)}, {"S2": dec(350)}, agreement_left=dec(700))
    # a: 450.00 within its line, 700 − 450 = 250.00 left; b: 250.00 of 400.00 (its SOW has 350.00);
    # the second entry on a: the line is used up
    assert [(part.key, part.over, part.amount) for part in parts] == [
        (1, False, 450),
        (1, True, 150),
        (2, False, 250),
        (2, True, 150),
        (3, True, 300),
    ]


def test_the_cap_of_the_agreement_is_in_its_own_currency():
    # 1 unit of the SOW is 0.92 of the agreement: 500.00 / 0.92 = 543.478…, so 543.47 of 800.00 are inside;
    # 543.47 × 0.92 = 499.9924, the 499.99 that are taken leave 0.01 and that 0.01 / 0.92 = 0.0108… → 0.01
    works = [
        Work(1, "a", dec(8), dec(8), dec(100), order="S1", rate=dec(0.92)),
        Work(2, "a", dec(1), dec(1), dec(100), order="S1", rate=dec(0.92)),
    ]
    parts = split_at_caps(works, {}, {}, agreement_left=dec(500))
    assert [(part.key, part.over, part.amount) for part in parts] == [
        (1, False, dec(543.47)),
        (1, True, dec(256.53)),
        (2, False, dec(0.01)),
        (2, True, dec(99.99)),
    ]


def test_a_used_up_agreement_leaves_all_work_over_it():
    works = [Work(1, "a", dec(2), dec(2), dec(100), order="S1")]
    assert [part.over for part in split_at_caps(works, {}, {}, agreement_left=dec(-3))] == [True]


@given(
    rows=WORKS,
    price_a=PRICES,
    price_b=PRICES,
    left=CENTS,
    rate=st.decimals(min_value=Decimal("0.05"), max_value=20, places=4),
)
def test_the_cap_of_an_agreement_is_never_passed(rows, price_a, price_b, left, rate):
    works = [
        Work(number, line, abs(hours), abs(hours), {"a": price_a, "b": price_b}[line], order=line, rate=rate)
        for number, (line, hours) in enumerate(rows)
    ]
    parts = split_at_caps(works, {}, {}, agreement_left=left)
    inside = [part.amount * rate for part in parts if not part.over]
    assert sum(amount_of(Decimal(1), amount) for amount in inside) <= left
    for work in works:
        own = [part for part in parts if part.key == work.key]
        assert sum(part.amount for part in own) == amount_of(work.quantity, work.price)
        assert sum(part.raw_hours for part in own) == work.raw_hours


def test_the_caps_of_several_sows_bind_their_own_work():
    works = [
        Work(1, "a", dec(2), dec(2), dec(100), order="S1"),
        Work(2, "b", dec(2), dec(2), dec(100), order="S2"),
    ]
    parts = split_at_caps(works, {}, {"S2": dec(50)})
    assert [(part.key, part.over, part.amount) for part in parts] == [
        (1, False, 200),
        (2, False, 50),
        (2, True, 150),
    ]


def test_lines_of_one_group_share_its_cap():
    works = [
        Work(1, "a", dec(2), dec(2), dec(100), group="g"),
        Work(2, "b", dec(2), dec(2), dec(120), group="g"),
    ]
    parts = split_at_caps(works, {"g": dec(320)})
    assert [(part.line, part.over, part.amount) for part in parts] == [
        ("a", False, 200),
        ("b", False, 120),
        ("b", True, 120),
    ]


def test_a_cost_beside_the_cap_of_the_sow_neither_meets_nor_uses_it():
    works = [
        Work("hotel", "x", dec(1), dec(1), dec(150), order="S", in_order_cap=False),
        Work("work", "a", dec(2), dec(2), dec(100), order="S"),
    ]
    for caps in ({"order_left": {"S": dec(120)}}, {"agreement_left": dec(120)}):
        parts = split_at_caps(works, {}, **caps)
        assert [(part.key, part.over, part.amount) for part in parts] == [
            ("hotel", False, 150),
            ("work", False, 120),
            ("work", True, 80),
        ]


def test_hours_are_cut_in_proportion_to_the_quantity():
    """Four hours are half a day at 1,200.00; 300.00 are a quarter of a day, two hours."""
    parts = split_at_caps([Work("e", "a", dec(4), dec(0.5), dec(1200))], {"a": dec(300)})
    assert [(part.raw_hours, part.quantity, part.amount) for part in parts] == [
        (2, dec(0.25), 300),
        (2, dec(0.25), 300),
    ]


def test_cents_without_a_quantity_wait_whole_and_use_nothing_of_the_cap():
    """Six minutes were rounded to nothing; the two cents beside them do not fit into the one that is left."""
    works = [
        Work(1, "a", dec(0.1), dec(0), dec(150), extra=dec(0.02)),
        Work(2, "a", dec(1), dec(1), dec(150)),
    ]
    parts = split_at_caps(works, {"a": dec(0.01)})
    assert [(part.key, part.over, part.raw_hours, part.quantity, part.amount) for part in parts] == [
        (1, True, dec(0.1), 0, dec(0.02)),
        (2, False, 0, 0, dec(0.01)),
        (2, True, 1, 1, dec(149.99)),
    ]
