"""Two change orders of one SOW are confirmed at the same moment, by two processes of one server.

In a database of its own, with real transactions: one waits for the other and is run again.
"""

PREPARE = """
from odoo import Command
role = env["project.role"].create({"name": "Architect"})
role._psa_create_products()
env["psa.rate.card"].create({"name": "Rates", "line_ids": [
    Command.create({"role_id": role.id, "date_start": "2026-01-01", "price": 200})]})
client = env["res.partner"].create({"name": "Client"})
sow = env["sale.order"].create({
    "partner_id": client.id, "psa_kind": "sow", "psa_date_start": "2026-03-01", "psa_date_end": "2026-05-31",
    "psa_cap_amount": 2000, "client_order_ref": "race",
    "order_line": [Command.create({"psa_role_id": role.id, "product_uom_qty": 10})],
})
sow.action_confirm()
for number in range(3):
    change = env["sale.order"].browse(sow.action_psa_change_order()["res_id"])
    change.write({"psa_change_reason": "More", "psa_requested_by_id": client.id, "order_line": [
        Command.create({"psa_amends_line_id": sow.order_line.id, "product_uom_qty": -6})]})
env.cr.commit()
"""

#: 10 hours are sold: of three change orders that take off 6 each, one can be confirmed.
RACE = """
import threading
from odoo import api
from odoo.exceptions import UserError
from odoo.service.model import retrying
changes = env["sale.order"].search([("psa_parent_id.client_order_ref", "=", "race")])
start, outcomes = threading.Barrier(len(changes)), []
env.cr.commit()

def confirm(change_id):
    with env.registry.cursor() as cr:
        own = api.Environment(cr, env.uid, {})
        change = own["sale.order"].browse(change_id)
        change.state  # the transaction reads before the others write
        start.wait()
        try:
            retrying(change.action_confirm, own)
            outcomes.append("confirmed")
        except UserError as error:
            cr.rollback()
            outcomes.append(str(error))

threads = [threading.Thread(target=confirm, args=(change.id,)) for change in changes]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
env.invalidate_all()
sow = changes.psa_parent_id
print("OUTCOMES", sorted(outcome == "confirmed" for outcome in outcomes))
print("REFUSED", [outcome for outcome in outcomes if outcome != "confirmed"])
print("VALUE", sow.psa_current_amount, sorted(changes.mapped("state")))
task = sow.order_line.task_id
print("PLAN", task.allocated_hours, sum(task.project_id.psa_budget_line_ids.mapped("hours")))
"""


def test_two_confirmed_at_once_never_lose_one_of_them(firm):
    run, install = firm
    install()
    run(PREPARE)
    told = run(RACE)
    assert "OUTCOMES [False, False, True]" in told
    # the others saw what the first had left: 4 hours, of which 6 cannot be taken
    assert told.count("would be cut from 4 to -2 Hours") == 2
    assert "VALUE 800.0 ['draft', 'draft', 'sale']" in told
    assert "PLAN 4.0 4.0" in told
