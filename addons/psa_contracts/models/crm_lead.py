from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_psa_new_sow(self):
        """Open a new SOW that takes over what the opportunity knows; ask for the client first if needed."""
        self.ensure_one()
        if not self.partner_id:
            action = self.env["ir.actions.actions"]._for_xml_id("sale_crm.crm_quotation_partner_action")
            return {**action, "context": {"default_lead_id": self.id, "psa_new_sow": True}}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Statement of Work"),
            "res_model": "sale.order",
            "view_mode": "form",
            "views": [(self.env.ref("psa_contracts.sow_view_form").id, "form")],
            "context": self._psa_sow_context(),
        }

    def action_new_quotation(self):
        # The host's question for the client goes on with a quotation: here it was asked for a SOW.
        if self.env.context.get("psa_new_sow"):
            return self.with_context(psa_new_sow=False).action_psa_new_sow()
        return super().action_new_quotation()
