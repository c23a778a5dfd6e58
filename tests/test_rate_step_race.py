"""Lines step to new rates in several transactions at once: each rate has one line, whoever came first.

In a database of its own, with real transactions: one waits for the other and is run again.
"""

#: 100.00, from 1 April 110.00 for the SOW that is confirmed; the card of the other steps after its signature.
PREPARE = """
from odoo import Command
role = env["project.role"].create({"name": "Architect"})
role._psa_create_products()
ann = env["hr.employee"].create({"name": "Ann", "hourly_cost": 50, "psa_role_id": role.id})

def sow(name, *rates):
    card = env["psa.rate.card"].create({"name": name, "line_ids": [
        Command.create({"role_id": role.id, "date_start": day, "date_end": end, "price": price})
        for day, end, price in rates]})
    return env["sale.order"].create({
        "partner_id": env["res.partner"].create({"name": name}).id, "psa_kind": "sow",
        "client_order_ref": name, "psa_date_start": "2026-03-01", "psa_date_end": "2026-05-31",
        "psa_rate_card_id": card.id,
        "order_line": [Command.create({"psa_role_id": role.id, "product_uom_qty": 100})]})

sow("confirmed", ("2026-01-01", "2026-03-31", 100), ("2026-04-01", False, 110))
worked = sow("worked", ("2026-01-01", False, 100))
worked.sudo().action_confirm()
card = worked.psa_rate_card_id
card.line_ids.date_end = "2026-03-09"
card.line_ids = [
    Command.create({"role_id": role.id, "date_start": "2026-03-10", "date_end": "2026-03-19", "price": 120}),
    Command.create({"role_id": role.id, "date_start": "2026-03-20", "price": 130})]
task = worked.order_line.task_id
entries = env["account.analytic.line"].create([{
    "name": "race", "task_id": task.id, "project_id": task.project_id.id, "employee_id": ann.id,
    "date": day, "unit_amount": 1} for day in ("2026-03-05", "2026-03-12", "2026-03-13", "2026-03-25")])
entries.action_psa_submit()
env.cr.commit()
"""

RACE = """
import threading
from odoo import api
from odoo.exceptions import UserError
from odoo.service.model import retrying
registry, uid = env.registry, env.uid
orders = {order.client_order_ref: order.id for order in env["sale.order"].search([])}
entries = env["account.analytic.line"].search([("name", "=", "race")]).ids
env.cr.commit()

def together(*works):
    start, outcomes, tries = threading.Barrier(len(works)), [], []

    def one(work):
        with registry.cursor() as cr:
            own = api.Environment(cr, uid, {})
            own["sale.order.line"].search([]).mapped("price_unit")  # it reads before the others write
            start.wait()

            def once():
                tries.append(1)
                work(own)
            try:
                retrying(once, own)
                outcomes.append("done")
            except UserError:
                cr.rollback()
                outcomes.append("refused")
    threads = [threading.Thread(target=one, args=(work,)) for work in works]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return sorted(outcomes), "AGAIN" if len(tries) > len(works) else "AT ONCE"

def confirm(own):
    own["sale.order"].browse(orders["confirmed"]).sudo().action_confirm()

def approve(entry):
    return lambda own: own["account.analytic.line"].browse(entry).sudo().action_psa_approve()

print("CONFIRM", *together(confirm, confirm, confirm))
print("APPROVE", *together(*map(approve, entries)))
env.invalidate_all()
for name, order in orders.items():
    order = env["sale.order"].browse(order)
    print(name.upper(), [(line.price_unit, line.product_uom_qty, line.qty_delivered)
                         for line in order.order_line.sorted("price_unit")],
          "PROJECTS", len(order.order_line.task_id.project_id), "TASKS", len(order.order_line.task_id))
"""


def test_a_line_steps_once_to_each_rate(firm):
    run, install = firm
    install()
    run(PREPARE)
    told = run(RACE)
    # the second and the third find a signed SOW
    assert "CONFIRM ['done', 'refused', 'refused'] AGAIN" in told
    assert "CONFIRMED [(100.0, 100.0, 0.0), (110.0, 0.0, 0.0)] PROJECTS 1 TASKS 1" in told
    # two entries of one rate, and a rate of their own for the others
    assert "APPROVE ['done', 'done', 'done', 'done'] AGAIN" in told
    assert "WORKED [(100.0, 100.0, 1.0), (120.0, 0.0, 2.0), (130.0, 0.0, 1.0)] PROJECTS 1 TASKS 1" in told
