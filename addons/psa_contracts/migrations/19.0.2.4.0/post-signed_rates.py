"""What was signed before SOWs remembered exchange rates, cards and taxes goes on as the upgrade finds it."""

from odoo import SUPERUSER_ID, api

BATCH = 500


def migrate(cr, version):
    """:param version: the version that was installed; None on a new installation"""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
    domain = [("psa_kind", "!=", False), ("state", "=", "sale"), ("psa_signed_rates", "=", False)]
    ids = env["sale.order"].search(domain).ids
    for start in range(0, len(ids), BATCH):
        env["sale.order"].browse(ids[start : start + BATCH])._psa_keep_signed_rates()
        env.flush_all()
        env.invalidate_all()
