"""What a client pays for an expense or a vendor bill, as the statement of work says.

Amounts are net, in the currency of the statement of work. At cost and marked up, one unit is billed at the
amount, so that it is right to the cent: three nights for 361.00 with 10 % on top are

>>> hotel = bill(Terms(MARKUP, markup=Decimal(10)), cost=Decimal("361.00"), quantity=Decimal(3))
>>> print(hotel.quantity, hotel.price, hotel.amount)
1 397.10 397.10

By the unit, the price of a unit counts and not what it cost:

>>> ride = bill(Terms(UNIT, price=Decimal("0.42")), cost=Decimal("51.30"), quantity=Decimal(171))
>>> print(ride.quantity, ride.price, ride.amount)
171 0.42 71.82

A limit for each item bounds the cost of a unit before the markup; 120.00 a night leave out 1.10 of 397.10:

>>> hotel = bill(Terms(MARKUP, markup=Decimal(10), item_limit=Decimal(120)), Decimal("361.00"), Decimal(3))
>>> print(hotel.amount, hotel.over)
396.00 1.10

What is left of the limit of the line or of the whole statement of work bounds the amount:

>>> print(*limited(hotel, left=Decimal("100.00")))
100.00 297.10
>>> limited(hotel, left=None) == (hotel.amount, hotel.over)
True

A credit gives back by the same terms; limits do not keep it out:

>>> refund = bill(Terms(MARKUP, markup=Decimal(10), item_limit=Decimal(1)), Decimal(-50), Decimal(-1))
>>> print(refund.quantity, refund.price, refund.amount)
-1 55.00 -55.00
"""

from dataclasses import dataclass
from decimal import Decimal

from .money import CENT, amount_of, round_to

COST, MARKUP, UNIT, NOT_BILLED = "cost", "markup", "unit", "no"


@dataclass(frozen=True)
class Terms:
    """``markup`` in per cent; ``price`` of a unit; ``item_limit``: cost of a unit at most, 0 for none."""

    method: str
    markup: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    item_limit: Decimal = Decimal(0)


@dataclass(frozen=True)
class Billed:
    """``over``: what the client would pay beyond ``amount`` if there were no limit; ``over_limit``: what of it
    if there were none for items only."""

    quantity: Decimal
    price: Decimal
    amount: Decimal
    over: Decimal = Decimal(0)
    over_limit: Decimal = Decimal(0)


def bill(terms, cost, quantity, money_unit=CENT):
    """What the client pays for ``quantity`` units that cost ``cost``; both negative for a credit."""
    sign = Decimal(-1 if cost < 0 else 1)
    wanted = _bill(terms, abs(cost), abs(quantity), money_unit)
    if sign > 0 and terms.item_limit:
        kept = _within_item_limit(terms, abs(cost), abs(quantity), money_unit)
        wanted = Billed(kept.quantity, kept.price, kept.amount, wanted.amount - kept.amount)
    return Billed(sign * wanted.quantity, wanted.price, sign * wanted.amount, wanted.over)


def _within_item_limit(terms, cost, quantity, money_unit):
    if terms.method == UNIT:
        price = min(terms.price, terms.item_limit)
        return _bill(Terms(UNIT, price=price), cost, quantity, money_unit)
    return _bill(terms, min(cost, terms.item_limit * quantity), quantity, money_unit)


def _bill(terms, cost, quantity, money_unit):
    if terms.method == NOT_BILLED:
        return Billed(Decimal(0), Decimal(0), Decimal(0))
    if terms.method == UNIT:
        return Billed(quantity, terms.price, amount_of(quantity, terms.price, money_unit))
    markup = terms.markup if terms.method == MARKUP else Decimal(0)
    amount = round_to(cost * (100 + markup) / 100, money_unit)
    return Billed(Decimal(1), amount, amount)


def limited(billed, left):
    """``(amount, over)`` of what is billed where ``left`` of a limit is left; None: there is no limit."""
    if left is None or billed.amount <= max(left, Decimal(0)):
        return billed.amount, billed.over
    amount = max(left, Decimal(0))
    return amount, billed.over + billed.amount - amount


def given_back(kept, over, share, money_unit=CENT):
    """What the client gets back, all in all, of a cost of which ``share`` (0 to 1) was taken back.

    By a limit the client owes of what is left of the cost as much as before, up to the limit. Of 550.00 a limit
    let 400.00 through; after two fifths were taken back 330.00 are owed:

    >>> print(given_back(Decimal(400), Decimal(150), Decimal("0.2")))
    0
    >>> print(given_back(Decimal(400), Decimal(150), Decimal("0.4")))
    70.00

    :param kept: what the client was to pay; below zero for a credit
    :param over: what of the cost was over the limit
    """
    whole = round_to((kept + over) * share, money_unit)
    return max(whole - over, Decimal(0)) if over else whole


def rest_given_back(owed, got, given_up):
    """What the client gets back yet of a cost, where ``owed`` goes back of it in all; below zero: what is charged.

    Of 75.00 the client has got 25.00, and forgone 10.00:

    >>> print(rest_given_back(Decimal(75), Decimal(25), Decimal(10)))
    40

    Where less is owed since, because the cost itself was given away, the client pays what they got beyond that,
    and nothing for what they had forgone:

    >>> print(rest_given_back(Decimal(0), Decimal(25), Decimal(10)))
    -25
    >>> print(rest_given_back(Decimal(30), Decimal(25), Decimal(10)))
    0

    :param got: by invoices, or proposals that are approved
    :param given_up: what a review wrote off of it
    """
    rest = owed - got - given_up
    if rest * (got + given_up) >= 0:
        return rest
    return owed - got if (owed - got) * got < 0 else Decimal(0)


def granted(kept, over, given, share, left, money_unit=CENT):
    """What more the client pays of a cost that a limit had cut, where the limit leaves room again.

    Of 550.00 a limit let 400.00 through. It was raised by 100.00:

    >>> kept, over = Decimal(400), Decimal(150)
    >>> print(granted(kept, over, given=Decimal(0), share=Decimal(0), left=Decimal(100)))
    100
    >>> print(granted(kept, over, given=Decimal(0), share=Decimal(0), left=None))
    150.00

    Where a fifth of the cost was taken back, 440.00 are owed at most:

    >>> print(granted(kept, over, given=Decimal(0), share=Decimal("0.2"), left=Decimal(100)))
    40.00

    What is left of a cost is the whole less what is given back, not the rest rounded for itself. Half of
    846.45 is 423.23; 423.22 are left:

    >>> print(granted(Decimal("746.45"), Decimal(100), Decimal("323.23"), Decimal("0.5"), left=None))
    0.00

    :param kept: what the client was to pay so far
    :param over: what of the cost was over the limit
    :param given: what the client got back of it, see ``given_back``
    :param share: how much of the cost was taken back, 0 to 1
    :param left: what is left of the limit; None: there is none any more
    """
    whole = kept + over
    owed = whole - round_to(whole * share, money_unit) - (kept - given)
    return max(owed if left is None else min(owed, left), Decimal(0))
