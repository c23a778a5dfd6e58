"""Work that comes to nothing, beside work that is billed, goes with the invoice and comes back with it."""

from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestZeroLines(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.architect_line, cls.developer_line = cls._sow(
            cls._line(cls.architect), cls._line(cls.developer)
        ).order_line
        cls.entry, cls.correction = (cls._work(cls.architect_line, hours) for hours in (4, -4))
        cls._work(cls.developer_line, 2)

    def _bill(self):
        proposal = self._propose()
        self.assertEqual(proposal.amount, 200)  # 2 h x 100.00
        return self._invoice(proposal)

    def _lines(self, move):
        return move.invoice_line_ids.sorted("sequence").mapped(
            lambda line: (line.quantity, line.price_subtotal)
        )

    def assert_pair(self, state):
        self.assert_wip(self.entry, (state, 4, 4, 600))
        self.assert_wip(self.correction, (state, -4, -4, -600))

    def test_time_and_its_correction_are_billed_by_a_line_of_nothing(self):
        invoice = self._bill()
        self.assertEqual(self._lines(invoice), [(0, 0), (2, 200)])
        self.assert_pair("billed")
        self.assertEqual(self.entry.timesheet_invoice_id, invoice)
        invoice.invoice_date = "2026-04-01"
        invoice.action_post()
        self.assert_pair("billed")
        self.assertFalse(self._propose())
        self.assert_host_figures(self.architect_line, delivered=0, invoiced=0, amount_to_invoice=0)
        self.assert_host_figures(self.developer_line, delivered=2, invoiced=2, amount_to_invoice=0)

    def test_it_is_freed_with_its_invoice(self):
        invoice = self._bill()
        invoice.unlink()
        self.assert_pair("open")
        invoice = self._bill()
        invoice.invoice_date = "2026-04-01"
        invoice.action_post()
        self._credit(invoice)
        self.assert_pair("open")
        self._bill()
        self.assert_pair("billed")

    def test_a_credit_of_other_lines_leaves_it(self):
        invoice = self._bill()
        invoice.invoice_date = "2026-04-01"
        invoice.action_post()
        note = self._draft_credit(invoice)
        note.invoice_line_ids.filtered(lambda line: not line.quantity).unlink()
        note.action_post()
        self.assert_pair("billed")
        self.assert_host_figures(self.developer_line, delivered=2, invoiced=0, amount_to_invoice=200)

    def test_entry_by_entry_both_stand_on_the_invoice(self):
        self.company.psa_invoice_detail = "entry"
        invoice = self._bill()
        self.assertEqual(self._lines(invoice), [(4, 600), (-4, -600), (2, 200)])
        self.assert_pair("billed")
        invoice.invoice_date = "2026-04-01"
        invoice.action_post()
        self.assert_pair("billed")
