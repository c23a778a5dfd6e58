"""When a client is reminded."""

from datetime import date

from odoo.addons.psa_billing.core.dunning import Debt, Level, next_level, plan

FRIENDLY, FIRM = Level("friendly", 7), Level("firm", 21)
TODAY = date(2026, 4, 30)


def test_a_level_is_reached_on_its_day():
    assert next_level([FIRM, FRIENDLY], 7, None) == FRIENDLY
    assert next_level([FIRM, FRIENDLY], 6, None) is None
    assert next_level([FIRM, FRIENDLY], 21, 7) == FIRM


def test_nobody_is_reminded_of_what_they_were_told():
    """Both are overdue; of neither has a new level come."""
    assert plan([FRIENDLY, FIRM], [Debt("A", 10, told=7), Debt("B", 90, told=21)], TODAY) is None


def test_where_no_days_lie_between_reminders_a_second_one_goes_out_the_same_day():
    assert plan([FRIENDLY], [Debt("A", 8)], TODAY, last_sent=TODAY).level == FRIENDLY
    assert plan([FRIENDLY], [Debt("A", 8)], TODAY, last_sent=TODAY, gap=1) is None
