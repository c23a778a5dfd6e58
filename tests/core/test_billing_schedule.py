"""When SOWs are due, and which days a run bills."""

from datetime import date

import pytest

from odoo.addons.psa_billing.core.schedule import (
    COMPLETION,
    MONTHLY,
    WEEKLY,
    due_window,
    last_period_end,
)

MARCH = date(2026, 3, 1), date(2026, 3, 31)


def test_what_is_billed_at_completion_has_no_periods():
    with pytest.raises(ValueError, match="completion has no periods"):
        last_period_end(COMPLETION, 0, date(2026, 3, 31))


def test_what_is_billed_at_completion_is_due_whole_once_it_is_complete():
    assert due_window(COMPLETION, 0, *MARCH) is None
    assert due_window(COMPLETION, 0, *MARCH, complete=False) is None
    assert due_window(COMPLETION, 0, *MARCH, complete=True) == (None, date(2026, 3, 31))


def test_a_run_of_one_day_bills_the_period_that_ends_on_it():
    sunday = date(2026, 3, 8)
    assert due_window(WEEKLY, 0, sunday, sunday) == (date(2026, 3, 2), sunday)


def test_a_run_that_begins_after_the_end_of_a_period_leaves_it_to_the_run_before():
    assert due_window(MONTHLY, 25, date(2026, 3, 26), date(2026, 4, 20)) is None
    assert due_window(MONTHLY, 25, date(2026, 3, 25), date(2026, 4, 20)) == (
        date(2026, 2, 26),
        date(2026, 3, 25),
    )
