"""Recurring revenue of retainers.

MRR of a month: the price of all retainers that run on its last day, as an amount a month, whatever they bill that
month: a quarter of 4,500.00 is 1,500.00. ARR: twelve times that.

>>> monthly(Decimal(4500), 3)
Decimal('1500.00')

From one month to the next the MRR of a client is new, grows, shrinks or is lost:

>>> movement(Decimal(0), Decimal(1500))
Movement(new=Decimal('1500'), expansion=Decimal('0'), contraction=Decimal('0'), lost=Decimal('0'))
>>> movement(Decimal(1500), Decimal(1200)).contraction, movement(Decimal(1500), Decimal(0)).lost
(Decimal('300'), Decimal('1500'))

Churn is what was lost of what there was: clients of clients (logo churn), MRR of MRR (revenue churn, which counts
what clients cut as well).

>>> churn(lost=1, before=4)
0.25
>>> churn(lost=0, before=0)
0.0
"""

from decimal import Decimal
from typing import NamedTuple

from .money import CENT, round_to


class Movement(NamedTuple):
    """What became of the MRR of a client in a month; all amounts above zero."""

    new: Decimal
    expansion: Decimal
    contraction: Decimal
    lost: Decimal


def monthly(price, months, unit=CENT):
    """The ``price`` of a period of ``months`` as an amount a month."""
    return round_to(price / months, unit)


def movement(before, after):
    """How the MRR of a client moved from one month end to the next."""
    none = Decimal(0)
    if not before or not after:
        return Movement(after if not before else none, none, none, before if not after else none)
    return Movement(none, max(after - before, none), max(before - after, none), none)


def churn(lost, before):
    """The share that was lost; 0 where there was nothing."""
    return float(lost / before) if before else 0.0
