"""Credit notes, opening balances, rates and contractors' bills, each by two at once.

In a database of its own, with real transactions; see ``races``.
"""

import pytest
from races import FIRST, SECOND

RACE = '''
# -- credit notes ------------------------------------------------------------------------------

def invoiced(own):
    """Four hours of four days, 600.00."""
    order = sow(own)
    for day in (2, 3, 4, 5):
        work_on(order.order_line, 1, f"2026-03-0{day}")
    return {"orders": order.ids, "billed": order.ids, "invoice": invoice(run_of(order).proposal_ids).id}

def credit(own, made, chosen, quantity=None):
    """The dialog Credit Work, with the entries of these numbers, or a quantity."""
    bill = own["account.move"].browse(made["invoice"])
    wizard = own["psa.credit.work"].with_context(default_move_id=bill.id).create({})
    work = own["psa.wip.entry"].search([("order_id", "in", made["orders"])], order="date, id")
    wizard.wip_ids = work.browse([work[number].id for number in chosen])
    if quantity:
        wizard.line_ids.quantity = quantity
    return own["account.move"].browse(wizard.action_credit()["res_id"])

def notes_of(own, made):
    return own["account.move"].browse(made["invoice"]).reversal_move_ids.sorted("id")

def post(number):
    return lambda own, made: notes_of(own, made)[number].action_post()

def two_notes(own):
    """Two drafts: one of three entries, one of 2 h."""
    made = invoiced(own)
    credit(own, made, (0, 1, 2))
    credit(own, made, (), 2)
    return made

def credited(own, made):
    work = own["psa.wip.entry"].search([("order_id", "in", made["orders"])])
    notes = notes_of(own, made)
    return [len(notes), sum(notes.filtered(lambda one: one.state == "posted").mapped("amount_untaxed")),
            sum(work.filtered(lambda one: one.state == "open").mapped("amount"))]

race("credited twice", invoiced, (
    lambda own, made: credit(own, made, (0, 1, 2)), lambda own, made: credit(own, made, (0, 1, 2))), credited)
race("credited and posted", invoiced, (
    lambda own, made: credit(own, made, (0, 1, 2)).action_post(),
    lambda own, made: credit(own, made, (1, 2, 3)).action_post()), credited)
race("both notes posted", two_notes, (post(0), post(1)), credited)

# -- opening balances --------------------------------------------------------------------------

HEAD = ["order_name", "line_number", "date", "billed_amount", "unbilled_amount"]

def two_lines(own):
    order = sow(own, hours(own), hours(own))
    return {"orders": order.ids, "billed": order.ids, "name": order.name, "lines": order.order_line.ids,
            "until": "2026-04-30"}

def with_time(own):
    made = two_lines(own)
    return {**made, "entry": log(own["sale.order.line"].browse(made["lines"][0]), 2).id}

def with_work(own):
    made = with_time(own)
    approve(own, made)
    return made

def load(own, made):
    rows = [[made["name"], "1", "2026-02-28", "7500", "600"],
            [made["name"], "2", "2026-02-28", "1500", "300"]]
    told = own["psa.opening.balance"].load(HEAD, rows)
    if told["messages"]:
        raise UserError(str([message["message"] for message in told["messages"]]))

def enter(own, made):
    own["psa.opening.balance"].create({"sale_line_id": made["lines"][0], "date": "2026-02-28",
                                       "billed_amount": 7500, "unbilled_amount": 600})

def enter_billed(own, made):
    own["psa.opening.balance"].create(
        {"sale_line_id": made["lines"][0], "date": "2026-02-28", "billed_amount": 7500})

def opened(own, made):
    own.invalidate_all()
    found = own["psa.opening.balance"].search([("order_id", "in", made["orders"])])
    order = own["sale.order"].browse(made["orders"])
    run_of(order, "2026-04-30")
    return [len(found), sum(found.wip_line_id.mapped("price_unit")), proposed(order)]

race("imported twice", two_lines, (load, load), opened)
race("entered twice", two_lines, (enter, enter), opened)
race("imported while time is approved", with_time, (load, approve), opened)
race("imported while a run bills", with_work, (load, propose), opened)
race("entered while a run bills", with_work, (enter_billed, propose), opened)

# -- rate cards --------------------------------------------------------------------------------

def empty_card(own):
    card = own["psa.rate.card"].create({"name": "Partners", "active": False})
    return {"card": card.id, "role": own["project.role"].search([("name", "=", "Architect")]).id}

def load_rates(day):
    def work(own, made):
        told = own["psa.rate.card.line"].load(
            ["card_id/.id", "role_id/.id", "date_start", "price"],
            [[str(made["card"]), str(made["role"]), day, "150"]])
        if told["messages"]:
            raise UserError(str([message["message"] for message in told["messages"]]))
    return work

def rates(own, made):
    return len(own["psa.rate.card.line"].search([("card_id", "=", made["card"])]))

race("rates imported twice", empty_card, (load_rates("2026-01-01"), load_rates("2026-02-01")), rates)

# -- contractors' bills ------------------------------------------------------------------------

def bill_of(own):
    vendor = own["res.partner"].search([("name", "=", "Freelance Ltd")])
    bill = own["account.move"].create({
        "move_type": "in_invoice", "partner_id": vendor.id,
        "invoice_date": "2026-04-08", "date": "2026-04-08", "invoice_line_ids": [Command.create(
            {"name": "Work", "quantity": 1, "price_unit": 700, "tax_ids": False})]})
    bill.action_post()
    return bill

def worked(own):
    """10 h of a contractor in a project of their own, and two bills of 700.00."""
    # hours of the races before are none of this bill's
    own["account.analytic.line"].search([("project_id", "!=", False), ("psa_cost_bill_line_id", "=", False)]
        )._psa_match(bill_of(own).invoice_line_ids)
    order = sow(own)
    entry = work_on(order.order_line, 10)
    return {"orders": order.ids, "entry": entry.id, "bills": [bill_of(own).id, bill_of(own).id]}

def match(number):
    def work(own, made):
        wizard = own["psa.expense.match"].create({"move_id": made["bills"][number]})
        wizard.action_match()
    return work

def paid(own, made):
    entry = own["account.analytic.line"].browse(made["entry"])
    bills = own["account.move"].browse(made["bills"])
    return [entry.amount, entry.psa_own_cost, sorted(len(bill._psa_hours()) for bill in bills),
            sorted(bool(line.analytic_distribution) for line in bills.invoice_line_ids)]

race("one bill matched twice", worked, (match(0), match(0)), paid)
race("two bills matched", worked, (match(0), match(1)), paid)
'''


# -- credit notes ------------------------------------------------------------------------------


def test_work_is_on_one_draft_credit_note(raced):
    for meeting in (FIRST, SECOND):
        one = raced["credited twice", meeting]
        assert one.figures == [1, 0, 0] and one.once(meeting)
        assert "is credited by the draft" in one.refused
    raced.check_at_once("credited twice")


def test_what_was_credited_is_not_credited_again(raced):
    """Three of four hours are 450.00; of the other three two are credited by then."""
    for meeting in (FIRST, SECOND):
        one = raced["credited and posted", meeting]
        assert one.figures == [1, 450, 450] and one.once(meeting)
        assert "is not billed by" in one.refused
    raced.check_at_once("credited and posted")


def test_two_credit_notes_take_back_no_more_than_was_billed(raced):
    """Of 4 h, 600.00, one note credits 3 h, 450.00, the other 2 h, 300.00."""
    for meeting, amount in ((FIRST, 450), (SECOND, 300)):
        one = raced["both notes posted", meeting]
        assert one.figures == [2, amount, amount] and one.once(meeting)
        assert "cannot take back" in one.refused
    raced.check_at_once("both notes posted")


# -- opening balances --------------------------------------------------------------------------


def test_the_same_file_opens_its_lines_once(raced):
    """600.00 and 300.00 wait."""
    for meeting in (FIRST, SECOND):
        assert raced["imported twice", meeting].outcomes == ("done", "done")
        assert raced["imported twice", meeting].figures == [2, 900, 900]
        assert raced["entered twice", meeting].outcomes == ("done", "done")
        assert raced["entered twice", meeting].figures == [1, 600, 600]
    raced.check_at_once("imported twice")
    raced.check_at_once("entered twice")


def test_an_import_that_meets_others_is_run_again(raced):
    """900.00 wait, and 2 h × 150.00 are approved meanwhile."""
    for meeting in (FIRST, SECOND):
        one = raced["imported while time is approved", meeting]
        assert (one.figures, one.outcomes) == ([2, 900, 1200], ("done", "done"))
    raced.check_at_once("imported while time is approved")


def test_a_line_is_opened_or_billed(raced):
    """2 h × 150.00 are proposed; 900.00 beside them only where the balances were first."""
    first, second = raced["imported while a run bills", FIRST], raced["imported while a run bills", SECOND]
    assert (first.figures, first.outcomes) == ([2, 900, 1200], ("done", "done"))
    assert (second.figures, second.done) == ([0, 0, 300], (False, True))
    first, other = raced["entered while a run bills", FIRST], raced["entered while a run bills", SECOND]
    assert (first.figures, first.outcomes) == ([1, 0, 300], ("done", "done"))
    assert (other.figures, other.done) == ([0, 0, 300], (False, True))
    for one in (second, other):
        assert "its opening balance is built upon" in one.refused
    raced.check_at_once("imported while a run bills")
    raced.check_at_once("entered while a run bills")


def test_rates_that_two_import_do_not_overlap(raced):
    """From January on, and from February on."""
    for meeting in (FIRST, SECOND):
        one = raced["rates imported twice", meeting]
        assert one.figures == 1 and one.once(meeting)
        assert "hold on the same day" in one.refused
    raced.check_at_once("rates imported twice")


# -- contractors' bills ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ("one bill matched twice", "two bills matched"))
def test_hours_are_paid_by_one_bill(raced, name):
    """10 h × 60.00 by themselves; a bill pays for them, and they cost nothing more."""
    for meeting in (FIRST, SECOND):
        one = raced[name, meeting]
        assert one.figures == [0, -600, [0, 1], [False, True]] and one.once(meeting)
        assert "There are no hours to match" in one.refused
    raced.check_at_once(name)
