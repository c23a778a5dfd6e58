from datetime import date

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


@tagged("post_install", "-at_install")
class TestBillingForecast(PsaBillingCase):
    """It is 15 March; the SOW runs from 1 March to 30 June."""

    def _forecast(self, order, group=("kind", "certainty", "date:day")):
        self.env.flush_all()
        with freeze_time("2026-03-15"):
            rows = self.env["psa.billing.forecast"]._read_group(
                [("order_id", "=", order.id)], list(group), ["amount:sum"]
            )
        return [(*keys, round(amount, 2)) for *keys, amount in rows]

    def test_work_waits_for_the_end_of_its_month_and_never_before_today(self):
        order = self._sow()
        self._work(order.order_line, 4, "2026-03-02")
        self._work(order.order_line, 1, "2026-02-10").psa_wip_ids.action_hold()
        self.assertEqual(
            self._forecast(order),
            [
                ("wip", "open", date(2026, 3, 15), 150),
                ("wip", "open", date(2026, 3, 31), 600),
            ],
        )

    def test_what_is_proposed_is_no_wip_any_more_and_what_is_invoiced_is_gone(self):
        order = self._sow()
        self._work(order.order_line, 4, "2026-03-02")
        run = self._run(invoice_date="2026-04-01")
        run.action_make_proposals()
        self.assertEqual(self._forecast(order), [("proposal", "open", date(2026, 4, 1), 600)])
        self._invoice(run.proposal_ids)
        self.assertEqual(self._forecast(order), [])

    def test_a_fixed_price_is_due_and_then_proposed_once(self):
        order = self._sow(self._line(self.developer, 1, "fixed", price_unit=2000))
        self.assertEqual(self._forecast(order), [("fixed", "open", date(2026, 3, 15), 2000)])
        self._propose()
        self.assertEqual([row[0] for row in self._forecast(order)], ["proposal"])

    def test_milestones_come_at_their_deadlines(self):
        """10,000.00: 40 % reached, 60 % due on 20 May."""
        order = self._sow(self._line(self.developer, 1, "milestone", price_unit=10000))
        line = order.order_line
        project = line.project_id or order.project_ids[:1]
        self.env["project.milestone"].search([("sale_line_id", "=", line.id)]).unlink()
        self.env["project.milestone"].create(
            [
                {
                    "name": name,
                    "project_id": project.id,
                    "sale_line_id": line.id,
                    "quantity_percentage": share,
                    "deadline": deadline,
                    "is_reached": reached,
                }
                for name, share, deadline, reached in (
                    ("Design", 0.4, "2026-03-10", True),
                    ("Go-live", 0.6, "2026-05-20", False),
                )
            ]
        )
        self.assertEqual(
            self._forecast(order),
            [
                ("milestone", "expected", date(2026, 5, 20), 6000),
                ("milestone", "open", date(2026, 3, 15), 4000),
            ],
        )

    @freeze_time("2026-03-15")
    def test_retainers_come_period_by_period(self):
        """Three months of 1,500.00 from 1 March: March is due, then April and May."""
        order = self._sow(
            Command.create(
                {
                    "psa_billing_model": "retainer",
                    "name": "Retainer",
                    "price_unit": 1500,
                    "product_uom_qty": 3,
                    "tax_ids": False,
                }
            )
        )
        self.assertEqual(
            self._forecast(order),
            [
                ("retainer", "expected", date(2026, 4, 1), 1500),
                ("retainer", "expected", date(2026, 5, 1), 1500),
                ("retainer", "open", date(2026, 3, 15), 1500),
            ],
        )

    def test_instalments_come_at_their_dates_and_once(self):
        """10,000.00: 30 % on 10 March, 50 % on 20 April, the rest when all is done, by 30 June."""
        order = self._sow(self._line(self.developer, 1, "fixed", price_unit=10000), confirm=False)
        self.env["psa.instalment"].create(
            [
                {
                    "order_id": order.id,
                    "sale_line_id": order.order_line.id,
                    "name": name,
                    "percent": percent,
                    "sequence": number,
                    **due,
                }
                for number, (name, percent, due) in enumerate(
                    (
                        ("Start", 30, {"due_by": "date", "date": "2026-03-10"}),
                        ("Middle", 50, {"due_by": "date", "date": "2026-04-20"}),
                        ("End", 20, {"due_by": "completion", "completion": "100"}),
                    )
                )
            ]
        )
        order.sudo().action_confirm()
        to_come = [
            ("fixed", "expected", date(2026, 4, 20), 5000),
            ("fixed", "expected", date(2026, 6, 30), 2000),
        ]
        self.assertEqual(self._forecast(order), [*to_come, ("fixed", "open", date(2026, 3, 15), 3000)])
        self._propose()
        rows = self._forecast(order)
        self.assertEqual(rows[:2], to_come)
        self.assertEqual([(row[0], row[3]) for row in rows[2:]], [("proposal", 3000)])

    def test_thirds_of_a_quantity_come_to_the_price(self):
        """Three at 1,000.00 less 10 %, in thirds of 33.33, 33.33 and 33.34 %: 0.9999 pieces are 899.91."""
        order = self._sow(self._line(self.developer, 3, "fixed", price_unit=1000, discount=10), confirm=False)
        parts = ((33.33, "2026-03-10"), (33.33, "2026-04-20"), (33.34, "2026-05-20"))
        order.psa_instalment_ids = [
            Command.create(
                {
                    "sale_line_id": order.order_line.id,
                    "name": day,
                    "percent": percent,
                    "due_by": "date",
                    "date": day,
                    "sequence": number,
                }
            )
            for number, (percent, day) in enumerate(parts)
        ]
        order.sudo().action_confirm()
        to_come = [(date(2026, 4, 20), 899.91), (date(2026, 5, 20), 900.18)]
        expected = [(date(2026, 3, 15), 899.91), *to_come]
        self.assertEqual(sorted(self._forecast(order, ["date:day"])), expected)
        proposal = self._propose()
        self.assertEqual(sorted(self._forecast(order, ["date:day"])), expected)
        self._invoice(proposal)
        self.assertEqual(sorted(self._forecast(order, ["date:day"])), to_come)

    def test_sows_that_are_not_signed_and_other_orders_are_no_forecast(self):
        draft = self._sow(self._line(self.developer, 1, "fixed", price_unit=2000), confirm=False)
        self.assertEqual(self._forecast(draft), [])
