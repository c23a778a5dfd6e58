from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_hour_costs(self):
        return {line: line.sudo().psa_employee_id.hourly_cost for line in self}
