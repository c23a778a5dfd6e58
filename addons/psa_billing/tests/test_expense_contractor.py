from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_expense import PsaContractorCase


@tagged("post_install", "-at_install")
class TestExpenseContractor(PsaContractorCase):
    """Dev (60.00 an hour) works for Freelance Ltd, which bills 700.00 for ten hours of March."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._work(cls.order.order_line, 1, "2026-04-01")
        cls.accountant = cls._user("acc", "account.group_account_invoice,hr_expense.group_hr_expense_user")

    def _vendor_bill(self, product=None, distribution=None, **values):
        return self._bill((product or self.meals, 700, distribution), day="2026-04-08", **values)

    def _match(self, bill):
        wizard = Form(self.env["psa.expense.match"].with_context(default_move_id=bill.id)).save()
        figures = wizard.hours, wizard.own_cost, wizard.bill_cost, wizard.difference, wizard.hour_cost
        wizard.action_match()
        return figures

    def test_the_bill_replaces_the_cost_of_the_hours(self):
        # 11 h × 60.00
        self.assertEqual(self._cost(), -660)
        bill = self._vendor_bill()
        figures = self._match(bill)
        # ten hours of March: 600.00 by themselves, 700.00 by the bill
        self.assertEqual(figures, (10, 600, 700, 100, 70))
        self.assertEqual(bill.invoice_line_ids.analytic_distribution, self._account(self.order))
        # 700.00 by the bill and 60.00 for the hour of April
        self.assertEqual(self._cost(), -760)
        # the hours are billed as ever, the bill is not
        self.assertEqual(self._propose().amount, 1000)
        self.assertEqual(self._parts(self.order), [])

    def test_a_bill_that_was_to_be_billed_is_not_any_more(self):
        bill = self._vendor_bill(self.hotel, self._account(self.order))
        self.assertEqual(self._parts(self.order), [("bill", "open", 1, 700.0)])
        self._match(bill)
        self.assertEqual(self._parts(self.order), [])
        bill.button_draft()
        self.assertEqual(self._cost(), -660)
        bill.action_post()
        self.assertEqual((self._parts(self.order), self._cost()), ([], -760))

    def test_a_bill_that_is_proposed_is_not_matched(self):
        bill = self._vendor_bill(self.hotel, self._account(self.order))
        self._propose("2026-04-01", "2026-04-30")
        with self.assertRaisesRegex(UserError, "is on the proposal"):
            self._match(bill)

    def test_matched_before_posting(self):
        bill = self._vendor_bill(post=False)
        self._match(bill)
        self.assertEqual(self._cost(), -660)
        bill.action_post()
        self.assertEqual(self._cost(), -760)

    def test_undone_reversed_cancelled_and_deleted(self):
        bill = self._vendor_bill()
        self._match(bill)
        bill.action_psa_unmatch_hours()
        self.assertEqual(self.entries.mapped("amount"), [-360, -240])
        with self.assertRaisesRegex(UserError, "No hours are matched"):
            bill.action_psa_unmatch_hours()
        self._match(bill)
        self.assertEqual(self.entries.mapped("amount"), [0, 0])
        self._reverse(bill).action_post()
        self.assertEqual(self.entries.mapped("amount"), [-360, -240])
        self.assertEqual(self._cost(), -660)
        other = self._vendor_bill()
        self._match(other)
        other.button_draft()
        self.assertEqual(self.entries.mapped("amount"), [-360, -240])
        other.button_cancel()
        self.assertFalse(other.psa_hour_count)
        third = self._vendor_bill(post=False)
        self._match(third)
        third.unlink()
        self.assertFalse(self.entries.sudo().psa_cost_bill_line_id)

    def test_hours_are_paid_once(self):
        self._match(self._vendor_bill())
        with self.assertRaisesRegex(UserError, "no hours to match"):
            self._match(self._vendor_bill())

    def test_the_cost_is_shared_by_the_hours_on_each_project(self):
        other = self._sow(self._line(self.developer))
        self._work(other.order_line, 5, "2026-03-20")
        bill = self._vendor_bill()
        self._match(bill)
        # 10 h and 5 h: 66.67 % and the rest
        shares = bill.invoice_line_ids.analytic_distribution
        accounts = [str(order.project_id.account_id.id) for order in (self.order, other)]
        self.assertEqual(shares, {accounts[0]: 66.67, accounts[1]: 33.33})

    def test_a_bill_for_one_project_pays_for_the_hours_there(self):
        """Ten hours there and five on another project: 700.00 ÷ 10 h, or ÷ 15 h where all are chosen."""
        other = self._sow(self._line(self.developer))
        self._work(other.order_line, 5, "2026-03-20")
        bill = self._vendor_bill(distribution=self._account(self.order), post=False)
        dialog = Form(self.env["psa.expense.match"].with_context(default_move_id=bill.id))
        self.assertTrue(dialog.only_its_projects)
        self.assertEqual((dialog.hours, dialog.hour_cost), (10, 70))
        dialog.only_its_projects = False
        self.assertEqual((dialog.hours, round(dialog.hour_cost, 2)), (15, 46.67))
        dialog.only_its_projects = True
        dialog.save().action_match()
        self.assertEqual(bill.psa_hour_count, len(self.entries))

    def test_so_does_a_bill_for_one_that_is_archived_by_now(self):
        other = self._sow(self._line(self.developer))
        self._work(other.order_line, 5, "2026-03-20")
        bill = self._vendor_bill(distribution=self._account(self.order), post=False)
        self.order.project_id.active = False
        dialog = Form(self.env["psa.expense.match"].with_context(default_move_id=bill.id))
        self.assertEqual((dialog.only_its_projects, dialog.hours, dialog.hour_cost), (True, 10, 70))

    def test_a_bill_for_a_project_without_hours_of_the_contractor_pays_for_all(self):
        elsewhere = self._sow(self._line(self.developer))
        bill = self._vendor_bill(distribution=self._account(elsewhere), post=False)
        dialog = Form(self.env["psa.expense.match"].with_context(default_move_id=bill.id))
        self.assertEqual((dialog.only_its_projects, dialog.hours), (False, 10))

    def test_who_does_not_see_the_time_of_others_sees_what_is_matched(self):
        bill = self._vendor_bill()
        self._match(bill)
        self.assertEqual(bill.action_view_psa_hours()["res_model"], "account.analytic.line")
        accountant = self._user("books", "account.group_account_invoice")
        action = bill.with_user(accountant).action_view_psa_hours()
        self.assertEqual(action["res_model"], "psa.expense.match")
        shown = self.env["psa.expense.match"].with_user(accountant).browse(action["res_id"])
        self.assertIn("10:00", shown.matched)

    def test_matched_hours_are_not_edited(self):
        self._match(self._vendor_bill())
        self.entries.action_psa_recall()
        for change in (lambda: self.entries.write({"unit_amount": 5}), self.entries.unlink):
            with self.assertRaisesRegex(UserError, "is paid by BILL"):
                change()

    def test_only_lines_of_the_bill_pay_for_hours(self):
        bill, other = self._vendor_bill(), self._vendor_bill()
        wizard = self.env["psa.expense.match"].create({"move_id": bill.id})
        wizard.line_id = other.invoice_line_ids
        with self.assertRaisesRegex(UserError, "no line of this vendor bill"):
            wizard.action_match()
        invoice = self._invoice(self._propose())
        with self.assertRaisesRegex(UserError, "no line of this vendor bill"):
            self._match(invoice)

    def test_hours_of_others_are_not_taken(self):
        ann = self._work(self._sow(self._line(self.architect)).order_line, 3)
        wizard = self.env["psa.expense.match"].create({"move_id": self._vendor_bill().id})
        self.assertNotIn("ann", wizard.breakdown)
        wizard.action_match()
        self.assertEqual(ann.amount, -180)

    def test_who_may_match(self):
        bill = self._vendor_bill()
        wizards = self.env["psa.expense.match"].with_user(self.accountant)
        Form(wizards.with_context(default_move_id=bill.id)).save().action_match()
        self.assertEqual(self._cost(), -760)
        with self.assertRaises(AccessError):
            self.env["psa.expense.match"].with_user(self.dev.user_id).create({"move_id": bill.id})
        with self.assertRaises(AccessError):
            bill.with_user(self.dev.user_id).action_psa_unmatch_hours()
