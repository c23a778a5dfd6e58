"""Time is rated, re-rated and proposed by several people at once: nothing is rated or billed twice.

In a database of its own, with real transactions: each has read before the other writes; one waits for the
other and is run again, or finds nothing left to do.
"""

#: One card, 100.00 an hour; each SOW has 4 approved and 2 submitted hours, then the card says 110.00.
PREPARE = """
from datetime import date, timedelta
from odoo import Command
role = env["project.role"].create({"name": "Architect"})
role._psa_create_products()
employee = env["hr.employee"].create({"name": "Ann", "hourly_cost": 50, "psa_role_id": role.id})
card = env["psa.rate.card"].create({"name": "Rates", "line_ids": [
    Command.create({"role_id": role.id, "date_start": "2026-01-01", "price": 100})]})
for name in ("rerates", "proposes", "approves", "steps", "capped", "holds"):
    sow = env["sale.order"].create({
        "partner_id": env["res.partner"].create({"name": name}).id, "psa_kind": "sow",
        "client_order_ref": name, "psa_date_start": "2026-03-01",
        "psa_cap_amount": 500 if name == "capped" else 0,
        "order_line": [Command.create({"psa_role_id": role.id, "product_uom_qty": 10})]})
    sow.sudo().action_confirm()
    task = sow.order_line.task_id
    entries = env["account.analytic.line"].create([{
        "name": name, "task_id": task.id, "project_id": task.project_id.id, "employee_id": employee.id,
        "date": date(2026, 3, 2) + timedelta(days=day), "unit_amount": 1} for day in range(6)])
    entries.action_psa_submit()
    if name != "steps":
        entries[:4].sudo().action_psa_approve()
card.line_ids.date_end = "2026-02-28"
card.line_ids.create({"card_id": card.id, "role_id": role.id, "date_start": "2026-03-01", "price": 110})
env.cr.commit()
"""

RACE = """
import threading
from odoo import api
from odoo.exceptions import UserError
from odoo.service.model import retrying
registry, uid = env.registry, env.uid
env.cr.commit()

def together(*works):
    start, outcomes, tries = threading.Barrier(len(works)), [], []
    def one(work):
        first = []
        def once():
            tries.append(1)
            own["psa.wip.entry"].search_count([])  # the transaction reads before the others write
            if not first:
                first.append(1)
                start.wait()
            work(own)
        with registry.cursor() as cr:
            own = api.Environment(cr, uid, {})
            try:
                retrying(once, own)
                outcomes.append("done")
            except UserError as error:
                cr.rollback()
                outcomes.append(str(error)[:60])
    threads = [threading.Thread(target=one, args=(work,)) for work in works]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return sorted(outcomes), len(tries)

def sow(own, name):
    return own["sale.order"].search([("client_order_ref", "=", name)])

def rerate(name):
    def work(own):
        own["psa.rerate"].create({"order_ids": sow(own, name).ids}).action_apply()
    return work

def propose(name):
    def work(own):
        own["psa.billing.run"].create({"name": name, "date_to": "2026-03-31", "only_due": False,
            "order_ids": sow(own, name).ids}).action_make_proposals()
    return work

def approve(name, number=None):
    def work(own):
        entries = own["account.analytic.line"].search(
            [("name", "=", name), ("psa_state", "=", "submitted")], order="id")
        (entries if number is None else entries[number]).sudo().action_psa_approve()
    return work

def hold(name):
    def work(own):
        work = [("order_id", "=", sow(own, name).id), ("state", "=", "open")]
        own["psa.wip.entry"].search(work).action_hold()
    return work

def told(name):
    with registry.cursor() as cr:
        own = api.Environment(cr, uid, {})
        order = sow(own, name)
        wips = own["psa.wip.entry"].search([("order_id", "=", order.id)])
        print(name.upper(), "LINES", order.order_line.mapped("price_unit"),
              "HOURS", sum(wips.mapped("raw_hours")), "AMOUNT", sum(wips.mapped("amount")),
              "STATES", sorted(set(wips.mapped("state"))))
        assert all(wip.sale_line_id == wip.analytic_line_id.so_line for wip in wips)
        proposed = wips.filtered("proposal_line_id")
        assert all(wip.sale_line_id == wip.proposal_line_id.sale_line_id for wip in proposed)
        assert all(wip.unit_price == wip.sale_line_id.price_unit for wip in wips)
        lines = own["psa.billing.proposal.line"].search([("sale_line_id.order_id", "=", order.id)])
        print(name.upper(), "PROPOSED", sum(lines.mapped("amount")), sum(lines.mapped("quantity")),
              "DELIVERED", sum(order.order_line.mapped("qty_delivered")))
        cr.commit()

def propose_what_was_busy():
    # a run leaves a SOW out that another works on at this moment, and says so: it is made again
    with registry.cursor() as cr:
        run = api.Environment(cr, uid, {})["psa.billing.run"].search([("name", "=", "proposes")])
        if run and not run.proposal_ids:
            assert run.message.startswith("Somebody else is billing"), run.message
            run.action_make_proposals()
        cr.commit()

for name, works in {
    "rerates": (rerate("rerates"), rerate("rerates"), rerate("rerates")),
    "proposes": (rerate("proposes"), propose("proposes")),
    "approves": (rerate("approves"), approve("approves")),
    "steps": (approve("steps", 0), approve("steps", 1)),
    "capped": (rerate("capped"), approve("capped")),
    "holds": (rerate("holds"), hold("holds")),
}.items():
    outcomes, tries = together(*works)
    print(name.upper(), "OUTCOMES", outcomes, "AGAIN" if tries > len(works) else "AT ONCE")
    if name == "proposes":
        propose_what_was_busy()
    told(name)
"""

NOTHING = "All unbilled work has the prices of today's rate cards: ther"


def test_rated_and_billed_once_however_many_are_at_it(firm):
    run, install = firm
    install()
    run(PREPARE)
    said = {}
    for line in run(RACE).splitlines():
        name, word, rest = (*line.split(" ", 2), "", "")[:3]
        said[name, word] = rest
    # of three the second and the third find nothing left; one line at the new price
    assert said["RERATES", "OUTCOMES"] == f"{[NOTHING, NOTHING, 'done']} AGAIN"
    assert said["RERATES", "LINES"] == "[100.0, 110.0] HOURS 4.0 AMOUNT 440.0 STATES ['open']"
    # whoever comes first: all at one price, on the proposal as in the work in progress
    if "done', 'done" in said["PROPOSES", "OUTCOMES"]:
        assert said["PROPOSES", "LINES"] == "[100.0, 110.0] HOURS 4.0 AMOUNT 440.0 STATES ['proposed']"
        assert said["PROPOSES", "PROPOSED"] == "440.0 4.0 DELIVERED 4.0"
    else:
        assert said["PROPOSES", "OUTCOMES"].startswith(f"{[NOTHING, 'done']}")
        assert said["PROPOSES", "LINES"] == "[100.0] HOURS 4.0 AMOUNT 400.0 STATES ['proposed']"
        assert said["PROPOSES", "PROPOSED"] == "400.0 4.0 DELIVERED 4.0"
    # re-rating and approval want the same new line; two approvals do
    assert said["APPROVES", "OUTCOMES"] == "['done', 'done'] AGAIN"
    assert said["APPROVES", "LINES"] == "[100.0, 110.0] HOURS 6.0 AMOUNT 660.0 STATES ['open']"
    assert said["STEPS", "OUTCOMES"] == "['done', 'done'] AGAIN"
    assert said["STEPS", "LINES"] == "[100.0, 110.0] HOURS 2.0 AMOUNT 220.0 STATES ['open']"
    # 6 h x 110.00 are 660.00, of which the cap leaves 500.00
    assert said["CAPPED", "OUTCOMES"] == "['done', 'done'] AGAIN"
    assert said["CAPPED", "LINES"] == "[100.0, 110.0] HOURS 6.0 AMOUNT 660.0 STATES ['open', 'over_cap']"
    # what somebody holds meanwhile is held, at the new price
    assert said["HOLDS", "OUTCOMES"] == "['done', 'done'] AGAIN"
    assert said["HOLDS", "LINES"] == "[100.0, 110.0] HOURS 4.0 AMOUNT 440.0 STATES ['held']"
