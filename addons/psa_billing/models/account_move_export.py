from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    psa_external_number = fields.Char(
        string="External Invoice",
        compute="_compute_psa_external",
        search="_search_psa_external_number",
        help="Number of the invoice that the billing platform issued for the same proposal.",
    )
    psa_external_state = fields.Char(string="External State", compute="_compute_psa_external")

    @api.depends("psa_proposal_id.export_number", "psa_proposal_id.export_state")
    @api.depends_context("lang")
    def _compute_psa_external(self):
        states = self.env["psa.billing.proposal"]._fields["export_state"]
        labels = dict(states._description_selection(self.env))
        for move in self:
            # sudo: the number of an invoice is shown to everybody who sees the invoice
            proposal = move.sudo().psa_proposal_id
            move.psa_external_number = proposal.export_number
            move.psa_external_state = labels.get(proposal.export_state)

    def _search_psa_external_number(self, operator, value):
        # sudo: see _compute_psa_external
        proposals = self.env["psa.billing.proposal"].sudo().search([("export_number", operator, value)])
        return [("psa_proposal_id", "in", proposals.ids)]
