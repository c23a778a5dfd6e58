"""Fixed prices that were billed in part before going live: the rounding of their quantity gets a line of its
own, so that what is left is billed to the cent; what was billed too little is billed by the next run."""

from odoo import SUPERUSER_ID, api

FIGURES = ("qty_invoiced", "untaxed_amount_invoiced")


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    openings = env["psa.opening.balance"].search([("billed_amount", "!=", 0)])
    openings = openings.filtered(lambda opening: opening.sale_line_id._psa_is_opened_in_pieces())
    for opening in openings:
        opening._psa_set_rest_line()
    lines = openings.sale_line_id | openings.rest_line_id
    for name in FIGURES:
        env.add_to_compute(lines._fields[name], lines)
    lines.modified(FIGURES)
