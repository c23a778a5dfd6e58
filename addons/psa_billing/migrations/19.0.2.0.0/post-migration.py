"""Retainers that were signed before have their periods; those that were billed stay billed."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if version:
        api.Environment(cr, SUPERUSER_ID, {})["psa.retainer.period"]._psa_plan_earlier()
