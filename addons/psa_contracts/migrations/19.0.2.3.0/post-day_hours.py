"""What was signed before SOWs remembered the hours of a day counts days as it has done until now."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    """:param version: the version that was installed; None on a new installation"""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.cr.execute(
        SQL(
            """
            UPDATE sale_order
               SET psa_day_hours = COALESCE(NULLIF(calendar.hours_per_day, 0), 8)
              FROM res_company company
         LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
             WHERE company.id = sale_order.company_id AND sale_order.psa_day_hours IS NULL
               AND sale_order.psa_kind = 'sow' AND sale_order.state = 'sale'
            """
        )
    )
