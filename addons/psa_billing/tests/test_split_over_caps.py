"""Work over a cap is split where it waits."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_split_parts import SplitPartsCase


@tagged("post_install", "-at_install")
class TestSplitOverCaps(SplitPartsCase):
    """4 h x 150.00 on a line that is capped at 300.00: 2 h are over the cap."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls._sow(cls._line(cls.architect, cap=300)).order_line
        cls.entry = cls._work(cls.line, 4)

    def _over(self):
        return self._part(self.entry, "over_cap").sorted("slice_number")

    def test_a_part_over_the_cap_is_written_off_alone(self):
        self._split(self._over(), 0.5)
        parts = ("open", 2, 2, 300), ("over_cap", 1.5, 1.5, 225), ("over_cap", 0.5, 0.5, 75)
        self.assert_wip(self.entry, *parts)
        self._over()[1].sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        self.assert_wip(
            self.entry, ("open", 2, 2, 300), ("over_cap", 1.5, 1.5, 225), ("written_off", 0.5, 0.5, 75)
        )
        # the client agrees to another hour
        self.line.sudo().psa_cap_amount = 450
        self.assert_wip(
            self.entry, ("open", 3, 3, 450), ("over_cap", 0.5, 0.5, 75), ("written_off", 0.5, 0.5, 75)
        )
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 450)

    def test_what_was_not_cut_off_is_billed_first(self):
        self._split(self._over(), 0.5)
        # 600.00 less 75.00: all but what was cut off, and 0.2 h of that
        self.line.sudo().psa_cap_amount = 555
        self.assert_wip(
            self.entry, ("open", 3.5, 3.5, 525), ("over_cap", 0.3, 0.3, 45), ("open", 0.2, 0.2, 30)
        )
        self.line.sudo().psa_cap_amount = 300
        self.assert_wip(
            self.entry, ("open", 2, 2, 300), ("over_cap", 0.5, 0.5, 75), ("over_cap", 1.5, 1.5, 225)
        )

    def test_work_before_it_takes_the_room(self):
        self._split(self._over(), 0.5)
        # another hour of the day before takes 150.00
        earlier = self._work(self.line, 1, "2026-03-01")
        self.assert_wip(earlier, ("open", 1, 1, 150))
        self.assert_wip(
            self.entry, ("open", 1, 1, 150), ("over_cap", 2.5, 2.5, 375), ("over_cap", 0.5, 0.5, 75)
        )

    def test_cents_that_the_cap_keeps_stay_with_the_rest(self):
        line = self._sow(self._line(self.architect, cap=1000)).order_line
        entry = self._work(line, 8)
        self._split(self._part(entry, "over_cap"), 0.5)
        # 1,000.00 are 6.66 h and 1.00: 1.34 h over the cap are worth 200.00, 0.5 h of them 75.00
        self.assert_wip(
            entry, ("open", 6.66, 6.66, 1000), ("over_cap", 0.84, 0.84, 125), ("over_cap", 0.5, 0.5, 75)
        )
        line.sudo().psa_cap_amount = 1200
        self.assert_wip(entry, ("open", 7.5, 7.5, 1125), ("open", 0.5, 0.5, 75))
        proposals = self._propose().filtered(lambda proposal: proposal.order_id == line.order_id)
        self.assertEqual(self._invoice(proposals, post=True).amount_untaxed, 1200)

    def test_cents_of_a_cut_are_not_billed_once_more_when_the_cap_is_gone(self):
        line = self._sow(self._line(self.architect, cap=1000, price_unit=107.77)).order_line
        entry = self._work(line, 0.5)
        self._split(self._part(entry, "open"), 0.17)
        # 0.5 h are 53.89, 0.17 h of them 18.32: 0.33 h are 35.57, not 35.56
        parts = ("open", 0.33, 0.33, 35.57), ("open", 0.17, 0.17, 18.32)
        self.assert_wip(entry, *parts)
        line.sudo().psa_cap_amount = 0
        self.assert_wip(entry, *parts)
        proposals = self._propose().filtered(lambda proposal: proposal.order_id == line.order_id)
        invoice = self._invoice(proposals, post=True)
        self.assertEqual((invoice.amount_untaxed, len(invoice.invoice_line_ids)), (53.89, 1))
        self.assertEqual((line.qty_delivered, line.qty_invoiced), (0.5, 0.5))

    def test_what_a_cap_let_through_stays_beside_the_rest_when_the_cap_is_gone(self):
        line = self._sow(self._line(self.architect, cap=1000)).order_line
        entry = self._work(line, 8)
        billed = self._invoice(self._propose(), post=True)
        self.assertEqual(sorted(billed.mapped("amount_untaxed")), [300, 1000])
        line.sudo().psa_cap_amount = 0
        self._split(self._part(entry, "open"), 0.5)
        # 1,000.00 were 6.66 h and 1.00 beside: of 1,200.00 200.00 are left, 1.34 h less 1.00
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(
            (invoice.amount_untaxed, sum(invoice.invoice_line_ids.mapped("price_unit"))), (200, 149)
        )

    def test_over_the_cap_of_an_agreement(self):
        agreement = self._agreement(cap_amount=300)
        line = self._sow(self._line(self.architect), psa_agreement_id=agreement.id).order_line
        entry = self._work(line, 4)
        self._split(self._part(entry, "over_cap"), 1.5)
        self.assert_wip(entry, ("open", 2, 2, 300), ("over_cap", 0.5, 0.5, 75), ("over_cap", 1.5, 1.5, 225))
        agreement.cap_amount = 375
        self.assert_wip(entry, ("open", 2.5, 2.5, 375), ("over_cap", 1.5, 1.5, 225))

    def test_other_input(self):
        for hours in (0, 2, 3, -1):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self._split(self._over(), hours)
        with self.assertRaises(AccessError):
            self._over().with_user(self.ann.user_id).action_split()
