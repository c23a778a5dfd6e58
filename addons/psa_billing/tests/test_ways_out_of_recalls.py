"""Who is refused to recall time, or to change a retainer, is told what to do instead: it leads to the end."""

from odoo import Command
from odoo.tests import freeze_time, tagged

from .test_ways_out import PsaWaysOutCase


@tagged("post_install", "-at_install")
class TestWaysOutOfRetainers(PsaWaysOutCase):
    def test_a_billing_manager_reopens_a_closed_period(self):
        order = self._sow(self._retainer())
        entry = self._work(order.order_line, 12).with_user(self.lead)
        period = self._periods(order)[0]
        with freeze_time("2026-04-05"):
            period.with_user(self.biller).action_close()
        self.assert_refused(entry.action_psa_recall, "or have a billing manager reopen the period")
        period.with_user(self.biller).action_reopen()
        entry.action_psa_recall()
        self.assertEqual(entry.psa_state, "draft")

    def _on_money(self, role, is_chosen=False, **values):
        order = self._sow(
            self._retainer(
                hours=0,
                psa_retainer_grant="money",
                psa_retainer_amount=1000,
                psa_retainer_role_ids=[Command.set(role.ids)],
                psa_role_id=role.id,
            )
        )
        if is_chosen:  # time without a role comes to a line only where somebody chose it
            values.update(so_line=order.order_line.id, is_so_line_edited=True)
        return self._log(order.order_line, 1, **values).with_user(self.lead)

    def test_a_rate_manager_adds_the_rate_that_a_retainer_of_money_needs(self):
        tester = self.env["project.role"].create({"name": "Tester"})
        entry = self._on_money(tester, psa_role_id=tester.id)
        self.assert_refused(entry.action_psa_approve, "No rate for the role Tester", "rate manager add it")
        self.env["psa.rate.card.line"].with_user(self.rater).create(
            {"card_id": self.card.id, "role_id": tester.id, "date_start": "2026-01-01", "price": 80}
        )
        entry.action_psa_approve()
        self.assertEqual(entry.psa_state, "approved")

    def test_time_without_a_role_is_given_one(self):
        self.env["hr.employee"].sudo().search([]).psa_role_id = False  # else the main role is taken
        entry = self._on_money(self.env["project.role"], psa_role_id=False, is_chosen=True)
        self.assert_refused(entry.action_psa_approve, "has no role. Recall it, choose its role")
        entry.action_psa_recall()
        entry.psa_role_id = self.architect
        entry.action_psa_submit()
        entry.action_psa_approve()
        self.assertEqual(entry.psa_state, "approved")


@tagged("post_install", "-at_install")
class TestWaysOutOfRecalls(PsaWaysOutCase):
    """Two hours on a proposal of March, which the project manager wants to recall."""

    def setUp(self):
        super().setUp()
        order = self._sow()
        self.entry = self._work(order.order_line, 2).with_user(self.lead)
        self.proposal = self._propose()
        self.part = self.entry.psa_wip_ids.with_user(self.lead)

    def _recalled(self):
        self.entry.action_psa_recall()
        self.assertEqual(self.entry.psa_state, "draft")

    def _write_off(self):
        self.part.sudo()._psa_write_off(self.env["psa.adjustment.reason"].create({"name": "Goodwill"}))

    def test_on_a_draft(self):
        self.assert_refused(self.entry.action_psa_recall, "Hold the entry there, or")
        self.part.action_hold()
        self._recalled()

    def test_on_a_held_line(self):
        line = self.proposal.line_ids.with_user(self.lead)
        line.action_hold()
        self.assert_refused(self.entry.action_psa_recall, "Release its line there and hold the entry")
        line.action_release()
        self.part.action_hold()
        self._recalled()

    def test_on_an_approved_proposal(self):
        self.proposal.action_approve()
        self.assert_refused(self.entry.action_psa_recall, "Have a billing manager cancel the proposal")
        self.proposal.with_user(self.biller).action_cancel()
        self._recalled()

    def test_written_off_on_a_draft(self):
        self._write_off()
        self.assert_refused(
            self.entry.action_psa_recall, "Take that back on the proposal .* and hold the entry"
        )
        self.part.action_undo_adjustments()
        self.part.action_hold()
        self._recalled()

    def test_written_off_on_a_closed_proposal(self):
        self._write_off()
        self.proposal.action_close()
        self.assert_refused(self.entry.action_psa_recall, "Have a billing manager cancel the proposal")
        self.proposal.with_user(self.biller).action_cancel()
        self._recalled()

    def test_written_off_beside_an_invoice(self):
        self._work(self.entry.so_line, 1)
        self.proposal.action_make_again()
        self._write_off()
        invoice = self._invoice(self.proposal, post=True)
        self.assert_refused(self.entry.action_psa_recall, "Credit the invoice that it was taken off from")
        self._credit(invoice)
        self._recalled()
