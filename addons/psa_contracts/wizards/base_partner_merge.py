from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # sudo: who pays which share follows from who is who, whoever merges. The host would delete a share
        # that the merged client has already, and a part of the contract would be paid by nobody.
        self.env["psa.payer.share"].sudo()._psa_merge_payers(src_partners | dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)
