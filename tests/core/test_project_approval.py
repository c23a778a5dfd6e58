"""Approval and periods: the rules, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.psa_project.core import approval, periods

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
PERIODS = st.tuples(DAYS, st.one_of(st.none(), st.integers(0, 400))).map(
    lambda pair: (pair[0], None if pair[1] is None else pair[0] + timedelta(days=pair[1]))
)


@given(st.lists(st.sampled_from(sorted(approval.STEPS)), max_size=30))
def test_nothing_is_approved_that_was_not_submitted(steps):
    state, submitted = approval.DRAFT, False
    for step in steps:
        try:
            state = approval.next_state(state, step)
        except approval.ForbiddenStep:
            continue
        submitted = submitted or step == "submit"
        assert state != approval.APPROVED or submitted
        submitted = submitted and step != "recall"


@pytest.mark.parametrize("step", sorted(approval.STEPS))
def test_every_step_leads_to_another_state(step):
    for state in approval.states_for(step):
        assert approval.next_state(state, step) != state


def test_an_unknown_step_is_forbidden():
    with pytest.raises(approval.ForbiddenStep, match="delete is not possible from draft"):
        approval.next_state(approval.DRAFT, "delete")


@given(st.lists(PERIODS, max_size=6))
def test_an_overlap_is_found_exactly_where_two_periods_share_a_day(rows):
    def share(one, other):
        return any(
            periods.is_valid_on(day, *one) and periods.is_valid_on(day, *other) for day in (one[0], other[0])
        )

    keyed = [(n, *row) for n, row in enumerate(rows)]
    expected = any(share(one, other) for n, one in enumerate(rows) for other in rows[n + 1 :])
    assert bool(periods.first_overlap(keyed)) == expected


def test_open_beginnings_count():
    assert periods.first_overlap([("a", None, date(2026, 1, 1)), ("b", date(2026, 1, 1), None)]) == ("a", "b")
    assert periods.first_overlap([("a", None, date(2026, 1, 1)), ("b", date(2026, 1, 2), None)]) is None
