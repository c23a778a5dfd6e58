"""Confirm 100 SOWs of 20 role lines in 6 phases: the suite against the host confirming the same lines.

For the peer the orders are no SOWs. What counts are the queries: at most 1.3 times the host's.
"""

from datetime import date

from odoo import Command

COUNT, LINES, PHASES = 100, 20, 6
QUICK = (2, 4, 2)
CLIENT = "Bench SOW client"


def seed(env, name, quick):
    """Draft SOWs with phases as sections and role lines priced by a card."""
    count, lines, phases = QUICK if quick else (COUNT, LINES, PHASES)
    roles = env["project.role"].create([{"name": f"Bench role {number}"} for number in range(lines)])
    roles._psa_create_products()
    env["psa.rate.card"].create(
        {
            "name": "Bench card",
            "line_ids": [
                Command.create({"role_id": role.id, "date_start": "2026-01-01", "price": 100 + number})
                for number, role in enumerate(roles)
            ],
        }
    )
    clients = env["res.partner"].create([{"name": f"{CLIENT} {number:04d}"} for number in range(count)])
    for start in range(0, count, 10):
        env["sale.order"].create([sow_vals(client, roles, phases) for client in clients[start : start + 10]])
        env.cr.commit()
        env.invalidate_all()
    return f"{count} SOWs, {lines} lines, {phases} phases each"


def sow_vals(client, roles, phases):
    lines, each = [], -(-len(roles) // phases)
    for number in range(phases):
        lines.append(Command.create({"display_type": "line_section", "name": f"Phase {number + 1}"}))
        lines += [
            Command.create(
                {"psa_role_id": role.id, "psa_billing_model": "time_material", "product_uom_qty": 40}
            )
            for role in roles[number * each : (number + 1) * each]
        ]
    return {
        "psa_kind": "sow",
        "partner_id": client.id,
        "psa_date_start": date(2026, 7, 1),
        "psa_date_end": date(2026, 12, 31),
        "order_line": lines,
    }


def bench_orders(env):
    return env["sale.order"].search([("partner_id.name", "like", f"{CLIENT} %")], order="id")


def warm(env):
    """Fill the caches of the registry, both ways."""
    ours(env, bench_orders(env)[:1])
    env.cr.rollback()
    env.transaction.reset()
    prepare_peer(env)
    peer(env, bench_orders(env)[:1])


def ours(env, orders=None):
    """Confirm all, as the client's signature does."""
    orders = orders or bench_orders(env)
    orders.sudo().action_confirm()
    return orders


def prepare_peer(env):
    """For the host these are its own orders."""
    env.flush_all()
    env.cr.execute("UPDATE sale_order SET psa_kind = NULL WHERE id = ANY(%s)", [bench_orders(env).ids])
    env.invalidate_all()


peer = ours


def result(env, orders):
    """What both have to agree in: amounts, and one project with one task a line and its hours."""
    env.flush_all()
    env.cr.execute(
        """SELECT o.id, o.state, o.amount_untaxed, count(DISTINCT t.project_id), count(t.id),
                  sum(t.allocated_hours)
             FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id
        LEFT JOIN project_task t ON t.id = l.task_id
            WHERE o.id = ANY(%s) GROUP BY 1, 2, 3 ORDER BY 1""",
        [orders.ids],
    )
    return [tuple(str(value) for value in row) for row in env.cr.fetchall()]
