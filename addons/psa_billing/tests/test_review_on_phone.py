"""A project manager reviews a proposal on a phone: dialogs mark nothing before somebody has typed."""

from odoo.tests import HttpCase, tagged

from .test_adjustments import EntriesCase


@tagged("post_install", "-at_install")
class TestReviewOnPhone(EntriesCase, HttpCase):
    """8 h and 2 h at 150.00 are proposed."""

    browser_size = "390x844"

    def setUp(self):
        super().setUp()
        self.reviewer = self._user("reviewer", "psa_project.group_psa_project_manager")

    def _walk(self, tour, path=None):
        path = path or f"/odoo/action-psa_billing.psa_billing_proposal_action_review/{self.proposal.id}"
        self.start_tour(path, tour, login=self.reviewer.login)
        self.env.invalidate_all()

    def test_a_total_is_adjusted(self):
        self._walk("psa_billing_adjust_phone_tour")
        self.assert_proposal(self.proposal, 1500, -100, 1400)
        decision = self.env["psa.adjustment"].search([("proposal_id", "=", self.proposal.id)])
        self.assertEqual(decision.reason_id, self.env.ref("psa_billing.reason_learning"))
        self.assertEqual(set(decision.mapped("kind")), {"write_off"})

    def test_a_line_is_added(self):
        self._walk("psa_billing_add_line_phone_tour")
        self.assert_proposal(self.proposal, 1500, 80, 1580)
        added = self.proposal.line_ids.filtered("is_added")
        self.assertEqual((added.name, added.amount), ("Travel, flat", 80))
        self.assertEqual(added.adjustment_ids.reason_id, self.entered)

    def test_an_entry_is_split(self):
        path = f"/odoo/action-psa_billing.psa_wip_entry_action/{self.wip.id}"
        self._walk("psa_billing_split_phone_tour", path)
        # 5 h and 3 h at 150.00
        self.assert_wip(self.entry, ("proposed", 5, 5, 750), ("proposed", 3, 3, 450))
        self.assert_proposal(self.proposal, 1500, 0, 1500)

    def test_an_entry_is_moved_to_the_line_of_a_change_order(self):
        change = self._change_order()
        path = f"/odoo/action-psa_billing.psa_wip_entry_action/{self.wip.id}"
        self._walk("psa_billing_move_phone_tour", path)
        self.assertEqual(self.entry.so_line, change.order_line.filtered("psa_role_id"))
        self.assert_wip(self.entry, ("proposed", 8, 8, 1200))
        self.assert_proposal(self.proposal, 1500, 0, 1500)
