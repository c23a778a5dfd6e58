"""Work under a cap (not-to-exceed amount): what may be billed and what waits over the cap.

Work consumes the caps in the order in which it is given (by date, then entry), first the cap of its
line, then that of the SOW, then that of the agreement; billed work has consumed its part before. The entry that crosses a cap is
split there to the cent: its part inside takes as many hundredths of a unit as fit, and the money that
those cannot express, the *remainder*, stays with it; the part over the cap has it with the other sign.
Nothing is lost: hours, quantities and amounts of the parts sum to those of the entry.

A T&M line at 150.00 capped at 1,000.00, of which 8 hours are worked in one entry:

>>> parts = split_at_caps([Work("a", "line", dec(8.0), dec(8.0), dec(150))], {"line": dec(1000)})
>>> for part in parts:
...     print(part.over, part.quantity, part.amount, part.remainder)
False 6.66 1000.00 1.00
True 1.34 200.00 -1.00
>>> sum(part.raw_hours for part in parts)
Decimal('8.00')

Two SOWs under an agreement that is capped at 1,000.00 in all. The later work meets the cap, whichever SOW it is
on, and the second SOW is in another currency, of which one unit is 2.00 of the agreement's: 3 hours at 100.00
are 600.00 there, and the 400.00 that are left pay for 2 hours.

>>> works = [Work("a", "x", dec(4), dec(4), dec(150), order="S1"),
...          Work("b", "y", dec(3), dec(3), dec(100), order="S2", rate=dec(2))]
>>> for part in split_at_caps(works, {}, {}, agreement_left=dec(1000)):
...     print(part.key, part.over, part.quantity, part.amount)
a False 4 600.00
b False 2.00 200.00
b True 1.00 100.00
"""

from dataclasses import dataclass
from decimal import Decimal

from .money import CENT, amount_of, dec, round_down, round_to

__all__ = ["Part", "Work", "dec", "split_at_caps"]


@dataclass(frozen=True)
class Work:
    """Unbilled work of one entry on one line.

    ``raw_hours`` as entered, ``quantity`` in the unit of the line, ``price`` net after discount.
    ``group`` is what the line shares its cap with; None: the line has its own. ``order`` is the SOW, where
    several are cut together, ``rate`` the units of the agreement's currency for one of the SOW's.
    ``money_unit`` is the rounding of the SOW's currency; None: that of all. ``in_order_cap``: whether it
    counts against the caps of the SOW and the agreement (expenses may not). ``extra`` is money of the
    work beside quantity times price: the cents of a payer's share, or what another part of its entry was
    billed at a cap beyond its quantity, which this one is worth less.
    """

    key: object
    line: object
    raw_hours: Decimal
    quantity: Decimal
    price: Decimal
    group: object = None
    order: object = None
    rate: Decimal = Decimal(1)
    money_unit: Decimal | None = None
    in_order_cap: bool = True
    extra: Decimal = Decimal(0)

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


def split_at_caps(
    works,
    line_left,
    order_left=None,
    money_unit=CENT,
    quantity_unit=CENT,
    agreement_left=None,
    agreement_unit=CENT,
):
    """The parts of ``works``, in their order.

    :param works: ``Work`` by (date, id)
    :param line_left: {line or group: net amount left under its cap}; what is missing has no cap
    :param order_left: net amount left under the cap of the SOW, or None where it has none; of several SOWs
        {order: amount left}
    :param money_unit: rounding of the currency
    :param quantity_unit: rounding of quantities
    :param agreement_left: net amount left under the cap of the agreement, in its currency; None: it has none
    :param agreement_unit: rounding of the currency of the agreement
    """
    line_left = dict(line_left)
    order_left = dict(order_left) if isinstance(order_left, dict) else {None: order_left}
    parts = []
    for work in works:
        unit = work.money_unit or money_unit
        amount = amount_of(work.quantity, work.price, unit) + work.extra
        left = line_left.get(work.capped_by)
        if work.in_order_cap:
            shared = None if agreement_left is None else round_down(agreement_left / work.rate, unit)
            left = _smallest(left, order_left.get(work.order), shared)
        inside, over = _split(work, amount, left, unit, quantity_unit)
        parts += [part for part in (inside, over) if part]
        consumed = inside.amount if inside else Decimal(0)
        if line_left.get(work.capped_by) is not None:
            line_left[work.capped_by] -= consumed
        if work.in_order_cap and order_left.get(work.order) is not None:
            order_left[work.order] -= consumed
        if work.in_order_cap and agreement_left is not None:
            agreement_left -= round_to(consumed * work.rate, agreement_unit)
    return parts


#: When somebody has to be told, in per cent of a cap.
ALERT_LEVELS = (80, 100)


def levels_reached(used, cap):
    """The levels of ``ALERT_LEVELS`` that ``used`` of ``cap`` has reached; none where there is no cap.

    >>> levels_reached(dec(799.99), dec(1000)), levels_reached(dec(800), dec(1000))
    ((), (80,))
    >>> levels_reached(dec(1000), dec(1000)), levels_reached(dec(5), dec(0))
    ((80, 100), ())
    """
    if not cap:
        return ()
    return tuple(level for level in ALERT_LEVELS if used * 100 >= cap * level)


def _smallest(*amounts):
    given = [amount for amount in amounts if amount is not None]
    return min(given) if given else None


def _split(work, amount, left, money_unit, quantity_unit):
    """(part inside or None, part over or None)"""
    # A correction (negative entry) gives back to the cap, whatever is left.
    if left is None or amount <= max(left, Decimal(0)):
        return _whole(work, amount, over=False), None
    left = round_down(left, money_unit)
    if left <= 0:
        return None, _whole(work, amount, over=True)
    quantity = min(round_down(left / work.price, quantity_unit), work.quantity)
    if not work.quantity:
        return None, _whole(work, amount, over=True)
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
    rest = work.quantity - quantity
    over = Part(
        work.key,
        work.line,
        work.raw_hours - raw_hours,
        rest,
        amount - left,
        over=True,
        remainder=amount - left - amount_of(rest, work.price, money_unit),
    )
    return inside, over


def _whole(work, amount, over):
    return Part(work.key, work.line, work.raw_hours, work.quantity, amount, over, remainder=work.extra)
