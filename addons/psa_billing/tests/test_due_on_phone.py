"""What falls due, on a phone: milestones accepted, instalments reached, reminders sent."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .common import PsaBillingCase
from .test_dunning import TODAY, DunningCase


@tagged("post_install", "-at_install")
class TestDueOnPhone(PsaBillingCase, HttpCase):
    browser_size = "390x844"

    def setUp(self):
        super().setUp()
        self.manager = self._user(
            "due",
            "psa_billing.group_psa_billing_manager,psa_project.group_psa_project_manager,"
            "project.group_project_milestone",
        )

    def _walk(self, path, tour):
        self.start_tour(path, tour, login=self.manager.login)
        self.env.invalidate_all()

    def test_an_acceptance_is_recorded_and_taken_back(self):
        order = self._sow(
            self._line(self.developer, 1, "milestone", price_unit=5000), psa_milestone_acceptance=True
        )
        milestone = self.env["project.milestone"].search([("sale_line_id", "=", order.order_line.id)])
        milestone.write({"name": "Go-live", "is_reached": True})
        run = self._run()
        self._walk(
            f"/odoo/action-psa_billing.psa_billing_run_action/{run.id}", "psa_billing_acceptance_phone_tour"
        )
        self.assertEqual(milestone.psa_acceptance, "accepted")
        self.assertEqual(milestone.psa_acceptance_user_id, self.manager)
        self.assertIn("By mail of 2 April", milestone.psa_acceptance_note)
        self.assertFalse(run.waiting_milestone_count)
        self._walk(f"/odoo/project.milestone/{milestone.id}", "psa_billing_take_back_acceptance_phone_tour")
        self.assertEqual((milestone.psa_acceptance, order.order_line.qty_delivered), ("waits", 0))
        self.assertEqual(run.waiting_milestone_count, 1)

    def test_an_instalment_is_reached(self):
        """Of 10,000.00 the 60 % of the concept are billed; the rest is not due."""
        order = self._sow(self._line(self.architect, 1, "fixed", price_unit=10000), confirm=False)
        order.psa_instalment_ids = [
            Command.create(
                {
                    "sale_line_id": order.order_line.id,
                    "sequence": sequence,
                    "name": name,
                    "percent": percent,
                    "due_by": "completion",
                    "completion": completion,
                }
            )
            for sequence, (name, percent, completion) in enumerate(
                [("Concept", 60, "50"), ("Handover", 40, "100")]
            )
        ]
        order.sudo().action_confirm()
        self._walk(f"/odoo/statements-of-work/{order.id}", "psa_billing_instalment_phone_tour")
        self.assertEqual(order.psa_instalment_ids.mapped("is_reached"), [True, False])
        self.assertEqual(self._propose().amount, 6000)


@tagged("post_install", "-at_install")
class TestRemindersOnPhone(DunningCase, HttpCase):
    """An invoice of 1,150.00 with taxes has been due for ten days."""

    browser_size = "390x844"

    def setUp(self):
        super().setUp()
        self.today = fields.Date.today()  # the browser's day, too
        self.invoice = self._overdue((TODAY - self.today).days + 10)
        self.manager = self._user("remind", "psa_billing.group_psa_billing_manager")

    def _walk(self, path, tour):
        self.start_tour(path, tour, login=self.manager.login)
        self.env.invalidate_all()
        return self.reminders.search([("partner_id", "=", self.client.id)])

    def _assert_sent(self, reminder):
        self.assertEqual((reminder.state, reminder.amount), ("sent", 1150))
        self.assertEqual((reminder.level_id, reminder.done_by_id), (self.first, self.manager))
        self.assertEqual(reminder.line_ids.move_id, self.invoice)

    def test_an_overdue_client_is_reminded(self):
        self._assert_sent(self._walk("/odoo/overdue-clients", "psa_billing_remind_phone_tour"))

    def test_a_proposed_reminder_is_sent_from_its_card(self):
        self._propose_on(self.today)
        self._assert_sent(self._walk("/odoo/payment-reminders", "psa_billing_send_phone_tour"))

    def test_the_day_of_a_promise_stands_on_the_card(self):
        self.env["psa.payment.promise"].create(
            {"partner_id": self.client.id, "date": self.today + timedelta(days=7)}
        )
        self.assertFalse(self._walk("/odoo/overdue-clients", "psa_billing_promise_phone_tour"))
