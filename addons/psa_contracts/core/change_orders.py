"""What a change order makes of what was sold (DESIGN section 4, "Change orders").

Lines that were signed stay as they are; a change is written as signed quantities beside them. Quantities
are in the unit of the line, prices in the currency of the order, both Decimal.
"""

from dataclasses import dataclass
from decimal import Decimal

from .margin import margin

ZERO = Decimal(0)


def dec(value):
    """The Decimal of a number by the digits that it shows, at most six of them.

    >>> dec(0.1) + dec(0.2)
    Decimal('0.3')
    """
    return Decimal(repr(round(value or 0.0, 6)))


def shown(quantity, digits=2):
    """A quantity as people write it: at most ``digits`` after the point, one or more, no zeros at the end.

    >>> shown(40.0), shown(7.5), shown(-0.25), shown(0)
    ('40', '7.5', '-0.25', '0')
    >>> shown(12.3456), shown(12.3456, digits=4)
    ('12.35', '12.3456')
    """
    return f"{quantity:.{digits}f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Level:
    """What was sold at one price: ``quantity`` may have come together from several lines."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True)
class Delta:
    """A line of the change order: ``quantity`` (signed) at ``price``.

    ``steps`` marks the line whose price holds from the effective date of the change on.
    """

    quantity: Decimal
    price: Decimal
    steps: bool = False


class BelowUsed(ValueError):
    """The new quantity is less than what was worked or billed."""


class NothingLeft(ValueError):
    """There is a new price, and nothing left that it could be the price of.

    Hours go on at the new price also where all that was ordered is worked; what is billed of a fixed price
    has the price that it was billed at:

    >>> deltas([Level(Decimal(120), Decimal(40))], Decimal(40), Decimal(130), Decimal(40), Decimal(40))
    [Delta(quantity=Decimal('0'), price=Decimal('130'), steps=True)]
    >>> deltas([Level(Decimal(900), Decimal(1))], Decimal(1), Decimal(950), Decimal(1), Decimal(1), False)
    Traceback (most recent call last):
        ...
    odoo.addons.psa_contracts.core.change_orders.NothingLeft: 1 is kept at the old price
    """


def deltas(levels, new_quantity, new_price, used, kept, goes_on=True):
    """The lines that bring a group from ``levels`` to ``new_quantity``, at ``new_price`` from a date on.

    More hours at the price of today are one line; fewer are taken off the price that was agreed last:

    >>> deltas([Level(Decimal(120), Decimal(100))], Decimal(130), Decimal(120), ZERO, ZERO)
    [Delta(quantity=Decimal('30'), price=Decimal('120'), steps=False)]
    >>> deltas([Level(Decimal(120), Decimal(100)), Level(Decimal(130), Decimal(20))],
    ...        Decimal(90), Decimal(130), Decimal(40), ZERO)  # doctest: +NORMALIZE_WHITESPACE
    [Delta(quantity=Decimal('-20'), price=Decimal('130'), steps=False),
     Delta(quantity=Decimal('-10'), price=Decimal('120'), steps=False)]

    A new price takes the hours that are left after the ``kept`` ones off the old price. Of 100 hours at
    120, 40 are worked before the date; the other 60 cost 130:

    >>> deltas([Level(Decimal(120), Decimal(100))], Decimal(100), Decimal(130), Decimal(40), Decimal(40))
    ... # doctest: +NORMALIZE_WHITESPACE
    [Delta(quantity=Decimal('-60'), price=Decimal('120'), steps=False),
     Delta(quantity=Decimal('60'), price=Decimal('130'), steps=True)]

    :param levels: ``Level``, the one that was agreed last at the end; its price is that of today
    :param used: worked or billed, whichever is more
    :param kept: worked before the effective date: stays at the old price
    :param goes_on: whether more may come at the new price than what is ordered
    :raises BelowUsed: where ``new_quantity`` is below ``used``
    :raises NothingLeft: where there is a new price for nothing
    """
    if new_quantity < used:
        raise BelowUsed(f"{new_quantity} is below {used}")
    ordered = sum((level.quantity for level in levels), ZERO)
    today = levels[-1].price
    if new_price == today:
        if new_quantity >= ordered:
            return [Delta(new_quantity - ordered, today)] if new_quantity > ordered else []
        return _cut(levels, ordered - new_quantity)
    kept = min(kept, ordered)
    if not goes_on and new_quantity <= kept:
        raise NothingLeft(f"{new_quantity} is kept at the old price")
    return [*_cut(levels, ordered - kept), Delta(new_quantity - kept, new_price, steps=True)]


def _cut(levels, quantity):
    """``quantity`` taken off the levels, the last one first."""
    lines = []
    for level in reversed(levels):
        taken = min(level.quantity, quantity)
        if taken > 0:
            lines.append(Delta(-taken, level.price))
            quantity -= taken
    return lines


@dataclass(frozen=True)
class Figures:
    """What a contract, or a part of it, comes to: hours, amount and cost in one currency."""

    hours: Decimal = ZERO
    amount: Decimal = ZERO
    cost: Decimal = ZERO

    @classmethod
    def of(cls, hours, amount, cost):
        """From floats, read by the digits that they show.

        >>> Figures.of(0.1, 2.5, 0.0) + Figures.of(0.2, 0.0, 1.0)
        Figures(hours=Decimal('0.3'), amount=Decimal('2.5'), cost=Decimal('1.0'))
        """
        return cls(dec(hours), dec(amount), dec(cost))

    def __add__(self, other):
        return Figures(self.hours + other.hours, self.amount + other.amount, self.cost + other.cost)

    @property
    def margin(self):
        """What is left of the amount after the cost.

        >>> Figures(Decimal(10), Decimal(1200), Decimal(500)).margin
        Decimal('700')
        """
        return margin(self.amount, self.cost)[0]

    @property
    def margin_percent(self):
        """Margin in per cent of the amount; 0 where there is no amount.

        >>> Figures(Decimal(10), Decimal(1200), Decimal(300)).margin_percent
        Decimal('75.00')
        >>> Figures().margin_percent
        0.0
        """
        return 100 * margin(self.amount, self.cost)[1]
