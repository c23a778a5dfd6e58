"""The frame agreement: who may do what with it, and what a SOW takes from it."""

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
@freeze_time("2026-02-10")
class TestAgreement(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls._person("boss", "sales_team.group_sale_manager")
        cls.in_30_days = cls.env.ref("account.account_payment_term_30days")

    # -- states and rights -----------------------------------------------------------------

    def test_sales_drafts_and_a_sales_manager_activates(self):
        form = Form(self.env["psa.agreement"].with_user(self.sales.user_id))
        form.name = "Framework"
        form.partner_id = self.client
        agreement = form.save()
        self.assertRegex(agreement.display_name, r"^MSA/\d{4}/\d{4} Framework$")
        self.assertEqual((agreement.state, agreement.user_id), ("draft", self.sales.user_id))
        self.assertEqual(agreement.currency_id, self.env.company.currency_id)
        agreement.cap_amount = 1000
        with self.assertRaisesRegex(UserError, "Only sales managers activate"):
            agreement.action_activate()
        agreement.with_user(self.boss.user_id).action_activate()
        self.assertEqual(agreement.state, "active")
        with self.assertRaisesRegex(UserError, f"{agreement.number} Framework is no draft any more"):
            agreement.cap_amount = 2000
        agreement.message_post(body="A note is no change")
        agreement.with_user(self.boss.user_id).cap_amount = 2000
        self.assertEqual(agreement.cap_amount, 2000)

    def test_the_status_is_never_written(self):
        agreement = self._agreement("draft")
        for user in (self.sales.user_id, self.boss.user_id):
            with self.subTest(user.login), self.assertRaisesRegex(UserError, "changes by its buttons"):
                agreement.with_user(user).state = "active"
        with self.assertRaisesRegex(UserError, "A new agreement is a draft"):
            self.env["psa.agreement"].with_user(self.sales.user_id).create(
                {"name": "Forged", "partner_id": self.client.id, "state": "active"}
            )
        self.assertEqual(agreement.state, "draft")

    def test_what_was_in_force_is_not_deleted(self):
        agreement = self._agreement("draft")
        with self.assertRaises(AccessError):
            agreement.with_user(self.sales.user_id).unlink()
        agreement.action_activate()
        agreement = agreement.with_user(self.boss.user_id)
        with self.assertRaisesRegex(UserError, "Terminate it"):
            agreement.unlink()
        agreement._terminate(agreement.date_start, "As the message says")
        with self.assertRaisesRegex(UserError, "was in force and has ended. It stays"):
            agreement.unlink()

    def test_terminating_says_when_and_why_and_reopening_starts_anew(self):
        agreement = self._agreement().with_user(self.boss.user_id)
        action = agreement.action_terminate()
        wizard = Form(
            self.env[action["res_model"]].with_user(self.boss.user_id).with_context(**action["context"])
        )
        wizard.reason = "The client was bought"
        wizard.save().action_terminate()
        self.assertEqual((agreement.state, str(agreement.date_end)), ("terminated", "2026-02-10"))
        self.assertIn("The client was bought", agreement.message_ids[0].body)
        agreement.action_reopen()
        self.assertEqual((agreement.state, agreement.termination_date), ("draft", False))
        with self.assertRaisesRegex(UserError, "has not ended"):
            agreement.action_reopen()

    def test_a_termination_in_the_future_keeps_it_active_until_then(self):
        agreement = self._agreement(renewal="automatic")
        agreement._terminate(agreement.date_end.replace(month=6, day=30), "Notice")
        self.assertEqual((agreement.state, agreement.renewal), ("active", "none"))
        self.assertEqual(str(agreement.date_end), "2026-06-30")

    def test_terminating_outside_its_dates_is_refused(self):
        agreement = self._agreement()
        for day in (agreement.date_start.replace(year=2025), agreement.date_end.replace(year=2027)):
            with self.subTest(day), self.assertRaisesRegex(UserError, "01/01/2026 – 12/31/2026"):
                agreement._terminate(day, "Mistake")
        with self.assertRaisesRegex(UserError, "nothing to terminate"):
            self._agreement("draft")._terminate(agreement.date_end, "Mistake")
        self.assertEqual(agreement.state, "active")

    def test_what_has_ended_is_not_activated(self):
        agreement = self._agreement("draft", date_start="2025-01-01", date_end="2025-12-31")
        with self.assertRaisesRegex(UserError, "ended on 12/31/2025. Enter a later last day"):
            agreement.action_activate()

    def test_bad_terms_are_refused(self):
        for values in (
            {"cap_amount": -1},
            {"date_end": "2025-12-31"},
            {"billing_cutoff_day": 32},
            {"notice_period": -1},
            {"renewal": "automatic", "renewal_months": 0},
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self._agreement(**values)
        with self.assertRaisesRegex(ValidationError, "renews by itself, but has no end"):
            self._agreement(renewal="automatic", date_end=False)

    def test_a_negative_lead_time_is_refused(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.cr.savepoint(),
        ):
            self.env.company.psa_agreement_notice_days = -1
            self.env.flush_all()

    def test_the_last_day_for_notice_follows_the_end(self):
        agreement = self._agreement(renewal="automatic")
        self.assertEqual(str(agreement.notice_date), "2026-09-30")
        agreement.write({"notice_period": 30, "notice_unit": "day"})
        self.assertEqual(str(agreement.notice_date), "2026-12-01")
        agreement.with_user(self.boss.user_id).action_stop_renewal()
        self.assertEqual((agreement.renewal, agreement.notice_date), ("none", False))

    def test_whoever_reads_the_agreement_reads_its_documents(self):
        document = (
            self.env["ir.attachment"]
            .with_user(self.sales.user_id)
            .create({"name": "msa.pdf", "raw": b"signed"})
        )
        agreement = self._agreement("draft")
        agreement.with_user(self.sales.user_id).document_ids = document
        self.assertEqual(document.with_user(self.boss.user_id).read(["name"])[0]["name"], "msa.pdf")
        with self.assertRaises(AccessError):
            document.with_user(self.ann.user_id).read(["name"])

    def test_nobody_gets_at_a_strangers_upload_by_putting_it_on_an_agreement(self):
        document = self.env["ir.attachment"].with_user(self.boss.user_id).create({"name": "x", "raw": b"x"})
        agreement = self._agreement("draft").with_user(self.sales.user_id)
        with self.assertRaises(AccessError), self.cr.savepoint():
            agreement.document_ids = [Command.link(document.id)]
        self.assertFalse(document.res_id)

    def test_neither_project_people_nor_another_company_read_it(self):
        agreement = self._agreement()
        other = self.env["res.company"].create({"name": "Other Firm"})
        foreign = self._person("foreign.boss", "sales_team.group_sale_manager", company=other)
        for user in (self.ann.user_id, self.manager.user_id, foreign.user_id):
            with self.subTest(user.login), self.assertRaises(AccessError):
                agreement.with_user(user).read(["name"])

    def test_the_screens_open(self):
        agreement = self._agreement()
        for user in (self.sales.user_id, self.boss.user_id):
            self.env["psa.agreement"].with_user(user).get_views(
                [(False, kind) for kind in ("list", "form", "kanban", "search", "activity")]
            )
        action = agreement.with_user(self.sales.user_id).action_new_sow()
        form = Form(self.env["sale.order"].with_user(self.sales.user_id).with_context(**action["context"]))
        self.assertEqual((form.psa_kind, form.partner_id), ("sow", self.client))
        self.assertEqual(form.psa_agreement_id, agreement)
        agreement.with_user(self.sales.user_id).action_view_invoices()
        self.assertEqual(agreement.action_view_orders()["domain"][0], ("psa_agreement_id", "=", agreement.id))

    # -- what the SOW takes from it --------------------------------------------------------

    def test_the_agreement_of_the_first_day_is_proposed_with_its_payment_terms(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.client.id})
        agreement = self._agreement(payment_term_id=self.in_30_days.id)
        order = self._sow(partner_id=contact.id)
        self.assertEqual((order.psa_agreement_id, order.payment_term_id), (agreement, self.in_30_days))
        order.psa_date_start = "2025-12-31"
        self.assertFalse(order.psa_agreement_id)
        order.psa_date_start = "2026-01-01"
        self.assertEqual(order.psa_agreement_id, agreement)
        self.assertEqual(order._psa_billing_terms().frequency, "monthly")

    def test_of_two_agreements_none_is_guessed_and_a_choice_stays(self):
        first, second = self._agreement(), self._agreement()
        order = self._sow()
        self.assertFalse(order.psa_agreement_id)
        order.psa_agreement_id = second
        order.psa_date_start = "2026-03-15"
        self.assertEqual(order.psa_agreement_id, second)
        second._terminate(second.date_start.replace(month=2, day=9), "Merged with the first")
        order.psa_date_start = "2026-03-16"
        self.assertEqual(order.psa_agreement_id, first)

    def test_drafts_and_other_clients_and_plain_orders_propose_nothing(self):
        self._agreement("draft")
        self.assertFalse(self._sow().psa_agreement_id)
        self._agreement()
        self.assertFalse(self.env["sale.order"].create({"partner_id": self.client.id}).psa_agreement_id)
        rival = self.env["res.partner"].create({"name": "Rival"})
        self.assertFalse(self._sow(partner_id=rival.id).psa_agreement_id)

    def test_the_agreement_of_another_client_is_refused(self):
        rival = self.env["res.partner"].create({"name": "Rival"})
        agreement = self._agreement(name="Rival Frame", partner_id=rival.id)
        order = self._sow()
        message = "Rival Frame is that of another client.*Client Ltd"
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            order.with_user(self.sales.user_id).psa_agreement_id = agreement
        self.assertFalse(order.psa_agreement_id)

    def test_the_billing_terms_of_a_sow_are_those_of_its_agreement(self):
        order = self._sow()
        self.assertEqual(order._psa_billing_terms().rounding_minutes, 0)
        order.psa_agreement_id = self._agreement(
            rounding_minutes="15", billing_cutoff_day=25, billing_grouping="po", po_required=True
        )
        terms = order._psa_billing_terms()
        self.assertEqual((terms.rounding_minutes, terms.cutoff_day, terms.grouping), (15, 25, "po"))
        self.assertTrue(terms.po_required)

    # -- what it does not bear -------------------------------------------------------------

    def assert_not_confirmed(self, order, message):
        with self.assertRaisesRegex(UserError, f"{order.name}: {message}"):
            order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.assertFalse(order.project_ids)

    def test_work_beyond_the_end_of_the_agreement_is_refused_with_both_dates(self):
        agreement = self._agreement(date_end="2026-05-30")
        order = self._sow()
        message = r"the work \(03/01/2026 – 05/31/2026\) goes on after the end.*01/01/2026 – 05/30/2026"
        self.assert_not_confirmed(order, message)
        self.assertRegex(order.psa_agreement_warning, r"The work \(03/01/2026")
        order.psa_date_end = False
        self.assert_not_confirmed(order, r"the work \(03/01/2026 – …\) goes on after the end")
        order.psa_date_end = "2026-05-30"
        self.assertFalse(order.psa_agreement_warning)
        order.action_confirm()
        self.assertEqual((order.state, order.psa_agreement_id), ("sale", agreement))

    def test_an_agreement_that_renews_bears_work_beyond_its_term(self):
        agreement = self._agreement(date_end="2026-03-31", renewal="automatic")
        order = self._sow()
        order.action_confirm()
        self.assertEqual((order.state, order.psa_agreement_id), ("sale", agreement))

    def test_work_that_starts_outside_is_refused(self):
        agreement = self._agreement(date_end="2026-03-31")
        late = self._sow(psa_date_start="2026-04-01", psa_agreement_id=agreement.id)
        self.assert_not_confirmed(late, "the work starts on 04/01/2026, after the end")
        early = self._sow(
            self._hours(self.architect, 1, price_unit=200),
            psa_date_start="2025-12-31",
            psa_date_end="2026-01-31",
            psa_agreement_id=agreement.id,
        )
        self.assert_not_confirmed(early, "the work starts on 12/31/2025, before the agreement")

    def test_no_new_work_starts_under_an_agreement_that_has_ended(self):
        agreement = self._agreement()
        order, running = self._sow(), self._sow()
        running.action_confirm()
        for state, word in (("expired", "expired"), ("terminated", "terminated")):
            agreement.state = state
            with self.subTest(state):
                self.assert_not_confirmed(
                    order, rf"the agreement .* \(01/01/2026 – 12/31/2026\) is {word}.*manager reopen it"
                )
        agreement.state = "draft"
        self.assert_not_confirmed(order, "the agreement .* is a draft. Have a sales manager activate it")
        # what runs goes on, and so do its changes
        agreement.state = "terminated"
        self.assertEqual(running.state, "sale")
        change = self._change(running, psa_cap_change=1000)
        self.assertIsNone(change._psa_agreement_problem())

    def test_a_purchase_order_number_is_asked_for(self):
        self._agreement(po_required=True)
        order = self._sow(client_order_ref="  ")
        self.assert_not_confirmed(order, "the agreement .* asks for the client's purchase order number")
        order.client_order_ref = "PO-4711"
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_another_currency_and_too_much_work_are_pointed_out(self):
        agreement = self._agreement(cap_amount=19999)
        order = self._sow()  # 40 × 200 + 100 × 120 = 20,000
        self.assertIn("more is sold than the cap of the agreement", order.psa_agreement_warning)
        agreement.cap_amount = 20000
        order.invalidate_recordset(["psa_agreement_warning"])
        self.assertFalse(order.psa_agreement_warning)
        foreign = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("id", "!=", order.currency_id.id)], limit=1)
        )
        foreign.active = True
        agreement.currency_id = foreign
        order.invalidate_recordset(["psa_agreement_warning"])
        self.assertIn(f"the agreement in {foreign.name}", order.psa_agreement_warning)

    def test_payment_terms_of_a_signed_sow_stay(self):
        agreement = self._agreement()
        order = self._sow()
        before = order.payment_term_id
        order.action_confirm()
        other = self._agreement(payment_term_id=self.in_30_days.id)
        order.psa_agreement_id = other
        self.assertEqual(order.payment_term_id, before)
        self.assertNotEqual(agreement, other)

    def test_a_sow_of_a_company_without_the_agreement_cannot_take_it(self):
        other = self.env["res.company"].create({"name": "Other Firm"})
        agreement = self._agreement(company_id=other.id)
        order = self._sow()
        self.assertFalse(order.psa_agreement_id)
        with self.assertRaises(UserError):
            order.write({"psa_agreement_id": agreement.id, "order_line": [Command.clear()]})
