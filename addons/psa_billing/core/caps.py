"""Work under a cap (not-to-exceed amount): what may be billed and what waits over the cap.

Work consumes the caps in the order in which it is given (by date, then entry), first the cap of its
line, then that of the SOW; billed work has consumed its part before. The entry that crosses a cap is
split there to the cent: its part inside takes as many hundredths of a unit as fit, and the money that
those cannot express, the *remainder*, stays with it. Nothing is lost: hours, quantities and amounts of
the parts sum to those of the entry.

A T&M line at 150.00 capped at 1,000.00, of which 8 hours are worked in one entry:

>>> parts = split_at_caps([Work("a", "line", dec(8.0), dec(8.0), dec(150))], {"line": dec(1000)})
>>> for part in parts:
...     print(part.over, part.quantity, part.amount, part.remainder)
False 6.66 1000.00 1.00
True 1.34 200.00 0
>>> sum(part.raw_hours for part in parts)
Decimal('8.00')
"""

from dataclasses import dataclass
from decimal import Decimal

from .money import CENT, amount_of, dec, round_down, round_to

__all__ = ["Part", "Work", "dec", "split_at_caps"]


@dataclass(frozen=True)
class Work:
    """Unbilled work of one entry on one line.

    ``raw_hours`` as entered, ``quantity`` in the unit of the line, ``price`` net after discount.
    ``group`` is what the line shares its cap with; None: the line has its own. ``in_order_cap``: whether it
    counts against the cap of the SOW (expenses may not).
    """

    key: object
    line: object
    raw_hours: Decimal
    quantity: Decimal
    price: Decimal
    group: object = None
    in_order_cap: bool = True

    @property
    def capped_by(self):
        """What ``line_left`` speaks of: the group of the line, else the line."""
        return self.group if self.group is not None else self.line


@dataclass(frozen=True)
class Part:
    """A part of an entry's work, inside the caps or over them.

    ``remainder`` is the money in ``amount`` that ``quantity`` does not express.
    """

    key: object
    line: object
    raw_hours: Decimal
    quantity: Decimal
    amount: Decimal
    over: bool
    remainder: Decimal = Decimal(0)


def split_at_caps(works, line_left, order_left=None, money_unit=CENT, quantity_unit=CENT):
    """The parts of ``works``, in their order.

    :param works: ``Work`` by (date, id)
    :param line_left: {line or group: net amount left under its cap}; what is missing has no cap
    :param order_left: net amount left under the cap of the SOW, or None where it has none
    :param money_unit: rounding of the currency
    :param quantity_unit: rounding of quantities
    """
    line_left = dict(line_left)
    parts = []
    for work in works:
        amount = amount_of(work.quantity, work.price, money_unit)
        left = _smallest(line_left.get(work.capped_by), order_left if work.in_order_cap else None)
        inside, over = _split(work, amount, left, money_unit, quantity_unit)
        parts += [part for part in (inside, over) if part]
        consumed = inside.amount if inside else Decimal(0)
        if work.capped_by in line_left:
            line_left[work.capped_by] -= consumed
        if order_left is not None and work.in_order_cap:
            order_left -= consumed
    return parts


def _smallest(*amounts):
    given = [amount for amount in amounts if amount is not None]
    return min(given) if given else None


def _split(work, amount, left, money_unit, quantity_unit):
    """(part inside or None, part over or None)"""
    # A correction (negative entry) gives back to the cap, whatever is left.
    if left is None or amount <= max(left, Decimal(0)):
        return Part(work.key, work.line, work.raw_hours, work.quantity, amount, over=False), None
    left = round_down(left, money_unit)
    if left <= 0:
        return None, Part(work.key, work.line, work.raw_hours, work.quantity, amount, over=True)
    quantity = round_down(left / work.price, quantity_unit)
    raw_hours = round_to(work.raw_hours * quantity / work.quantity, CENT)
    inside = Part(
        work.key,
        work.line,
        raw_hours,
        quantity,
        left,
        over=False,
        remainder=left - amount_of(quantity, work.price, money_unit),
    )
    over = Part(
        work.key, work.line, work.raw_hours - raw_hours, work.quantity - quantity, amount - left, over=True
    )
    return inside, over
