"""Milestones, retainers, fees, credit notes, opening balances and contractors' bills, each by two at once.

In a database of its own, with real transactions; see ``races``.
"""

import pytest
from races import FIRM, FIRST, RACES, SECOND, Races

RACE = '''
def proposed(orders):
    """What is proposed and invoiced of these SOWs, without taxes."""
    lines = orders.env["psa.billing.proposal.line"].search([
        ("sale_line_id.order_id", "in", orders._psa_contract().ids), ("proposal_state", "!=", "cancelled")])
    return round(sum(lines.mapped("amount")), 2)

# -- milestones --------------------------------------------------------------------------------

def planned(*shares, reached=False, accepts=False):
    def make(own):
        """A go-live for 5,000.00 in milestones of these shares, beside a fixed price of 1.00."""
        order = sow(own, sold(own, "milestone", 5000, name="Go-live"), sold(own, "fixed", 1),
                    psa_milestone_acceptance=accepts)
        line = order.order_line[0]
        milestones = own["project.milestone"].search([("sale_line_id", "=", line.id)])
        milestones.write({"quantity_percentage": shares[0]})
        milestones |= milestones.create([{"name": "Part", "project_id": milestones.project_id.id,
            "sale_line_id": line.id, "quantity_percentage": share} for share in shares[1:]])
        milestones = milestones.sorted("id")
        milestones.write({"is_reached": reached})
        return {"orders": order.ids, "billed": order.ids, "line": line.id, "milestones": milestones.ids}
    return make

def accepted(own):
    """Reached, and accepted by the client."""
    made = planned(1, reached=True, accepts=True)(own)
    accept(own, made)
    return made

def on_proposal(own):
    made = planned(1, reached=True)(own)
    propose(own, made)
    return made

def accept(own, made):
    milestone = own["project.milestone"].browse(made["milestones"][0])
    milestone.sudo()._psa_accept("Clara", date(2026, 3, 5))

def withdraw(own, made):
    own["project.milestone"].browse(made["milestones"][0]).action_psa_withdraw_acceptance()

def set_on(number, **values):
    return lambda own, made: own["project.milestone"].browse(made["milestones"][number]).write(values)

def add(own, made):
    line = own["sale.order.line"].browse(made["line"])
    own["project.milestone"].create({
        "name": "More", "project_id": line.project_id.id or line.task_id.project_id.id,
        "sale_line_id": line.id, "quantity_percentage": 0.4})

def approve_proposal(own, made):
    proposals_of(own["sale.order"].browse(made["billed"])).action_approve()

def delivered(own, made):
    line = own["sale.order.line"].browse(made["line"])
    milestones = own["project.milestone"].search([("sale_line_id", "=", line.id)])
    return [round(sum(milestones.mapped("quantity_percentage")), 2), line.qty_delivered,
            proposed(line.order_id), sorted(set(proposals_of(line.order_id).mapped("state")))]

def run_again(own, made):
    """As ``delivered``, once the next run has billed what waits."""
    propose(own, made)
    return delivered(own, made)

def not_invoiced(own, made):
    """As ``delivered``, and whether what is approved can be invoiced."""
    try:
        with own.cr.savepoint():
            proposals_of(own["sale.order"].browse(made["billed"])).action_create_invoice()
        return [*delivered(own, made)[:3], "invoiced"]
    except UserError:
        return [*delivered(own, made)[:3], "not invoiced"]

race("milestones added", planned(0.4), (add, add), delivered)
race("shares raised", planned(0.4, 0.4), (
    set_on(0, quantity_percentage=0.6), set_on(1, quantity_percentage=0.6)), delivered)
race("both reached", planned(0.5, 0.5), (set_on(0, is_reached=True), set_on(1, is_reached=True)), delivered)
race("accepted", planned(1, reached=True, accepts=True), (accept, propose), run_again)
race("accepted twice", planned(1, reached=True, accepts=True), (accept, accept), delivered)
race("acceptance withdrawn", accepted, (withdraw, propose), run_again)
race("share lowered", on_proposal, (set_on(0, quantity_percentage=0.5), approve_proposal), not_invoiced)

# -- retainers ---------------------------------------------------------------------------------

def retainer(own, price=1500, quantity=3, **values):
    """10 hours for 1,500.00 a month from March on."""
    return sold(own, "retainer", price, quantity=quantity, psa_retainer_hours=10, **values)

def periods_of(own, made):
    return own["psa.retainer.period"].search([("order_id", "in", made["orders"])], order="date_start, id")

def drawn(own):
    """8 h of March are used, 4 h more are submitted."""
    order = sow(own, retainer(own))
    work_on(order.order_line, 8)
    return {"orders": order.ids, "billed": order.ids, "entry": log(order.order_line, 4, "2026-03-20").id}

def close(own, made):
    periods_of(own, made)[0].action_close()

def reopen(own, made):
    periods_of(own, made)[0].action_reopen()

def balance(own, made):
    """(used, over) of each month."""
    return [[period.used, period.over_hours, bool(period.is_closed)] for period in periods_of(own, made)[:2]]

def invoice_march(own, made):
    order = own["sale.order"].browse(made["billed"])
    invoice(run_of(order).proposal_ids, post=False)

race("period closed", drawn, (close, approve), balance)
race("period invoiced", drawn, (invoice_march, approve), balance)

def ending(own):
    """Three months with a minimum of 5,000.00: 500.00 are billed up."""
    order = sow(own, retainer(own, psa_retainer_true_up="minimum", psa_retainer_minimum=5000))
    return {"orders": order.ids, "billed": order.ids, "until": "2026-05-31"}

def settled(own, made):
    order = own["sale.order"].browse(made["orders"])
    run_of(order, "2026-05-31")
    lines = order.order_line.filtered("psa_true_up_of_line_id")
    return [lines.mapped("price_unit"), proposed(order)]

race("settled twice", ending, (propose, propose), settled)

def endless(own):
    """Without end; a change order ends it on 15 March."""
    order = sow(own, retainer(own, quantity=1, psa_retainer_open_ended=True), psa_date_end=False)
    change = change_order(order, psa_date_end="2026-03-15")
    return {"orders": order.ids, "billed": order.ids, "change": change.id}

def charged(own, made):
    order = own["sale.order"].browse(made["orders"])
    run_of(order, "2026-04-30")
    until_may = periods_of(own, made).filtered(lambda one: str(one.date_start) < "2026-06")
    return [order.psa_change_ids.state, proposed(order), round(sum(until_may.mapped("amount")), 2)]

race("retainer ended", endless, (confirm, propose), charged)

# -- success fees ------------------------------------------------------------------------------

def fee(own, approved=False):
    """A fee of 1,000.00 beside a fixed price of 1.00; its result is recorded. A change order takes it off."""
    order = sow(own, sold(own, "success_fee", 1000), sold(own, "fixed", 1))
    fee = order.psa_success_fee_ids
    report = own["ir.attachment"].create({"name": "report.pdf", "raw": b"savings"})
    fee.write({"result_amount": 1, "result_date": "2026-03-20", "evidence_ids": [Command.set(report.ids)]})
    made = {"orders": order.ids, "billed": order.ids, "fee": fee.id}
    if approved:
        fee.action_claim()
        fee.action_approve()
    else:
        line = order.order_line[0]
        made["change"] = change_order(order, amend(line, -1, price_unit=1000)).id
    return made

def claim(own, made):
    own["psa.success.fee"].browse(made["fee"]).action_claim()

def withdraw_fee(own, made):
    own["psa.success.fee"].browse(made["fee"]).action_withdraw()

def owed(own, made):
    fee = own["psa.success.fee"].browse(made["fee"])
    order = fee.order_id
    return [fee.state, order.psa_current_amount, proposed(order), len(fee.message_ids.tracking_value_ids)]

race("claimed twice", fee, (claim, claim), owed)
race("claimed and taken off", fee, (claim, confirm), owed)
race("approval withdrawn", lambda own: fee(own, True), (withdraw_fee, propose), owed)

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


@pytest.fixture(scope="module")
def raced(firm_of_module):
    run, install = firm_of_module
    install()
    return Races(run(FIRM + RACES + RACE))


def once(one, meeting):
    """Whether exactly he who was first came through."""
    return one.done == (meeting == FIRST, meeting == SECOND)


# -- milestones --------------------------------------------------------------------------------


def test_milestones_make_up_the_whole_of_their_line_at_most(raced):
    """40 % and two of 40 % more at once; two of 40 % raised to 60 % at once: 120 %."""
    for meeting in (FIRST, SECOND):
        added, raised = raced["milestones added", meeting], raced["shares raised", meeting]
        assert (added.figures, raised.figures) == ([0.8, 0, 0, []], [1, 0, 0, []])
        for one in (added, raised):
            assert once(one, meeting)
            assert "would make up 120 % of it" in one.refused
    raced.check_at_once("milestones added")
    raced.check_at_once("shares raised")


def test_both_milestones_that_are_reached_count(raced):
    """Two halves of a go-live."""
    for meeting in (FIRST, SECOND):
        assert raced["both reached", meeting].figures == [1, 1, 0, []]
        assert raced["both reached", meeting].done == (True, True)
    raced.check_at_once("both reached")


def test_an_accepted_milestone_is_billed_by_this_run_or_the_next(raced):
    """5,000.00 and a fixed price of 1.00."""
    for meeting in (FIRST, SECOND):
        assert raced["accepted", meeting].figures == [1, 1, 5001, ["draft"]]
        assert raced["accepted", meeting].done == (True, True)
    raced.check_at_once("accepted")


def test_a_milestone_is_accepted_once(raced):
    for meeting in (FIRST, SECOND):
        one = raced["accepted twice", meeting]
        assert one.figures == [1, 1, 0, []] and once(one, meeting)
        assert "was accepted already" in one.refused
    raced.check_at_once("accepted twice")


def test_an_acceptance_is_taken_back_or_billed(raced):
    """Taken back, the fixed price of 1.00 is proposed alone."""
    first, second = raced["acceptance withdrawn", FIRST], raced["acceptance withdrawn", SECOND]
    assert (first.figures, first.done) == ([1, 0, 1, ["draft"]], (True, True))
    assert (second.figures, second.done) == ([1, 1, 5001, ["draft"]], (False, True))
    assert "was accepted and is billed on SOW, or about to be" in second.refused
    raced.check_at_once("acceptance withdrawn")


def test_what_a_milestone_releases_no_more_is_not_invoiced(raced):
    """5,000.00 and 1.00 are proposed, then half of the milestone is left: whoever approves at the same moment
    approves what cannot be invoiced."""
    for one in raced.all("share lowered"):
        assert one.figures == [0.5, 0.5, 5001, "not invoiced"]
        assert one.done[0] and (one.done[1] or "is not due any more as it was proposed" in one.refused)


# -- retainers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ("period closed", "period invoiced"))
def test_time_draws_on_the_period_that_is_open(raced, name):
    """8 h of the 10 h of March are used; 4 h more are 2 h of March and 2 h over it. Once March is closed they
    are 4 h of April."""
    first, second = raced[name, FIRST], raced[name, SECOND]
    assert (first.figures, first.done) == ([[8, 0, True], [4, 0, False]], (True, True))
    assert (second.figures, second.done) == ([[10, 2, True], [0, 0, False]], (True, True))
    raced.check_at_once(name)


def test_a_retainer_is_settled_once(raced):
    """3 × 1,500.00 and 500.00 up to the minimum."""
    for meeting in (FIRST, SECOND):
        assert raced["settled twice", meeting].figures == [[500], 5000]
        assert raced["settled twice", meeting].done == (True, True)
    raced.check_at_once("settled twice")


def test_a_retainer_that_ends_is_charged_by_its_days(raced):
    """15 of 31 days of 1,500.00 are 725.81, also where a run had proposed the whole month: 774.19 are given
    back."""
    for meeting in (FIRST, SECOND):
        assert raced["retainer ended", meeting].figures == ["sale", 725.81, 725.81]
        assert raced["retainer ended", meeting].done == (True, True)
    raced.check_at_once("retainer ended")


# -- success fees ------------------------------------------------------------------------------


def test_a_fee_is_claimed_once(raced):
    for meeting in (FIRST, SECOND):
        one = raced["claimed twice", meeting]
        assert one.figures[:3] == ["claimed", 1001, 0] and once(one, meeting)
        assert "is claimed. Load the page again" in one.refused
    raced.check_at_once("claimed twice")


def test_a_fee_is_claimed_or_taken_off(raced):
    """1,000.00 and 1.00 are agreed; without the fee 1.00."""
    first, second = raced["claimed and taken off", FIRST], raced["claimed and taken off", SECOND]
    assert (first.figures[:3], first.done) == (["claimed", 1001, 0], (True, False))
    assert "is claimed. Have the claim rejected" in first.refused
    assert (second.figures[:3], second.done) == (["agreed", 1, 0], (False, True))
    assert "was taken off SOW by SOW-CO1" in second.refused
    raced.check_at_once("claimed and taken off")


def test_an_approval_is_withdrawn_or_billed(raced):
    first, second = raced["approval withdrawn", FIRST], raced["approval withdrawn", SECOND]
    assert (first.figures[:3], first.done) == (["claimed", 1001, 1], (True, True))
    assert (second.figures[:3], second.done) == (["approved", 1001, 1001], (False, True))
    assert "is about to be billed" in second.refused
    raced.check_at_once("approval withdrawn")


# -- credit notes ------------------------------------------------------------------------------


def test_work_is_on_one_draft_credit_note(raced):
    for meeting in (FIRST, SECOND):
        one = raced["credited twice", meeting]
        assert one.figures == [1, 0, 0] and once(one, meeting)
        assert "is credited by the draft" in one.refused
    raced.check_at_once("credited twice")


def test_what_was_credited_is_not_credited_again(raced):
    """Three of four hours are 450.00; of the other three two are credited by then."""
    for meeting in (FIRST, SECOND):
        one = raced["credited and posted", meeting]
        assert one.figures == [1, 450, 450] and once(one, meeting)
        assert "is not billed by" in one.refused
    raced.check_at_once("credited and posted")


def test_two_credit_notes_take_back_no_more_than_was_billed(raced):
    """Of 4 h, 600.00, one note credits 3 h, 450.00, the other 2 h, 300.00."""
    for meeting, amount in ((FIRST, 450), (SECOND, 300)):
        one = raced["both notes posted", meeting]
        assert one.figures == [2, amount, amount] and once(one, meeting)
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
        assert one.figures == 1 and once(one, meeting)
        assert "hold on the same day" in one.refused
    raced.check_at_once("rates imported twice")


# -- contractors' bills ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ("one bill matched twice", "two bills matched"))
def test_hours_are_paid_by_one_bill(raced, name):
    """10 h × 60.00 by themselves; a bill pays for them, and they cost nothing more."""
    for meeting in (FIRST, SECOND):
        one = raced[name, meeting]
        assert one.figures == [0, -600, [0, 1], [False, True]] and once(one, meeting)
        assert "There are no hours to match" in one.refused
    raced.check_at_once(name)
