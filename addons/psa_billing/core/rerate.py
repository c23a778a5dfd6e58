"""Unbilled work at another price: what its parts are worth then.

Hours and billable quantities stay; an entry is worth its whole quantity times the new price, rounded once,
however many parts it has. Where several clients pay parts of it, each keeps its share of the work, and the
parts sum to the entry.

One hour of which 0.33 h and 50.16 were one payer's and 0.67 h and 100.34 the other's, now at 165.25:

>>> old = [[Share(Decimal("0.33"), Decimal("50.16")), Share(Decimal("0.67"), Decimal("100.34"))]]
>>> for share in reprice(old, Decimal("165.25"))[0]:
...     print(share.quantity, share.amount)
0.33 55.08
0.67 110.17
"""

from dataclasses import dataclass
from decimal import Decimal

from .money import CENT, amount_of
from .payers import allot, deal


@dataclass(frozen=True)
class Share:
    """What one payer pays of an entry: a quantity in the unit of the line, a net amount."""

    quantity: Decimal
    amount: Decimal


def reprice(rows, price, unit=CENT):
    """The shares of entries at ``price`` of a unit of their line.

    :param rows: a row an entry: its ``Share`` of each payer, of all entries of the same payers in their order
    :param price: net, after discount
    :param unit: rounding of the currency
    """
    worth = [amount_of(sum((share.quantity for share in row), Decimal(0)), price, unit) for row in rows]
    if not rows or len(rows[0]) == 1:
        return [[Share(row[0].quantity, amount)] for row, amount in zip(rows, worth, strict=True)]
    total, weights = sum(worth, Decimal(0)), _weights(rows)
    amounts = deal(worth, allot(total, weights, unit), unit)
    return [
        [Share(share.quantity, amount) for share, amount in zip(row, parts, strict=True)]
        for row, parts in zip(rows, amounts, strict=True)
    ]


def requantify(quantities, total, unit=CENT):
    """``quantities`` of the parts of an entry so that they sum to ``total`` in another unit.

    Eight hours of which six are within a cap are a day:

    >>> [str(part) for part in requantify([Decimal(6), Decimal(2)], Decimal("1.00"))]
    ['0.75', '0.25']
    >>> requantify([Decimal(0)], Decimal(0))
    [Decimal('0')]
    """
    if not sum(quantities, Decimal(0)):
        return [Decimal(0)] * (len(quantities) - 1) + [total]
    return allot(total, quantities, unit)


def spread(quantities, amount, price, unit=CENT):
    """``amount`` of a payer on its parts: each is worth its quantity, the last takes the rest.

    >>> [str(part) for part in spread([Decimal("6.66"), Decimal("1.34")], Decimal(1320), Decimal(165))]
    ['1098.90', '221.10']
    """
    amounts = [amount_of(quantity, price, unit) for quantity in quantities[:-1]]
    return [*amounts, amount - sum(amounts, Decimal(0))]


def _weights(rows):
    """What the payers pay in proportion to: their amounts, else their quantities, else the same."""
    for name in ("amount", "quantity"):
        sums = [
            sum((getattr(share, name) for share in column), Decimal(0)) for column in zip(*rows, strict=True)
        ]
        if sum(sums, Decimal(0)) and (min(sums) >= 0 or max(sums) <= 0):
            return sums
    return [Decimal(1)] * len(rows[0])
