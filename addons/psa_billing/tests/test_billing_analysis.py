from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PsaBillingCase


class AnalysisCase(PsaBillingCase):
    """Standard rates are those of the company's card: Ann 150.00, Dev 100.00.

    =====================================  ==========  ============  ==========
    March and April of one SOW             standard    at its price  is
    =====================================  ==========  ============  ==========
    Ann 10 h on a line capped at 900.00    1,500.00      900.00      billed
    \\                                                   600.00      over cap
    Dev 10 h at 100.00 less 20 %           1,000.00      800.00      billed
    Dev 5 h on the fixed price of 2,000      500.00    2,000.00      billed
    Dev 1 h of 31 March, entered in April    100.00       80.00      late
    Dev 3 h in April                         300.00      240.00      written off
    Dev 2 h in April, not approved           200.00                  unapproved
    =====================================  ==========  ============  ==========
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            cls._line(cls.architect, cap=900),
            cls._line(cls.developer, discount=20),
            cls._line(cls.developer, 1, "fixed", price_unit=2000),
        )
        cls.capped, cls.discounted, cls.fixed = cls.order.order_line
        cls._work(cls.capped, 10, "2026-03-02")
        cls._work(cls.discounted, 10, "2026-03-03")
        cls._work(cls.fixed, 5, "2026-03-04")
        cls.invoice = cls._invoice(cls._propose(), post=True)
        cls._work(cls.discounted, 1, "2026-03-31")
        given_up = cls._work(cls.discounted, 3, "2026-04-02")
        given_up.sudo().psa_wip_ids._psa_write_off(cls.env.ref("psa_billing.reason_goodwill"))
        cls._log(cls.discounted, 2, "2026-04-03")
        cls.env.flush_all()

    def _sums(self, *measures, domain=(), group=()):
        self.env.flush_all()
        rows = self.env["psa.billing.analysis"]._read_group(
            [("order_id", "=", self.order.id), *domain], group, measures
        )
        rows = [
            tuple(round(value, 4) if isinstance(value, float) else value for value in row) for row in rows
        ]
        return rows if group else rows[0]


@tagged("post_install", "-at_install")
class TestBillingAnalysis(AnalysisCase):
    def test_worked_billed_waiting_and_lost(self):
        self.assertEqual(
            self._sums("worked_amount:sum", "billed_amount:sum", "wip_amount:sum"),
            # 1,500 + 1,000 + 500 + 100 + 300 + 200; 900 + 800 + 2,000; 80
            (3600, 3700, 80),
        )
        self.assertEqual(
            self._sums("written_off_amount:sum", "over_cap_amount:sum", "lost_amount:sum"),
            # 240; 600; 240 + 600 + late 80 + unapproved at standard 200
            (240, 600, 1120),
        )

    def test_billed_is_what_the_invoices_say(self):
        self.assertEqual(self.invoice.amount_untaxed, 3700)

    def test_realisation_is_a_ratio_of_sums(self):
        # 3,700 ÷ 3,600, never the mean of 900 ÷ 1,500, 800 ÷ 1,000, …
        self.assertEqual(self._sums("realisation:avg"), (1.0278,))
        self.assertEqual(
            dict(self._sums("realisation:avg", group=["sale_line_id"])),
            {
                self.capped: 0.6,  # 900 ÷ 1,500
                self.discounted: 0.5,  # 800 ÷ (1,000 + 100 + 300 + 200)
                self.fixed: 4.0,  # 2,000 ÷ 500
            },
        )

    def test_what_is_lost_by_cause(self):
        self.assertEqual(
            dict(self._sums("lost_amount:sum", group=["cause"], domain=[("cause", "!=", False)])),
            {"written_off": 240, "over_cap": 600, "late": 80, "unapproved": 200},
        )

    def test_a_fixed_price_that_is_written_off_is_lost(self):
        """300.00 of 1,000.00 are written off on the proposal: 700.00 are billed."""
        order = self._sow(self._line(self.architect, 1, "fixed", price_unit=1000))
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        wizard = self.env["psa.adjust.work"].browse(proposal.action_adjust()["res_id"])
        wizard.write(
            {"how": "amount", "amount": 700, "reason_id": self.env.ref("psa_billing.reason_goodwill").id}
        )
        wizard.action_apply()
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(invoice.amount_untaxed, 700)
        self.env.flush_all()
        analysis = self.env["psa.billing.analysis"]
        rows = analysis._read_group(
            [("order_id", "=", order.id)],
            ["kind", "cause"],
            ["billed_amount:sum", "written_off_amount:sum", "lost_amount:sum"],
        )
        self.assertEqual(rows, [("fixed", "written_off", 0, 300, 300), ("fixed", False, 700, 0, 0)])
        lost = analysis.search([("order_id", "=", order.id), ("cause", "=", "written_off")])
        self.assertEqual(
            (lost.state, lost.partner_id, lost.role_id), ("written_off", self.client, self.architect)
        )
        self.assertEqual(lost.action_open_source()["res_id"], order.id)
        self._credit(invoice)  # the fixed price is whole again
        self.env.flush_all()
        self.assertFalse(analysis.search([("order_id", "=", order.id), ("cause", "!=", False)]))

    def test_who_worked_for_a_fixed_price_is_shown_with_what_is_worked_and_billed(self):
        """Dev, 5 h at the standard 100.00, for which the client pays 2,000.00."""
        rows = self._sums(
            "hours:sum",
            "worked_amount:sum",
            "covered_amount:sum",
            "billed_amount:sum",
            domain=[("sale_line_id", "=", self.fixed.id)],
            group=["kind", "employee_id"],
        )
        self.assertEqual(
            rows,
            [("fixed", self.dev, 0, 0, 0, 2000), ("time", self.dev, 5, 500, 500, 0)],
        )

    def test_an_amount_that_is_written_off_or_up_is_no_work(self):
        """2 h of Ann are worth 300.00 at the standard rate, whatever of it is billed."""
        for amount, reason, realised in ((240, "goodwill", 0.8), (360, "extra", 1.2)):
            order = self._sow()
            self._work(order.order_line, 2)
            proposal = self._propose().filtered(lambda proposal, order=order: proposal.order_id == order)
            wizard = self.env["psa.adjust.work"].browse(proposal.action_adjust()["res_id"])
            reason = self.env.ref(f"psa_billing.reason_{reason}")
            wizard.write({"how": "amount", "amount": amount, "reason_id": reason.id, "note": "Agreed"})
            wizard.action_apply()
            self._invoice(proposal)
            self.env.flush_all()
            rows = self.env["psa.billing.analysis"]._read_group(
                [("order_id", "=", order.id)],
                [],
                ["worked_amount:sum", "billed_amount:sum", "written_off_amount:sum", "realisation:avg"],
            )
            self.assertEqual(rows, [(300, amount, 300 - amount, realised)])

    def test_what_is_written_up_hides_nothing_that_is_written_off(self):
        """4 h at 150.00: 1 h is given away, 100.00 are put on the rest. A fixed price of 1,000.00 is written
        up to 1,200.00, another one down to 900.00."""
        order = self._sow(
            self._line(self.architect),
            self._line(self.developer, 1, "fixed", price_unit=1000),
            self._line(self.developer, 1, "fixed", price_unit=1000),
        )
        given_up, kept = (self._work(order.order_line[0], hours, "2026-03-05") for hours in (1, 3))
        proposal = self._propose().filtered(lambda one: one.order_id == order)
        goodwill = {"how": "write_off", "reason_id": self.env.ref("psa_billing.reason_goodwill").id}
        extra = {"how": "amount", "reason_id": self.env.ref("psa_billing.reason_extra").id, "note": "Agreed"}
        for what, values in (
            (given_up.psa_wip_ids, goodwill),
            (kept.psa_wip_ids, {**extra, "amount": 550}),
            (proposal.line_ids[1], {**extra, "amount": 1200}),
            (proposal.line_ids[2], {**goodwill, "how": "amount", "amount": 900}),
        ):
            wizard = self.env["psa.adjust.work"].browse(what.action_adjust()["res_id"])
            wizard.write(values)
            wizard.action_apply()
        self._invoice(proposal)
        self.order = order
        self.assertEqual(
            dict(self._sums("lost_amount:sum", group=["cause"], domain=[("cause", "!=", False)])),
            {"written_off": 150 + 100, "written_up": -100 - 200},
        )
        self.assertEqual(
            self._sums("lost_amount:sum", "written_off_amount:sum", "billed_amount:sum"),
            # 600 + 2,000 were worth it: less 250, and 300 more
            (-50, -50, 2650),
        )
        proposal.invoice_id.invoice_date = "2026-04-01"
        proposal.invoice_id.action_post()
        self._credit(proposal.invoice_id)
        self.assertEqual(
            dict(self._sums("lost_amount:sum", group=["cause"], domain=[("cause", "!=", False)])), {}
        )

    def test_the_states_of_approved_work_add_up(self):
        """WIP + billed + written off + over cap + covered = approved hours, and so does their money."""
        states = ("open", "held", "proposed", "billed", "written_off", "over_cap", "covered")
        hours, wip, off, over = self._sums(
            "hours:sum",
            "wip_amount:sum",
            "written_off_amount:sum",
            "over_cap_amount:sum",
            domain=[("state", "in", states)],
        )
        self.assertEqual(hours, 10 + 10 + 5 + 1 + 3)
        (billed,) = self._sums("billed_amount:sum", domain=[("wip_id", "!=", False)])
        entries = self.env["psa.wip.entry"].search([("order_id", "=", self.order.id)])
        self.assertEqual(wip + off + over + billed, sum(entries.mapped("amount")))

    def test_a_credit_note_takes_back_what_was_billed_and_its_work_waits_again(self):
        self._credit(self.invoice)
        # 80 of before, 900 and 800 again
        self.assertEqual(self._sums("billed_amount:sum", "wip_amount:sum"), (0, 1780))

    def test_a_draft_that_is_deleted_bills_nothing(self):
        self._work(self.capped, 0.1, "2026-04-10")  # over the cap: not billed
        self._work(self.discounted, 2, "2026-04-10")
        draft = self._invoice(self._propose("2026-03-01", "2026-04-30"))
        self.assertEqual(self._sums("billed_amount:sum"), (3700 + 160 + 80,))
        draft.unlink()
        self.assertEqual(self._sums("billed_amount:sum"), (3700,))

    def test_the_age_of_what_waits(self):
        self._work(self.discounted, 1, "2026-05-20")
        for today, ages in (
            ("2026-05-31", {"0": 80, "61": 80}),  # 31 March is 61 days ago
            ("2026-06-30", {"31": 80, "91": 80}),
        ):
            with freeze_time(today):
                rows = self._sums("wip_amount:sum", group=["age"], domain=[("wip_amount", ">", 0)])
            self.assertEqual(dict(rows), ages, today)

    def test_a_person_s_own_standard_rate_goes_before_that_of_the_role(self):
        self.card.line_ids = [
            Command.create(
                {
                    "role_id": self.developer.id,
                    "employee_id": self.dev.id,
                    "date_start": "2026-04-01",
                    "price": 120,
                }
            )
        ]
        # April: (3 + 2) h at 120.00; March as before
        self.assertEqual(self._sums("worked_amount:sum", domain=[("date", ">=", "2026-04-01")]), (600,))
        self.assertEqual(self._sums("worked_amount:sum", domain=[("date", "<", "2026-04-01")]), (3100,))

    def test_standard_rates_have_the_digits_of_their_currency(self):
        """With three digits 3 h and 2 h at 33.333 are 99.999 and 66.666, not 100.00 and 66.67."""
        self.company.currency_id.sudo().rounding = 0.001
        values = {"role_id": self.developer.id, "employee_id": self.dev.id, "price": 33.333}
        self.card.line_ids = [Command.create({**values, "date_start": "2026-04-01"})]
        self.assertEqual(self._sums("worked_amount:sum", domain=[("date", ">=", "2026-04-01")]), (166.665,))

    def test_a_client_s_own_card_is_no_standard(self):
        self.env["psa.rate.card"].create(
            {
                "name": "Client",
                "company_id": self.company.id,
                "scope": "client",
                "partner_id": self.client.id,
                "currency_id": self.company.currency_id.id,
                "line_ids": [
                    Command.create({"role_id": self.developer.id, "date_start": "2026-01-01", "price": 50})
                ],
            }
        )
        self.assertEqual(self._sums("worked_amount:sum"), (3600,))

    def test_without_a_standard_rate_work_counts_at_the_price_of_its_line(self):
        self.card.active = False
        # 900 + 600 over the cap + 800 + 0 (fixed) + 80 + 240 + 160
        self.assertEqual(self._sums("worked_amount:sum"), (2780,))

    def test_another_currency_counts_in_that_of_the_company(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        order = self._sow(self._line(self.architect, price_unit=200), pricelist_id=pricelist.id)
        self._work(order.order_line, 4, "2026-03-02")
        self._invoice(self._propose(), post=True)
        self.order = order
        # 800.00 EUR at two to one; 4 × 150.00
        self.assertEqual(self._sums("billed_amount:sum", "worked_amount:sum"), (400, 600))

    def test_a_row_opens_what_it_is_about(self):
        rows = self.env["psa.billing.analysis"].search([("order_id", "=", self.order.id)])
        for row in rows:
            action = row.action_open_source()
            record = self.env[action["res_model"]].browse(action["res_id"])
            self.assertTrue(record.exists())
        fixed = rows.filtered(lambda row: not row.analytic_line_id)
        self.assertEqual(fixed.invoice_line_id.move_id, self.invoice)

    def test_the_graphs_of_age_and_leakage_show_what_these_reports_are_about(self):
        """Both are views of the report on what was billed: of work that waits or is lost it is nothing."""
        measures = {"psa_wip_age_action": "wip_amount", "psa_leakage_action": "lost_amount"}
        for action, measure in measures.items():
            views = {kind: view for view, kind in self.env.ref(f"psa_billing.{action}").views}
            graph = self.env["psa.billing.analysis"].get_view(views["graph"], "graph")["arch"]
            self.assertIn(f'name="{measure}" type="measure"', graph)

    def test_rights(self):
        model = self.env["psa.billing.analysis"]
        worker = self._user("worker", "psa_project.group_psa_user")
        other = self.env["res.company"].create({"name": "Other Company"})
        stranger = self._user("stranger", "psa_billing.group_psa_billing_manager", other)
        for name in ("psa.billing.analysis", "psa.billing.forecast"):
            with self.assertRaises(AccessError):
                self.env[name].with_user(worker).search([])
            self.assertFalse(
                self.env[name].with_user(stranger).search([("company_id", "=", self.company.id)]), name
            )
        with self.assertRaises(AccessError):
            model.with_user(self._user("manager", "psa_billing.group_psa_billing_manager")).create({})

    def test_a_report_is_one_query_after_one_that_asks_which_currencies_there_are(self):
        self._sums("billed_amount:sum", group=["partner_id"])
        with self.assertQueryCount(2):
            self.env["psa.billing.analysis"]._read_group(
                [("order_id", "=", self.order.id)], ["state"], ["worked_amount:sum", "realisation:avg"]
            )
