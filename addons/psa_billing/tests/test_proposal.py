from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestProposal(PsaBillingCase):
    def test_an_approved_proposal_becomes_a_draft_invoice(self):
        order = self._sow(
            self._line(self.architect), self._line(self.developer), client_order_ref="PO 4711", confirm=True
        )
        first, second = order.order_line
        entries = self._work(first, 2, "2026-03-02") | self._work(second, 3, "2026-03-20")
        unapproved = self._log(first, 5)
        held = self._work(first, 1, "2026-03-05")
        held.psa_wip_ids.action_hold()
        invoice = self._invoice(self._propose())
        # 2 h × 150.00 + 3 h × 100.00 = 600.00, 15 % tax
        self.assertEqual((invoice.state, invoice.move_type), ("draft", "out_invoice"))
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (600, 90))
        self.assertEqual((invoice.ref, invoice.invoice_origin), ("PO 4711", order.name))
        lines = invoice.invoice_line_ids
        self.assertEqual(lines.mapped("sale_line_ids"), first | second)
        self.assertEqual(lines.mapped("quantity"), [2, 3])
        self.assertEqual(str(lines[1].psa_service_start), "2026-03-20")
        self.assertEqual(str(lines[1].psa_service_end), "2026-03-20")
        self.assertIn("03/20/2026", lines[1].name)
        self.assertEqual(entries.timesheet_invoice_id, invoice)
        self.assertFalse((unapproved | held).timesheet_invoice_id)
        self.assertEqual(entries.psa_wip_ids.mapped("state"), ["billed", "billed"])
        self.assert_host_figures(first, delivered=3, invoiced=2, amount_to_invoice=450)
        invoice.action_post()
        self.assert_host_figures(first, delivered=3, invoiced=2, amount_to_invoice=150)
        self.assert_host_figures(second, delivered=3, invoiced=3, amount_to_invoice=0)
        self.assertEqual(order.psa_wip_amount, 150)
        self.assertEqual(order.psa_proposal_count, 1)

    def test_sections_of_the_sow_head_the_lines_of_the_invoice(self):
        section = [0, 0, {"display_type": "line_section", "name": "Design"}]
        order = self._sow(section, self._line(self.architect))
        self._work(order.order_line.filtered("psa_role_id"), 1)
        invoice = self._invoice(self._propose())
        self.assertEqual(invoice.invoice_line_ids.mapped("display_type"), ["line_section", "product"])
        self.assertEqual(invoice.invoice_line_ids[0].name, "Design")

    def test_the_profitability_panel_agrees_with_the_invoices(self):
        order = self._sow()
        self._work(order.order_line, 2)
        self._invoice(self._propose(), post=True)
        self._work(order.order_line, 1)
        project = order.order_line.task_id.project_id
        revenues = project._get_profitability_items(with_action=False)["revenues"]["total"]
        # 300.00 invoiced, 150.00 to invoice
        self.assertEqual((revenues["invoiced"], revenues["to_invoice"]), (300, 150))

    def test_a_held_line_stays_out_and_comes_with_the_next_run(self):
        order = self._sow(self._line(self.architect), self._line(self.developer))
        first, second = order.order_line
        self._work(first, 2)
        entry = self._work(second, 1)
        proposal = self._propose()
        held = proposal.line_ids.filtered(lambda line: line.sale_line_id == second)
        held.action_hold()
        self.assertEqual(proposal.amount, 300)
        self.assert_wip(entry, ("held", 1, 1, 100))
        held.action_release()
        self.assertEqual(proposal.amount, 400)
        self.assert_wip(entry, ("proposed", 1, 1, 100))
        held.action_hold()
        self.assertEqual(self._invoice(proposal).amount_untaxed, 300)
        self.assertFalse(self._propose())
        held.action_release()
        self.assertEqual(self._propose().amount, 100)
        with self.assertRaisesRegex(UserError, "None of these lines"):
            held.filtered(lambda line: not line.is_held).action_release()

    def test_a_single_entry_can_be_held_on_a_draft_proposal(self):
        line = self._sow().order_line
        entry = self._work(line, 2)
        self._work(line, 1)
        proposal = self._propose()
        entry.psa_wip_ids.action_hold()
        self.assertEqual((proposal.amount, proposal.line_ids.quantity), (150, 1))
        proposal.action_approve()
        with self.assertRaisesRegex(UserError, "can be held"):
            proposal.line_ids.wip_ids.action_hold()

    def test_a_cancelled_proposal_frees_its_work(self):
        order = self._sow(self._line(self.architect), self._line(self.developer))
        entry, other = (self._work(line, 2) for line in order.order_line)
        proposal = self._propose()
        proposal.line_ids[1].action_hold()
        proposal.action_approve()
        proposal.action_reset()
        proposal.action_cancel()
        self.assert_wip(entry, ("open", 2, 2, 300))
        self.assert_wip(other, ("held", 2, 2, 200))
        self.assertFalse(entry.psa_wip_ids.proposal_line_id)
        self.assertEqual(self._propose().amount, 300)

    def test_steps_out_of_order_are_refused(self):
        self._work(self._sow().order_line, 2)
        proposal = self._propose()
        with self.assertRaisesRegex(UserError, "is draft: approve it first"):
            proposal.action_create_invoice()
        proposal.action_approve()
        with self.assertRaisesRegex(UserError, "is approved already"):
            proposal.action_approve()
        proposal.action_create_invoice()
        with self.assertRaisesRegex(UserError, "is invoiced already"):
            proposal.action_create_invoice()
        with self.assertRaisesRegex(UserError, "Delete its draft invoice"):
            proposal.action_cancel()
        self.assertEqual(len(proposal.order_id.invoice_ids), 1)
        with self.assertRaises(AccessError):
            proposal.unlink()
        with self.assertRaisesRegex(UserError, "kept as the record"):
            proposal.sudo().unlink()

    def test_of_two_managers_at_once_one_is_told_to_look_again(self):
        self._work(self._sow().order_line, 2)
        proposal = self._propose()
        proposal.action_approve()
        self.patch(type(proposal), "try_lock_for_update", lambda records, **kwargs: records.browse())
        with self.assertRaisesRegex(UserError, "Somebody else works"):
            proposal.action_create_invoice()

    def test_a_proposal_without_anything_to_bill_is_not_approved(self):
        self._work(self._sow().order_line, 2)
        proposal = self._propose()
        proposal.line_ids.action_hold()
        with self.assertRaisesRegex(UserError, "no line to bill"):
            proposal.action_approve()

    def test_a_price_changed_after_the_proposal_is_noticed(self):
        line = self._sow().order_line
        self._work(line, 2)
        proposal = self._propose()
        line.sudo().price_unit = 155  # as a change order does
        proposal.action_approve()
        with self.assertRaisesRegex(UserError, "has changed since"):
            proposal.action_create_invoice()
        proposal.action_cancel()
        self.assertEqual(self._propose().amount, 310)

    def test_proposed_and_billed_time_names_what_holds_it(self):
        line = self._sow().order_line
        entry = self._work(line, 2)
        proposal = self._propose()
        with self.assertRaisesRegex(UserError, "cancel the proposal"):
            entry.action_psa_recall()
        invoice = self._invoice(proposal, post=True)
        with self.assertRaisesRegex(UserError, invoice.name):
            entry.action_psa_recall()

    def test_held_time_of_an_invoiced_proposal_can_be_reopened(self):
        order = self._sow(self._line(self.architect), self._line(self.developer))
        self._work(order.order_line[0], 2)
        entry = self._work(order.order_line[1], 1)
        proposal = self._propose()
        proposal.line_ids[1].action_hold()
        self._invoice(proposal)
        entry.action_psa_recall()
        self.assertFalse(entry.psa_wip_ids)

    def test_the_date_of_the_run_is_that_of_the_invoice(self):
        self._work(self._sow().order_line, 2)
        run = self._run(invoice_date="2026-03-31")
        run.action_make_proposals()
        with self.assertRaisesRegex(UserError, "No proposal of this run is approved"):
            run.action_create_invoices()
        run.proposal_ids.action_approve()
        action = run.action_create_invoices()
        self.assertEqual(action["res_id"], run.proposal_ids.invoice_id.id)
        self.assertEqual(str(run.proposal_ids.invoice_id.invoice_date), "2026-03-31")
        self.assertEqual((run.proposal_count, run.blocked_count, run.invoice_count), (1, 0, 1))

    def test_the_invoice_is_in_the_currency_of_the_sow(self):
        other = self.setup_other_currency("EUR")
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": other.id})
        line = self._sow(self._line(self.architect, price_unit=120), pricelist_id=pricelist.id).order_line
        entry = self._work(line, 2)
        self.assertEqual(entry.psa_wip_ids.currency_id, other)
        invoice = self._invoice(self._propose())
        self.assertEqual((invoice.currency_id, invoice.amount_untaxed), (other, 240))

    def test_the_screens_open(self):
        order = self._sow()
        self._work(order.order_line, 2)
        proposal = self._propose()
        for record in (proposal, proposal.run_id, proposal.line_ids.wip_ids):
            Form(record)
        for action in (
            order.action_view_psa_wip(),
            order.action_view_psa_proposals(),
            proposal.action_view_wip(),
            proposal.line_ids.action_view_wip(),
            proposal.run_id.action_view_proposals(),
        ):
            self.assertEqual(len(self.env[action["res_model"]].search(action["domain"])), 1)
        self._invoice(proposal)
        self.assertEqual(proposal.action_view_invoice()["res_id"], proposal.invoice_id.id)
        self.assertIn("(Billed)", proposal.line_ids.wip_ids.display_name)
