"""What follows from proposals, invoices and bills is typed by nobody, an accountant neither."""

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestWhatNobodyTypes(PsaExpenseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.architect), cls._terms())
        cls.line = cls.order.order_line[0]
        cls.entry = cls._work(cls.line, 4)  # 600.00
        cls.accountant = cls._user(
            "accountant", "account.group_account_manager,hr_timesheet.group_timesheet_manager"
        )

    def _rpc(self, records, method, *args):
        """``method`` as the accountant calls it."""
        return call_kw(records.with_user(self.accountant).browse(), method, [records.ids, *args], {})

    def _refused(self, message, records, method, *args):
        with self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
            self._rpc(records, method, *args)
        self.env.invalidate_all()

    def _another_invoice(self):
        return self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.client.id, "invoice_date": "2026-04-01"}
        )

    def test_nobody_says_that_time_is_billed_or_is_not(self):
        other = self._another_invoice()
        typed = "nobody types it"
        self._refused(typed, self.entry, "write", {"timesheet_invoice_id": other.id})
        waiting = self._log(self.line, 1, "2026-03-03")
        self._refused(typed, waiting, "write", {"timesheet_invoice_id": other.id})
        invoice = self._invoice(self._propose())
        for bills in (False, other.id):
            self._refused(typed, self.entry, "write", {"timesheet_invoice_id": bills})
        for command in ([3, self.entry.id, 0], [5, 0, 0], [6, 0, []]):
            self._refused(typed, invoice, "write", {"timesheet_ids": [command]})
        self.assertEqual(self.entry.timesheet_invoice_id, invoice)
        self.assert_wip(self.entry, ("billed", 4, 4, 600))
        # what it is, is no change
        self._rpc(self.entry, "write", {"timesheet_invoice_id": invoice.id})

    def test_nobody_says_what_a_limit_cut(self):
        for values in (
            {"psa_expense_over_limit": 1000},
            {"psa_expense_cut": 1000},
            {"psa_expense_order_id": self.order.id},
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self._rpc(self.entry, "write", values)

    def test_nobody_logs_time_that_is_billed_already(self):
        values = {
            "name": "Free",
            "project_id": self.line.task_id.project_id.id,
            "task_id": self.line.task_id.id,
            "employee_id": self.ann.id,
            "date": "2026-03-04",
            "unit_amount": 1,
            "timesheet_invoice_id": self._another_invoice().id,
        }
        model = self.env["account.analytic.line"].with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "nobody types it"):
            call_kw(model, "create", [[values]], {})
        self.assertTrue(call_kw(model, "create", [[{**values, "timesheet_invoice_id": False}]], {}))

    def test_time_on_other_orders_is_the_hosts(self):
        task = self.env["project.project"].create({"name": "Inside", "allow_billable": True})
        entry = self.env["account.analytic.line"].create(
            {"name": "Call", "project_id": task.id, "employee_id": self.ann.id, "unit_amount": 1}
        )
        other = self._another_invoice()
        self._rpc(entry, "write", {"timesheet_invoice_id": other.id})
        self.assertEqual(entry.timesheet_invoice_id, other)

    def test_a_bill_whose_cost_is_proposed_or_billed_is_reset_by_no_way(self):
        bill = self._bill((self.hotel, 60, self._account(self.order)))
        by_buttons = "by its buttons, not by writing its state"
        self._refused(by_buttons, bill, "write", {"state": "draft"})  # it would be billed twice
        proposal = self._propose()
        self.assertEqual(proposal.amount, 660)
        for message in ("is on the proposal", "the client gets the amount back"):
            for button in ("button_draft", "button_cancel"):
                self._refused(message, bill, button)
            for state in ("draft", "cancel"):
                self._refused(by_buttons, bill, "write", {"state": state})
            self.assertEqual(bill.state, "posted")
            if proposal.state == "draft":
                self._invoice(proposal, post=True)
        self.assertEqual(self._parts(self.order), [("bill", "billed", 1, 60)])

    def test_an_invoice_of_a_proposal_changes_its_state_by_buttons(self):
        invoice = self._invoice(self._propose())
        by_buttons = "by its buttons, not by writing its state"
        for state in ("cancel", "posted"):
            self._refused(by_buttons, invoice, "write", {"state": state})
        self.assert_wip(self.entry, ("billed", 4, 4, 600))
        invoice.invoice_date = "2026-04-01"
        self._rpc(invoice, "action_post")
        self._refused(by_buttons, invoice, "write", {"state": "cancel"})
        self._rpc(invoice, "button_draft")
        self._rpc(invoice, "action_post")
        note = self._credit(invoice)
        for state in ("draft", "cancel"):
            self._refused(by_buttons, note, "write", {"state": state})
        self.assert_wip(self.entry, ("open", 4, 4, 600))
        again = self._invoice(self._propose())
        self._rpc(again, "button_cancel")
        self.assert_wip(self.entry, ("open", 4, 4, 600))

    def test_other_moves_are_the_hosts(self):
        invoice = self._another_invoice()
        self._rpc(invoice, "write", {"state": "cancel"})
        self.assertEqual(invoice.state, "cancel")
