"""Leave and public holidays are granted in Time Off: that they were handed in, or approved, as time kept HR
from refusing or moving them."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists


def migrate(cr, version):
    if not version:
        return
    for name in ("holiday_id", "global_leave_id"):
        if column_exists(cr, "account_analytic_line", name):
            cr.execute(
                SQL(
                    """
                    UPDATE account_analytic_line
                       SET psa_state = 'draft', psa_approved_by_id = NULL, psa_approved_on = NULL,
                           psa_refusal_reason = NULL
                     WHERE %s IS NOT NULL AND psa_state != 'draft'
                    """,
                    SQL.identifier(name),
                )
            )
