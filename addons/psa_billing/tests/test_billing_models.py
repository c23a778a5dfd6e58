"""What a run proposes of lines that are not sold by the hour: only what was earned."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestBillingModels(PsaBillingCase):
    def _hybrid(self):
        """10 h of an architect, a retainer of 3 years × 1,500 in arrears, 800 of expenses, 5 % of savings
        (some
        10,000)."""
        sold = [
            self._line(self.architect, 10),
            *(
                Command.create(
                    {
                        "psa_billing_model": model,
                        "name": model,
                        "price_unit": price,
                        "product_uom_qty": quantity,
                        "tax_ids": False,
                        "psa_retainer_period": model == "retainer" and "year",
                        "psa_retainer_calendar": "start",
                        "psa_retainer_timing": "arrears",
                    }
                )
                for model, price, quantity in (
                    ("retainer", 1500, 3),
                    ("expense", 800, 1),
                    ("success_fee", 10000, 1),
                )
            ),
        ]
        order = self._sow(*sold, confirm=False)
        order.psa_success_fee_ids.write({"formula": "percent", "percent": 5, "metric": "Savings"})
        order.sudo().action_confirm()
        return order

    def test_the_same_price_in_two_currencies(self):
        """2,000.00 dollars of one client, 2,000.00 francs of another: one run proposes both."""
        francs = self.setup_other_currency("CHF", rates=[("2026-01-01", 0.8)])
        pricelist = self.env["product.pricelist"].create({"name": "CHF", "currency_id": francs.id})
        for values in ({}, {"pricelist_id": pricelist.id}):
            self._sow(self._line(self.architect, 1, "fixed", price_unit=2000), **values)
        proposals = self._propose()
        self.assertEqual(proposals.currency_id, self.company.currency_id | francs)
        self.assertEqual(proposals.mapped("amount"), [2000, 2000])
        self.assertEqual(self._invoice(proposals).mapped("amount_untaxed"), [2000, 2000])

    def _approve_fee(self, order, result):
        """The fee of ``result``, claimed by the project manager, approved by the head of sales."""
        project_manager = self._user("pm", "psa_project.group_psa_project_manager")
        head = self._user("head", "sales_team.group_sale_manager")
        fee = order.psa_success_fee_ids.with_user(project_manager)
        report = fee.env["ir.attachment"].create(
            {"name": "report.pdf", "raw": b"savings", "res_model": fee._name, "res_id": fee.id}
        )
        fee.write(
            {"result_amount": result, "result_date": "2026-03-20", "evidence_ids": [Command.set(report.ids)]}
        )
        fee.action_claim()
        fee.with_user(head).action_approve()
        return fee.with_user(head)

    def test_retainers_expenses_and_success_fees_are_not_proposed_before_they_are_due(self):
        order = self._hybrid()
        self.assertFalse(self._propose())
        time, retainer = order.order_line[:2]
        self._work(time, 2)
        self._work(retainer, 5)  # covered by the retainer
        proposal = self._propose()
        self.assertEqual((proposal.line_ids.sale_line_id, proposal.amount), (time, 300))

    def test_a_due_retainer_period_is_proposed(self):
        self._hybrid()
        self.assertEqual(self._propose("2027-02-01", "2027-02-28").amount, 1500)

    def test_an_approved_success_fee_is_proposed_and_billed(self):
        order = self._hybrid()
        self._approve_fee(order, 300000)
        proposal = self._propose()
        line = order.psa_success_fee_ids.sale_line_id
        # 5 % of 300,000
        self.assertEqual((proposal.line_ids.sale_line_id, proposal.amount), (line, 15000))
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(invoice.amount_untaxed, 15000)
        self.assert_host_figures(line, 1, 1, 0)
        self.assertFalse(self._propose())

    def test_a_success_fee_of_nothing_is_not_proposed(self):
        order = self._hybrid()
        self._approve_fee(order, 0)
        self.assertFalse(self._propose())

    def test_an_approval_is_not_withdrawn_under_a_proposal(self):
        order = self._hybrid()
        fee = self._approve_fee(order, 300000)
        proposal = self._propose()
        with self.assertRaisesRegex(UserError, "is about to be billed: .*15,000.00.*Cancel that proposal"):
            fee.action_withdraw()
        self.assertEqual(fee.state, "approved")
        proposal.action_cancel()
        fee.action_withdraw()
        self.assertEqual((fee.state, fee.sale_line_id.price_unit), ("claimed", 10000))
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))

    def test_an_invoiced_approval_is_withdrawn_after_the_credit_note(self):
        order = self._hybrid()
        fee = self._approve_fee(order, 300000)
        invoice = self._invoice(self._propose(), post=True)
        with self.assertRaisesRegex(UserError, f"is invoiced: .*15,000.00.* on {invoice.name}"):
            fee.action_withdraw()
        self._credit(invoice)
        fee.action_withdraw()
        self.assertEqual(fee.state, "claimed")

    def test_what_was_agreed_for_nothing_stands_beside_what_is_billed(self):
        sow = self._sow(
            self._line(self.architect),
            self._line(self.developer, discount=100),
            self._line(self.developer, hours=1, model="fixed", price_unit=0),
        )
        architect, free, workshop = sow.order_line
        self.assertFalse(self._propose())  # the workshop alone makes no invoice
        self._work(architect, 2)
        self._work(free, 3)
        proposal = self._propose()
        self.assertFalse(proposal.message)
        invoice = self._invoice(proposal, post=True)
        lines = invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        self.assertEqual(
            lines.mapped(lambda line: (line.quantity, line.price_subtotal)),
            [(2, 300), (3, 0), (1, 0)],  # 2 h × 150.00, 3 h and the workshop for nothing
        )
        self.assertEqual(invoice.amount_total, 345)  # 15 %
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))
