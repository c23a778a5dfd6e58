"""A hundred thousand rate questions against 50 cards with 5,000 rows: the resolver against a naive scan.

Pure Python on both sides, no database. Each question asks four of the cards: those of the SOW, agreement,
client and company. Building the index counts as ours.
"""

import random
import zlib
from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.psa_contracts.core.rates import DAY, HOUR, RateCards, RateRow

START, DAYS = date(2026, 1, 1), 730
SIZES = {"rates_100k": (50, 5_000, 100_000)}
QUICK = (8, 400, 5_000)
ROLES, PEOPLE, PLACES = 20, 40, 4

#: what ``seed`` made: {card: rows} and the number of questions
DATA = {}


def seed(env, name, quick):
    """Cards with dated rows by role, some of a person or a place, a tenth per day."""
    card_count, row_count, question_count = QUICK if quick else SIZES[name]
    rnd = random.Random(7)
    cards = {card: [] for card in range(card_count)}
    for number in range(row_count):
        start = START + timedelta(days=rnd.randrange(DAYS))
        cards[number % card_count].append(
            RateRow(
                role=rnd.randrange(ROLES),
                employee=rnd.randrange(PEOPLE) if rnd.random() < 0.3 else None,
                start=start,
                end=start + timedelta(days=rnd.randrange(30, 360)) if rnd.random() < 0.5 else None,
                price=Decimal(rnd.randrange(80, 400)),
                row_id=number,
                location=rnd.randrange(PLACES) if rnd.random() < 0.2 else None,
                unit=DAY if rnd.random() < 0.1 else HOUR,
            )
        )
    DATA.update(cards=cards, questions=question_count)
    return f"{question_count} questions, {card_count} cards, {row_count} rows"


def questions():
    """The same questions each time, one by one."""
    rnd = random.Random(11)
    orders = [tuple(rnd.sample(range(len(DATA["cards"])), 4)) for _number in range(200)]
    days = [START + timedelta(days=number) for number in range(DAYS)]
    for number in range(DATA["questions"]):
        yield (
            orders[number % 200],
            number * 7 % ROLES,
            number * 13 % PEOPLE,
            number * 5 % PLACES,
            days[number * 17 % DAYS],
        )


def digest(answers):
    """A check sum of which card and row answered each question, and how many did."""
    check = found = 0
    for answer in answers:
        if answer is not None:
            found += 1
            check = zlib.crc32(b"%d %d" % (answer[0], answer[1].row_id), check)
    return found, check


def warm(env):
    """Nothing to warm: there is no cache."""


def ours(env):
    """Index the rows, ask every question."""
    answers = RateCards(DATA["cards"]).resolve_many(questions())
    return digest(answer and (answer.card, answer.row) for answer in answers)


def peer(env):
    """Read every row of the cards asked, keep the best by the same rules."""
    return digest(scan(*question) for question in questions())


def scan(card_order, role, employee, location, day):
    """``(card, row)`` of the answer, or None."""
    for card in card_order:
        best = None
        for row in DATA["cards"][card]:
            if (
                row.role == role
                and (row.employee is None or row.employee == employee)
                and (row.location is None or row.location == location)
                and row.start <= day
                and (row.end is None or day <= row.end)
            ):
                rank = (row.employee is not None, row.location is not None, row.start)
                if best is None or rank > best[0]:
                    best = rank, row
        if best:
            return card, best[1]
    return None


def result(env, figures):
    """Both have to find the same rows."""
    return list(figures)
