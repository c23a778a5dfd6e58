"""A fixed price that is billed in instalments: what is due of it and not billed yet.

The invoice line of an instalment says quantity × price like any other; what hundredths of a unit cannot
express is the *remainder*, billed on an adjustment line. The last instalment takes the rest, of the quantity
as of the money, so that in the end exactly what was ordered is billed.

One piece at 1,000.00 in three parts of 33.33 %, 33.33 % and 33.34 %:

>>> plan = dict(total=Decimal("1000"), ordered=Decimal(1), price=Decimal("1000"))
>>> left_to_bill(Decimal("333.30"), billed_quantity=Decimal(0), billed_amount=Decimal(0), **plan)
(Decimal('0.33'), Decimal('3.30'))
>>> left_to_bill(Decimal("666.60"), billed_quantity=Decimal("0.33"), billed_amount=Decimal("333.30"), **plan)
(Decimal('0.33'), Decimal('3.30'))
>>> left_to_bill(Decimal("1000"), billed_quantity=Decimal("0.66"), billed_amount=Decimal("666.60"), **plan)
(Decimal('0.34'), Decimal('-6.60'))

What a change order took off is deducted by the plan alike. Of 400.00 less in halves the first is due:

>>> less = dict(total=Decimal("-400"), ordered=Decimal("-0.4"), price=Decimal("1000"))
>>> print(*left_to_bill(Decimal("-200"), billed_quantity=Decimal(0), billed_amount=Decimal(0), **less))
-0.20 0.00
"""

from decimal import Decimal

from .money import CENT, amount_of, round_down


def due_in_all(quantity, price, billed_quantity, billed_amount, money_unit=CENT):
    """What ``quantity`` more bills so that in all quantity times ``price`` is billed, to the cent.

    Of two pieces at 5,000.00 0.66 were billed, and 33.33 beside them:

    >>> due_in_all(Decimal("1.34"), Decimal(5000), Decimal("0.66"), Decimal("3333.33"))
    Decimal('6666.67')
    """
    return amount_of(quantity + billed_quantity, price, money_unit) - billed_amount


def left_to_bill(
    due, total, ordered, price, billed_quantity, billed_amount, money_unit=CENT, quantity_unit=CENT
):
    """(quantity, remainder) of what is due and not billed yet; (0, 0) where nothing is.

    :param due: net amount of the instalments that are due
    :param total: net amount of the line; what is due of it never is more; below zero for a deduction
    :param ordered: quantity of the line
    :param price: net price of a unit
    :param billed_quantity: quantity that is proposed or billed
    :param billed_amount: net amount that is proposed or billed, with remainders
    """
    if total < 0:
        figures = (-due, -total, -ordered, price, -billed_quantity, -billed_amount)
        quantity, remainder = left_to_bill(*figures, money_unit, quantity_unit)
        return -quantity, -remainder
    amount = min(due, total) - billed_amount
    if amount <= 0:
        return Decimal(0), Decimal(0)
    reached = ordered if due >= total else min(round_down(due / price, quantity_unit), ordered)
    quantity = max(reached - billed_quantity, Decimal(0))
    return quantity, amount - amount_of(quantity, price, money_unit)
