"""An invoice is credited in part, and what was credited is billed again.

March, architect at 150.00    Monday 3 h, Tuesday 5 h, Wednesday 4 h      12 h      1,800.00
       developer at 100.00    Monday 2 h                                   2 h        200.00
invoice                                                                             2,000.00
"""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.psa_billing.tests.common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestStoryPartialCredit(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.architect), cls._line(cls.developer))
        cls.arch, cls.devl = cls.order.order_line
        cls.monday = cls._work(cls.arch, 3, "2026-03-02")
        cls.tuesday = cls._work(cls.arch, 5, "2026-03-03")
        cls.wednesday = cls._work(cls.arch, 4, "2026-03-04")
        cls.other = cls._work(cls.devl, 2, "2026-03-02")
        cls.proposal = cls._propose()
        cls.invoice = cls._invoice(cls.proposal)
        cls.invoice.invoice_date = "2026-04-01"
        cls.line = cls.invoice.invoice_line_ids.filtered(lambda line: line.sale_line_ids == cls.arch)

    def _note(self, **of_arch):
        """A draft credit note by the host's wizard, edited by hand: only the architect's line, with these
        values."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=self.invoice.ids)
            .create({"journal_id": self.invoice.journal_id.id, "date": "2026-04-02"})
        )
        wizard.refund_moves()
        note = wizard.new_move_ids
        note.invoice_line_ids.filtered(lambda line: line.sale_line_ids != self.arch).unlink()
        note.invoice_line_ids.write(of_arch)
        return note

    def _wizard(self, invoice=None, user=None):
        wizard = self.env["psa.credit.work"].with_user(user or self.env.user)
        return wizard.with_context(default_move_id=(invoice or self.invoice).id)

    # -- by hand ---------------------------------------------------------------------------

    def test_fewer_units_take_back_the_newest_work_and_are_billed_again(self):
        self.invoice.action_post()
        # 6 h x 150.00: the 4 h of Wednesday and 2 of the 5 h of Tuesday
        note = self._note(quantity=6)
        self.assert_wip(self.wednesday, ("billed", 4, 4, 600))
        note.action_post()
        self.assertEqual(note.amount_untaxed, 900)
        self.assert_wip(self.monday, ("billed", 3, 3, 450))
        self.assert_wip(self.tuesday, ("billed", 3, 3, 450), ("open", 2, 2, 300))
        self.assert_wip(self.wednesday, ("open", 4, 4, 600))
        self.assert_wip(self.other, ("billed", 2, 2, 200))
        (self.tuesday | self.wednesday).invalidate_recordset()
        self.assertEqual(self.tuesday.timesheet_invoice_id, self.invoice)
        self.assertFalse(self.wednesday.timesheet_invoice_id)
        self.assertEqual(
            note.psa_credited_work_ids.mapped(lambda work: (work.analytic_line_id, work.billable_quantity)),
            [(self.tuesday, 2), (self.wednesday, 4)],
        )
        self.assert_host_figures(self.arch, delivered=12, invoiced=6, amount_to_invoice=900)
        self.assertEqual(self.proposal.state, "invoiced")
        again = self._propose()
        self.assertEqual(again.amount, 900)
        self._invoice(again, post=True)
        self.assert_host_figures(self.arch, delivered=12, invoiced=12, amount_to_invoice=0)
        self.assertFalse(self._propose())
        # and what the first invoice still bills can be credited too
        self._note(quantity=6).action_post()
        self.assert_wip(self.monday, ("open", 3, 3, 450))
        self.assert_wip(self.tuesday, ("open", 3, 3, 450), ("billed", 2, 2, 300))
        self.assertEqual(self.proposal.state, "invoiced")  # the developer's line
        with self.assertRaisesRegex(UserError, "taking the credit back"):
            note.button_draft()

    def test_a_lower_price_is_a_concession_and_frees_no_work(self):
        self.invoice.action_post()
        # 25.00 off each of 12 hours
        note = self._note(price_unit=25)
        note.action_post()
        self.assertEqual(note.amount_untaxed, 300)
        for entry, hours, amount in ((self.monday, 3, 450), (self.tuesday, 5, 750), (self.wednesday, 4, 600)):
            self.assert_wip(entry, ("billed", hours, hours, amount))
        self.assert_host_figures(self.arch, delivered=12, invoiced=12, amount_to_invoice=0)
        concession = self.order.order_line.filtered("psa_adjusts_line_id")
        self.assertEqual((concession.qty_invoiced, concession.qty_to_invoice), (-12, 0))
        self.assertAlmostEqual(concession.untaxed_amount_to_invoice, 0)
        self.assertAlmostEqual(sum(self.order.order_line.mapped("untaxed_amount_invoiced")), 1700)
        self.assertFalse(self._propose())
        note.button_draft()
        note.unlink()
        self.assertEqual(concession.product_uom_qty, 0)
        self.assertFalse(self._propose())

    def test_what_was_written_off_stays_with_the_invoice_that_billed_less(self):
        # Wednesday's 4 h for 500.00 instead of 600.00: 1,700.00. 4 h x 150.00 are credited: 1,100.00 are left
        # of Monday's and Tuesday's 8 h, and Wednesday is billed again as it was rated.
        self.invoice.unlink()
        proposal = self._propose()
        off = self.env.ref("psa_billing.reason_goodwill")
        self.wednesday.sudo().psa_wip_ids._psa_bill_amount(500, off)
        self.invoice = self._invoice(proposal, post=True)
        self.assertEqual(self.invoice.amount_untaxed, 1900)  # with 200.00 of the developer
        self._note(quantity=4).action_post()
        self.assert_wip(self.wednesday, ("open", 4, 4, 600))
        self.assert_wip(self.monday, ("billed", 3, 3, 350), ("written_off", 0, 0, 100))
        again = self._propose()
        self.assertEqual((again.amount, again.adjustment_amount), (600, 0))
        # and all of the rest, with what was taken off, comes back as it was rated too
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        )
        wizard = wizard.create({"journal_id": self.invoice.journal_id.id, "date": "2026-04-03"})
        wizard.refund_moves()
        note = wizard.new_move_ids
        note.invoice_line_ids.filtered(lambda line: line.sale_line_ids == self.arch).quantity = 8
        note.action_post()
        self.assertEqual(note.amount_untaxed, 1300)  # 8 h less 100.00, and the developer
        self.assert_wip(self.monday, ("open", 3, 3, 450))
        self.assert_wip(self.tuesday, ("open", 5, 5, 750))

    def test_a_quantity_raised_by_hand_does_not_swallow_the_next_month(self):
        # 14 instead of 12 h: billed as it is. April: 5 h are billed in full.
        self.line.quantity = 14
        self.invoice.action_post()
        self.assertEqual(self.invoice.amount_untaxed, 2300)
        april = self._work(self.arch, 5, "2026-04-06")
        proposal = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual(proposal.amount, 750)
        self._invoice(proposal, post=True)
        self.assert_wip(april, ("billed", 5, 5, 750))
        self.assertEqual((self.arch.qty_delivered, self.arch.qty_invoiced), (17, 19))
        # a credit of 3 takes back the 2 that no work stands behind, then an hour of the newest
        self._note(quantity=3).action_post()
        self.assert_wip(self.wednesday, ("billed", 3, 3, 450), ("open", 1, 1, 150))
        self.assert_host_figures(self.arch, delivered=17, invoiced=16, amount_to_invoice=150)

    def test_a_quantity_lowered_by_hand_leaves_the_newest_work_to_bill(self):
        self.line.quantity = 10
        self.invoice.action_post()
        self.assert_wip(self.wednesday, ("billed", 2, 2, 300), ("open", 2, 2, 300))
        self.assert_host_figures(self.arch, delivered=12, invoiced=10, amount_to_invoice=300)

    def test_capped_work_is_credited_with_its_adjustment(self):
        order = self._sow(self._line(self.architect, cap=1000))
        entry = self._work(order.order_line, 8, "2026-04-02")
        self.invoice = self._invoice(self._propose("2026-04-01", "2026-04-30"), post=True)
        self.arch = order.order_line[0]
        with self.assertRaisesRegex(UserError, "credit also “Up to the cap"):
            self._note().action_post()
        # 2 of 6.66 h: the 1.00 of the cap stays where it was billed, 700.00 + 200.00 + 300.00 were rated
        self._note(quantity=2).action_post()
        self.assert_wip(
            entry, ("billed", 4.66, 4.66, 700.0), ("over_cap", 1.34, 1.34, 200.0), ("open", 2, 2, 300)
        )

    # -- the wizard ------------------------------------------------------------------------

    def test_chosen_entries_are_credited_exactly(self):
        self.invoice.action_post()
        with Form(self._wizard()) as form:
            form.wip_ids.add(self.monday.psa_wip_ids)
        wizard = form.record
        self.assertEqual(wizard.line_ids.mapped(lambda line: (line.billed, line.quantity)), [(12, 3), (2, 0)])
        self.assertEqual(wizard.amount, 450)
        note = self.env["account.move"].browse(wizard.action_credit()["res_id"])
        self.assertEqual((note.state, note.amount_untaxed), ("draft", 450))
        self.assertEqual(note.psa_credited_work_ids.analytic_line_id, self.monday)
        self.assert_wip(self.monday, ("billed", 3, 3, 450))
        with Form(self._wizard()) as form:
            form.wip_ids.add(self.monday.psa_wip_ids)
        with self.assertRaisesRegex(UserError, "credited by the draft"):
            form.record.action_credit()
        note.action_post()
        self.assert_wip(self.monday, ("open", 3, 3, 450))
        self.assert_wip(self.wednesday, ("billed", 4, 4, 600))
        self.assertEqual(note.psa_credited_work_ids.mapped("amount"), [450])
        self.assertEqual(self._propose().amount, 450)

    def test_a_quantity_on_the_wizard_credits_the_newest_work(self):
        self.invoice.action_post()
        wizard = self._wizard().create({})
        wizard.line_ids[1].quantity = 0.5
        note = self.env["account.move"].browse(wizard.action_credit()["res_id"])
        note.action_post()
        self.assertEqual(note.amount_untaxed, 50)
        self.assert_wip(self.other, ("billed", 1.5, 1.5, 150), ("open", 0.5, 0.5, 50))

    def _corrected(self):
        """In April the architect worked 3 h, and 2 h of the developer were too many: 450.00 - 200.00."""
        self._work(self.arch, 3, "2026-04-06")
        correction = self._work(self.devl, -2, "2026-04-07")
        invoice = self._invoice(self._propose("2026-04-01", "2026-04-30"), post=True)
        self.assertEqual(invoice.amount_untaxed, 250)
        return invoice, correction

    def test_a_correction_is_credited_beside_work(self):
        self.invoice.action_post()
        invoice, correction = self._corrected()
        with Form(self._wizard(invoice)) as form:
            form.wip_ids.add(correction.psa_wip_ids)
        wizard = form.record
        self.assertEqual(
            wizard.line_ids.mapped(lambda line: (line.billed, line.quantity)), [(3, 0), (-2, -2)]
        )
        # 2 of the 3 h and 0.5 of the 2 h that were too many: 300.00 - 50.00
        wizard.line_ids[0].quantity, wizard.line_ids[1].quantity = 2, -0.5
        self.assertEqual(wizard.amount, 250)
        note = self.env["account.move"].browse(wizard.action_credit()["res_id"])
        note.action_post()
        self.assertEqual((note.move_type, note.amount_untaxed), ("out_refund", 250))
        self.assert_wip(correction, ("billed", -1.5, -1.5, -150), ("open", -0.5, -0.5, -50))
        self.assert_host_figures(self.devl, delivered=0, invoiced=0.5, amount_to_invoice=-50)
        again = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual(again.amount, 250)  # 2 h x 150.00 - 0.5 h x 100.00
        # and the rest: 1 h x 150.00 - 1.5 h x 100.00
        wizard = self._wizard(invoice).create({})
        wizard.line_ids[0].quantity, wizard.line_ids[1].quantity = 1, -1.5
        note = self.env["account.move"].browse(wizard.action_credit()["res_id"])
        note.action_post()
        self.assertEqual(note.amount_untaxed, 0)
        with self.assertRaisesRegex(UserError, "credited already"):
            self._wizard(invoice).create({})

    def test_a_correction_alone_is_no_credit_note(self):
        self.invoice.action_post()
        invoice, _correction = self._corrected()
        wizard = self._wizard(invoice).create({})
        wizard.line_ids[1].quantity = -2
        with self.assertRaisesRegex(UserError, "comes to .+-.200.00: corrections alone"):
            wizard.action_credit()
        wizard.line_ids[0].quantity = 1.33  # 199.50
        with self.assertRaisesRegex(UserError, "comes to .+-.0.50: corrections alone"):
            wizard.action_credit()
        for quantity in (1, -3):
            wizard.line_ids[1].quantity = quantity
            with self.assertRaisesRegex(UserError, "-2 can be credited"):
                wizard.action_credit()

    def test_nothing_is_credited_that_is_not_billed(self):
        with self.assertRaisesRegex(UserError, "Only posted invoices"):
            self._wizard().create({})
        self.invoice.action_post()
        wizard = self._wizard().create({})
        with self.assertRaisesRegex(UserError, "Choose the entries"):
            wizard.action_credit()
        for quantity in (13, -1):
            wizard.line_ids[0].quantity = quantity
            with self.assertRaisesRegex(UserError, "12 can be credited"):
                wizard.action_credit()
        wizard.line_ids[0].quantity = 1
        stranger = self._work(self.arch, 1, "2026-03-20").psa_wip_ids
        wizard.wip_ids = [Command.set(stranger.ids)]
        wizard.line_ids[0].quantity = 1
        with self.assertRaisesRegex(UserError, "not billed by"):
            wizard.action_credit()
        self._credit(self.invoice)
        with self.assertRaisesRegex(UserError, "credited already"):
            self._wizard().create({})

    def test_only_billing_managers_credit_work(self):
        self.invoice.action_post()
        wizard = self._wizard().create({})
        wizard.line_ids[0].quantity = 1
        manager = self._user("pm", "psa_project.group_psa_project_manager")
        accountant = self._user("acc", "account.group_account_invoice")
        for user in (manager, accountant, self.ann.user_id):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._wizard(user=user).create({})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                wizard.with_user(user).action_credit()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["psa.credited.work"].with_user(user).create(
                    {"move_line_id": self.line.id, "date": "2026-03-01"}
                )

    def test_what_a_review_added_is_credited_with_the_last_of_the_invoice(self):
        """10 h come to 1,500.00, and 300.00 go off by a line that the review added. 2 h are credited, 300.00;
        what is left of the invoice is 900.00 then, and credited with the other 8 h."""
        order = self._sow()
        self._work(order.order_line, 10)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        reason = self.env.ref("psa_billing.reason_goodwill")
        proposal.sudo()._psa_add_line("Goodwill", -300, order.order_line, reason)
        invoice = self._invoice(proposal, post=True)
        for quantity, amount in ((2, 300), (8, 900)):
            wizard = self._wizard(invoice).create({})
            wizard.line_ids.quantity = quantity
            note = self.env["account.move"].browse(wizard.action_credit()["res_id"])
            self.assertEqual(note.amount_untaxed, amount)
            note.action_post()
        self.assertEqual(self._propose().amount, 1500)
