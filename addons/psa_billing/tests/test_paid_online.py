"""A statement of work that the client has paid online in full is billed by what is due, as any other."""

from odoo import Command
from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestPaidOnline(PsaRetainerCase):
    def test_automatic_invoices_make_nothing_due(self):
        """The host's automatic invoice of a paid order takes all that was ordered for delivered. Of March 4 h
        at 150.00 and a month at 1,500.00 are due; the go-live is not reached, nobody has claimed the fee."""
        fee = {"psa_billing_model": "success_fee", "price_unit": 5000, "name": "Savings"}
        order = self._sow(
            self._line(self.architect, 10),
            self._line(self.developer, 1, "milestone", price_unit=1000, name="Go-live"),
            self._retainer(quantity=6),
            Command.create(fee),
        )
        self._work(order.order_line[0], 4)
        paid = order.sudo()  # as the payment that is confirmed
        paid._force_lines_to_invoice_policy_order()
        paid.with_context(raise_if_nothing_to_invoice=False)._create_invoices(final=True)
        self.assertFalse(order.invoice_ids)
        self.assertEqual(order.order_line.mapped("qty_to_invoice"), [4, 0, 0, 0])
        self.assertEqual(self._propose().amount, 2100)

    def test_other_orders_are_invoiced_in_full(self):
        """As the host does: two units of which none is delivered."""
        product = self.env["product.product"].create(
            {"name": "Licence", "type": "service", "service_policy": "delivered_manual", "list_price": 50}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 2})],
            }
        )
        order.action_confirm()
        order.sudo()._force_lines_to_invoice_policy_order()
        self.assertEqual(order.order_line.qty_to_invoice, 2)
