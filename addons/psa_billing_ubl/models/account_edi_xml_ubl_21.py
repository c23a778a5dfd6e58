from odoo import models


class AccountEdiXmlUbl21(models.AbstractModel):
    _inherit = "account.edi.xml.ubl_21"

    def _add_invoice_line_period_nodes(self, line_node, vals):  # pylint: disable=missing-return
        """The days of the work, both inclusive, on lines that proposals billed (BG-26 of EN 16931)."""
        super()._add_invoice_line_period_nodes(line_node, vals)
        line = vals["base_line"].get("record")
        if (
            vals["document_type"] in ("invoice", "credit_note")
            and line
            and line._name == "account.move.line"
            and line.psa_service_start
            and not line_node.get("cac:InvoicePeriod")
        ):
            line_node["cac:InvoicePeriod"] = {
                "cbc:StartDate": {"_text": line.psa_service_start},
                "cbc:EndDate": {"_text": line.psa_service_end or line.psa_service_start},
            }
