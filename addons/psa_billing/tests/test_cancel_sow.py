"""A SOW with approved work that is not billed is cancelled knowingly, and the work is found afterwards."""

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestCancelSow(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._user("seller", "sales_team.group_sale_manager")

    def _asked(self, order, user=None):
        """The dialog that ``order`` opens instead of being cancelled."""
        action = call_kw(order.with_user(user or self.seller).browse(), "action_cancel", [order.ids], {})
        self.assertEqual((action["res_model"], order.state), ("psa.cancel.sow", "sale"))
        return self.env[action["res_model"]].with_user(user or self.seller).browse(action["res_id"])

    def _money(self, amount):
        return self.company.currency_id.format(amount)

    def _on_cancelled(self):
        view = self.env.ref("psa_billing.psa_wip_entry_view_search").arch
        self.assertIn("('order_id.state', '=', 'cancel')", view)
        unbilled = ("open", "held", "over_cap", "proposed")
        return self.env["psa.wip.entry"].search(
            [("order_id.state", "=", "cancel"), ("state", "in", unbilled)]
        )

    def test_what_is_not_billed_is_told_first(self):
        """8 h at 150.00 under a cap of 900.00, and 1 h held."""
        order = self._sow(self._line(self.architect, cap=900), self._line(self.developer))
        self._work(order.order_line[0], 8)
        proposal = self._propose()
        held = self._work(order.order_line[1], 1, "2026-03-04").psa_wip_ids
        held.action_hold()
        self._log(order.order_line[1], 5, "2026-03-05")  # not approved
        dialog = self._asked(order)
        self.assertEqual(
            dialog.left,
            f"{order.name}: 9.00 h and {self._money(1300)} of approved work. Of it over a cap: "
            f"{self._money(300)}. On proposals: {proposal.display_name}.",
        )
        dialog.action_cancel_anyway()
        self.assertEqual(order.state, "cancel")
        self.assertIn("1,300.00 of approved work", order.message_ids[0].body)
        # it is found, said by each run, and billed once the SOW is confirmed again
        self.assertEqual(sum(self._on_cancelled().mapped("amount")), 1300)
        self.assertIn(f"{order.name} is not confirmed any more", proposal.change_message)
        proposal.action_cancel()
        again = self._propose()
        self.assertIn(f"{order.name} is not confirmed:", again.message)
        self.assertIn("write its work off", again.message)
        order.sudo().action_draft()
        order.sudo().action_confirm()
        self.assertFalse(self._on_cancelled())
        again.action_make_again()
        self.assertEqual(self._invoice(again).amount_untaxed, 900)

    def test_work_of_a_cancelled_sow_is_written_off_or_recalled(self):
        line = self._sow().order_line
        gone, moved = self._work(line, 2), self._work(line, 3, "2026-03-03")
        self._asked(line.order_id).action_cancel_anyway()
        goodwill = self.env.ref("psa_billing.reason_goodwill")
        gone.psa_wip_ids.sudo()._psa_write_off(goodwill)
        moved.action_psa_recall()
        self.assertFalse(self._on_cancelled())
        self.assert_wip(gone, ("written_off", 2, 2, 300))

    def test_a_draft_invoice_goes_with_its_sow_and_is_told(self):
        order = self._sow()
        entry = self._work(order.order_line, 2)
        invoice = self._invoice(self._propose())
        # who makes invoices: the host cancels drafts by the rights of the user
        dialog = self._asked(order, self.env.user)
        self.assertIn(f"2.00 h and {self._money(300)} of approved work", dialog.left)
        self.assertIn(f"cancelled with it: {invoice.display_name}", dialog.left)
        dialog.action_cancel_anyway()
        self.assertEqual(invoice.state, "cancel")
        self.assert_wip(entry, ("open", 2, 2, 300))

    def test_nothing_is_asked_where_nothing_is_left(self):
        order = self._sow(self._line(self.architect), self._line(self.developer, 1, "fixed", price_unit=500))
        self._work(order.order_line[0], 2)
        self._work(order.order_line[1], 4)  # covered by the fixed price
        self._invoice(self._propose(), post=True)
        order.with_user(self.seller).action_cancel()
        self.assertEqual(order.state, "cancel")
        draft = self._sow(confirm=False)
        draft.with_user(self.seller).action_cancel()
        self.assertEqual(draft.state, "cancel")

    def test_a_fixed_price_on_a_proposal_is_told_too(self):
        order = self._sow(self._line(self.developer, 1, "fixed", price_unit=500))
        proposal = self._propose()
        self.assertEqual(self._asked(order).left, f"On proposals: {proposal.display_name}.")

    def test_down_payments_that_nothing_deducts_are_told(self):
        """1,000.00 in advance, 4 h x 150.00 are deducted: 400.00 are the client's."""
        order = self._sow()
        values = {"advance_payment_method": "fixed", "fixed_amount": 1150, "sale_order_ids": order.ids}
        self.env["sale.advance.payment.inv"].create(values).create_invoices()
        deposit = order.invoice_ids
        deposit.invoice_date = "2026-03-01"
        deposit.action_post()
        self._work(order.order_line[0], 4)
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 0)
        self.assertEqual(
            self._asked(order).left,
            f"{order.name}: down payments of {self._money(400)} are deducted by no invoice yet; what is owed "
            "to the client is credited by a credit note.",
        )

    def test_many_at_once_are_asked_together(self):
        orders = self._sow() | self._sow() | self._sow(confirm=False)
        self._work(orders[0].order_line, 1)
        model = self.env["sale.mass.cancel.orders"].with_user(self.seller)
        action = model.create({"sale_order_ids": orders.ids}).action_mass_cancel()
        self.assertEqual(orders.mapped("state"), ["sale", "sale", "draft"])
        dialog = self.env["psa.cancel.sow"].with_user(self.seller).browse(action["res_id"])
        self.assertIn(orders[0].name, dialog.left)
        self.assertNotIn(orders[1].name, dialog.left)
        dialog.action_cancel_anyway()
        self.assertEqual(orders.mapped("state"), ["cancel"] * 3)

    def test_what_is_refused_is_refused_first(self):
        order = self._sow()
        self._work(order.order_line, 1)
        order.sudo().action_lock()
        with self.assertRaisesRegex(UserError, "locked"):
            order.sudo().action_cancel()
        self.assertEqual(order.state, "sale")

    def test_who_invoices_cancels_as_on_every_order(self):
        """Odoo lets them write orders and shows them the button."""
        if "loyalty.history" in self.env:
            self.skipTest("the host's loyalty programs refuse it on every order, for want of rights in sales")
        order = self._sow()
        self._work(order.order_line, 1)
        dialog = self._asked(order, self._user("invoicer", "account.group_account_invoice"))
        self.assertIn(order.name, dialog.left)
        dialog.action_cancel_anyway()
        self.assertEqual(order.state, "cancel")

    def test_who_may_not_cancel_learns_nothing(self):
        order = self._sow()
        self._work(order.order_line, 1)
        for groups in ("base.group_user", "psa_project.group_psa_user", "base.group_portal"):
            user = self._user(f"no.{groups}", groups)
            with self.assertRaises(AccessError):
                self._asked(order, user)
        dialog = self._asked(order)
        with self.assertRaises(AccessError):
            dialog.with_user(self.ann.user_id).action_cancel_anyway()
        self.assertEqual(order.state, "sale")
