"""Which line of a contract bills which period of a retainer."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_billing.core.retainer_lines import Sold, charged, ordered
from odoo.addons.psa_billing.core.retainer_periods import spans

D = Decimal
START = date(2026, 1, 1)


def keys_of(periods, lines, fixed):
    return [key for _span, key in charged(periods, lines, fixed)]


def test_a_change_order_does_not_move_what_is_fixed():
    """The new price holds from February on, but February was billed before the change order was signed."""
    months = spans(START, 1, calendar=True, quantity=D(4))
    february = date(2026, 2, 1)
    sold = [
        Sold("sow", D(4), D(1000)),
        Sold("cut", D(-3), D(1000), february),
        Sold("new", D(3), D(900), february),
    ]
    fixed = {START: "sow", february: "sow"}
    assert keys_of(months, sold, fixed) == ["sow", "sow", "new", "new"]


def test_an_extension_comes_after_what_was_sold():
    months = spans(START, 1, calendar=True, quantity=D(3))
    sold = [Sold("sow", D(2), D(1000)), Sold("more", D(1), D(1000), START)]
    assert keys_of(months, sold, {}) == ["sow", "sow", "more"]


def test_an_extension_that_begins_later_than_what_was_sold_ends_fills_the_gap():
    months = spans(START, 1, calendar=True, quantity=D(3))
    sold = [Sold("sow", D(2), D(1000)), Sold("more", D(1), D(1000), date(2026, 6, 1))]
    assert keys_of(months, sold, {}) == ["sow", "sow", "more"]


def test_half_a_month_on_the_same_terms_is_no_period_of_its_own():
    months = spans(START, 1, calendar=True, quantity=D(2))
    sold = [Sold("sow", D("1.5"), D(1000)), Sold("more", D("0.5"), D(1000), START)]
    assert keys_of(months, sold, {}) == ["sow", "sow"]


@given(
    st.integers(0, 40),
    st.lists(st.tuples(st.integers(1, 400), st.sampled_from([900, 1000, 1600])), min_size=1, max_size=5),
)
def test_what_was_sold_at_a_price_is_billed_at_it(days, lines):
    """Each line bills the periods that it sells, within what quantities of two digits and whole days can say
    where two share a month; the days are all there, each once."""
    sold = [Sold(key, D(number) / 100, D(price)) for key, (number, price) in enumerate(lines)]
    periods = spans(START + timedelta(days), 1, calendar=True, quantity=ordered(sold))
    found = charged(periods, sold, {})
    assert sum(span.share for span, _key in found) == Fraction(ordered(sold))
    assert sum(span.quantity for span, _key in found) == ordered(sold)
    for (before, _key), (after, _other) in zip(found, found[1:], strict=False):
        assert after.start == before.end + timedelta(1)
    for price in {line.price for line in sold}:
        keys = {line.key for line in sold if line.price == price}
        billed = sum(span.share for span, key in found if key in keys)
        wanted = sum(line.quantity for line in sold if line.key in keys)
        assert abs(billed - Fraction(wanted)) <= Fraction(6, 100) * len(sold)


def test_more_taken_away_than_sold_is_nothing():
    assert ordered([Sold("sow", D(2), D(1)), Sold("cut", D(-3), D(1))]) == 0


def test_a_retainer_without_end_stays_on_its_line():
    months = spans(START, 1, calendar=True, until=date(2026, 3, 31))
    assert keys_of(months, [Sold("sow", D(1), D(1))], {}) == ["sow"] * 3
