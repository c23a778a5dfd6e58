"""Who collects, or says who approves how much, is told by the database what to type instead: it is taken."""

from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_dunning import TODAY, DunningCase


@tagged("post_install", "-at_install")
class TestWaysOutOfCollections(DunningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.biller = cls._user("biller", "psa_billing.group_psa_billing_manager")
        cls.accountant = cls._user("accountant", "account.group_account_manager")
        cls.collector = cls._user("collector", "account.group_account_invoice")

    def assert_told(self, records, call, words):
        """The database refuses ``call`` on ``records``, and the user reads ``words``."""
        with self.assertRaises(IntegrityError) as caught, mute_logger("odoo.sql_db"), self.cr.savepoint():
            call(records)
            self.env.flush_all()
        self.assertIn(words, records._sql_error_to_message(caught.exception))

    def _limit(self, **values):
        return lambda limits: limits.create({"amount": 1000, **values})

    def test_a_limit_is_of_one_user_or_group_and_not_below_zero(self):
        limits = self.env["psa.approval.limit"].with_user(self.accountant)
        user, group = self.biller.id, self.env.ref("psa_billing.group_psa_billing_manager").id
        for values in ({}, {"user_id": user, "group_id": group}):
            self.assert_told(limits, self._limit(**values), "fill in one of the two")
        self.assert_told(limits, self._limit(user_id=user, amount=-1), "0 lets nothing through")
        for values in ({"user_id": user}, {"group_id": group}):
            limit = self._limit(**values)(limits)
            self.assert_told(limits, self._limit(**values), "has a limit in the company already: change that")
            limit.amount = 0
        self.assertEqual(limits._psa_limits_of(self.biller, self.company), {self.biller: 0})

    def test_two_levels_do_not_begin_on_a_day(self):
        levels = self.env["psa.dunning.level"].with_user(self.biller)
        self.assert_told(
            levels, lambda levels: levels.create({"name": "Again", "days": 7}), "change the days of one"
        )
        self.assert_told(
            levels, lambda levels: levels.create({"name": "Before", "days": -1}), "the days are 0 or more"
        )
        levels.create({"name": "Between", "days": 8})
        self.assertEqual(levels._psa_levels_of(self.company).mapped("days"), [7, 8, 21, 45])

    def test_a_promise_is_about_an_open_invoice(self):
        """Nothing is owed, and then 1,150.00."""
        promises = self.env["psa.payment.promise"].with_user(self.collector)
        values = {"partner_id": self.client.id, "date": TODAY}
        self.assert_told(
            promises, lambda promises: promises.create(values), "what the client will pay of an open invoice"
        )
        with self.assertRaisesRegex(ValidationError, "a promise needs an open invoice"), self.cr.savepoint():
            promises.create({**values, "amount": 100})
        self._overdue(10)
        self.assertEqual(promises.create(values).amount, 1150)

    def test_a_reminder_is_sent_once_the_client_has_an_address(self):
        self.client.email = False
        self._overdue(10)
        reminder = self._propose_on().with_user(self.collector)
        with self.assertRaisesRegex(UserError, "have it entered on the contact, then send the reminder"):
            self._send_as(reminder)
        seller = self._user("seller", "sales_team.group_sale_salesman_all_leads,base.group_partner_manager")
        self.client.with_user(seller).email = "ap@client.example"
        self._send_as(reminder)
        self.assertEqual(reminder.state, "sent")
        with self.assertRaisesRegex(UserError, "sent or skipped before"):
            self._send_as(reminder)
        with self.assertRaisesRegex(UserError, "are kept"):
            reminder.sudo().unlink()

    @staticmethod
    def _send_as(reminder):
        with freeze_time(TODAY):
            reminder.action_send()

    def test_what_was_paid_since_is_not_reminded(self):
        invoice = self._overdue(10)
        reminder = self._propose_on().with_user(self.collector)
        self._pay(invoice)
        with self.assertRaisesRegex(UserError, "Nothing is left to remind of"), self.cr.savepoint():
            self._send_as(reminder)

    def test_days_of_a_company_are_not_below_zero(self):
        settings = self.company.sudo()
        for name in ("psa_dunning_gap_days", "psa_duplicate_days"):
            self.assert_told(settings, lambda company, name=name: company.write({name: -1}), "are 0 or more")
            settings[name] = 0
        self._overdue(7)
        self._send(self._propose_on())
        self.assertTrue(self._propose_on(TODAY + timedelta(days=14)))
