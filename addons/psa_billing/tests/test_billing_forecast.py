from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_instalments import PsaInstalmentCase


@tagged("post_install", "-at_install")
class TestBillingForecast(PsaInstalmentCase):
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
        order = self._planned(
            (33.33, "2026-03-10"),
            (33.33, "2026-04-20"),
            (33.34, "2026-05-20"),
            quantity=3,
            price=1000,
            discount=10,
        )
        to_come = [(date(2026, 4, 20), 899.91), (date(2026, 5, 20), 900.18)]
        expected = [(date(2026, 3, 15), 899.91), *to_come]
        self.assertEqual(sorted(self._forecast(order, ["date:day"])), expected)
        proposal = self._propose()
        self.assertEqual(sorted(self._forecast(order, ["date:day"])), expected)
        self._invoice(proposal)
        self.assertEqual(sorted(self._forecast(order, ["date:day"])), to_come)

    def test_what_comes_has_the_digits_of_its_currency(self):
        """An eighth of 9,999 yen, which are 9,999.00 of the company, is 1,250, not 1,249.88."""
        yen = self.setup_other_currency("JPY", rates=[("2026-01-01", 1)])
        pricelist = self.env["product.pricelist"].create({"name": "Yen", "currency_id": yen.id})
        order = self._planned(
            (12.5, "2026-03-10"), (87.5, "2026-04-20"), price=9999, pricelist_id=pricelist.id
        )
        expected = [(date(2026, 3, 15), 1250), (date(2026, 4, 20), 8749)]
        self.assertEqual(sorted(self._forecast(order, ["date:day"])), expected)
        self.assertEqual(self._propose("2026-03-01", "2026-03-31").amount, 1250)
        self.assertEqual(sorted(self._forecast(order, ["date:day"])), expected)

    def test_sows_that_are_not_signed_and_other_orders_are_no_forecast(self):
        draft = self._sow(self._line(self.developer, 1, "fixed", price_unit=2000), confirm=False)
        self.assertEqual(self._forecast(draft), [])
