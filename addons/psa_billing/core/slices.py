"""Hours of an entry that somebody cut off: they stay cut off when the entry comes to more or less, and a cut
through what several clients pay leaves each with what it pays.

Two hours at 150.00 are over a retainer, half an hour of them was cut off; then three are, then 0.3:

>>> keep_cuts(Decimal(3), [Decimal("0.5")])
([Decimal('0.5')], Decimal('2.5'))
>>> keep_cuts(Decimal("0.3"), [Decimal("0.5")])
([Decimal('0.3')], Decimal('0.0'))
>>> whole = Piece(Decimal(3), Decimal(3), Decimal(450))
>>> for piece in in_parts(whole, [Decimal("0.5"), Decimal("2.5")], Decimal(150)):
...     print(piece.raw_hours, piece.quantity, piece.amount)
0.5 0.50 75.00
2.5 2.50 375.00
"""

from decimal import Decimal

from .adjustment import Piece, cut_hours, share_out
from .money import CENT, amount_of, at_most
from .payers import allot
from .rerate import spread

ZERO = Decimal(0)


def keep_cuts(hours, cuts):
    """(hours of each cut, hours of the rest) of an entry that comes to ``hours``.

    What it gains or loses the rest does. Where that does not suffice, the last cut loses first; a cut with
    no hours is none any more.

    >>> keep_cuts(Decimal("0.7"), [Decimal("0.5"), Decimal("0.4")])
    ([Decimal('0.5'), Decimal('0.2')], Decimal('0.0'))

    :param cuts: hours that were cut off, in the order in which they were
    """
    kept, left = [], hours
    for cut in cuts:
        own = at_most(cut, left)
        kept.append(own)
        left -= own
    return kept, left


def in_parts(whole, hours, price, money_unit=CENT, quantity_unit=CENT):
    """``whole`` in a ``Piece`` for each of ``hours``, which sum to its own: quantities in proportion, the last
    takes the cents.

    Half an hour at 133.33, a half of it cut off:

    >>> halves = [Decimal("0.25"), Decimal("0.25")]
    >>> for piece in in_parts(Piece(Decimal("0.5"), Decimal("0.5"), Decimal("66.67")), halves, Decimal("133.33")):
    ...     print(piece.quantity, piece.amount, piece.remainder)
    0.25 33.33 0.00
    0.25 33.34 0.01

    :param whole: the ``Piece`` that they are together; its remainder follows from its amount
    :param hours: of one sign, none of them zero
    :param price: net, of a unit of the quantity
    """
    quantities = [whole.quantity] if len(hours) == 1 else share_out(whole.quantity, hours, quantity_unit)
    amounts = spread(quantities, whole.amount, price, money_unit)
    return [
        Piece(own, quantity, amount, amount - amount_of(quantity, price, money_unit))
        for own, quantity, amount in zip(hours, quantities, amounts, strict=True)
    ]


def left_beside(quantity, price, others, money_unit=CENT):
    """Money beside ``quantity`` times ``price`` that is left for a part of an entry: together with its ``others``
    on the same line it is worth their quantity times the price, rounded once.

    Of five hours at 204.21 a cap of 700.00 lets 3.42 through; 1.58 are left:

    >>> print(left_beside(Decimal("1.58"), Decimal("204.21"), [Piece(Decimal("3.42"), Decimal("3.42"), Decimal(700))]))
    -1.60

    :param price: net, of a unit of the quantity
    :param others: the ``Piece`` of each
    """
    whole = sum((piece.quantity for piece in others), quantity)
    worth = amount_of(whole, price, money_unit) - sum((piece.amount for piece in others), ZERO)
    return worth - amount_of(quantity, price, money_unit)


def cut_shares(shares, hours, price, money_unit=CENT, quantity_unit=CENT):
    """[(share without its part, its part)] where ``hours`` are cut off what several clients pay of an entry.

    Each pays of the part what it pays of the whole, and as much as before of both together. Three hours at
    133.33, of which three clients pay 133.33, 133.33 and 133.33; one hour of them:

    >>> hour = Piece(Decimal(1), Decimal(1), Decimal("133.33"))
    >>> for rest, part in cut_shares([hour] * 3, Decimal(1), Decimal("133.33")):
    ...     print(rest.raw_hours, rest.quantity, rest.amount, "+", part.raw_hours, part.quantity, part.amount)
    0.67 0.67 88.89 + 0.33 0.33 44.44
    0.67 0.67 88.89 + 0.33 0.33 44.44
    0.66 0.66 88.88 + 0.34 0.34 44.45

    :param shares: the ``Piece`` of each, in their order
    :raises ValueError: where it leaves no hours on one side
    """
    whole = sum(shares[1:], shares[0])
    _rest, part = cut_hours(whole, hours, price, money_unit, quantity_unit)
    columns = zip(
        _of_each(shares, "raw_hours", part.raw_hours, CENT),
        _of_each(shares, "quantity", part.quantity, quantity_unit),
        _of_each(shares, "amount", part.amount, money_unit),
        strict=True,
    )
    cut = []
    for share, (own, quantity, amount) in zip(shares, columns, strict=True):
        piece = Piece(own, quantity, amount, amount - amount_of(quantity, price, money_unit))
        rest = share - piece
        beside = rest.amount - amount_of(rest.quantity, price, money_unit)
        cut.append((Piece(rest.raw_hours, rest.quantity, rest.amount, beside), piece))
    return cut


def _of_each(shares, name, value, unit):
    """What each has of ``value``, in proportion to its own; what is worth nothing or less goes by hours."""
    own = [getattr(share, name) for share in shares]
    if not sum(own, ZERO) or min(own) < 0 < max(own):
        own = [share.raw_hours for share in shares]
    return allot(value, own, unit)
