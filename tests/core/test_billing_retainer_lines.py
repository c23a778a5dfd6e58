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


def test_a_line_that_bills_more_than_it_sells_takes_the_place_of_the_next_one():
    """From February on 1,100.00, from March on 1,200.00; February was billed at 1,000.00 before both changes
    were signed. It stands for the month at 1,100.00: March costs what was agreed for March."""
    months = spans(START, 1, calendar=True, quantity=D(4))
    february, march = date(2026, 2, 1), date(2026, 3, 1)
    sold = [
        Sold("sow", D(4), D(1000), order=1),
        Sold("cut", D(-3), D(1000), february, order=2),
        Sold("new", D(3), D(1100), february, order=2),
        Sold("cut again", D(-2), D(1100), march, order=3),
        Sold("newer", D(2), D(1200), march, order=3),
    ]
    fixed = {START: "sow", february: "sow"}
    assert keys_of(months, sold, fixed) == ["sow", "sow", "newer", "newer"]


def test_what_is_fixed_on_a_later_line_leaves_the_earlier_one_to_the_others():
    months = spans(START, 1, calendar=True, quantity=D(4))
    sold = [Sold("sow", D(2), D(1000)), Sold("new", D(2), D(900))]
    assert keys_of(months, sold, {START: "new"}) == ["new", "sow", "sow", "new"]


def test_a_period_at_an_indexed_price_counts_for_the_first_line_that_has_some_left():
    """January used up the first line, February (indexed) the second one: March is the third one's."""
    months = spans(START, 1, calendar=True, quantity=D(3))
    february, march = date(2026, 2, 1), date(2026, 3, 1)
    sold = [
        Sold("sow", D(1), D(1000)),
        Sold("more", D(1), D(1200)),
        Sold("last", D(1), D(1300), march),
        Sold("index", D(0), D(1050), february, indexed=True),
    ]
    assert keys_of(months, sold, {START: "sow", february: "index"}) == ["sow", "index", "last"]


def test_the_latest_indexation_gives_the_price_also_from_the_first_day_of_a_line():
    months = spans(START, 1, calendar=True, quantity=D(4))
    february, march, april = (date(2026, month, 1) for month in (2, 3, 4))
    sold = [
        Sold("sow", D(3), D(1000)),
        Sold("more", D(1), D(1200), april),
        Sold("first index", D(0), D(1050), february, indexed=True),
        Sold("second index", D(0), D(1100), march, indexed=True),
        Sold("third index", D(0), D(1300), april, indexed=True),
    ]
    assert keys_of(months, sold, {}) == ["sow", "first index", "second index", "third index"]


def test_what_was_sold_first_waits_for_its_first_day():
    """The first change order sells two months from June on, the second one a month from March on."""
    months = spans(START, 1, calendar=True, quantity=D(5))
    sold = [
        Sold("sow", D(2), D(1000)),
        Sold("june", D(2), D(1200), date(2026, 6, 1)),
        Sold("march", D(1), D(1100), date(2026, 3, 1)),
    ]
    assert keys_of(months, sold, {}) == ["sow", "sow", "march", "june", "june"]


def test_more_periods_than_were_sold_go_on_the_last_line_that_has_begun():
    months = spans(START, 1, calendar=True, quantity=D(4))
    sold = [
        Sold("sow", D(1), D(1000)),
        Sold("more", D(1), D(1200)),
        Sold("late", D(1), D(1300), date(2026, 6, 1)),
    ]
    assert keys_of(months, sold, {}) == ["sow", "more", "late", "more"]


def test_what_its_own_price_cannot_give_is_taken_off_another_price():
    """Two months are taken away at 1,200.00, where one was sold: one of the two at 1,000.00 goes as well."""
    months = spans(START, 1, calendar=True, quantity=D(3))
    sold = [
        Sold("sow", D(2), D(1000), order=1),
        Sold("more", D(1), D(1200), order=2),
        Sold("cut", D(-2), D(1200), order=3),
        Sold("new", D(2), D(900), order=3),
    ]
    assert keys_of(months, sold, {}) == ["sow", "new", "new"]


def days_of(lines, start, quantity, fixed=()):
    """``[(first day, last day, quantity, key)]``; days as (month, day)."""
    periods = spans(start, 1, calendar=True, quantity=D(quantity))
    return [
        ((span.start.month, span.start.day), (span.end.month, span.end.day), str(span.quantity), key)
        for span, key in charged(periods, lines, dict(fixed))
    ]


def test_the_month_after_those_that_are_billed_is_shared_by_its_days():
    """Two and a half months at 1,600.00, of which April is billed, and a half more at 1,900.00: 15 of the 30
    days of June are of each."""
    sold = [Sold("sow", D("2.5"), D(1600)), Sold("more", D("0.5"), D(1900))]
    april = date(2026, 4, 1)
    assert days_of(sold, april, 3, {april: "sow"}) == [
        ((4, 1), (4, 30), "1.00", "sow"),
        ((5, 1), (5, 31), "1.00", "sow"),
        ((6, 1), (6, 15), "0.50", "sow"),
        ((6, 16), (6, 30), "0.50", "more"),
    ]


def test_half_a_month_is_shared_by_its_own_days():
    """Of the 16 days of half a May a quarter of a month is 8."""
    sold = [Sold("sow", D("1.25"), D(1600)), Sold("more", D("0.25"), D(1900))]
    assert days_of(sold, date(2026, 4, 1), "1.5")[1:] == [
        ((5, 1), (5, 8), "0.25", "sow"),
        ((5, 9), (5, 16), "0.25", "more"),
    ]


def test_each_price_of_a_shared_month_has_a_day_at_least():
    """0.01 of the 30 days of April are 0.3 of a day, 0.99 of them 29.7."""
    little = [Sold("sow", D("0.01"), D(1600)), Sold("more", D("0.99"), D(1900))]
    much = [Sold("sow", D("0.99"), D(1600)), Sold("more", D("0.01"), D(1900))]
    assert days_of(little, date(2026, 4, 1), 1) == [
        ((4, 1), (4, 1), "0.01", "sow"),
        ((4, 2), (4, 30), "0.99", "more"),
    ]
    assert days_of(much, date(2026, 4, 1), 1) == [
        ((4, 1), (4, 29), "0.99", "sow"),
        ((4, 30), (4, 30), "0.01", "more"),
    ]


def test_two_days_can_be_shared_and_one_cannot():
    sold = [Sold("sow", D("0.03"), D(1000)), Sold("more", D(1), D(1200))]
    assert days_of(sold, date(2026, 3, 30), "1.03")[:2] == [
        ((3, 30), (3, 30), "0.03", "sow"),
        ((3, 31), (3, 31), "0.03", "more"),
    ]
    sold[0] = Sold("sow", D("0.02"), D(1000))
    assert days_of(sold, date(2026, 3, 31), "1.02")[0] == ((3, 31), (3, 31), "0.03", "sow")


def test_what_two_digits_cannot_say_is_no_period_of_its_own():
    """15 of 31 days are 0.4839 of a month and sold as 0.48: the rest of 0.0039 is no day at another price."""
    sold = [Sold("sow", D("0.48"), D(1000)), Sold("more", D("0.52"), D(1200))]
    assert days_of(sold, date(2026, 3, 17), 1) == [
        ((3, 17), (3, 31), "0.48", "sow"),
        ((4, 1), (4, 16), "0.52", "more"),
    ]


def test_what_is_taken_away_gives_no_price_of_a_retainer_without_end():
    months = spans(START, 1, calendar=True, until=date(2026, 3, 31))
    sold = [Sold("sow", D(0), D(1000)), Sold("cut", D(-1), D(900), date(2026, 2, 1))]
    found = charged(months, sold, {START: "sow"}, endless=True)
    assert [key for _span, key in found] == ["sow", "sow", "sow"]
