"""Time and its correction that came to nothing had no line on the invoice of their proposal, and stayed on it
as proposed for ever: they wait again, for the next proposal."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    domain = [("state", "=", "proposed"), ("proposal_line_id.proposal_state", "=", "invoiced")]
    env["psa.wip.entry"].search(domain)._psa_free()
