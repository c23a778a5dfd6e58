"""A platform that answers twice, late, or wrongly; and what it turned down."""

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_billing_export import ExportCase


@tagged("post_install", "-at_install")
class TestExportLate(ExportCase):
    def _listed(self):
        return [one["id"] for one in self._as_platform().export_list()["proposals"]]

    def _posted(self):
        """The native invoice of 2,012.50, posted; what the platform is paid is registered."""
        self.company.psa_export_payments = True
        self.proposal.action_create_invoice()
        invoice = self.proposal.invoice_id
        invoice.invoice_date = fields.Date.to_date("2026-04-01")
        invoice.action_post()
        return invoice

    # -- offered once more -----------------------------------------------------------------

    def test_what_is_exported_again_is_marked_with_the_key_of_before(self):
        """A key that is made of the proposal (mark-8) comes again: it marks again, and not only says so."""
        self._as_platform().export_mark("mark", "X-1")
        self.proposal.action_export_again()
        self.assertEqual(self._listed(), self.proposal.ids)
        self._as_platform().export_mark("mark", "X-1")
        self.assertTrue(self.proposal.exported_on)
        self.assertEqual(self._listed(), [])
        self.assertEqual(self._as_platform().export_status("s1", "issued", number="F-1")["number"], "F-1")

    def test_of_an_invoice_that_was_cancelled_there_nothing_stays(self):
        proposal = self._exported()
        proposal.export_status("s1", "partially_paid", number="F-1", date="2026-04-02", paid_amount="500.00")
        proposal.export_status("s2", "cancelled")
        self.proposal.action_export_again()
        answer = proposal.export_mark("m2", "X-2")
        self.assertEqual(
            answer,
            {
                "id": self.proposal.id,
                "external_id": "X-2",
                "payer": None,
                "state": "received",
                "number": None,
                "date": None,
                "paid_amount": "0.00",
            },
        )

    def test_what_was_rejected_and_put_right_is_listed_again(self):
        proposal = self._exported()
        proposal.export_status("s1", "rejected")
        self.proposal.action_reset()
        self.assertEqual(self._listed(), [])
        self.proposal.action_approve()
        self.assertEqual(self._listed(), self.proposal.ids)
        self.assertEqual(proposal.export_mark("m1", "X-1")["state"], "received")

    # -- late ------------------------------------------------------------------------------

    def test_what_comes_late_takes_no_state_back(self):
        """Issued, paid; then the messages of before arrive."""
        proposal = self._exported()
        proposal.export_status("s2", "paid", paid_amount="2012.50")
        late = proposal.export_status("s1", "issued", number="F-1", date="2026-04-02")
        self.assertEqual((late["state"], late["number"], late["paid_amount"]), ("paid", "F-1", "2012.50"))
        self.assertEqual(proposal.export_status("s0", "received")["state"], "paid")
        with self.assertRaisesRegex(UserError, "has issued F-1"):
            self.proposal.action_export_again()
        # a check bounced: that is said with the money
        bounced = proposal.export_status("s3", "partially_paid", paid_amount="1000.00")
        self.assertEqual((bounced["state"], bounced["paid_amount"]), ("partially_paid", "1000.00"))
        self.assertEqual(proposal.export_status("s4", "cancelled")["state"], "cancelled")

    # -- money -----------------------------------------------------------------------------

    def test_less_is_registered_once_the_payment_is_cancelled(self):
        """2,012.50 were registered, 500.00 were paid in truth: 1,512.50 are left."""
        invoice, proposal = self._posted(), self._exported()
        answer = proposal.export_status("p1", "paid", paid_amount="2012.50")
        with self.assertRaisesRegex(UserError, "2,012.50 were registered .*Cancel the payment in Odoo first"):
            proposal.export_status("p2", "partially_paid", paid_amount="500.00")
        payment = self.env["account.payment"].search([("name", "=", answer["payment"])])
        accountant = self._user("accountant", "account.group_account_user")
        payment.with_user(accountant).action_draft()
        payment.with_user(accountant).action_cancel()
        self.assertEqual(invoice.amount_residual, 2012.5)
        proposal.export_status("p3", "partially_paid", paid_amount="500.00")
        self.assertEqual(invoice.amount_residual, 1512.5)
        self.assertEqual(
            proposal.export_status("p4", "partially_paid", paid_amount="500.00")["payment"], "nothing_new"
        )
        proposal.export_status("p5", "paid", paid_amount="2012.50")
        self.assertEqual(invoice.amount_residual, 0)

    def test_what_was_registered_by_hand_is_not_registered_again(self):
        invoice, proposal = self._posted(), self._exported()
        register = self.env["account.payment.register"]
        register = register.with_context(active_model="account.move", active_ids=invoice.ids)
        register.create({})._create_payments()
        answer = proposal.export_status("p1", "paid", number="F-1", paid_amount="2012.50")
        self.assertEqual((answer["state"], answer["payment"]), ("paid", "nothing_due"))
        self.assertEqual(len(invoice.matched_payment_ids), 1)

    # -- what cannot be kept ---------------------------------------------------------------

    def test_what_no_database_keeps_is_refused_in_words(self):
        proposal = self._exported()
        for call, message in (
            (lambda: proposal.export_status("k\0", "issued"), "key has to be"),
            (lambda: proposal.export_status("\ud800", "issued"), "key has to be"),
            (lambda: proposal.export_status("k", "issued", number="F\0"), "number has to be"),
            (lambda: proposal.export_mark("k", "X\0"), "external_id has to be"),
            (lambda: proposal.export_status("k", "paid", paid_amount="1e400"), "0 or more"),
            (lambda: proposal.export_status("k", "paid", paid_amount="1_000"), "0 or more"),
            (lambda: proposal.browse().export_mark("k", "X-1"), "ids has to be the id of one proposal"),
            (lambda: proposal.browse().export_status("k", "paid"), "ids has to be the id of one proposal"),
        ):
            with self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
                call()
        self.assertEqual(self.proposal.export_state, "received")
