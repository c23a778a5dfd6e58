"""Proposals of runs that began on a day know it: what was worked before is not late for their bill."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    for run in env["psa.billing.run"].search([("date_from", "!=", False)]):
        proposals = run.proposal_ids.filtered(
            lambda proposal: proposal.order_id and not proposal.period_start
        )
        for order, made in proposals.grouped("order_id").items():
            # None where the SOW is billed by other periods now: as before, all until the last day
            window = run._psa_window(order)
            if window and window[0]:
                made.filtered(lambda proposal, end=window[1]: proposal.period_end in (False, end)).write(
                    {"period_start": window[0]}
                )
