"""Unbilled work at another price: who pays what of it."""

from decimal import Decimal

import pytest

from odoo.addons.psa_billing.core.rerate import Share, reprice, requantify, spread

D = Decimal


def share(quantity, amount):
    return Share(D(quantity), D(amount))


def test_work_that_one_client_pays_is_its_quantity_times_the_price():
    assert reprice([], D(165)) == []
    assert reprice([[share("0.33", 50)], [share(1, 150)]], D(165)) == [
        [share("0.33", "54.45")],
        [share(1, 165)],
    ]


@pytest.mark.parametrize(
    ("row", "price", "amounts"),
    [
        ([(1, 0), (1, 100)], 200, [0, 400]),  # 2 h at 200.00: who paid nothing of it still pays nothing
        ([(-1, 0), (-1, -100)], 200, [0, -400]),
        ([(-1, -100), (-3, -300)], 120, [-120, -360]),
        ([(1, 0), (3, 0)], 100, [100, 300]),  # what was free goes by hours
        ([(1, 100), (1, -50)], 100, [100, 100]),  # nor do amounts of both signs say who pays what
        ([(2, 100), (-1, -200)], 100, [50, 50]),  # neither amounts nor hours: alike
    ],
)
def test_shares_stay_what_they_were(row, price, amounts):
    found = reprice([[share(*own) for own in row]], D(price))
    assert [own.amount for own in found[0]] == amounts
    assert [own.quantity for own in found[0]] == [quantity for quantity, _amount in row]


def test_each_client_pays_its_share_of_all_entries():
    """Three quarters of an hour at 1.00 are 0.75, a third is 0.25: no payer pays the odd cent of each."""
    row = [share("0.08", "0.08")] * 2 + [share("0.09", "0.08")]
    found = reprice([row] * 3, D(1))
    assert [sum(own.amount for own in column) for column in zip(*found, strict=True)] == [D("0.25")] * 3


def test_parts_that_are_nothing_together_are_nothing_in_another_unit():
    assert requantify([D(1), D(-1)], D(0)) == [0, 0]
    assert requantify([D(0), D(0)], D("0.01")) == [0, D("0.01")]


def test_the_last_of_several_parts_takes_the_rest():
    """7.00 h at 133.33 are 933.31; 2.33 h are 310.66."""
    assert spread([D("2.33"), D("2.33"), D("2.34")], D("933.31"), D("133.33")) == [
        D("310.66"),
        D("310.66"),
        D("311.99"),
    ]
