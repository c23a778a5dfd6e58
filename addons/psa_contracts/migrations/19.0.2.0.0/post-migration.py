"""Statements of work of 19.0.1 get what the new version keeps with them: the price that the cards said, so
that their rates step, and the budget lines of their engagements."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

from odoo.addons.psa_contracts.models.sale_order_line_price import CARD_FIELDS

BATCH = 500


def migrate(cr, version):
    """:param version: the version that was installed; None on a new installation"""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
    orders = env["sale.order"].search([("psa_kind", "!=", False), ("state", "!=", "cancel")])
    for start in range(0, len(orders), BATCH):
        batch = orders[start : start + BATCH]
        remember_card_prices(batch)
        make_budgets(batch.filtered(lambda order: order.state == "sale"))
        env.flush_all()
        env.invalidate_all()


def remember_card_prices(orders):
    """What the cards say of the lines today; prices and everything that hangs on them stay as they are."""
    env = orders.env
    lines = orders.order_line.filtered(lambda line: line._psa_is_priced_by_card() and not line.psa_card_price)
    if not lines:
        return
    pricer = lines._psa_pricer()
    for line, answer in lines._psa_card_answers(pricer).items():
        values = line._psa_card_values(pricer, answer)
        env.cr.execute(
            SQL(
                "UPDATE sale_order_line SET psa_card_price = %s, psa_card_reason = %s, psa_rate_id = %s "
                "WHERE id = %s",
                values["psa_card_price"],
                values["psa_card_reason"],
                values["psa_rate_id"] or None,
                line.id,
            )
        )
    lines.invalidate_recordset(CARD_FIELDS, flush=False)


def make_budgets(orders):
    """Budget lines from what was sold; hours that somebody planned on a phase stay."""
    for order in orders:
        project = order._psa_project()
        planned = {phase: phase.budget_hours for phase in project.psa_phase_ids}
        if project:
            order._psa_sync_budget(project)
        for phase, hours in planned.items():
            if phase.budget_hours != hours:
                phase.budget_hours = hours
