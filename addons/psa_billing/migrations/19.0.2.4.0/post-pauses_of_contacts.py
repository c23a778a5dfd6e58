"""Stops and promises of a contact are those of its client: until now they kept nobody from a reminder."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for model in ("psa.dunning.stop", "psa.payment.promise"):
        pauses = env[model].search([("partner_id.parent_id", "!=", False)])
        for pause in pauses.filtered(
            lambda pause: pause.partner_id != pause.partner_id.commercial_partner_id
        ):
            pause.partner_id = pause.partner_id.commercial_partner_id
