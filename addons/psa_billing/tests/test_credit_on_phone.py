from odoo.tests import HttpCase, tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestCreditOnPhone(PsaBillingCase, HttpCase):
    browser_size = "390x844"

    def test_work_is_chosen_and_taken_out_again_by_cards(self):
        """Billed are 2 h and 3 h at 150.00; the 3 h are credited."""
        line = self._sow().order_line
        kept, credited = self._work(line, 2), self._work(line, 3, "2026-03-03")
        invoice = self._invoice(self._propose(), post=True)
        manager = self._user("phone", "psa_billing.group_psa_billing_manager")
        path = f"/odoo/action-account.action_move_out_invoice_type/{invoice.id}"
        self.start_tour(path, "psa_billing_credit_phone_tour", login=manager.login)
        note = self.env["account.move"].search([("reversed_entry_id", "=", invoice.id)])
        self.assertEqual((note.state, note.amount_untaxed), ("draft", 450))
        note.action_post()
        self.assert_wip(kept, ("billed", 2, 2, 300))
        self.assert_wip(credited, ("open", 3, 3, 450))
