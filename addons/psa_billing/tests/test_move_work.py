from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_adjustments import ReviewCase


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
