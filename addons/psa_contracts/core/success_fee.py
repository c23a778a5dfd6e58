"""What a success fee comes to. Amounts are Decimal, net, in the currency of the SOW."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

FORMULA_FIXED, FORMULA_PERCENT = "fixed", "percent"


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """What was agreed. ``percent`` of the recorded result (5 is 5 %); a ``cap`` of 0 is none."""

    formula: str
    amount: Decimal = Decimal(0)
    percent: Decimal = Decimal(0)
    floor: Decimal = Decimal(0)
    cap: Decimal = Decimal(0)


def success_fee(terms, result, digits=2):
    """The fee for ``result``, rounded half up to ``digits`` decimals; never negative.

    A fixed fee is its amount, whatever the result:

    >>> success_fee(FeeTerms(FORMULA_FIXED, amount=Decimal(5000)), Decimal(0))
    Decimal('5000.00')

    A percentage lies between floor and cap:

    >>> terms = FeeTerms(FORMULA_PERCENT, percent=Decimal("7.5"), floor=Decimal(10000), cap=Decimal(60000))
    >>> [success_fee(terms, Decimal(result)) for result in (100_000, 400_000, 900_000)]
    [Decimal('10000.00'), Decimal('30000.00'), Decimal('60000.00')]

    Without a floor, a result of nothing (or a loss) earns nothing:

    >>> success_fee(FeeTerms(FORMULA_PERCENT, percent=Decimal(5)), Decimal(-300))
    Decimal('0.00')

    :raises ValueError: where the floor is above the cap
    """
    if terms.cap and terms.floor > terms.cap:
        raise ValueError("the floor of a success fee is above its cap")
    if terms.formula == FORMULA_FIXED:
        fee = terms.amount
    else:
        fee = max(result * terms.percent / 100, terms.floor)
        if terms.cap:
            fee = min(fee, terms.cap)
    return max(fee, Decimal(0)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
