"""Lines remember the row of the card that priced them, so that a signed price stays whatever exchange rates
or the length of a working day become.

A step where people have rates of their own may be that of one of them: it is found by its price, as before.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

BATCH = 500


def migrate(cr, version):
    """:param version: the version that was installed; None on a new installation"""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
    orders = env["sale.order"].search([("psa_kind", "!=", False), ("state", "!=", "cancel")])
    for start in range(0, len(orders), BATCH):
        remember_rates(orders[start : start + BATCH])
        env.invalidate_all()


def remember_rates(orders):
    """The rates of the lines of ``orders`` that have the card's price; nothing else of them changes."""
    lines = orders.order_line.filtered(
        lambda line: line._psa_is_priced_by_card() and line.psa_card_price and not line.psa_rate_id
    )
    if not lines:
        return
    pricer = lines._psa_pricer()
    rates = [(line.id, rate) for line in lines if (rate := rate_of(line, pricer))]
    orders.env.cr.execute(
        SQL(
            "UPDATE sale_order_line line SET psa_rate_id = priced.rate FROM "
            "(SELECT unnest(%s::int[]) AS id, unnest(%s::int[]) AS rate) priced WHERE priced.id = line.id",
            [line for line, _rate in rates],
            [rate for _line, rate in rates],
        )
    )


def rate_of(line, pricer):
    """The id of the row that priced ``line``, or None where it is not known."""
    order, head = line.order_id, line._psa_group_head()
    own = pricer.cards[order].line_ids.filtered(lambda rate: rate.role_id == line.psa_role_id)
    if line._psa_is_step() and (
        own.employee_id - head.psa_employee_id or own.location_id - head.psa_location_id
    ):
        return None
    day = line.psa_step_date or order._psa_price_day()
    answer = pricer.find(order, line.psa_role_id, head.psa_employee_id, head.psa_location_id, day)
    return answer.row.row_id if answer else None
