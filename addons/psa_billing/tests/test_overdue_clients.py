"""The list of overdue clients: who owes what since when, and the next step, at once."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_dunning import TODAY, DunningCase


@tagged("post_install", "-at_install")
class TestOverdueClients(DunningCase):
    def _row(self, partner=None):
        self.env.flush_all()
        self.env["psa.overdue.client"].invalidate_model()
        return self.env["psa.overdue.client"].search(
            [("partner_id", "=", (partner or self.client).id), ("company_id", "=", self.company.id)]
        )

    @freeze_time(TODAY)
    def test_the_list_says_who_owes_what_since_when_and_what_to_do_next(self):
        self._overdue(50)
        self._overdue(3, 500)
        self._overdue(-5, 800)  # due in five days
        row = self._row()
        self.assertEqual((row.amount, row.invoice_count, row.days_overdue), (1725, 2, 50))
        self.assertEqual(
            (row.level_id, row.last_contact, row.next_step), (self.first.browse(), False, "remind")
        )
        action = row.action_remind()
        reminder = self.env["psa.dunning.reminder"].browse(action["res_id"])
        self.assertEqual(self._row().next_step, "remind")
        reminder.action_send()
        row = self._row()
        self.assertEqual((row.level_id, row.last_contact, row.next_step), (self.first, TODAY, "wait"))
        for _level in range(2):
            self.env["psa.dunning.reminder"].browse(row.action_remind()["res_id"]).action_send()
        self.assertEqual((self._row().level_id, self._row().next_step), (self.last, "call"))
        self.assertEqual(self._row().action_remind()["tag"], "display_notification")

    @freeze_time(TODAY)
    def test_stops_promises_and_unmatched_payments_say_what_to_do(self):
        self._overdue(10)
        stop = self.env["psa.dunning.stop"].create({"partner_id": self.client.id, "reason": "Talks"})
        self.assertEqual(self._row().next_step, "stopped")
        self.env["psa.payment.promise"].create({"partner_id": self.client.id, "date": TODAY})
        row = self._row()
        self.assertEqual((row.next_step, row.promise_date), ("promise", TODAY))
        stop.action_end()
        self.env["account.payment"].create(
            {"partner_id": self.client.id, "amount": 1150, "payment_type": "inbound", "date": TODAY}
        ).action_post()
        row = self._row()
        self.assertEqual((row.next_step, row.unmatched_amount), ("match", 1150))

    @freeze_time(TODAY)
    def test_the_invoice_of_an_overdue_instalment_is_behind_its_row(self):
        """1,150.00: 40 % after 10 days is overdue, the rest is due in a month."""
        terms = self.env["account.payment.term"].create(
            {
                "name": "Two Parts",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 40, "nb_days": 10}),
                    Command.create({"value": "percent", "value_amount": 60, "nb_days": 60}),
                ],
            }
        )
        move = self._overdue(0, invoice_date_due=False, invoice_payment_term_id=terms.id)
        row = self._row()
        self.assertEqual((row.amount, row.days_overdue), (460, 20))
        self.assertEqual(self.env["account.move"].search(row.action_invoices()["domain"]), move)

    @freeze_time(TODAY)
    def test_the_invoices_behind_a_row(self):
        overdue = self._overdue(10)
        self._overdue(-10)
        action = self._row().action_invoices()
        self.assertEqual(self.env["account.move"].search(action["domain"]), overdue)

    @freeze_time(TODAY)
    def test_the_next_step_does_not_wait_for_the_daily_job(self):
        """The levels begin 7, 21 and 45 days after the due date; a week lies between two reminders."""
        invoice = self._overdue(6)
        self.assertEqual(self._row().next_step, "wait")
        with freeze_time(TODAY + timedelta(days=1)):
            self.assertEqual(self._row().next_step, "remind")
            self._propose_on(TODAY + timedelta(days=1)).with_env(self.env).action_send()
            self.assertEqual(self._row().next_step, "wait")
        # 21 days after the due date
        for days, step in ((14, "wait"), (15, "remind"), (80, "remind")):
            with freeze_time(TODAY + timedelta(days=days)):
                self.assertEqual(self._row().next_step, step, f"{days} days later")
        self._pay(invoice, 1000)  # 150.00 are left
        with freeze_time(TODAY + timedelta(days=15)):
            self.assertEqual((self._row().next_step, self._row().amount), ("remind", 150))

    @freeze_time(TODAY)
    def test_the_next_step_is_what_the_daily_job_does(self):
        """Whatever the list says, the job proposes a reminder exactly where it says so."""
        partners = self.env["res.partner"].create(
            [{"name": f"Client {n}", "email": f"ap{n}@client.example"} for n in range(7)]
        )
        told, gap, _due, early, stopped, disputed, promised = partners
        for partner in partners:
            self._overdue(5 if partner == early else 22, partner=partner)
        for partner, days in ((told, 8), (gap, 1)):  # both at the first level; today is the second's turn
            day = TODAY - timedelta(days=days)
            self._send(self._propose_on(day, partner), day)
        self.env["psa.dunning.stop"].create({"partner_id": stopped.id, "reason": "Talks"})
        invoices = self.env["account.move"].search([("partner_id", "in", (disputed | promised).ids)])
        by_client = invoices.grouped("partner_id")
        self.env["psa.dunning.stop"].create({"move_id": by_client[disputed].id, "reason": "Hours contested"})
        self.env["psa.payment.promise"].create({"move_id": by_client[promised].id, "date": TODAY})
        steps = {partner: self._row(partner).next_step for partner in partners}
        self.assertEqual(
            [steps[partner] for partner in partners],
            ["remind", "wait", "remind", "wait", "stopped", "stopped", "promise"],
        )
        proposed = self._propose_on(partner=partners).partner_id
        self.assertEqual(proposed, partners.filtered(lambda partner: steps[partner] == "remind"))

    @freeze_time(TODAY)
    def test_another_invoice_is_reminded_of_while_one_is_disputed(self):
        disputed = self._overdue(30)
        self.env["psa.dunning.stop"].create({"move_id": disputed.id, "reason": "Hours contested"})
        self._overdue(8, 500)
        self.assertEqual(self._row().next_step, "remind")
        self._propose_on().with_env(self.env).action_skip()
        self.assertEqual(self._row().next_step, "wait")

    @freeze_time(TODAY)
    def test_a_company_with_levels_of_its_own_goes_by_those(self):
        self._overdue(4)
        self.assertEqual(self._row().next_step, "wait")
        self.env["psa.dunning.level"].create(
            {
                "name": "Own",
                "days": 3,
                "company_id": self.company.id,
                "template_id": self.first.template_id.id,
            }
        )
        self.assertEqual(self._row().next_step, "remind")
        self._propose_on().with_env(self.env).action_send()
        self.assertEqual(self._row().next_step, "call")  # its only level was sent
