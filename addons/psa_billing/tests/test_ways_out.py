"""Who is refused is told what to do instead: doing it, as the user who reads it, leads to the end."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_instalments import PsaInstalmentCase
from .test_retainer_periods import PsaRetainerCase

SALES = "sales_team.group_sale_salesman_all_leads"


class PsaWaysOutCase(PsaRetainerCase, PsaInstalmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.biller = cls._user("biller", "psa_billing.group_psa_billing_manager")
        cls.lead = cls._user("lead", "psa_project.group_psa_project_manager")
        cls.seller = cls._user("seller", SALES)
        cls.boss = cls._user("boss", "sales_team.group_sale_manager")
        cls.accountant = cls._user("accountant", "account.group_account_manager")
        cls.rater = cls._user("rater", "psa_contracts.group_psa_rate_manager")

    def _blocked(self, *words):
        """The proposal of March, as the billing manager sees it, which cannot be billed as ``words`` say."""
        proposal = self._propose().with_user(self.biller)
        self.assertRegex(proposal.message or "", "(?s)" + ".*".join(words))
        return proposal

    def _again(self, proposal):
        proposal.action_make_again()
        self.assertFalse(proposal.message)
        return proposal.amount

    def _change_by(self, user, order, *lines):
        """A change order that ``user`` writes and the client signs."""
        change = self.env["sale.order"].browse(order.with_user(user).action_psa_change_order()["res_id"])
        change.with_user(user).write(
            {
                "psa_change_reason": "Asked for",
                "psa_requested_by_id": self.client.id,
                "order_line": list(lines),
            }
        )
        change.sudo().action_confirm()
        return change

    def _move(self, entry, line):
        work = entry.psa_wip_ids.with_user(self.biller)
        dialog = self.env["psa.move.work"].with_user(self.biller).browse(work.action_move()["res_id"])
        dialog.sale_line_id = line
        dialog.action_apply()


@tagged("post_install", "-at_install")
class TestWaysOutOfRuns(PsaWaysOutCase):
    """What a billing run says of a SOW that it cannot bill."""

    def test_an_archived_client_is_unarchived_and_another_address_does_not_help(self):
        gone = self.env["res.partner"].create({"name": "Gone Ltd"})
        order = self._sow(partner_id=gone.id)
        self._work(order.order_line, 2)
        gone.active = False
        proposal = self._blocked("The client Gone Ltd of .* is archived. Unarchive it.$")
        gone.with_user(self.biller).active = True
        self.assertEqual(self._again(proposal), 300)  # 2 h × 150.00

    def test_another_invoice_address_is_set_for_an_archived_one(self):
        address = self.env["res.partner"].create(
            {"name": "Old office", "type": "invoice", "parent_id": self.client.id}
        )
        order = self._sow(partner_invoice_id=address.id)
        self._work(order.order_line, 2)
        address.active = False
        proposal = self._blocked("The invoice address .*Old office.* archived", "set another invoice address")
        order.with_user(self.biller).partner_invoice_id = self.client
        self.assertEqual(self._again(proposal), 300)

    def test_a_rate_of_nothing_is_entered_and_the_work_rated_anew(self):
        self.card.line_ids.filtered(lambda rate: rate.role_id == self.architect).date_end = "2026-03-14"
        values = {"card_id": self.card.id, "role_id": self.architect.id, "date_start": "2026-03-15"}
        rate = self.env["psa.rate.card.line"].create({**values, "price": 0})
        order = self._sow()
        self._work(order.order_line[0], 2, "2026-03-20")
        proposal = self._blocked("the role Architect on 03/20/2026", "rate manager enter it there")
        rate.with_user(self.rater).price = 140
        again = self.env["psa.rerate"].with_user(self.biller).create({})
        again.action_preview()
        again.action_apply()
        self.assertEqual(self._again(proposal), 280)  # 2 h × 140.00

    def test_or_the_role_is_sold_at_a_price_and_the_work_moves_there(self):
        order = self._sow()
        entry = self._work(order.order_line, 2)
        order.order_line.sudo().with_context(sale_write_from_compute=True).price_unit = 0
        proposal = self._blocked(
            "is sold at a price of 0, which was set by hand",
            "Sell the role at a price by a change order",
            "move the work to its line",
        )
        sold = self._line(self.architect, 10, price_unit=140)
        self._move(entry, self._change_by(self.biller, order, sold).order_line)
        self.assertEqual(self._again(proposal), 280)

    def test_a_cancelled_sow_is_signed_and_confirmed_again(self):
        order = self._sow()
        self._work(order.order_line, 2)
        order.sudo()._action_cancel()
        proposal = self._blocked("Have it set to draft, signed and confirmed again, or write its work off")
        sold = order.with_user(self.seller)
        sold.action_draft()
        self.assert_refused(sold.action_confirm, "the client has not signed it")
        order.sudo().action_confirm()  # as the portal does when the client signs
        self.assertEqual(self._again(proposal), 300)

    def test_a_sales_manager_raises_the_cap_of_an_agreement(self):
        agreement = self._agreement(cap_amount=1000)
        self._sow(self._line(self.architect, 1, "fixed", price_unit=1500), psa_agreement_id=agreement.id)
        proposal = self._blocked("1,500.00", "leaves .*1,000.00. Have a sales manager raise that cap")
        self.assert_refused(
            lambda: agreement.with_user(self.biller).write({"cap_amount": 1500}), "Ask a sales manager"
        )
        agreement.with_user(self.boss).cap_amount = 1500
        self.assertEqual(self._again(proposal), 1500)


@tagged("post_install", "-at_install")
class TestWaysOutOfProposals(PsaWaysOutCase):
    def _proposed(self):
        order = self._sow()
        self._work(order.order_line, 2)
        return self._propose()

    def test_a_project_manager_has_an_approved_proposal_taken_back(self):
        proposal = self._proposed()
        proposal.with_user(self.biller).action_approve()
        self.assert_refused(
            proposal.with_user(self.lead).action_adjust, "have a billing manager take it back to draft"
        )
        proposal.with_user(self.biller).action_reset()
        self.assertEqual(proposal.with_user(self.lead).action_adjust()["res_model"], "psa.adjust.work")

    def test_a_reviewed_proposal_goes_back_to_draft_before_it_is_prepared_again(self):
        proposal = self._proposed().with_user(self.biller)
        proposal.action_review()
        proposal.order_id.sudo().fiscal_position_id = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "company_id": self.company.id}
        )
        self.assertIn("if it is reviewed or approved, and press “Prepare Again”", proposal.change_message)
        self.assert_refused(proposal.action_make_again, "is reviewed already")
        proposal.action_reset()
        proposal.action_make_again()
        self.assertFalse(proposal.change_message)
        self.assertFalse(proposal.exists().filtered("message"))

    def test_the_proposal_of_a_cancelled_sow_is_invoiced_once_it_is_confirmed_again(self):
        proposal = self._proposed().with_user(self.biller)
        proposal.action_approve()
        order = proposal.order_id
        order.sudo()._action_cancel()
        proposal.invalidate_recordset()
        self.assertIn("Have it set to draft, signed and confirmed again, or cancel", proposal.change_message)
        self.assert_refused(proposal.action_create_invoice, "is not confirmed any more")
        order.with_user(self.seller).action_draft()
        order.sudo().action_confirm()  # as the portal does when the client signs
        proposal.invalidate_recordset()
        proposal.action_create_invoice()
        self.assertEqual(proposal.invoice_ids.amount_untaxed, 300)

    def test_time_that_changed_under_its_proposal_is_approved_again(self):
        proposal = self._proposed().with_user(self.biller)
        entry = proposal.line_ids.wip_ids.analytic_line_id.with_user(self.lead)
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_analytic_line SET unit_amount = 3 WHERE id = %s", [entry.id])
        self.env.invalidate_all()
        self.assert_refused(
            proposal.action_approve,
            "Cancel the proposal, have the time recalled, submitted and approved again",
        )
        proposal.action_cancel()
        for step in (entry.action_psa_recall, entry.action_psa_submit, entry.action_psa_approve):
            step()
        self.assertEqual(self._propose().amount, 450)  # 3 h × 150.00

    def test_an_accounting_administrator_raises_a_limit(self):
        limit = self.env["psa.approval.limit"].sudo()
        group = self.env.ref("psa_billing.group_psa_billing_manager")
        limit = limit.create({"group_id": group.id, "amount": 299, "company_id": self.company.id})
        proposal = self._proposed().with_user(self.biller)
        self.assert_refused(
            proposal.action_approve, "Nobody may approve .*300.00", "administrator of accounting"
        )
        limit.with_user(self.accountant).amount = 300
        proposal.action_approve()
        self.assertEqual(proposal.state, "approved")

    def test_more_than_nothing_is_billed_by_a_line_of_its_own(self):
        order = self._sow()
        self._work(order.order_line, 2)
        proposal = self._propose().with_user(self.lead)
        dialog = self.env["psa.adjust.work"].with_user(self.lead)
        dialog = dialog.browse(proposal.line_ids.action_adjust()["res_id"])
        dialog.write({"how": "amount", "amount": -20})
        self.assert_refused(dialog.action_apply, "Press “Add a Line” on the proposal instead")
        added = self.env["psa.add.line"].with_user(self.lead).browse(proposal.action_add_line()["res_id"])
        added.write({"name": "Rebate", "amount": -320, "sale_line_id": order.order_line.id})
        added.write({"reason_id": added.fitting_reason_ids[0].id, "note": "Agreed by phone"})
        added.action_apply()
        self.assertEqual(proposal.amount, -20)  # 2 h × 150.00 - 320.00

    def test_who_sells_has_a_billing_run_made(self):
        order = self._sow()
        self._work(order.order_line, 2)
        self.assert_refused(
            order.with_user(self.seller)._create_invoices,
            "Have a billing manager make a billing run under Invoicing > Customers > Billing > Billing Runs",
        )
        run = self.env["psa.billing.run"].with_user(self.biller)
        run = run.create({"name": "March", "date_from": "2026-03-01", "date_to": "2026-03-31"})
        run.action_make_proposals()
        self.assertEqual(run.proposal_ids.amount, 300)

    def test_other_instalments_take_a_new_signature(self):
        """10,000.00 in halves become 40 % in March and the rest in May."""
        order = self._planned((50, "2026-03-15"), (50, "2026-05-15"))
        sold, parts = order.with_user(self.seller), order.psa_instalment_ids.with_user(self.seller)

        def edit():
            sold.psa_instalment_ids = [
                Command.update(part.id, {"percent": percent})
                for part, percent in zip(parts, (40, 60), strict=True)
            ]

        self.assert_refused(edit, "a change order leaves it as it is. Cancel the statement of work")
        self.assert_refused(lambda: parts[0].write({"percent": 40}), "manager marks it as reached")
        self.assert_refused(parts[0].action_reached, "Only billing and project managers", error=AccessError)
        parts[1].with_user(self.lead).action_reached()
        self.assertEqual(self._propose().amount, 10000)
        parts[1].with_user(self.lead).action_reached()
        sold._action_cancel()
        sold.action_draft()
        edit()
        order.sudo().action_confirm()  # as the portal does when the client signs
        self.assertEqual(parts.mapped("amount"), [4000, 6000])


@tagged("post_install", "-at_install")
class TestWaysOutOfInvoices(PsaWaysOutCase):
    """What is billed is given back by who bills, then by who asked for it."""

    def test_an_accepted_milestone_is_credited_taken_back_and_changed(self):
        order = self._sow(
            self._line(self.developer, 1, "milestone", price_unit=5000), psa_milestone_acceptance=True
        )
        milestone = self.env["project.milestone"].search([("sale_line_id", "=", order.order_line.id)])
        milestone = milestone.with_user(self.lead)
        milestone.is_reached = True
        dialog = self.env["psa.accept.milestone"].with_user(self.lead)
        dialog.with_context(**milestone.action_psa_accept()["context"]).create({}).action_apply()

        def change():
            milestone.quantity_percentage = 0.5

        self.assert_refused(change, "Have a project manager press “Take Back Acceptance”")
        invoice = self._invoice(self._propose(), post=True)
        back = milestone.action_psa_withdraw_acceptance
        self.assert_refused(back, "taken back first by who bills", "credit the posted one")
        self._credit(invoice)
        back()
        change()
        self.assertEqual(milestone.psa_acceptance, "waits")

    def test_a_success_fee_is_withdrawn_after_its_credit_note(self):
        order = self._sow(
            Command.create({"psa_billing_model": "success_fee", "price_unit": 9000, "name": "Savings"})
        )
        fee = order.order_line.psa_success_fee_ids
        proof = self.env["ir.attachment"].create({"name": "proof", "raw": b"x"})
        fee.write({"result_date": "2026-03-01", "evidence_ids": [Command.link(proof.id)]})
        fee.action_claim()
        fee = fee.with_user(self.boss)
        fee.action_approve()
        proposal = self._propose()
        self.assert_refused(fee.action_withdraw, "9,000.00 on the proposal", "Cancel that proposal first")
        invoice = self._invoice(proposal, post=True)
        self.assert_refused(fee.action_withdraw, "Delete the draft or credit the invoice first")
        self._credit(invoice)
        fee.action_withdraw()
        self.assertEqual(fee.state, "claimed")

    def test_what_is_billed_of_a_fixed_price_is_deducted_at_a_price_below_zero(self):
        """1,000.00 are billed, 800.00 are agreed: 200.00 are credited."""
        order = self._sow(self._line(self.architect, 1, "fixed", price_unit=1000))
        self._invoice(self._propose(), post=True)
        change = order.with_user(self.seller).action_psa_change_order()["res_id"]
        change = self.env["sale.order"].browse(change).with_user(self.seller)
        dialog = self.env["psa.change.lines"].with_user(self.seller)
        dialog = dialog.with_context(**change.action_psa_change_lines()["context"]).create({})
        dialog.line_ids.new_price = 800
        self.assert_refused(dialog.action_apply, "or deduct it on one with a price below zero")
        self.assert_refused(
            lambda: self._change_by(
                self.seller, order, self._line(self.architect, -1, "fixed", price_unit=200)
            ),
            "Choose the line that it takes from; an amount is deducted by the quantity 1",
        )
        self._change_by(self.seller, order, self._line(self.architect, 1, "fixed", price_unit=-200))
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, -200)

    def test_an_opening_balance_is_deleted_after_the_credit_note(self):
        line = self._sow().order_line
        opening = self.env["psa.opening.balance"].with_user(self.biller)
        opening = opening.create({"sale_line_id": line.id, "date": "2026-02-28", "unbilled_amount": 300})
        proposal = self._propose()
        self.assert_refused(opening.unlink, "Cancel the proposal, or delete or credit its invoice, first")
        self._credit(self._invoice(proposal, post=True))
        opening.unlink()
        self.assertFalse(opening.exists())

    def test_a_second_credit_note_is_cancelled(self):
        order = self._sow()
        self._work(order.order_line, 2)
        invoice = self._invoice(self._propose(), post=True)
        first, second = self._draft_credit(invoice), self._draft_credit(invoice)
        first.action_post()
        second = second.with_user(self.biller)
        self.assert_refused(second.action_post, "Lower the quantity on it, or cancel it")
        second.button_cancel()
        self.assertEqual(second.state, "cancel")

    def test_work_goes_to_a_line_that_has_a_price(self):
        order = self._sow(self._line(self.architect), self._line(self.developer))
        entry = self._work(order.order_line[0], 2)
        order.order_line[1].sudo().with_context(sale_write_from_compute=True).price_unit = 0
        self.assert_refused(
            lambda: self._move(entry, order.order_line[1]), "sell the role at a price by a change"
        )
        sold = self._line(self.developer, 10, price_unit=120)
        self._move(entry, self._change_by(self.seller, order, sold).order_line)
        self.assert_wip(entry, ("open", 2, 2, 240))  # 2 h × 120.00
