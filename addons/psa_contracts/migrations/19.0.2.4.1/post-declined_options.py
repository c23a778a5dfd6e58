"""Options that clients did not take before this was remembered, and on which nobody has worked since."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Mark them as not taken."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    lines = env["sale.order.line"].search(
        [
            ("order_id.psa_kind", "!=", False),
            ("order_id.order_line.is_optional", "=", True),
            ("state", "=", "sale"),
            ("display_type", "=", False),
            ("product_uom_qty", "=", 0),
        ]
    )
    lines = lines.filtered(lambda line: line._psa_is_not_ordered())
    worked = env["account.analytic.line"]._read_group([("so_line", "in", lines.ids)], ["so_line"])
    used = lines.browse(line.id for (line,) in worked)
    continued = env["sale.order.line"].search([("psa_group_line_id", "in", lines.ids)]).psa_group_line_id
    (lines - used - continued).psa_declined = True
