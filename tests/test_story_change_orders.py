"""A SOW of three months with one change order up and one down, with figures worked out by hand.

                          hours      amount      cost    margin   end      cap
Architect  40 h × 200      40      8,000.00  3,600.00  4,400.00
Developer 100 h × 120     100     12,000.00  6,000.00  6,000.00
SOW                       140     20,000.00  9,600.00 10,400.00  31 May   20,000.00

CO1 developer  + 40 × 120  40      4,800.00  2,400.00  2,400.00
    architect  + 10 × 200  10      2,000.00    900.00  1,100.00  (Rollout in June)
after CO1                 190     26,800.00 12,900.00 13,900.00  30 June  26,800.00

CO2 architect  − 10 × 200 −10     −2,000.00   −900.00 −1,100.00
    developer  − 50 × 120 −50     −6,000.00 −3,000.00 −3,000.00  (90 of 140 h are worked)
               + 30 × 130  30      3,900.00  1,800.00  2,100.00  (from 1 June)
after CO2                 160     22,700.00 10,800.00 11,900.00  30 June  23,800.00

An architect costs 90.00 an hour, a developer 60.00.
"""

from datetime import date

from test_lead_to_cash import SIGNATURE

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase, tagged

from odoo.addons.psa_billing.tests.common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestStoryChangeOrders(PsaBillingCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rates = cls.card.line_ids
        rates.filtered(lambda rate: rate.role_id == cls.architect).price = 200
        rates.filtered(lambda rate: rate.role_id == cls.developer).price = 120
        cls.ann.hourly_cost, cls.dev.hourly_cost = 90, 60
        cls.sow = cls._sow(
            cls._phase("Design", "2026-03-01", "2026-03-31"),
            cls._line(cls.architect, 40),
            cls._phase("Build", "2026-04-01", "2026-05-31"),
            cls._line(cls.developer, 100),
            psa_date_end="2026-05-31",
            psa_cap_amount=20000,
            confirm=False,
        )

    @classmethod
    def _phase(cls, name, start, end):
        return Command.create(
            {"display_type": "line_section", "name": name, "psa_date_start": start, "psa_date_end": end}
        )

    def _sign(self, order):
        order.action_quotation_sent()
        order._portal_ensure_token()
        answer = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {"access_token": order.access_token, "name": "Clara Client", "signature": SIGNATURE},
        )
        self.assertTrue(answer.get("force_refresh"), answer)
        order.invalidate_recordset()
        self.assertEqual(order.state, "sale")

    def _change(self, **values):
        change = self.env["sale.order"].browse(self.sow.action_psa_change_order()["res_id"])
        change.write({"psa_requested_by_id": self.client.id, **values})
        return change

    def assert_figures(self, change, before, delta, after):
        """Each: (hours, amount, cost, margin, last day, cap)"""
        values = change._psa_change_values(with_margin=True)
        found = []
        for number, when in enumerate(("before", "change", "after")):
            figures = values["total"][when]
            row = [float(figures.hours), float(figures.amount), float(figures.cost), float(figures.margin)]
            if when != "change":
                row += [values["periods"][number // 2][1], values["caps"][number // 2]]
            found.append(tuple(row))
        self.assertEqual(found, [before, delta, after])

    def _bill(self, first, last, amount):
        invoice = self._invoice(self._propose(first, last), post=True)
        self.assertEqual(invoice.amount_untaxed, amount)
        self.assertEqual(invoice.amount_tax, round(amount * 0.15, 2))

    def test_three_months_one_change_up_and_one_down(self):
        may, june = date(2026, 5, 31), date(2026, 6, 30)
        signed = (140, 20000, 9600, 10400, may, 20000)
        after_up = (190, 26800, 12900, 13900, june, 26800)
        after_down = (160, 22700, 10800, 11900, june, 23800)

        self._sign(self.sow)
        architect, developer = self.sow.order_line.filtered("psa_role_id")
        project = developer.task_id.project_id
        self._work(architect, 30, "2026-03-10")
        self._bill("2026-03-01", "2026-03-31", 6000)

        up = self._change(
            psa_change_reason="Two more interfaces and a rollout",
            psa_effective_date="2026-04-01",
            psa_date_end="2026-06-30",
            psa_cap_change=6800,
            order_line=[
                Command.create({"psa_amends_line_id": developer.id, "product_uom_qty": 40}),
                self._phase("Rollout", "2026-06-01", "2026-06-30"),
                self._line(self.architect, 10),
            ],
        )
        self.assert_figures(up, signed, (50, 6800, 3300, 3500), after_up)
        self._sign(up)
        self.assertEqual((project.date, project.allocated_hours), (june, 190))
        self.assertEqual(project.psa_phase_ids.mapped("budget_hours"), [40, 140, 10])
        self.assertEqual(sum(project.sudo().psa_budget_line_ids.mapped("cost")), 12900)
        self._work(developer, 60, "2026-04-10")
        self._bill("2026-04-01", "2026-04-30", 7200)
        self._work(developer, 30, "2026-05-11")

        down = self._change(psa_change_reason="Less design; new rates", psa_cap_change=-3000)
        wizard = Form(self.env["psa.change.lines"].with_context(**down.action_psa_change_lines()["context"]))
        wizard.effective_date = "2026-06-01"
        with wizard.line_ids.edit(0) as row:
            self.assertEqual((row.name, row.quantity, row.used), ("Architect", 40, 30))
            row.new_quantity = 30
        with wizard.line_ids.edit(1) as row:
            self.assertEqual((row.name, row.quantity, row.used), ("Developer", 140, 90))
            row.new_quantity, row.new_price = 120, 130
        wizard.save().action_apply()
        self.assert_figures(down, after_up, (-30, -4100, -2100, -2000), after_down)
        self._sign(down)
        self.assertEqual(project.psa_phase_ids.mapped("budget_hours"), [30, 120, 10])
        self.assertEqual(sum(project.sudo().psa_budget_line_ids.mapped("cost")), 10800)
        self.assertEqual(
            (self.sow.psa_original_amount, self.sow.psa_change_amount, self.sow.psa_current_amount),
            (20000, 2700, 22700),
        )
        # before and after of the first change order are history: they did not change
        self.assert_figures(up, signed, (50, 6800, 3300, 3500), after_up)

        june_work = self._work(developer, 30, "2026-06-10")
        self.assertEqual((june_work.so_line.order_id, june_work.so_line.price_unit), (down, 130))
        self._work(up.order_line.filtered(lambda line: line.psa_role_id == self.architect), 10, "2026-06-12")
        # 30 × 120 + 30 × 130 + 10 × 200
        self._bill("2026-05-01", "2026-06-30", 9500)
        self.assertEqual(sum(self.sow.psa_proposal_ids.mapped("amount")), 22700)

        with self.assertRaisesRegex(UserError, "Developer would be cut from 120 to 119 .* 120 are worked"):
            self._change(
                psa_change_reason="One hour less",
                order_line=[Command.create({"psa_amends_line_id": developer.id, "product_uom_qty": -1})],
            ).sudo().action_confirm()
        with self.assertRaisesRegex(UserError, "(?s)CO2 cannot be cancelled.*30 hours on.*the invoice"):
            down.sudo().action_cancel()
