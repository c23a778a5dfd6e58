"""Days of the periods of a retainer: early ends, pauses, corrections."""

from datetime import date
from decimal import Decimal

from odoo.addons.psa_billing.core.retainer_periods import Charge, correction, running, spans

D = Decimal
START = date(2026, 1, 1)


def test_a_part_of_a_period_that_is_billed_is_not_charged_again_where_the_retainer_goes_on():
    """The first half of March is billed; the other half, which is sold later, is a period of its own."""
    half = Charge(date(2026, 3, 1), date(2026, 3, 16), Decimal("0.5"), Decimal(750))
    march = Charge(date(2026, 3, 1), date(2026, 3, 31), Decimal(1), Decimal(1500))
    assert correction(half, [], march) is None


def test_a_retainer_that_ends_before_it_begins_has_no_periods():
    assert spans(date(2026, 3, 15), 1, calendar=True, until=date(2026, 3, 10)) == []


def test_a_period_is_left_out_by_one_of_several_pauses():
    pauses = [(date(2026, month, 1), date(2026, month, 28 + 3 * (month % 2))) for month in (2, 5)]
    found = running(pauses, START, 1, calendar=True, quantity=D(4))
    assert [span.start.month for span in found] == [1, 3, 4, 6]


def test_a_month_after_the_end_of_its_retainer_is_given_back_whole():
    march = Charge(date(2026, 3, 1), date(2026, 3, 31), Decimal(1), Decimal(1500))
    assert correction(march, [], None) == Charge(march.start, march.end, Decimal(-1), Decimal(-1500))
