from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.psa_billing.models import psa_billing_run_job as job

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestRunJobs(PsaBillingCase):
    """Large runs in the background, dry runs, and runs by schedule."""

    def _sows(self, count=3):
        orders = self.env["sale.order"]
        for _number in range(count):
            order = self._sow()
            self._work(order.order_line, 1)
            orders += order
        return orders

    def _cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"psa_billing.{name}").method_direct_trigger()
        self.env.invalidate_all()

    # -- in the background -----------------------------------------------------------------

    def test_a_large_run_works_in_the_background_and_shows_its_progress(self):
        orders = self._sows()
        run = self._run()
        with patch.object(job, "AT_ONCE", 2), patch.object(job, "BATCH", 2):
            run.action_make_proposals()
            self.assertFalse(run.proposal_ids)
            self.assertEqual((run.job, run.job_done, run.job_total, run.job_progress), ("propose", 0, 3, 0))
            with self.assertRaisesRegex(UserError, "0 of 3 are done"):
                run.action_make_proposals()
            self.assertEqual(run.sudo()._psa_work_batch(), 2)
            self.assertEqual((run.job_done, len(run.proposal_ids)), (2, 2))
            self._cron("psa_billing_run_job_cron")
        self.assertFalse(run.job)
        self.assertEqual(run.proposal_ids.order_id, orders)
        self.assertEqual(set(run.proposal_ids.mapped("amount")), {150})

    def test_many_invoices_are_made_in_the_background_and_one_that_cannot_says_why(self):
        orders = self._sows()
        run = self._run()
        run.action_make_proposals()
        run.proposal_ids.action_approve()
        orders[1].order_line.sudo().with_context(sale_write_from_compute=True).price_unit = 160
        with patch.object(job, "AT_ONCE", 2):
            run.action_create_invoices()
            self.assertEqual((run.job, run.job_total), ("invoice", 3))
            self._cron("psa_billing_run_job_cron")
        self.assertEqual(sorted(run.proposal_ids.mapped("state")), ["approved", "invoiced", "invoiced"])
        self.assertIn(f"The price of {orders[1].name}", run.message)

    def test_what_was_billed_by_hand_meanwhile_is_not_billed_again(self):
        self._sows()
        run = self._run()
        with patch.object(job, "AT_ONCE", 0):
            run.action_make_proposals()
        self._invoice(self._propose())  # somebody was faster
        self._cron("psa_billing_run_job_cron")
        self.assertFalse(run.proposal_ids)
        self.assertFalse(run.job)

    def test_strangers_start_nothing(self):
        self._sows(1)
        run = self._run()
        reviewer = self._user("reviewer", "psa_project.group_psa_project_manager")
        for action in ("action_make_proposals", "action_create_invoices", "action_preview"):
            with self.assertRaises(AccessError):
                getattr(run.with_user(reviewer), action)()
        manager = self._user("biller", "psa_billing.group_psa_billing_manager")
        run.with_user(manager).action_make_proposals()
        self.assertEqual(run.proposal_ids.amount, 150)
        # what the machine notes of its work is not typed, nor by those who bill
        for values in ({"job": "propose"}, {"job_todo": [1]}, {"is_scheduled": True}, {"message": "x"}):
            with self.assertRaises(AccessError):
                run.with_user(manager).write(values)
            with self.assertRaises(AccessError):
                run.with_user(manager).create({"name": "Forged", **values})

    # -- dry run ---------------------------------------------------------------------------

    def test_a_dry_run_shows_amounts_and_problems_and_stores_nothing(self):
        good, bad = self._sows(2)
        bad.order_line.product_id.active = False
        good.order_line.sudo().tax_ids = False
        good.order_line.flush_recordset()
        run = self._run()
        before = {
            model: self.env[model].search_count([])
            for model in (
                "psa.billing.proposal",
                "psa.billing.proposal.line",
                "mail.activity",
                "mail.message",
            )
        }
        preview = self.env["psa.billing.preview"].browse(run.action_preview()["res_id"])
        after = {model: self.env[model].search_count([]) for model in before}
        self.assertEqual(after, before)
        self.assertEqual(self.env["psa.wip.entry"].search([]).mapped("state"), ["open", "open"])
        self.assertEqual((preview.line_count, preview.blocked_count), (2, 2))
        self.assertIn("archived", preview.line_ids[0].message)
        bad.order_line.product_id.active = True
        preview = self.env["psa.billing.preview"].browse(run.action_preview()["res_id"])
        self.assertEqual(preview.line_ids.mapped("amount"), [150, 150])
        self.assertEqual(preview.line_ids.mapped("hours"), [1, 1])
        preview.action_make_proposals()
        self.assertEqual(run.proposal_ids.mapped("amount"), [150, 150])

    def test_a_dry_run_of_nothing_says_so(self):
        preview = self.env["psa.billing.preview"].browse(self._run().action_preview()["res_id"])
        self.assertEqual(preview.line_count, 0)

    # -- by schedule -----------------------------------------------------------------------

    def _runs_by_schedule(self):
        return self.env["psa.billing.run"].search(
            [("is_scheduled", "=", True), ("company_id", "=", self.company.id)]
        )

    def test_no_schedule_no_run(self):
        self._sows(1)
        self._cron("psa_billing_run_schedule_cron")
        self.assertFalse(self._runs_by_schedule())

    def test_the_month_is_billed_on_its_day_once_and_the_managers_are_told(self):
        self.env["res.lang"]._activate_lang("de_DE")
        manager = self._user("biller", "psa_billing.group_psa_billing_manager")
        manager.lang = "de_DE"
        with freeze_time("2026-03-20"):
            self.company.write({"psa_billing_schedule": "monthly", "psa_billing_schedule_day": 3})
            self._sows(2)
            self._cron("psa_billing_run_schedule_cron")
        with freeze_time("2026-04-02"):
            self._cron("psa_billing_run_schedule_cron")
            self.assertFalse(self._runs_by_schedule())  # February is not billed after the fact
        for day in ("2026-04-05", "2026-04-06"):  # the server stood still on the 3rd
            with freeze_time(day):
                self._cron("psa_billing_run_schedule_cron")
        run = self._runs_by_schedule()
        self.assertEqual((str(run.date_to), run.date_from, run.job), ("2026-03-31", False, "propose"))
        with freeze_time("2026-04-06"):
            self._cron("psa_billing_run_job_cron")
        self.assertEqual(set(run.proposal_ids.mapped("state")), {"draft"})
        self.assertEqual(run.proposal_ids.mapped("amount"), [150, 150])
        self.assertIn(manager, run.activity_ids.user_id)
        self.assertEqual(run.activity_ids[0].summary, "Review 2 proposals")
        told = run.activity_ids.filtered(lambda activity: activity.user_id == manager)
        self.assertIn("until 31.03.2026 was made by schedule", told.note)  # in the language of who reads it
        stranger = self._user("lead", "psa_project.group_psa_project_manager")
        self.assertNotIn(stranger, run.activity_ids.user_id)

    def test_a_company_that_is_made_with_its_schedule_is_billed_by_it(self):
        with freeze_time("2026-03-20"):
            values = {"name": "New", "psa_billing_schedule": "monthly", "psa_billing_schedule_day": 3}
            company = self.env["res.company"].sudo().create(values)
            self._cron("psa_billing_run_schedule_cron")
        runs = self.env["psa.billing.run"].sudo()
        self.assertFalse(runs.search([("company_id", "=", company.id)]))
        for day in ("2026-04-03", "2026-04-04"):
            with freeze_time(day):
                self._cron("psa_billing_run_schedule_cron")
        run = runs.search([("company_id", "=", company.id)])
        self.assertEqual(run.mapped(lambda one: str(one.date_to)), ["2026-03-31"])

    def test_the_week_is_billed_on_its_weekday(self):
        with freeze_time("2026-03-25"):
            self.company.write({"psa_billing_schedule": "weekly", "psa_billing_schedule_weekday": "2"})
        with freeze_time("2026-03-30"):  # a Monday
            self._cron("psa_billing_run_schedule_cron")
            self.assertFalse(self._runs_by_schedule())
        with freeze_time("2026-03-31"):
            self._cron("psa_billing_run_schedule_cron")
        self.assertEqual(str(self._runs_by_schedule().date_to), "2026-03-29")

    @mute_logger("odoo.sql_db")
    def test_a_day_that_no_month_has_is_refused(self):
        with self.assertRaisesRegex(Exception, "schedule_is_a_day"), self.env.cr.savepoint():
            self.company.psa_billing_schedule_day = 32
            self.company.flush_recordset()
