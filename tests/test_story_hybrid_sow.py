"""One SOW sold in every way, one proposal and one invoice in March.

architect, time and material   8.00 h x 150.00                    1,200.00
concept, fixed price           30 % of 10,000.00 due on 1 March   3,000.00
go-live, milestone             reached                            4,000.00
support, retainer              March of three months              1,500.00
hotel, marked up by 12.5 %     87.35 x 1.125 = 98.26875              98.27
success fee                    5 % of 300,000.00 saved           15,000.00
net                                                              24,798.27
tax 15 %                       3,719.7405                         3,719.74
"""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.psa_billing.tests.common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestStoryHybridSow(PsaExpenseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        taxed = {"tax_ids": [Command.set(cls.tax.ids)]}
        cls.order = cls._sow(
            cls._line(cls.architect),
            cls._line(cls.architect, 1, "fixed", price_unit=10000, **taxed),
            cls._line(cls.developer, 1, "milestone", price_unit=4000, **taxed),
            cls._line(cls.developer, 3, "retainer", price_unit=1500, psa_retainer_hours=10, **taxed),
            cls._terms("markup", psa_expense_markup=12.5),
            Command.create(
                {
                    "psa_billing_model": "success_fee",
                    "name": "Fee",
                    "price_unit": 10000,
                    "product_uom_qty": 1,
                    **taxed,
                }
            ),
            confirm=False,
        )
        cls.time, cls.fixed, cls.milestone, cls.retainer, _terms, cls.fee = cls.order.order_line
        cls.order.psa_instalment_ids = [
            Command.create(
                {
                    "sale_line_id": cls.fixed.id,
                    "sequence": number,
                    "name": f"Part {number}",
                    "percent": percent,
                    "due_by": "date",
                    "date": day,
                }
            )
            for number, (percent, day) in enumerate(((30, "2026-03-01"), (70, "2026-05-31")))
        ]
        cls.order.psa_success_fee_ids.write({"formula": "percent", "percent": 5, "metric": "Savings"})
        cls.order.sudo().action_confirm()

    def _earn_the_fee(self):
        lead = self._user("lead", "psa_project.group_psa_project_manager")
        fee = self.order.psa_success_fee_ids.with_user(lead)
        report = fee.env["ir.attachment"].create(
            {"name": "report.pdf", "raw": b"savings", "res_model": fee._name, "res_id": fee.id}
        )
        fee.write(
            {
                "result_amount": 300000,
                "result_date": "2026-03-20",
                "evidence_ids": [Command.set(report.ids)],
            }
        )
        fee.action_claim()
        fee.with_user(self._user("head", "sales_team.group_sale_manager")).action_approve()

    def test_a_month_of_everything_is_one_invoice(self):
        self._work(self.time, 8)
        covered = self._work(self.retainer, 6, "2026-03-03")
        self.milestone.sudo().project_id.milestone_ids.filtered(
            lambda milestone: milestone.sale_line_id == self.milestone
        ).is_reached = True
        self._expense(self.order, 87.35)
        self._earn_the_fee()

        proposal = self._propose()
        self.assertEqual((len(proposal), proposal.message, proposal.amount), (1, False, 24798.27))
        hotel = self.order.order_line.filtered("psa_rebills")
        self.assertEqual(
            {line.sale_line_id: line.amount for line in proposal.line_ids},
            {
                self.time: 1200,
                self.fixed: 3000,
                self.milestone: 4000,
                self.retainer: 1500,
                hotel: 98.27,
                self.fee: 15000,
            },
        )
        invoice = self._invoice(proposal, post=True)
        self.assertEqual((len(invoice), invoice.amount_untaxed), (1, 24798.27))
        self.assertEqual((invoice.amount_tax, invoice.amount_total), (3719.74, 28518.01))
        self.assert_wip(covered, ("covered", 6, 0, 0))
        self.assert_host_figures(self.time, delivered=8, invoiced=8, amount_to_invoice=0)
        self.assert_host_figures(hotel, delivered=1, invoiced=1, amount_to_invoice=0)
        self.assertEqual(
            [line.qty_invoiced for line in (self.fixed, self.milestone, self.retainer, self.fee)],
            [0.3, 1, 1, 1],
        )
        self.assertFalse(self._propose())
