"""Preview of what 50,000 approved, unbilled entries cost after their rate card changed, against one SQL pass.

The bound reads the same rows and groups them in the same way, with the rates of the one card joined in SQL; it
stores nothing. Ours asks the cards as any SOW does, and stores the rows of the preview.
"""

from datetime import date, timedelta

import billing

from odoo import Command

SIZES = {"rerate_50k": (100, 50, 50_000)}
QUICK = (3, 4, 40)
CHANGE = date(2026, 8, 1)


def seed(env, name, quick):
    """SOWs by one card, approved time on them, then a new price for each role from August on, and one person's."""
    orders, people, count = QUICK if quick else SIZES[name]
    roles = env["project.role"].create([{"name": f"Bench role {number}"} for number in range(4)])
    roles._psa_create_products()
    card = env["psa.rate.card"].create(
        {
            "name": "Bench",
            "currency_id": env.company.currency_id.id,
            "line_ids": [
                Command.create({"role_id": role.id, "date_start": "2026-01-01", "price": 100 + 10 * number})
                for number, role in enumerate(roles)
            ],
        }
    )
    employees = env["hr.employee"].create(
        [
            {"name": f"Bench {number}", "company_id": env.company.id, "hourly_cost": 50}
            for number in range(people)
        ]
    )
    sows = billing.make_sows(env, orders, roles)
    env.cr.commit()
    for chunk in billing.chunks(list(billing.entry_vals(sows, employees, count)), 1000):
        entries = env["account.analytic.line"].create(chunk)
        entries.action_psa_submit()
        entries.sudo().action_psa_approve()
        env.cr.commit()
        env.invalidate_all()
    change(card, employees[0])
    return f"{orders} SOWs, {people} people, {count} entries"


def change(card, person):
    """Each role costs 5.00 more from ``CHANGE`` on, and work of ``person`` in the first role 40.00 more."""
    first = card.line_ids.role_id.sorted("id")[0]
    rows = card.line_ids
    rows.date_end = CHANGE - timedelta(days=1)
    values = [{"role_id": row.role_id.id, "date_start": CHANGE, "price": row.price + 5} for row in rows]
    own = {"role_id": first.id, "employee_id": person.id, "date_start": CHANGE, "price": 140}
    card.line_ids = [Command.create(line) for line in [*values, own]]


def warm(env):
    ours(env)
    bound(env)


def ours(env):
    """The preview of all unbilled work."""
    wizard = env["psa.rerate"].create({})
    wizard._psa_preview()
    return wizard


def bound(env):
    """The same rows, grouped in the same way."""
    env.cr.execute(
        """SELECT wip.order_id, wip.sale_line_id, wip.role_id, wip.employee_id, wip.currency_id, wip.unit_price,
                  rate.price, card.name, sum(wip.raw_hours), sum(wip.billable_quantity), sum(wip.amount),
                  sum(round(wip.billable_quantity * rate.price::numeric, 2))
             FROM psa_wip_entry wip
             JOIN account_analytic_line entry ON entry.id = wip.analytic_line_id
             JOIN psa_rate_card_line rate
               ON rate.role_id = wip.role_id AND rate.date_start <= wip.date
              AND (rate.date_end IS NULL OR rate.date_end >= wip.date)
              AND rate.employee_id IS NOT DISTINCT FROM
                  (SELECT own.employee_id FROM psa_rate_card_line own
                    WHERE own.employee_id = wip.employee_id AND own.role_id = wip.role_id
                      AND own.date_start <= wip.date AND (own.date_end IS NULL OR own.date_end >= wip.date))
             JOIN psa_rate_card card ON card.id = rate.card_id
            WHERE wip.state IN ('open', 'held', 'over_cap') AND wip.proposal_line_id IS NULL
              AND wip.company_id = %s AND rate.price::numeric != wip.unit_price
              AND entry.is_so_line_edited IS NOT TRUE
              AND NOT EXISTS (SELECT 1 FROM psa_wip_entry other
                               WHERE other.analytic_line_id = wip.analytic_line_id
                                 AND (other.state NOT IN ('open', 'held', 'over_cap')
                                      OR other.proposal_line_id IS NOT NULL))
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8""",
        [env.company.id],
    )
    return env.cr.fetchall()


def result(env, rows):
    """Hours, amount before and after, by SOW line, person and price."""
    if not isinstance(rows, list):
        env.cr.execute(
            """SELECT order_id, sale_line_id, role_id, employee_id, currency_id, old_price, new_price, NULL,
                      hours, quantity, amount, new_amount
                 FROM psa_rerate_line WHERE rerate_id = %s""",
            [rows.id],
        )
        rows = env.cr.fetchall()
    return sorted((*row[:5], *(round(float(value), 2) for value in [*row[5:7], *row[8:]])) for row in rows)
