"""What clients and managers see of retainers: statements, new prices, recurring revenue."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.psa_billing.core.money import dec
from odoo.addons.psa_billing.core.recurring import churn, movement

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestRetainerReport(PsaRetainerCase):
    # -- statement -------------------------------------------------------------------------

    def test_the_statement_of_a_closed_period_is_attached_to_the_invoice(self):
        self.company.psa_retainer_statement = True
        order = self._sow(self._retainer())
        self._work(order.order_line, 12, name="Workshop")
        invoice = self._bill("2026-03-01", "2026-03-31")
        march = self._periods(order)[0]
        self.assertEqual(march.statement_move_id, invoice)
        statement = self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", invoice.id), ("name", "like", "SOW")]
        )
        self.assertEqual(len(statement), 1)
        second = self._bill("2026-04-01", "2026-04-30")
        self.assertEqual(self._periods(order)[1].statement_move_id, second)

    def test_the_statement_is_named_as_its_client_writes_days(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.client.lang = "de_DE"
        self.company.psa_retainer_statement = True
        order = self._sow(self._retainer())
        march = self._periods(order)[0]
        self.assertEqual(march.display_name, f"{order.name}, 03/01/2026 – 03/31/2026")
        invoice = self._bill("2026-03-01", "2026-03-31")
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", invoice.id)]
        )
        name = f"{order.name}, 01.03.2026 – 31.03.2026.pdf".replace("/", "-")
        self.assertIn(name, files.mapped("name"))

    def test_statements_go_with_a_run_over_all_that_is_not_billed_yet(self):
        """Runs have no first day as a rule. March and April end with the first invoice, which is of April,
        May with the second one. Late work of April draws on May, and closes nothing."""
        self.company.psa_retainer_statement = True
        order = self._sow(self._retainer())
        first = self._bill(False, "2026-04-30")
        self.assertEqual(self._periods(order).statement_move_id, first)
        self._work(order.order_line, 2, "2026-04-02")  # draws on May
        self.assertFalse(self._bill(False, "2026-04-30"))
        second = self._bill(False, "2026-05-31")
        self.assertEqual(self._periods(order).mapped("statement_move_id"), first | second)
        self.assertEqual(self._periods(order)[2].statement_move_id, second)

    def test_statements_of_all_sows_on_one_invoice_are_attached(self):
        self.company.psa_retainer_statement = True
        agreement = self._agreement(billing_grouping="client")
        orders = self.env["sale.order"].union(
            *(self._sow(self._retainer(), psa_agreement_id=agreement.id) for _ in range(2))
        )
        invoice = self._bill(False, "2026-03-31")
        self.assertEqual(len(invoice), 1)
        for order in orders:
            self.assertEqual(self._periods(order)[0].statement_move_id, invoice)

    def test_what_an_invoice_closed_before_the_setting_is_not_sent_later(self):
        order = self._sow(self._retainer())
        self._bill(False, "2026-03-31")
        self.company.psa_retainer_statement = True
        self._bill(False, "2026-04-30")
        self.assertEqual(
            self._periods(order).mapped(lambda p: bool(p.statement_move_id)), [False, True, False]
        )

    def test_the_last_statement_says_that_what_is_left_is_paid_back(self):
        """10 h a month roll over until the end; nothing was used: 30 h are left after May."""
        order = self._sow(self._retainer(psa_retainer_true_up="refund", psa_retainer_rollover="end"))
        words = "What is left is paid back"
        march, last = self._periods(order)[0], self._periods(order)[2]
        self.assertEqual(last.closing, 30)
        with freeze_time("2026-05-30"):
            self.assertNotIn(words, self._statement(last))
        with freeze_time("2026-05-31"):
            self.assertIn(words, self._statement(last))
            self.assertNotIn(words, self._statement(march))
        for day in ("2026-03-02", "2026-04-02", "2026-05-04"):
            self._work(order.order_line, 10, day)
        self.assertEqual(last.closing, 0)
        with freeze_time("2026-05-31"):
            self.assertNotIn(words, self._statement(last))

    def _statement(self, period):
        """The words of the printed statement."""
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "psa_billing.report_retainer_statement", period.ids
        )
        return " ".join(html.decode().replace("\ufeff", "").split())

    def _statement_work(self, period):
        rows = period._psa_statement_work()
        return [(str(row.day), row.name, row.drawn, round(row.over, 6), row.late) for row in rows]

    def test_the_statement_shows_balance_and_work(self):
        order = self._sow(self._retainer())
        self._work(order.order_line, 12, name="Workshop")
        self.company.company_details = "<br/>".join(["Line"] * 20)
        text = self._statement(self._periods(order)[0])
        for words in ("Workshop", "10.00", "-10.00", "Over the Retainer", "Work over the retainer"):
            self.assertIn(words, text)
        self.assertIn("data-report-margin-top", text)  # below a letterhead of twenty lines

    def test_an_entry_that_a_balance_and_a_cap_cut_is_one_row(self):
        # 14 h: 10 h are granted; of 4 h over at 150.00 a cap of 500.00 leaves 3.33 h and 0.67 h
        order = self._sow(self._retainer(), psa_cap_amount=500)
        self._work(order.order_line, 14, name="Workshop")
        self._work(order.order_line, 1, name="Call")
        march = self._periods(order)[0]
        self.assertEqual(len(march.wip_ids), 4)
        self.assertEqual(
            self._statement_work(march),
            [("2026-03-02", "Workshop", 10, 4, False), ("2026-03-02", "Call", 0, 1, False)],
        )
        self.assertEqual(self._statement(march).count("Workshop"), 1)

    def test_entries_of_one_day_are_rows_of_their_own_in_the_order_of_days(self):
        order = self._sow(self._retainer())
        for day, name, hours in (("2026-03-05", "B", 2), ("2026-03-03", "A", 3), ("2026-03-05", "C", 1)):
            self._work(order.order_line, hours, day, name=name)
        march = self._periods(order)[0]
        self.assertEqual(
            self._statement_work(march),
            [
                ("2026-03-03", "A", 3, 0, False),
                ("2026-03-05", "B", 2, 0, False),
                ("2026-03-05", "C", 1, 0, False),
            ],
        )
        self.assertNotIn("Over the Retainer", self._statement(march))

    def test_without_the_setting_nothing_is_attached(self):
        order = self._sow(self._retainer())
        self._bill("2026-03-01", "2026-03-31")
        self.assertFalse(self._periods(order).statement_move_id)

    def test_the_client_sees_the_periods_that_have_begun(self):
        order = self._sow(self._retainer())
        with freeze_time("2026-04-10"):
            self.assertEqual(order._psa_portal_retainer_periods().mapped("granted"), [10, 10])

    # -- indexation ------------------------------------------------------------------------

    def _index(self, order, user=None, **values):
        wizard = self.env["psa.retainer.indexation"].with_user(user or self.env.user)
        wizard = wizard.with_context(active_model="sale.order", active_ids=order.ids)
        return wizard.create({"percent": 5, "date": "2026-04-01", **values})

    def test_later_periods_cost_more_and_nothing_signed_is_written(self):
        order = self._sow(self._retainer())
        wizard = self._index(order, reason="Consumer prices")
        self.assertEqual(wizard.retainer_line_ids, order.order_line)
        wizard.action_apply()
        head, step = order.order_line.sorted("id")
        self.assertEqual((head.price_unit, head.product_uom_qty), (1500, 3))
        self.assertEqual(
            (step.price_unit, step.product_uom_qty, str(step.psa_step_date)), (1575, 0, "2026-04-01")
        )
        self.assertEqual(self._periods(order).mapped("amount"), [1500, 1575, 1575])
        self.assertIn("Consumer prices", order.message_ids[0].body)
        self.assertEqual(self._bill("2026-04-01", "2026-04-30").amount_untaxed, 3075)

    def test_a_new_price_that_cannot_be_is_refused(self):
        order = self._sow(self._retainer())
        with self.assertRaisesRegex(UserError, "Enter a percentage"):
            self._index(order, percent=0).action_apply()
        with self.assertRaisesRegex(UserError, "Choose a later day"):
            self._index(order, date="2026-07-01").action_apply()
        self._index(order).action_apply()
        with self.assertRaisesRegex(UserError, "has a price from 04/01/2026 on, or later, already"):
            self._index(order).action_apply()
        with self.assertRaisesRegex(UserError, "has a retainer"):
            self._index(self._sow()).action_apply()

    def test_only_rate_managers_set_new_prices(self):
        order = self._sow(self._retainer())
        user = self._user("biller", "psa_billing.group_psa_billing_manager")
        with self.assertRaises(AccessError):
            self._index(order, user=user)

    # -- recurring revenue -----------------------------------------------------------------

    def _rows(self, *months):
        self.env.flush_all()
        names = ("mrr", "mrr_before", "new", "expansion", "contraction", "lost")
        rows = self.env["psa.retainer.report"].search(
            [("month", "in", months), ("company_id", "=", self.company.id)], order="month, partner_id"
        )
        return [(str(row.month), row.partner_id.name, *(row[name] for name in names)) for row in rows]

    def test_recurring_revenue_by_month_and_client(self):
        """Client: 1,500.00 from March to May, a quarter of 900.00 (300.00 a month) from April to June.
        Other: 1,000.00 in March and April."""
        self._sow(self._retainer())
        self._sow(self._retainer(900, 1, psa_retainer_period="quarter"), psa_date_start="2026-04-01")
        other = self.env["res.partner"].create({"name": "Other"})
        self._sow(self._retainer(1000, 2), partner_id=other.id)
        march, april, may, june, july = (f"2026-0{month}-01" for month in (3, 4, 5, 6, 7))
        self.assertEqual(
            self._rows(march, april, may, june, july),
            [
                (march, "Client Ltd", 1500, 0, 1500, 0, 0, 0),
                (march, "Other", 1000, 0, 1000, 0, 0, 0),
                (april, "Client Ltd", 1800, 1500, 0, 300, 0, 0),
                (april, "Other", 1000, 1000, 0, 0, 0, 0),
                (may, "Client Ltd", 1800, 1800, 0, 0, 0, 0),
                (may, "Other", 0, 1000, 0, 0, 0, 1000),
                (june, "Client Ltd", 300, 1800, 0, 0, 1500, 0),
                (july, "Client Ltd", 0, 300, 0, 0, 0, 300),
            ],
        )
        # May: one of two clients, 1,000.00 of 2,800.00; June: 1,500.00 of 1,800.00
        report = self.env["psa.retainer.report"]
        churned = report._read_group(
            [("month", "in", (may, june)), ("company_id", "=", self.company.id)],
            ["month:month"],
            ["logo_churn:avg", "revenue_churn:avg"],
        )
        self.assertEqual(
            [(logo, round(share, 4)) for _month, logo, share in churned], [(0.5, 0.3571), (0, 0.8333)]
        )

    def _sums(self, months, *groupby, currency=False):
        """``[(group, MRR before, new, expansion, contraction, lost, MRR, ARR, clients)]`` of these months."""
        self.env.flush_all()
        months = [f"2026-{month:02}-01" for month in months]
        names = ("mrr_before", "new", "expansion", "contraction", "lost", "mrr", "arr")
        how = "sum_currency" if currency else "sum"
        rows = self.env["psa.retainer.report"]._read_group(
            [("month", "in", months), ("company_id", "in", self.env.companies.ids)],
            groupby,
            [*(f"{name}:{how}" for name in names), "clients:sum"],
        )
        return [tuple(getattr(value, "name", value) for value in row) for row in rows]

    def _two_clients(self):
        """Client: 1,500.00 from March to May, 300.00 more from April to June. Other: 1,000.00 in March and
        April."""
        self._sow(self._retainer())
        self._sow(self._retainer(900, 1, psa_retainer_period="quarter"), psa_date_start="2026-04-01")
        other = self.env["res.partner"].create({"name": "Other"})
        self._sow(self._retainer(1000, 2), partner_id=other.id)

    def test_months_do_not_add_up_to_recurring_revenue(self):
        """March begins with nothing and ends with 2,500.00, April with 2,800.00, May with 1,800.00, June
        with 300.00. From April to June: 2,500.00 + 300.00 - 1,500.00 - 1,000.00 = 300.00 of one client."""
        self._two_clients()
        self.assertEqual(self._sums((3, 4)), [(0, 2500, 300, 0, 0, 2800, 33600, 2)])
        self.assertEqual(self._sums((4, 5, 6)), [(2500, 0, 300, 1500, 1000, 300, 3600, 1)])
        self.assertEqual(self._sums(range(3, 8)), [(0, 2500, 300, 1500, 1300, 0, 0, 0)])

    def test_periods_do_not_add_up_what_a_month_costs(self):
        field = self.env["psa.retainer.period"].fields_get(["monthly_amount"])["monthly_amount"]
        self.assertNotIn("aggregator", field)

    def test_clients_add_up_to_the_months(self):
        """As above; Other had none any more after May."""
        self._two_clients()
        self.assertEqual(
            self._sums((4, 5, 6), "partner_id"),
            [
                ("Client Ltd", 1500, 0, 300, 1500, 0, 300, 3600, 1),
                ("Other", 1000, 0, 0, 0, 1000, 0, 0, 0),
            ],
        )
        quarters = self._sums(range(3, 8), "month:quarter")
        self.assertEqual(
            [(str(first), *figures) for first, *figures in quarters],
            [
                ("2026-01-01", 0, 2500, 0, 0, 0, 2500, 30000, 2),
                ("2026-04-01", 2500, 0, 300, 1500, 1000, 300, 3600, 1),
                ("2026-07-01", 300, 0, 0, 0, 300, 0, 0, 0),
            ],
        )

    def test_the_totals_of_a_pivot_are_those_of_its_groups(self):
        self._two_clients()
        self.env.flush_all()
        sets = self.env["psa.retainer.report"].formatted_read_grouping_sets(
            [("month", "in", ["2026-04-01", "2026-05-01"]), ("company_id", "=", self.company.id)],
            [[], ["month:month"], ["month:month", "partner_id"]],
            ["mrr:sum", "mrr:sum_currency", "lost:sum"],
        )
        figures = [[(row["mrr:sum"], row["lost:sum"]) for row in rows] for rows in sets]
        months = [(2800, 0), (1800, 1000)]
        self.assertEqual(figures[:2], [[(1800, 1000)], months])
        self.assertCountEqual(figures[2], [(1800, 0), (1000, 0), (1800, 0), (0, 1000)])

    def test_companies_of_two_currencies_add_up_at_the_rate_of_today(self):
        """1,500.00 a month here, and 1,500.00 € of another company, of which 0.5 are one here: 4,500.00."""
        self._sow(self._retainer())
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        other = self.env["res.company"].sudo().create({"name": "Abroad", "currency_id": euro.id})
        row = self.env["psa.retainer.period"].sudo().search([("company_id", "=", self.company.id)])[0]
        row.copy({"company_id": other.id, "currency_id": euro.id, "date_start": "2026-03-31"})
        self.env.user.sudo().company_ids += other
        both = self.env["psa.retainer.report"].with_context(allowed_company_ids=[self.company.id, other.id])
        self.env.flush_all()
        sums = both._read_group([("month", "in", ["2026-03-01"])], [], ["mrr:sum_currency", "mrr:sum"])
        self.assertEqual(sums, [(4500, 3000)])

    def test_the_report_says_what_core_says(self):
        self._sow(self._retainer())
        self.env.flush_all()
        rows = self.env["psa.retainer.report"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(rows), 4)
        for row in rows:
            moved = movement(dec(row.mrr_before), dec(row.mrr))
            self.assertEqual(
                (row.new, row.expansion, row.contraction, row.lost), tuple(float(part) for part in moved)
            )
            self.assertEqual(row.arr, 12 * row.mrr)
            self.assertEqual(row.revenue_churn, churn(moved.contraction + moved.lost, dec(row.mrr_before)))

    def test_foreign_retainers_are_converted_at_the_end_of_the_month(self):
        """1,500.00 EUR, of which 0.5 are one of the company: 3,000.00."""
        euro = self.setup_other_currency("EUR", rates=[("2026-03-31", 0.5)])
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        self._sow(self._retainer(), pricelist_id=pricelist.id)
        self.assertEqual(self._rows("2026-03-01")[0][2], 3000)

    def test_who_sees_recurring_revenue(self):
        self._sow(self._retainer())
        with self.assertRaises(AccessError):
            self.env["psa.retainer.report"].with_user(self.ann.user_id).search([])
        row = self.env["psa.retainer.report"].search([("company_id", "=", self.company.id)], limit=1)
        self.assertEqual(row.action_open_periods()["res_model"], "psa.retainer.period")

    # -- templates -------------------------------------------------------------------------

    def test_a_template_keeps_the_terms_of_its_retainer(self):
        terms = {
            "psa_retainer_period": "quarter",
            "psa_retainer_timing": "arrears",
            "psa_retainer_rollover": "periods",
            "psa_retainer_rollover_periods": 2,
            "psa_retainer_overage": "next",
            "psa_retainer_role_ids": [Command.set(self.developer.ids)],
        }
        order = self._sow(self._retainer(**terms), confirm=False)
        template = self.env["sale.order.template"].create(
            {
                "name": "Care",
                "psa_kind": "sow",
                "sale_order_template_line_ids": [
                    Command.create(order.order_line._psa_prepare_template_line(1))
                ],
            }
        )
        again = self.env["sale.order"].create(
            {"psa_kind": "sow", "partner_id": self.client.id, "psa_date_start": "2026-05-01"}
        )
        with Form(again) as form:
            form.sale_order_template_id = template
        line = again.order_line
        for name, value in terms.items():
            expected = self.developer if name == "psa_retainer_role_ids" else value
            self.assertEqual(line[name], expected, name)
        self.assertEqual((line.psa_retainer_hours, line.price_unit, line.product_uom_qty), (10, 1500, 3))
