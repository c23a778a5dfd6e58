"""Who is refused with an expense or a vendor bill is told what to do instead: it leads to the end."""

from odoo import Command
from odoo.tests import tagged

from .common_expense import PsaExpenseCase
from .test_ways_out import PsaWaysOutCase


class CostWaysOutCase(PsaExpenseCase, PsaWaysOutCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls._user("keeper", "account.group_account_user")
        cls.approver = cls._user("approver", "hr_expense.group_hr_expense_team_approver")
        cls.ann.sudo().expense_manager_id = cls.approver
        cls.admin = cls._user("admin", "base.group_system,account.group_account_manager")
        cls.order = cls._sow(cls._line(cls.developer), cls._terms(), psa_expense_limit=400)

    def _submitted(self, amount):
        expense = self.env["hr.expense"].create(
            {
                "name": "Hotel",
                "employee_id": self.ann.id,
                "product_id": self.hotel.id,
                "date": "2026-03-05",
                "sale_order_id": self.order.id,
                "payment_mode": "own_account",
                "total_amount_currency": amount,
            }
        )
        expense.action_submit()
        return expense.with_user(self.approver)

    def _draft(self, *amounts):
        lines = [(self.hotel, amount, self._account(self.order)) for amount in amounts]
        return self._bill(*lines, post=False).with_user(self.keeper)

    def _amounts(self):
        return [(state, amount) for _kind, state, _quantity, amount in self._parts(self.order)]

    def _work_of(self, bill):
        entries = bill.sudo().line_ids.analytic_line_ids
        return self.env["psa.wip.entry"].search([("analytic_line_id", "in", entries.ids)])


@tagged("post_install", "-at_install")
class TestWaysOutOfLimits(CostWaysOutCase):
    """500.00 for a hotel; the client pays 400.00."""

    def test_an_expense_is_split(self):
        expense = self._submitted(500)
        self.assert_refused(expense.action_approve, "100.00 over the limit", "split the expense and leave")
        action = expense.action_split_wizard()
        wizard = self.env["hr.expense.split.wizard"].with_user(self.approver).browse(action["res_id"])
        first, rest = wizard.expense_split_line_ids
        first.total_amount_currency, rest.total_amount_currency = 400, 100
        rest.sale_order_id = False
        wizard.action_split_expense()
        parts = self.env["hr.expense"].search([("employee_id", "=", self.ann.id)])
        parts.filtered(lambda part: part.state == "draft").action_submit()
        parts.with_user(self.approver).action_approve()
        self._post(parts)
        self.assertEqual(self._amounts(), [("open", 400)])

    def test_the_rest_of_a_bill_goes_on_a_line_of_its_own(self):
        bill = self._draft(500)
        self.assert_refused(
            bill.action_post, "100.00 over the limit", "put the rest on a line of the bill without"
        )
        line = bill.invoice_line_ids
        line.price_unit = 400
        rest = line.copy({"move_id": bill.id, "analytic_distribution": False})
        rest.price_unit = 100
        bill.action_post()
        self.assertEqual((bill.amount_untaxed, self._amounts()), (500, [("open", 400)]))

    def test_the_limit_is_raised(self):
        bill = self._draft(500)
        self.assert_refused(bill.action_post, "have the limit raised by a change order")
        self._change_order(self.order, psa_expense_limit_change=100)
        bill.action_post()
        self.assertEqual(self._amounts(), [("open", 500)])

    def test_an_administrator_lets_it_go_unbilled(self):
        bill = self._draft(500)
        self.assert_refused(bill.action_post, "an administrator let what is over go unbilled", "Settings")
        settings = self.env["res.config.settings"].with_user(self.admin).create({})
        settings.psa_expense_over_limit = "no"
        settings.execute()
        bill.action_post()
        self.assertEqual(self._amounts(), [("open", 400)])

    def test_who_resets_a_credit_note_is_not_refused_for_what_was_posted_before(self):
        """300.00 were credited in error and their room is used: 50.00 of them are billed, 250.00 wait."""
        first = self._draft(300)
        first.action_post()
        refund = self._reverse(first)
        refund.action_post()
        self._bill((self.hotel, 350, self._account(self.order)), day="2026-03-11")
        refund.with_user(self.keeper).button_draft()
        self.assertEqual(self._amounts(), [("open", 350), ("open", 50)])
        self.assertEqual(first.sudo().line_ids.analytic_line_ids.psa_expense_cut, 250)

    def test_others_are_written_off_or_the_limit_is_raised(self):
        """300.00 are given away and spent again: without the decision 200.00 would be over the limit."""
        self._bill((self.hotel, 300, self._account(self.order)))
        proposal = self._propose().with_user(self.biller)
        part = proposal.line_ids.wip_ids
        part.sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        other = self._bill((self.hotel, 300, self._account(self.order)), day="2026-03-11")
        words = "200.00 over their limit. Bill less of it, write others off, or raise the limit by"
        self.assert_refused(part.action_undo_adjustments, words)
        with self.cr.savepoint() as savepoint:
            self._change_order(self.order, psa_expense_limit_change=200)
            part.action_undo_adjustments()
            self.assertEqual(self._amounts(), [("proposed", 300), ("open", 300)])
            savepoint.rollback()
        self.env.invalidate_all()
        dialog = self._work_of(other).with_user(self.biller).action_adjust()
        wizard = self.env["psa.adjust.work"].with_user(self.biller).browse(dialog["res_id"])
        wizard.reason_id = self.env.ref("psa_billing.reason_goodwill")
        wizard.action_apply()
        part.action_undo_adjustments()
        self.assertEqual(self._amounts(), [("proposed", 300), ("written_off", 300)])


@tagged("post_install", "-at_install")
class TestWaysOutOfResets(CostWaysOutCase):
    """An accountant puts a bill right of which something has become."""

    def setUp(self):
        super().setUp()
        self.bill = self._draft(300)
        self.bill.action_post()

    def assert_put_right(self):
        """300.00 were 250.00."""
        self.bill.button_draft()
        self.bill.invoice_line_ids.price_unit = 250
        self.bill.action_post()
        self.assertEqual(self._amounts(), [("open", 250)])

    def test_it_is_held_on_a_draft_proposal(self):
        proposal = self._propose()
        self.assert_refused(self.bill.button_draft, "Hold the entry there, or have a billing manager cancel")
        with self.cr.savepoint() as savepoint:
            self._work_of(self.bill).with_user(self.lead).action_hold()
            self.bill.button_draft()
            self.assertEqual(self._amounts(), [])
            savepoint.rollback()
        self.env.invalidate_all()
        proposal.with_user(self.biller).action_cancel()
        self.assert_put_right()

    def test_its_line_is_released_on_a_draft_proposal(self):
        proposal = self._propose()
        proposal.line_ids.with_user(self.lead).action_hold()
        self.assert_refused(self.bill.button_draft, "Release its line there and hold the entry")
        proposal.line_ids.with_user(self.lead).action_release()
        self._work_of(self.bill).with_user(self.lead).action_hold()
        self.bill.button_draft()
        self.assertEqual(self._amounts(), [])

    def test_an_approved_proposal_is_cancelled_or_the_bill_reversed(self):
        proposal = self._propose()
        proposal.action_approve()
        self.assert_refused(self.bill.button_draft, "Have a billing manager cancel the proposal first")
        with self.cr.savepoint() as savepoint:
            self._reverse(self.bill).with_user(self.keeper).action_post()
            self.assertEqual(self._amounts(), [("proposed", 300), ("open", -300)])
            savepoint.rollback()
        self.env.invalidate_all()
        proposal.with_user(self.biller).action_cancel()
        self.assert_put_right()

    def test_what_is_billed_is_deleted_credited_or_reversed(self):
        invoice = self._invoice(self._propose())
        self.assert_refused(self.bill.button_draft, "is billed", "delete or credit that invoice first")
        with self.cr.savepoint() as savepoint:
            invoice.with_user(self.biller).unlink()
            self._propose().action_cancel()
            self.assert_put_right()
            savepoint.rollback()
        self.env.invalidate_all()
        invoice.invoice_date = "2026-04-01"
        invoice.action_post()
        self._credit(invoice)
        self.assert_put_right()

    def _given_away(self):
        self._work_of(self.bill).sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))

    def test_what_was_written_off_under_wip_is_taken_back_there(self):
        self._given_away()
        self.assert_refused(self.bill.button_draft, "Take that back under WIP first")
        self._work_of(self.bill).with_user(self.biller).action_undo_adjustments()
        self.assert_put_right()

    def test_what_was_written_off_on_a_draft_is_taken_back_and_held(self):
        self._propose()
        self._given_away()
        self.assert_refused(
            self.bill.button_draft, "Take that back on the proposal .* and hold the entry there"
        )
        work = self._work_of(self.bill).with_user(self.lead)
        work.action_undo_adjustments()
        work.action_hold()
        self.assert_put_right()

    def test_what_was_written_off_on_a_closed_proposal_is_cancelled_with_it(self):
        proposal = self._propose()
        self._given_away()
        proposal.action_close()
        self.assert_refused(self.bill.button_draft, "Have a billing manager cancel the proposal .* first")
        proposal.with_user(self.biller).action_cancel()
        self.assert_put_right()

    def test_what_was_written_off_beside_an_invoice_waits_after_its_credit_note(self):
        self._work(self.order.order_line[0], 1)
        proposal = self._propose()
        self._given_away()
        invoice = self._invoice(proposal, post=True)
        self.assert_refused(self.bill.button_draft, "Credit the invoice that it was taken off from first")
        self._credit(invoice)
        self.assert_put_right()


@tagged("post_install", "-at_install")
class TestWaysOutOfPostings(CostWaysOutCase):
    def test_a_cancelled_sow_is_confirmed_or_taken_off_the_bill(self):
        bill = self._draft(300)
        self.order.sudo()._action_cancel()
        self.assert_refused(
            bill.action_post, "is not a confirmed statement of work", "Confirm it, or take it off"
        )
        with self.cr.savepoint() as savepoint:
            self.order.sudo().action_draft()
            self.order.sudo().action_confirm()
            bill.action_post()
            self.assertEqual(self._amounts(), [("open", 300)])
            savepoint.rollback()
        self.env.invalidate_all()
        bill.invoice_line_ids.analytic_distribution = False
        bill.action_post()
        self.assertEqual(self._amounts(), [])

    def test_an_exchange_rate_is_entered(self):
        """The client pays in euros, 1.60 for one of the company's: 100.00 are 160.00 €."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.6)])
        pricelist = self.env["product.pricelist"].create({"name": "Euros", "currency_id": euro.id})
        line = self._line(self.developer, price_unit=90)
        self.order = self._sow(line, self._terms(), pricelist_id=pricelist.id)
        bill = self._draft(100)
        euro.sudo().rate_ids.unlink()
        self.assert_refused(
            bill.action_post, "EUR has no exchange rate on 03/10/2026", "Have an administrator of accounting"
        )
        rates = self.env["res.currency.rate"].with_user(self.accountant)
        rates.create({"currency_id": euro.id, "name": "2026-03-01", "rate": 1.6})
        bill.action_post()
        self.assertEqual(self._amounts(), [("open", 160)])

    def test_the_tax_of_a_cost_is_unarchived_or_replaced(self):
        """300.00 at 15 %, or at 20 %."""
        tax = self.tax.copy({"name": "Old tax"})
        self.hotel.taxes_id = tax
        self._bill((self.hotel, 300, self._account(self.order)))
        tax.active = False
        proposal = self._blocked(
            "Old tax.* is archived. Have an administrator of accounting unarchive it, or put the tax that"
        )
        with self.cr.savepoint() as savepoint:
            tax.with_user(self.accountant).active = True
            self.assertEqual(self._again(proposal), 300)
            invoice = self._invoice(proposal)
            self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (300, 45))
            savepoint.rollback()
        self.env.invalidate_all()
        now = self.tax.copy({"name": "Tax of now", "amount": 20})
        self.env["psa.replace.tax"].with_user(self.accountant).create(
            {"tax_id": tax.id, "new_tax_id": now.id}
        ).action_replace()
        self.assertEqual(self._again(proposal), 300)
        invoice = self._invoice(proposal)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (300, 60))

    def test_matched_hours_change_after_the_match_is_undone(self):
        entry = self._work(self.order.order_line[0], 4, "2026-03-03")
        bill = self._bill((self.hotel, 300, self._account(self.order)), day="2026-04-05")
        self.dev.sudo().psa_vendor_id = self.vendor
        self.env["psa.expense.match"].create({"move_id": bill.id}).action_match()
        entry.action_psa_recall()
        self.assert_refused(
            lambda: entry.write({"unit_amount": 3}),
            "is paid by",
            "Have an accountant undo the match on that bill",
        )
        bill.with_user(self.keeper).action_psa_unmatch_hours()
        entry.unit_amount = 3
        self.assertEqual(entry.amount, -180)  # 3 h × 60.00

    def test_a_bill_of_which_something_is_billed_pays_for_hours_after_the_credit_note(self):
        self._work(self.order.order_line[0], 4, "2026-03-03")
        bill = self._bill((self.hotel, 300, self._account(self.order)), day="2026-03-20")
        self.dev.sudo().psa_vendor_id = self.vendor
        invoice = self._invoice(self._propose(), post=True)
        dialog = self.env["psa.expense.match"].with_user(self.keeper).create({"move_id": bill.id})
        dialog.write({"date_from": "2026-03-01", "date_to": "2026-03-31"})
        dialog.employee_ids = [Command.set(self.dev.ids)]
        self.assert_refused(dialog.action_match, "is billed", "delete or credit that invoice first")
        self._credit(invoice)
        dialog.action_match()
        self.assertEqual(self._amounts(), [])
