from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_adjustments import ReviewCase

PM, BILLER = "psa_project.group_psa_project_manager", "psa_billing.group_psa_billing_manager"


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
