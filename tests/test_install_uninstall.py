"""The suite comes into a firm's database and leaves it again: what was there works as before.

Everything happens in a database of its own, in processes of their own, committed as in life.
"""

import ast

STOCK_FIRM = """
from odoo import Command
env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
product = env["product.product"].create({
    "name": "Consulting", "type": "service", "uom_id": env.ref("uom.product_uom_hour").id, "list_price": 100,
    "service_policy": "delivered_timesheet", "service_tracking": "task_in_project", "taxes_id": False,
})
employee = env["hr.employee"].create({"name": "Old Hand", "hourly_cost": 40})
order = env["sale.order"].create({
    "partner_id": env["res.partner"].create({"name": "Old Client"}).id, "client_order_ref": "old",
    "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 10})],
})
order.action_confirm()
def log(hours):
    task = order.order_line.task_id
    env["account.analytic.line"].create({
        "name": "Old work", "project_id": task.project_id.id, "task_id": task.id,
        "employee_id": employee.id, "unit_amount": hours,
    })
log(3)
order._create_invoices().action_post()
log(2)
env.cr.commit()
"""

FIGURES = """
order = env["sale.order"].search([("client_order_ref", "=", "old")])
line = order.order_line
print("FIGURES", repr({
    "amount": order.amount_untaxed, "delivered": line.qty_delivered, "invoiced": line.qty_invoiced,
    "to_invoice": line.untaxed_amount_to_invoice, "state": order.state,
    "hours": sum(line.timesheet_ids.mapped("unit_amount")),
    "linked": len(line.timesheet_ids.filtered("timesheet_invoice_id")),
    "posted": order.invoice_ids.filtered(lambda move: move.state == "posted").mapped("amount_total"),
}))
"""

WORK_ON = """
from odoo import Command
order = env["sale.order"].search([("client_order_ref", "=", "old")])
task = order.order_line.task_id
env["account.analytic.line"].create({
    "name": "New work", "project_id": task.project_id.id, "task_id": task.id,
    "employee_id": env["hr.employee"].search([("name", "=", "Old Hand")]).id, "unit_amount": 1,
})
order._create_invoices().action_post()
env.cr.commit()
"""

SOW = """
from odoo import Command
role = env["project.role"].create({"name": "Architect"})
role._psa_create_products()
role.psa_time_product_id.taxes_id = False
env["psa.rate.card"].create({"name": "Rates", "line_ids": [
    Command.create({"role_id": role.id, "date_start": "2026-01-01", "price": 200})]})
sow = env["sale.order"].create({
    "partner_id": env["res.partner"].create({"name": "New Client"}).id, "psa_kind": "sow",
    "psa_date_start": "2026-03-01", "psa_date_end": "2026-03-31", "client_order_ref": "sow",
    "order_line": [Command.create({"psa_role_id": role.id, "product_uom_qty": 10})],
})
sow.action_confirm()
task = sow.order_line.task_id
entry = env["account.analytic.line"].create({
    "name": "Sow work", "project_id": task.project_id.id, "task_id": task.id, "date": "2026-03-02",
    "employee_id": env["hr.employee"].search([("name", "=", "Old Hand")]).id, "unit_amount": 4,
})
entry.action_psa_submit()
entry.action_psa_approve()
run = env["psa.billing.run"].create({"date_from": "2026-03-01", "date_to": "2026-03-31"})
run.action_make_proposals()
run.proposal_ids.action_approve()
run.proposal_ids.action_create_invoice()
sow.invoice_ids.action_post()
env.cr.commit()
"""

UNINSTALL = """
env["ir.module.module"].search([("name", "=", "psa_project")]).button_immediate_uninstall()
env.cr.commit()
"""

LEFT = """
print("LEFT", env["ir.module.module"].search_count([("name", "=like", "psa_%"), ("state", "=", "installed")]))
sow = env["sale.order"].search([("client_order_ref", "=", "sow")])
print("INVOICED", sow.invoice_ids.amount_untaxed, sow.order_line.filtered("product_id").qty_invoiced)
print("COLUMNS", env.execute_query(SQL("SELECT count(*) FROM information_schema.columns "
    "WHERE table_schema = 'public' AND starts_with(column_name, 'psa_')"))[0][0])
"""


def figures(run):
    """What the host says of the old order, as a dict."""
    line = next(line for line in run(FIGURES).splitlines() if line.startswith("FIGURES"))
    return ast.literal_eval(line.removeprefix("FIGURES "))


def test_the_suite_comes_and_goes_and_what_was_there_works_on(firm):
    run, install = firm
    run(STOCK_FIRM)
    before = figures(run)
    # 3 h invoiced, 2 h more delivered: 200.00 to invoice
    assert (before["delivered"], before["invoiced"], before["to_invoice"]) == (5, 3, 200)

    install()
    assert figures(run) == before
    run(WORK_ON)
    # the 2 h and 1 h more, none of them approved: a stock order bills as ever
    after = figures(run)
    assert (after["delivered"], after["invoiced"], sorted(after["posted"])) == (6, 6, [300, 300])
    run(SOW)

    run(UNINSTALL)
    left = run("from odoo.tools import SQL\n" + LEFT)
    assert "LEFT 0" in left
    assert "INVOICED 800.0 4.0" in left
    assert "COLUMNS 0" in left
    assert figures(run) == after
    run(WORK_ON)
    assert sorted(figures(run)["posted"]) == [100, 300, 300]
