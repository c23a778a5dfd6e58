"""Which line of a contract bills which period of a retainer.

A retainer is sold by one line, and by those of change orders that add periods, take some away, or sell the
later ones at another price; a price that is indexed is a line, too.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .money import round_to
from .retainer_periods import DAY, Span


@dataclass(frozen=True)
class Sold:
    """A line of a retainer: the first one, one of a change order, or one at an indexed price.

    ``quantity``: number of periods, negative where a change order takes some away. ``start``: the first day
    of a period that may be billed on it. ``indexed``: it orders nothing, it is the price of what is ordered
    from ``start`` on. ``order``: the statement of work or change order that it stands on. ``granted``: what a
    period grants.
    """

    key: object
    quantity: Decimal
    price: Decimal
    start: date | None = None
    indexed: bool = False
    order: object = None
    granted: Decimal = Decimal(0)

    @property
    def terms(self):
        """What two lines have in common where it is no matter which of them bills a period."""
        return self.price, self.granted


def ordered(lines):
    """Number of periods that ``lines`` (``Sold``) come to; never less than none."""
    return max(sum((line.quantity for line in lines), Decimal(0)), Decimal(0))


def charged(periods, lines, fixed, endless=False):
    """``[(Span, key of the line that bills it)]`` of the ``periods``.

    What was sold first is used up first. What a change order takes away goes from the lines of its price,
    the latest first. Periods that are ``fixed`` (``{start: key}``) stay where they are: a change acts on the
    others only. Of a retainer without end (``endless``) nothing is used up, see ``_line_on``; a period may be
    sold by two lines, see ``_cut``.

    Six months at 1,000.00 of which a change order sells the last three at 1,200.00 instead:

    >>> from .retainer_periods import spans
    >>> months = spans(date(2026, 1, 1), 1, calendar=True, quantity=Decimal(6))
    >>> april = date(2026, 4, 1)
    >>> sold = [Sold("sow", Decimal(6), Decimal(1000)), Sold("cut", Decimal(-3), Decimal(1000), april),
    ...         Sold("new", Decimal(3), Decimal(1200), april)]
    >>> [key for _span, key in charged(months, sold, {})]
    ['sow', 'sow', 'sow', 'new', 'new', 'new']

    From May on indexed:

    >>> sold.append(Sold("index", Decimal(0), Decimal(1260), date(2026, 5, 1), indexed=True))
    >>> [key for _span, key in charged(months, sold, {})]
    ['sow', 'sow', 'sow', 'new', 'index', 'index']
    """
    left = _capacity([line for line in lines if not line.indexed])
    shares = {key: Fraction(quantity) for key, quantity in left.items()}
    by_key = {line.key: line for line in lines}
    answer = []
    for span in periods:
        key = fixed.get(span.start)
        if key is None and endless:
            answer.append((span, _indexed(span, _line_on(span.start, lines), lines)))
            continue
        if key is not None:
            line = by_key[_charged(key, by_key, left)]
            left[line.key] -= span.quantity
            shares[line.key] -= span.share
            answer.append((span, key))
            continue
        while span:
            line = _line_for(span, left, by_key)
            part, span = _cut(span, line, left, shares, by_key)
            left[line.key] -= part.quantity
            shares[line.key] -= part.share
            answer.append((part, _indexed(part, line, lines)))
    return answer


def _cut(span, line, left, shares, by_key):
    """``span`` as far as ``line`` sells it, and the rest where other lines sell that on other terms.

    A period of which a part was sold at another price is charged by its days at each of them. A month and a
    half at 1,600.00, and half a month more at 1,900.00, come to 3,350.00:

    >>> from .retainer_periods import spans
    >>> months = spans(date(2026, 4, 1), 1, calendar=True, quantity=Decimal(2))
    >>> sold = [Sold("sow", Decimal("1.5"), Decimal(1600)), Sold("more", Decimal("0.5"), Decimal(1900))]
    >>> for span, key in charged(months, sold, {}):
    ...     print(span.start, span.end, span.quantity, key)
    2026-04-01 2026-04-30 1.00 sow
    2026-05-01 2026-05-16 0.50 sow
    2026-05-17 2026-05-31 0.50 more
    """
    quantity, share, days = left[line.key], shares[line.key], (span.end - span.start).days + 1
    others = any(left[key] > 0 and by_key[key].terms != line.terms for key in left)
    if not (others and 0 < quantity < span.quantity and 0 < share < span.share and days > 1):
        return span, None
    own = Fraction(days) * share / span.share
    own = min(max(int(round_to(Decimal(own.numerator) / Decimal(own.denominator), Decimal(1))), 1), days - 1)
    end = span.start + DAY * (own - 1)
    rest = Span(end + DAY, span.end, span.share - share, span.quantity - quantity)
    return Span(span.start, end, share, quantity), rest


def _capacity(lines):
    """``{key: periods left}`` of the lines that sell some, in their order, after what others take away.

    An order takes away what was sold before it, not what it sells itself at that price: three months of ten
    hours, of which the last two shall have twelve.

    >>> sold = [Sold("sow", Decimal(3), Decimal(1500), order=1), Sold("ten", Decimal(-2), Decimal(1500), order=2),
    ...         Sold("twelve", Decimal(2), Decimal(1500), order=2)]
    >>> {key: int(left) for key, left in _capacity(sold).items()}
    {'sow': 1, 'twelve': 2}
    """
    prices = {line.key: line.price for line in lines}
    left, later, by_order = {}, [], {}
    for line in lines:
        by_order.setdefault(line.order, []).append(line)
    for own in by_order.values():
        cuts = ((line.price, -line.quantity) for line in own if line.quantity < 0)
        later += [(price, _take(left, prices, price, amount)) for price, amount in cuts]
        left.update({line.key: line.quantity for line in own if line.quantity > 0})
    for price, amount in later:
        _take(left, prices, price, amount)
    # nothing but what is taken away, or a retainer without end
    return left or {line.key: Decimal(0) for line in lines[:1]}


def _take(left, prices, price, amount):
    """Take ``amount`` off what is ``left``: what was sold at ``price`` first, of that the latest.

    :return: what of ``amount`` there was not
    """
    same = [key for key in reversed(left) if prices[key] == price]
    for key in [*same, *(key for key in reversed(left) if key not in same)]:
        taken = min(amount, left[key])
        left[key] -= taken
        amount -= taken
    return amount


def _charged(key, by_key, left):
    """A period on an indexed line, or on one that is used up, counts for the first that has some left: it took
    the place of a period there."""
    own = key if key in left and not by_key[key].indexed else next(iter(left))
    return own if left[own] > 0 else next((other for other in left if left[other] > 0), own)


def _line_for(span, left, by_key):
    started = [key for key in left if (by_key[key].start or span.start) <= span.start]
    usable = [key for key in started if left[key] > 0] or [key for key in left if left[key] > 0]
    return by_key[usable[0] if usable else (started or list(left))[-1]]


def _line_on(day, lines):
    """The line of a retainer without end that was agreed last of those that hold on ``day``: a period has the
    price of its first day.

    >>> april = date(2026, 4, 1)
    >>> from .retainer_periods import spans
    >>> months = spans(date(2026, 1, 1), 1, calendar=True, quantity=Decimal(6))
    >>> sold = [Sold("sow", Decimal(3), Decimal(1000)), Sold("new", Decimal(0), Decimal(1200), april)]
    >>> [key for _span, key in charged(months, sold, {}, endless=True)]
    ['sow', 'sow', 'sow', 'new', 'new', 'new']
    """
    sold = [line for line in lines if not line.indexed and line.quantity >= 0]
    started = [line for line in sold if not line.start or line.start <= day]
    return max(reversed(started or sold[:1] or lines[:1]), key=lambda line: line.start or date.min)


def _indexed(span, line, lines):
    later = [
        other
        for other in lines
        if other.indexed and other.start <= span.start and other.start >= (line.start or other.start)
    ]
    return max(later, key=lambda other: other.start).key if later else line.key
