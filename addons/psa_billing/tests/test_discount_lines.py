"""A discount on the whole of an order, by the host's dialog, is given with what is billed of it."""

from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestDiscountLines(PsaBillingCase):
    def _discounted(self, *lines, **values):
        """A confirmed SOW of ``lines`` with a discount; ``values`` of the dialog."""
        order = self._sow(*lines, confirm=False)
        dialog = self.env["sale.order.discount"].create({"sale_order_id": order.id, **values})
        dialog.action_apply_discount()
        order.sudo().action_confirm()
        return order

    def test_it_is_no_credit_note_before_anything_is_billed(self):
        """115.00 with 15 % tax are 100.00: nothing in March, 75.00 in April, and in May 600.00 less it."""
        order = self._discounted(self._line(self.architect), discount_type="amount", discount_amount=115)
        self.assertFalse(self._propose())
        self._work(order.order_line[0], 0.5, "2026-04-01")
        april = self._propose(False, "2026-04-30")
        self.assertEqual(april.amount, 75)
        invoice = self._invoice(april, post=True)
        self.assertEqual((invoice.move_type, invoice.amount_untaxed), ("out_invoice", 75))
        self._work(order.order_line[0], 4, "2026-05-04")
        may = self._propose(False, "2026-05-31")
        self.assertEqual((may.line_ids.mapped("amount"), may.amount), ([600, -100], 500))
        self._invoice(may, post=True)
        self.assertFalse(self._propose(False, "2026-06-30"))

    def test_what_was_billed_before_covers_it(self):
        """75.00 were billed, and 45.00 are due: 100.00 less are 55.00 that the client gets back."""
        order = self._discounted(self._line(self.architect), discount_type="amount", discount_amount=115)
        self._work(order.order_line[0], 0.5)
        self._invoice(self._propose(), post=True)
        self._work(order.order_line[0], 0.3, "2026-04-01")
        april = self._propose(False, "2026-04-30")
        self.assertEqual((sorted(april.line_ids.mapped("amount")), april.amount), ([-100, 45], -55))

    def test_it_goes_with_a_fixed_price(self):
        """10 % of 10 h at 150.00 and of a concept for 1,000.00, beside which nothing was worked yet."""
        self._discounted(
            self._line(self.architect, 10),
            self._line(self.developer, 1, "fixed", price_unit=1000, name="Concept"),
            discount_type="so_discount",
            discount_percentage=0.1,
        )
        proposal = self._propose()
        self.assertEqual((sorted(proposal.line_ids.mapped("amount")), proposal.amount), ([-250, 1000], 750))

    def test_a_run_that_is_made_again_adds_it_to_its_draft(self):
        """The work on the draft covers it together with what came since."""
        order = self._discounted(self._line(self.architect), discount_type="amount", discount_amount=115)
        self._work(order.order_line[0], 0.5)
        proposal = self._propose()
        self._work(order.order_line[0], 0.5, "2026-03-03")
        proposal.run_id.action_make_proposals()
        self.assertEqual((sorted(proposal.line_ids.mapped("amount")), proposal.amount), ([-100, 150], 50))
