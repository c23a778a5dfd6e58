from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
@freeze_time("2026-04-05")
class TestRunClosesTime(PsaBillingCase):
    """March is billed on April 5: 2 h of Ann's at 150.00. Then it is closed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billing = cls._user("closer", "psa_billing.group_psa_billing_manager")
        cls.line = cls._sow().order_line
        cls.entry = cls._work(cls.line, 2, "2026-03-10")

    def _billed_run(self, **values):
        run = self._run(**values)
        run.action_make_proposals()
        self._invoice(run.proposal_ids)
        return run

    def _is_hidden(self, run, name):
        return Form(run.with_user(self.billing))._get_modifier(name, "invisible")

    def test_a_billed_month_is_closed_by_who_bills(self):
        run = self._billed_run()
        self.assertTrue(run.can_close_time)
        self.assertTrue(self._is_hidden(run, "time_closed_until"))
        run.with_user(self.billing).action_close_time()
        self.assertFalse(self._is_hidden(run, "time_closed_until"))
        self.assertEqual(str(run.time_closed_until), "2026-03-31")
        self.assertEqual(str(self.company.psa_time_closed_until), "2026-03-31")
        self.assertIn("closed until 03/31/2026", run.message_ids[0].body)
        self.assertEqual(run.message_ids[0].author_id, self.billing.partner_id)
        self.assertFalse(run.can_close_time)
        mine = self.env["account.analytic.line"].with_user(self.ann.user_id)
        values = {"name": "Late", "project_id": self.entry.project_id.id, "task_id": self.line.task_id.id}
        with self.assertRaisesRegex(UserError, "until 03/31/2026 is closed"):
            mine.create({**values, "unit_amount": 1, "date": "2026-03-31"})
        self.assertTrue(mine.create({**values, "unit_amount": 1, "date": "2026-04-01"}))

    def test_what_was_logged_before_is_approved_and_billed_later(self):
        late = self._log(self.line, 3, "2026-03-31")
        run = self._billed_run()
        run.with_user(self.billing).action_close_time()
        late.action_psa_approve()
        # 3 h x 150.00
        self.assertEqual(self._propose().amount, 450)

    def test_a_credited_hour_is_billed_again_in_a_closed_month(self):
        run = self._billed_run()
        invoice = run.proposal_ids.invoice_id
        invoice.action_post()
        run.with_user(self.billing).action_close_time()
        self._reversal(invoice).refund_moves()
        invoice.reversal_move_ids.action_post()
        self.assertEqual(self._propose().amount, 300)

    def test_nothing_is_closed_before_all_of_it_is_billed(self):
        run = self._run()
        run.action_make_proposals()
        with self.assertRaisesRegex(UserError, "all proposals"):
            run.with_user(self.billing).action_close_time()

    def test_a_run_of_one_client_closes_nothing(self):
        run = self._billed_run(partner_ids=self.client.ids)
        self.assertEqual(run.state, "done")
        self.assertFalse(run.can_close_time)

    def test_days_to_come_stay_open(self):
        run = self._billed_run(last="2026-04-30")
        self.assertFalse(run.can_close_time)
        with self.assertRaises(UserError):
            run.action_close_time()

    def test_the_day_of_a_run_is_empty_while_another_one_is_typed(self):
        form = Form(self.env["psa.billing.run"])
        form.date_to = False
        self.assertFalse(form.can_close_time)

    def test_an_older_run_does_not_open_again(self):
        run = self._billed_run()
        self.company.psa_time_closed_until = "2026-04-04"
        with self.assertRaises(UserError):
            run.action_close_time()
        self.assertEqual(str(self.company.psa_time_closed_until), "2026-04-04")

    def test_a_project_manager_opens_the_run(self):
        """Whether it can be closed follows from filters by records that they may not read."""
        lead = self._user("lead", "psa_project.group_psa_project_manager")
        run = self._billed_run(agreement_ids=self._agreement().ids)
        self.env.invalidate_all()
        names = ["can_close_time", "is_filtered"]
        self.assertEqual(run.with_user(lead).read(names)[0]["is_filtered"], True)

    def test_nobody_else_closes(self):
        run = self._billed_run()
        for group in ("psa_project.group_psa_project_manager", "psa_project.group_psa_user"):
            intruder = self._user(f"intruder.{group}", group)
            with self.assertRaises(AccessError):
                run.with_user(intruder).action_close_time()
        with self.assertRaises(AccessError):
            self.company.with_user(self.billing).psa_time_closed_until = "2026-03-31"
