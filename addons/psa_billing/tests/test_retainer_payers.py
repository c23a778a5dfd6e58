"""Retainers that several clients pay: what is credited to one of them is billed to that one again."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestRetainerPayers(PsaRetainerCase):
    """1,500.00 a month; the client and two funds pay 33.33, 33.33 and 33.34 %: 499.95, 499.95, 500.10."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.funds = cls.env["res.partner"].create([{"name": "Fund A"}, {"name": "Fund B"}])
        cls.payers = cls.client | cls.funds

    def _shared(self, *lines):
        return self._sow(
            *(lines or [self._retainer()]),
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(zip(self.payers, (33.33, 33.33, 33.34), strict=True))
            ],
        )

    def _bill_month(self, month):
        """{payer: invoice} of a month, posted."""
        proposal = self._propose(f"2026-{month:02}-01", f"2026-{month:02}-28")
        proposal.action_approve()
        proposal.action_create_invoice()
        proposal.invoice_ids.invoice_date = f"2026-{month:02}-28"
        proposal.invoice_ids.action_post()
        return {invoice.psa_payer_id: invoice for invoice in proposal.invoice_ids}

    def _amounts(self, invoices):
        return [invoices[payer].amount_untaxed if payer in invoices else 0 for payer in self.payers]

    def _states(self, order):
        return self._periods(order).mapped(lambda period: (period.billing_state, period.amount_to_bill))

    def test_every_month_is_shared_alike(self):
        self._shared()
        for month in (3, 4, 5):
            self.assertEqual(self._amounts(self._bill_month(month)), [499.95, 499.95, 500.10])

    @freeze_time("2026-04-02")
    def test_the_credit_of_one_frees_that_share_only(self):
        order = self._shared()
        march = self._bill_month(3)
        self._credit(march[self.funds[0]])
        self.assertEqual(self._states(order), [("due", 499.95), ("due", 1500), ("planned", 1500)])
        again = self._bill_month(3)
        self.assertEqual(self._amounts(again), [0, 499.95, 0])
        self.assertEqual(self._states(order)[0], ("billed", 0))
        self.assertFalse(self._propose("2026-03-01", "2026-03-31"))
        self.assert_host_figures(order.order_line[0], 1, 1, 0)

    @freeze_time("2026-04-20")
    def test_the_share_is_billed_with_the_next_month(self):
        order = self._shared()
        self._credit(self._bill_month(3)[self.funds[1]])
        self.assertEqual(self._amounts(self._bill_month(4)), [499.95, 499.95, 1000.20])
        self.assertEqual(self._states(order), [("billed", 0), ("billed", 0), ("planned", 1500)])
        self.assert_host_figures(order.order_line[0], 2, 2, 0)

    def test_a_share_that_is_credited_again_waits_again(self):
        order = self._shared()
        self._credit(self._bill_month(3)[self.client])
        self._credit(self._bill_month(3)[self.client])
        self.assertEqual(self._states(order)[0], ("due", 499.95))
        self.assertEqual(self._amounts(self._bill_month(3)), [499.95, 0, 0])

    def test_the_period_is_whole_again_when_all_are_credited(self):
        order = self._shared()
        march = self._bill_month(3)
        for payer in self.payers:
            self._credit(march[payer])
        period = self._periods(order)[0]
        self.assertFalse(period.share_ids or period.proposal_line_id)
        self.assertEqual(self._states(order)[0], ("due", 1500))
        self.assertEqual(self._amounts(self._bill_month(3)), [499.95, 499.95, 500.10])

    def test_the_others_are_credited_after_one_was_billed_again(self):
        order = self._shared()
        march = self._bill_month(3)
        self._credit(march[self.funds[0]])
        self._bill_month(3)
        self._credit(march[self.client])
        self._credit(march[self.funds[1]])
        self.assertEqual(self._states(order)[0], ("due", 1000.05))
        self.assertEqual(self._amounts(self._bill_month(3)), [499.95, 0, 500.10])
        self.assert_host_figures(order.order_line[0], 1, 1, 0)

    def test_a_deleted_draft_of_one_frees_that_share(self):
        order = self._shared()
        proposal = self._propose()
        proposal.action_approve()
        proposal.action_create_invoice()
        proposal.invoice_ids.filtered(lambda invoice: invoice.psa_payer_id == self.client).unlink()
        self.assertEqual(self._states(order)[0], ("due", 499.95))
        again = self._propose()
        self.assertEqual((again.amount, again.payer_amounts.count("\n")), (499.95, 0))
        again.action_cancel()
        self.assertEqual(self._states(order)[0], ("due", 499.95))
        self.assertEqual(self._amounts(self._bill_month(3)), [499.95, 0, 0])

    def test_two_months_on_one_invoice_come_back_by_their_shares(self):
        order = self._shared()
        invoices = self._bill_month(4)
        self.assertEqual(self._amounts(invoices), [999.90, 999.90, 1000.20])
        self._credit(invoices[self.funds[0]])
        self.assertEqual(self._states(order)[:2], [("due", 499.95), ("due", 499.95)])
        self.assertEqual(self._amounts(self._bill_month(4)), [0, 999.90, 0])

    def test_a_part_of_one_share_is_billed_to_that_one_again(self):
        """Fund A was billed 0.33 months, 495.00, and 4.95 beside it. 0.10 are credited, then the rest."""
        order = self._shared()
        invoice = self._bill_month(3)[self.funds[0]]
        note = invoice._reverse_moves([{"date": "2026-04-02"}])
        note.invoice_line_ids.filtered("sale_line_ids.psa_adjusts_line_id").unlink()
        note.invoice_line_ids.filtered("sale_line_ids").quantity = 0.1
        note.action_post()
        self.assertEqual(self._states(order)[0], ("due", 150))
        self.assertEqual(self._amounts(self._bill_month(3)), [0, 150, 0])
        rest = invoice._reverse_moves([{"date": "2026-04-03"}])
        main = rest.invoice_line_ids.filtered(lambda line: line.quantity < 1)
        main.quantity = 0.23
        rest.action_post()
        self.assertEqual(self._states(order)[0], ("due", 349.95))
        self.assertEqual(self._amounts(self._bill_month(3)), [0, 349.95, 0])
        self.assert_host_figures(order.order_line[0], 1, 1, 0)

    def test_who_pays_no_more_is_billed_what_came_back(self):
        order = self._shared()
        march = self._bill_month(3)
        order.sudo().psa_payer_ids = [Command.clear()]
        self._credit(march[self.funds[0]])
        invoices = self._bill_month(4)
        none = self.env["res.partner"]
        self.assertEqual(
            (invoices[none].amount_untaxed, invoices[self.funds[0]].amount_untaxed), (1500, 499.95)
        )

    def test_a_part_of_a_single_client_is_billed_again(self):
        """0.40 of a month, 600.00, is credited by hand."""
        order = self._sow(self._retainer())
        invoice = self._bill("2026-03-01", "2026-03-31")
        note = invoice._reverse_moves([{"date": "2026-04-02"}])
        note.invoice_line_ids.filtered("product_id").quantity = 0.4
        note.action_post()
        self.assertEqual(self._states(order)[0], ("due", 600))
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 600)
        self.assert_host_figures(order.order_line[0], 1, 1, 0)
        rest = invoice._reverse_moves([{"date": "2026-04-03"}])
        rest.invoice_line_ids.filtered("product_id").quantity = 0.6
        rest.action_post()
        self.assertEqual(self._states(order)[0], ("due", 900))

    def test_a_concession_is_not_billed_again(self):
        order = self._sow(self._retainer())
        note = self._bill("2026-03-01", "2026-03-31")._reverse_moves([{"date": "2026-04-02"}])
        note.invoice_line_ids.filtered("product_id").price_unit = 100
        note.action_post()
        self.assertEqual(self._states(order)[0], ("billed", 0))
        self.assertFalse(self._propose("2026-03-01", "2026-03-31"))

    def test_what_a_review_took_off_stays_off_when_the_proposal_is_made_again(self):
        self._sow(self._retainer())
        proposal = self._propose()
        proposal.line_ids.sudo()._psa_adjust_fixed(-100, self.env.ref("psa_billing.reason_goodwill"), None)
        line = proposal.line_ids.sudo()
        line._psa_set_fixed({line: (1, None)})
        self.assertEqual((proposal.amount, proposal.worked_amount), (1400, 1500))
        self.assertEqual(self._invoice(proposal).amount_untaxed, 1400)

    def test_shares_are_read_by_those_who_bill_and_written_by_nobody(self):
        order = self._shared()
        self._credit(self._bill_month(3)[self.client])
        share = self._periods(order).share_ids
        self.assertEqual(share.with_user(self.env.user).amount, 499.95)
        with self.assertRaises(AccessError):
            share.with_user(self.env.user).write({"amount": 0})
        manager = self._user("pm", "psa_project.group_psa_project_manager")
        with self.assertRaises(AccessError):
            share.with_user(manager).read(["amount"])
        with self.assertRaises(AccessError):
            self._periods(order)[0].with_user(manager).read(["share_ids"])
        other = self.setup_other_company()["company"]
        stranger = self._user("stranger", "psa_billing.group_psa_billing_manager", other)
        self.assertFalse(self.env["psa.retainer.share"].with_user(stranger).search([]))
