"""Periods of retainers from before an opening balance lead to it: the last leaves what the next opens with.
What was used of a period under way no longer stands in an opening below zero."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    openings = env["psa.opening.balance"].search([("billing_model", "=", "retainer")])
    for opening in openings.filtered(lambda opening: opening.sale_line_id._psa_is_drawn()):
        opening._psa_lead_to_balance(opening._psa_retainer_periods())
