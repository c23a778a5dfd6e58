"""What an administrator of accounting sets up for billing, read and changed on a phone."""

from odoo.tests import HttpCase, tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestSettingsOnPhone(PsaBillingCase, HttpCase):
    browser_size = "390x844"

    def setUp(self):
        super().setUp()
        self.manager = self._user("settings", "account.group_account_manager")

    def _walk(self, action, tour):
        self.start_tour(f"/odoo/action-psa_billing.{action}", tour, login=self.manager.login)
        self.env.invalidate_all()

    def test_approval_limits(self):
        group = self.env.ref("psa_billing.group_psa_billing_manager")
        own, of_group = (
            self.env["psa.approval.limit"]
            .sudo()
            .create(
                [
                    {"company_id": self.company.id, "amount": 100, "user_id": self.manager.id},
                    {"company_id": self.company.id, "amount": 500, "group_id": group.id},
                ]
            )
        )
        self._walk("psa_approval_limit_action", "psa_billing_limits_phone_tour")
        self.assertEqual((own.amount, of_group.amount), (250, 500))

    def test_reminder_levels(self):
        level = (
            self.env["psa.dunning.level"]
            .sudo()
            .create(
                {
                    "name": "Call",
                    "company_id": self.company.id,
                    "days": 33,
                    "activity_for": "salesperson",
                    "activity_summary": "Call the client",
                }
            )
        )
        self._walk("psa_dunning_level_action", "psa_billing_levels_phone_tour")
        self.assertEqual(level.days, 40)
