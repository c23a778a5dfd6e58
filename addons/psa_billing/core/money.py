"""Quantities and amounts: every number is a Decimal, floats enter through ``dec``.

A float is read by the digits that it shows, so that no error of its binary form gets into a sum:

>>> dec(0.1) + dec(0.2)
Decimal('0.3')
"""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def dec(value):
    """The Decimal of a number as it is shown; ``None`` and ``False`` are zero.

    >>> dec(None)
    Decimal('0')
    """
    if isinstance(value, Decimal):
        return value
    return Decimal(repr(value)) if value else Decimal(0)


def round_to(value, unit):
    """``value`` to the nearest multiple of ``unit``, halves away from zero as the host rounds money.

    >>> round_to(Decimal("2.345"), CENT)
    Decimal('2.35')
    >>> round_to(Decimal("-2.345"), CENT)
    Decimal('-2.35')
    >>> round_to(Decimal("7.3"), Decimal("0.5"))
    Decimal('7.5')
    """
    return (value / unit).quantize(Decimal(1), rounding=ROUND_HALF_UP) * unit


def round_down(value, unit):
    """``value`` to the multiple of ``unit`` next to it towards zero.

    >>> round_down(Decimal("6.669"), CENT)
    Decimal('6.66')
    """
    return (value / unit).quantize(Decimal(1), rounding=ROUND_DOWN) * unit


def amount_of(quantity, price, unit=CENT):
    """What ``quantity`` costs at the net ``price`` after discount, rounded to ``unit`` of the currency.

    >>> amount_of(Decimal("1.25"), Decimal("133.33"))
    Decimal('166.66')
    """
    return round_to(quantity * price, unit)


def price_after_discount(price, discount):
    """The price of a unit less ``discount`` per cent; not rounded.

    >>> price_after_discount(Decimal("150"), Decimal("10"))
    Decimal('135')
    """
    return price * (100 - discount) / 100


def at_most(value, bound):
    """``value``, or ``bound`` where that is nearer to zero; nothing where one gives and the other takes.

    >>> [str(at_most(Decimal(3), Decimal(bound))) for bound in (5, 2, 0, -2)]
    ['3', '2', '0', '0']
    >>> str(at_most(Decimal(-3), Decimal(-2))), str(at_most(Decimal("0.5"), Decimal(1)))
    ('-2', '0.5')
    """
    if value * bound <= 0:
        return Decimal(0)
    return min(value, bound, key=abs)
