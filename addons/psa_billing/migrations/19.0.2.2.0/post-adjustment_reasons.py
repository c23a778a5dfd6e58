"""Reasons that came with the addon and were not renamed since say what they are for; others stay for both."""

from odoo import SUPERUSER_ID, api

WRITE_OFFS = {
    "reason_goodwill": "Goodwill",
    "reason_estimate": "Over the estimate",
    "reason_rework": "Rework, our mistake",
    "reason_learning": "Learning, handover inside the team",
    "reason_twice": "Billed once already",
}
WRITE_UPS = {"reason_extra": "Extra effort or cost"}


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
    for used_for, names in (("write_off", WRITE_OFFS), ("write_up", WRITE_UPS)):
        for xml_id, name in names.items():
            reason = env.ref(f"psa_billing.{xml_id}", raise_if_not_found=False)
            if reason and reason.name == name:
                reason.used_for = used_for
                if used_for == "write_up" and reason.sequence == 80:  # as it came: before those for both now
                    reason.sequence = 45
