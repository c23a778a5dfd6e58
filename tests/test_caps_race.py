"""Work, fixed prices and credit notes meet under one cap: together they never bill more than it.

In a database of its own, with real transactions; see ``races``.
"""

import pytest
from races import FIRST, SECOND

RACE = '''
def used(own, made):
    """What is proposed and billed under the cap now, and once the next runs have billed what waits."""
    orders = own["sale.order"].browse(made["orders"])
    answer = []
    for again in (False, True):
        if again:
            run_of(orders)
        own.invalidate_all()
        frame = orders.psa_agreement_id
        if frame:
            answer.append(float(frame._psa_cap_used(("proposed", "billed"))))
        else:
            answer.append(sum(own["psa.wip.entry"].search(
                [("order_id", "in", orders.ids), ("state", "in", ("proposed", "billed"))]).mapped("amount")))
    waiting = own["psa.wip.entry"].search([("order_id", "in", orders.ids), ("state", "=", "over_cap")])
    return [*answer, sum(waiting.mapped("amount"))]

reason = env.ref("psa_billing.reason_extra").id

# -- a credit note gives room ----------------------------------------------------------------

def conceded(own, proposed=False):
    """A cap of 1,000.00: a fixed price of 1,000.00 is invoiced, and 300.00 of it conceded; 2 h of another
    SOW, 300.00, wait."""
    frame = agreement(own, cap_amount=1000)
    fixed = sow(own, sold(own, "fixed", 1000), psa_agreement_id=frame.id)
    bill = invoice(run_of(fixed).proposal_ids)
    wizard = own["account.move.reversal"].with_context(
        active_model="account.move", active_ids=bill.ids).create(
            {"journal_id": bill.journal_id.id, "date": "2026-04-02"})
    wizard.refund_moves()
    note = wizard.new_move_ids
    note.invoice_line_ids.with_context(psa_prices=None).price_unit = 300
    note.action_post()
    timed = sow(own, psa_agreement_id=frame.id)
    work_on(timed.order_line, 2)
    return {"orders": (fixed | timed).ids, "billed": timed.ids, "note": note.id}

def reset(own, made):
    own["account.move"].browse(made["note"]).button_draft()

def reset_and_cancel(own, made):
    note = own["account.move"].browse(made["note"])
    note.button_draft()
    note.button_cancel()

def propose_and_approve(own, made):
    propose(own, made)
    proposals_of(own["sale.order"].browse(made["billed"])).action_approve()

race("credit note reset", conceded, (reset, propose), used)
race("credit note cancelled", conceded, (reset_and_cancel, propose_and_approve), used)

def corrected(own):
    """A cap of 600.00: 3 h of one SOW, 450.00, are invoiced and one of them is taken back by a posted credit
    note; 2 h of another SOW, 300.00, wait."""
    frame = agreement(own, cap_amount=600)
    first, second = sow(own, psa_agreement_id=frame.id), sow(own, psa_agreement_id=frame.id)
    work_on(first.order_line, 3)
    invoice(run_of(first).proposal_ids)
    work_on(second.order_line, 2, "2026-03-20")
    work_on(first.order_line, -1, "2026-03-23")
    note = invoice(run_of(first).proposal_ids)
    return {"orders": (first | second).ids, "billed": second.ids, "note": note.id}

race("correction cancelled", corrected, (reset_and_cancel, propose), used)

# -- write-ups and lines that a review adds ----------------------------------------------------

def two_proposals(own):
    """A cap of 1,000.00 over two SOWs; 2 h of each, 300.00, are proposed."""
    frame = agreement(own, cap_amount=1000)
    orders = sow(own, psa_agreement_id=frame.id) | sow(own, psa_agreement_id=frame.id)
    for order in orders:
        work_on(order.order_line, 2)
    run_of(orders)
    return {"orders": orders.ids, "billed": orders[1].ids}

def write_up(number):
    def work(own, made):
        order = own["sale.order"].browse(made["orders"][number])
        part = own["psa.wip.entry"].sudo().search([("order_id", "=", order.id)])
        part._psa_bill_amount(600, own["psa.adjustment.reason"].browse(reason))
    return work

race("written up twice", two_proposals, (write_up(0), write_up(1)), used)

def one_proposal(own):
    """A cap of 1,000.00: 4 h of one SOW, 600.00, are proposed; 2 h of another, 300.00, wait."""
    frame = agreement(own, cap_amount=1000)
    first, second = sow(own, psa_agreement_id=frame.id), sow(own, psa_agreement_id=frame.id)
    work_on(first.order_line, 4)
    run_of(first)
    work_on(second.order_line, 2)
    return {"orders": (first | second).ids, "billed": second.ids}

def add_line(own, made):
    """300.00 more on the proposal of the first SOW."""
    proposal = proposals_of(own["sale.order"].browse(made["orders"][0])).sudo()
    line = proposal.order_id.order_line[0]
    proposal._psa_add_line("More", 300, line, own["psa.adjustment.reason"].browse(reason))

race("line added", one_proposal, (add_line, propose), used)

# -- fixed prices ------------------------------------------------------------------------------

def two_fixed(own):
    """A cap of 1,000.00 over two SOWs of 600.00 each."""
    frame = agreement(own, cap_amount=1000)
    orders = sow(own, sold(own, "fixed", 600), psa_agreement_id=frame.id) | sow(
        own, sold(own, "fixed", 600), psa_agreement_id=frame.id)
    return {"orders": orders.ids}

def propose_one(number):
    return lambda own, made: run_of(own["sale.order"].browse(made["orders"][number]))

race("two fixed prices", two_fixed, (propose_one(0), propose_one(1)), used)

# -- whom they wait for ------------------------------------------------------------------------

from psycopg2.errors import DeadlockDetected
ended = []

def watched(work):
    """What of it PostgreSQL ends because two wait for each other is noted."""
    def watching(own, made):
        try:
            work(own, made)
        except DeadlockDetected as error:
            ended.append(str(error))
            raise
    return watching

def two_that_fit(own):
    """A cap of 2,000.00 over two SOWs of 600.00 each; an hour, 150.00, is submitted on each."""
    frame = agreement(own, cap_amount=2000)
    orders = sow(own, sold(own, "fixed", 600), hours(own), psa_agreement_id=frame.id) | sow(
        own, sold(own, "fixed", 600), hours(own), psa_agreement_id=frame.id)
    entries = [log(order.order_line[1], 1).id for order in orders]
    return {"orders": orders.ids, "entries": entries}

def approve_one(number):
    return lambda own, made: own["account.analytic.line"].browse(made["entries"][number]).action_psa_approve()

def all_used(own, made):
    entries = own["account.analytic.line"].browse(made["entries"])
    if waiting := entries.filtered(lambda entry: entry.psa_state != "approved"):
        waiting.action_psa_approve()
    answer = used(own, made)[1:], len(ended)
    ended.clear()
    return answer

for name, works in (("two runs", (propose_one(0), propose_one(1))),
                    ("two approvals", (approve_one(0), approve_one(1))),
                    ("approved while a run bills", (approve_one(0), propose_one(1))),
                    ("approved while an earlier one is billed", (propose_one(0), approve_one(1)))):
    race(name, two_that_fit, tuple(map(watched, works)), all_used)

# -- the cap itself changes --------------------------------------------------------------------

def with_cap(cap, change):
    def make(own):
        """2 h, 300.00, are approved, and as many submitted; a change order moves the cap."""
        order = sow(own, psa_cap_amount=cap)
        work_on(order.order_line, 2)
        entry = log(order.order_line, 2, "2026-03-03")
        return {"orders": order.ids, "billed": order.ids, "entry": entry.id,
                "change": change_order(order, psa_cap_change=change).id}
    return make

race("cap lowered, work approved", with_cap(1000, -600), (confirm, approve), used)
race("cap lowered, work proposed", with_cap(1000, -600), (confirm, propose), used)
race("cap agreed, work approved", with_cap(0, 400), (confirm, approve), used)

def line_capped(own):
    """As before, and it is the line that gets the cap."""
    made = with_cap(0, 400)(own)
    change = own["sale.order"].browse(made["change"])
    line = change.psa_parent_id.order_line
    change.write({"psa_cap_change": 0, "order_line": [amend(line, 0, psa_cap_change=400)]})
    return made

race("line capped, work approved", line_capped, (confirm, approve), used)

def without_cap(own):
    """A change order took a cap of 400.00 away."""
    made = with_cap(400, -400)(own)
    confirm(own, made)
    return {**made, "order": made["change"]}

race("cap comes back, work approved", without_cap, (cancel, approve), used)

def with_frame(cap):
    def make(own):
        """2 h, 300.00, are approved, and as many submitted; the agreement has a cap, or none."""
        frame = agreement(own, cap_amount=cap)
        order = sow(own, psa_agreement_id=frame.id)
        work_on(order.order_line, 2)
        entry = log(order.order_line, 2, "2026-03-03")
        return {"orders": order.ids, "billed": order.ids, "entry": entry.id, "frame": frame.id}
    return make

def cap_agreement(own, made):
    own["psa.agreement"].browse(made["frame"]).cap_amount = 400

race("agreement capped, work approved", with_frame(0), (cap_agreement, approve), used)
race("agreement lowered, work proposed", with_frame(1000), (cap_agreement, propose), used)

def both_capped(own):
    """A SOW without a cap, 2 h of which are written off; a change order agrees on one of 400.00."""
    made = with_cap(0, 400)(own)
    order = own["sale.order"].browse(made["orders"])
    part = own["psa.wip.entry"].search([("order_id", "=", order.id)])
    made["adjustment"] = part._psa_write_off(own["psa.adjustment.reason"].browse(reason)).id
    own["account.analytic.line"].browse(made["entry"]).action_psa_approve()
    return made

def undo(own, made):
    own["psa.adjustment"].browse(made["adjustment"]).action_undo()

race("cap agreed, write-off undone", both_capped, (confirm, undo), used)
'''


MORE = "more than the cap of the agreement"


@pytest.mark.parametrize("name", ("credit note reset", "credit note cancelled"))
def test_the_room_of_a_credit_note_is_used_or_taken_back(raced, name):
    """1,000.00 less 300.00 and 2 h × 150.00 are 1,000.00. Without the credit note the 300.00 wait; once they
    are proposed it stays."""
    first, second = raced[name, FIRST], raced[name, SECOND]
    assert (first.figures, first.done) == ([1000, 1000, 300], (True, True))
    assert (second.figures, second.done) == ([1000, 1000, 0], (False, True))
    assert "300.00 " + MORE in second.refused
    raced.check_at_once(name)


def test_the_room_of_a_correction_is_used_or_taken_back(raced):
    """450.00 less 150.00 and 300.00 are 600.00: once they are proposed the credit note stays. Without it
    150.00 are proposed, 600.00, then the correction, 450.00; the other 150.00 are left to the run after that.
    """
    first, second = raced["correction cancelled", FIRST], raced["correction cancelled", SECOND]
    assert (first.figures, first.done) == ([600, 450, 0], (True, True))
    assert (second.figures, second.done) == ([600, 600, 0], (False, True))
    assert "150.00 " + MORE in second.refused
    raced.check_at_once("correction cancelled")


def test_of_two_write_ups_one_fits(raced):
    """300.00 and 300.00; one is written up to 600.00: 900.00. Both would be 1,200.00 of 1,000.00."""
    name = "written up twice"
    for meeting in (FIRST, SECOND):
        one = raced[name, meeting]
        assert (one.figures, one.done) == ([900, 900, 0], (meeting == FIRST, meeting == SECOND))
        assert "200.00 " + MORE in one.refused
    raced.check_at_once(name)


def test_a_line_is_added_or_work_is_proposed(raced):
    """600.00 and 300.00 that the review adds leave 100.00 of the 300.00 that wait. Once these are proposed,
    100.00 are left for the line of 300.00."""
    first, second = raced["line added", FIRST], raced["line added", SECOND]
    assert (first.figures, first.done) == ([1000, 1000, 200], (True, True))
    assert (second.figures, second.done) == ([900, 900, 0], (False, True))
    assert "200.00 " + MORE in second.refused
    raced.check_at_once("line added")


def test_of_two_fixed_prices_one_fits(raced):
    """600.00 of 1,000.00; a second 600.00 does not fit, and its proposal says so."""
    for meeting in (FIRST, SECOND):
        one = raced["two fixed prices", meeting]
        assert (one.figures, one.done) == ([600, 600, 0], (True, True))
    raced.check_at_once("two fixed prices")


@pytest.mark.parametrize(
    "name",
    (
        "two runs",
        "two approvals",
        "approved while a run bills",
        "approved while an earlier one is billed",
    ),
)
def test_who_works_under_one_cap_waits_for_the_other_and_neither_for_each_other(raced, name):
    """600.00 and 150.00 of each SOW, 1,500.00 of 2,000.00; PostgreSQL ends nobody."""
    for one in raced.all(name):
        assert (one.figures, one.done) == ([[1500, 0], 0], (True, True)), one


@pytest.mark.parametrize(
    "name", ("cap lowered, work approved", "cap agreed, work approved", "line capped, work approved")
)
def test_work_is_approved_under_the_cap_that_a_change_order_brings(raced, name):
    """300.00 are worked under a cap of 400.00 from now on: of 300.00 more 200.00 wait. Once 600.00 are
    worked, 400.00 are no cap any more."""
    first, second = raced[name, FIRST], raced[name, SECOND]
    assert (first.figures, first.done) == ([0, 400, 200], (True, True))
    assert (second.figures, second.done) == ([0, 600, 0], (False, True))
    assert "would be $ 400.00, but $ 600.00 are worked" in second.refused.replace("\N{NO-BREAK SPACE}", " ")
    raced.check_at_once(name)


def test_work_is_approved_under_the_cap_that_a_cancelled_change_order_brings_back(raced):
    """As before: 400.00 and 200.00, or 600.00 and no cap."""
    name = "cap comes back, work approved"
    first, second = raced[name, FIRST], raced[name, SECOND]
    assert (first.figures, first.done) == ([0, 400, 200], (True, True))
    assert (second.figures, second.done) == ([0, 600, 0], (False, True))
    assert "more than the cap of $ 400.00 that would hold again" in second.refused.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    raced.check_at_once(name)


@pytest.mark.parametrize("name", ("cap lowered, work proposed", "agreement lowered, work proposed"))
def test_what_is_proposed_counts_under_the_lowered_cap(raced, name):
    """300.00 are proposed, of 400.00."""
    for meeting in (FIRST, SECOND):
        assert (raced[name, meeting].figures, raced[name, meeting].done) == ([300, 300, 0], (True, True))
    raced.check_at_once(name)


def test_work_is_approved_under_the_cap_that_its_agreement_gets(raced):
    """300.00 and 300.00 under 400.00: 200.00 wait, whoever was first."""
    name = "agreement capped, work approved"
    for meeting in (FIRST, SECOND):
        assert (raced[name, meeting].figures, raced[name, meeting].done) == ([0, 400, 200], (True, True))
    raced.check_at_once(name)


def test_a_write_off_is_undone_under_the_cap_that_a_change_order_brings(raced):
    """300.00 are worked, and 300.00 were written off. Of these 100.00 fit under 400.00; taken back first,
    600.00 are worked."""
    name = "cap agreed, write-off undone"
    first, second = raced[name, FIRST], raced[name, SECOND]
    assert (first.figures, first.done) == ([0, 400, 200], (True, True))
    assert (second.figures, second.done) == ([0, 600, 0], (False, True))
    raced.check_at_once(name)
