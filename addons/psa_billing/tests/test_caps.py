from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestCaps(PsaBillingCase):
    def test_the_entry_that_crosses_the_line_cap_is_split_to_the_cent(self):
        line = self._sow(self._line(self.architect, cap=1000)).order_line
        entry = self._work(line, 8)
        # 1,000.00 / 150.00 = 6.66 h (999.00) and 1.00 that hundredths cannot express; 8 h are 1,200.00
        self.assert_wip(entry, ("open", 6.66, 6.66, 1000.0), ("over_cap", 1.34, 1.34, 200.0))
        self.assert_host_figures(line, delivered=6.66, invoiced=0, amount_to_invoice=999)

    def test_the_cap_is_billed_to_the_cent(self):
        order = self._sow(self._line(self.architect, cap=1000))
        entry = self._work(order.order_line, 8)
        invoice = self._invoice(self._propose(), post=True)
        # 6.66 h × 150.00 + 1.00
        self.assertEqual(invoice.amount_untaxed, 1000)
        self.assertEqual(sorted(invoice.invoice_line_ids.mapped("price_subtotal")), [1, 999])
        self.assertEqual(invoice.amount_tax, 150)
        self.assert_wip(entry, ("billed", 6.66, 6.66, 1000.0), ("over_cap", 1.34, 1.34, 200.0))
        line, adjustment = order.order_line
        self.assertEqual(adjustment.psa_adjusts_line_id, line)
        self.assert_host_figures(line, delivered=6.66, invoiced=6.66, amount_to_invoice=0)
        self.assert_host_figures(adjustment, delivered=0, invoiced=1, amount_to_invoice=0)
        self.assertFalse(self._propose())

    def test_the_line_cap_comes_before_the_cap_of_the_sow(self):
        order = self._sow(self._line(self.architect, cap=300), self._line(self.developer), psa_cap_amount=500)
        line, other = order.order_line
        # 4 h × 150.00: 300.00 (2 h) within the line; 4 h × 100.00: 200.00 (2 h) left of the SOW
        first, second = self._work(line, 4, "2026-03-02"), self._work(other, 4, "2026-03-03")
        self.assert_wip(first, ("open", 2, 2, 300), ("over_cap", 2, 2, 300))
        self.assert_wip(second, ("open", 2, 2, 200), ("over_cap", 2, 2, 200))

    def test_late_time_of_an_earlier_day_comes_first(self):
        line = self._sow(self._line(self.architect, cap=600)).order_line
        later = self._work(line, 4, "2026-03-10")
        self.assert_wip(later, ("open", 4, 4, 600))
        earlier = self._work(line, 1, "2026-03-02")
        self.assert_wip(earlier, ("open", 1, 1, 150))
        self.assert_wip(later, ("open", 3, 3, 450), ("over_cap", 1, 1, 150))
        earlier.action_psa_recall()
        self.assert_wip(later, ("open", 4, 4, 600))

    def test_billed_work_is_not_reopened_by_late_time(self):
        line = self._sow(self._line(self.architect, cap=600)).order_line
        billed = self._work(line, 4, "2026-03-10")
        self._invoice(self._propose())
        late = self._work(line, 1, "2026-03-02")
        self.assert_wip(billed, ("billed", 4, 4, 600))
        self.assert_wip(late, ("over_cap", 1, 1, 150))

    def test_a_raised_cap_releases_what_waited(self):
        order = self._sow(self._line(self.architect, cap=1000))
        line = order.order_line
        entry = self._work(line, 8)
        self._invoice(self._propose())
        line.sudo().psa_cap_amount = 1200
        # 8 h × 150.00 = 1,200.00, of which 6.66 h were billed for 1.00 more than 999.00: 1.34 h are worth
        # 1.00 less than 201.00
        self.assert_wip(entry, ("billed", 6.66, 6.66, 1000.0), ("open", 1.34, 1.34, 200.0))
        line.sudo().psa_cap_amount = 1100
        # 0.66 h are 99.00
        self.assert_wip(
            entry,
            ("billed", 6.66, 6.66, 1000.0),
            ("open", 0.66, 0.66, 100.0),
            ("over_cap", 0.68, 0.68, 100.0),
        )
        line.sudo().psa_cap_amount = 0
        self.assert_wip(entry, ("billed", 6.66, 6.66, 1000.0), ("open", 1.34, 1.34, 200.0))
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(sorted(invoice.invoice_line_ids.mapped("price_subtotal")), [-1, 201])

    def test_held_work_keeps_its_part_of_the_cap_and_stays_held(self):
        line = self._sow(self._line(self.architect, cap=600)).order_line
        held = self._work(line, 4, "2026-03-10")
        held.psa_wip_ids.action_hold()
        self._work(line, 1, "2026-03-02")
        self.assert_wip(held, ("held", 3, 3, 450), ("over_cap", 1, 1, 150))

    def test_held_work_that_late_work_pushes_over_the_cap_is_held_when_the_cap_is_raised(self):
        line = self._sow(self._line(self.architect, cap=600)).order_line
        held = self._work(line, 4, "2026-03-10")
        held.psa_wip_ids.action_hold()
        # 4 h x 150.00 of an earlier day take all of the cap
        self._work(line, 4, "2026-03-02")
        self.assert_wip(held, ("over_cap", 4, 4, 600))
        self.assertTrue(held.psa_wip_ids.held_over_cap)
        line.sudo().psa_cap_amount = 750
        self.assert_wip(held, ("over_cap", 3, 3, 450), ("held", 1, 1, 150))
        line.sudo().psa_cap_amount = 1200
        self.assert_wip(held, ("held", 4, 4, 600))
        self.assertFalse(held.psa_wip_ids.held_over_cap)
        # the run bills the other 4 h
        self.assertEqual(self._propose().amount, 600)
        held.psa_wip_ids.action_release()
        self.assert_wip(held, ("open", 4, 4, 600))

    def test_work_over_the_cap_is_released(self):
        line = self._sow(self._line(self.architect, cap=600)).order_line
        held = self._work(line, 4, "2026-03-10")
        held.psa_wip_ids.action_hold()
        self._work(line, 3, "2026-03-02")
        self.assert_wip(held, ("held", 1, 1, 150), ("over_cap", 3, 3, 450))
        over = held.psa_wip_ids.filtered(lambda part: part.state == "over_cap")
        with self.assertRaises(AccessError):
            over.with_user(self.ann.user_id).action_release()
        # releasing either part releases the entry
        held.psa_wip_ids.filtered(lambda part: part.state == "held").action_release()
        self.assertFalse(over.held_over_cap)
        line.sudo().psa_cap_amount = 1200
        self.assert_wip(held, ("open", 4, 4, 600))

    def test_raising_the_cap_of_the_sow_recuts_all_lines(self):
        order = self._sow(self._line(self.architect), psa_cap_amount=150)
        entry = self._work(order.order_line, 2)
        self.assert_wip(entry, ("open", 1, 1, 150), ("over_cap", 1, 1, 150))
        order.sudo().psa_cap_amount = 300
        self.assert_wip(entry, ("open", 2, 2, 300))

    def _corrected(self):
        """5 h at 150.00 under a cap of 600.00, of which one is taken back: 4 h are 600.00."""
        line = self._sow(self._line(self.architect, cap=600)).order_line
        entry, correction = self._work(line, 5), self._work(line, -1)
        # as long as the correction is on no proposal, it gives no room
        self.assert_wip(entry, ("open", 4, 4, 600), ("over_cap", 1, 1, 150))
        self.assert_wip(correction, ("open", -1, -1, -150))
        proposal = self._propose()
        self.assertEqual(proposal.amount, 600)
        self.assertFalse(entry.psa_wip_ids.filtered(lambda part: part.state == "over_cap"))
        return line, entry, correction, proposal

    def test_what_a_correction_takes_back_makes_room_under_the_cap(self):
        line, entry, correction, proposal = self._corrected()
        invoice = self._invoice(proposal, post=True)
        self.assertEqual((invoice.amount_untaxed, sum(invoice.invoice_line_ids.mapped("quantity"))), (600, 4))
        self.assert_wip(entry, ("billed", 4, 4, 600), ("billed", 1, 1, 150))
        self.assert_host_figures(line, delivered=4, invoiced=4, amount_to_invoice=0)
        # the cap is used up: an hour more waits over it
        self.assert_wip(self._work(line, 1, "2026-03-09"), ("over_cap", 1, 1, 150))
        self._credit(invoice)
        self.assertEqual(self._propose().amount, 600)

    def test_a_correction_that_made_room_is_not_taken_off_alone(self):
        _line, _entry, correction, proposal = self._corrected()
        wip, goodwill = correction.psa_wip_ids, self.env.ref("psa_billing.reason_extra")
        for call in (wip.action_hold, lambda: wip.sudo()._psa_write_off(goodwill)):
            with self.assertRaisesRegex(UserError, "150.00 more than the cap"), self.env.cr.savepoint():
                call()
        self.assert_wip(correction, ("proposed", -1, -1, -150))
        proposal.action_cancel()
        self.assert_wip(correction, ("open", -1, -1, -150))

    def test_a_correction_of_a_later_period_makes_room_in_that(self):
        line = self._sow(self._line(self.architect, cap=600)).order_line
        entry = self._work(line, 5)
        march = self._invoice(self._propose(), post=True)
        correction = self._work(line, -1, "2026-04-02")
        april = self._propose(False, "2026-04-30")
        # 1 h that waited, and 1 h that is taken back: 4 h are billed, as many as were worked
        self.assertEqual((march.amount_untaxed, april.amount), (600, 0))
        self.assertTrue(april.can_close)
        april.action_close()
        self.assert_wip(entry, ("billed", 4, 4, 600), ("written_off", 1, 1, 150))
        self.assert_wip(correction, ("written_off", -1, -1, -150))

    def test_a_correction_on_one_sow_makes_room_under_the_agreement(self):
        agreement = self._agreement(cap_amount=600)
        first, second = (self._sow(psa_agreement_id=agreement.id).order_line for _number in range(2))
        self._work(first, 3)
        late = self._work(second, 2, "2026-03-03")  # 300.00, of which 150.00 are within
        self._work(first, -1, "2026-03-04")
        proposals = self._propose()
        self.assertEqual(sum(proposals.mapped("amount")), 600)
        self.assert_wip(late, ("proposed", 1, 1, 150), ("proposed", 1, 1, 150))
