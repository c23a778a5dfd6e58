from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _compute_show_hours_recorded_button(self):
        """The host asks here how many projects an order has, which nobody without rights on projects may
        read: who sells or bills and logs time could not open an order of others' work."""
        orders = self
        if not self.env.user.has_group("project.group_project_user"):
            orders = self.sudo()  # sudo: whether a button shows; what it opens is the user's own to see
        return super(SaleOrder, orders)._compute_show_hours_recorded_button()
