"""Approved, unproposed time to posted invoices: the suite against the host's own invoicing in one call.

The peer works on the same orders, lines and entries; for it they are no SOWs, so that the host's own
methods act on them unhindered.
"""

import random
from datetime import date, timedelta

from odoo import Command

START, DAYS = date(2026, 7, 1), 92
SIZES = {"billing_10k": (100, 50, 10_000), "billing_50k": (100, 50, 50_000)}
QUICK = (3, 2, 40)
CLIENT = "Bench client"


def seed(env, name, quick):
    """Clients with a SOW of 2 to 4 role lines each, and approved time on them."""
    size = QUICK if quick else SIZES[name]
    for entries in seed_entries(env, *size):
        entries.sudo().action_psa_approve()
        env.cr.commit()
        env.invalidate_all()
    return "{} SOWs, {} people, {} entries".format(*size)


def seed_entries(env, order_count, people, entry_count):
    """Submitted time on SOWs, a thousand entries at a time."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
    roles = env["project.role"].create([{"name": f"Bench role {number}"} for number in range(4)])
    roles._psa_create_products()
    roles.psa_time_product_id.taxes_id = company.account_sale_tax_id
    employees = env["hr.employee"].create(
        [{"name": f"Bench {number}", "company_id": company.id, "hourly_cost": 50} for number in range(people)]
    )
    orders = make_sows(env, order_count, roles)
    env.cr.commit()
    for chunk in chunks(list(entry_vals(orders, employees, entry_count)), 1000):
        entries = env["account.analytic.line"].create(chunk)
        env.flush_all()
        env.cr.execute(
            "UPDATE account_analytic_line SET psa_state = 'submitted' WHERE id = ANY(%s)", [entries.ids]
        )
        env.invalidate_all()
        yield entries


def make_sows(env, count, roles):
    rnd = random.Random(7)
    clients = env["res.partner"].create([{"name": f"{CLIENT} {number:04d}"} for number in range(count)])
    orders = env["sale.order"].create(
        [
            {
                "psa_kind": "sow",
                "partner_id": client.id,
                "psa_date_start": START,
                "order_line": [
                    Command.create(
                        {
                            "psa_role_id": role.id,
                            "psa_billing_model": "time_material",
                            "product_uom_qty": 100,
                            "price_unit": 100 + 10 * number,
                        }
                    )
                    for number, role in enumerate(roles[: rnd.choice((2, 3, 4))])
                ],
            }
            for client in clients
        ]
    )
    orders.sudo().action_confirm()  # as the portal does when the client signs
    return orders


def entry_vals(orders, employees, count):
    rnd = random.Random(11)
    lines = [(line.task_id.id, line.task_id.project_id.id, line.psa_role_id.id) for line in orders.order_line]
    for number in range(count):
        task, project, role = rnd.choice(lines)
        yield {
            "name": f"Work {number}",
            "task_id": task,
            "project_id": project,
            "psa_role_id": role,
            "employee_id": rnd.choice(employees.ids),
            "date": START + timedelta(days=rnd.randrange(DAYS)),
            "unit_amount": rnd.choice((0.5, 1, 1.5, 2, 3, 4)),
        }


def chunks(values, size):
    return [values[start : start + size] for start in range(0, len(values), size)]


def bench_orders(env):
    return env["sale.order"].search([("partner_id.name", "like", f"{CLIENT} %")], order="id")


def warm(env):
    """Fill the caches of the registry: bill some days, both ways."""
    bill(env, START + timedelta(days=20))
    env.cr.rollback()
    env.transaction.reset()
    prepare_peer(env)
    bench_orders(env)[:1]._create_invoices(grouped=True).action_post()


def ours(env):
    """A run over the period, all its proposals approved, their invoices posted.

    Proposals are made, and looked at, before they are invoiced: three transactions. Invoices are made and
    posted in one, as the host's are.
    """
    return bill(env, START + timedelta(days=DAYS), env.cr.commit)


def bill(env, last, commit=lambda: None):
    run = env["psa.billing.run"].create(
        {"name": "Bench", "date_from": START, "date_to": last, "invoice_date": last, "only_due": False}
    )
    run.action_make_proposals()
    commit()
    run.proposal_ids.action_approve()
    commit()
    run.action_create_invoices()
    moves = run.proposal_ids.invoice_id
    moves.action_post()
    return moves


def prepare_peer(env):
    """For the host these are its own orders."""
    env.flush_all()
    env.cr.execute("UPDATE sale_order SET psa_kind = NULL WHERE id = ANY(%s)", [bench_orders(env).ids])
    env.invalidate_all()


def peer(env):
    """The host's invoicing of all orders in one call, posted."""
    moves = bench_orders(env)._create_invoices(grouped=True)
    moves.action_post()
    return moves


def result(env, moves):
    """What both have to agree in: amounts of the invoices, of their lines, of the SOLs, and the billed hours."""
    env.flush_all()
    queries = (
        """SELECT o.id, m.state, m.amount_untaxed, m.amount_tax, m.amount_total
             FROM account_move m JOIN sale_order o ON o.name = m.invoice_origin WHERE m.id = ANY(%s) ORDER BY 1""",
        """SELECT rel.order_line_id, l.quantity, l.price_unit, l.price_subtotal, l.price_total
             FROM account_move_line l JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = l.id
            WHERE l.move_id = ANY(%s) ORDER BY 1""",
        """SELECT l.account_id, sum(l.debit), sum(l.credit) FROM account_move_line l
            WHERE l.move_id = ANY(%s) GROUP BY 1 ORDER BY 1""",
        """SELECT so_line, count(*), sum(unit_amount) FROM account_analytic_line
            WHERE timesheet_invoice_id = ANY(%s) GROUP BY 1 ORDER BY 1""",
        """SELECT l.id, l.qty_invoiced, l.untaxed_amount_invoiced, l.untaxed_amount_to_invoice, l.qty_to_invoice
             FROM sale_order_line l JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = l.id
             JOIN account_move_line a ON a.id = rel.invoice_line_id WHERE a.move_id = ANY(%s) ORDER BY 1""",
    )
    answers = []
    for query in queries:
        env.cr.execute(query, [moves.ids])
        answers.append([tuple(str(value) for value in row) for row in env.cr.fetchall()])
    return answers
