"""Confirmed change orders remember the hours that they put on tasks and project, to take those back."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """:param version: the version that was installed; None on a new installation"""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
    changes = env["sale.order"].search([("psa_kind", "=", "change_order"), ("state", "=", "sale")])
    for change in changes:
        lines = change._psa_sold_lines()
        for line in lines.filtered(lambda line: line.psa_amends_line_id and line.task_id):
            line.psa_allocated_hours = line._psa_hours()
        if change._psa_project():
            change.psa_allocated_hours = sum(line._psa_hours() for line in lines)
