"""The State of Hours of a million entries by state and SOW, against one grouped SQL over the same rows.

Nine of ten entries are rated, the others unapproved, in a role that was not sold, or on an internal project.
Some are made as people make them, the others are copies of their rows.
"""

from datetime import date

import billing

from odoo.tools import SQL

COPIES, QUICK_COPIES = 1_000, 3
ORDERS, QUICK_ORDERS = 100, 2
WIP_STATES = ("open", "held", "over_cap", "written_off")


def seed(env, name, quick):
    """Rated and other time on SOWs, and internal time."""
    orders, copies = (QUICK_ORDERS, QUICK_COPIES) if quick else (ORDERS, COPIES)
    rated, beside = make_entries(env, orders)
    put_in_states(env, rated)
    entries = copy_rows(env, rated, copies * 3)
    others = copy_rows(env, beside, copies)
    env.cr.commit()
    return f"{entries + others} entries, {entries} of them rated, {orders} SOWs"


def make_entries(env, count):
    """Three rated entries a SOW; and one that is unapproved, one role not sold, one internal for ten."""
    roles = env["project.role"].create([{"name": f"Bench role {number}"} for number in range(4)])
    roles._psa_create_products()
    company = env.company
    people = env["hr.employee"].create(
        [{"name": f"Bench {number}", "company_id": company.id, "hourly_cost": 50} for number in range(50)]
    )
    orders = billing.make_sows(env, count, roles)
    unsold = env["project.role"].create({"name": "Bench unsold"})
    internal = env["project.project"].create({"name": "Bench internal", "allow_timesheets": True})
    rated, others, free = [], [], []
    for number, order in enumerate(orders):
        line = order.order_line[0]
        values = {
            "name": "Work",
            "project_id": line.task_id.project_id.id,
            "employee_id": people[number % 50].id,
            "date": date(2026, 7, 1),
            "unit_amount": 1 + number % 4,
        }
        rated += [{**values, "task_id": line.task_id.id, "unit_amount": hours} for hours in (0.5, 1, 2)]
        if number % 3 == 0:
            others.append({**values, "psa_role_id": unsold.id})
        elif number % 3 == 1:
            free.append({**values, "project_id": internal.id})
        else:
            free.append({**values, "task_id": line.task_id.id})
    entries = env["account.analytic.line"].create([*rated, *others, *free])
    approved = entries[: len(rated) + len(others)]
    approved.action_psa_submit()
    approved.sudo().action_psa_approve()
    return entries[: len(rated)], entries[len(rated) :]


def put_in_states(env, rated):
    """The work of these entries in all states in turn; what is written off names an adjustment of its SOW."""
    reason = env.ref("psa_billing.reason_goodwill")
    env["psa.adjustment"].sudo().create(
        [
            {
                "kind": "write_off",
                "reason_id": reason.id,
                "order_id": line.order_id.id,
                "sale_line_id": line.id,
                "on_work": True,
            }
            for line in rated.so_line
        ]
    )
    env.flush_all()
    env.cr.execute(
        """UPDATE psa_wip_entry wip
              SET state = (%(states)s::varchar[])[1 + wip.id %% 4],
                  adjustment_id = CASE WHEN 1 + wip.id %% 4 = %(written_off)s THEN adjustment.id END
             FROM psa_adjustment adjustment
            WHERE wip.analytic_line_id = ANY(%(rated)s) AND adjustment.sale_line_id = wip.sale_line_id""",
        {
            "states": list(WIP_STATES),
            "written_off": 1 + WIP_STATES.index("written_off"),
            "rated": rated.ids,
        },
    )


def copy_rows(env, entries, copies):
    """``copies`` of the rows of the entries and of their work, on days of a year; how many there are then."""
    env.flush_all()
    env.cr.execute("SELECT max(id) FROM account_analytic_line")
    source = SQL(
        """(SELECT id, %s + (row_number() OVER (ORDER BY id) - 1) * %s AS base FROM account_analytic_line
             WHERE id = ANY(%s)) source, generate_series(1, %s) number""",
        env.cr.fetchone()[0],
        copies,
        entries.ids,
        copies,
    )
    entry, day = SQL("base + number"), SQL("original.date + number %% 360")
    copy_table(env, "account_analytic_line", SQL("id"), {"id": entry, "date": day}, source)
    work = {"id": SQL("nextval('psa_wip_entry_id_seq')"), "analytic_line_id": entry, "date": day}
    copy_table(env, "psa_wip_entry", SQL("analytic_line_id"), work, source)
    env.cr.execute(
        "SELECT setval('account_analytic_line_id_seq', (SELECT max(id) FROM account_analytic_line))"
    )
    return len(entries) * (copies + 1)


def copy_table(env, table, key, fresh, source):
    """Insert rows of ``table``, found by ``key``, again with other values in the columns ``fresh``."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s",
        [table],
    )
    columns = [name for (name,) in env.cr.fetchall()]
    env.cr.execute(
        SQL(
            "INSERT INTO %(table)s (%(columns)s) SELECT %(values)s FROM %(table)s original, %(source)s "
            "WHERE original.%(key)s = source.id",
            table=SQL.identifier(table),
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(fresh.get(name, SQL.identifier("original", name)) for name in columns),
            source=source,
            key=key,
        )
    )


def warm(env):
    ours(env)
    bound(env)


def ours(env):
    """What the pivot of the report asks for, by state and SOW."""
    rows = env["psa.hour.state"]._read_group([], ["state", "order_id"], ["hours:sum", "company_amount:sum"])
    return [(state, order.id, hours, amount) for state, order, hours, amount in rows]


def bound(env):
    """The least that answers the same: one pass over the work, and one over what is none."""
    env.cr.execute(
        """SELECT state, order_id, sum(hours), sum(amount) FROM (
                  SELECT state, order_id, raw_hours AS hours, amount FROM psa_wip_entry
               UNION ALL
                  SELECT CASE WHEN sow.order_id IS NULL THEN 'non_billable'
                              WHEN entry.psa_state != 'approved' THEN 'unapproved'
                              ELSE 'role_not_sold' END,
                         sow.order_id, entry.unit_amount,
                         round(entry.unit_amount::numeric * COALESCE(line.price_unit, 0), 2)
                    FROM account_analytic_line entry
                    JOIN project_project project ON project.id = entry.project_id
               LEFT JOIN sale_order_line sow ON sow.id = project.sale_line_id
               LEFT JOIN sale_order_line line ON line.id = entry.so_line
                   WHERE entry.so_line IS NULL OR entry.psa_state != 'approved'
                  ) rows GROUP BY state, order_id"""
    )
    return env.cr.fetchall()


def result(env, rows):
    """Hours and amount of each state and SOW."""
    return sorted(
        (state, order or 0, round(hours, 2), round(float(amount or 0), 2))
        for state, order, hours, amount in rows
    )
