"""What a change order writes, and the plans of templates that have to fit a period."""

from datetime import date
from decimal import Decimal

import pytest

from odoo.addons.psa_contracts.core.change_orders import BelowUsed, Delta, Level, deltas
from odoo.addons.psa_contracts.core.plan import fit_phase, phase_dates

D = Decimal


def test_less_than_what_was_worked_is_refused():
    levels = [Level(D(120), D(100))]
    with pytest.raises(BelowUsed, match="39 is below 40"):
        deltas(levels, D(39), D(120), D(40), D(0))
    assert deltas(levels, D(40), D(120), D(40), D(0)) == [Delta(D(-60), D(120))]


def test_a_price_of_which_nothing_is_taken_off_has_no_line():
    """Ten hours less: all of them at the price that was agreed last."""
    levels = [Level(D(120), D(100)), Level(D(130), D(20))]
    assert deltas(levels, D(110), D(130), D(0), D(0)) == [Delta(D(-10), D(130))]


def test_where_all_that_was_ordered_is_worked_only_what_comes_has_the_new_price():
    assert deltas([Level(D(120), D(40))], D(50), D(130), D(45), D(45)) == [Delta(D(10), D(130), steps=True)]


def test_a_plan_needs_days_and_a_period_to_fit():
    start = date(2026, 3, 1)
    for end, planned in ((date(2026, 2, 28), 30), (date(2026, 3, 15), 0)):
        with pytest.raises(ValueError, match="at least one day"):
            fit_phase(start, end, planned, 0, 1)
    with pytest.raises(ValueError, match="cannot begin 3 days before"):
        phase_dates(start, -3, 7)


def test_a_phase_of_a_plan_that_is_pressed_has_a_day_at_least():
    assert fit_phase(date(2026, 3, 1), date(2026, 3, 2), 30, 29, 1) == (date(2026, 3, 2), date(2026, 3, 2))
    assert fit_phase(date(2026, 3, 1), date(2026, 3, 1), 30, 0, 1) == (date(2026, 3, 1), date(2026, 3, 1))
