"""Retainers: periods, drawdown, rollover; examples by hand, and what always holds."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.psa_billing.core.opening import figures_before, start_of_period
from odoo.addons.psa_billing.core.retainer_periods import (
    Charge,
    Span,
    add_months,
    around,
    correction,
    last_day,
    prorated,
    spans,
)
from odoo.addons.psa_billing.core.retainers import (
    BILL,
    HOLD,
    NEXT,
    UNTIL_END,
    Grant,
    Part,
    Terms,
    Work,
    draw,
    settlement,
    split,
)

D = Decimal
START = date(2026, 1, 1)


def grants(*hours, used=(), **last):
    """A period a month from January on; the first ``len(used)`` are closed."""
    periods = spans(START, 1, calendar=True, quantity=D(len(hours)))
    return [
        Grant(
            number,
            span.start,
            span.end,
            D(granted),
            used=D(used[number]) if number < len(used) else None,
            **(last if number == len(hours) - 1 else {}),
        )
        for number, (span, granted) in enumerate(zip(periods, hours, strict=True))
    ]


def work(key, month, hours, price=1):
    return Work(key, date(2026, month, 10), D(hours), D(price))


def rows(figures):
    return [tuple(float(v) for v in (f.opening, f.granted, f.used, f.expired, f.closing)) for f in figures]


def test_without_rollover_what_is_not_used_expires():
    figures, _parts = draw(grants(10, 10), [work(1, 1, 6)], Terms())
    assert rows(figures) == [(0, 10, 6, 4, 0), (0, 10, 0, 10, 0)]


def test_oldest_hours_are_used_and_expire_first():
    """Unused hours may be used in two later months."""
    figures, _parts = draw(grants(10, 10, 10, 10), [work(1, 1, 6), work(2, 2, 3), work(3, 3, 5)], Terms(2))
    # Jan: 4 left. Feb: 4 + 10 - 3 (January's) = 1 + 10. Mar: 11 + 10 - 5 (1 of Jan., 4 of Feb.): 6 Feb. +
    # 10 Mar.
    # Apr: 16 + 10 - 0: the 6 of February have had their two months.
    assert rows(figures) == [(0, 10, 6, 0, 4), (4, 10, 3, 0, 11), (11, 10, 5, 0, 16), (16, 10, 0, 6, 20)]


def test_a_cap_on_what_rolls_over_drops_the_oldest():
    figures, _parts = draw(grants(10, 10), [work(1, 1, 2)], Terms(UNTIL_END, rolled_cap=D(5)))
    # Jan: 8 left, 3 over the cap. Feb: 5 + 10, 10 over it.
    assert rows(figures) == [(0, 10, 2, 3, 5), (5, 10, 0, 10, 5)]


def test_work_over_the_next_grant_is_overage_too():
    """10 a month, 25 in January: 10 of January, 10 of February, 5 over. The 1 h of February finds nothing
    left
    but March's grant."""
    figures, parts = draw(grants(10, 10, 10), [work(1, 1, 25), work(2, 2, 1)], Terms(overage=NEXT))
    assert rows(figures) == [(0, 10, 20, 0, -10), (-10, 10, 1, 0, -1), (-1, 10, 0, 9, 0)]
    assert [(p.key, p.hours) for p in parts if p.over] == [(1, D(5))]


def test_the_last_period_has_no_next_grant():
    _figures, parts = draw(grants(10), [work(1, 1, 12)], Terms(overage=NEXT))
    assert [(p.hours, p.over) for p in parts] == [(D("10.00"), False), (D("2.00"), True)]


def test_late_work_draws_on_the_first_open_period():
    figures, parts = draw(grants(10, 10, used=(4,)), [work(1, 1, 3)], Terms(UNTIL_END))
    assert rows(figures) == [(0, 10, 4, 0, 6), (6, 10, 3, 0, 13)]
    assert parts[0].period == 1


def test_work_after_all_periods_are_closed_is_over():
    _figures, parts = draw(grants(10, used=(4,)), [work(1, 1, 3)], Terms(UNTIL_END))
    assert [(p.period, p.hours, p.over) for p in parts] == [(0, D(3), True)]


def test_a_correction_gives_back():
    figures, parts = draw(grants(10), [work(1, 1, 10), work(2, 1, -2), work(3, 1, 2)], Terms())
    assert rows(figures) == [(0, 10, 10, 0, 0)]
    assert not any(p.over for p in parts)


def test_what_is_left_at_the_end_is_kept_for_the_settlement():
    figures, _parts = draw(grants(10, 10, ends=True), [work(1, 2, 4)], Terms(keep_last=True))
    assert rows(figures) == [(0, 10, 0, 10, 0), (0, 10, 4, 0, 6)]
    assert settlement("refund", figures[-1].closing, D(150), D(0), D(0)) == D(-900)


def test_an_opening_from_before_replaces_what_rolled_in():
    periods = grants(10, 10, used=(0,))
    periods[1] = Grant(1, periods[1].start, periods[1].end, D(10), opening=D("7.5"))
    figures, _parts = draw(periods, [work(1, 2, 9)], Terms(1))
    # 7.5 of January are used first, then 1.5 of February; February's 8.5 roll over
    assert rows(figures)[1] == (7.5, 10, 9, 0, 8.5)


def test_money_is_drawn_in_whole_hundredths_of_an_hour():
    """1,000.00 a month; 6 h at 150.00 = 900.00, then 1 h at 130.00: 100.00 left / 130.00 = 0.76 h, 98.80."""
    figures, parts = draw(grants(1000), [work(1, 1, 6, 150), work(2, 1, 1, 130)], Terms(UNTIL_END))
    assert rows(figures) == [(0, 1000, 998.8, 0, 1.2)]
    assert [(p.hours, p.drawn, p.over) for p in parts[1:]] == [
        (D("0.76"), D("98.80"), False),
        (D("0.24"), D(0), True),
    ]


def test_nothing_is_split_below_a_hundredth():
    inside, over = split(work(1, 1, 1, 333), D("3"), 1)
    assert inside is None
    assert over.hours == 1


@pytest.mark.parametrize(
    ("kind", "expected"), [("none", D(0)), ("refund", D("-300.00")), ("minimum", D(200))]
)
def test_settlements(kind, expected):
    assert settlement(kind, D(2), D(150), D(800), D(1000)) == expected


def test_a_minimum_that_was_reached_settles_nothing():
    assert settlement("minimum", D(0), D(1), D(1200), D(1000)) == 0


def test_nothing_is_paid_back_where_more_was_used_than_granted():
    assert settlement("refund", D(-2), D(150), D(0), D(0)) == 0


def test_what_is_left_at_the_end_expires_unless_it_is_settled():
    assert rows(draw(grants(10, ends=True), [work(1, 1, 4)], Terms())[0]) == [(0, 10, 4, 6, 0)]


def test_an_opening_from_before_has_used_up_one_of_its_periods():
    """7.5 h rolled in. For one period: they expire with this one; for two: they are used in the next one."""
    periods = [replace(grants(10, 10)[1], opening=D("7.5"))]
    assert rows(draw(periods, [], Terms(1))[0]) == [(7.5, 10, 0, 7.5, 10)]
    assert rows(draw(periods, [], Terms(2))[0]) == [(7.5, 10, 0, 0, 17.5)]


@pytest.mark.parametrize(("rollover", "expired", "closing"), [(0, 1, 0), (1, 0, 1)])
def test_a_correction_gives_back_first_what_was_drawn_ahead(rollover, expired, closing):
    """5 h were drawn ahead, the month grants 2: of a correction of 4 h three settle that, one is left of this
    month's grant."""
    period = replace(grants(2)[0], opening=D(-5))
    figures, _parts = draw([period], [work(1, 1, -4)], Terms(rollover))
    assert rows(figures) == [(-5, 2, -4, expired, closing)]


def test_figures_say_how_many_hours_are_over():
    """12 h on 10; the next month nothing."""
    figures, _parts = draw(grants(10, 10), [work(1, 1, 12)], Terms())
    assert [figure.over_hours for figure in figures] == [D(2), D(0)]


def test_work_ahead_is_bound_by_what_the_next_period_grants():
    """10, 4 and 7 h: of 16 h in January 14 fit."""
    _figures, parts = draw(grants(10, 4, 7), [work(1, 1, 16)], Terms(overage=NEXT))
    assert [(part.hours, part.over) for part in parts] == [(D(14), False), (D(2), True)]


def test_the_last_day_of_a_period_is_its_own():
    _figures, parts = draw(grants(10, 10), [Work(1, date(2026, 1, 31), D(3))], Terms())
    assert parts[0].period == 0


def test_work_after_the_last_period_draws_on_it():
    figures, parts = draw(grants(10, 10), [work(1, 5, 3)], Terms())
    assert parts[0].period == 1
    assert rows(figures)[1] == (0, 10, 3, 7, 0)


def test_where_no_period_is_open_work_is_over_the_last_one():
    _figures, parts = draw(grants(10, 10, used=(4, 4)), [work(1, 1, 3)], Terms())
    assert parts == [Part(1, 1, D(3), D(0), over=True)]
    assert draw([], [work(1, 1, 3)], Terms()) == ([], [Part(1, None, D(3), D(0), over=True)])


def test_half_an_hour_does_not_overtake_the_work_of_the_day_before():
    works = [Work(1, date(2026, 1, 5), D(10)), Work(2, date(2026, 1, 6), D("0.5"))]
    _figures, parts = draw(grants(10), works, Terms())
    assert [(part.key, part.over) for part in parts] == [(1, False), (2, True)]


def test_twenty_minutes_are_drawn_as_they_were_entered():
    inside, over = split(work(1, 1, "0.3333"), D(10), 0)
    assert (inside.drawn, over) == (D("0.3333"), None)


def test_what_fits_is_never_worth_more_than_is_left():
    """Of 99.5 yen one hour at 99.5 is 100 yen: 0.99 hours, 99 yen, fit."""
    inside, over = split(work(1, 1, 2, "99.5"), D("99.5"), 0, unit=D(1))
    assert (inside.hours, inside.drawn, over.hours) == (D("0.99"), D(99), D("1.01"))


def test_nothing_fits_where_nothing_is_left():
    for left in (D(0), D(-3), D("0.4")):
        assert split(work(1, 1, 2, 100), left, 0) == (None, Part(1, 0, D(2), D(0), over=True))


# -- periods -----------------------------------------------------------------------------------


def test_a_quarter_of_the_calendar_by_days():
    """From 15 February: 45 of the 90 days of the first quarter."""
    first, second = spans(date(2026, 2, 15), 3, calendar=True, until=date(2026, 6, 30))
    assert (first.share, first.quantity, second.quantity) == (Fraction(1, 2), D("0.50"), D(1))


def test_months_counted_from_the_31st_do_not_drift():
    assert [
        span.start.isoformat() for span in spans(date(2026, 1, 31), 1, calendar=False, quantity=D(3))
    ] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
    ]


def test_nothing_ordered_has_no_periods():
    assert spans(START, 1, calendar=True, quantity=D(0)) == []


def test_less_than_a_day_is_a_day():
    assert [(s.start, s.end, s.quantity) for s in spans(START, 1, True, quantity=D("0.01"))] == [
        (START, START, D("0.01"))
    ]


# -- what always holds -------------------------------------------------------------------------

HOURS = st.integers(-300, 4000).map(lambda n: D(n) / 100)
WORKS = st.lists(st.tuples(st.integers(0, 200), HOURS, st.sampled_from([1, 95, 133, 150])), max_size=25)
TERMS = st.builds(
    Terms,
    rollover=st.sampled_from([0, 1, 2, 3, UNTIL_END]),
    rolled_cap=st.sampled_from([None, D(0), D(5), D("12.5")]),
    overage=st.sampled_from([BILL, HOLD, NEXT]),
    keep_last=st.booleans(),
)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.integers(0, 5000).map(lambda n: D(n) / 100), min_size=1, max_size=7),
    WORKS,
    TERMS,
    st.randoms(),
)
def test_balances_carry_over_and_no_work_is_lost(hours, raw, terms, rnd):
    money = rnd.random() < 0.5
    works = [
        Work(key, START + timedelta(days=day), amount, D(price) if money else D(1))
        for key, (day, amount, price) in enumerate(raw)
    ]
    periods = grants(*hours, ends=True)
    figures, parts = draw(periods, works, terms)
    shuffled = works[:]
    rnd.shuffle(shuffled)
    assert draw(periods, shuffled, terms) == (figures, parts)
    opening = D(0)
    for figure in figures:
        assert figure.opening == opening
        assert figure.opening + figure.granted - figure.used - figure.expired == figure.closing
        assert figure.expired >= 0
        if terms.overage != NEXT:
            assert figure.closing >= 0
        opening = figure.closing
    for item in works:
        own = [part for part in parts if part.key == item.key]
        assert sum(part.hours for part in own) == item.hours
        assert len([part for part in own if part.over]) <= 1 >= len([part for part in own if not part.over])
    used = sum((part.drawn for part in parts), D(0))
    assert used == sum(figure.used for figure in figures)


@settings(max_examples=500, deadline=None)
@given(
    st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    st.sampled_from([1, 3, 12]),
    st.booleans(),
    st.integers(1, 3000).map(lambda n: D(n) / 100),
    st.integers(1, 500000).map(lambda n: D(n) / 100),
)
@example(date(2020, 7, 28), 1, True, D("7.06"), D(100))
def test_periods_follow_each_other_and_bill_what_was_ordered(start, months, calendar, quantity, price):
    found = spans(start, months, calendar, quantity=quantity)
    assert sum(span.quantity for span in found) == quantity
    assert all(span.quantity >= 0 and span.share > 0 for span in found)
    assert found[0].start == start
    for one, other in zip(found, found[1:], strict=False):
        assert one.start <= one.end
        assert other.start == one.end + timedelta(days=1)
    assert found[-1].end >= max(start, last_day(start, months, quantity))
    amounts = prorated([span.share for span in found], price)
    assert sum(amounts) == (quantity * price).quantize(D("0.01"), rounding="ROUND_HALF_UP")
    assert add_months(start, months) > start


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(0, 5000).map(lambda n: D(n) / 100), max_size=7),
    st.integers(-5000, 40000).map(lambda n: D(n) / 100),
)
def test_periods_of_a_former_system_lead_to_their_balance(granted, left):
    opening, before = D(0), figures_before(granted, left)
    if before:
        opening = before[0][0]
        assert opening == max(left - sum(granted), D(0))
    for (own, used), grant in zip(before, granted, strict=True):
        assert own == opening and used >= 0
        opening = own + grant - used
    assert opening == left or not before
    for grant in granted:
        opening, used = start_of_period(left, grant, has_begun=True)
        assert opening + grant - used == left and min(opening, used) == 0 <= max(opening, used)


def test_what_was_used_before_is_drawn_first():
    """Of 10 hours 6 were used before: of 5 hours 1 is over."""
    first, second = grants(10, 10)
    first = replace(first, opening=D(0), used_before=D(6))
    figures, parts = draw([first, second], [work(1, 1, 5)], Terms())
    assert rows(figures) == [(0, 10, 10, 0, 0), (0, 10, 0, 10, 0)]
    assert [(part.hours, part.over) for part in parts] == [(D(4), False), (D(1), True)]


def test_the_last_half_of_a_month_is_billed_in_three_steps():
    """Half of March was sold, then four days more, each billed; now all of April, too: the rest of March, 11
    of its days, comes before it."""
    march, april = spans(date(2026, 3, 1), 1, calendar=True, quantity=D(2))
    fixed = {
        date(2026, 3, 1): (date(2026, 3, 16), D("0.50")),
        date(2026, 3, 17): (date(2026, 3, 20), D("0.13")),
    }
    assert [(s.start.day, s.end.day, str(s.quantity)) for s in around([march, april], fixed)] == [
        (1, 16, "0.50"),
        (17, 20, "0.13"),
        (21, 31, "0.37"),
        (1, 30, "1.00"),
    ]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.integers(0, 100000).map(lambda n: D(n) / 100))
def test_however_often_the_end_moves_what_is_charged_are_the_days_until_it(days, price):
    """March is billed; ``days``: how many of its 31 days the retainer has, one end after the other."""
    march, charges = Charge(date(2026, 3, 1), date(2026, 3, 31), D(1), price), []
    for number in days:
        end = min(number, 31)
        span = Span(march.start, march.start + timedelta(days=end - 1), Fraction(end, 31), D(0))
        quantity = (D(end) / 31).quantize(D("0.01"))
        wanted = Charge(span.start, span.end, quantity, prorated([span.share], price)[0]) if end else None
        charge = correction(march, charges, wanted)
        if charge:
            assert march.start <= charge.start <= charge.end <= march.end
            charges.append(charge)
        expected = (wanted.quantity, wanted.amount) if wanted else (0, 0)
        total = (1 + sum(one.quantity for one in charges), price + sum(one.amount for one in charges))
        assert total == expected
        assert correction(march, charges, wanted) is None
