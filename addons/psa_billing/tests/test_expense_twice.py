"""A receipt or a vendor bill for a cost that is billed already: somebody decides, never billed silently."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestExpenseTwice(PsaExpenseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.architect), cls._terms())

    def _part(self, expense):
        self.env.invalidate_all()
        return (
            self.env["psa.wip.entry"]
            .search([("order_id", "=", self.order.id)])
            .filtered(lambda part: part.expense_id == expense)
        )

    def _decide(self, records, decision, **values):
        wizard = records.env["psa.twice.decision"].browse(records.action_decide_twice()["res_id"])
        wizard.write({"decision": decision, **values})
        wizard.action_apply()
        return wizard

    def test_what_looks_alike_is_not_approved_until_it_is_decided(self):
        first = self._expense(self.order, 40)
        self._expense(self.order, 41)
        proposal = self._propose()
        self.assertFalse(proposal.expense_warning)
        second = self._expense(self.order, 40)
        later = self._propose()
        self.env.invalidate_all()
        for one, expense in ((proposal, first), (later, second)):
            self.assertIn("same day, product and amount", one.expense_warning)
            self.assertEqual(one.undecided_cost_ids, self._part(expense))
            self.assertEqual(self._part(expense).expense_warning, "Perhaps billed twice")
            with self.assertRaisesRegex(UserError, "Press Decide on the proposal"):
                one.action_approve()
        # the second is the first: 40.00 + 41.00 are billed
        self._decide(self._part(second), "write_off")
        self.assertEqual(self._part(second).state, "written_off")
        self.assertEqual(self._part(second).adjustment_id.reason_id, self.env.ref("psa_billing.reason_twice"))
        self.env.invalidate_all()
        self.assertFalse(proposal.expense_warning)
        self.assertEqual(self._invoice(proposal).amount_untaxed, 81)

    def test_they_are_billed_for_a_reason_that_stays(self):
        expenses = self._expense(self.order, 40) | self._expense(self.order, 40)
        proposal = self._propose()
        self._decide(proposal, "bill", note="Two rides on that day")
        self.env.invalidate_all()
        self.assertFalse(proposal.expense_warning)
        self.assertEqual(self._invoice(proposal).amount_untaxed, 80)
        self.assertEqual(
            [self._part(expense).expense_warning for expense in expenses], ["Two rides on that day"] * 2
        )
        self.assertIn("Two rides on that day", "".join(proposal.message_ids.mapped("body")))

    def _warnings(self, *expenses):
        return [self._part(expense).expense_warning for expense in expenses]

    def test_another_cost_settles_both_of_a_pair(self):
        """They are on two proposals; the decision on the second is in the history of both."""
        first = self._expense(self.order, 40)
        proposal = self._propose()
        second = self._expense(self.order, 40)
        later = self._propose()
        self._decide(self._part(second), "bill", note="Two rides on that day")
        self.assertEqual(self._warnings(first, second), ["Two rides on that day"] * 2)
        for one in (proposal, later):
            self.assertFalse(one.expense_warning)
            self.assertIn("Two rides on that day", "".join(one.message_ids.mapped("body")))
        self.assertEqual(self._invoice(proposal).amount_untaxed, 40)
        self.assertEqual(self._invoice(later).amount_untaxed, 40)

    def test_a_pair_that_is_taken_out_of_the_list_stays_to_be_decided(self):
        """Rides of 40.00 and 40.00, nights of 50.00 and 50.00 on a proposal: the rides are two, of the nights
        one is billed: 130.00."""
        rides = [self._expense(self.order, 40) for _count in range(2)]
        nights = [self._expense(self.order, 50) for _count in range(2)]
        proposal = self._propose()
        wizard = self.env["psa.twice.decision"].browse(proposal.action_decide_twice()["res_id"])
        wizard.write({"decision": "bill", "note": "Two rides", "wip_ids": self._part(rides[1]).ids})
        wizard.action_apply()
        self.assertEqual(self._warnings(*rides), ["Two rides"] * 2)
        self.assertEqual(self._warnings(*nights), ["Perhaps billed twice"] * 2)
        self._decide(proposal, "write_off")
        self.assertEqual([self._part(night).state for night in nights], ["proposed", "written_off"])
        self.assertEqual(self._invoice(proposal).amount_untaxed, 130)

    def test_the_other_of_a_pair_is_settled_after_it_was_invoiced(self):
        """Else it stayed in the list of what is perhaps billed twice for good."""
        first = self._expense(self.order, 40)
        self._invoice(self._propose(), post=True)
        second = self._expense(self.order, 40)
        self.assertEqual(self._warnings(first, second), ["Perhaps billed twice"] * 2)
        self._decide(self._part(second), "bill", note="Two rides on that day")
        self.assertEqual(self._warnings(first, second), ["Two rides on that day"] * 2)

    def test_of_three_the_others_stay_to_be_decided(self):
        first, second, third = (self._expense(self.order, 40) for _count in range(3))
        self._decide(self._part(third), "bill", note="The ride back")
        warnings = ["Perhaps billed twice", "Perhaps billed twice", "The ride back"]
        self.assertEqual(self._warnings(first, second, third), warnings)
        # the third was decided on before: it may be what the first is, still
        self._decide(self._part(second), "bill", note="The ride there")
        warnings = ["Perhaps billed twice", "The ride there", "The ride back"]
        self.assertEqual(self._warnings(first, second, third), warnings)
        self._decide(self._part(first), "write_off")
        self.assertEqual(self._part(first).state, "written_off")

    def test_of_a_pair_that_a_third_comes_to_nothing_is_settled_but_the_decided(self):
        """The bill looks like the expenses of two employees, who are no doubles of each other."""
        ann = self._expense(self.order, 40)
        dev = self._expense(self.order, 40, employee_id=self.dev.id)
        self.assertEqual(self._warnings(ann, dev), [False] * 2)
        self._bill((ann.product_id, 40, self._account(self.order)), day=ann.date)
        self._decide(self._part(dev), "bill", note="The room of Dev")
        bill = self.env["psa.wip.entry"].search([("order_id", "=", self.order.id), ("kind", "=", "bill")])
        self.assertEqual(bill.expense_warning, "Perhaps billed twice")
        self.assertEqual(self._warnings(ann, dev), ["Perhaps billed twice", "The room of Dev"])

    def test_the_other_of_a_pair_on_a_project_of_somebody_else_stays(self):
        """Project managers settle what they may review."""
        other = self._sow(self._line(self.architect), self._terms())
        own, foreign = self._expense(self.order, 40), self._expense(other, 40)
        lead, colleague = (
            self._user(login, "psa_project.group_psa_project_manager") for login in ("lead", "colleague")
        )
        self.order.sudo().order_line.task_id.project_id.user_id = lead
        other.sudo().order_line.task_id.project_id.user_id = colleague
        parts = self.env["psa.wip.entry"].search([("kind", "=", "expense")])
        one = parts.filtered(lambda part: part.expense_id == own)
        twin = parts.filtered(lambda part: part.expense_id == foreign)
        self._decide(one.with_user(lead), "bill", note="A trip of its own")
        self.env.invalidate_all()
        self.assertEqual(
            [part.expense_warning for part in (one, twin)], ["A trip of its own", "Perhaps billed twice"]
        )
        with self.assertRaises(AccessError):
            twin.with_user(lead).action_decide_twice()
        self._decide(twin.with_user(colleague), "bill", note="Another client")
        self.env.invalidate_all()
        self.assertEqual([part.twice_reason for part in (one, twin)], ["A trip of its own", "Another client"])

    def test_of_two_that_are_the_same_one_is_billed(self):
        """Both stand on one proposal: the dialog leaves the first out of what is not billed."""
        first, second = self._expense(self.order, 40), self._expense(self.order, 40)
        proposal = self._propose()
        wizard = self._decide(proposal, "write_off")
        self.assertEqual((wizard.first_ids, wizard.wip_ids), (self._part(first), self._part(second)))
        self.assertEqual(
            [self._part(expense).state for expense in (first, second)], ["proposed", "written_off"]
        )
        self.env.invalidate_all()
        self.assertFalse(proposal.expense_warning)
        self.assertEqual(self._invoice(proposal).amount_untaxed, 40)

    def test_the_dialog_shows_what_a_cost_looks_like(self):
        first, second = self._expense(self.order, 40), self._expense(self.order, 40)
        other = self._expense(self.order, 41) | self._expense(self.order, 40, date="2026-03-06")
        part = self._part(second)
        wizard = self.env["psa.twice.decision"].browse(part.action_decide_twice()["res_id"])
        self.assertEqual((wizard.wip_ids, wizard.alike_ids), (part, self._part(first)))
        self.assertNotIn(other, wizard.alike_ids.expense_id)
        project = self.order.order_line.task_id.project_id
        project.write({"privacy_visibility": "followers", "user_id": False})
        project.message_unsubscribe(project.message_partner_ids.ids)
        stranger = self._user("stranger", "psa_project.group_psa_project_manager")
        with self.assertRaises(AccessError):
            part.with_user(stranger).action_decide_twice()

    def test_a_cent_of_taxes_is_no_difference(self):
        """Two rides of 80.00 that are posted together cost 69.57 and 69.56 net."""
        first, second, third = (self._expense(self.order, 69.57) for _count in range(3))
        for expense, amount in ((second, -69.56), (third, -69.50)):
            self._part(expense).analytic_line_id.sudo().amount = amount
        self.env.invalidate_all()
        self.assertTrue(self._part(first).is_twice and self._part(second).is_twice)
        self.assertFalse(self._part(third).is_twice)
        parts = self._part(first) | self._part(second)
        wizard = self.env["psa.twice.decision"].browse(self._part(second).action_decide_twice()["res_id"])
        self.assertEqual(wizard.alike_ids, self._part(first))
        self.assertEqual(parts._psa_alike(), [parts.sorted("id")])
        self._decide(parts, "write_off")
        self.assertEqual([part.state for part in parts.sorted("id")], ["open", "written_off"])

    def test_a_vendor_bill_for_what_an_employee_paid_is_asked_about(self):
        """The hotel of 40.00 is billed by an expense; then the hotel sends its bill of the same day."""
        expense = self._expense(self.order, 40)
        self._invoice(self._propose(), post=True)
        bill = self._bill((expense.product_id, 40, self._account(self.order)), day=expense.date)
        part = self.env["psa.wip.entry"].search([("order_id", "=", self.order.id), ("kind", "=", "bill")])
        self.assertEqual((part.bill_id, part.amount, part.is_twice), (bill, 40, True))
        proposal = self._propose()
        with self.assertRaisesRegex(UserError, "same day, product and amount"):
            proposal.action_approve()
        self._decide(proposal, "write_off", note="Paid by the employee")
        self.assertEqual(part.state, "written_off")
        self.assertFalse(self._part(expense).is_twice)

    def test_held_costs_keep_no_proposal_from_approval(self):
        self._work(self.order.order_line[0], 1)
        self._expense(self.order, 40)
        self._expense(self.order, 40)
        proposal = self._propose()
        proposal.undecided_cost_ids.proposal_line_id.action_hold()
        self.env.invalidate_all()
        self.assertFalse(proposal.expense_warning)
        self.assertEqual(self._invoice(proposal).amount_untaxed, 150)
        self.assertTrue(self.env["psa.wip.entry"].search([("is_twice", "=", True)]))  # still to be decided

    def test_other_days_products_and_amounts_are_other_costs(self):
        expense = self._expense(self.order, 40)
        self._bill((expense.product_id, 41, self._account(self.order)), day=expense.date)
        self._bill((expense.product_id, 40, self._account(self.order)), day="2026-03-20")
        self.assertFalse(self.env["psa.wip.entry"].search([("is_twice", "=", True)]))

    def test_a_decision_needs_its_reason_and_a_cost_that_waits_for_it(self):
        self._expense(self.order, 40)
        self._expense(self.order, 40)
        proposal = self._propose()
        for values, message in (
            ({"decision": False}, "Choose whether"),
            ({"decision": "bill"}, "Say why"),
            ({"decision": "bill", "note": "  "}, "Say why"),
            ({"decision": "write_off", "reason_id": False}, "Choose the reason"),
        ):
            with self.assertRaisesRegex(ValidationError, message):
                self._decide(proposal, **values)
        extra = self.env.ref("psa_billing.reason_extra")
        with self.assertRaisesRegex(ValidationError, "“Extra effort or cost” is a reason to bill more"):
            self._decide(proposal, "write_off", reason_id=extra.id, note="Agreed by phone")
        with self.assertRaisesRegex(UserError, "No cost is in the list"):
            self._decide(proposal, "write_off", wip_ids=False)
        wizard = self.env["psa.twice.decision"].browse(proposal.action_decide_twice()["res_id"])
        self._decide(proposal, "bill", note="Two rides")
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "is decided or billed by now"):
            wizard.action_apply()
        with self.assertRaisesRegex(UserError, "None of these looks like another cost"):
            proposal.action_decide_twice()

    def test_who_may_not_review_decides_nothing(self):
        self._expense(self.order, 40)
        self._expense(self.order, 40)
        part = self._propose().undecided_cost_ids[0]
        dev = self.dev.user_id
        with self.assertRaises(AccessError):
            part.with_user(dev).action_decide_twice()
        with self.assertRaises(AccessError):
            self.env["psa.twice.decision"].with_user(dev).create({"wip_ids": part.ids})
