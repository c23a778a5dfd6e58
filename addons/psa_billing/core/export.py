"""What goes to a billing platform and comes back: money as text, content told apart by a digest.

>>> text(Decimal("1150.00"), 2), text(Decimal("12.5"), 2), text(Decimal("-0"), 2)
('1150.00', '12.50', '0.00')
"""

import hashlib
import json
from datetime import date
from decimal import Decimal, InvalidOperation

#: What the platform can say about an invoice of its own.
STATES = ("received", "rejected", "issued", "partially_paid", "paid", "cancelled")

#: No invoice is as high; a float still says cents below it.
TOO_MUCH = Decimal(10) ** 13

#: How far an invoice has come, among those that stand.
_WAY = ("received", "issued", "partially_paid", "paid")


def joint_state(states):
    """The state of several invoices that stand for one bill: how far it has come, ``paid`` once all are.

    :param states: of ``STATES``, not empty; None: nothing was said of that invoice yet

    >>> joint_state(["paid", None]), joint_state(["paid", "paid"]), joint_state([None, "issued"])
    ('partially_paid', 'paid', 'issued')

    Invoices that do not stand count where none does:

    >>> joint_state(["paid", "cancelled"]), joint_state(["rejected", "cancelled"]), joint_state(["rejected"])
    ('paid', 'cancelled', 'rejected')
    """
    standing = [state or "received" for state in states if state not in ("rejected", "cancelled")]
    if not standing:
        return "cancelled" if "cancelled" in states else "rejected"
    furthest = max(standing, key=_WAY.index)
    if furthest == "paid" and any(state != "paid" for state in standing):
        return "partially_paid"
    return furthest


def state_after(before, told, tells_money):
    """The state of an invoice of which the platform tells ``told``; ``before``: None for none.

    What comes late takes nothing back: a paid invoice was issued once, and received.

    >>> [state_after(*told, False) for told in (("issued", "paid"), ("paid", "issued"), ("issued", "received"))]
    ['paid', 'paid', 'issued']

    Money that was paid back, or an invoice that was withdrawn, does:

    >>> state_after("paid", "partially_paid", True), state_after("paid", "cancelled", False)
    ('partially_paid', 'cancelled')

    :param tells_money: whether the message says what was paid in all
    """
    if before not in _WAY or told not in _WAY or _WAY.index(told) >= _WAY.index(before):
        return told
    return told if tells_money and told != "received" else before


def is_text(value):
    """Whether ``value`` is a text that says something and can be kept.

    >>> is_text("F-1"), is_text(" "), is_text(1), is_text("F\\x00"), is_text("\\ud800")
    (True, False, False, False, False)
    """
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def text(value, digits):
    """A Decimal as JSON carries it: a string with ``digits`` decimals, so that no float bends it."""
    return f"{value.quantize(Decimal(1).scaleb(-digits)) + 0:f}"


def day(value):
    """A date as JSON carries it, None for none.

    >>> day(date(2026, 4, 30)), day(False)
    ('2026-04-30', None)
    """
    return value.isoformat() if value else None


def digest(content):
    """The same for the same content, whatever the order of its keys.

    >>> digest({"a": 1, "b": "x"}) == digest({"b": "x", "a": 1})
    True
    >>> digest({"a": 1}) == digest({"a": "1"})
    False
    """
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def amount_problem(value):
    """Why ``value`` is no amount of money that can have been paid; None if it is one.

    >>> amount_problem("1150.00"), amount_problem(0), amount_problem(12.5)
    (None, None, None)
    >>> amount_problem("-1"), amount_problem("1,150"), amount_problem(True), amount_problem("NaN")
    ('negative', 'no number', 'no number', 'no number')
    >>> amount_problem("9999999999999.99"), amount_problem("10000000000000"), amount_problem("1_000")
    (None, 'too much', 'no number')
    """
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return "no number"
    if isinstance(value, bool) or "_" in str(value) or not number.is_finite():
        return "no number"
    if number < 0:
        return "negative"
    return "too much" if number >= TOO_MUCH else None


def is_day(value):
    """Whether ``value`` is a day as YYYY-MM-DD.

    >>> is_day("2026-04-30"), is_day("30.04.2026"), is_day("2026-02-30"), is_day(None), is_day("2026-04-30T10:00")
    (True, False, False, False, False)
    """
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
