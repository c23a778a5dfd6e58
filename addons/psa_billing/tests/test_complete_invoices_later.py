"""Invoices that are computed before they are stored: who hears of them, their numbers, and later changes."""

from odoo.tests import tagged

from .common_complete import CompleteInvoicesCase


@tagged("post_install", "-at_install")
class TestCompleteInvoicesLater(CompleteInvoicesCase):
    def test_who_follows_new_invoices_is_notified(self):
        self.env.ref("account.mt_invoice_created").sudo().default = True
        seller = self._user("seller", "sales_team.group_sale_salesman,account.group_account_invoice")
        order = self._two_lines(user_id=seller.id)
        invoice = self.assert_stored_alike(order)
        self.assertIn(seller.partner_id, invoice.message_ids.sudo().notified_partner_ids)

    def test_numbers_count_on_where_others_stopped(self):
        for day in ("2026-04-01", "2026-03-31"):
            self.init_invoice("out_invoice", partner=self.client, amounts=[10], invoice_date=day, post=True)
        orders = self.env["sale.order"].union(*(self._two_lines() for _number in range(3)))
        numbers = self.assert_stored_alike(orders).mapped("sequence_number")
        self.assertEqual(sorted(numbers), [3, 4, 5])

    def test_debit_notes_that_are_posted_with_invoices_keep_their_own_numbers(self):
        """Of one journal and day: the first invoice is 1; then a debit note of it, posted between two other
        invoices, is debit note 1, and these are 2 and 3."""
        if "debit_sequence" not in self.env["account.journal"]:
            self.skipTest("the app Debit Notes is not installed")
        first, *others = (self._invoice(self._proposal_of(self._two_lines())) for _number in range(3))
        first.journal_id.debit_sequence = True
        first.action_post()
        debit = first.with_context(include_business_fields=True).copy(
            {"debit_origin_id": first.id, "invoice_date": first.invoice_date}
        )
        (others[0] | debit | others[1]).action_post()
        self.assertEqual(debit.name, f"D{first.name}")
        self.assertEqual([move.sequence_number for move in (first, *others)], [1, 2, 3])
        self.assertEqual({move.sequence_prefix for move in others}, {first.sequence_prefix})

    def test_a_draft_follows_what_is_changed_on_it(self):
        order = self._two_lines(self.tax | self.small, payment_term_id=self.instalments.id)
        invoice = self._invoice(self._proposal_of(order))
        line = invoice.invoice_line_ids[0]
        line.quantity += 1
        self.assertAlmostEqual(invoice.amount_tax, invoice.amount_untaxed * 0.227, delta=0.02)
        self.assertAlmostEqual(sum(invoice.line_ids.mapped("balance")), 0)
