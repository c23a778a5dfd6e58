"""The work behind an invoice as its client reads it: by person, task and day.

>>> rows = [Row("Bo", "Review", date(2026, 3, 3), "", Decimal(2)), Row("Ann", "Design", date(2026, 3, 2), "", Decimal(3)),
...         Row("Bo", "Design", date(2026, 3, 2), "", Decimal(1))]
>>> for person in by_person(rows):
...     print(person.name, person.hours, [(row.task, row.date.day) for row in person.rows])
Ann 3 [('Design', 2)]
Bo 3 [('Design', 2), ('Review', 3)]
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Row:
    """Work of a person on a task on a day: hours as entered, hours as billed, net amount of the invoice."""

    person: str
    task: str
    date: date
    description: str
    hours: Decimal
    billable: Decimal = ZERO
    amount: Decimal = ZERO


@dataclass(frozen=True)
class Person:
    """A person's rows by task and day."""

    name: str
    rows: tuple

    @property
    def hours(self):
        return sum((row.hours for row in self.rows), ZERO)

    @property
    def billable(self):
        return sum((row.billable for row in self.rows), ZERO)

    @property
    def amount(self):
        return sum((row.amount for row in self.rows), ZERO)


def by_person(rows):
    """``[Person]`` by name; rows without a person (expenses) come last, under an empty name."""
    people = {}
    for row in sorted(rows, key=lambda row: (row.task, row.date, row.description)):
        people.setdefault(row.person, []).append(row)
    return [Person(name, tuple(people[name])) for name in sorted(people, key=lambda name: (not name, name))]
