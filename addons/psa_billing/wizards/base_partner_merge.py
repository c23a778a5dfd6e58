from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # sudo: whose work waits follows from who is who, whoever merges. The host would delete a part of an
        # entry that the merged client has already, and its hours with it.
        partners = src_partners | dst_partner
        self.env["psa.wip.entry"].sudo()._psa_merge_payers(partners, dst_partner)
        # sudo: as above. The database refuses two of these for one client, and the merge with them.
        self.env["psa.dunning.reminder"].sudo()._psa_merge_clients(dst_partner | partners)
        self.env["psa.billing.export.payer"].sudo()._psa_merge_payers(partners)
        return super()._update_foreign_keys(src_partners, dst_partner)
