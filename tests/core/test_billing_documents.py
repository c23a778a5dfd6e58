"""What stands on invoices and beside them, and how recurring revenue moves."""

from datetime import date
from decimal import Decimal

import pytest

from odoo.addons.psa_billing.core.backup import Row, by_person
from odoo.addons.psa_billing.core.credit import taken_back
from odoo.addons.psa_billing.core.layout import PERSON, TEXTS, Layout, line_text
from odoo.addons.psa_billing.core.recurring import movement

D = Decimal


def test_a_person_has_the_sums_of_their_rows_and_costs_come_last():
    rows = [
        Row("", "", date(2026, 3, 1), "Hotel", D(0), amount=D(90)),
        Row("Bo", "Design", date(2026, 3, 2), "", D(2), billable=D("2.25"), amount=D("337.50")),
        Row("Bo", "Review", date(2026, 3, 3), "", D(1), billable=D(1), amount=D(150)),
        Row("Ann", "Review", date(2026, 3, 3), "", D(1), billable=D(1), amount=D(150)),
    ]
    assert [(one.name, one.hours, one.billable, one.amount) for one in by_person(rows)] == [
        ("Ann", 1, 1, 150),
        ("Bo", 3, D("3.25"), D("487.50")),
        ("", 0, 0, 90),
    ]


def test_a_template_stands_in_front_of_the_usual_text():
    assert Layout(detail=PERSON).template == TEXTS[PERSON]
    assert Layout(detail=PERSON, text="{line}").template == "{line}"


def test_a_row_without_values_is_no_row():
    assert line_text("{line}\n{role}", {"line": "Design"}) == "Design"


def test_a_credit_takes_nothing_of_what_was_rounded_to_nothing():
    assert taken_back([("a", D(2)), ("b", D(0))], D(1)) == [("a", D(1))]


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        (1500, 1800, (0, 300, 0, 0)),
        (1500, 1200, (0, 0, 300, 0)),
        (1500, 1500, (0, 0, 0, 0)),
        (0, 1500, (1500, 0, 0, 0)),
        (1500, 0, (0, 0, 0, 1500)),
        (0, 0, (0, 0, 0, 0)),
    ],
)
def test_recurring_revenue_moves_one_way_only(before, after, moved):
    assert movement(D(before), D(after)) == moved
