"""Approved, unproposed time to posted invoices: the suite against the host's own invoicing in one call.

The peer has a database of its own, with the host's modules and no addon of ours. Both are seeded by the same
functions: clients, orders, lines, prices, taxes, products, tasks and time are the same in both; ours are
statements of work and their time is approved.
"""

import random
from datetime import date, timedelta

from odoo import Command

START, DAYS = date(2026, 7, 1), 92
SIZES = {"billing_10k": (100, 50, 10_000), "billing_50k": (100, 50, 50_000)}
QUICK = (3, 2, 40)
CLIENT = "Bench client"


def has_suite(env):
    """Whether this is our database, or the peer's."""
    return "psa.billing.run" in env


def seed(env, name, quick):
    """Clients with an order of 2 to 4 lines, and time on them that can be billed."""
    size = QUICK if quick else SIZES[name]
    for entries in seed_entries(env, *size):
        if has_suite(env):
            entries.sudo().action_psa_approve()
        env.cr.commit()
        env.invalidate_all()
    return "{} orders, {} people, {} entries".format(*size)


def seed_entries(env, order_count, people, entry_count):
    """Time on orders, a thousand entries at a time; of the suite submitted time on SOWs."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
    employees = env["hr.employee"].create(
        [{"name": f"Bench {number}", "company_id": company.id, "hourly_cost": 50} for number in range(people)]
    )
    products = make_products(env, 4)
    if has_suite(env):
        orders = make_sows(env, order_count, make_roles(env, products))
    else:
        orders = make_orders(env, order_count, [{"product_id": product.id} for product in products])
    env.cr.commit()
    for chunk in chunks(list(entry_vals(orders, employees, entry_count)), 1000):
        entries = env["account.analytic.line"].create(chunk)
        env.flush_all()
        if has_suite(env):
            env.cr.execute(
                "UPDATE account_analytic_line SET psa_state = 'submitted' WHERE id = ANY(%s)", [entries.ids]
            )
        env.invalidate_all()
        yield entries


def make_products(env, count):
    """Hours of work, invoiced by timesheets, a task for each line."""
    values = {
        "type": "service",
        "service_tracking": "task_in_project",
        "service_policy": "delivered_timesheet",
        "uom_id": env.ref("uom.product_uom_hour").id,
        "list_price": 0,
        "taxes_id": [Command.set(env.company.account_sale_tax_id.ids)],
    }
    return env["product.product"].create([{**values, "name": f"Bench {number}"} for number in range(count)])


def make_roles(env, products):
    return env["project.role"].create(
        [{"name": product.name, "psa_time_product_id": product.id} for product in products]
    )


def make_sows(env, count, roles):
    sold = [{"psa_role_id": role.id, "psa_billing_model": "time_material"} for role in roles]
    return make_orders(env, count, sold, psa_kind="sow", psa_date_start=START)


def make_orders(env, count, sold, **values):
    """Confirmed orders with ``values``, each of the first 2 to 4 of what is ``sold``."""
    rnd = random.Random(7)
    clients = env["res.partner"].create([{"name": f"{CLIENT} {number:04d}"} for number in range(count)])
    orders = env["sale.order"].create(
        [
            {
                **values,
                "partner_id": client.id,
                "order_line": [
                    Command.create({**what, "product_uom_qty": 100, "price_unit": 100 + 10 * number})
                    for number, what in enumerate(sold[: rnd.choice((2, 3, 4))])
                ],
            }
            for client in clients
        ]
    )
    orders.sudo().action_confirm()  # as the portal does when the client signs
    return orders


def entry_vals(orders, employees, count):
    rnd = random.Random(11)
    works = [work_vals(line) for line in orders.order_line]
    for number in range(count):
        yield {
            "name": f"Work {number}",
            **rnd.choice(works),
            "employee_id": rnd.choice(employees.ids),
            "date": START + timedelta(days=rnd.randrange(DAYS)),
            "unit_amount": rnd.choice((0.5, 1, 1.5, 2, 3, 4)),
        }


def work_vals(line):
    """Where time of an order line is recorded; our orders are for a role."""
    values = {"task_id": line.task_id.id, "project_id": line.task_id.project_id.id}
    return {**values, "psa_role_id": line.psa_role_id.id} if has_suite(line.env) else values


def chunks(values, size):
    return [values[start : start + size] for start in range(0, len(values), size)]


def bench_orders(env):
    return env["sale.order"].search([("partner_id.name", "like", f"{CLIENT} %")], order="id")


def warm(env):
    """Fill the caches of the registry: bill some days, the way of this database."""
    last = START + timedelta(days=20)
    if has_suite(env):
        bill(env, last)
    else:
        host_bill(env, last)


def ours(env):
    """A run over the period, all its proposals approved, their invoices posted.

    Proposals are made, and looked at, before they are invoiced: three transactions. Invoices are made and
    posted in one, with an empty cache between, as the host's are.
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
    return posted(run.proposal_ids.invoice_id)


def peer(env):
    """The host's invoicing of all orders in one call, posted."""
    return host_bill(env)


def host_bill(env, last=None):
    """Invoices of all time, or of that until a day, as the host's dialog makes them."""
    orders = bench_orders(env)
    if last:
        orders = orders.with_context(timesheet_start_date=START, timesheet_end_date=last)
        orders.order_line._recompute_qty_to_invoice(START, last)
    return posted(orders._create_invoices(grouped=True))


def posted(moves):
    """``moves``, posted as in a request of its own: somebody looked at the drafts, nothing is in the cache."""
    moves.env.invalidate_all()
    moves = moves.browse(moves.ids)
    moves.action_post()
    return moves


def result(env, moves):
    """What both have to agree in: amounts of the invoices, of their lines, of the order lines, sums of the accounts,
    and the billed hours. The first column of each is an id: what it stands for is named alike in both databases."""
    env.flush_all()
    order_numbers, line_numbers = numbers(env)
    codes = {account.id: account.code for account in moves.line_ids.account_id}
    queries = (
        (
            order_numbers,
            """SELECT o.id, m.state, c.name, m.amount_untaxed, m.amount_tax, m.amount_total
                 FROM account_move m JOIN sale_order o ON o.name = m.invoice_origin
                 JOIN res_currency c ON c.id = m.currency_id WHERE m.id = ANY(%s)""",
        ),
        (
            line_numbers,
            """SELECT rel.order_line_id, l.quantity, l.price_unit, l.price_subtotal, l.price_total
                 FROM account_move_line l JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = l.id
                WHERE l.move_id = ANY(%s)""",
        ),
        (
            codes,
            """SELECT l.account_id, sum(l.debit), sum(l.credit) FROM account_move_line l
                WHERE l.move_id = ANY(%s) GROUP BY 1""",
        ),
        (
            line_numbers,
            """SELECT so_line, count(*), sum(unit_amount) FROM account_analytic_line
                WHERE timesheet_invoice_id = ANY(%s) GROUP BY 1""",
        ),
        (
            line_numbers,
            """SELECT l.id, l.qty_invoiced, l.untaxed_amount_invoiced, l.untaxed_amount_to_invoice, l.qty_to_invoice
                 FROM sale_order_line l JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = l.id
                 JOIN account_move_line a ON a.id = rel.invoice_line_id WHERE a.move_id = ANY(%s)""",
        ),
    )
    answers = []
    for names, query in queries:
        env.cr.execute(query, [moves.ids])
        answers.append(sorted((str(names[key]), *map(str, row)) for key, *row in env.cr.fetchall()))
    return answers


def numbers(env):
    """The number of each order, and of each order line by order, by its id: in which turn they were seeded."""
    orders = bench_orders(env)
    order_numbers = {order.id: number for number, order in enumerate(orders)}
    line_numbers = {
        line.id: (order_numbers[order.id], number)
        for order in orders
        for number, line in enumerate(order.order_line.sorted("id"))
    }
    return order_numbers, line_numbers
