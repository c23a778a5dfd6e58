"""Adjustments between what was worked and what is billed: nothing gets lost, every sum is exact.

A ``Piece`` of work has hours as entered, a billable quantity, an amount and the *remainder*, the money in
the amount that quantity x price does not express. An adjustment cuts a piece in two: what is billed, and
its counterpart, which is written off. A write-up has a counterpart below zero. The two always sum to what
was rated, so an adjustment is undone by adding them up again.

Eight hours at 150.00, of which six are billed; then a ninth hour is added to the eight:

>>> eight = Piece(dec(8), dec(8), dec(1200))
>>> billed, off = at_quantity(eight, dec(6), dec(150))
>>> print(billed.raw_hours, billed.quantity, billed.amount, "-", off.raw_hours, off.quantity, off.amount)
6.00 6 900.00 - 2.00 2 300.00
>>> billed, off = at_quantity(eight, dec(9), dec(150))
>>> print(billed.raw_hours, billed.quantity, billed.amount, "-", off.raw_hours, off.quantity, off.amount)
8 9 1350.00 - 0 -1 -150.00

The same eight hours for 1,000.00: the hours stay billable, the money is taken off.

>>> billed, off = at_amount(eight, dec(1000))
>>> print(billed.quantity, billed.amount, billed.remainder, "-", off.quantity, off.amount, off.remainder)
8 1000 -200 - 0 200 200
>>> billed + off == eight
True
"""

from dataclasses import dataclass
from decimal import Decimal

from .money import CENT, amount_of, dec, round_to

__all__ = [
    "Piece",
    "at_amount",
    "at_quantity",
    "cut",
    "cut_hours",
    "dec",
    "direction_of",
    "less",
    "share_out",
    "taken_off",
]

ZERO = Decimal(0)


@dataclass(frozen=True)
class Piece:
    """A part of an entry: hours as entered, quantity in the unit of its line, money of the document."""

    raw_hours: Decimal
    quantity: Decimal
    amount: Decimal
    remainder: Decimal = ZERO

    def __add__(self, other):
        return Piece(
            self.raw_hours + other.raw_hours,
            self.quantity + other.quantity,
            self.amount + other.amount,
            self.remainder + other.remainder,
        )

    def __sub__(self, other):
        return Piece(
            self.raw_hours - other.raw_hours,
            self.quantity - other.quantity,
            self.amount - other.amount,
            self.remainder - other.remainder,
        )


def at_quantity(piece, quantity, price, money_unit=CENT):
    """(billed, written off) where ``quantity`` of the piece is billed at the net ``price``.

    Hours go with a quantity that is taken off; one that is added has no hours of its own.

    :raises ValueError: where the quantity would change its sign
    """
    if quantity * piece.quantity < 0 or (quantity and not piece.quantity):
        raise ValueError("sign")
    hours = ZERO
    if abs(quantity) < abs(piece.quantity):
        hours = round_to(piece.raw_hours * (piece.quantity - quantity) / piece.quantity, CENT)
    amount = amount_of(quantity, price, money_unit) + (piece.remainder if quantity else ZERO)
    billed = Piece(piece.raw_hours - hours, quantity, amount, piece.remainder if quantity else ZERO)
    return billed, piece - billed


def at_amount(piece, amount):
    """(billed, written off) where the piece is billed for ``amount``, with all its hours.

    :raises ValueError: where the amount would change its sign: more would be written off than there is
    """
    if amount * piece.amount < 0 or (amount and not piece.amount):
        raise ValueError("sign")
    return less(piece, piece.amount - amount)


def less(piece, money):
    """(billed, written off) where ``money`` is taken off the piece, or added where it is below zero."""
    off = Piece(ZERO, ZERO, money, money)
    return piece - off, off


def direction_of(*changes):
    """What an adjustment is: the first of ``changes`` (after less before) that is something decides.

    1,200.00 become 1,000.00; a credit of an hour at 150.00 is not given; an hour without a price is written
    off; nothing is changed:

    >>> direction_of(dec(-200)), direction_of(dec(150), dec(1)), direction_of(ZERO, dec(-1)), direction_of(ZERO)
    ('write_off', 'write_up', 'write_off', None)
    """
    change = next(filter(None, changes), ZERO)
    if not change:
        return None
    return "write_off" if change < 0 else "write_up"


def cut(piece, quantity, price, money_unit=CENT):
    """(piece without ``quantity``, piece of ``quantity``): hours and money sum to the cent.

    Seven and a half hours at 133.33 are 999.98; a third of them:

    >>> rest, part = cut(Piece(dec(7.5), dec(7.5), dec(999.98)), dec(2.5), dec(133.33))
    >>> print(rest.raw_hours, rest.quantity, rest.amount, "+", part.raw_hours, part.quantity, part.amount)
    5.00 5.0 666.65 + 2.50 2.5 333.33

    :raises ValueError: where it leaves nothing on one side
    """
    if not piece.quantity or not ZERO < quantity / piece.quantity < 1:
        raise ValueError("quantity")
    hours = round_to(piece.raw_hours * quantity / piece.quantity, CENT)
    part = Piece(hours, quantity, amount_of(quantity, price, money_unit))
    return piece - part, part


def cut_hours(piece, hours, price, money_unit=CENT, quantity_unit=CENT):
    """(piece without ``hours``, piece of ``hours``), the quantity in proportion: all sums stay.

    Seven and a half hours that are a day of 900.00; three hours of them:

    >>> rest, part = cut_hours(Piece(dec(7.5), dec(1), dec(900)), dec(3), dec(900))
    >>> print(rest.raw_hours, rest.quantity, rest.amount, "+", part.raw_hours, part.quantity, part.amount)
    4.5 0.60 540.00 + 3 0.40 360.00

    :raises ValueError: where it leaves no hours on one side
    """
    if not piece.raw_hours or not ZERO < hours / piece.raw_hours < 1:
        raise ValueError("hours")
    quantity = round_to(piece.quantity * hours / piece.raw_hours, quantity_unit)
    part = Piece(hours, quantity, amount_of(quantity, price, money_unit))
    return piece - part, part


def share_out(total, amounts, unit=CENT, whole=None):
    """``total`` pro rata to ``amounts``: each share is a multiple of ``unit``, their sum is ``total``.

    The cents of rounding are spread: each share is what the running sum has gained.

    >>> [str(share) for share in share_out(dec(-100), [dec(300), dec(300), dec(300)])]
    ['-33.33', '-33.34', '-33.33']
    >>> [str(share) for share in share_out(dec(0.02), [dec(1), dec(1), dec(1)])]
    ['0.01', '0.00', '0.01']

    Where ``amounts`` are not all of a ``whole``, neither are the shares. One night of 300.00, of which 200.00 are
    charged to two projects:

    >>> [str(share) for share in share_out(dec(1), [dec(100), dec(100)], whole=dec(300))]
    ['0.33', '0.34']

    :param whole: what the amounts are parts of; None: their sum
    :raises ValueError: where the amounts sum to nothing
    """
    base = sum(amounts, ZERO) if whole is None else whole
    if not base:
        raise ValueError("nothing to share on")
    shares, running, given = [], ZERO, ZERO
    for amount in amounts:
        running += amount
        share = round_to(total * running / base, unit) - given
        given += share
        shares.append(share)
    return shares


def taken_off(total, target, amounts, unit=CENT):
    """What is taken off each of ``amounts`` so that what comes to ``total`` together comes to ``target``.

    >>> [str(share) for share in taken_off(dec(900), dec(600), [dec(600), dec(300)])]
    ['200.00', '100.00']

    :raises ValueError: where the total is nothing, or the target would change its sign
    """
    if not total or total * target < 0:
        raise ValueError("sign")
    return share_out(total - target, amounts, unit)
