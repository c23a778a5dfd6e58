"""The daily job: agreements renew, end, and their owners hear of it once."""

from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestAgreementRenewal(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["psa.agreement"].search([("state", "=", "active")]).state = "draft"  # of a demo firm
        cls.env.company.write({"psa_agreement_notice_days": 30, "psa_agreement_end_days": 60})

    def _run_on(self, day):
        with freeze_time(day), self.enter_registry_test_mode():
            self.env.ref("psa_contracts.agreement_cron").method_direct_trigger()
        self.env.invalidate_all()

    def _told(self, agreement):
        return [(str(todo.date_deadline), todo.summary) for todo in agreement.activity_ids.sorted("id")]

    def test_an_agreement_ends_after_its_last_day(self):
        agreement = self._agreement()
        self._run_on("2026-12-31")
        self.assertEqual(agreement.state, "active")
        self._run_on("2027-01-01")
        self.assertEqual(agreement.state, "expired")
        self.assertTrue(any("Ended on 12/31/2026" in body for body in agreement.message_ids.mapped("body")))
        count = len(agreement.message_ids)
        self._run_on("2027-01-02")
        self.assertEqual(len(agreement.message_ids), count)

    def test_a_terminated_one_is_terminated_not_expired(self):
        agreement = self._agreement()
        with freeze_time("2026-02-10"):
            agreement._terminate(agreement.date_end.replace(month=6, day=30), "Notice")
        self._run_on("2026-07-01")
        self.assertEqual(agreement.state, "terminated")

    def test_an_automatic_renewal_adds_a_term_once(self):
        agreement = self._agreement(renewal="automatic", renewal_months=12)
        for _again in range(2):
            self._run_on("2027-01-01")
            self.assertEqual((agreement.state, str(agreement.date_end)), ("active", "2027-12-31"))
        renewals = agreement.message_ids.filtered(lambda message: "now runs until 12/31/2027" in message.body)
        self.assertEqual(len(renewals), 1)
        self.assertEqual(str(agreement.notice_date), "2027-09-30")

    def test_a_job_that_slept_for_years_catches_up(self):
        agreement = self._agreement(renewal="automatic", renewal_months=6)
        self._run_on("2028-02-01")
        self.assertEqual(str(agreement.date_end), "2028-06-30")

    def test_the_owner_is_reminded_of_notice_and_end_once_each(self):
        agreement = self._agreement(renewal="automatic", user_id=self.sales.user_id.id)
        self._run_on("2026-08-30")  # notice can be given until 30 September
        self.assertFalse(agreement.activity_ids)
        for _again in range(2):
            self._run_on("2026-08-31")
            self.assertEqual(
                self._told(agreement),
                [
                    (
                        "2026-09-30",
                        "Last day to give notice: after it, the agreement renews by 12 months.",
                    )
                ],
            )
        self.assertEqual(agreement.activity_ids.user_id, self.sales.user_id)
        for _again in range(2):
            self._run_on("2026-11-01")  # 60 days before the end
            self.assertEqual(len(agreement.activity_ids), 2)
        self.assertEqual(self._told(agreement)[1], ("2026-12-31", "The agreement renews after this day."))
        # the next term has its own dates
        self._run_on("2027-09-01")
        self.assertEqual(len(agreement.activity_ids), 3)
        self.assertEqual(self._told(agreement)[2][0], "2027-09-30")

    def test_an_end_without_renewal_is_announced_too(self):
        agreement = self._agreement(user_id=self.sales.user_id.id)
        self._run_on("2026-12-31")
        ((day, summary),) = self._told(agreement)
        self.assertEqual(day, "2026-12-31")
        self.assertIn("The agreement ends", summary)

    def test_lead_times_are_those_of_the_company(self):
        agreement = self._agreement(user_id=self.sales.user_id.id)
        self.env.company.psa_agreement_end_days = 10
        self._run_on("2026-12-20")
        self.assertFalse(agreement.activity_ids)
        self._run_on("2026-12-21")
        self.assertEqual(len(agreement.activity_ids), 1)

    def test_who_left_or_may_not_read_it_is_not_asked_to_act(self):
        agreement = self._agreement(user_id=self.ann.user_id.id)
        self._run_on("2026-12-01")
        self.assertFalse(agreement.activity_ids)
        self.assertIn("The agreement ends", agreement.message_ids[0].body)
        count = len(agreement.message_ids)
        self._run_on("2026-12-02")
        self.assertEqual(len(agreement.message_ids), count)

    def test_drafts_are_left_alone(self):
        agreement = self._agreement("draft", renewal="automatic")
        self._run_on("2027-06-01")
        self.assertEqual((agreement.state, str(agreement.date_end)), ("draft", "2026-12-31"))

    def test_one_agreement_that_fails_does_not_keep_the_others(self):
        """A term of a thousand centuries, typed by mistake, ended the job for all agreements after it."""
        endless = self._agreement(renewal="automatic", renewal_months=1_200_000, date_start="2026-02-01")
        other = self._agreement(renewal="automatic", renewal_months=12)
        self._run_on("2027-01-01")
        self.assertEqual((str(endless.date_end), str(other.date_end)), ("9999-12-31", "2027-12-31"))

        self._agreement(
            renewal="automatic", notice_period=99_999, date_start="2026-02-02", date_end="2027-06-30"
        )
        renew = type(other)._renew

        def fail(agreement, today):
            if agreement == failing:
                raise ZeroDivisionError
            return renew(agreement, today)

        failing = self._agreement(renewal="automatic", renewal_months=12, date_start="2026-03-01")
        with (
            patch.object(type(other), "_renew", fail),
            self.assertLogs("odoo.addons.psa_contracts.models.psa_agreement_renewal", "ERROR"),
        ):
            self._run_on("2028-01-01")
        self.assertEqual((str(failing.date_end), str(other.date_end)), ("2026-12-31", "2028-12-31"))

    def test_the_owner_reads_it_in_their_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        owner = self._person("owner", "sales_team.group_sale_manager").user_id
        owner.lang = "de_DE"
        agreement = self._agreement(user_id=owner.id)
        self._run_on("2027-01-01")
        self.assertTrue(any("31.12.2026" in body for body in agreement.message_ids.mapped("body")))
