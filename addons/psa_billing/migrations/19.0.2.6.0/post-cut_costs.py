"""Costs that a limit cut name the SOW whose limit it was, and what is left to let through."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    entries = env["account.analytic.line"].search([("psa_expense_over_limit", ">", 0)])
    for entry, order in entries.move_line_id._psa_sows_of(entries).items():
        entry.psa_expense_order_id = order
        entry._psa_note_cut()
