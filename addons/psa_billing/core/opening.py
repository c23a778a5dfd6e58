"""What a half-finished line brings along on the day of going live.

Of 80 hours at 150.00 worked by then, 50 were billed (7,500.00) and 30 wait (4,500.00):

>>> Opening(Decimal(7500), Decimal(4500)).quantity(Decimal(150))
Decimal('50.00')

An amount that hours of two digits cannot say leaves cents, which are billed all the same:

>>> opening = Opening(Decimal("7499.60"), Decimal(0))
>>> opening.quantity(Decimal(150)), opening.cents(Decimal(150))
(Decimal('50.00'), Decimal('-0.40'))

Of a fixed price nothing may be lost: what was billed of two pieces at 5,000.00 is 0.66 of them, and 33.33
beside them, so that 1.34 pieces less 33.33 are left, which is 6,666.67:

>>> opening = Opening(Decimal("3333.33"), Decimal(0))
>>> opening.quantity_within(Decimal(5000)), opening.rest(Decimal(5000))
(Decimal('0.66'), Decimal('33.33'))
"""

from dataclasses import dataclass
from decimal import Decimal

from .money import CENT, amount_of, round_down, round_to


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

    def quantity_within(self, price, quantity_unit=CENT, money_unit=CENT):
        """The largest quantity that comes to no more than what was billed.

        >>> Opening(Decimal("84.03"), Decimal(0)).quantity_within(Decimal("84.0336"))
        Decimal('1.00')
        >>> Opening(Decimal("9999"), Decimal(0)).quantity_within(Decimal(10000))
        Decimal('0.99')
        """
        if self.billed_quantity is not None:
            return self.billed_quantity
        if not price:
            return Decimal(0)
        below = round_down(self.billed / price, quantity_unit)
        above = below + quantity_unit
        return above if amount_of(above, price, money_unit) <= self.billed else below

    def rest(self, price, quantity_unit=CENT, money_unit=CENT):
        """What of the billed amount ``quantity_within`` does not say, less than a step of the quantity is worth.

        More than that was billed at another price: then the quantity that was given says what is left.

        >>> Opening(Decimal("3333.33"), Decimal(0), Decimal("0.67")).rest(Decimal(5000))
        Decimal('-16.67')
        >>> Opening(Decimal(4000), Decimal(0), Decimal(1)).rest(Decimal(5000))
        Decimal('0')
        """
        quantity = self.quantity_within(price, quantity_unit, money_unit)
        rest = self.billed - amount_of(quantity, price, money_unit)
        return rest if abs(rest) < quantity_unit * price else Decimal(0)


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


def start_of_period(balance, granted, has_begun):
    """(what the period opens with that goes on here, what of it was used before), so that ``balance`` is left of
    it on the day of going live.

    12 hours of the 20 that the month of going live grants; 25 of them:

    >>> start_of_period(Decimal(12), Decimal(20), has_begun=True)
    (Decimal('0'), Decimal('8'))
    >>> start_of_period(Decimal(25), Decimal(20), has_begun=True)
    (Decimal('5'), Decimal('0'))
    >>> start_of_period(Decimal(12), Decimal(20), has_begun=False)
    (Decimal('12'), Decimal('0'))
    """
    if not has_begun:
        return balance, Decimal(0)
    opening = max(balance - granted, Decimal(0))
    return opening, opening + granted - balance


def figures_before(grants, closing):
    """``[(opening, used)]`` of the periods that ended before this system, of which is known only what they
    ``grants`` and that the last one left ``closing``.

    The oldest is used first, so what is left is of the latest; all else was used (or expired: nobody knows).
    Three months of ten hours leave 24, or 6, or are overdrawn by 3:

    >>> for left in (24, 6, -3):
    ...     print(*(tuple(map(int, row)) for row in figures_before([Decimal(10)] * 3, Decimal(left))))
    (0, 6) (4, 0) (14, 0)
    (0, 10) (0, 10) (0, 4)
    (0, 10) (0, 10) (0, 13)

    More than all of them granted was left before the first one:

    >>> [tuple(map(int, row)) for row in figures_before([Decimal(10)], Decimal(12))]
    [(2, 0)]
    """
    rows = []
    for granted in reversed(grants):
        opening = max(closing - granted, Decimal(0))
        rows.append((opening, opening + granted - closing))
        closing = opening
    return rows[::-1]
