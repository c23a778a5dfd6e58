from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestRunTerms(PsaBillingCase):
    """Which SOWs a run bills, until which day, and what goes on one proposal: as the agreement says."""

    @classmethod
    def _due(cls, first, last, **values):
        """The proposals of a run that bills only what is due."""
        run = cls._run(first, last, only_due=True, **values)
        run.action_make_proposals()
        return run.proposal_ids

    def _hours(self, proposals):
        return sum(proposals.line_ids.mapped("worked_hours"))

    # -- frequency and cut-off -------------------------------------------------------------

    def test_without_agreement_a_sow_is_billed_by_the_month(self):
        line = self._sow().order_line
        self._work(line, 1, "2026-03-10")
        self.assertFalse(self._due("2026-03-01", "2026-03-15"))  # no month ends in these days
        self.assertEqual(self._hours(self._due("2026-03-01", "2026-03-31")), 1)

    def test_days_after_the_cut_off_wait_for_the_next_run(self):
        agreement = self._agreement(billing_cutoff_day=25)
        line = self._sow(psa_agreement_id=agreement.id).order_line
        self._work(line, 1, "2026-02-25")
        self._work(line, 2, "2026-02-26")
        self._work(line, 4, "2026-03-25")
        self._work(line, 8, "2026-03-26")
        proposal = self._due("2026-03-01", "2026-03-31")
        self.assertEqual(self._hours(proposal), 2 + 4)  # 26 February to 25 March
        self.assertEqual(str(proposal.period_end), "2026-03-25")

    def test_a_quarter_is_billed_when_it_ends_and_whole(self):
        agreement = self._agreement(billing_frequency="quarterly")
        line = self._sow(psa_agreement_id=agreement.id, psa_date_start="2026-01-01").order_line
        self._work(line, 1, "2026-01-05")
        self._work(line, 2, "2026-03-05")
        self.assertFalse(self._due("2026-02-01", "2026-02-28"))
        self.assertEqual(self._hours(self._due("2026-03-01", "2026-03-31")), 3)

    def test_a_week_is_billed_until_sunday(self):
        agreement = self._agreement(billing_frequency="weekly")
        line = self._sow(psa_agreement_id=agreement.id).order_line
        self._work(line, 1, "2026-03-29")  # a Sunday
        self._work(line, 2, "2026-03-30")
        self.assertEqual(self._hours(self._due(False, "2026-03-31")), 1)

    def test_on_completion_waits_until_all_phases_are_done(self):
        agreement = self._agreement(billing_frequency="completion")
        line = self._sow(psa_agreement_id=agreement.id).order_line
        self._work(line, 3)
        project = line.task_id.project_id
        phase = self.env["psa.phase"].create({"name": "Build", "project_id": project.id})
        self.assertFalse(self._due("2026-03-01", "2026-03-31"))
        phase.state = "done"
        self.assertEqual(self._hours(self._due("2026-05-01", "2026-05-31")), 3)

    def test_on_completion_without_phases_waits_for_the_tasks(self):
        agreement = self._agreement(billing_frequency="completion")
        line = self._sow(psa_agreement_id=agreement.id).order_line
        self._work(line, 3)
        self.assertFalse(self._due("2026-03-01", "2026-03-31"))
        line.task_id.project_id.task_ids.state = "1_done"
        self.assertEqual(self._hours(self._due("2026-03-01", "2026-03-31")), 3)

    def test_fixed_prices_wait_until_their_sow_is_due(self):
        agreement = self._agreement(billing_frequency="quarterly")
        self._sow(
            self._line(self.architect, 10, "fixed", price_unit=90),
            psa_agreement_id=agreement.id,
            psa_date_start="2026-01-01",
        )
        self.assertFalse(self._due("2026-02-01", "2026-02-28"))
        self.assertEqual(self._due("2026-03-01", "2026-03-31").amount, 900)

    def test_a_cut_off_day_takes_everything_before_and_shows_what_is_late(self):
        line = self._sow().order_line
        self._work(line, 2, "2026-03-10")
        self._invoice(self._due("2026-03-01", "2026-03-31"))
        self._work(line, 1, "2026-03-31")  # late: March is billed
        self._work(line, 4, "2026-04-02")
        proposal = self._due(False, "2026-04-30")
        # 5 h × 150.00, of which 1 h × 150.00 late
        self.assertEqual((proposal.amount, proposal.late_amount), (750, 150))
        self.assertEqual(self._invoice(proposal).amount_untaxed, 750)

    def test_work_before_the_first_day_of_a_run_is_not_late(self):
        """2 h of 27 February wait: the run of March bills from the 1st; 1 h of the 11th comes late."""
        line = self._sow().order_line
        self._work(line, 2, "2026-02-27")
        self._work(line, 3, "2026-03-10")
        self._invoice(self._due("2026-03-01", "2026-03-31"))
        self._work(line, 1, "2026-03-11")
        proposal = self._due(False, "2026-04-30")
        self.assertEqual((proposal.amount, proposal.late_amount), (450, 150))

    # -- filters ---------------------------------------------------------------------------

    def test_filters(self):
        other = self.env["res.partner"].create({"name": "Other Ltd"})
        weekly = self._agreement(billing_frequency="weekly")
        mine = self._sow(psa_agreement_id=weekly.id)
        theirs = self._sow(partner_id=other.id)
        self._work(mine.order_line, 1)
        self._work(theirs.order_line, 2)
        manager = self._user("lead", "psa_project.group_psa_project_manager")
        project = theirs.order_line.task_id.project_id
        project.user_id = manager
        for order, values in (
            (mine, {"partner_ids": [Command.set(self.client.ids)]}),
            (mine, {"order_ids": [Command.set(mine.ids)]}),
            (mine, {"agreement_ids": [Command.set(weekly.ids)]}),
            (mine, {"frequency": "weekly"}),
            (theirs, {"frequency": "monthly"}),
            (theirs, {"project_ids": [Command.set(project.ids)]}),
            (theirs, {"manager_ids": [Command.set(manager.ids)]}),
        ):
            proposals = self._due("2026-03-01", "2026-03-31", **values)
            self.assertEqual(proposals.order_id, order, values)
            proposals.action_cancel()
        self.assertFalse(
            self._due(
                "2026-03-01",
                "2026-03-31",
                project_ids=[Command.set(project.ids)],
                partner_ids=[Command.set(self.client.ids)],
            )
        )

    def test_work_on_an_archived_project_is_that_of_its_manager(self):
        order = self._sow()
        self._work(order.order_line, 2)
        project = order.order_line.task_id.project_id
        project.user_id = manager = self._user("lead", "psa_project.group_psa_project_manager")
        project.active = False
        found = self._due("2026-03-01", "2026-03-31", manager_ids=[Command.set(manager.ids)])
        self.assertEqual((found.order_id, found.amount), (order, 300))

    # -- grouping --------------------------------------------------------------------------

    def _two_sows(self, grouping, **values):
        agreement = self._agreement(billing_grouping=grouping)
        orders = self.env["sale.order"]
        for hours in (2, 3):
            order = self._sow(psa_agreement_id=agreement.id, **values)
            self._work(order.order_line, hours)
            orders += order
        return orders

    def test_one_proposal_a_client_becomes_one_invoice(self):
        first, second = orders = self._two_sows("client")
        proposal = self._due("2026-03-01", "2026-03-31")
        self.assertEqual((proposal.order_ids, proposal.order_id), (orders, first))
        self.assertEqual(proposal.amount, 750)  # 2 h and 3 h × 150.00
        self.assertEqual(second.psa_proposal_count, 1)
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(
            invoice.invoice_line_ids.mapped(lambda line: (line.sale_line_ids, line.price_subtotal)),
            [(first.order_line, 300), (second.order_line, 450)],
        )
        self.assert_host_figures(second.order_line, delivered=3, invoiced=3, amount_to_invoice=0)
        self.assertFalse(self._due("2026-03-01", "2026-03-31"))

    def test_a_sow_with_a_down_payment_stays_alone(self):
        first, second = self._two_sows("client")
        third = self._sow(psa_agreement_id=first.psa_agreement_id.id)
        self._work(third.order_line, 1)
        self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(second.ids)],
                "advance_payment_method": "fixed",
                "fixed_amount": 115,
            }
        ).create_invoices()
        deposit = second.invoice_ids
        deposit.invoice_date = "2026-03-01"
        deposit.action_post()
        proposals = self._due("2026-03-01", "2026-03-31")
        self.assertEqual({proposal.order_ids for proposal in proposals}, {first | third, second})
        by_order = {proposal.order_id: proposal for proposal in proposals}
        # 2 h and 1 h × 150.00; 3 h × 150.00 less the 100.00 before taxes of the down payment
        self.assertEqual(self._invoice(by_order[first]).amount_untaxed, 450)
        self.assertEqual(self._invoice(by_order[second]).amount_untaxed, 350)

    def test_running_again_adds_to_the_group(self):
        first, second = self._two_sows("client")
        run = self._run(only_due=True)
        run.action_make_proposals()
        self._work(second.order_line, 1)
        run.action_make_proposals()
        self.assertEqual(run.proposal_ids.mapped("amount"), [900])  # 6 h × 150.00

    def test_one_proposal_a_purchase_order(self):
        orders = self._two_sows("po", client_order_ref="4711")
        third = self._sow(psa_agreement_id=orders.psa_agreement_id.id, client_order_ref="4712")
        self._work(third.order_line, 1)
        bare = self._sow(psa_agreement_id=orders.psa_agreement_id.id)
        self._work(bare.order_line, 1)
        proposals = self._due("2026-03-01", "2026-03-31")
        self.assertEqual({proposal.order_ids for proposal in proposals}, {orders, third, bare})

    def test_one_proposal_a_project_keeps_projects_apart(self):
        orders = self._two_sows("project")
        self.assertEqual(len(orders.order_line.task_id.project_id), 2)
        self.assertEqual(len(self._due("2026-03-01", "2026-03-31")), 2)

    def test_what_does_not_fit_on_one_invoice_is_not_grouped(self):
        first, second = self._two_sows("client")
        second.partner_invoice_id = self.env["res.partner"].create(
            {"name": "Accounts payable", "parent_id": self.client.id, "type": "invoice"}
        )
        self.assertEqual(len(self._due("2026-03-01", "2026-03-31")), 2)
        third, fourth = self._two_sows("client")
        fourth.payment_term_id = self.env.ref("account.account_payment_term_30days")
        proposals = self._due("2026-03-01", "2026-03-31")
        self.assertEqual(sorted(map(len, proposals.mapped(lambda draft: draft.order_ids))), [1, 1])

    def test_a_blocked_sow_leaves_its_group_and_comes_back(self):
        first, second = self._two_sows("client")
        run = self._run(only_due=True)
        run.action_make_proposals()
        self.assertEqual(len(run.proposal_ids), 1)
        second.order_line.sudo().tax_ids = gone = self.tax.copy({"name": "Old tax"})
        gone.active = False
        run.action_make_proposals()
        by_order = {draft.order_id: draft for draft in run.proposal_ids}
        self.assertEqual((by_order[first].amount, by_order[first].message), (300, False))
        self.assertIn("archived", by_order[second].message)
        self.assertEqual(by_order[second].amount, 450)
        by_order[first].action_approve()
        with self.assertRaisesRegex(UserError, "is archived"):
            by_order[second].action_approve()
        by_order[first].action_reset()
        gone.active = True
        run.action_make_proposals()
        drafts = run.proposal_ids.filtered(lambda draft: draft.state == "draft")
        self.assertEqual((drafts.order_ids, drafts.amount, drafts.message), (first | second, 750, False))

    def test_a_draft_of_a_former_version_is_found_again(self):
        order = self._sow()
        self._work(order.order_line, 2)
        run = self._run()
        run.action_make_proposals()
        draft = run.proposal_ids
        draft.sudo().write({"group_key": False, "invoice_key": False, "period_end": False})
        self._work(order.order_line, 1)
        run.action_make_proposals()
        self.assertEqual((run.proposal_ids, draft.amount), (draft, 450))
        self.assertTrue(draft.group_key)

    # -- changed since ---------------------------------------------------------------------

    def test_another_invoice_address_is_refused_and_proposed_anew(self):
        order = self._sow()
        self._work(order.order_line, 2)
        proposal = self._propose()
        proposal.action_approve()
        order.partner_invoice_id = self.env["res.partner"].create(
            {"name": "Accounts payable", "parent_id": self.client.id, "type": "invoice"}
        )
        with self.assertRaisesRegex(UserError, f"{order.name} has changed.*Invoice Address.*Prepare Again"):
            proposal.action_create_invoice()
        proposal.action_reset()
        with self.assertRaisesRegex(UserError, "Invoice Address"):
            proposal.action_approve()
        proposal.action_make_again()
        invoice = self._invoice(proposal)
        self.assertEqual(invoice.partner_id.name, "Accounts payable")
        self.assertEqual(invoice.amount_untaxed, 300)

    def test_a_cancelled_sow_is_neither_approved_nor_invoiced(self):
        first, second = self._two_sows("client")
        run = self._run(only_due=True)
        run.action_make_proposals()
        proposal = run.proposal_ids
        proposal.action_approve()
        second.sudo()._action_cancel()
        with self.assertRaisesRegex(UserError, f"{second.name} is not confirmed any more"):
            proposal.action_create_invoice()
        proposal.action_reset()
        with self.assertRaisesRegex(UserError, f"{second.name} is not confirmed any more"):
            proposal.action_approve()
        proposal.action_make_again()
        # 2 h x 150.00 of the other one go on; the 3 h wait until it is confirmed again
        by_order = {draft.order_id: draft for draft in run.proposal_ids}
        self.assertEqual(self._invoice(by_order[first]).amount_untaxed, 300)
        self.assertIn("is not confirmed", by_order[second].message)

    def test_a_member_of_a_group_with_another_address_goes_its_own_way(self):
        first, second = self._two_sows("client")
        run = self._run(only_due=True)
        run.action_make_proposals()
        second.payment_term_id = self.env.ref("account.account_payment_term_30days")
        with self.assertRaisesRegex(UserError, f"{second.name} has changed"):
            run.proposal_ids.action_approve()
        run.proposal_ids.action_make_again()
        self.assertEqual(sorted(run.proposal_ids.mapped("amount")), [300, 450])
        run.proposal_ids.action_approve()

    def test_a_new_run_takes_everything_until_the_end_of_the_month(self):
        run = self.env["psa.billing.run"].create({"company_id": self.company.id})
        self.assertFalse(run.date_from)
        self.assertEqual(run.date_to, fields.Date.end_of(fields.Date.context_today(run), "month"))
        self.assertTrue(run.only_due)
