"""The discount of a line stays what was agreed when its quantity becomes another one."""

from odoo.tests import Form, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestLineDiscounts(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # without price lists, or without discounts, the host leaves discounts alone
        groups = cls.env.ref("product.group_product_pricelist") | cls.env.ref(
            "sale.group_discount_per_so_line"
        )
        cls.env.ref("base.group_user").implied_ids |= groups
        cls.pricelist = cls.env["product.pricelist"].create({"name": "Clients"})

    def test_an_option_keeps_its_discount_when_the_client_takes_it(self):
        """Support at 1,500 less 10 %: what the client read is what a month costs once they order it."""
        section = self._phase("Support")
        section[2]["is_optional"] = True
        sow = self._sow(
            self._hours(self.architect, 40),
            section,
            self._sold("retainer", 1500, name="Support", product_uom_qty=0, discount=10),
            pricelist_id=self.pricelist.id,
        )
        option = sow.order_line[-1]
        option.product_uom_qty = 3  # as the portal does
        self.assertEqual((option.discount, option.price_subtotal), (10, 4050))

    def test_other_hours_keep_the_discount_of_a_role(self):
        """40 h at 200 less 15 %; of 50 h it is 8,500."""
        sow = self._sow(self._hours(self.architect, 40, discount=15), pricelist_id=self.pricelist.id)
        with Form(sow) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 50
        self.assertEqual((sow.order_line.discount, sow.amount_untaxed), (15, 8500))

    def test_another_role_has_the_discount_of_the_price_list(self):
        """Nothing was agreed on what stands on the line now."""
        sow = self._sow(self._hours(self.architect, 40, discount=15), pricelist_id=self.pricelist.id)
        with Form(sow) as form, form.order_line.edit(0) as line:
            line.psa_role_id = self.developer
        self.assertEqual((sow.order_line.discount, sow.order_line.price_unit), (0, 120))

    def test_update_prices_takes_the_discount_of_the_price_list(self):
        """The host's button asks the price list anew."""
        sow = self._sow(self._hours(self.architect, 40, discount=15), pricelist_id=self.pricelist.id)
        sow.action_update_prices()
        self.assertEqual(sow.order_line.discount, 0)

    def test_other_orders_are_the_hosts(self):
        """There another quantity may have another discount of the price list: one that was typed goes."""
        product = self.architect.psa_fixed_product_id
        order = self.env["sale.order"].create(
            {"partner_id": self.client.id, "pricelist_id": self.pricelist.id}
        )
        line = self.env["sale.order.line"].create(
            {"order_id": order.id, "product_id": product.id, "price_unit": 100, "discount": 15}
        )
        line.product_uom_qty = 2
        self.assertEqual(line.discount, 0)
