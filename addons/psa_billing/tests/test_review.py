from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_adjustments import ReviewCase

PM, BILLER = "psa_project.group_psa_project_manager", "psa_billing.group_psa_billing_manager"


@tagged("post_install", "-at_install")
class TestAdjustProposals(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            cls._line(cls.architect),
            cls._line(cls.developer),
            cls._line(cls.architect, 1, "fixed", price_unit=500),
        )
        cls.first, cls.second, cls.fixed = cls.order.order_line
        cls.entries = [cls._work(cls.first, 1, f"2026-03-0{day}") for day in (2, 3, 4)]
        cls.other = cls._work(cls.second, 2)
        cls.proposal = cls._propose()  # 3 × 150.00 + 2 × 100.00 + 500.00

    def _line_of(self, sale_line):
        return self.proposal.line_ids.filtered(lambda line: line.sale_line_id == sale_line)

    def test_a_proposal_comes_to_a_round_amount_pro_rata(self):
        # 1,150.00 to 1,000.00: −150.00, shares 19.5652 of each 150.00, 26.0870 of 200.00, 65.2174 of 500.00.
        # What the running sum gains: 19.57, 19.56, 19.57; 26.08 (84.78 − 58.70); 65.22 (150.00 − 84.78).
        self._adjust(self.proposal, "amount", amount=1000)
        self.assert_proposal(self.proposal, 1150, -150, 1000)
        self.assertEqual(
            [entry.psa_wip_ids.sorted("part")[0].amount for entry in self.entries], [130.43, 130.44, 130.43]
        )
        self.assertEqual(
            [self._line_of(line).amount for line in (self.first, self.second, self.fixed)],
            [391.3, 173.92, 434.78],
        )
        self.assertEqual(self.proposal.adjustment_count, 3)
        invoice = self._invoice(self.proposal, post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (1000, 150))
        self.assert_host_figures(self.first, delivered=3, invoiced=3, amount_to_invoice=0)
        self.assert_host_figures(self.fixed, delivered=0, invoiced=1, amount_to_invoice=0)
        self._credit(invoice)
        self.assertFalse(self.proposal.adjustment_count)
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 1150)

    def test_a_line_bills_another_amount(self):
        self._adjust(self._line_of(self.second), "amount", amount=150)
        self._adjust(self._line_of(self.fixed), "percent", percent=10)
        self.assert_proposal(self.proposal, 1150, 0, 1150)  # −50.00 + 50.00
        self.assertEqual(self._line_of(self.fixed).amount, 550)
        self._line_of(self.fixed).action_undo_adjustments()
        self.assertEqual(self._line_of(self.fixed).amount, 500)
        self.assert_proposal(self.proposal, 1150, -50, 1100)
        with self.assertRaisesRegex(UserError, "Nothing on these lines"):
            self._line_of(self.fixed).action_undo_adjustments()

    def test_lines_are_written_off(self):
        self._adjust(self._line_of(self.first) + self._line_of(self.fixed), "write_off")
        self.assert_proposal(self.proposal, 1150, -950, 200)
        self.assertEqual(self._line_of(self.first).worked_hours, 3)
        self.proposal.action_cancel()
        self.assertEqual(self._propose().amount, 1150)

    def test_what_is_fixed_keeps_its_adjustment_when_the_run_looks_again(self):
        self._adjust(self._line_of(self.fixed), "amount", amount=450)
        self._adjust(self.entries[0].psa_wip_ids, "amount", amount=100)
        self._work(self.second, 1, "2026-03-05")
        self.proposal.action_make_again()
        self.assert_proposal(self.proposal, 1250, -100, 1150)

    def test_more_than_a_proposal_comes_to_is_not_written_off(self):
        for records in (self.proposal, self._line_of(self.fixed), self._line_of(self.first)):
            with self.assertRaisesRegex(UserError, "not more than that can be written off"):
                self._adjust(records, "amount", amount=-5)
        self._line_of(self.fixed).action_hold()
        with self.assertRaisesRegex(UserError, "is held"):
            self._adjust(self._line_of(self.fixed), "amount", amount=5)

    def test_a_deleted_line_of_the_draft_invoice_takes_back_what_was_adjusted_on_it(self):
        self._adjust(self._line_of(self.second), "amount", amount=150)
        self._adjust(self.entries[0].psa_wip_ids, "amount", amount=100)
        invoice = self._invoice(self.proposal)
        second = self._line_of(self.second)
        invoice.invoice_line_ids.filtered(lambda line: line.psa_proposal_line_id == second).unlink()
        self.assert_wip(self.other, ("open", 2, 2, 200))
        self.assert_wip(self.entries[0], ("billed", 1, 1, 100), ("written_off", 0, 0, 50))
        self.assert_adjustments(
            self.order, ("undone", "write_off", 0, 0, -50), ("done", "write_off", 0, 0, -50)
        )

    def test_the_text_of_a_line_goes_on_the_invoice(self):
        line = self._line_of(self.fixed)
        wizard = self.env["psa.edit.text"].browse(line.action_edit_text()["res_id"])
        self.assertEqual(wizard.name, self.fixed.name)
        wizard.name = "Concept, version 2"
        wizard.action_apply()
        invoice = self._invoice(self.proposal)
        names = invoice.invoice_line_ids.filtered(lambda line: line.sale_line_ids == self.fixed).mapped(
            "name"
        )
        self.assertEqual(names, ["Concept, version 2"])

    def test_an_empty_text_is_that_of_the_statement_of_work(self):
        line = self._line_of(self.fixed)
        for typed in ("Other", "  "):
            wizard = self.env["psa.edit.text"].browse(line.action_edit_text()["res_id"])
            wizard.name = typed
            wizard.action_apply()
        self.assertFalse(line.name)

    def _add(self, text="Travel, flat", amount=120.5, proposal=None, **values):
        proposal = proposal or self.proposal
        wizard = self.env["psa.add.line"].browse(proposal.action_add_line()["res_id"])
        wizard.write({"name": text, "amount": amount, "reason_id": self.goodwill.id, **values})
        wizard.action_apply()
        return proposal.line_ids.filtered("is_added")

    def test_a_fixed_line_is_added_on_a_line_of_its_own(self):
        added = self._add()
        self.assert_proposal(self.proposal, 1150, 120.5, 1270.5)
        self.assertEqual(added.sale_line_id.order_id, self.order)
        invoice = self._invoice(self.proposal, post=True)
        # 1,270.50 and 15 %
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (1270.5, 190.58))
        line = invoice.invoice_line_ids.filtered(lambda line: line.sale_line_ids == added.sale_line_id)
        self.assertEqual((line.name, line.price_subtotal), ("Travel, flat", 120.5))
        self.assert_host_figures(added.sale_line_id, delivered=0, invoiced=1, amount_to_invoice=0)
        self.assertFalse(self._propose())

    def test_an_added_line_goes_with_its_proposal_or_invoice(self):
        added = self._add(amount=-50)
        self.assertEqual(self.proposal.amount, 1100)
        sale_line = added.sale_line_id
        invoice = self._invoice(self.proposal)
        self.assertEqual(invoice.amount_untaxed, 1100)
        invoice.unlink()
        self.assertEqual(sale_line.product_uom_qty, 0)
        proposal = self._propose()
        self.assertEqual(proposal.amount, 1150)
        added = self._add(proposal=proposal)
        proposal.action_cancel()
        self.assertEqual(added.sale_line_id.product_uom_qty, 0)
        self.assertEqual(self._propose().amount, 1150)

    def test_an_added_line_is_taken_back(self):
        added = self._add()
        sale_line = added.sale_line_id
        with self.assertRaisesRegex(UserError, "was added here"):
            self._adjust(added, "amount", amount=100)
        added.action_undo_adjustments()
        self.assertFalse(added.exists())
        self.assertEqual(sale_line.product_uom_qty, 0)
        self.assert_proposal(self.proposal, 1150, 0, 1150)
        adjustment = self.env["psa.adjustment"].search([("sale_line_id", "=", sale_line.id)])
        self.assertEqual((adjustment.state, adjustment.proposal_id), ("undone", self.proposal))

    def test_a_line_to_add_says_what_why_and_how_much(self):
        for values in ({"text": " "}, {"reason_id": False}, {"sale_line_id": False}):
            with self.assertRaisesRegex(UserError, "needs its text"):
                self._add(**values)
        with self.assertRaisesRegex(UserError, "cannot be zero"):
            self._add(amount=0)
        foreign = self._sow().order_line
        with self.assertRaisesRegex(UserError, "is no line of"):
            self._add(sale_line_id=foreign.id)

    def test_a_write_up_over_the_cap_is_refused(self):
        line = self._sow(self._line(self.architect, cap=600)).order_line
        entry = self._work(line, 4, "2026-04-02")
        proposal = self._propose("2026-04-01", "2026-04-30")
        with self.assertRaisesRegex(UserError, "more than the cap of"), self.env.cr.savepoint():
            self._adjust(proposal, "amount", amount=600.01)
        self.assert_wip(entry, ("proposed", 4, 4, 600))

    def test_what_is_written_off_on_a_proposal_gives_room_under_the_cap(self):
        line = self._sow(self._line(self.architect, cap=600)).order_line
        entry, over = self._work(line, 4, "2026-04-02"), self._work(line, 2, "2026-04-03")
        proposal = self._propose("2026-04-01", "2026-04-30")
        self._adjust(entry.psa_wip_ids, "amount", amount=450)
        # 150.00 of room: one of the two hours
        self.assert_wip(over, ("over_cap", 1, 1, 150), ("open", 1, 1, 150))
        proposal.action_make_again()
        self.assertEqual((proposal.amount, proposal.worked_amount), (600, 750))
        # it is taken: the write-off cannot be taken back on this proposal
        with self.assertRaisesRegex(UserError, "150.00 more than the cap"), self.env.cr.savepoint():
            entry.psa_wip_ids.filtered(lambda part: part.state == "proposed").action_undo_adjustments()
        proposal.action_cancel()
        self.assert_wip(entry, ("open", 4, 4, 600))
        self.assert_wip(over, ("over_cap", 2, 2, 300))


@tagged("post_install", "-at_install")
class TestMoveWork(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            cls._line(cls.architect),
            cls._line(cls.developer),
            cls._line(cls.architect, 10, "fixed", price_unit=90),
        )
        cls.first, cls.second, cls.fixed = cls.order.order_line
        cls.entry = cls._work(cls.first, 2)

    def _move(self, wip, target):
        wizard = self.env["psa.move.work"].browse(wip.action_move()["res_id"])
        wizard.sale_line_id = target
        wizard.action_apply()

    def test_work_on_a_proposal_moves_with_its_entry(self):
        proposal = self._propose()
        self._adjust(self.entry.psa_wip_ids, "amount", amount=250)
        self._move(self.entry.psa_wip_ids.filtered(lambda part: part.state == "proposed"), self.second)
        # 2 h at 100.00 instead of 150.00; what was adjusted is taken back
        self.assert_wip(self.entry, ("proposed", 2, 2, 200))
        self.assertEqual(self.entry.so_line, self.second)
        self.assertEqual(proposal.line_ids.sale_line_id, self.second | self.fixed)
        self.assert_proposal(proposal, 1100, 0, 1100)  # with the fixed price, 10 × 90.00
        self.assert_adjustments(self.order, ("undone", "write_off", 0, 0, -50))
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(invoice.amount_untaxed, 1100)
        self.assertEqual(self.entry.timesheet_invoice_id, invoice)
        self.assert_host_figures(self.first, delivered=0, invoiced=0, amount_to_invoice=0)
        self.assert_host_figures(self.second, delivered=2, invoiced=2, amount_to_invoice=0)
        with self.assertRaisesRegex(UserError, "is billed on"):
            self._move(self.entry.psa_wip_ids, self.first)

    def test_held_work_stays_held_and_open_work_open(self):
        other = self._work(self.first, 1)
        self.entry.psa_wip_ids.action_hold()
        self._move((self.entry + other).psa_wip_ids, self.second)
        self.assert_wip(self.entry, ("held", 2, 2, 200))
        self.assert_wip(other, ("open", 1, 1, 100))

    def test_work_moved_to_a_fixed_price_is_covered_and_back(self):
        self._move(self.entry.psa_wip_ids, self.fixed)
        self.assert_wip(self.entry, ("covered", 2, 0, 0))
        self._move(self.entry.psa_wip_ids, self.first)
        self.assert_wip(self.entry, ("open", 2, 2, 300))

    def test_the_choice_stays_when_the_time_is_recalled(self):
        self._move(self.entry.psa_wip_ids, self.second)
        self.entry.action_psa_recall()
        self.assertFalse(self.entry.psa_wip_ids)
        self.entry.action_psa_submit()
        self.entry.action_psa_approve()
        self.assert_wip(self.entry, ("open", 2, 2, 200))

    def test_work_stays_within_its_statement_of_work(self):
        foreign = self._sow().order_line
        with self.assertRaisesRegex(UserError, "was worked for"):
            self._move(self.entry.psa_wip_ids, foreign)
        section = self.order.order_line.sudo().create(
            {"order_id": self.order.id, "display_type": "line_section", "name": "Section"}
        )
        with self.assertRaisesRegex(UserError, "is not sold by work"):
            self._move(self.entry.psa_wip_ids, section)
        self.second.sudo().price_unit = 0
        with self.assertRaisesRegex(UserError, "has no price yet"):
            self._move(self.entry.psa_wip_ids, self.second)
        self._adjust(self.entry.psa_wip_ids, "write_off")
        with self.assertRaisesRegex(UserError, "is written off"):
            self._move(self.entry.psa_wip_ids, self.first)

    def test_caps_are_consumed_on_the_new_line(self):
        self.second.sudo().psa_cap_amount = 150
        self._move(self.entry.psa_wip_ids, self.second)
        # 150.00 at 100.00: 1.5 h
        self.assert_wip(self.entry, ("open", 1.5, 1.5, 150), ("over_cap", 0.5, 0.5, 50))


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
        with self.assertRaisesRegex(UserError, "no rate for the role"):
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
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            run.action_make_proposals()
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        queries_of(1, "2026-03-10")  # caches
        few, many = queries_of(2, "2026-03-11"), queries_of(6, "2026-03-12")
        self.assertLessEqual(many, few + 8)


@tagged("post_install", "-at_install")
class TestApprovalLimits(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.junior, cls.senior = cls._user("junior", BILLER), cls._user("senior", BILLER)
        cls.limits = cls.env["psa.approval.limit"].sudo()
        cls.line = cls._sow().order_line
        cls._work(cls.line, 2)
        cls.proposal = cls._propose()  # 300.00

    def _limit(self, amount, **values):
        return self.limits.create({"company_id": self.company.id, "amount": amount, **values})

    def test_without_a_limit_any_amount_is_approved(self):
        self.proposal.with_user(self.junior).action_approve()
        self.assertEqual(self.proposal.approved_by_id, self.junior)

    def test_a_limit_is_inclusive(self):
        self._limit(300, user_id=self.junior.id)
        self.assertIsNone(self.proposal.with_user(self.junior).action_approve())
        self.assertEqual(self.proposal.state, "approved")

    def test_what_is_over_the_limit_goes_to_somebody_who_may(self):
        self._limit(299.99, user_id=self.junior.id)
        self._limit(1000, user_id=self.senior.id)
        told = self.proposal.with_user(self.junior).action_approve()
        self.assertRegex(told["params"]["message"], "bill.senior .* is asked to approve")
        self.assertEqual(self.proposal.state, "draft")
        activity = self.proposal.activity_ids
        self.assertEqual(activity.user_id, self.senior)
        self.assertIn("bill.junior", activity.summary)
        # asking again asks once
        self.proposal.with_user(self.junior).action_approve()
        self.assertEqual(len(self.proposal.activity_ids), 1)
        self.proposal.with_user(self.senior).action_approve()
        self.assertEqual((self.proposal.state, self.proposal.approved_by_id), ("approved", self.senior))
        self.assertFalse(self.proposal.activity_ids)

    def test_of_several_proposals_those_within_the_limit_are_approved(self):
        other = self._sow().order_line
        self._work(other, 10, "2026-04-02")
        large = self._propose("2026-04-01", "2026-04-30")
        self._limit(500, user_id=self.junior.id)
        (self.proposal + large).with_user(self.junior).action_approve()
        self.assertEqual((self.proposal.state, large.state), ("approved", "draft"))

    def test_the_limit_of_a_user_counts_before_that_of_groups(self):
        biller, pm = self.env.ref(BILLER), self.env.ref(PM)
        self._limit(100, group_id=biller.id)
        self._limit(200, group_id=pm.id)
        self.senior.group_ids += pm
        self._limit(50, user_id=self.junior.id)
        limits = self.limits._psa_limits_of(self.junior + self.senior + self.ann.user_id, self.company)
        self.assertEqual(limits, {self.junior: 50, self.senior: 200, self.ann.user_id: None})

    def test_where_nobody_may_it_says_so(self):
        self._limit(100, group_id=self.env.ref(BILLER).id)
        with self.assertRaisesRegex(UserError, "Nobody may approve .*300.00.*Approval Limits"):
            self.proposal.with_user(self.junior).action_approve()

    def test_limits_are_in_the_currency_of_the_company_today(self):
        currency = self.env["res.currency"].create({"name": "XPS", "symbol": "X"})
        self.env["res.currency.rate"].create(
            {"name": "2026-01-01", "rate": 2, "currency_id": currency.id, "company_id": self.company.id}
        )
        pricelist = self.env["product.pricelist"].create({"name": "XPS", "currency_id": currency.id})
        line = self._sow(self._line(self.architect, price_unit=100), pricelist_id=pricelist.id).order_line
        self._work(line, 4, "2026-04-02")
        proposal = self._propose("2026-04-01", "2026-04-30")
        # 400.00 X are 200.00
        self.assertEqual((proposal.amount, proposal._psa_company_amount()), (400, 200))
        self._limit(200, user_id=self.junior.id)
        proposal.with_user(self.junior).action_approve()
        self.assertEqual(proposal.state, "approved")

    def test_billing_managers_do_not_set_their_limits(self):
        limit = self._limit(100, user_id=self.junior.id)
        for user in (self.junior, self._user("pm", PM)):
            with self.assertRaises(AccessError):
                limit.with_user(user).write({"amount": 10**6})
            with self.assertRaises(AccessError):
                limit.with_user(user).unlink()
            with self.assertRaises(AccessError):
                limit.with_user(user).create({"user_id": user.id, "amount": 10**6})
        with self.assertRaises(AccessError):
            self.env["psa.adjustment.reason"].with_user(self._user("pm2", PM)).create({"name": "Mine"})
        other = self.setup_other_company()["company"]
        stranger = self._user("stranger", BILLER, other)
        self.assertFalse(self.limits.with_user(stranger).sudo(False).search([]))

    def test_dates_of_decisions(self):
        self._adjust(self.proposal, "amount", amount=250)
        adjustment = self.proposal.adjustment_ids
        self.assertEqual(adjustment.date, fields.Date.context_today(adjustment))
        other = self.setup_other_company()["company"]
        stranger = self._user("stranger", BILLER, other)
        self.assertFalse(self.env["psa.adjustment"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            adjustment.with_user(stranger).action_undo()
