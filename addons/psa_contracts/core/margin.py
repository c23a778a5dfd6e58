"""Margin of what is sold: amount less cost. Both net and in one currency."""


def margin(amount, cost):
    """``(margin, ratio of margin to amount)``; the ratio of nothing sold is 0.

    >>> margin(8000.0, 3000.0)
    (5000.0, 0.625)
    >>> margin(0.0, 500.0)
    (-500.0, 0.0)

    The margin of several lines is that of their sums, never the mean of their ratios:

    >>> margin(8000.0 + 2000.0, 3000.0 + 2000.0)
    (5000.0, 0.5)
    """
    return amount - cost, (amount - cost) / amount if amount else 0.0
