"""Time that the host billed before this addon came is known to the State of Hours."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if version:
        api.Environment(cr, SUPERUSER_ID, {})["account.analytic.line"]._psa_mark_billed_before()
