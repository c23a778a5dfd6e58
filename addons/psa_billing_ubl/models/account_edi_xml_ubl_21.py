from odoo import models


class AccountEdiXmlUbl21(models.AbstractModel):
    _inherit = "account.edi.xml.ubl_21"

    def _add_invoice_header_nodes(self, document_node, vals):  # pylint: disable=missing-return
        """The days from the first to the last work on the invoice (BG-14 of EN 16931): those of its lines lie
        within them."""
        super()._add_invoice_header_nodes(document_node, vals)
        lines = vals["invoice"].invoice_line_ids.filtered("psa_service_start")
        if vals["document_type"] not in ("invoice", "credit_note") or not lines:
            return
        if not document_node.get("cac:InvoicePeriod"):
            document_node["cac:InvoicePeriod"] = {
                "cbc:StartDate": {"_text": min(lines.mapped("psa_service_start"))},
                "cbc:EndDate": {
                    "_text": max(line.psa_service_end or line.psa_service_start for line in lines)
                },
            }

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
