"""A success fee is agreed with the SOW, claimed with evidence, approved by another, then invoiced."""

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestSuccessFee(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls._person("head", "sales_team.group_sale_manager")
        cls.other_head = cls._person("other_head", "sales_team.group_sale_manager")

    def _fee(self, price=10000, confirm=True, **terms):
        """The fee of a SOW with 8,000 of time and a success fee line of ``price``."""
        order = self._sow(
            self._hours(self.architect, 40), self._sold("success_fee", price, name="Share of savings")
        )
        fee = order.psa_success_fee_ids
        fee.write(terms)
        if confirm:
            order.action_confirm()
        return fee

    def _percent_fee(self, **terms):
        """7.5 % of the annual savings, estimated at 10,000, between 5,000 and 60,000."""
        return self._fee(
            **{
                "formula": "percent",
                "percent": 7.5,
                "metric": "Annual savings",
                "floor_amount": 5000,
                "cap_amount": 60000,
                **terms,
            }
        )

    def _claim(self, fee, result=0, by=None):
        fee = fee.with_user((by or self.manager).user_id)
        report = fee.env["ir.attachment"].create(
            {"name": "report.pdf", "raw": b"savings", "res_model": fee._name, "res_id": fee.id}
        )
        fee.write(
            {
                "result_amount": result,
                "result_date": "2026-06-30",
                "evidence_ids": [Command.set(report.ids)],
            }
        )
        fee.action_claim()

    def _invoice(self, fee):
        """A draft invoice of the fee, made as the host makes it."""
        line = fee.sale_line_id
        return self.env["account.move"].create(
            {
                **fee.order_id._prepare_invoice(),
                "invoice_line_ids": [
                    Command.create(line._prepare_invoice_line(quantity=line.qty_to_invoice))
                ],
            }
        )

    def test_each_success_fee_line_brings_its_terms(self):
        order = self._sow(self._sold("success_fee", 100), self._sold("success_fee", 200))
        fees = order.psa_success_fee_ids.sorted("id")
        self.assertEqual(fees.mapped("estimate_amount"), [100, 200])
        self.assertEqual(set(fees.mapped("state")), {"agreed"})
        order.order_line[0].psa_billing_model = "expense"
        self.assertEqual(order.psa_success_fee_ids, fees[1])
        order.order_line[0].psa_billing_model = "success_fee"
        self.assertEqual(len(order.psa_success_fee_ids), 2)
        order.order_line[1].unlink()
        self.assertEqual(len(order.psa_success_fee_ids), 1)

    def test_sales_writes_the_terms_on_the_form_of_the_sow(self):
        order = self._sow(self._sold("success_fee", 100), user_id=self.sales.user_id.id)
        with Form(order.with_user(self.sales.user_id)) as form, form.psa_success_fee_ids.edit(0) as fee:
            fee.metric = "Tickets saved"
            fee.formula = "percent"
            fee.percent = 4
        self.assertEqual(order.psa_success_fee_ids.percent, 4)

    def test_a_copied_sow_has_the_same_terms_and_no_result(self):
        fee = self._percent_fee()
        self._claim(fee, 400000)
        copy = fee.order_id.copy().psa_success_fee_ids
        self.assertEqual((copy.percent, copy.metric, copy.cap_amount), (7.5, "Annual savings", 60000))
        self.assertEqual((copy.state, copy.result_amount, copy.result_date), ("agreed", 0, False))

    def test_an_approved_percentage_replaces_the_estimate(self):
        fee = self._percent_fee()
        order, line = fee.order_id, fee.sale_line_id
        self.assertEqual(order.amount_untaxed, 18000)
        self._claim(fee, 400000)
        self.assertEqual((fee.state, fee.fee_amount, line.qty_delivered), ("claimed", 30000, 0))
        fee.with_user(self.head.user_id).action_approve()
        # 7.5 % of 400,000
        self.assertEqual((line.price_unit, line.qty_delivered, line.qty_to_invoice), (30000, 1, 1))
        self.assertEqual(order.amount_untaxed, 38000)
        self.assertEqual(fee.estimate_amount, 10000)
        self.assertEqual((fee.claimed_by_id, fee.decided_by_id), (self.manager.user_id, self.head.user_id))
        self.assertEqual(self._invoice(fee).amount_untaxed, 30000)

    def test_floor_and_cap_hold(self):
        for result, expected in ((1000, 5000), (-500, 5000), (2000000, 60000)):
            fee = self._percent_fee()
            self._claim(fee, result)
            with self.subTest(result):
                self.assertEqual(fee.fee_amount, expected)

    def test_a_fixed_fee_is_the_price_of_its_line(self):
        fee = self._fee(5000)
        self._claim(fee)
        fee.with_user(self.head.user_id).action_approve()
        line = fee.sale_line_id
        self.assertEqual((fee.fee_amount, line.price_unit, line.qty_to_invoice), (5000, 5000, 1))

    def test_a_fee_of_nothing_delivers_nothing(self):
        fee = self._percent_fee(floor_amount=0)
        self._claim(fee, -300)
        fee.with_user(self.head.user_id).action_approve()
        self.assertEqual((fee.fee_amount, fee.sale_line_id.qty_delivered), (0, 0))
        self.assertEqual(fee.order_id.amount_untaxed, 8000)

    def test_a_fee_is_set_on_a_locked_order_too(self):
        fee = self._percent_fee()
        fee.order_id.action_lock()
        self._claim(fee, 400000)
        fee.with_user(self.head.user_id).action_approve()
        self.assertEqual(fee.sale_line_id.price_unit, 30000)
        with self.assertRaises(UserError):
            fee.sale_line_id.with_user(self.head.user_id).with_context(psa_success_fee=True).price_unit = 1

    def test_nobody_approves_what_they_claimed_and_only_sales_managers_do(self):
        fee = self._percent_fee()
        self._claim(fee, 400000, by=self.head)
        with self.assertRaisesRegex(AccessError, "You claimed the success fee Annual savings"):
            fee.with_user(self.head.user_id).action_approve()
        for person in (self.manager, self.sales):
            with self.assertRaisesRegex(AccessError, "by sales managers"):
                fee.with_user(person.user_id).action_approve()
        fee.with_user(self.other_head.user_id).action_approve()
        self.assertEqual(fee.state, "approved")

    def test_a_rejected_claim_is_corrected_and_claimed_again(self):
        fee = self._percent_fee()
        self._claim(fee, 900000)
        with self.assertRaisesRegex(UserError, "is claimed. It is corrected after the claim was rejected"):
            fee.with_user(self.manager.user_id).result_amount = 1
        fee.with_user(self.head.user_id).action_reject()
        self.assertEqual((fee.state, fee.sale_line_id.qty_delivered), ("rejected", 0))
        self._claim(fee, 400000)
        fee.with_user(self.head.user_id).action_approve()
        self.assertEqual(fee.sale_line_id.price_unit, 30000)

    def test_a_withdrawn_approval_restores_the_estimate(self):
        fee = self._percent_fee()
        self._claim(fee, 400000)
        fee.with_user(self.head.user_id).action_approve()
        fee.with_user(self.head.user_id).action_withdraw()
        line = fee.sale_line_id
        self.assertEqual((fee.state, line.price_unit, line.qty_delivered), ("claimed", 10000, 0))

    def test_an_invoiced_fee_is_not_withdrawn(self):
        fee = self._percent_fee()
        self._claim(fee, 400000)
        fee.with_user(self.head.user_id).action_approve()
        invoice = self._invoice(fee)
        with self.assertRaisesRegex(UserError, "is invoiced: .*30,000.00.* on .*Delete the draft or credit"):
            fee.with_user(self.head.user_id).action_withdraw()
        self.assertEqual((fee.state, fee.sale_line_id.price_unit), ("approved", 30000))
        invoice.unlink()
        fee.with_user(self.head.user_id).action_withdraw()
        self.assertEqual(fee.state, "claimed")

    def test_a_claim_needs_a_signed_sow_a_result_and_evidence(self):
        draft = self._percent_fee(confirm=False)
        with self.assertRaisesRegex(UserError, "is not signed"):
            self._claim(draft, 1)
        fee = self._percent_fee()
        with self.assertRaisesRegex(UserError, "has no recorded result"):
            fee.with_user(self.manager.user_id).action_claim()
        fee.result_date = "2026-06-30"
        with self.assertRaisesRegex(UserError, "evidence, then claim it"):
            fee.with_user(self.manager.user_id).action_claim()
        with self.assertRaisesRegex(UserError, "is agreed. Load the page again"):
            fee.with_user(self.head.user_id).action_approve()
        self.assertEqual(fee.state, "agreed")

    def test_state_and_signed_terms_are_not_written_by_hand(self):
        fee = self._percent_fee()
        for user in (self.sales, self.manager, self.head):
            mine = fee.with_user(user.user_id)
            with self.assertRaisesRegex(AccessError, "not written by hand .state"):
                mine.state = "approved"
            with self.assertRaisesRegex(AccessError, "not written by hand"):
                mine.claimed_by_id = False
            with self.assertRaisesRegex(UserError, "is signed. The terms"):
                mine.cap_amount = 10**6
        with self.assertRaises(AccessError):
            fee.with_user(self.head.user_id).unlink()
        line = fee.sale_line_id.with_user(self.sales.user_id)
        for values in ({"qty_delivered": 1}, {"price_unit": 1}, {"product_uom_qty": 2}):
            with self.subTest(values), self.assertRaisesRegex(UserError, "follow from its approval"):
                line.write(values)
        with self.assertRaisesRegex(UserError, "is signed"):
            fee.order_id.with_user(self.sales.user_id).order_line = [
                self._sold("success_fee", 1, qty_delivered=1)
            ]
        fee.order_id.order_line = [self._sold("success_fee", 1, qty_delivered=1)]
        lines = fee.order_id.psa_success_fee_ids.sale_line_id
        self.assertEqual(lines.mapped("qty_delivered"), [0, 0])

    def test_others_read_no_success_fee(self):
        fee = self._percent_fee()
        client = new_test_user(self.env, login="psa.fee.client", groups="base.group_portal")
        client.partner_id.parent_id = self.client
        own_only = self._person("own_only", "sales_team.group_sale_salesman")
        fee.order_id.user_id = self.sales.user_id
        for user in (client, self.ann.user_id, own_only.user_id):
            with self.subTest(user.login), self.assertRaises(AccessError):
                fee.with_user(user).read(["metric"])

    def test_project_managers_read_what_a_fee_is_called_and_comes_to(self):
        """They claim it; the line that sells it is not theirs to read."""
        fee = self._percent_fee()
        fee.metric = False
        self.env.invalidate_all()
        own = fee.with_user(self.manager.user_id)
        self.assertFalse(own.sale_line_id.has_access("read"))
        self.assertEqual(own.display_name, fee.sale_line_id.name.split("\n")[0])
        self.assertEqual(own.estimate_amount, fee.sale_line_id.price_unit)

    def test_a_fee_of_another_company_is_out_of_reach(self):
        company = self.env["res.company"].create({"name": "Branch"})
        stranger = self._person("stranger", "sales_team.group_sale_manager", company=company)
        with self.assertRaises(AccessError):
            self._percent_fee().with_user(stranger.user_id).read(["metric"])

    def test_incomplete_terms_block_the_confirmation(self):
        for terms, line, message in (
            ({"formula": "percent", "percent": 5}, {}, "percentage, but of what is not said"),
            ({"formula": "percent", "metric": "Savings"}, {}, "percentage, but of what is not said"),
            ({}, {"price_unit": 0}, "has no amount. Set the price"),
            ({}, {"product_uom_qty": 2}, "paid once: its line needs the quantity 1"),
            ({}, {"discount": 10}, "paid once"),
        ):
            fee = self._fee(confirm=False, **terms)
            fee.sale_line_id.write(line)
            with self.subTest(message), self.assertRaisesRegex(UserError, message):
                fee.order_id.action_confirm()

    def test_a_floor_above_the_cap_and_wild_percentages_are_refused(self):
        for terms, constraint in (
            ({"floor_amount": 2, "cap_amount": 1}, "limits_in_order"),
            ({"floor_amount": -1}, "limits_in_order"),
            ({"percent": -1}, "percent_in_range"),
            ({"percent": 101}, "percent_in_range"),
        ):
            with (
                self.subTest(terms),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(CheckViolation, constraint),
                self.cr.savepoint(),
            ):
                self._percent_fee(confirm=False, **terms)
