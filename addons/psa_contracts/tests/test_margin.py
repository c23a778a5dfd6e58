"""What the hours of a SOW cost and what is left of them, for those who may know."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestMargin(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.architect.psa_hourly_cost = 90
        cls.head = cls._person("head", "sales_team.group_sale_manager")

    def test_an_hour_costs_its_person_else_its_role_else_the_mean_of_the_people_in_it(self):
        # developers: Ann 50, Zoe 70; Kim's cost is not known, Old has left
        self._person("zoe", "psa_project.group_psa_user", role=self.developer).hourly_cost = 70
        self._person("kim", "psa_project.group_psa_user", role=self.developer).hourly_cost = 0
        old = self._person("old", "psa_project.group_psa_user", role=self.developer)
        old.write({"hourly_cost": 500, "active": False})
        order = self._sow(
            self._hours(self.architect, 40),
            self._hours(self.developer, 100),
            self._hours(self.developer, 10, psa_employee_id=self.bob.id),
        )
        self.bob.hourly_cost = 45
        architect, developer, bob = order.order_line
        self.assertEqual(order.order_line._psa_hour_costs(), {architect: 90, developer: 60, bob: 45})
        self.assertEqual(bob._psa_hour_cost(), 45)
        # 40 × 90, 100 × 60, 10 × 45
        self.assertEqual(order.order_line.mapped("psa_cost_amount"), [3600, 6000, 450])
        # 8,000 − 3,600
        self.assertEqual((architect.psa_margin_amount, architect.psa_margin_percent), (4400, 0.55))
        # 8,000 + 12,000 + 1,200 − 10,050
        self.assertEqual((order.psa_cost_amount, order.psa_margin_amount), (10050, 11150))
        self.assertAlmostEqual(order.psa_margin_percent, 11150 / 21200)

    def test_its_columns_are_told_from_those_of_the_hosts_margin(self):
        """sale_margin, where it is installed, has Cost, Margin and Margin (%) on the same lines and orders:
        of what products and the time logged so far cost."""
        for model in ("sale.order", "sale.order.line"):
            named = self.env[model].sudo().fields_get(attributes=["string"])
            labels = [
                named[f"psa_{name}"]["string"] for name in ("cost_amount", "margin_amount", "margin_percent")
            ]
            self.assertEqual(labels, ["Planned Cost", "Planned Margin", "Planned Margin (%)"])

    def test_a_role_that_nobody_knows_the_cost_of_costs_nothing(self):
        tester = self.env["project.role"].create({"name": "Tester"})
        tester._psa_create_products()
        order = self._sow(self._hours(tester, 5, price_unit=10))
        self.assertEqual((order.psa_cost_amount, order.psa_margin_amount), (0, 50))
        empty = self._sow(self._phase("Only a heading"))
        self.assertEqual((empty.psa_margin_amount, empty.psa_margin_percent), (0, 0))

    def test_every_billing_model_has_its_cost(self):
        order = self._hybrid()
        cost = {line.psa_billing_model: line.psa_cost_amount for line in order.order_line if line.product_id}
        self.assertEqual(
            cost,
            {
                "time_material": 3600,  # 40 × 90
                "fixed": 1800,  # 20 planned × 90
                "milestone": 1500,  # 30 planned × 50
                "retainer": 0,  # no role: nobody knows who
                "expense": 800,  # costs what it brings in
                "success_fee": 0,
            },
        )
        order.order_line.filtered(lambda line: line.name == "Support").psa_role_id = self.architect
        # 3 months × 10 h × 90
        self.assertEqual(sum(order.order_line.mapped("psa_cost_amount")), 7700 + 2700)

    def test_days_cost_the_hours_of_a_day(self):
        day = self.env.ref("uom.product_uom_day")
        order = self._sow(self._hours(self.architect, 2, product_uom_id=day.id))
        self.assertEqual(order.psa_cost_amount, 2 * 8 * 90)

    def test_costs_are_converted_on_the_day_of_the_order(self):
        euro = self.env.ref("base.EUR")
        if self.env.company.currency_id == euro:
            euro = self.env.ref("base.USD")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": euro.id, "name": "2026-01-01", "rate": 0.5},
                {"currency_id": euro.id, "name": "2026-02-15", "rate": 0.8},
            ]
        )
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        for day, cost in (("2026-02-01", 1800), ("2026-02-20", 2880)):
            order = self._sow(
                self._hours(self.architect, 40, price_unit=100), pricelist_id=pricelist.id, date_order=day
            )
            with self.subTest(day):
                # 40 × 90 of the company's currency at 0.5 or 0.8
                self.assertEqual((order.currency_id, order.psa_cost_amount), (euro, cost))
                self.assertEqual(order.psa_margin_amount, 4000 - cost)

    def test_each_company_has_its_own_cost_of_a_role(self):
        branch = self.env["res.company"].create({"name": "Branch"})
        role = self.architect
        self.assertEqual(role._psa_hourly_costs(branch), {role: 0})
        role.with_company(branch).psa_hourly_cost = 30
        self.assertEqual(role._psa_hourly_costs(branch), {role: 30})
        self.assertEqual(role._psa_hourly_costs(self.env.company), {role: 90})

    def test_only_those_who_may_see_cost_and_margin(self):
        order = self._sow()
        names = ["psa_cost_amount", "psa_margin_amount", "psa_margin_percent"]
        for person in (self.sales, self.ann):
            for record in (order, order.order_line[0]):
                with self.subTest(person.name, record=record._name), self.assertRaises(AccessError):
                    record.with_user(person.user_id).read(names)
            with self.assertRaises(AccessError):
                self.architect.with_user(person.user_id).read(["psa_hourly_cost"])
        for person in (self.head, self.manager):
            with self.subTest(person.name):
                self.assertEqual(order.with_user(person.user_id).psa_cost_amount, 8600)
                self.assertEqual(order.order_line[0].with_user(person.user_id).psa_cost_amount, 3600)
        self.assertEqual(self.architect.with_user(self.head.user_id).psa_hourly_cost, 90)

    def test_the_form_shows_margin_only_to_them(self):
        for person, shows in ((self.sales, False), (self.head, True)):
            arch = self.env["sale.order"].with_user(person.user_id).get_view(view_type="form")["arch"]
            with self.subTest(person.name):
                self.assertEqual('name="psa_margin_amount"' in arch, shows)

    def test_other_orders_cost_nothing(self):
        order = self._sow(psa_kind=False)
        self.assertFalse(order.order_line._psa_hour_costs())
        self.assertEqual(order.psa_cost_amount, 0)

    def test_queries_do_not_grow_with_the_lines(self):
        def read(count):
            orders = self.env["sale.order"].concat(*[self._sow() for _ in range(count)])
            return self._count_queries(lambda: orders.mapped("psa_margin_amount"))

        read(2)
        self.assertLessEqual(read(12), read(6))
