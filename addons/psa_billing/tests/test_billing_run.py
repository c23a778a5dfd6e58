from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestBillingRun(PsaBillingCase):
    @freeze_time("2026-04-10")
    def test_a_run_is_called_by_its_last_day_unless_somebody_named_it(self):
        form = Form(self.env["psa.billing.run"])
        self.assertEqual((form.name, str(form.date_to)), ("Billing of April 2026", "2026-04-30"))
        form.date_to = "2026-03-31"
        run = form.save()
        self.assertEqual((run.name, str(run.date_to)), ("Billing of March 2026", "2026-03-31"))
        run.date_to = "2026-02-28"
        self.assertEqual(run.name, "Billing of February 2026")
        run.name = "Winter"
        run.date_to = "2026-01-31"
        self.assertEqual(run.name, "Winter")

    @freeze_time("2026-04-10")
    def test_its_name_follows_its_last_day_whoever_made_it_in_whichever_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        run = self.env["psa.billing.run"].with_context(lang="de_DE").create({"date_to": "2026-03-31"})
        self.assertEqual(run.name, "Billing of März 2026")
        run = run.with_context(lang="en_US")
        run.date_to = "2026-02-28"
        self.assertEqual(run.name, "Billing of February 2026")
        run.name = "Billing of 2026-02"  # as earlier versions called it
        run.date_to = "2026-01-31"
        self.assertEqual(run.name, "Billing of January 2026")

    def test_a_run_proposes_the_work_of_its_days_only(self):
        line = self._sow().order_line
        self._work(line, 1, "2026-02-28")
        first, last = self._work(line, 2, "2026-03-01"), self._work(line, 3, "2026-03-31")
        self._work(line, 4, "2026-04-01")
        proposal = self._propose()
        self.assertEqual(proposal.line_ids.wip_ids.analytic_line_id, first | last)
        # 5 h × 150.00
        self.assertEqual((proposal.worked_amount, proposal.adjustment_amount, proposal.amount), (750, 0, 750))
        self.assertEqual(proposal.line_ids.worked_hours, 5)
        self.assertEqual(str(proposal.line_ids.date_start), "2026-03-01")
        self.assertEqual(str(proposal.line_ids.date_end), "2026-03-31")
        self.assert_wip(first, ("proposed", 2, 2, 300))

    def test_a_run_says_what_it_comes_to_and_what_is_approved(self):
        currency = self.setup_other_currency("CHF", rates=[("2026-01-01", 0.8)])
        francs = self.env["product.pricelist"].create({"name": "Francs", "currency_id": currency.id})
        self._work(self._sow().order_line, 5)
        self._work(self._sow().order_line, 1)
        abroad = self._sow(self._line(self.architect, price_unit=200), pricelist_id=francs.id)
        self._work(abroad.order_line, 2)
        cancelled = self._propose().filtered(lambda proposal: proposal.amount == 150)
        cancelled.action_cancel()
        run = cancelled.run_id
        # 5 h x 150.00; 2 h x 200.00 in francs; not the hour of the cancelled proposal
        totals = [self.company.currency_id.format(750), currency.format(400)]
        self.assertEqual(sorted(run.total_text.split(", ")), sorted(totals))
        self.assertEqual((run.proposal_count, run.approved_count, run.invoice_count), (2, 0, 0))
        run.proposal_ids.filtered(lambda proposal: proposal.amount == 750).action_approve()
        self.assertEqual((run.approved_count, run.invoice_count), (1, 0))

    def test_unapproved_time_is_not_proposed(self):
        line = self._sow().order_line
        self._log(line, 2)
        self.assertFalse(self._propose())

    def test_running_again_adds_only_what_is_new(self):
        line = self._sow().order_line
        self._work(line, 2)
        run = self._run()
        run.action_make_proposals()
        run.action_make_proposals()
        self.assertEqual(run.proposal_ids.amount, 300)
        self._work(line, 1)
        run.action_make_proposals()
        self.assertEqual(len(run.proposal_ids), 1)
        self.assertEqual(run.proposal_ids.amount, 450)
        self.assertFalse(self._propose())

    def test_late_time_after_the_invoice_comes_on_another_proposal(self):
        line = self._sow().order_line
        self._work(line, 2)
        run = self._run()
        run.action_make_proposals()
        self._invoice(run.proposal_ids)
        self.assertEqual(run.state, "done")
        self._work(line, 1)
        run.action_make_proposals()
        self.assertEqual(sorted(run.proposal_ids.mapped("amount")), [150, 300])
        self.assertEqual(run.state, "open")

    def test_fixed_lines_and_reached_milestones_are_proposed(self):
        order = self._sow(
            self._line(self.architect, 10, "fixed", price_unit=90),
            self._line(self.developer, 1, "milestone", price_unit=5000),
        )
        fixed, milestone = order.order_line
        proposal = self._propose()
        # 10 × 90.00; the milestone is not reached
        self.assertEqual(
            proposal.line_ids.mapped(lambda line: (line.sale_line_id, line.amount)), [(fixed, 900)]
        )
        self._invoice(proposal)
        self.assertFalse(self._propose())
        reached = self.env["project.milestone"].search([("sale_line_id", "=", milestone.id)]) or self.env[
            "project.milestone"
        ].create(
            {
                "name": "Go live",
                "project_id": milestone.task_id.project_id.id,
                "sale_line_id": milestone.id,
                "quantity_percentage": 1,
            }
        )
        reached.is_reached = True
        proposal = self._propose()
        self.assertEqual(
            proposal.line_ids.mapped(lambda line: (line.sale_line_id, line.amount)), [(milestone, 5000)]
        )
        invoice = self._invoice(proposal)
        self.assertEqual(invoice.amount_untaxed, 5000)
        self.assert_host_figures(milestone, delivered=1, invoiced=1, amount_to_invoice=5000)
        self.assertFalse(self._propose())

    def test_a_fixed_line_on_an_open_proposal_is_not_proposed_again(self):
        self._sow(self._line(self.architect, 10, "fixed", price_unit=90))
        self.assertEqual(self._propose().amount, 900)
        self.assertFalse(self._propose())

    def test_one_bad_sow_stops_only_itself(self):
        good, bad = self._sow().order_line, self._sow().order_line
        self._work(good, 2)
        self._work(bad, 1)
        bad.sudo().with_context(sale_write_from_compute=True).price_unit = 0
        proposals = self._propose()
        by_order = {proposal.order_id: proposal for proposal in proposals}
        self.assertEqual(by_order[good.order_id].amount, 300)
        self.assertFalse(by_order[good.order_id].message)
        blocked = by_order[bad.order_id]
        self.assertIn("Architect", blocked.message)
        self.assertEqual(blocked.amount, 0)
        with self.assertRaisesRegex(UserError, "is sold at a price of 0, which was set by hand"):
            blocked.action_approve()
        by_order[good.order_id].action_approve()
        # the way out that the message names
        bad.sudo().price_unit = 140
        blocked.action_make_again()
        self.assertFalse(blocked.message)
        self.assertEqual(blocked.amount, 140)
        blocked.action_approve()

    def test_the_sow_of_an_archived_client_says_so(self):
        order = self._sow()
        self._work(order.order_line, 1)
        self.client.sudo().active = False
        proposal = self._propose()
        self.assertIn("Client Ltd", proposal.message)
        self.assertIn("archived", proposal.message)
        self.assertFalse(proposal.line_ids)
        self.client.sudo().active = True
        proposal.action_make_again()
        self.assertEqual((proposal.message, proposal.amount), (False, 150))

    def test_an_entry_that_is_not_approved_any_more_is_not_billed(self):
        order = self._sow()
        entry = self._work(order.order_line, 1)
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_analytic_line SET psa_state = 'draft' WHERE id = %s", [entry.id])
        entry.invalidate_recordset()
        self.assertIn("is not approved", self._propose().message)

    def test_an_entry_of_another_company_is_not_billed(self):
        order = self._sow()
        entry = self._work(order.order_line, 1)
        other = self.setup_other_company()["company"]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_analytic_line SET company_id = %s WHERE id = %s", [other.id, entry.id]
        )
        entry.invalidate_recordset()
        self.assertIn("another company", self._propose().message)

    def test_an_unexpected_error_stops_only_its_sow(self):
        good, bad = self._sow().order_line, self._sow().order_line
        self._work(good, 1)
        self._work(bad, 1)
        Line = type(self.env["psa.billing.proposal.line"])

        def prepare(line, *sums):
            if line.sale_line_id == bad:
                raise ValidationError("No such unit")  # pylint: disable=translation-required
            return original(line, *sums)

        original = Line._prepare_sums
        self.patch(Line, "_prepare_sums", prepare)
        messages = {proposal.order_id: proposal.message for proposal in self._propose()}
        self.assertEqual(messages, {good.order_id: False, bad.order_id: "No such unit"})

    def test_a_run_bills_its_own_company_only(self):
        self._work(self._sow().order_line, 1)
        other = self.setup_other_company()["company"]
        self.env.user.company_ids += other
        run = self.env["psa.billing.run"].create(
            {"name": "Other", "company_id": other.id, "date_from": "2026-03-01", "date_to": "2026-03-31"}
        )
        run.action_make_proposals()
        self.assertFalse(run.proposal_ids)

    def test_another_companys_manager_sees_none_of_it(self):
        self._work(self._sow().order_line, 1)
        proposal = self._propose()
        other = self.setup_other_company()["company"]
        stranger = self._user("stranger", "psa_billing.group_psa_billing_manager", other)
        self.assertFalse(self.env["psa.billing.proposal"].with_user(stranger).search([]))
        self.assertFalse(self.env["psa.wip.entry"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            proposal.with_user(stranger).action_approve()
        with self.assertRaises(AccessError):
            proposal.run_id.with_user(stranger).action_make_proposals()

    def test_only_billing_managers_bill(self):
        self._work(self._sow().order_line, 1)
        run = self._run()
        reviewer = self._user("reviewer", "psa_project.group_psa_project_manager")
        consultant = self._user("consultant", "psa_project.group_psa_user")
        for user in reviewer, consultant:
            with self.assertRaises(AccessError):
                run.with_user(user).action_make_proposals()
        run.action_make_proposals()
        proposal = run.proposal_ids
        for action in (
            "action_approve",
            "action_cancel",
            "action_create_invoice",
            "action_reset",
            "action_make_again",
        ):
            for user in reviewer, consultant:
                with self.assertRaises(AccessError):
                    getattr(proposal.with_user(user), action)()
        with self.assertRaises(AccessError):
            proposal.write({"state": "approved"})
        with self.assertRaises(AccessError):
            proposal.line_ids.wip_ids.write({"amount": 1})
        with self.assertRaises(AccessError):
            proposal.line_ids.wip_ids.with_user(consultant).action_hold()
        # a project manager reviews
        proposal.line_ids.with_user(reviewer).action_hold()
        self.assertEqual(proposal.amount, 0)

    @mute_logger("odoo.sql_db")
    def test_a_run_cannot_end_before_it_starts(self):
        with self.assertRaises(Exception):  # noqa: B017 (the database's own error)
            self._run("2026-03-31", "2026-03-01")

    def test_the_period_of_a_run_with_proposals_stays(self):
        self._work(self._sow().order_line, 1)
        run = self._run()
        run.action_make_proposals()
        with self.assertRaisesRegex(UserError, "another run"):
            run.date_to = "2026-04-30"
        with self.assertRaisesRegex(UserError, "Cancel its proposals"):
            run.unlink()
        self._run().unlink()

    def test_a_sow_that_somebody_else_bills_is_left_to_them(self):
        order = self._sow()
        self._work(order.order_line, 1)
        run = self._run()
        self.patch(
            type(self.env["sale.order"]), "try_lock_for_update", lambda orders, **kwargs: orders.browse()
        )
        run.action_make_proposals()
        self.assertFalse(run.proposal_ids)
        self.assertIn(order.name, run.message)

    def test_queries_of_a_run_do_not_grow_with_the_entries(self):
        line = self._sow().order_line

        def queries_of(count, first):
            for _number in range(count):
                self._work(line, 1, first)
            run = self._run(first, first)
            return self._count_queries(run.action_make_proposals)

        queries_of(1, "2026-03-02")  # caches
        self.assertLessEqual(queries_of(20, "2026-03-04"), queries_of(10, "2026-03-03"))

    def test_who_may_not_open_the_dialog_of_invoices_has_no_button_on_a_statement_of_work(self):
        order = self._sow()
        accountant = self._user("acc", "account.group_account_invoice")
        seller = self._user("seller", "sales_team.group_sale_salesman_all_leads")
        self.assertFalse(order.with_user(accountant).psa_can_invoice)
        self.assertTrue(order.with_user(seller).psa_can_invoice)
        form = etree.fromstring(order.get_view(view_type="form")["arch"])
        for button in ("create_invoice", "create_invoice_percentage"):
            shown = form.find(f".//button[@id='{button}']").get("invisible")
            # other orders show it as the host does
            self.assertIn("(psa_kind and not psa_can_invoice)", shown)
            self.assertIn("invoice_status", shown)

    def test_the_stock_wizard_leads_to_a_proposal(self):
        order = self._sow()
        self._work(order.order_line, 2)
        wizard = self.env["sale.advance.payment.inv"].create({"sale_order_ids": [Command.set(order.ids)]})
        action = wizard.create_invoices()
        self.assertEqual(action["res_model"], "psa.billing.proposal")
        proposal = self.env["psa.billing.proposal"].search(action["domain"])
        self.assertEqual((proposal.order_id, proposal.amount), (order, 300))
        with self.assertRaisesRegex(UserError, "nothing to propose"):
            self.env["sale.advance.payment.inv"].create(
                {"sale_order_ids": [Command.set(order.ids)]}
            ).create_invoices()

    def test_stock_invoicing_of_a_sow_names_the_way_out(self):
        order = self._sow()
        self._work(order.order_line, 2)
        with self.assertRaisesRegex(UserError, "Billing Runs"):
            order._create_invoices()
        self.assertFalse(order.with_context(raise_if_nothing_to_invoice=False)._create_invoices())
        stock = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [Command.create({"product_id": self.product_a.id, "product_uom_qty": 1})],
            }
        )
        stock.action_confirm()
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": [Command.set((order | stock).ids)]}
        )
        with self.assertRaisesRegex(UserError, "Billing Runs"):
            wizard.create_invoices()

    def test_a_down_payment_of_a_sow_is_native(self):
        order = self._sow()
        self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "percentage",
                "amount": 10,
            }
        ).create_invoices()
        self.assertEqual(order.invoice_ids.amount_untaxed, 1500)
        self._work(order.order_line.filtered("psa_role_id"), 2)
        self.assertEqual(self._propose().amount, 300)
