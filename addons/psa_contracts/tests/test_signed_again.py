"""A SOW that is cancelled, put right and signed again: what was worked and billed on it meanwhile."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import is_html_empty

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestSignedAgain(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss, cls.other_boss = (
            cls._person(login, "sales_team.group_sale_manager") for login in ("boss", "other_boss")
        )

    def _confirmed(self, *lines, **values):
        order = self._sow(*lines, **values)
        order.action_confirm()
        return order

    def _reopened(self, order):
        """``order`` as its salesperson writes it anew."""
        order._action_cancel()
        order.action_draft()
        return order.with_user(self.sales.user_id)

    def assert_refused(self, call, words, error=UserError):
        with self.assertRaisesRegex(error, words), self.cr.savepoint():
            call()

    # -- lines that are worked or billed ---------------------------------------------------

    def _bill(self, line):
        """A posted invoice of one unit of the line, as the host makes it."""
        self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": "2026-06-01",
                "invoice_line_ids": [Command.create(line._prepare_invoice_line(quantity=1))],
            }
        ).action_post()

    def test_a_line_with_time_stays_what_it_is(self):
        """8 h of a developer at 120 are 960. As an architect's line they were billed at 200: 1,600; as a
        fixed price they stood beside it; without their line nobody paid for them."""
        order = self._confirmed(self._hours(self.developer, 100), self._hours(self.architect, 20))
        entry = self._log_on(order.order_line[0], self.ann, 8, "2026-03-04")
        line, free = self._reopened(order).order_line
        for edit in (
            lambda: line.write({"psa_role_id": self.architect.id}),
            lambda: line.write({"psa_billing_model": "fixed"}),
            lambda: line.write({"product_uom_id": self.env.ref("uom.product_uom_day").id}),
            line.unlink,
        ):
            self.assert_refused(edit, "Developer of .* has been sold before: 8 hours are logged on it and 0")
        # the same again, a new price and quantity, and what nobody worked on
        line.write({"psa_role_id": self.developer.id, "price_unit": 110, "product_uom_qty": 8})
        self.assertEqual(entry.task_id.allocated_hours, 8)  # though sales does not plan projects
        free.write({"psa_role_id": self.developer.id})
        free.unlink()
        order.action_confirm()
        self.assertEqual((entry.so_line, line.price_unit), (line.sudo(False), 110))

    def test_what_is_billed_keeps_its_price(self):
        order = self._confirmed(self._sold("fixed", 3000, name="Concept", psa_role_id=self.architect.id))
        line = order.order_line
        self._bill(line)
        mine = self._reopened(order).order_line
        for values in ({"price_unit": 2500}, {"discount": 10}, {"tax_ids": [Command.clear()]}):
            if "tax_ids" not in values or mine.tax_ids:
                self.assert_refused(lambda values=values: mine.write(values), "1 .* are billed")
        self.assert_refused(mine.unlink, "1 .* are billed")
        mine.write({"price_unit": 3000, "name": "Concept and plan"})

    def test_a_line_of_a_draft_that_nobody_signed_is_free(self):
        order = self._sow(self._hours(self.developer, 100)).with_user(self.sales.user_id)
        order.order_line.write({"psa_role_id": self.architect.id})
        order.order_line.unlink()
        self.assertFalse(order.order_line)

    def test_the_project_goes_to_the_client_who_signs_again(self):
        """The SOW was written for the wrong company of a group: that one follows the work no more."""
        order = self._confirmed(self._hours(self.developer, 100))
        task = order.order_line.task_id
        project = task.project_id
        self.assertEqual((project.partner_id, task.partner_id), (self.client, self.client))
        other = self.env["res.partner"].create({"name": "Client Holding", "is_company": True})
        self._reopened(order).write({"partner_id": other.id})
        order.action_confirm()
        self.assertEqual((project.partner_id, task.partner_id), (other, other))
        self.assertIn(other, project.message_partner_ids)
        self.assertNotIn(self.client, project.message_partner_ids | task.message_partner_ids)

    def test_a_project_of_another_client_on_which_work_is_delivered_stays_theirs(self):
        owner = self.env["res.partner"].create({"name": "Owner", "is_company": True})
        project = self.env["project.project"].create(
            {"name": "Shared", "partner_id": owner.id, "allow_billable": True}
        )
        project.message_subscribe(partner_ids=owner.ids)
        order = self._sow(self._hours(self.developer, 100), project_id=project.id)
        order.action_confirm()
        self.assertEqual(project.partner_id, owner)
        self.assertIn(owner, project.message_partner_ids)

    # -- success fees ----------------------------------------------------------------------

    def _claimed(self, **terms):
        """A fee of 10 % of the savings, estimated at 50,000, claimed by the boss for savings of 800,000."""
        order = self._sow(self._sold("success_fee", 50000, name="Savings"))
        fee = order.psa_success_fee_ids
        fee.write({"formula": "percent", "percent": 10, "metric": "Savings", **terms})
        order.action_confirm()
        report = self.env["ir.attachment"].create({"name": "report.pdf", "raw": b"savings"})
        fee.write(
            {
                "result_amount": 800000,
                "result_date": "2026-05-31",
                "evidence_ids": [Command.set(report.ids)],
            }
        )
        fee.with_user(self.boss.user_id).action_claim()
        return fee

    def test_nothing_is_owed_of_a_fee_whose_sow_was_cancelled(self):
        fee = self._claimed()
        fee.order_id._action_cancel()
        self.assert_refused(fee.with_user(self.other_boss.user_id).action_approve, "is not signed")
        self.assertEqual((fee.state, fee.sale_line_id.price_unit), ("claimed", 50000))

    def test_an_approved_fee_is_agreed_anew_with_its_sow(self):
        """80,000 were approved and not billed. The client signs the estimate of 50,000 again, now at 20 %: it
        is claimed once more, and comes to 160,000."""
        fee = self._claimed()
        fee.with_user(self.other_boss.user_id).action_approve()
        line = fee.sale_line_id
        self.assertEqual(line.price_unit, 80000)
        order = self._reopened(fee.order_id)
        self.assertEqual((fee.state, line.price_unit, order.amount_untaxed), ("agreed", 50000, 50000))
        fee.percent = 20
        order.sudo().action_confirm()
        self.assertEqual(line.qty_delivered, 0)
        fee.with_user(self.boss.user_id).action_claim()
        fee.with_user(self.other_boss.user_id).action_approve()
        self.assertEqual((line.price_unit, line.qty_delivered), (160000, 1))

    def test_a_fee_that_is_billed_stays_approved(self):
        fee = self._claimed()
        fee.with_user(self.other_boss.user_id).action_approve()
        line = fee.sale_line_id
        self._bill(line)
        order = self._reopened(fee.order_id)
        self.assertEqual((fee.state, line.price_unit), ("approved", 80000))
        mine = fee.with_user(self.sales.user_id)
        self.assert_refused(lambda: mine.write({"percent": 20}), "is invoiced: .*80,000")
        self.assertEqual(order.amount_untaxed, 80000)

    def test_a_fee_is_taken_off_by_a_change_order_while_nobody_claims_it(self):
        """50,000 are estimated at 10 %; 15 % are agreed instead, 75,000. What is claimed stays."""
        fee = self._claimed()
        order, line = fee.order_id, fee.sale_line_id
        change = self._change(
            order, self._amend(line, -1), self._sold("success_fee", 75000, name="Savings at 15 %")
        )
        self.assertEqual(len(change.psa_success_fee_ids), 1)  # the line that takes off has none
        self.assert_refused(change.action_confirm, "is claimed. Have the claim rejected")
        fee.with_user(self.other_boss.user_id).action_reject()
        change.action_confirm()
        self.assertEqual(order.psa_current_amount, 75000)
        self.assert_refused(
            fee.with_user(self.boss.user_id).action_claim, f"was taken off {order.name} by {change.name}"
        )
        again = self._change(order, self._amend(line, -1))
        self.assert_refused(again.action_confirm, "would be cut from 0 to -1")
        page = self.env["ir.qweb"]._render(
            "psa_contracts.sow_portal_content",
            {"sale_order": change.sudo(), "report_type": "html", "is_html_empty": is_html_empty},
        )
        self.assertIn("10 % of: Savings", str(page))  # which fee it takes off

    def test_a_change_order_whose_fee_is_claimed_is_not_cancelled(self):
        order = self._confirmed()
        change = self._change(order, self._sold("success_fee", 5000, name="Early end"))
        change.action_confirm()
        fee = change.psa_success_fee_ids
        report = self.env["ir.attachment"].create({"name": "report.pdf", "raw": b"early"})
        fee.write({"result_date": "2026-05-31", "evidence_ids": [Command.set(report.ids)]})
        fee.with_user(self.boss.user_id).action_claim()
        self.assert_refused(change._action_cancel, "the success fee Early end, which is claimed")
        fee.with_user(self.other_boss.user_id).action_reject()
        change._action_cancel()
        self.assertEqual(change.state, "cancel")

    # -- agreements ------------------------------------------------------------------------

    def test_an_agreement_keeps_its_client_and_company_while_something_stands_under_it(self):
        agreement = self._agreement()
        order = self._confirmed(psa_agreement_id=agreement.id)
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.client.id})
        company = self.env["res.company"].create({"name": "Second"})
        for values in ({"partner_id": other.id}, {"company_id": company.id}):
            self.assert_refused(
                lambda values=values: agreement.write(values),
                f"keeps its client and company: {order.name}",
                ValidationError,
            )
        agreement.partner_id = contact  # of the same client
        order._action_cancel()
        agreement.partner_id = other
        order.action_draft()
        self.assert_refused(order.action_confirm, "is that of another client. Choose another one, or none")

    def test_only_what_renews_by_itself_stops_to(self):
        agreement = self._agreement(renewal="automatic")
        agreement.action_stop_renewal()
        self.assertEqual(agreement.renewal, "none")
        for other in (agreement, self._agreement("draft", renewal="automatic")):
            self.assert_refused(other.action_stop_renewal, "does not renew by itself")
