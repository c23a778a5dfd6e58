"""Project managers read the proposals of projects that they may see."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_adjustments import ReviewCase

PM = "psa_project.group_psa_project_manager"


@tagged("post_install", "-at_install")
class TestProposalVisibility(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow()
        cls.entry = cls._work(cls.order.order_line, 2)
        cls.project = cls.order.order_line.task_id.project_id
        cls.project.write({"privacy_visibility": "followers", "user_id": False})
        cls.project.message_unsubscribe(cls.project.message_partner_ids.ids)
        cls.proposal = cls._propose()
        cls.other = cls._user("other", PM)

    def _sees(self, user):
        """Whether ``user`` finds the proposal, its lines and its count, and can open them."""
        self.env.invalidate_all()
        proposals = self.env["psa.billing.proposal"].with_user(user).search([("id", "=", self.proposal.id)])
        lines = self.env["psa.billing.proposal.line"].with_user(user)
        self.assertEqual(bool(proposals), bool(lines.search([("proposal_id", "=", self.proposal.id)])))
        self.assertEqual(bool(proposals), bool(self.order.with_user(user).psa_proposal_count))
        for records in (self.proposal, self.proposal.line_ids):
            self.assertEqual(bool(proposals), records.with_user(user).has_access("read"))
        return bool(proposals)

    def test_projects_of_a_proposal(self):
        self.assertEqual(self.proposal.project_ids, self.project)

    def test_a_private_project_is_reviewed_by_who_leads_or_follows_it(self):
        self.assertFalse(self._sees(self.other))
        with self.assertRaises(AccessError):
            self.proposal.with_user(self.other).read(["amount"])
        with self.assertRaises(AccessError):
            self.proposal.with_user(self.other).action_review()
        self.project.message_subscribe(self.other.partner_id.ids)
        self.assertTrue(self._sees(self.other))
        self.project.message_unsubscribe(self.other.partner_id.ids)
        self.assertFalse(self._sees(self.other))
        self.project.user_id = self.other
        self.assertTrue(self._sees(self.other))
        self.proposal.with_user(self.other).action_review()
        self.assertEqual(self.proposal.reviewed_by_id, self.other)

    def test_a_project_that_the_firm_sees_is_seen(self):
        for visibility in ("employees", "portal"):
            self.project.privacy_visibility = visibility
            self.assertTrue(self._sees(self.other), visibility)

    def test_who_bills_or_invoices_sees_all(self):
        biller = self._user("biller", "psa_billing.group_psa_billing_manager")
        both = self._user("both", f"{PM},account.group_account_invoice")
        for user in (biller, both):
            self.assertTrue(self._sees(user), user.login)

    def test_what_belongs_to_no_project_is_seen_by_every_project_manager(self):
        self.proposal.sudo().project_ids = False
        self.assertTrue(self._sees(self.other))

    def test_lists_with_work_of_others_still_open(self):
        wip = self.env["psa.wip.entry"].with_user(self.other)
        self.assertFalse(wip.search([("proposal_id", "=", self.proposal.id)]))
        entry = self.entry.with_user(self.other)
        self.assertEqual(entry.web_read({"psa_wip_ids": {}})[0]["psa_wip_ids"], [])
        runs = self.proposal.run_id.with_user(self.other)
        self.assertEqual(runs.proposal_count, 0)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "psa_billing.psa_billing_proposal_action_review"
        )
        found = self.env[action["res_model"]].with_user(self.other).search([])
        self.assertNotIn(self.proposal, found)
