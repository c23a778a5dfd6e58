"""Lines that come to nothing only together are invoiced: the client sees each, and nothing is left."""

from odoo import Command
from odoo.tests import tagged

from .test_instalments import PsaInstalmentCase


@tagged("post_install", "-at_install")
class TestZeroProposals(PsaInstalmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goodwill = cls.env.ref("psa_billing.reason_goodwill")

    def _zero(self, taxes=None, **values):
        """60 % of 1,000.00 are invoiced. A change order takes 300.00 off, 180.00 of it now, which is what
        1.8 h at 100.00 come to.

        :return: (line of the work, line of the change order, entry, proposal)
        """
        order = self._planned((60, "2026-03-10"), (40, "2026-05-10"), price=1000, confirm=False, **values)
        order.order_line = [self._line(self.developer, **({} if taxes is None else {"tax_ids": taxes}))]
        order.sudo().action_confirm()
        fixed, hours = order.order_line
        self._invoice(self._propose(), post=True)
        change = self._change_order(order, self._amend(fixed, -1, price_unit=300))
        entry = self._work(hours, 1.8, "2026-04-06")
        return hours, change.order_line, entry, self._propose(False, "2026-04-30")

    def _figures(self, move):
        """(type, without taxes, taxes, quantities and amounts of the lines)"""
        lines = move.invoice_line_ids.sorted("sequence").filtered("quantity")
        pairs = lines.mapped(lambda line: (line.quantity, line.price_subtotal))
        return move.move_type, move.amount_untaxed, move.amount_tax, pairs

    def test_a_deduction_of_exactly_what_is_due_makes_an_invoice_of_nothing(self):
        hours, deduction, entry, proposal = self._zero()
        self.assertEqual((proposal.amount, proposal.can_close), (0, False))
        self.assertEqual(sorted(proposal.line_ids.mapped("amount")), [-180, 180])
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(self._figures(invoice), ("out_invoice", 0, 0, [(1.8, 180), (-0.6, -180)]))
        self.assertEqual((invoice.state, invoice.payment_state), ("posted", "paid"))
        self.assertEqual(proposal.state, "invoiced")
        self.assert_wip(entry, ("billed", 1.8, 1.8, 180))
        self.assertEqual(entry.timesheet_invoice_id, invoice)
        self.assert_host_figures(hours, delivered=1.8, invoiced=1.8, amount_to_invoice=0)
        self.assert_host_figures(deduction, delivered=0, invoiced=-0.6, amount_to_invoice=-120)
        self.assertFalse(self._propose(False, "2026-04-30"))
        # 400.00 less 120.00 are left
        self.assertEqual(self._propose(False, "2026-05-31").amount, 280)

    def test_it_is_taken_back_like_any_other(self):
        hours, deduction, entry, proposal = self._zero()
        proposal.action_approve()
        proposal.action_reset()
        proposal.action_cancel()
        self.assert_wip(entry, ("open", 1.8, 1.8, 180))
        self._invoice(self._propose(False, "2026-04-30")).unlink()
        self.assert_wip(entry, ("open", 1.8, 1.8, 180))
        invoice = self._invoice(self._propose(False, "2026-04-30"), post=True)
        note = self._credit(invoice)
        self.assertEqual(note.amount_untaxed, 0)
        self.assert_wip(entry, ("open", 1.8, 1.8, 180))
        self.assert_host_figures(hours, delivered=1.8, invoiced=0, amount_to_invoice=180)
        self.assert_host_figures(deduction, delivered=0, invoiced=0, amount_to_invoice=-300)
        self.assertEqual(self._propose(False, "2026-04-30").amount, 0)

    def test_a_fixed_price_that_is_cut_to_nothing_before_it_was_billed(self):
        """1,000.00 less 1,000.00: both stand on the invoice, and nothing is left to invoice."""
        order = self._sow(self._line(self.architect, 1, "fixed", price_unit=1000))
        change = self._change_order(order, self._amend(order.order_line, -1))
        proposal = self._propose()
        self.assertEqual(proposal.amount, 0)
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(self._figures(invoice), ("out_invoice", 0, 0, [(1, 1000), (-1, -1000)]))
        self.assertEqual((order | change).mapped("invoice_status"), ["invoiced", "invoiced"])
        self.assertFalse(self._propose(False, "2026-06-30"))

    def test_a_line_that_a_review_added_takes_all_of_it_off(self):
        order = self._sow(self._line(self.architect, 1, "fixed", price_unit=1000))
        proposal = self._propose()
        proposal.sudo()._psa_add_line("Goodwill", -1000, order.order_line, self.goodwill)
        self.assertEqual((proposal.amount, proposal.can_close), (0, False))
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(self._figures(invoice), ("out_invoice", 0, 0, [(1, 1000), (1, -1000)]))

    def test_taxes_of_other_rates_are_what_is_left_to_pay(self):
        """180.00 without tax less 180.00 with 15 %, 27.00: a credit note of 27.00."""
        note = self._invoice(self._zero(taxes=[Command.clear()])[-1], post=True)
        self.assertEqual((note.move_type, note.amount_untaxed, note.amount_total), ("out_refund", 0, 27))

    def test_several_clients_have_an_invoice_of_nothing_each(self):
        """60 % and 40 % of 180.00 less 180.00: 108.00 less 108.00, and 72.00 less 72.00."""
        other = self.env["res.partner"].create({"name": "Other Ltd"})
        shares = [
            Command.create({"partner_id": partner.id, "share": share})
            for partner, share in ((self.client, 60), (other, 40))
        ]
        _hours, _deduction, _entry, proposal = self._zero(psa_payer_ids=shares)
        proposal.action_approve()
        proposal.action_create_invoice()
        self.assertEqual(proposal.invoice_ids.mapped("amount_total"), [0, 0])
        by_payer = {move.psa_payer_id: move.invoice_line_ids for move in proposal.invoice_ids}
        self.assertEqual(sorted(by_payer[self.client].mapped("price_subtotal")), [-108, 108])
        self.assertEqual(sorted(by_payer[other].mapped("price_subtotal")), [-72, 72])

    def test_the_export_says_zero(self):
        proposal = self._zero()[-1]
        proposal.action_approve()
        document = proposal._psa_export_document()
        self.assertEqual((document["amount"], document["to_invoice"]), ("0.00", "0.00"))
