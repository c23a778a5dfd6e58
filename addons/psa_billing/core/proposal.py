"""What a line of a proposal bills, from the WIP entries on it.

The host's invoice line can say quantity × price only. On capped and on shared work the money has to be that of the
entries, so what the product misses goes on an adjustment line; elsewhere the product is the amount,
as it would be in the host.

>>> line_amounts(Decimal("6.66"), Decimal("150"), Decimal("1000.00"), exact=True)
(Decimal('999.00'), Decimal('1.00'))
>>> line_amounts(Decimal("1.50"), Decimal("33.33"), Decimal("50.01"), exact=False)
(Decimal('50.00'), Decimal('0'))
"""

from decimal import Decimal

from .money import CENT, amount_of


def line_amounts(quantity, price, entries_amount, exact, money_unit=CENT):
    """(amount of the invoice line, adjustment) that together bill ``entries_amount`` where ``exact``.

    :param quantity: sum of the billable quantities
    :param price: net price of a unit after discount
    :param entries_amount: sum of the entries' amounts
    :param exact: whether the cents of the entries are billed: under a cap, between several payers
    """
    product = amount_of(quantity, price, money_unit)
    return product, entries_amount - product if exact else Decimal(0)
