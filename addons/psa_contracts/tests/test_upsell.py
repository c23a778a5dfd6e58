"""Work on a fixed price is no opportunity to sell more hours."""

from odoo import Command
from odoo.tests import tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestUpsell(PsaContractsCase):
    def _activities(self, order):
        self.env.flush_all()
        return order.activity_ids

    def test_the_salesperson_is_not_asked_to_sell_more_of_a_fixed_price(self):
        """A concept for 3,000, planned with 20 hours: three hours on this one unit are not too many."""
        fixed = self._sold("fixed", 3000, psa_role_id=self.architect.id, name="Concept", psa_effort_hours=20)
        sow = self._sow(fixed, user_id=self.sales.user_id.id)
        self._sign(sow).action_confirm()
        self._log_on(sow.order_line, self.ann, 3, approved=True)
        self.assertEqual(sow.order_line.qty_delivered, 3)
        self.assertFalse(self._activities(sow))

    def test_hours_that_are_sold_ahead_are_the_hosts(self):
        """Two hours of support on another order: with three the salesperson is asked to sell more."""
        product = self.env["product.product"].create(
            {
                "name": "Support",
                "type": "service",
                "service_policy": "ordered_prepaid",
                "service_tracking": "task_in_project",
                "uom_id": self.env.ref("uom.product_uom_hour").id,
            }
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "user_id": self.sales.user_id.id,
                "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 2})],
            }
        )
        order.action_confirm()
        self._log_on(order.order_line, self.ann, 3, approved=True)
        self.assertEqual(self._activities(order).user_id, self.sales.user_id)
