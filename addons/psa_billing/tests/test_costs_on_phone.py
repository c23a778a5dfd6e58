"""Costs on a phone: a contractor's bill is matched with hours, and doubles are decided on."""

from odoo.tests import HttpCase, tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestCostsOnPhone(PsaExpenseCase, HttpCase):
    browser_size = "390x844"

    def _walk(self, path, tour, user):
        self.start_tour(path, tour, login=user.login)
        self.env.invalidate_all()

    def test_a_bill_is_matched_with_hours(self):
        """Dev (60.00 an hour) worked ten hours of March; the vendor bills 700.00 for them in April."""
        self.dev.sudo().psa_vendor_id = self.vendor
        order = self._sow(self._line(self.developer))
        entries = self._work(order.order_line, 6) + self._work(order.order_line, 4, "2026-03-30")
        bill = self._bill((self.meals, 700, None), day="2026-04-08")
        accountant = self._user("match", "account.group_account_invoice,hr_expense.group_hr_expense_user")
        path = f"/odoo/action-account.action_move_in_invoice_type/{bill.id}"
        self._walk(path, "psa_billing_match_hours_phone_tour", accountant)
        self.assertEqual(entries.sudo().psa_cost_bill_line_id, bill.invoice_line_ids)
        self.assertEqual(entries.mapped("amount"), [0, 0])
        self.assertEqual(bill.invoice_line_ids.analytic_distribution, self._account(order))

    def test_the_same_cost_is_not_billed_again(self):
        order = self._sow(self._line(self.architect), self._terms())
        self._expense(order, 40)
        self._expense(order, 40)
        proposal = self._propose()
        self.assertEqual(proposal.amount, 80)
        reviewer = self._user("twice", "psa_project.group_psa_project_manager")
        path = f"/odoo/action-psa_billing.psa_billing_proposal_action_review/{proposal.id}"
        self._walk(path, "psa_billing_twice_phone_tour", reviewer)
        self.assertEqual(proposal.amount, 40)
        self.assertFalse(proposal.expense_warning)
        self.assertEqual(
            self._parts(order), [("expense", "proposed", 1, 40), ("expense", "written_off", 1, 40)]
        )

    def test_another_cost_is_billed_from_its_card(self):
        order = self._sow(self._line(self.architect), self._terms())
        self._expense(order, 40, name="Ride")
        self._expense(order, 40, name="Late ride")
        manager = self._user("not.twice", "psa_billing.group_psa_billing_manager")
        path = "/odoo/action-psa_billing.psa_wip_entry_action"
        self._walk(path, "psa_billing_not_twice_phone_tour", manager)
        parts = self.env["psa.wip.entry"].search([("order_id", "=", order.id)])
        self.assertEqual(
            {part.expense_id.name: part.expense_warning for part in parts},
            # it was said of both
            {"Late ride": "Two rides on that day", "Ride": "Two rides on that day"},
        )
