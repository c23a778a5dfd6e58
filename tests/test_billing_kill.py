"""A billing run is killed at random points, again and again, and comes to the same invoices. Then two people
bill, and approve time, at the same moment.

In databases of its own, with real transactions: one process after another works on the run in the background
and is killed with SIGKILL; another copy of the database is billed undisturbed.
"""

from psa_cli import databases, workspace

#: 12 SOWs of 4 clients, two of which get one invoice for all their SOWs; a blocked SOW and a fixed price.
PREPARE = """
from datetime import date, timedelta
from odoo import Command
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
role = env["project.role"].create({"name": "Architect"})
role._psa_create_products()
employee = env["hr.employee"].create({"name": "Ann", "hourly_cost": 50, "psa_role_id": role.id})
for number in range(4):
    client = env["res.partner"].create({"name": f"Client {number}"})
    agreement = env["psa.agreement"].create({
        "name": "Frame", "partner_id": client.id, "date_start": "2026-01-01",
        "billing_grouping": "client" if number % 2 else "sow"})
    agreement.action_activate()
    for count in range(3):
        lines = [Command.create({"psa_role_id": role.id, "product_uom_qty": 10, "price_unit": 100 + count})]
        if count == 2:
            lines.append(Command.create({"psa_role_id": role.id, "psa_billing_model": "fixed",
                                         "product_uom_qty": 1, "price_unit": 500}))
        sow = env["sale.order"].create({
            "partner_id": client.id, "psa_kind": "sow", "psa_agreement_id": agreement.id,
            "psa_date_start": "2026-03-01", "order_line": lines})
        sow.sudo().action_confirm()
        task = sow.order_line[0].task_id
        entries = env["account.analytic.line"].create([{
            "name": f"Work {day}", "task_id": task.id, "project_id": task.project_id.id,
            "employee_id": employee.id, "date": date(2026, 3, 2) + timedelta(days=day), "unit_amount": 1.5}
            for day in range(4)])
        entries.action_psa_submit()
        entries.sudo().action_psa_approve()
env["res.partner"].search([("name", "=", "Client 3")]).active = False
env.cr.commit()
"""

#: Works on the run in processes that are killed; where KILL is False in one that is not.
BILL = """
import os, random, signal, time
from odoo import api, sql_db
from odoo.addons.psa_billing.models import psa_billing_run_job as job
job.AT_ONCE, job.BATCH = 0, 2
registry, uid = env.registry, env.uid
rnd = random.Random({seed})

def act(work):
    with registry.cursor() as cr:
        own = api.Environment(cr, uid, {{}})
        return work(own)

def at_work(own):
    return bool(own["psa.billing.run"].search([("job", "!=", False)]))

def worker():
    act(lambda own: own["psa.billing.run"].sudo()._cron_psa_work())

def background(kill):
    killed = 0
    longest = 0.05
    while act(at_work):
        child = os.fork()
        if not child:
            kept = sql_db._Pool, registry._db  # closing them would close those of the parent
            sql_db._Pool = None
            registry._db = sql_db.db_connect(registry.db_name)
            worker()
            os._exit(0)
        if kill and killed < 12:
            time.sleep(rnd.uniform(0, longest))
            longest *= 1.3  # so that batches come to an end between
            os.kill(child, signal.SIGKILL)
            killed += os.waitpid(child, 0)[1] == signal.SIGKILL
        else:
            os.waitpid(child, 0)
    return killed

def propose(own):
    run = own["psa.billing.run"].search([]) or own["psa.billing.run"].create(
        {{"date_to": "2026-03-31", "invoice_date": "2026-04-01"}})
    run.action_make_proposals()

def invoice(own):
    run = own["psa.billing.run"].search([])
    run.proposal_ids.filtered(lambda proposal: not proposal.message).action_approve()
    run.action_create_invoices()

act(propose)
kills = background({kill})
act(invoice)
kills += background({kill})
"""

TELL = """
print("KILLS", kills)
with registry.cursor() as cr:
    own = api.Environment(cr, uid, {})
    run = own["psa.billing.run"].search([])
    print("STATE", run.state, run.job, run.proposal_count, run.blocked_count, run.invoice_count)
    for move in own["account.move"].search([("move_type", "=", "out_invoice")], order="id").sorted(
        lambda move: (move.partner_id.name, move.invoice_line_ids.sale_line_ids[:1].id)):
        print("INVOICE", move.partner_id.name, move.amount_untaxed, move.amount_total, sorted(
            (line.sale_line_ids.id, line.quantity, line.price_unit) for line in move.invoice_line_ids))
    wip = own["psa.wip.entry"]
    print("WORK", wip._read_group([], ["state"], ["billable_quantity:sum", "amount:sum", "__count"]))
    for line in own["sale.order.line"].search([("qty_invoiced", "!=", 0)], order="id"):
        print("LINE", line.id, line.qty_invoiced, line.qty_to_invoice)
"""

#: Two runs over April at once, two managers who approve and invoice at once, and two approvals of time under
#: one cap at once. Each is tried in a transaction of its own that has read before the other writes.
RACE = """
import threading
from odoo.exceptions import UserError
from odoo.service.model import retrying
job.AT_ONCE = 200

def together(*works):
    start, outcomes = threading.Barrier(len(works)), []
    def one(work):
        with registry.cursor() as cr:
            own = api.Environment(cr, uid, {})
            own["psa.wip.entry"].search_count([])
            start.wait()
            try:
                retrying(lambda: work(own), own)
                outcomes.append("done")
            except UserError as error:
                cr.rollback()
                outcomes.append(str(error))
    threads = [threading.Thread(target=one, args=(work,)) for work in works]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return sorted(outcomes)

def april(own):
    for entry in own["account.analytic.line"].search([("name", "=", "Work 0")]):
        again = entry.copy({"name": "April", "date": "2026-04-02"})
        again.action_psa_submit()
        again.sudo().action_psa_approve()
    return own["psa.billing.run"].create([{"name": name, "date_to": "2026-04-30"} for name in "AB"]).ids

first, second = act(april)
make = [
    lambda own, run=run: own["psa.billing.run"].browse(run).action_make_proposals()
    for run in (first, second)
]
print("RUNS", together(*make))
# what one left to the other because it was at it
act(make[0])

def state(own):
    wip = own["psa.wip.entry"].search([("date", "=", "2026-04-02")])
    proposals = own["psa.billing.proposal"].search(
        [("run_id", "in", (first, second)), ("message", "=", False)])
    quantities = proposals.line_ids.mapped("quantity")
    print("APRIL", sorted(set(wip.mapped("state"))), len(wip.filtered("proposal_line_id")), sum(quantities))
    return proposals.ids

proposals = act(state)

def invoice_all(own):
    own["psa.billing.proposal"].browse(proposals).action_approve()
    own["psa.billing.proposal"].browse(proposals).action_create_invoice()

print("APPROVED", [outcome == "done" or "Somebody else" in outcome or "already" in outcome
    for outcome in together(invoice_all, invoice_all)].count(True))

def invoiced(own):
    moves = own["psa.billing.proposal"].browse(proposals).invoice_id
    print("BILLED", len(moves), sum(moves.mapped("amount_untaxed")),
          sum(own["account.move"].search([("move_type", "=", "out_invoice")]).mapped("amount_untaxed")))

act(invoiced)

def under_cap(own):
    agreement = own["psa.agreement"].search([("partner_id.name", "=", "Client 0")])
    agreement.cap_amount = agreement._psa_cap_used() + 300
    entries = own["account.analytic.line"].search(
        [("name", "=", "April"), ("so_line.order_id.psa_agreement_id", "=", agreement.id)],
        order="id", limit=2)
    return [entry.copy({"name": "May", "date": "2026-05-04", "unit_amount": 2}).id for entry in entries]

may = act(under_cap)
act(lambda own: own["account.analytic.line"].browse(may).action_psa_submit())
approve = [
    lambda own, entry=entry: own["account.analytic.line"].browse(entry).sudo().action_psa_approve()
    for entry in may]
print("MAY", together(*approve))

def cut(own):
    wip = own["psa.wip.entry"].search([("analytic_line_id", "in", may)])
    print("CAP", sum(wip.filtered(lambda part: part.state == "open").mapped("amount")),
          sum(wip.mapped("raw_hours")), sorted(set(wip.mapped("state"))))

act(cut)
"""


def told(output):
    """What the script said of the result, without the number of kills."""
    words = ("STATE", "INVOICE", "WORK", "LINE")
    return [line for line in output.splitlines() if line.startswith(words)]


def test_a_killed_run_comes_to_the_same_invoices(firm, firm_database):
    run, install = firm
    install()
    run(PREPARE)
    space = workspace.ensure()
    server = databases.Server(space)
    undisturbed = f"{firm_database}_undisturbed"
    server.drop(undisturbed)
    server.copy(firm_database, undisturbed)
    try:
        script = BILL.format(seed=1, kill=False) + TELL
        expected = told(databases.run_script(space, undisturbed, script))
    finally:
        server.drop(undisturbed)
    output = run(BILL.format(seed=20260331, kill=True) + TELL + RACE)
    # 2 clients with 3 SOWs each, invoice by invoice, and one with 3 SOWs on one; 6 h at 100, 101 and 102
    assert len([line for line in expected if line.startswith("INVOICE")]) == 2 * 3 + 1
    assert "INVOICE Client 1 2318.0" in "\n".join(expected)  # 600 + 606 + 612 + 500
    assert told(output) == expected
    kills = next(int(line.split()[1]) for line in output.splitlines() if line.startswith("KILLS"))
    assert kills >= 10
    check_the_race(output)


def check_the_race(output):
    """9 of 12 SOWs are sound, with 1.5 h each in April at 100, 101 and 102."""
    assert "RUNS ['done', 'done']" in output
    assert "APRIL ['open', 'proposed'] 9 13.5" in output
    assert "APPROVED 2" in output
    # April: 3 × 1.5 × (100 + 101 + 102) = 1,363.50; March: 3 × (600 + 606 + 612 + 500) = 6,954.00
    assert "BILLED 7 1363.5 8317.5" in output
    assert "MAY ['done', 'done']" in output
    # 2 h each come to more than the 300.00 that the cap leaves: to the cent, and nothing is lost
    assert "CAP 300.0 4.0 ['open', 'over_cap']" in output
