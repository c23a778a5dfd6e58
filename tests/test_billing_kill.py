"""A billing run is killed at random points, again and again, and comes to the same invoices.

In databases of its own, with real transactions: one process after another works on the run in the background
and is killed with SIGKILL; another copy of the database is billed undisturbed.
"""

from psa_cli import databases, paths, workspace

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


def told(output):
    """What the script said of the result, without the number of kills."""
    words = ("STATE", "INVOICE", "WORK", "LINE")
    return [line for line in output.splitlines() if line.startswith(words)]


def test_a_killed_run_comes_to_the_same_invoices(firm):
    run, install = firm
    install()
    run(PREPARE)
    space = workspace.ensure()
    server = databases.Server(space)
    name = f"psa_lifecycle_{paths.checkout_id()}"  # that of the fixture
    undisturbed = f"{name}_undisturbed"
    server.drop(undisturbed)
    server.copy(name, undisturbed)
    try:
        script = BILL.format(seed=1, kill=False) + TELL
        expected = told(databases.run_script(space, undisturbed, script))
    finally:
        server.drop(undisturbed)
    output = run(BILL.format(seed=20260331, kill=True) + TELL)
    # 2 clients with 3 SOWs each, invoice by invoice, and one with 3 SOWs on one; 6 h at 100, 101 and 102
    assert len([line for line in expected if line.startswith("INVOICE")]) == 2 * 3 + 1
    assert "INVOICE Client 1 2318.0" in "\n".join(expected)  # 600 + 606 + 612 + 500
    assert told(output) == expected
    kills = next(int(line.split()[1]) for line in output.splitlines() if line.startswith("KILLS"))
    assert kills >= 10
