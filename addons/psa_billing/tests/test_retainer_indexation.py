"""After a new price from a date the signed total stays, and the new price is told with it."""

import re

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from .test_retainer_periods import PsaRetainerCase

#: Three months at 1,500.00 are signed; 5 % more from April on: 1,500.00 + 2 x 1,575.00.
PRICE = "Architect (retainer): $ 1,575.00 / Month from 04/01/2026 on"
TOTAL = "All periods come to $ 4,650.00 instead of $ 4,500.00, without taxes."


@tagged("post_install", "-at_install")
class TestRetainerIndexation(PsaRetainerCase, HttpCase):
    def _index(self, order, **values):
        self._wizard(order, **values).action_apply()
        self.env.invalidate_all()

    def _wizard(self, order, **values):
        wizard = self.env["psa.retainer.indexation"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        return wizard.create({"percent": 5, "date": "2026-04-01", **values})

    def _lines(self, order):
        return (order.psa_later_prices or "").replace("\xa0", " ").split("\n")

    @staticmethod
    def _text(html):
        html = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\xa0", " ").replace("&nbsp;", " ").split())

    def _document(self, order):
        report = self.env["ir.actions.report"]
        return self._text(report._render_qweb_html("sale.report_saleorder", order.ids)[0].decode())

    def test_the_signed_total_stays_and_the_new_price_is_told(self):
        order = self._sow(self._retainer())
        self.assertFalse(order.psa_later_prices)
        self.assertNotIn("New Prices", self._document(order))
        self._index(order)
        self.assertEqual(self._lines(order), [PRICE, TOTAL])
        self.assertEqual(order.amount_untaxed, 4500)
        document = self._document(order)
        self.assertIn(f"New Prices {PRICE} {TOTAL}", document)
        # the price of a retainer is no rate of a role
        self.assertNotIn("Rates That Change", document)
        self._bill("2026-04-01", "2026-04-30")
        self.env.invalidate_all()
        self.assertEqual(order.amount_untaxed, 4500)
        self.assertEqual(self._lines(order), [PRICE, TOTAL])

    def test_the_client_reads_it_in_the_portal(self):
        order = self._sow(self._retainer())
        self._index(order)
        page = self._text(self.url_open(order.get_portal_url()).text)
        self.assertIn(PRICE, page)
        self.assertIn(TOTAL, page)

    def test_a_second_price_is_told_after_the_first(self):
        order = self._sow(self._retainer())
        self._index(order)
        self._index(order, date="2026-05-01", percent=10)
        # 1,500.00 + 1,575.00 + 1,575.00 x 1.10
        self.assertEqual(
            self._lines(order),
            [
                PRICE,
                "Architect (retainer): $ 1,732.50 / Month from 05/01/2026 on",
                "All periods come to $ 4,807.50 instead of $ 4,500.00, without taxes.",
            ],
        )

    def test_of_a_retainer_without_end_no_total_is_told(self):
        order = self._sow(self._retainer(quantity=1, psa_retainer_open_ended=True), psa_date_end=False)
        self._index(order, date="2027-01-01")
        self.assertEqual(self._lines(order), ["Architect (retainer): $ 1,575.00 / Month from 01/01/2027 on"])

    def test_a_section_that_hides_prices_hides_new_ones_from_the_client(self):
        order = self._sow(
            Command.create({"display_type": "line_section", "name": "Care", "collapse_prices": True}),
            self._retainer(),
        )
        self._index(order)
        self.assertEqual(self._lines(order), [PRICE, TOTAL])
        self.assertNotIn("1,575.00", self._document(order))

    def test_each_price_is_shown_before_it_is_set(self):
        """1,500.00 a month and 4,500.00 a quarter less 10 %, in dollars; 1,200.00 a month in euros. 5 % more
        are 1,575.00, 4,252.50 and 1,260.00: a month 1,575.00 + 1,417.50 instead of 1,500.00 + 1,350.00."""
        euro = self.env.ref("base.EUR")
        euro.sudo().active = True
        orders = self._sow(
            self._retainer(),
            self._retainer(
                4500, 4, discount=10, psa_retainer_period="quarter", psa_retainer_calendar="start"
            ),
        )
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        orders += self._sow(self._retainer(1200), pricelist_id=pricelist.id)
        with Form(
            self.env["psa.retainer.indexation"].with_context(active_model="sale.order", active_ids=orders.ids)
        ) as form:
            form.percent = 5
            form.date = "2026-04-01"
            self.assertEqual(len(form.line_ids), 3)
        wizard = form.record
        names = ("price", "new_price", "monthly_amount", "new_monthly_amount")
        self.assertEqual(
            [
                (row.currency_id.name, row.period, str(row.date_start), *(row[name] for name in names))
                for row in wizard.line_ids
            ],
            [
                ("USD", "month", "2026-04-01", 1500, 1575, 1500, 1575),
                ("USD", "quarter", "2026-06-01", 4050, 4252.5, 1350, 1417.5),
                ("EUR", "month", "2026-04-01", 1200, 1260, 1200, 1260),
            ],
        )
        self.assertEqual(wizard.line_ids.sale_line_id.order_id, orders)
        self.assertEqual(
            wizard.monthly_text.replace("\xa0", " ").split("\n"),
            ["$ 2,850.00 so far, $ 2,992.50 then", "1,200.00 € so far, 1,260.00 € then"],
        )
        wizard.action_apply()
        # the first period of each has what was shown
        first = self._periods(orders[0]).filtered(lambda period: str(period.date_start) == "2026-04-01")
        self.assertEqual(first.amount, 1575)
        quarter = self._periods(orders[0]).filtered(lambda period: str(period.date_start) == "2026-06-01")
        self.assertEqual(quarter.amount, 4252.5)

    def test_taxes_in_the_price_are_no_price_of_the_firm(self):
        """1,650.00 with 10 % tax in it are 1,500.00; 5 % more 1,575.00."""
        included = self.tax.copy({"name": "In it", "amount": 10, "price_include_override": "tax_included"})
        order = self._sow(self._retainer(1650), confirm=False)
        order.order_line.tax_ids = included
        order.sudo().action_confirm()
        row = self._wizard(order).line_ids
        self.assertEqual((row.price, row.new_price), (1500, 1575))

    def test_a_retainer_without_an_open_period_is_told_and_stays_out(self):
        order = self._sow(self._retainer(), self._retainer(900, 1))
        wizard = self._wizard(order)
        self.assertEqual(
            [(row.price, bool(row.problem)) for row in wizard.line_ids], [(1500, False), (900, True)]
        )
        self.assertRegex(wizard.line_ids[1].problem, "^no period from 04/01/2026 on")
        self.assertEqual(wizard.problem_count, 1)
        self.assertEqual(wizard.monthly_text.replace("\xa0", " "), "$ 1,500.00 so far, $ 1,575.00 then")
        with self.assertRaisesRegex(UserError, "Architect .*: no period from 04/01/2026 on"):
            wizard.action_apply()
        wizard.retainer_line_ids = order.order_line[0]
        self.assertEqual((len(wizard.line_ids), wizard.problem_count), (1, 0))
        wizard.action_apply()
        with self.assertRaisesRegex(UserError, "has a price from 04/01/2026 on"):
            self._wizard(
                order.order_line[0].order_id, retainer_line_ids=order.order_line[0].ids
            ).action_apply()

    def test_prices_are_shown_to_who_may_read_the_retainer_only(self):
        order = self._sow(self._retainer())
        values = {"percent": 5, "date": "2026-04-01", "retainer_line_ids": order.order_line.ids}
        # a seller of rates who sees only what is their own
        seller = self._user("own", "sales_team.group_sale_salesman,psa_contracts.group_psa_rate_manager")
        order.sudo().user_id = self.env.ref("base.user_admin")
        for user in (self.ann.user_id, seller):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["psa.retainer.indexation"].with_user(user).create(values)
        # nor while the dialog is typed in
        self.assertFalse(self.env["psa.retainer.indexation"].with_user(seller).new(values).line_ids)
        order.sudo().user_id = seller
        self.assertEqual(
            self.env["psa.retainer.indexation"].with_user(seller).new(values).line_ids.price, 1500
        )

    def test_many_retainers_are_looked_up_together(self):
        orders = self._sow(self._retainer(), self._retainer())
        queries = []
        for retainers in (1, 1, 2):  # the first one fills what is read once
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._wizard(orders, retainer_line_ids=orders.order_line[:retainers].ids)._psa_preview()
            queries.append(self.cr.sql_log_count - before)
        self.assertEqual(queries[1], queries[2])

    def test_a_discount_is_off_the_new_price_that_is_told(self):
        """1,500.00 less 10 % and 5 % more are 1,417.50: 1,350.00 + 2 x 1,417.50 in all."""
        order = self._sow(self._retainer(discount=10))
        self._index(order)
        self.assertEqual(
            self._lines(order),
            [
                "Architect (retainer): $ 1,417.50 / Month from 04/01/2026 on",
                "All periods come to $ 4,185.00 instead of $ 4,050.00, without taxes.",
            ],
        )

    def test_new_prices_are_seen_and_set_on_a_phone(self):
        self.browser_size = "390x844"
        order = self._sow(self._retainer())
        manager = self._user("index", "psa_contracts.group_psa_rate_manager,sales_team.group_sale_manager")
        path = f"/odoo/statements-of-work/{order.id}"
        self.start_tour(path, "psa_billing_index_phone_tour", login=manager.login)
        self.env.invalidate_all()
        # the browser's day may be later than the retainer: the day is typed
        self.assertEqual(self._periods(order).mapped("amount"), [1500, 1575, 1575])

    def test_who_reads_prices_reads_new_ones(self):
        order = self._sow(self._retainer())
        self._index(order)
        seller = self._user("seller", "sales_team.group_sale_salesman_all_leads")
        self.assertIn("1,575.00", order.with_user(seller).psa_later_prices)
        with self.assertRaises(AccessError):
            order.with_user(self.ann.user_id).read(["psa_later_prices"])
