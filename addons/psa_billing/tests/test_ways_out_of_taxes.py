"""Ways out where a tax is archived, forgotten, or not the one that holds now."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_ways_out import PsaWaysOutCase


@tagged("post_install", "-at_install")
class TestWaysOutOfTaxes(PsaWaysOutCase):
    def _with_old_tax(self, order):
        tax = self.tax.copy({"name": "Old tax"})
        order.order_line.sudo().tax_ids = tax
        tax.active = False
        return tax

    def test_an_accountant_unarchives_the_tax(self):
        """1,500.00 at 15 %. Where 20 % hold now, that is chosen on the draft invoice: 300.00 in place of
        225.00; the old tax may be archived again before that is posted."""
        order = self._sow(self._line(self.architect, 1, "fixed", price_unit=1500))
        tax = self._with_old_tax(order)
        proposal = self._blocked("Old tax.* is archived. Have an administrator of accounting unarchive it")
        self.assert_refused(
            lambda: tax.with_user(self.biller).write({"active": True}), "Tax", error=AccessError
        )
        tax.with_user(self.accountant).active = True
        self.assertEqual(self._again(proposal), 1500)
        invoice = self._invoice(proposal).with_user(self.biller)
        self.assertEqual(invoice.amount_tax, 225)
        now = self.tax.copy({"name": "Tax of now", "amount": 20})
        invoice.invoice_line_ids.filtered("quantity").tax_ids = now
        tax.with_user(self.accountant).active = False
        invoice.invoice_date = "2026-04-01"
        invoice.action_post()
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (1500, 300))
        self.assertEqual(order.order_line.qty_to_invoice, 0)

    def test_or_puts_another_one_in_its_place(self):
        """2 h at 150.00 and a fixed price of 1,500.00, at 20 %: 360.00 of tax."""
        order = self._sow(self._line(self.architect), self._line(self.architect, 1, "fixed", price_unit=1500))
        self._work(order.order_line[0], 2)
        tax = self._with_old_tax(order)
        proposal = self._blocked("Old tax.* is archived.*Replace Taxes.$")
        now = self.tax.copy({"name": "Tax of now", "amount": 20})
        values = {"tax_id": tax.id, "new_tax_id": now.id}
        self.assert_refused(
            lambda: self.env["psa.replace.tax"].with_user(self.biller).create(values),
            "Replace Taxes",
            error=AccessError,
        )
        self.env["psa.replace.tax"].with_user(self.accountant).create(values).action_replace()
        self.assertEqual(self._again(proposal), 1800)
        self.assertEqual(self._invoice(proposal).amount_tax, 360)

    def test_who_wants_another_tax_on_a_signed_line_is_sent_there(self):
        order = self._sow()
        now = self.tax.copy({"name": "Tax of now", "amount": 20})
        self.assert_refused(
            lambda: order.order_line.with_user(self.seller).write({"tax_ids": [Command.set(now.ids)]}),
            "have an administrator of accounting put the tax that holds now in its place",
            "Replace Taxes",
        )

    def test_work_without_tax_moves_to_a_line_with_it(self):
        self.company.psa_billing_tax_check = True
        order = self._sow(self._line(self.architect, 10, tax_ids=[Command.set(self.tax.ids)]))
        order.order_line.product_id.taxes_id = self.tax
        entry = self._work(order.order_line, 2)
        order.order_line.sudo().tax_ids = False
        proposal = self._blocked("has no tax", "sell the role by a change order of", "under WIP")
        sold = self._line(self.architect, 10, tax_ids=[Command.set(self.tax.ids)])
        self._move(entry, self._change_by(self.biller, order, sold).order_line)
        self.assertEqual(self._again(proposal), 300)
        self.assertEqual(self._invoice(proposal).amount_tax, 45)  # 15 % of 300.00

    def test_a_fixed_price_without_tax_is_signed_again_with_it(self):
        self.company.psa_billing_tax_check = True
        order = self._sow(self._line(self.architect, 1, "fixed", price_unit=1500))
        order.order_line.product_id.taxes_id = self.tax
        order.order_line.sudo().tax_ids = False
        proposal = self._blocked("has no tax", "cancelled, the tax put on its line, and signed again")
        mine = order.with_user(self.boss)
        mine.with_context(psa_left_unbilled_is_known=True).action_cancel()
        mine.action_draft()
        mine.order_line.tax_ids = self.tax
        order.sudo().action_confirm()
        self.assertEqual(self._again(proposal), 1500)
        self.assertEqual(self._invoice(proposal).amount_tax, 225)  # 15 % of 1,500.00
