"""What a partial credit takes back of the work on an invoice line: the newest first, split at the quantity.

Of 3, 5 and 4 hours, oldest first, a credit of 6 takes the 4 and 2 of the 5:

>>> taken_back([("mon", dec(3)), ("tue", dec(5)), ("wed", dec(4))], dec(6))
[('wed', Decimal('4')), ('tue', Decimal('2'))]
"""

from .money import dec

__all__ = ["dec", "taken_back"]


def taken_back(pieces, quantity):
    """``[(key, quantity)]`` that together make up ``quantity``, as far as there is so much.

    Corrections (pieces of the other sign) stay where they are.

    :param pieces: ``[(key, quantity)]``, oldest first

    >>> taken_back([("a", dec(2)), ("b", dec(-1))], dec(5))
    [('a', Decimal('2'))]
    >>> taken_back([("a", dec(-2)), ("b", dec(-1))], dec(-1.5))
    [('b', Decimal('-1')), ('a', Decimal('-0.5'))]
    """
    taken = []
    for key, there in reversed(pieces):
        if not quantity:
            break
        if there * quantity <= 0:
            continue
        part = there if abs(there) <= abs(quantity) else quantity
        taken.append((key, part))
        quantity -= part
    return taken
