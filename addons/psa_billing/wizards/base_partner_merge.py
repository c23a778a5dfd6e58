from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # sudo: whose work waits follows from who is who, whoever merges. The host would delete a part of an
        # entry that the merged client has already, and its hours with it.
        self.env["psa.wip.entry"].sudo()._psa_merge_payers(src_partners | dst_partner, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)
