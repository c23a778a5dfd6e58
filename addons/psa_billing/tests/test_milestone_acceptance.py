"""Milestones that wait for the client's acceptance are billed when it is given."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestMilestoneAcceptance(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            cls._line(cls.developer, 1, "milestone", price_unit=5000), psa_milestone_acceptance=True
        )
        cls.line = cls.order.order_line
        cls.milestone = cls.env["project.milestone"].search([("sale_line_id", "=", cls.line.id)])
        cls.milestone.name = "Go-live"

    def _accept(self):
        wizard = (
            self.env["psa.accept.milestone"]
            .with_context(**self.milestone.action_psa_accept()["context"])
            .create({"note": "By mail"})
        )
        wizard.action_apply()

    def test_a_reached_milestone_waits_and_is_billed_when_accepted(self):
        self.milestone.is_reached = True
        run = self._run()
        self.assertEqual(run.waiting_milestone_count, 1)
        preview = self.env["psa.billing.preview"].browse(run.action_preview()["res_id"])
        self.assertIn("Go-live", preview.waiting)
        self.assertIn("5,000.00 waits for acceptance", preview.waiting.replace("\N{NO-BREAK SPACE}", " "))
        self.assertFalse(preview.line_ids)
        run.action_make_proposals()
        self.assertFalse(run.proposal_ids)
        waiting = self.env["project.milestone"].search(run.action_view_waiting_milestones()["domain"])
        self.assertEqual(waiting, self.milestone)
        self.assert_host_figures(self.line, delivered=0, invoiced=0, amount_to_invoice=0)

        self._accept()
        self.assertFalse(run.waiting_milestone_count)
        run.action_make_proposals()
        self.assertEqual(run.proposal_ids.amount, 5000)
        invoice = self._invoice(run.proposal_ids, post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (5000, 750))
        self.assert_host_figures(self.line, delivered=1, invoiced=1, amount_to_invoice=0)

    def test_what_waits_is_expected_in_the_forecast(self):
        self.milestone.is_reached = True
        self.env.flush_all()
        rows = self.env["psa.billing.forecast"].search(
            [("order_id", "=", self.order.id), ("amount", "!=", 0)]
        )
        self.assertEqual(
            rows.mapped(lambda row: (row.kind, row.certainty, row.amount)), [("milestone", "expected", 5000)]
        )
        self._accept()
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["psa.billing.forecast"].search(
            [("order_id", "=", self.order.id), ("amount", "!=", 0)]
        )
        self.assertEqual(
            rows.mapped(lambda row: (row.kind, row.certainty, row.amount)), [("milestone", "open", 5000)]
        )

    def test_an_acceptance_on_a_proposal_or_invoice_is_not_taken_back(self):
        self.milestone.is_reached = True
        self._accept()
        proposal = self._propose()
        for step in (
            self.milestone.action_psa_withdraw_acceptance,
            lambda: self.milestone.write({"is_reached": False}),
            self.milestone.unlink,
        ):
            with self.assertRaisesRegex(UserError, "is billed on|cannot be deleted|accepted"):
                step()
        invoice = self._invoice(proposal, post=True)
        with self.assertRaisesRegex(UserError, "Go-live was accepted and is billed on"):
            self.milestone.action_psa_withdraw_acceptance()
        self._credit(invoice)
        self.milestone.action_psa_withdraw_acceptance()
        self.assertEqual((self.milestone.psa_acceptance, self.line.qty_delivered), ("waits", 0))
        self.assertFalse(self._propose())

    def test_a_part_that_is_not_billed_can_be_taken_back(self):
        self.milestone.product_uom_qty = 0.4
        second = self.env["project.milestone"].create(
            {
                "name": "Handover",
                "project_id": self.milestone.project_id.id,
                "sale_line_id": self.line.id,
                "product_uom_qty": 0.6,
            }
        )
        (self.milestone | second).write({"is_reached": True})
        self._accept()
        self.assertEqual(self._invoice(self._propose()).amount_untaxed, 2000)  # 0.4 × 5,000.00
        second.sudo()._psa_accept("Carla", self.milestone.psa_accepted_on)
        second.action_psa_withdraw_acceptance()
        self.assertEqual(self.line.qty_delivered, 0.4)

    def test_sows_without_it_bill_what_is_reached(self):
        order = self._sow(self._line(self.developer, 1, "milestone", price_unit=1000))
        milestone = self.env["project.milestone"].search([("sale_line_id", "=", order.order_line.id)])
        milestone.is_reached = True
        self.assertFalse(milestone.psa_acceptance)
        self.assertEqual(self._propose().amount, 1000)
        with self.assertRaisesRegex(UserError, "waits for no acceptance"):
            milestone.action_psa_accept()
