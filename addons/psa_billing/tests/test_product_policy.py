"""A product that signed statements of work sell keeps the invoicing policy that bills them."""

from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestProductPolicy(PsaBillingCase):
    def test_a_fixed_price_is_not_turned_into_one_by_the_hour(self):
        """A concept for 1,000.00: where its product was one by the hour, 8 hours on it were 8,000.00."""
        order = self._sow(self._line(self.developer, 1, "fixed", price_unit=1000, name="Concept"))
        product = order.order_line.product_id
        self.assert_refused(
            lambda: product.write({"service_policy": "delivered_timesheet"}),
            "Developer",
            order.name,
            "another product",
        )
        self.assert_refused(lambda: product.write({"invoice_policy": "delivery"}), order.name)
        self.assert_refused(lambda: product.write({"type": "consu"}), order.name)
        self._work(order.order_line, 8)
        self.assertEqual(self._propose().amount, 1000)

    def test_what_a_draft_sells_is_free_until_it_is_signed(self):
        """It is refused at confirmation then, as long as product and billing model do not agree."""
        order = self._sow(
            self._line(self.developer, 1, "fixed", price_unit=1000, name="Concept"), confirm=False
        )
        product = order.order_line.product_id
        product.service_policy = "delivered_manual"
        self.assert_refused(order.action_confirm, "is not invoiced the way its billing model says")
        product.service_policy = "ordered_prepaid"
        order.sudo().action_confirm()
        self.assertEqual(order.state, "sale")

    def test_what_does_not_change_is_written(self):
        """An import repeats what is there; other fields are nobody's terms."""
        order = self._sow(self._line(self.developer, 1, "fixed", price_unit=1000, name="Concept"))
        product = order.order_line.product_id
        product.write({"service_policy": "ordered_prepaid", "type": "service", "list_price": 5})
        self.assertEqual(product.list_price, 5)

    def test_a_wrong_policy_is_set_right(self):
        """A database that changed it before: back to the one that bills the signed line, and to no other."""
        order = self._sow(self._line(self.developer, 1, "milestone", price_unit=1000, name="Go-live"))
        product = order.order_line.product_id
        product.sudo().service_policy = "ordered_prepaid"
        product.service_policy = "delivered_milestones"
        self.assertEqual(product.service_policy, "delivered_milestones")
        self.assert_refused(lambda: product.write({"service_policy": "ordered_prepaid"}), order.name)

    def test_hours_that_were_signed_do_not_become_days(self):
        """The host gives all lines the new unit of their product, at the price that they have: 4 h at 150.00
        were half a day at 150.00."""
        order = self._sow()
        line = order.order_line
        day = self.env.ref("uom.product_uom_day")
        self.assert_refused(lambda: line.product_id.write({"uom_id": day.id}), order.name)
        self._work(line, 4)
        self.assertEqual(self._propose().amount, 600)
