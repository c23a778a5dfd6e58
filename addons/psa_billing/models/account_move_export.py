from odoo import api, fields, models
from odoo.fields import Domain


class AccountMove(models.Model):
    _inherit = "account.move"

    psa_external_number = fields.Char(
        string="External Invoice",
        compute="_compute_psa_external",
        search="_search_psa_external_number",
        help="Number of the invoice that the billing platform issued for the same proposal.",
    )
    psa_external_state = fields.Char(string="External State", compute="_compute_psa_external")

    @api.depends(
        "psa_payer_id",
        "psa_proposal_id.export_number",
        "psa_proposal_id.export_state",
        "psa_proposal_id.export_payer_ids.export_number",
        "psa_proposal_id.export_payer_ids.export_state",
    )
    @api.depends_context("lang")
    def _compute_psa_external(self):
        states = self.env["psa.billing.proposal"]._fields["export_state"]
        labels = dict(states._description_selection(self.env))
        for move in self:
            # sudo: the number of an invoice is shown to everybody who sees the invoice
            told = move.sudo().psa_proposal_id
            if move.psa_payer_id:
                payer = move.psa_payer_id
                told = told.export_payer_ids.filtered(lambda one, payer=payer: one.payer_id == payer)
            move.psa_external_number = told.export_number
            move.psa_external_state = labels.get(told.export_state)

    def _search_psa_external_number(self, operator, value):
        if operator.startswith("not"):  # the host turns it round
            return NotImplemented
        found = [("export_number", operator, value)]
        # sudo: see _compute_psa_external
        proposals = self.env["psa.billing.proposal"].sudo().search(found)
        payers = self.env["psa.billing.export.payer"].sudo().search(found)
        return Domain.OR(
            [
                [("psa_proposal_id", "in", proposals.ids), ("psa_payer_id", "=", False)],
                *(
                    [("psa_proposal_id", "=", one.proposal_id.id), ("psa_payer_id", "=", one.payer_id.id)]
                    for one in payers
                ),
            ]
        )
