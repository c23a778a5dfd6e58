"""The last milestone of a price joins the proposal of one before it."""

from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestMilestonesJoined(PsaBillingCase):
    def _draft_of_two_milestones(self, goodwill=0):
        """Of 1,010.50 the first 0.33 are billed, and 0.33 are on a draft, less ``goodwill``, when the last
        0.34 join it."""
        order = self._sow(self._line(self.developer, 1, "milestone", price_unit=1010.5))
        first = order._psa_project().milestone_ids
        first.quantity_percentage = 0.33
        second, last = (
            first.copy({"quantity_percentage": share, "sale_line_id": first.sale_line_id.id})
            for share in (0.33, 0.34)
        )
        first.is_reached = True
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 333.47)
        second.is_reached = True
        draft = self._propose()
        self.assertEqual(draft.amount, 333.47)
        if goodwill:
            reason = self.env.ref("psa_billing.reason_goodwill")
            draft.sudo().line_ids._psa_bill_amount(333.47 - goodwill, reason)
        last.is_reached = True
        draft.run_id.action_make_proposals()
        self.assertEqual(draft.run_id.proposal_ids, draft)
        return draft

    def test_the_last_milestone_takes_the_rest_where_it_joins_a_draft(self):
        """0.33 of 1,010.50 are 333.465, billed as 333.47. The other 0.67 are 677.035 on one proposal: 677.03,
        as 1,010.50 was agreed."""
        draft = self._draft_of_two_milestones()
        self.assertEqual((draft.line_ids.quantity, draft.amount), (0.67, 677.03))
        self.assertEqual(self._invoice(draft, post=True).amount_untaxed, 677.03)

    def test_what_the_review_took_off_a_milestone_is_not_billed_with_the_last(self):
        draft = self._draft_of_two_milestones(goodwill=33.47)
        self.assertEqual((draft.line_ids.quantity, draft.amount), (0.67, 643.56))  # 677.03 less 33.47
        self.assertEqual(self._invoice(draft, post=True).amount_untaxed, 643.56)
