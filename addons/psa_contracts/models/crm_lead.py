from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_psa_new_sow(self):
        """Open a new SOW that takes over what the opportunity knows."""
        self.ensure_one()
        if not self.partner_id:
            return self.env["ir.actions.actions"]._for_xml_id("sale_crm.crm_quotation_partner_action")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Statement of Work"),
            "res_model": "sale.order",
            "view_mode": "form",
            "context": {**self._prepare_opportunity_quotation_context(), "default_psa_kind": "sow"},
        }
