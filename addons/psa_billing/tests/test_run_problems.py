from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestRunProblems(PsaBillingCase):
    """What keeps a SOW from being billed is said with its way out; the SOW beside it is billed."""

    def setUp(self):
        super().setUp()
        self.good = self._sow(self._line(self.developer))
        self._work(self.good.order_line, 1)

    def _blocked(self, order, **run_values):
        """The blocked proposal of ``order``; the good SOW (1 h × 100.00) is proposed beside it."""
        run = self._run(**run_values)
        run.action_make_proposals()
        by_order = {proposal.order_id: proposal for proposal in run.proposal_ids}
        self.assertEqual((by_order[self.good].amount, by_order[self.good].message), (100, False))
        with self.assertRaisesRegex(UserError, by_order[order].message[:20]):
            by_order[order].action_approve()
        return by_order[order]

    def _architect_sow(self, **values):
        order = self._sow(**values)
        self._work(order.order_line, 2)
        return order

    def test_a_missing_purchase_order_number(self):
        agreement = self._agreement(po_required=True)
        self.good.sudo().psa_agreement_id = False
        order = self._architect_sow(psa_agreement_id=agreement.id, client_order_ref="4711")
        order.client_order_ref = " "
        blocked = self._blocked(order)
        self.assertIn(f"{order.name} has no purchase order number", blocked.message)
        self.assertIn("client's reference", blocked.message)
        order.client_order_ref = "4712"
        blocked.action_make_again()
        self.assertEqual((blocked.message, blocked.amount), (False, 300))

    def test_what_is_to_solve_is_a_click_away_and_said_in_the_list_of_proposals(self):
        """Two proposals, of 100.00 and of one that cannot be billed: *To Solve* of the run has that one."""
        order = self._architect_sow()
        order.order_line.product_id.active = False
        blocked = self._blocked(order)
        run = blocked.run_id
        self.assertEqual((run.proposal_count, run.blocked_count), (2, 1))
        found = self.env["psa.billing.proposal"].search(run.action_view_blocked()["domain"])
        self.assertEqual(found, blocked)
        self.assertEqual(blocked.problems, blocked.message)
        self.assertFalse((run.proposal_ids - blocked).problems)

    def test_a_currency_in_which_nothing_is_billed_yet_is_not_in_the_total_of_the_run(self):
        """100.00 in the currency of the company; of the SOW in XTS nothing can be billed."""
        currency = self.env["res.currency"].sudo().create({"name": "XTS", "symbol": "X", "rounding": 0.01})
        rate = {"name": "2026-01-01", "rate": 2, "currency_id": currency.id, "company_id": self.company.id}
        rate = self.env["res.currency.rate"].sudo().create(rate)
        pricelist = self.env["product.pricelist"].create({"name": "X", "currency_id": currency.id})
        order = self._architect_sow(pricelist_id=pricelist.id)
        rate.name = "2026-05-01"
        run = self._blocked(order, invoice_date="2026-03-31").run_id
        self.assertEqual(run.total_text, self.company.currency_id.format(100))

    def test_an_archived_product(self):
        order = self._architect_sow()
        order.order_line.product_id.active = False
        self.assertRegex(self._blocked(order).message, "The product .* is archived. Have somebody with")

    def test_an_archived_tax(self):
        order = self._architect_sow()
        tax = self.tax.copy({"name": "Old tax"})
        order.order_line.sudo().tax_ids = tax
        tax.active = False
        self.assertRegex(self._blocked(order).message, "The tax Old tax of .* is archived")

    def test_a_missing_tax(self):
        self.company.psa_billing_tax_check = True
        order = self._architect_sow()
        order.order_line.sudo().tax_ids = False
        blocked = self._blocked(order)
        self.assertRegex(blocked.message, "has no tax, but its product .* is taxed by")
        # the way out: a fiscal position that exempts the client
        exempt = self.env["account.fiscal.position"].create({"name": "Exempt", "company_id": self.company.id})
        order.fiscal_position_id = exempt
        blocked.action_make_again()
        self.assertFalse(blocked.message)
        invoice = self._invoice(blocked)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (300, 0))

    def test_a_line_may_be_sold_without_tax_where_the_company_does_not_check(self):
        order = self._architect_sow()
        order.order_line.sudo().tax_ids = False
        self.assertTrue(
            self.env["res.company"].default_get(["psa_billing_tax_check"])["psa_billing_tax_check"]
        )
        self.assertFalse(any(self._propose().mapped("message")))

    def test_an_archived_client(self):
        other = self.env["res.partner"].create({"name": "Gone Ltd"})
        order = self._architect_sow(partner_id=other.id)
        other.active = False
        self.assertIn("Gone Ltd", self._blocked(order).message)

    def test_what_is_archived_after_the_proposal_is_neither_approved_nor_invoiced(self):
        order = self._architect_sow()
        line = order.order_line
        tax = self.tax.copy({"name": "Old tax"})
        line.sudo().tax_ids = tax
        proposal = self._propose().filtered(lambda one: one.order_id == order)
        archived = (line.product_id, "product .* is archived"), (tax, "tax Old tax"), (self.client, "client")
        for record, words in archived:
            record.active = False
            with self.assertRaisesRegex(UserError, f"(?s){order.name}, March:.*{words}.*rchive"):
                proposal.action_approve()
            record.active = True
            proposal.action_approve()
            record.active = False
            with self.assertRaisesRegex(UserError, f"(?s){order.name}, March:.*{words}.*rchive"):
                proposal.action_create_invoice()
            record.active = True
            proposal.action_reset()
        invoice = self._invoice(proposal)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (300, 45))  # 2 h × 150.00, 15 %

    def test_a_tax_that_is_taken_off_after_the_proposal(self):
        self.company.psa_billing_tax_check = True
        order = self._architect_sow()
        proposal = self._propose().filtered(lambda one: one.order_id == order)
        order.order_line.sudo().tax_ids = False
        with self.assertRaisesRegex(UserError, "has no tax, but its product .* is taxed by"):
            proposal.action_approve()

    def test_an_archived_paying_client(self):
        fund = self.env["res.partner"].create({"name": "Fund"})
        order = self._architect_sow(
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": 50}) for payer in (self.client, fund)
            ]
        )
        fund.active = False
        blocked = self._blocked(order)
        # said once
        self.assertEqual(
            blocked.message, f"Fund, who pays a share of {order.name}, is archived. Unarchive it."
        )
        fund.active = True
        blocked.action_make_again()
        self._invoice(blocked)
        self.assertEqual(blocked.invoice_ids.mapped("amount_untaxed"), [150, 150])  # 300.00 in halves

    def test_a_currency_without_rate_on_the_invoice_date(self):
        currency = self.env["res.currency"].sudo().create({"name": "XTS", "symbol": "X", "rounding": 0.01})
        rate = (
            self.env["res.currency.rate"]
            .sudo()
            .create(
                {"name": "2026-01-01", "rate": 2, "currency_id": currency.id, "company_id": self.company.id}
            )
        )
        pricelist = self.env["product.pricelist"].create({"name": "X", "currency_id": currency.id})
        order = self._architect_sow(pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        rate.name = "2026-05-01"
        blocked = self._blocked(order, invoice_date="2026-03-31")
        self.assertIn("XTS, which has no exchange rate on 03/31/2026", blocked.message)
        rate.name = "2026-03-31"
        blocked.action_make_again()
        self.assertFalse(blocked.message)

    def test_a_project_without_company_is_billed_by_the_company_of_the_sow(self):
        order = self._architect_sow()
        order.order_line.task_id.project_id.company_id = False
        entry = self._work(order.order_line, 1)
        self.assertEqual(entry.psa_wip_ids.company_id, self.company)
        proposals = self._propose()
        self.assertEqual(sum(proposals.mapped("amount")), 100 + 450)
        self.assertFalse(any(proposals.mapped("message")))

    def test_what_changed_under_a_draft_is_found_when_it_is_looked_at_again(self):
        order = self._architect_sow()
        run = self._run()
        run.action_make_proposals()
        self.assertFalse(any(run.proposal_ids.mapped("message")))
        entry = order.order_line.psa_wip_ids.analytic_line_id
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_analytic_line SET psa_state = 'draft' WHERE id = %s", [entry.id])
        entry.invalidate_recordset()
        run.action_make_proposals()
        by_order = {proposal.order_id: proposal for proposal in run.proposal_ids}
        self.assertIn("is not approved", by_order[order].message)
        self.assertFalse(by_order[self.good].message)

    # -- locked periods --------------------------------------------------------------------

    def test_a_locked_invoice_date_names_the_lock(self):
        self.company.sudo().sale_lock_date = "2026-03-31"
        run = self._run(invoice_date="2026-03-31")
        run.action_make_proposals()
        proposal = run.proposal_ids
        self.assertRegex(
            proposal.message, "03/31/2026 is in a locked period: Sales.* Lock Date .*later invoice date"
        )
        self.assertFalse(proposal.line_ids)
        run.invoice_date = "2026-04-01"
        proposal.action_make_again()
        self.assertEqual((proposal.message, proposal.amount), (False, 100))
        self.assertEqual(str(self._invoice(proposal).invoice_date), "2026-04-01")

    def test_what_stops_a_run_says_its_days_as_the_reader_writes_them(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.company.sudo().sale_lock_date = "2026-03-31"
        run = self._run(invoice_date="2026-03-31").with_context(lang="de_DE")
        # the second one is the host's
        self.assertRegex(run.date_problem, r"31\.03\.2026 is in a locked period: .*31\.03\.2026")

    def test_a_period_locked_after_the_approval_stops_the_invoice(self):
        run = self._run(invoice_date="2026-03-31")
        run.action_make_proposals()
        run.proposal_ids.action_approve()
        self.company.sudo().sale_lock_date = "2026-03-31"
        with self.assertRaisesRegex(UserError, "03/31/2026 is in a locked period"):
            run.action_create_invoices()
        self.assertEqual(run.proposal_ids.state, "approved")
        run.invoice_date = False
        with freeze_time("2026-04-02"):
            run.action_create_invoices()
        self.assertEqual(run.proposal_ids.state, "invoiced")

    def test_the_run_itself_says_that_its_invoice_date_is_locked(self):
        run = self._run(invoice_date="2026-03-31")
        self.assertFalse(run.date_problem)
        self.company.sudo().sale_lock_date = "2026-03-31"
        run.invalidate_recordset()
        self.assertRegex(run.date_problem, "03/31/2026 is in a locked period")
        run.invoice_date = "2026-04-01"
        run.invalidate_recordset()
        self.assertFalse(run.date_problem)

    def test_what_stands_on_another_run_is_not_proposed_for_a_problem_alone(self):
        """A fixed price of 1,500.00 stands on the draft of one run. Another run has nothing of it to bill,
        also where its invoice date is locked; what it could bill of the good one says so."""
        order = self._sow(self._line(self.architect, 1, "fixed", price_unit=1500))
        first = self._run(order_ids=[Command.set(order.ids)])
        first.action_make_proposals()
        self.company.sudo().sale_lock_date = "2026-03-31"
        second = self._run(invoice_date="2026-03-31")
        second.action_make_proposals()
        self.assertEqual(second.proposal_ids.order_id, self.good)
        second.invoice_date = "2026-04-01"
        second.action_make_proposals()
        self.assertEqual((second.proposal_ids.amount, second.proposal_ids.message), (100, False))
        self.assertEqual(first.proposal_ids.amount, 1500)

    def test_a_proposal_that_holds_nothing_any_more_is_cancelled_and_nobody_is_asked_to_review_it(self):
        """The work of 300.00 waits on a proposal for the archived client, and is billed by another run."""
        self.company.psa_billing_review = True
        order = self._architect_sow()
        product = order.order_line.product_id
        product.active = False
        run = self._run()
        run.action_make_proposals()
        blocked = run.proposal_ids.filtered(lambda proposal: proposal.order_id == order)
        self.assertTrue(blocked.message and blocked.activity_ids)
        product.active = True
        other = self._run(order_ids=[Command.set(order.ids)])
        other.action_make_proposals()
        self.assertEqual(other.proposal_ids.amount, 300)
        blocked.action_make_again()
        self.assertEqual((blocked.state, blocked.message), ("cancelled", False))
        self.assertFalse(blocked.activity_ids)

    # -- corrections -----------------------------------------------------------------------

    def test_a_negative_entry_lowers_what_is_proposed(self):
        order = self._architect_sow()
        self._work(order.order_line, -0.5)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self.assertEqual(proposal.amount, 225)  # (2 h − 0.5 h) × 150.00
        self.assertEqual(self._invoice(proposal).amount_untaxed, 225)

    def test_a_correction_of_billed_time_makes_a_credit_note(self):
        order = self._architect_sow()
        self._invoice(self._propose(), post=True)
        correction = self._work(order.order_line, -0.5, "2026-03-03")
        run = self._run()
        run.action_make_proposals()
        self.assertEqual(run.proposal_ids.amount, -75)  # −0.5 h × 150.00
        credit = self._invoice(run.proposal_ids, post=True)
        self.assertEqual(
            (credit.move_type, credit.amount_untaxed, credit.amount_tax), ("out_refund", 75, 11.25)
        )
        self.assertEqual(credit.invoice_line_ids.quantity, 0.5)
        self.assertEqual(credit.state, "posted")
        self.assert_wip(correction, ("billed", -0.5, -0.5, -75))
        self.assert_host_figures(order.order_line, delivered=1.5, invoiced=1.5, amount_to_invoice=0)
        self.assertFalse(self._propose())

    def test_what_comes_to_nothing_waits(self):
        order = self._architect_sow()
        self._work(order.order_line, -2)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self.assertEqual(proposal.amount, 0)
        with self.assertRaisesRegex(UserError, "comes to nothing that can be invoiced or credited"):
            proposal.action_approve()

    def test_a_deleted_credit_note_is_proposed_again(self):
        order = self._architect_sow()
        self._invoice(self._propose(), post=True)
        correction = self._work(order.order_line, -0.5, "2026-03-03")
        credit = self._invoice(self._propose())
        credit.unlink()
        self.assert_wip(correction, ("open", -0.5, -0.5, -75))
        self.assertEqual(self._propose().amount, -75)

    def test_the_wizard_of_the_host_groups_too(self):
        agreement = self._agreement(billing_grouping="client")
        orders = self._architect_sow(psa_agreement_id=agreement.id) | self._architect_sow(
            psa_agreement_id=agreement.id
        )
        wizard = self.env["sale.advance.payment.inv"].create({"sale_order_ids": [Command.set(orders.ids)]})
        proposal = self.env["psa.billing.proposal"].search(wizard.create_invoices()["domain"])
        self.assertEqual((proposal.order_ids, proposal.amount), (orders, 600))
