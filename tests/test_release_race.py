"""Milestones, retainers and success fees, each by two at once.

In a database of its own, with real transactions; see ``races``.
"""

import pytest
from races import FIRST, SECOND

RACE = '''
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
'''


# -- milestones --------------------------------------------------------------------------------


def test_milestones_make_up_the_whole_of_their_line_at_most(raced):
    """40 % and two of 40 % more at once; two of 40 % raised to 60 % at once: 120 %."""
    for meeting in (FIRST, SECOND):
        added, raised = raced["milestones added", meeting], raced["shares raised", meeting]
        assert (added.figures, raised.figures) == ([0.8, 0, 0, []], [1, 0, 0, []])
        for one in (added, raised):
            assert one.once(meeting)
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
        assert one.figures == [1, 1, 0, []] and one.once(meeting)
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
        assert one.figures[:3] == ["claimed", 1001, 0] and one.once(meeting)
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
