"""What was due when it was proposed and is not any more is not billed by accident."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_instalments import PsaInstalmentCase


@tagged("post_install", "-at_install")
class TestProposalDue(PsaInstalmentCase):
    def _reached(self):
        """A milestone of 5,000.00 that is reached."""
        order = self._sow(self._line(self.developer, 1, "milestone", price_unit=5000))
        milestone = order._psa_project().milestone_ids
        milestone.is_reached = True
        return milestone

    def assert_not_due(self):
        return self.assertRaisesRegex(UserError, "not due any more")

    def test_a_milestone_that_was_not_reached_after_all_is_not_approved(self):
        milestone = self._reached()
        proposal = self._propose()
        milestone.is_reached = False
        with self.assert_not_due():
            proposal.action_approve()
        milestone.is_reached = True
        self.assertEqual(self._invoice(proposal).amount_untaxed, 5000)

    def test_nor_invoiced_where_it_was_approved_before(self):
        milestone = self._reached()
        proposal = self._propose()
        proposal.action_approve()
        milestone.is_reached = False
        with self.assert_not_due():
            proposal.action_create_invoice()
        self.assertFalse(proposal.invoice_id)

    def test_an_invoiced_milestone_stays_reached_until_the_invoice_is_taken_back(self):
        milestone = self._reached()
        manager = self._user("lead", "psa_project.group_psa_project_manager")
        own = milestone.with_user(manager)
        invoice = self._invoice(self._propose(), post=True)
        for change in (lambda: own.write({"is_reached": False}), own.sudo().unlink):
            with self.assertRaisesRegex(UserError, "is billed on .* taken back first by who bills"):
                change()
        self.assert_host_figures(milestone.sale_line_id, delivered=1, invoiced=1, amount_to_invoice=0)
        own.is_reached = True  # says nothing new
        self._credit(invoice)
        own.is_reached = False
        self.assert_host_figures(milestone.sale_line_id, delivered=0, invoiced=0, amount_to_invoice=0)
        self.assertFalse(self._propose())

    def test_of_two_halves_the_one_that_is_not_billed_is_taken_back(self):
        milestone = self._reached()
        milestone.quantity_percentage = 0.5
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 2500)
        half = {"quantity_percentage": 0.5, "is_reached": True, "sale_line_id": milestone.sale_line_id.id}
        other = milestone.copy(half)
        other.is_reached = False
        with self.assertRaisesRegex(UserError, "taken back first by who bills"):
            milestone.is_reached = False

    def test_the_ways_out_hold_the_line_or_cancel(self):
        milestone = self._reached()
        proposal = self._propose()
        proposal.sudo()._psa_add_line(
            "Workshop", 100, milestone.sale_line_id, self.env.ref("psa_billing.reason_extra")
        )
        milestone.is_reached = False
        line = proposal.line_ids.filtered(lambda line: not line.is_added)
        line.action_hold()
        self.assertEqual(self._invoice(proposal).amount_untaxed, 100)
        milestone.is_reached = True
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 5000)

    def test_one_of_two_milestones_of_a_line(self):
        """Halves of 5,000.00: both are proposed, one was reached too early."""
        milestone = self._reached()
        milestone.quantity_percentage = 0.5
        half = {"quantity_percentage": 0.5, "is_reached": True, "sale_line_id": milestone.sale_line_id.id}
        other = milestone.copy(half)
        proposal = self._propose()
        self.assertEqual(proposal.amount, 5000)
        other.is_reached = False
        with self.assert_not_due():
            proposal.action_approve()
        proposal.action_cancel()
        self.assertEqual(self._invoice(self._propose()).amount_untaxed, 2500)

    def test_an_instalment_that_is_not_due_after_all(self):
        """30 % are due in March, 70 % are said to be reached and are not."""
        order = self._planned((30, "2026-03-01"), (70, "2026-05-31"))
        last = order.psa_instalment_ids[1]
        last.action_reached()
        proposal = self._propose()
        self.assertEqual(proposal.amount, 10000)
        last.action_reached()
        with self.assert_not_due():
            proposal.action_approve()
        proposal.action_cancel()
        self.assertEqual(self._invoice(self._propose()).amount_untaxed, 3000)

    def test_an_earlier_instalment_is_approved_beside_and_after_a_later_one(self):
        """30 % are due in March, 70 % in May: each has a proposal of its own run."""
        for first_billed in (0, 1):
            self._planned((30, "2026-03-01"), (70, "2026-05-31"))
            proposals = [self._propose(), self._propose("2026-05-01", "2026-05-31")]
            self.assertEqual([proposal.amount for proposal in proposals], [3000, 7000])
            for proposal in (proposals[first_billed], proposals[1 - first_billed]):
                self.assertEqual(self._invoice(proposal, post=True).amount_untaxed, proposal.amount)

    def test_what_was_written_up_stays_due(self):
        order = self._planned((30, "2026-03-01"), (70, "2026-05-31"))
        proposal = self._propose()
        proposal.sudo()._psa_bill_amount(3100, self.env.ref("psa_billing.reason_extra"))
        self.assertEqual(self._invoice(proposal, post=True).amount_untaxed, 3100)
        self.assertEqual(self._propose("2026-05-01", "2026-05-31").amount, 7000)
        self.assertEqual(order.order_line[0].qty_invoiced, 0.3)
