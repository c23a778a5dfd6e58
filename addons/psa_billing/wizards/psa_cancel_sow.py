"""Before a SOW with work that is not billed is cancelled: what there is, and the ways out."""

from odoo import api, fields, models


class PsaCancelSow(models.TransientModel):
    _name = "psa.cancel.sow"
    _description = "Cancel a SOW With Unbilled Work"

    order_ids = fields.Many2many("sale.order", readonly=True)
    left = fields.Text(string="Not Billed", compute="_compute_left")

    @api.depends("order_ids")
    def _compute_left(self):
        for wizard in self:
            wizard.order_ids.check_access("write")
            # sudo: who may cancel the orders learns what would wait for ever
            orders = wizard.order_ids.sudo().filtered(lambda order: order.state == "sale")
            texts = [order._psa_left_unbilled_text() for order in orders if order.psa_kind]
            wizard.left = "\n".join(text for text in texts if text)

    def action_view_work(self):
        """The work that is not billed: it is billed, written off or moved there."""
        action = self.order_ids.action_view_psa_wip()
        return {**action, "context": {"search_default_unbilled": 1}}

    def action_cancel_anyway(self):
        """Cancel the orders: their work waits until they are confirmed again, or it is written off."""
        self.order_ids.with_context(psa_left_unbilled_is_known=True).action_cancel()
        return {"type": "ir.actions.act_window_close"}


class SaleMassCancelOrders(models.TransientModel):
    _inherit = "sale.mass.cancel.orders"

    def action_mass_cancel(self):
        """SOWs with work that is not billed are cancelled after a look at it, the others with them."""
        dialog = self.sale_order_ids._psa_ask_to_cancel()
        return dialog or super().action_mass_cancel()
