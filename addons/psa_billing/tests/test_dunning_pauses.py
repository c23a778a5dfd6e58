"""Stops and promises: what keeps clients from being reminded."""

from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_dunning import TODAY, DunningCase


@tagged("post_install", "-at_install")
class TestStops(DunningCase):
    def test_a_stop_holds_until_its_last_day(self):
        self._overdue(10)
        stop = self.env["psa.dunning.stop"].create(
            {"partner_id": self.client.id, "reason": "Talks on prices", "date_until": TODAY}
        )
        self.assertFalse(self._propose_on())
        self.assertTrue(self._propose_on(TODAY + timedelta(days=1)))
        self.assertIn("Talks on prices", self.client.message_ids[0].body)
        stop.date_until = False
        self.assertFalse(self._propose_on(TODAY + timedelta(days=300)))
        stop.action_end()
        self.assertTrue(self._propose_on())

    def test_a_contact_of_the_client_stands_for_the_client(self):
        self._overdue(10)
        contact = self.env["res.partner"].create({"name": "AP", "parent_id": self.client.id})
        stop = self.env["psa.dunning.stop"].create({"partner_id": contact.id, "reason": "Talks"})
        self.assertEqual(stop.partner_id, self.client)
        self.assertFalse(self._propose_on())
        stop.action_end()
        promise = self.env["psa.payment.promise"].create({"partner_id": contact.id, "date": TODAY})
        self.assertEqual((promise.partner_id, promise.amount), (self.client, 1150))
        self.assertFalse(self._propose_on())
        stop.write({"partner_id": contact.id, "active": True})
        self.assertEqual(stop.partner_id, self.client)

    def test_who_becomes_a_contact_of_a_group_takes_its_stops_and_promises_along(self):
        """The host moves the entries to the group, which would be reminded of them."""
        self._overdue(10)
        stop = self.env["psa.dunning.stop"].create({"partner_id": self.client.id, "reason": "Talks"})
        promise = self.env["psa.payment.promise"].create(
            {"partner_id": self.client.id, "date": TODAY, "amount": 500}
        )
        group = self.env["res.partner"].create({"name": "Group", "is_company": True, "email": "g@g.example"})
        self.client.parent_id = group
        self.assertEqual((stop.partner_id, promise.partner_id, promise.amount), (group, group, 500))
        self.assertFalse(self._propose_on(partner=group))
        stop.action_end()
        self.assertFalse(self._propose_on(partner=group))
        promise.action_cancel()
        self.assertEqual(self._propose_on(partner=group).amount, 1150)

    def test_what_it_was_reminded_of_counts_for_the_group(self):
        group = self.env["res.partner"].create({"name": "Group", "is_company": True, "email": "g@g.example"})
        self._overdue(10)
        self._overdue(9, 500, partner=group)
        sent = self._propose_on()
        self._send(sent)
        week = TODAY + timedelta(days=30)
        proposed = self._propose_on(week) | self._propose_on(week, partner=group)
        self.assertEqual(len(proposed), 2)
        self.client.parent_id = group
        self.assertEqual((sent.partner_id, sent.state), (group, "sent"))
        reminder = proposed.exists()
        self.assertEqual(reminder.partner_id, group)
        self.assertEqual((self._propose_on(week, partner=group), reminder.amount), (reminder, 1725))
        self.assertEqual(reminder.level_id, self.second)  # of what it has had the first of

    def test_a_disputed_invoice_stays_out_and_the_others_go_on(self):
        disputed, plain = self._overdue(20), self._overdue(10, 500)
        stop = self.env["psa.dunning.stop"].create(
            {"move_id": disputed.id, "kind": "dispute", "reason": "Hours of Dev contested"}
        )
        self.assertEqual(stop.partner_id, self.client)
        self.assertEqual(self._propose_on().line_ids.move_id, plain)

    def test_a_promise_pauses_until_its_day_and_a_broken_one_becomes_an_activity(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.company.psa_collector_id = collector = self._user("collector", "account.group_account_invoice")
        collector.lang = "de_DE"
        invoice = self._overdue(10)
        self._overdue(9, 500)
        promise = self.env["psa.payment.promise"].create(
            {"move_id": invoice.id, "date": TODAY + timedelta(days=5)}
        )
        self.assertEqual((promise.partner_id, promise.amount), (self.client, 1150))
        self.assertEqual(self._propose_on().amount, 575)
        self._pay(invoice, 650)
        self.assertEqual(promise.paid_amount, 650)
        promises = self.env["psa.payment.promise"]
        promises._psa_settle(self.company, TODAY + timedelta(days=5))
        self.assertEqual(promise.state, "open")
        for _twice in range(2):
            promises._psa_settle(self.company, TODAY + timedelta(days=6))
        self.assertEqual(promise.state, "broken")
        activity = self.client.activity_ids
        self.assertEqual(activity.user_id, collector)
        self.assertRegex(activity.summary, r"650,00.* of .*1\.150,00.* paid until 05\.05\.2026")
        # what is left of it is reminded again: 500.00 + 575.00
        self.assertEqual(self._propose_on(TODAY + timedelta(days=6)).amount, 1075)

    def test_a_promise_of_all_that_is_owed_is_kept_by_payments_of_that(self):
        """1,150.00 + 575.00 owed, 1,000.00 promised; a new invoice and its payment do not count."""
        first, _second = self._overdue(10), self._overdue(9, 500)
        promise = self.env["psa.payment.promise"].create(
            {"partner_id": self.client.id, "date": TODAY + timedelta(days=5), "amount": 1000}
        )
        self.assertEqual(promise.owed_amount, 1725)
        self.assertFalse(self._propose_on())
        self._pay(self._overdue(0, 2000))
        promise._psa_settle(self.company, TODAY)
        self.assertEqual(promise.state, "open")
        self._pay(first)
        promise._psa_settle(self.company, TODAY)
        self.assertEqual(promise.state, "kept")
        self.assertEqual(self._propose_on().amount, 575)

    def test_a_promise_needs_an_amount_and_a_debt(self):
        with self.assertRaisesRegex(ValidationError, "owes nothing"):
            self.env["psa.payment.promise"].create(
                {"partner_id": self.other.id, "date": TODAY, "amount": 100}
            )
        self._overdue(10)
        for amount in (0, -5):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
                self.env["psa.payment.promise"].create(
                    {"partner_id": self.client.id, "date": TODAY, "amount": amount}
                )

    def test_a_cancelled_promise_pauses_nothing(self):
        self._overdue(10)
        promise = self.env["psa.payment.promise"].create(
            {"partner_id": self.client.id, "date": TODAY + timedelta(days=5)}
        )
        promise.action_cancel()
        self.assertTrue(self._propose_on())
