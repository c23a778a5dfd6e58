"""What happens between a proposal and its approval."""

from lxml import etree

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestChangedProposals(PsaBillingCase):
    def test_a_correction_goes_on_the_proposal_or_is_credited(self):
        line = self._sow().order_line
        self._work(line, 2)
        run = self._run()
        run.action_make_proposals()
        self._work(line, -0.5, "2026-03-03")
        # nothing that was not looked at slips in: it is on the proposal after the run is made again
        self.assertEqual(run.proposal_ids.amount, 300)
        run.action_make_proposals()
        self.assertEqual((len(run.proposal_ids), run.proposal_ids.amount), (1, 225))  # 1.5 h × 150.00
        run.proposal_ids.action_approve()
        # once it is approved, a correction has a credit of its own
        late = self._work(line, -0.25, "2026-03-04")
        run.proposal_ids.action_create_invoice()
        self.assertEqual(run.proposal_ids.invoice_id.amount_untaxed, 225)
        self.assert_wip(late, ("open", -0.25, -0.25, -37.5))
        credit = self._invoice(self._propose())
        self.assertEqual((credit.move_type, credit.amount_untaxed), ("out_refund", 37.5))

    def test_payers_agreed_after_the_proposal_are_noticed_and_pay_their_shares(self):
        order = self._sow()
        self._work(order.order_line, 4)
        proposal = self._propose()
        fund = self.env["res.partner"].create({"name": "Fund"})
        order.sudo().psa_payer_ids = [
            Command.create({"partner_id": payer.id, "share": share, "sequence": number})
            for number, (payer, share) in enumerate(((self.client, 25), (fund, 75)))
        ]
        with self.assertRaisesRegex(
            UserError, "has changed since the proposal .*Paying Clients.*Prepare Again"
        ):
            proposal.action_approve()
        proposal.action_make_again()
        self._invoice(proposal)
        # 600.00 in quarters
        self.assertEqual(
            {move.psa_payer_id: move.amount_untaxed for move in proposal.invoice_ids},
            {self.client: 150, fund: 450},
        )

    def test_what_would_be_refused_is_not_offered(self):
        form = self.env.ref("psa_billing.psa_billing_proposal_view_form")
        arch = etree.fromstring(self.env["psa.billing.proposal"].get_view(form.id, "form")["arch"])

        def offered(**values):
            values = {"message": False, "expense_warning": False, "can_close": False, **values}
            values = {"needs_review": False, "change_message": False, **values}
            return [
                button.get("name")
                for button in arch.find(".//header").iter("button")
                if button.get("class") == "btn-primary" and not safe_eval(button.get("invisible"), values)
            ]

        self.assertEqual(offered(state="draft"), ["action_approve"])
        self.assertEqual(offered(state="approved"), ["action_create_invoice"])
        self.assertEqual(offered(state="draft", change_message="Another client"), ["action_make_again"])
        self.assertEqual(offered(state="approved", change_message="Another client"), [])

    # -- another grouping ------------------------------------------------------------------

    def _two_sows(self, grouping, **values):
        """Two SOWs of one agreement with 2 h and 3 h at 150.00."""
        agreement = self._agreement(billing_grouping=grouping)
        orders = self.env["sale.order"].union(
            *(self._sow(psa_agreement_id=agreement.id, **values) for _number in range(2))
        )
        for order, hours in zip(orders, (2, 3), strict=True):
            self._work(order.order_line, hours)
        return orders

    def _assert_regrouped(self, proposal, orders, grouping):
        """The proposal is neither approved nor invoiced as it is, and says so."""
        message = f"{orders[0].name} goes on another invoice .* one invoice per {grouping} now.*Prepare Again"
        proposal.invalidate_recordset(["change_message"])
        self.assertRegex(proposal.change_message, message)
        step = "action_approve" if proposal.state == "draft" else "action_create_invoice"
        with self.assertRaisesRegex(UserError, message):
            getattr(proposal, step)()

    def test_one_invoice_a_client_is_agreed_after_the_proposals(self):
        orders = self._two_sows("sow")
        run = self._run()
        run.action_make_proposals()
        first, second = run.proposal_ids.sorted("amount")
        first.action_approve()
        self.assertFalse(any(run.proposal_ids.mapped("change_message")))
        orders.psa_agreement_id.billing_grouping = "client"
        for proposal, order in ((first, orders[0]), (second, orders[1])):
            self._assert_regrouped(proposal, order, "client")
        first.action_reset()
        first.action_make_again()
        draft = run.proposal_ids.filtered(lambda proposal: proposal.state == "draft")
        self.assertEqual((draft.order_ids, draft.amount, draft.change_message), (orders, 750, False))
        self.assertEqual(self._invoice(draft).amount_untaxed, 750)  # 5 h x 150.00

    def test_one_invoice_a_sow_is_agreed_after_the_proposal(self):
        orders = self._two_sows("client")
        proposal = self._propose()
        proposal.action_approve()
        orders.psa_agreement_id.billing_grouping = "sow"
        self._assert_regrouped(proposal, orders[0], "statement of work")
        proposal.action_reset()
        self._assert_regrouped(proposal, orders[0], "statement of work")
        proposal.action_make_again()
        drafts = proposal.run_id.proposal_ids
        self.assertEqual(sorted(drafts.mapped("amount")), [300, 450])
        self.assertEqual((proposal.state, proposal.order_ids), ("draft", proposal.order_id))
        self.assertEqual(sorted(self._invoice(drafts).mapped("amount_untaxed")), [300, 450])

    def test_another_purchase_order_number_takes_its_sow_off_the_group(self):
        orders = self._two_sows("po", client_order_ref="4711")
        proposal = self._propose()
        orders[1].client_order_ref = "4712"
        self._assert_regrouped(proposal, orders[1], "purchase order number")
        proposal.action_make_again()
        self.assertEqual(sorted(proposal.run_id.proposal_ids.mapped("amount")), [300, 450])
        self._invoice(proposal.run_id.proposal_ids)

    def test_a_number_that_groups_nothing_may_change(self):
        orders = self._two_sows("client", client_order_ref="4711")
        proposal = self._propose()
        orders[1].client_order_ref = "4712"
        self.assertEqual(self._invoice(proposal).amount_untaxed, 750)

    def test_what_cannot_be_billed_keeps_its_sow_apart(self):
        """A role without a rate is held: the rest of its SOW is billed alone, whatever is agreed."""
        orders = self._two_sows("client")
        alone = self._sow(
            self._line(self.architect),
            self._line(self.developer),
            psa_agreement_id=orders.psa_agreement_id.id,
        )
        for line in alone.order_line:
            self._work(line, 1)
        alone.order_line[1].sudo().with_context(sale_write_from_compute=True).price_unit = 0
        proposal = self._propose().filtered(lambda one: one.order_id == alone)
        self.assertTrue(proposal.message)
        proposal.line_ids.filtered("message").action_hold()
        self.assertFalse(proposal.change_message)
        self.assertEqual(self._invoice(proposal).amount_untaxed, 150)

    def test_a_down_payment_after_the_proposal_is_deducted_from_its_own_work(self):
        orders = self._two_sows("client")
        proposal = self._propose()
        self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(orders[1].ids)],
                "advance_payment_method": "fixed",
                "fixed_amount": 115,
            }
        ).create_invoices()
        deposit = orders[1].invoice_ids
        deposit.invoice_date = "2026-03-01"
        deposit.action_post()
        # 750.00 less the 100.00 before taxes of the down payment
        self.assertEqual(self._invoice(proposal).amount_untaxed, 650)
