"""Who is refused is told what to do instead: doing it, as the user who reads it, leads to the end."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestWaysOut(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls._person("boss", "sales_team.group_sale_manager").user_id
        cls.seller = cls.sales.user_id

    def assert_refused(self, call, *words):
        with self.assertRaisesRegex(UserError, "(?s)" + ".*".join(words)), self.cr.savepoint():
            call()

    def _confirmed(self, *lines, **values):
        order = self._sow(*lines, **values)
        order.action_confirm()
        return order

    # -- what was signed -------------------------------------------------------------------

    def test_signed_but_not_confirmed_it_is_cancelled_and_set_to_draft(self):
        order = self._sow().with_user(self.seller)
        order.sudo().state = "sent"
        self._sign(order)
        payers = [Command.create({"partner_id": self.client.id, "share": 100})]
        edits = (
            lambda: order.order_line[0].write({"product_uom_qty": 50}),
            lambda: order.write({"psa_cap_amount": 9}),
            lambda: order.write({"psa_payer_ids": payers}),
        )
        for edit in edits:
            self.assert_refused(edit, "is signed", "cancel it and set it to draft, then it is signed anew")
        # a change order, which is the way for a confirmed one, is none here
        self.assert_refused(order.action_psa_change_order, "Only a confirmed statement of work")
        order.action_cancel()
        for edit in edits:
            self.assert_refused(edit, "is signed", "set it to draft, then it is signed anew")
        order.action_draft()
        for edit in edits:
            edit()
        self.assertEqual((order.psa_cap_amount, order.order_line[0].product_uom_qty), (9, 50))

    def test_what_a_change_order_changes_is_changed_by_one(self):
        order = self._confirmed(psa_cap_amount=5000).with_user(self.seller)
        self.assert_refused(lambda: order.write({"psa_cap_amount": 6000}), "agree on a change order")
        change = self._change(order, psa_cap_change=1000)
        self._sign(change)
        change.action_confirm()
        self.assertEqual(order._psa_cap(), 6000)  # 5,000 + 1,000

    def test_what_no_change_order_changes_takes_a_new_signature(self):
        order = self._confirmed().with_user(self.seller)
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        payers = [Command.create({"partner_id": other.id, "share": 100})]
        edits = (
            lambda: order.write({"partner_id": other.id}),
            lambda: order.write({"psa_payer_ids": payers}),
        )
        for edit in edits:
            self.assert_refused(edit, "a change order leaves it as it is", "set it to draft, correct it")
        self.assert_refused(
            lambda: self._change(order, self._hours(self.developer, 1)).write({"partner_id": other.id}),
            "has the client, company and currency",
        )
        order.action_cancel()
        order.action_draft()
        for edit in edits:
            edit()
        self._sign(order)
        order.action_confirm()
        self.assertEqual(
            (order.state, order.partner_id, order.psa_payer_ids.partner_id), ("sale", other, other)
        )

    # -- cancelling ------------------------------------------------------------------------

    def test_a_sow_whose_change_order_is_worked_on_is_not_sent_in_a_circle(self):
        order = self._confirmed().with_user(self.seller)
        change = self._change(order, self._hours(self.developer, 10, name="More"))
        change.sudo().action_confirm()
        self._log_on(change.order_line, self.ann, 3, "2026-04-01")
        self.assert_refused(
            order._action_cancel, "cannot be cancelled any more", change.name, "Agree on another one"
        )
        self.assert_refused(change._action_cancel, "Agree on another change order")
        back = self._change(order, self._amend(change.order_line, -7)).with_user(self.seller)
        self._sign(back)
        back.action_confirm()
        self.assertEqual(
            sum((change | back).order_line.mapped("product_uom_qty")), 3
        )  # 10 - 7: what was worked

    def test_unused_change_orders_are_cancelled_the_last_one_first(self):
        order = self._confirmed().with_user(self.seller)
        first = self._change(order, self._hours(self.developer, 10, name="More"))
        first.sudo().action_confirm()
        second = self._change(order, self._amend(first.order_line, 5))
        second.sudo().action_confirm()
        self.assert_refused(order._action_cancel, "Cancel them first, the last one first")
        self.assert_refused(first._action_cancel, "the change order", second.name)
        for one in (second, first, order):
            one._action_cancel()
            self.assertEqual(one.state, "cancel")

    # -- agreements ------------------------------------------------------------------------

    def test_an_agreement_that_ends_early_is_extended_by_a_sales_manager(self):
        agreement = self._agreement(date_end="2026-04-30")
        order = self._sow(psa_agreement_id=agreement.id)
        self.assert_refused(order.action_confirm, "have a sales manager extend the agreement")
        self.assert_refused(
            lambda: agreement.with_user(self.seller).write({"date_end": "2026-12-31"}), "Ask a sales manager"
        )
        agreement.with_user(self.boss).date_end = "2026-12-31"
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_an_agreement_that_has_ended_is_reopened_and_activated_again(self):
        agreement = self._agreement("expired", date_end="2026-04-30")
        order = self._sow(psa_agreement_id=agreement.id)
        self.assert_refused(
            order.action_confirm, "is expired", "manager reopen it, give it a later end and activate it again"
        )
        managed = agreement.with_user(self.boss)
        managed.action_reopen()
        managed.date_end = "2027-12-31"
        managed.action_activate()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    # -- roles and fees --------------------------------------------------------------------

    def test_a_role_without_product_gets_one_from_who_may_create_products(self):
        role = self.env["project.role"].create({"name": "Tester"})
        values = {
            "partner_id": self.client.id,
            "psa_kind": "sow",
            "psa_date_start": "2026-03-01",
            "order_line": [self._hours(role, 10, price_unit=90)],
        }
        sales = self.env["sale.order"].with_user(self.seller)
        self.assert_refused(lambda: sales.create(values), "right to create products press “Create Products”")
        groups = "psa_contracts.group_psa_rate_manager,product.group_product_manager"
        role.with_user(
            new_test_user(self.env, login="psa.products", groups=groups)
        ).action_psa_create_products()
        self.assertEqual(sales.create(values).amount_untaxed, 900)  # 10 h × 90.00

    def _fee(self, order):
        return order.order_line.psa_success_fee_ids.with_user(self.seller)

    def test_another_success_fee_is_agreed_on_a_line_of_its_own(self):
        order = self._confirmed(self._sold("success_fee", 10000, name="Savings"))
        self.assert_refused(lambda: self._fee(order).write({"percent": 5}), "with a success fee of its own")
        cut = self._change(order, self._amend(order.order_line, -0.5))
        self.assert_refused(cut.sudo().action_confirm, "Sell another one on a line of its own")
        change = self._change(
            order,
            self._amend(order.order_line, -1),
            self._sold("success_fee", 5000, name="Less savings"),
        )
        change.sudo().action_confirm()
        self.assertEqual((change.state, self._fee(change).estimate_amount), ("sale", 5000))
        # 10,000 − 10,000 + 5,000
        self.assertEqual(order.psa_current_amount, 5000)

    def test_the_terms_of_a_cancelled_sow_are_edited_as_draft(self):
        order = self._confirmed(self._sold("success_fee", 10000, name="Savings")).with_user(self.seller)
        order._action_cancel()
        self.assert_refused(
            lambda: self._fee(order).write({"cap_amount": 5}), "is cancelled. Set it to draft"
        )
        order.action_draft()
        self._fee(order).cap_amount = 5

    def test_an_approved_result_is_corrected_after_withdrawal_and_rejection(self):
        order = self._confirmed(self._sold("success_fee", 10000, name="Savings"))
        fee = self._fee(order)
        proof = self.env["ir.attachment"].with_user(self.seller).create({"name": "proof", "raw": b"x"})
        fee.write({"result_date": "2026-02-01", "evidence_ids": [Command.link(proof.id)]})
        fee.action_claim()
        decided = fee.with_user(self.boss)
        decided.action_approve()
        self.assert_refused(lambda: fee.write({"result_amount": 3}), "withdrawn the approval and rejected")
        decided.action_withdraw()
        decided.action_reject()
        fee.result_amount = 3
