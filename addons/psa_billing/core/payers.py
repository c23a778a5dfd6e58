"""Work that several clients pay: each pays its share of the line, to the cent, and is traced to the entries.

What a payer pays of a line is its share of the line, not the sum of rounded shares of each entry: the line
is shared first, then its entries are dealt so that the columns sum to the payers and the rows to the entries.

Three entries of 0.25 h, shares 33.33, 33.33 and 33.34 % of 0.75 h are 0.25 h each:

>>> for row in deal([Decimal("0.25")] * 3, [Decimal("0.25")] * 3):
...     print(*row)
0.08 0.08 0.09
0.08 0.09 0.08
0.09 0.08 0.08
"""

from decimal import ROUND_FLOOR, Decimal

from .money import CENT, round_to


def allot(value, weights, unit=CENT):
    """``value`` in proportion to ``weights``, in multiples of ``unit``; what those cannot express, and what a
    ``value`` with more digits has, the last payer with a weight takes.

    Weights are amounts of one sign, or zero; a payer without weight gets nothing:

    >>> [str(part) for part in allot(Decimal("0.33"), [Decimal("0.33"), Decimal(0), Decimal(0)])]
    ['0.33', '0', '0']
    >>> [str(part) for part in allot(Decimal("-1.00"), [Decimal(1), Decimal(1), Decimal(1)])]
    ['-0.33', '-0.33', '-0.34']
    """
    whole = sum(weights, Decimal(0))
    if not whole:
        raise ValueError("nobody to pay: all weights are zero")
    units = abs(round_to(value / unit, Decimal(1)))
    exact = [units * weight / whole for weight in weights]
    floors = [part.quantize(Decimal(1), rounding=ROUND_FLOOR) for part in exact]
    # The largest fractions first, of equal ones the last: nobody gets more than its exact part rounded up.
    by_fraction = sorted(range(len(exact)), key=lambda i: (exact[i] - floors[i], i), reverse=True)
    for index in by_fraction[: int(units - sum(floors))]:
        floors[index] += 1
    sign = -1 if value < 0 else 1
    parts = [sign * part * unit if part else Decimal(0) for part in floors]
    rest = value - sum(parts, Decimal(0))
    if rest:
        last = max(i for i, weight in enumerate(weights) if weight)
        parts[last] += rest
    return parts


def deal(values, totals, unit=CENT, shares=None):
    """A row for each of ``values``: its parts by payer. Rows sum to the values, columns to ``totals``.

    :param values: of the entries; digits below ``unit`` go to the last payer
    :param totals: what each payer pays of the sum of ``values``
    :param shares: what they pay of entries that come to nothing together; the same where None

    Corrections (negative entries) are dealt among themselves:

    >>> for row in deal([Decimal("2.00"), Decimal("-1.00")], [Decimal("0.50"), Decimal("0.50")]):
    ...     print(*row)
    1.00 1.00
    -0.50 -0.50

    Where time and its correction come to nothing, each payer has its share of both:

    >>> for row in deal([Decimal("2.00"), Decimal("-2.00")], [Decimal(0)] * 2, shares=[Decimal(80), Decimal(20)]):
    ...     print(*row)
    1.60 0.40
    -1.60 -0.40

    Of tiny sums the last payer takes a rest of the other sign: of 0.04 by eighths seven have 0.01, the last one
    has -0.03, and still an eighth of the time and of its correction:

    >>> tiny = [Decimal("0.01")] * 7 + [Decimal("-0.03")]
    >>> for row in deal([Decimal("1.00"), Decimal("-0.96")], tiny, shares=[Decimal("12.5")] * 8):
    ...     print(*row)
    0.13 0.13 0.13 0.13 0.13 0.13 0.13 0.09
    -0.12 -0.12 -0.12 -0.12 -0.12 -0.12 -0.12 -0.12
    """
    shares = shares or [Decimal(1)] * len(totals)
    taken = [value for value in values if value < 0]
    back = _shared(sum(taken, Decimal(0)), totals, shares, unit)
    ahead = [total - part for total, part in zip(totals, back, strict=True)]
    if min(ahead, default=Decimal(0)) < 0:
        # the last payer takes a rest of the other sign: by their shares nobody pays less than nothing of time
        back_by_share = _shared(sum(taken, Decimal(0)), shares, shares, unit)
        rest = [total - part for total, part in zip(totals, back_by_share, strict=True)]
        if min(rest) >= 0:
            back, ahead = back_by_share, rest
    left = {True: back, False: ahead}
    rows = []
    for value in values:
        column = left[value < 0]
        row = _shared(value, column, shares, unit)
        left[value < 0] = [rest - part for rest, part in zip(column, row, strict=True)]
        rows.append(row)
    return rows


def _shared(value, weights, shares, unit):
    return allot(value, weights if sum(weights, Decimal(0)) else shares, unit)


def taken_over(billed, left, shares, unit=CENT):
    """What counts as billed to each payer: what it was billed, and what one was who has left and whose place it
    takes.

    A client pays 60 % of 1,000.00, and 300.00 so far; the 200.00 of a fund that left count for the one that
    came for it, so that 300.00 and 200.00 are due of the other 500.00:

    >>> done = taken_over([Decimal(300), None], Decimal(200), [Decimal(60), Decimal(40)])
    >>> [str(part) for part in done]
    ['300', '200.00']
    >>> [str(part) for part in still_due([Decimal(600), Decimal(400)], done)]
    ['300', '200.00']

    :param billed: of each payer, None where it was never billed
    :param left: what those were billed who pay no more
    :param shares: their percentages
    """
    came = [share if done is None else Decimal(0) for done, share in zip(billed, shares, strict=True)]
    done = [amount or Decimal(0) for amount in billed]
    if not left or not any(came):
        return done
    return [amount + part for amount, part in zip(done, allot(left, came, unit), strict=True)]


def still_due(parts, billed):
    """What each payer still has to pay: its part of all that is due less what it was billed.

    Nobody is billed a negative amount because another one's invoice was taken back:

    >>> [str(part) for part in still_due([Decimal("0.33"), Decimal("0.67")], [Decimal("0"), Decimal("0.67")])]
    ['0.33', '0']
    >>> [str(part) for part in still_due([Decimal("-0.33"), Decimal("-0.67")], [Decimal(0), Decimal(0)])]
    ['-0.33', '-0.67']
    """
    due = [part - done for part, done in zip(parts, billed, strict=True)]
    whole = sum(due, Decimal(0))
    if not whole:
        return [Decimal(0)] * len(due)
    return [part if part and (part > 0) == (whole > 0) else Decimal(0) for part in due]
