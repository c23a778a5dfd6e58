"""Value, billed, backlog and what is left of the cap, for one agreement or a list of them."""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.psa_project.tests.queries import CountsQueries


@tagged("post_install", "-at_install")
class TestAgreementFigures(CountsQueries, AccountTestInvoicingCommon):
    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("sales_team.group_sale_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)
        cls.client = cls.env["res.partner"].create({"name": "Client Ltd"})
        cls.advice = cls.env["product.product"].create(
            {
                "name": "Advice",
                "type": "service",
                "service_policy": "ordered_prepaid",
                "taxes_id": [],
            }
        )
        cls.foreign = cls.setup_other_currency("EUR", rates=[("2026-01-01", 2.0), ("2026-06-01", 4.0)])

    def _agreement(self, **values):
        return self.env["psa.agreement"].create(
            {
                "name": "Frame",
                "partner_id": self.client.id,
                "date_start": "2026-01-01",
                "state": "active",
                **values,
            }
        )

    def _sell(self, agreement, price, day="2026-02-01", **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "psa_kind": "sow",
                "psa_agreement_id": agreement.id,
                "psa_date_start": day,
                "order_line": [
                    Command.create(
                        {"product_id": self.advice.id, "psa_billing_model": "fixed", "price_unit": price}
                    )
                ],
                **values,
            }
        )
        order.action_confirm()
        order.date_order = day
        return order

    def _bill(self, order):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "currency_id": order.currency_id.id,
                "invoice_date": "2026-03-01",
                "invoice_line_ids": [
                    Command.create(line._prepare_invoice_line(quantity=1)) for line in order.order_line
                ],
            }
        )
        invoice.action_post()
        return invoice

    def _credit(self, invoice, price):
        refund = invoice._reverse_moves([{"invoice_date": "2026-03-02"}])
        refund.invoice_line_ids.price_unit = price
        refund.action_post()

    def test_drafts_and_cancelled_orders_count_nothing(self):
        agreement = self._agreement(cap_amount=500)
        draft = self._sell(agreement, 100)
        draft._action_cancel()
        self.assertEqual((agreement.value_amount, agreement.backlog_amount), (0, 0))
        self.assertEqual((agreement.sow_count, agreement.cap_left_amount), (0, 500))

    def test_value_less_billed_is_backlog_and_credit_notes_give_back(self):
        agreement = self._agreement(cap_amount=1500)
        order = self._sell(agreement, 1000)
        self._sell(
            agreement,
            250,
            psa_kind="change_order",
            psa_parent_id=order.id,
            psa_change_reason="One more report",
            psa_requested_by_id=self.client.id,
        )
        invoice = self._bill(order)
        self._credit(invoice, 300)
        agreement.invalidate_recordset()
        # 1,000 + 250; 1,000 − 300
        self.assertEqual((agreement.sow_count, agreement.value_amount), (1, 1250))
        self.assertEqual((agreement.billed_amount, agreement.backlog_amount), (700, 550))
        self.assertEqual(agreement.cap_left_amount, 800)

    def test_orders_in_another_currency_convert_on_their_day(self):
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": self.foreign.id})
        agreement = self._agreement()
        self._sell(agreement, 100)
        self._sell(agreement, 400, pricelist_id=pricelist.id)  # at 2: 200
        self._sell(agreement, 400, day="2026-07-01", pricelist_id=pricelist.id)  # at 4: 100
        self.assertEqual(agreement.value_amount, 100 + 200 + 100)
        in_euro = self._agreement(currency_id=self.foreign.id)
        self._sell(in_euro, 100)  # at 2: 200
        self._sell(in_euro, 400, day="2026-07-01", pricelist_id=pricelist.id)
        self.assertEqual(in_euro.value_amount, 200 + 400)

    def test_a_salesperson_sees_the_figures_of_all_colleagues(self):
        agreement = self._agreement()
        self._sell(agreement, 100, user_id=self.env.ref("base.user_admin").id)
        seller = self.env["res.users"].create(
            {
                "name": "Seller",
                "login": "figures.seller",
                "company_id": self.env.company.id,
                "company_ids": [Command.set(self.env.company.ids)],
                "group_ids": [Command.set(self.quick_ref("sales_team.group_sale_salesman").ids)],
            }
        )
        seen = agreement.with_user(seller)
        self.assertEqual((seen.value_amount, seen.sow_count), (100, 1))

    def test_a_list_costs_no_more_queries_than_one(self):
        def queries(count):
            agreements = self.env["psa.agreement"]
            for _number in range(count):
                agreement = self._agreement()
                self._bill(self._sell(agreement, 100))
                agreements += agreement
            return self._count_queries(
                lambda: agreements.web_read(
                    {"sow_count": {}, "value_amount": {}, "billed_amount": {}, "backlog_amount": {}}
                )
            )

        queries(1)
        few, many = queries(4), queries(8)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 15)
