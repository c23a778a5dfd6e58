"""What a line of a proposal bills, from the WIP entries on it.

The host's invoice line can say quantity × price only. On capped and on shared work the money has to be that of the
entries, so what the product misses goes on an adjustment line; elsewhere the product is the amount,
as it would be in the host, and what was adjusted by amount goes beside it.

>>> line_amounts(Decimal("6.66"), Decimal("150"), Decimal("1000.00"), exact=True)
(Decimal('999.00'), Decimal('1.00'))
>>> line_amounts(Decimal("1.50"), Decimal("33.33"), Decimal("50.01"), exact=False)
(Decimal('50.00'), Decimal('0'))
>>> line_amounts(Decimal("8"), Decimal("150"), Decimal("1000"), exact=False, adjusted=Decimal("-200"))
(Decimal('1200.00'), Decimal('-200'))
"""

from decimal import Decimal

from .money import CENT, amount_of


def line_amounts(quantity, price, entries_amount, exact, money_unit=CENT, adjusted=Decimal(0)):
    """(amount of the invoice line, adjustment) that together are billed.

    :param quantity: sum of the billable quantities
    :param price: net price of a unit after discount
    :param entries_amount: sum of the entries' amounts
    :param exact: whether the cents of the entries are billed: under a cap, between several payers
    :param adjusted: sum of the entries' remainders, billed where the cents are not
    """
    product = amount_of(quantity, price, money_unit)
    return product, entries_amount - product if exact else adjusted


def remainder_of(parts, price, money_unit=CENT):
    """Money beside quantity × price of all ``parts`` of an entry that a line bills: those are rounded once.

    Half an hour at 107.77 that somebody cut in two is 53.89, though one part is a cent more than its quantity
    says; what a cap let through beside its quantity is none of the cents of a cut:

    >>> halves = [(Decimal("0.33"), Decimal("35.57"), Decimal("0.01")), (Decimal("0.17"), Decimal("18.32"), Decimal(0))]
    >>> remainder_of(halves, Decimal("107.77"))
    Decimal('0.00')
    >>> remainder_of([(Decimal("1.34"), Decimal(200), Decimal(-1))], Decimal(150))
    Decimal('-1')

    :param parts: (quantity, amount, remainder) of each
    """
    parts = list(parts)
    remainders = [remainder for _quantity, _amount, remainder in parts]
    if len(parts) == 1 or not any(remainders):
        return sum(remainders, Decimal(0))
    quantity = sum((part[0] for part in parts), Decimal(0))
    return sum((part[1] for part in parts), Decimal(0)) - amount_of(quantity, price, money_unit)
