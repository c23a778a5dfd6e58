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

    @api.depends("psa_proposal_ids.export_number", "psa_proposal_ids.export_state")
    @api.depends_context("lang")
    def _compute_psa_external(self):
        # sudo: the number of an invoice is shown to everybody who sees the invoice
        proposals = self.sudo().psa_proposal_ids.filtered("export_state").grouped("invoice_id")
        labels = dict(
            self.env["psa.billing.proposal"]._fields["export_state"]._description_selection(self.env)
        )
        for move in self:
            of_move = proposals.get(move._origin, self.env["psa.billing.proposal"])
            move.psa_external_number = ", ".join(filter(None, of_move.mapped("export_number")))
            move.psa_external_state = ", ".join(labels[proposal.export_state] for proposal in of_move)

    def _search_psa_external_number(self, operator, value):
        # sudo: see _compute_psa_external
        proposals = self.env["psa.billing.proposal"].sudo().search([("export_number", operator, value)])
        return [("id", "in", proposals.invoice_id.ids)]
