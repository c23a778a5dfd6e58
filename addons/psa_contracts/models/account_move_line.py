from odoo import api, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model
    def _timesheet_domain_get_invoiced_lines(self, sale_line_delivery):
        # Unapproved time on a SOW is neither billed nor linked to (and so frozen by) an invoice.
        return super()._timesheet_domain_get_invoiced_lines(sale_line_delivery) + [
            "|",
            ("so_line.order_id.psa_kind", "=", False),
            ("psa_state", "=", "approved"),
        ]
