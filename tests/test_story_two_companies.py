"""Two companies of one group, each with its own agreement, card and currency, sell to the same client.

North (USD)  Advisor 10 h × 200.00 = 2,000.00                   billed 1,500.00, credited 500.00
South (EUR)  Advisor 10 h × 150.00 = 1,500.00                   billed   600.00
             a SOW in USD, 1,000.00 at 2 USD for a EUR = 500.00
"""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestStoryTwoCompanies(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        quiet = {"no_reset_password": True, "tracking_disable": True}
        cls.env = cls.env(su=True, context={**cls.env.context, **quiet})
        cls.client = cls.env["res.partner"].create({"name": "Shared Client", "is_company": True})
        cls.advisor = cls.env["project.role"].create({"name": "Advisor"})
        cls.advisor._psa_create_products()
        cls.advisor.psa_time_product_id.taxes_id = False
        usd, eur = cls.env.ref("base.USD"), cls.env.ref("base.EUR")
        (usd | eur).active = True
        cls.north = cls.company_data["company"]
        cls.south = cls.setup_other_company(name="South", currency_id=eur.id)["company"]
        cls.env["res.currency.rate"].search([("company_id", "=", cls.south.id)]).unlink()
        # for South, a EUR is worth 2 USD since 2026
        cls.env["res.currency.rate"].create(
            {"currency_id": usd.id, "company_id": cls.south.id, "name": "2026-01-01", "rate": 2.0}
        )
        cls.cards, cls.agreements = {}, {}
        for company, price in ((cls.north, 200), (cls.south, 150)):
            cls.cards[company] = cls._card(company, price)
            cls.agreements[company] = cls._agreement(company)
        managers = "sales_team.group_sale_manager"
        cls.nora = cls._user("nora", managers, cls.north)
        cls.sam = cls._user("sam", managers, cls.south)
        cls.both = cls._user("both", managers, cls.north, cls.south)

    @classmethod
    def _user(cls, login, groups, *companies):
        return new_test_user(
            cls.env,
            login=f"two.{login}",
            groups=groups,
            company_id=companies[0].id,
            company_ids=[Command.set([company.id for company in companies])],
        )

    @classmethod
    def _card(cls, company, price):
        return cls.env["psa.rate.card"].create(
            {
                "name": f"Rates of {company.name}",
                "company_id": company.id,
                "line_ids": [
                    Command.create({"role_id": cls.advisor.id, "date_start": "2026-01-01", "price": price})
                ],
            }
        )

    @classmethod
    def _agreement(cls, company):
        return cls.env["psa.agreement"].create(
            {
                "name": f"Frame of {company.name}",
                "company_id": company.id,
                "partner_id": cls.client.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
                "rate_card_id": cls.cards[company].id,
                "cap_amount": 10000,
                "state": "active",
            }
        )

    def _as(self, user, company):
        """Orders as ``user`` who works in ``company``, with all their companies switched on."""
        others = (user.company_ids - company).ids
        return self.env["sale.order"].with_user(user).with_context(allowed_company_ids=[company.id, *others])

    def _sow(self, user, company, **values):
        return self._as(user, company).create(
            {
                "partner_id": self.client.id,
                "company_id": company.id,
                "psa_kind": "sow",
                "psa_date_start": "2026-03-02",
                "psa_date_end": "2026-05-29",
                "order_line": [
                    Command.create(
                        {
                            "psa_role_id": self.advisor.id,
                            "psa_billing_model": "time_material",
                            "product_uom_qty": 10,
                        }
                    )
                ],
                **values,
            }
        )

    def _confirm(self, order):
        """By the client's purchase order, as the order's own user does it."""
        env = order.env
        order_file = env["ir.attachment"].create(
            {"name": "po.pdf", "raw": b"%PDF", "res_model": "psa.confirm.document"}
        )
        action = order.action_psa_confirm_by_document()
        wizard = Form(env[action["res_model"]].with_context(**action["context"]))
        wizard.reference = f"PO of {order.company_id.name}"
        wizard.attachment_ids.add(order_file)
        wizard.save().action_confirm()
        self.assertEqual((order.state, order.psa_confirmed_by_id), ("sale", env.user))
        order.sudo().date_order = "2026-03-01"

    def _bill(self, order, amount, kind="out_invoice"):
        order = order.sudo().with_company(order.company_id)
        invoice = (
            self.env["account.move"]
            .with_company(order.company_id)
            .create(
                {
                    "move_type": kind,
                    "partner_id": self.client.id,
                    "company_id": order.company_id.id,
                    "currency_id": order.currency_id.id,
                    "invoice_date": "2026-04-01",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                **order.order_line[0]._prepare_invoice_line(quantity=1),
                                "price_unit": amount,
                                "tax_ids": [],
                            }
                        )
                    ],
                }
            )
        )
        invoice.action_post()

    def assert_figures(self, company, value, billed):
        agreement = self.agreements[company]
        agreement.invalidate_recordset()
        self.assertEqual((agreement.value_amount, agreement.billed_amount), (value, billed))
        self.assertEqual(agreement.backlog_amount, value - billed)
        self.assertEqual(agreement.cap_left_amount, 10000 - billed)

    def test_each_company_sells_under_its_own_terms(self):
        north = self._sow(self.nora, self.north)
        south = self._sow(self.sam, self.south)
        for order, company, price in ((north, self.north, 200), (south, self.south, 150)):
            with self.subTest(company.name):
                self.assertEqual(order.psa_agreement_id, self.agreements[company])
                self.assertEqual(order.psa_rate_card_id, self.cards[company])
                self.assertEqual(order.order_line.price_unit, price)
                self.assertEqual(order.currency_id, company.currency_id)
                self._confirm(order)
        projects = [order.sudo().order_line.task_id.project_id for order in (north, south)]
        self.assertEqual([project.company_id for project in projects], [self.north, self.south])
        self.assertNotEqual(*projects)

        self._bill(north, 1500)
        self._bill(north, 500, "out_refund")
        self._bill(south, 600)
        in_dollars = self.env["product.pricelist"].create(
            {"name": "Dollars", "currency_id": self.north.currency_id.id, "company_id": self.south.id}
        )
        # 10 h × 150.00 EUR at 2 USD = 3,000.00 USD by the card; agreed at 100.00 USD an hour
        dollars = self._sow(self.sam, self.south, pricelist_id=in_dollars.id)
        self.assertEqual(dollars.order_line.price_unit, 300)
        dollars.order_line.price_unit = 100
        self.assertIn("the agreement in EUR", dollars.psa_agreement_warning)
        self._confirm(dollars)
        self.assert_figures(self.north, value=2000, billed=1000)
        self.assert_figures(self.south, value=2000, billed=600)
        self.assertEqual([self.agreements[company].sow_count for company in (self.north, self.south)], [1, 2])

    def test_who_works_in_one_company_sees_nothing_of_the_other(self):
        south = self._sow(self.sam, self.south)
        self._confirm(south)
        records = (
            south,
            south.order_line,
            self.agreements[self.south],
            self.cards[self.south],
            self.cards[self.south].line_ids,
        )
        for record in records:
            seen = record.with_env(self.env).with_user(self.nora)
            with self.subTest(record._name):
                self.assertFalse(seen.search([("id", "in", record.ids)]))
                with self.assertRaises(AccessError):
                    seen.read(["display_name"])
                with self.assertRaises(AccessError):
                    seen.write({"company_id": self.north.id})

    def test_a_sow_takes_neither_agreement_nor_card_of_the_other_company(self):
        order = self._sow(self.both, self.north)
        for values in (
            {"psa_agreement_id": self.agreements[self.south].id},
            {"psa_rate_card_id": self.cards[self.south].id},
        ):
            with self.subTest(values), self.assertRaises(UserError), self.cr.savepoint():
                order.write(values)
        self.assertEqual(order.psa_agreement_id, self.agreements[self.north])
        self.assertEqual(order.psa_rate_card_id, self.cards[self.north])
        with self.assertRaises(UserError), self.cr.savepoint():
            self.agreements[self.north].rate_card_id = self.cards[self.south]

    def test_who_works_in_both_sells_in_each(self):
        for company, price in ((self.north, 200), (self.south, 150)):
            with self.subTest(company.name):
                order = self._sow(self.both, company)
                self.assertEqual(order.psa_agreement_id, self.agreements[company])
                self.assertEqual(order.order_line.price_unit, price)
                self._confirm(order)
                self.assertEqual(order.sudo().order_line.task_id.project_id.company_id, company)
        seen = (
            self.env["psa.agreement"]
            .with_user(self.both)
            .with_context(allowed_company_ids=[self.south.id, self.north.id])
        )
        mine = seen.browse([agreement.id for agreement in self.agreements.values()])
        self.assertEqual(mine.mapped("value_amount"), [2000, 1500])
