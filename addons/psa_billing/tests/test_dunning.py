from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PsaBillingCase

TODAY = date(2026, 4, 30)


class DunningCase(PsaBillingCase):
    """Levels 7, 21, 45 days; 15 % tax; it is 30 April 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.last = cls.levels = cls.env["psa.dunning.level"].browse(
            cls.env.ref(f"psa_billing.psa_dunning_level_{name}").id for name in ("first", "second", "last")
        )
        cls.reminders = cls.env["psa.dunning.reminder"].sudo()
        cls.other = cls.env["res.partner"].create({"name": "Other Ltd", "email": "other@other.example"})

    @classmethod
    def _overdue(cls, days, amount=1000, partner=None, **values):
        """A posted invoice of ``amount`` and 15 % tax that was due ``days`` before today."""
        due = TODAY - timedelta(days=days)
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or cls.client).id,
                "invoice_date": due - timedelta(days=30),
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Work", "price_unit": amount, "tax_ids": [Command.set(cls.tax.ids)]}
                    )
                ],
                **values,
            }
        )
        move.action_post()
        return move

    @classmethod
    def _pay(cls, moves, amount=None, day=TODAY):
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"payment_date": day, "group_payment": True, **({"amount": amount} if amount else {})})
        )
        return wizard._create_payments()

    def _propose_on(self, today=TODAY, partner=None, gap=None):
        partners = partner or self.client
        return self.reminders._psa_propose(self.company, partners, today, gap)

    def _send(self, reminder, today=TODAY):
        with freeze_time(today):
            reminder.with_env(self.env).action_send()

    def _cron(self, today=TODAY):
        cron = self.env.ref("psa_billing.psa_dunning_cron")
        with freeze_time(today), self.enter_registry_test_mode():
            cron.method_direct_trigger()


@tagged("post_install", "-at_install")
class TestDunning(DunningCase):
    def test_one_reminder_lists_all_that_is_overdue_at_the_level_that_is_reached(self):
        old, young, fresh = self._overdue(10), self._overdue(8, 500), self._overdue(2, 100)
        self._overdue(0, 9000)  # due today: not overdue
        reminder = self._propose_on()
        # 1,150.00 + 575.00 + 115.00 with taxes
        self.assertEqual((reminder.level_id, reminder.amount, reminder.days_overdue), (self.first, 1840, 10))
        self.assertEqual(
            [(line.move_id, line.amount, line.level_id) for line in reminder.line_ids],
            [(old, 1150, self.first), (young, 575, self.first), (fresh, 115, self.levels.browse())],
        )

    def test_nobody_is_reminded_before_the_first_level(self):
        self._overdue(6)
        self.assertFalse(self._propose_on())

    def test_an_old_debt_goes_up_level_by_level_never_twice_at_one(self):
        """60 days overdue when reminders begin: first, a week later second, a week later last, no more."""
        self._overdue(60)
        levels = []
        for day in (0, 1, 7, 8, 14, 21, 60):
            today = TODAY + timedelta(days=day)
            reminder = self._propose_on(today)
            levels.append(reminder.level_id)
            if reminder:
                self._send(reminder, today)
        none = self.levels.browse()
        self.assertEqual(levels, [self.first, none, self.second, none, self.last, none, none])

    def test_proposing_again_brings_the_proposed_reminder_up_to_date(self):
        paid, unpaid = self._overdue(10), self._overdue(9, 500)
        reminder = self._propose_on()
        self._pay(paid)
        again = self._propose_on()
        self.assertEqual(again, reminder)
        self.assertEqual((again.line_ids.move_id, again.amount), (unpaid, 575))
        self._pay(unpaid)
        self.assertFalse(self._propose_on())
        self.assertFalse(reminder.exists())

    def test_two_clients_who_turn_out_to_be_one_have_one_reminder(self):
        """The database refused both, and the merge with them; what was sent is kept."""
        self._overdue(60)
        self._overdue(60, 500, partner=self.other)
        sent = self._propose_on(partner=self.other)
        self._send(sent)
        later = TODAY + timedelta(days=10)
        reminder = self._propose_on(later)
        self._propose_on(later, partner=self.other)
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo()
        wizard._merge((self.client | self.other).ids, self.client)
        self.env.invalidate_all()
        self.assertEqual((sent.partner_id, sent.state), (self.client, "sent"))
        self.assertEqual(self._propose_on(later), reminder)
        self.assertEqual((reminder.amount, reminder.level_id), (1725, self.second))

    def test_the_mail_goes_to_the_invoice_address_in_its_language_and_into_the_history(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.first.template_id.with_context(lang="fr_FR")
        template.subject = "Rappel de paiement"
        accounts = self.env["res.partner"].create(
            {
                "name": "Accounts",
                "type": "invoice",
                "parent_id": self.client.id,
                "email": "accounts@client.example",
                "lang": "fr_FR",
            }
        )
        invoice = self._overdue(10)
        self._send(self._propose_on())
        message = self.client.message_ids[0]
        self.assertEqual(message.subject, "Rappel de paiement")
        self.assertEqual(message.partner_ids, accounts)
        self.assertIn(f"/my/invoices/{invoice.id}?access_token={invoice.access_token}", message.body)
        self.assertIn("1&nbsp;150,00", message.body)
        sent = self.reminders.search([("partner_id", "=", self.client.id)])
        self.assertEqual((sent.state, sent.done_on, sent.message_id), ("sent", TODAY, message))

    def test_what_was_paid_since_it_was_proposed_is_not_reminded(self):
        paid, unpaid = self._overdue(10), self._overdue(9, 500)
        reminder = self._propose_on()
        self._pay(paid)
        self._send(reminder)
        self.assertEqual(reminder.line_ids.move_id, unpaid)
        everything = self._propose_on(partner=self.other)
        self.assertFalse(everything)

    def test_sending_what_was_paid_meanwhile_says_so(self):
        invoice = self._overdue(10)
        reminder = self._propose_on()
        self._pay(invoice)
        with self.assertRaisesRegex(UserError, "Nothing is left to remind of"):
            self._send(reminder)

    def test_sent_twice_is_refused(self):
        self._overdue(10)
        reminder = self._propose_on()
        self._send(reminder)
        with self.assertRaisesRegex(UserError, "sent or skipped before"):
            self._send(reminder)
        with self.assertRaisesRegex(UserError, "are kept"):
            reminder.unlink()

    def test_a_skipped_level_is_left_out(self):
        self._overdue(30)
        with freeze_time(TODAY):
            self._propose_on().with_env(self.env).action_skip()
        self.assertFalse(self._propose_on())
        later = self._propose_on(TODAY + timedelta(days=7))
        self.assertEqual(later.level_id, self.second)

    def test_a_payment_that_is_not_matched_yet_keeps_the_client_from_a_reminder(self):
        self._overdue(10)  # 1,150.00
        payment = self.env["account.payment"].create(
            {"partner_id": self.client.id, "amount": 1149.99, "payment_type": "inbound", "date": TODAY}
        )
        payment.action_post()
        self.assertTrue(self._propose_on())
        penny = payment.copy({"amount": 0.01, "date": TODAY})
        penny.action_post()
        self.assertFalse(self._propose_on())

    def test_the_mail_asks_what_a_payment_is_for_that_is_not_matched_yet(self):
        invoice = self._overdue(10)
        reminder = self._propose_on()
        self.assertEqual((reminder.amount, reminder.unmatched_amount), (1150, 0))
        self.assertNotIn("could not assign", str(reminder.body))
        payment = self.env["account.payment"].create(
            {"partner_id": invoice.partner_id.id, "amount": 500, "payment_type": "inbound", "date": TODAY}
        )
        payment.action_post()
        reminder = self._propose_on()
        # 1,150.00 are claimed; 500.00 of them may be paid
        self.assertEqual((reminder.amount, reminder.unmatched_amount), (1150, 500))
        reminder.invalidate_recordset(["body"])
        self.assertIn("could not assign", str(reminder.body))
        self.assertIn("500.00", str(reminder.body))

    def test_only_the_instalments_that_are_due_are_overdue(self):
        """1,150.00: half after 30 days, half after 60; invoiced 45 days ago."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 30}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 60}),
                ],
            }
        )
        self._overdue(
            0,
            invoice_date=TODAY - timedelta(days=45),
            invoice_payment_term_id=term.id,
            invoice_date_due=False,
        )
        reminder = self._propose_on()
        self.assertEqual((reminder.amount, reminder.days_overdue), (575, 15))

    def test_an_invoice_in_another_currency_is_listed_in_it_and_summed_in_the_company_s(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self._overdue(10, currency_id=euro.id)
        reminder = self._propose_on()
        # 1,150.00 EUR at two to one
        self.assertEqual((reminder.line_ids.amount, reminder.line_ids.currency_id), (1150, euro))
        self.assertEqual(reminder.amount, 575)

    def test_a_company_with_levels_of_its_own_uses_those_only(self):
        own = self.env["psa.dunning.level"].create(
            {
                "name": "Own",
                "days": 3,
                "company_id": self.company.id,
                "template_id": self.first.template_id.id,
            }
        )
        self._overdue(60)
        self.assertEqual(self._propose_on().level_id, own)
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            own.days = -1
            own.flush_recordset()

    def test_the_activity_of_a_level_goes_to_the_responsible(self):
        self.company.psa_collector_id = collector = self._user("collector", "account.group_account_invoice")
        self._overdue(60)
        for days in (0, 7, 14):
            today = TODAY + timedelta(days=days)
            self._send(self._propose_on(today), today)
        activity = self.client.activity_ids
        self.assertEqual(
            (activity.user_id, activity.summary), (collector, "Call the client: last reminder sent")
        )

    def test_proposing_for_more_clients_takes_no_more_queries(self):
        partners = self.env["res.partner"].create([{"name": f"Client {n}"} for n in range(12)])
        for partner in partners:
            self._overdue(10, partner=partner)
        self.env.flush_all()

        def count(clients):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._propose_on(partner=clients)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(partners[:1])
        few, many = count(partners[1:4]), count(partners[4:])
        self.assertLessEqual(many, few + 2, f"{few} queries for 3 clients, {many} for 8")


@tagged("post_install", "-at_install")
class TestDunningCron(DunningCase):
    def test_by_default_reminders_are_proposed_and_nobody_gets_a_mail(self):
        self._overdue(10)
        self._cron()
        reminder = self.reminders.search([("partner_id", "=", self.client.id)])
        self.assertEqual(reminder.state, "proposed")

    def test_where_the_company_says_send_each_client_gets_one_mail_however_often_the_job_runs(self):
        self.company.psa_dunning_mode = "send"
        self._overdue(10)
        self._overdue(30, partner=self.other)
        for _again in range(3):
            self._cron()
        sent = self.reminders.search([("partner_id", "in", (self.client | self.other).ids)])
        self.assertEqual(sent.mapped("state"), ["sent", "sent"])
        for partner in self.client | self.other:
            self.assertEqual(
                len(partner.message_ids.filtered(lambda message: "reminder" in (message.subject or ""))), 1
            )

    def test_a_client_without_address_keeps_nobody_else_from_a_mail(self):
        self.company.psa_dunning_mode = "send"
        self.client.email = False
        self._overdue(10)
        self._overdue(10, partner=self.other)
        self._cron()
        waiting = self.reminders.search([("partner_id", "=", self.client.id)])
        self.assertEqual(waiting.state, "proposed")
        self.assertIn("has no email address: have it entered on the contact", waiting.problem)
        self.assertEqual(self.reminders.search([("partner_id", "=", self.other.id)]).state, "sent")
        # the way out: who reminds may not write contacts, somebody else enters it
        collector = self._user("collector.alone", "account.group_account_invoice")
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.client.with_user(collector).email = "pay@client.example"
        contacts = self._user("contacts", "base.group_user,base.group_partner_manager")
        self.client.with_user(contacts).email = "pay@client.example"
        waiting.with_user(collector).action_send()
        self.assertEqual(waiting.state, "sent")

    def test_a_company_that_wants_none_gets_none(self):
        self.company.psa_dunning_mode = "off"
        self._overdue(10)
        self._cron()
        self.assertFalse(self.reminders.search([("partner_id", "=", self.client.id)]))


@tagged("post_install", "-at_install")
class TestDunningRights(DunningCase):
    def test_who_does_not_invoice_reads_and_does_nothing(self):
        self._overdue(10)
        reminder = self._propose_on()
        outsider = self._user("outsider", "psa_project.group_psa_project_manager")
        for call in (
            lambda: reminder.with_user(outsider).action_send(),
            lambda: reminder.with_user(outsider).action_skip(),
            lambda: self.env["psa.overdue.client"].with_user(outsider).search([]),
            lambda: (
                self.env["psa.dunning.stop"]
                .with_user(outsider)
                .create({"partner_id": self.client.id, "reason": "x"})
            ),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_collectors_of_another_company_see_and_send_nothing(self):
        self._overdue(10)
        reminder = self._propose_on()
        company = self.env["res.company"].create({"name": "Other Company"})
        stranger = self._user("stranger", "account.group_account_invoice", company)
        self.assertFalse(self.env["psa.overdue.client"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            reminder.with_user(stranger).action_send()

    def test_a_collector_sends_but_writes_no_reminder_directly(self):
        self._overdue(10)
        reminder = self._propose_on()
        collector = self._user("collector", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            reminder.with_user(collector).write({"state": "sent"})
        with freeze_time(TODAY):
            reminder.with_user(collector).action_send()
        self.assertEqual((reminder.state, reminder.done_by_id), ("sent", collector))
        self.assertEqual(reminder.message_id.author_id, collector.partner_id)
