from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_adjustments import ReviewCase

PM = "psa_project.group_psa_project_manager"


@tagged("post_install", "-at_install")
class TestReviewSteps(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._user("lead", PM)
        cls.order = cls._sow()
        cls.line = cls.order.order_line
        cls.project = cls.line.task_id.project_id
        cls.project.user_id = cls.lead
        cls.entry = cls._work(cls.line, 2)

    def test_without_the_setting_nobody_has_to_review(self):
        proposal = self._propose()
        self.assertEqual(proposal.reviewer_id, self.lead)
        self.assertFalse(proposal.activity_ids)
        proposal.action_approve()
        self.assertEqual(proposal.state, "approved")

    def test_who_leads_the_project_reviews_what_is_approved_then(self):
        self.company.psa_billing_review = True
        proposal = self._propose()
        activity = proposal.activity_ids
        self.assertEqual((activity.user_id, activity.summary), (self.lead, "Review what is billed"))
        with self.assertRaisesRegex(UserError, "is not reviewed yet: bill.lead .* is asked"):
            proposal.action_approve()
        proposal.with_user(self.lead).action_review()
        self.assertEqual((proposal.state, proposal.reviewed_by_id), ("reviewed", self.lead))
        self.assertFalse(proposal.activity_ids)
        proposal.action_approve()
        self.assertEqual(self._invoice_of(proposal).amount_untaxed, 300)
        history = [str(body) for body in proposal.message_ids.sorted("id").mapped("body")]
        self.assertEqual([body[3:].split(":")[0] for body in history], ["Reviewed", "Approved", "Invoiced"])

    def _invoice_of(self, proposal):
        proposal.action_create_invoice()
        return proposal.invoice_id

    def test_a_reviewed_proposal_can_be_changed_and_taken_back(self):
        self.company.psa_billing_review = True
        proposal = self._propose()
        proposal.action_review()
        self._adjust(proposal, "amount", amount=250)
        self.assertEqual((proposal.state, proposal.amount), ("reviewed", 250))
        proposal.action_reset()
        self.assertEqual((proposal.state, proposal.reviewed_by_id.id), ("draft", False))
        proposal.action_review()
        with self.assertRaisesRegex(UserError, "is reviewed already"):
            proposal.action_review()
        proposal.action_cancel()
        self.assert_wip(self.entry, ("open", 2, 2, 300))

    def test_what_is_to_solve_is_solved_before_the_review(self):
        self.line.sudo().price_unit = 0
        proposal = self._propose()
        with self.assertRaisesRegex(UserError, "is sold at a price of 0"):
            proposal.action_review()

    def test_a_lead_who_may_not_review_is_not_asked(self):
        self.company.psa_billing_review = True
        self.project.user_id = self.ann.user_id
        self.assertEqual(self._propose().activity_ids.user_id, self.env.user)

    def test_project_managers_review_their_own_projects(self):
        other = self._user("other", PM)
        proposal = self._propose()
        wip = self.entry.psa_wip_ids
        foreign, theirs = proposal.with_user(other), proposal.with_user(self.lead)
        adjustment_methods = ("action_review", "action_adjust", "action_add_line")
        line_methods = (
            "action_adjust",
            "action_edit_text",
            "action_hold",
            "action_release",
            "action_undo_adjustments",
        )
        wip_methods = (
            "action_adjust",
            "action_split",
            "action_move",
            "action_hold",
            "action_undo_adjustments",
        )
        for user, expected in (
            (other, "is led by bill.lead"),
            (self.ann.user_id, "not allowed|Only billing"),
        ):
            for records, methods in (
                (proposal, adjustment_methods),
                (proposal.line_ids, line_methods),
                (wip, wip_methods),
            ):
                for method in methods:
                    with self.subTest(user=user.login, model=records._name, method=method):
                        with self.assertRaisesRegex(AccessError, expected):
                            getattr(records.with_user(user), method)()
        wizard = foreign.env["psa.adjust.work"].create(
            {"proposal_id": proposal.id, "how": "write_off", "reason_id": self.goodwill.id}
        )
        with self.assertRaisesRegex(AccessError, "is led by"):
            wizard.action_apply()
        for model, values in (
            ("psa.split.work", {"wip_id": wip.id, "quantity": 1}),
            ("psa.move.work", {"wip_ids": wip.ids, "sale_line_id": self.line.id}),
            ("psa.edit.text", {"line_id": proposal.line_ids.id, "name": "Mine"}),
            ("psa.add.line", {"proposal_id": proposal.id, "name": "Mine", "amount": 1}),
        ):
            with self.assertRaisesRegex(AccessError, "is led by"):
                foreign.env[model].create(values).action_apply()
        # without any right on accounting
        self._adjust(theirs, "amount", amount=250)
        self._adjust(
            theirs.line_ids.wip_ids.filtered(lambda part: part.state == "proposed"), "quantity", quantity=1
        )
        self.assertEqual(proposal.amount, 150)
        with self.assertRaisesRegex(AccessError, "is led by"):
            proposal.adjustment_ids.with_user(other).action_undo()
        theirs.adjustment_ids.action_undo()
        self.assertEqual(proposal.amount, 300)
        theirs.message_post(body="The second hour was a call")
        self.assertIn("second hour", proposal.message_ids[0].body)

    def test_what_others_type_into_dialogs_is_theirs(self):
        proposal = self._propose()
        wizard = (
            self.env["psa.adjust.work"]
            .with_user(self.lead)
            .create({"proposal_id": proposal.id, "reason_id": self.goodwill.id})
        )
        other = self._user("other", PM)
        with self.assertRaises(AccessError):
            wizard.with_user(other).action_apply()

    def test_the_client_is_no_recipient_of_what_is_said(self):
        proposal = self._propose()
        self.assertFalse(proposal._mail_get_partners()[proposal.id])
        self.assertFalse(proposal.message_follower_ids)

    def test_work_changed_after_the_proposal_is_noticed(self):
        proposal = self._propose()
        self.env.flush_all()
        # as a repair of the database does
        self.env.cr.execute(
            "UPDATE account_analytic_line SET unit_amount = 1.5 WHERE id = %s", [self.entry.id]
        )
        with self.assertRaisesRegex(UserError, "was changed after it was rated .1.5 hours now, 2 then."):
            proposal.action_approve()
        self.env.cr.execute(
            "UPDATE account_analytic_line SET unit_amount = 2, psa_state = 'draft' WHERE id = %s",
            [self.entry.id],
        )
        with self.assertRaisesRegex(UserError, "was changed after it was rated"):
            proposal.action_approve()

    def test_an_adjusted_entry_is_not_taken_for_changed(self):
        proposal = self._propose()
        self._adjust(self.entry.psa_wip_ids, "quantity", quantity=1)
        proposal.action_approve()
        self.assertEqual(proposal.state, "approved")

    def test_queries_of_asking_do_not_grow_with_the_proposals(self):
        self.company.psa_billing_review = True

        def queries_of(count, day):
            for _number in range(count):
                order = self._sow()
                order.order_line.task_id.project_id.user_id = self.lead
                self._work(order.order_line, 1, day)
            run = self._run(day, day)
            return self._count_queries(run.action_make_proposals)

        queries_of(1, "2026-03-10")  # caches
        few, many = queries_of(2, "2026-03-11"), queries_of(6, "2026-03-12")
        self.assertLessEqual(many, few + 8)
