from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _fetch_duplicate_orders(self):
        """A SOW and its change orders have one reference of the client on purpose."""
        found = super()._fetch_duplicate_orders()
        # sudo: which contract an order belongs to decides, also where the user does not see it
        orders = self.sudo().browse(set(found).union(*found.values()))
        contract = {order.id: order._psa_sow().id for order in orders}
        kept = {
            order_id: {other for other in others if contract[other] != contract[order_id]}
            for order_id, others in found.items()
        }
        return {order_id: others for order_id, others in kept.items() if others}
