"""What each of several paying clients pays. Shares are percentages, amounts Decimal."""

from decimal import ROUND_HALF_UP, Decimal

WHOLE = Decimal(100)


def total(shares):
    """The sum of the shares, without the noise of floats.

    >>> total([33.3333, 33.3333, 33.3334])
    Decimal('100.0000')
    """
    return sum((Decimal(str(share)) for share in shares), Decimal(0))


def is_whole(shares):
    """Whether the shares make up the whole; no shares at all do, the client pays.

    >>> is_whole([60, 40]), is_whole([]), is_whole([60, 30]), is_whole([33.33, 33.33, 33.34])
    (True, True, False, True)
    """
    return not shares or total(shares) == WHOLE


def split(amount, shares, rounding=Decimal("0.01")):
    """``amount`` in the order of ``shares``, each part rounded, the last takes the rest.

    >>> split(Decimal("100.00"), [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")])
    [Decimal('33.33'), Decimal('33.33'), Decimal('33.34')]
    >>> split(Decimal("0.05"), [50, 50])
    [Decimal('0.03'), Decimal('0.02')]
    >>> split(Decimal("-10.00"), [Decimal("33.3333"), Decimal("66.6667")])
    [Decimal('-3.33'), Decimal('-6.67')]
    >>> split(Decimal("1000"), [60, 40], rounding=Decimal(1))
    [Decimal('600'), Decimal('400')]

    :param rounding: the smallest unit of the currency
    :raises ValueError: where the shares do not make up 100, or one is not above 0
    """
    if not shares or not is_whole(shares) or min(shares) <= 0:
        raise ValueError(f"shares have to be above 0 and make up 100, not {total(shares)}")
    parts = []
    for share in shares[:-1]:
        exact = amount * Decimal(str(share)) / WHOLE
        parts.append((exact / rounding).quantize(Decimal(1), ROUND_HALF_UP) * rounding)
    return [*parts, amount - sum(parts, Decimal(0))]
