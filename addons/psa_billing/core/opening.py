"""What a half-finished line brings along on the day of going live.

Of 80 hours at 150.00 worked by then, 50 were billed (7,500.00) and 30 wait (4,500.00):

>>> Opening(Decimal(7500), Decimal(4500)).quantity(Decimal(150))
Decimal('50.00')

An amount that hours of two digits cannot say leaves cents, which are billed all the same:

>>> opening = Opening(Decimal("7499.60"), Decimal(0))
>>> opening.quantity(Decimal(150)), opening.cents(Decimal(150))
(Decimal('50.00'), Decimal('-0.40'))
"""

from dataclasses import dataclass
from decimal import Decimal

from .money import CENT, amount_of, round_to


@dataclass(frozen=True)
class Opening:
    """``billed`` and ``unbilled``: net amounts by the day; ``billed_quantity``: None where it follows from the
    amount."""

    billed: Decimal
    unbilled: Decimal
    billed_quantity: Decimal | None = None

    def quantity(self, price, unit=CENT):
        """The quantity that was billed, in units of the line at ``price``."""
        if self.billed_quantity is not None:
            return self.billed_quantity
        return round_to(self.billed / price, unit) if price else Decimal(0)

    def cents(self, price, unit=CENT):
        """What of the billed amount the quantity at ``price`` does not say."""
        return self.billed - amount_of(self.quantity(price), price, unit)


def periods_billed(amounts, billed):
    """How many of the periods, whose ``amounts`` are given in their order, the ``billed`` amount paid for.

    >>> periods_billed([Decimal(1500), Decimal(1500), Decimal(1500)], Decimal(3000))
    2
    """
    count = 0
    for amount in amounts:
        billed -= amount
        if billed < 0:
            break
        count += 1
    return count


def opening_of_period(balance, granted, has_begun):
    """What a period opens with so that ``balance`` is left of it on the day of going live; below zero where it
    began before and some of its grant is used.

    >>> opening_of_period(Decimal(12), Decimal(20), has_begun=True)
    Decimal('-8')
    """
    return balance - granted if has_begun else balance
