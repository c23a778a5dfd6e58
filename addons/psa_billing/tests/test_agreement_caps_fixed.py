"""Fixed prices, milestones, added lines and what they adjust under the cap of an agreement."""

from contextlib import contextmanager

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_instalments import PsaInstalmentCase


@tagged("post_install", "-at_install")
class TestAgreementCapsOfFixedPrices(PsaInstalmentCase):
    """An agreement with a cap of 1,000.00 over a fixed price of 700.00, and work at 150.00 an hour."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement(1000)
        cls.goodwill = cls.env.ref("psa_billing.reason_goodwill")
        cls.extra = cls.env.ref("psa_billing.reason_extra")

    @classmethod
    def _agreement(cls, cap):
        return super()._agreement(cap_amount=cap)

    @classmethod
    def _fixed(cls, price=700):
        return cls._sow(
            cls._line(cls.architect, 1, "fixed", price_unit=price), psa_agreement_id=cls.agreement.id
        ).order_line

    @contextmanager
    def _refused(self, amount):
        """What is done within bills ``amount`` too much, and is taken back."""
        message = f"{amount} more than the cap of the agreement"
        with self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
            yield
        self.env.invalidate_all()

    def _taken(self):
        self.env.flush_all()
        return float(sum(self.agreement._psa_fixed_taken().values()))

    def test_a_held_or_cancelled_fixed_price_gives_room_and_a_released_one_takes_it(self):
        """4 h are 600.00. Beside 700.00 only 2 h of them fit."""
        self._fixed()
        line = self._sow(psa_agreement_id=self.agreement.id).order_line
        proposal = self._propose()
        entry = self._work(line, 4)
        self.assert_wip(entry, ("open", 2, 2, 300), ("over_cap", 2, 2, 300))
        proposal.line_ids.action_hold()
        self.assert_wip(entry, ("open", 4, 4, 600))
        proposal.line_ids.action_release()
        self.assert_wip(entry, ("open", 2, 2, 300), ("over_cap", 2, 2, 300))
        proposal.action_cancel()
        self.assert_wip(entry, ("open", 4, 4, 600))

    def test_a_fixed_price_is_released_as_far_as_the_cap_allows(self):
        """What is proposed of work does not give way: 600.00 and 700.00 are 300.00 too much."""
        self._fixed()
        line = self._sow(psa_agreement_id=self.agreement.id).order_line
        proposal = self._propose()
        proposal.line_ids.action_hold()
        self._work(line, 4)
        self._propose()
        with self._refused("300.00"):
            proposal.line_ids.action_release()

    def test_a_fixed_price_that_does_not_fit_leaves_work_beside_it_to_be_billed(self):
        """4 h are 600.00 and leave 400.00 of the cap, less than 700.00: the price waits, work is billed."""
        order = self._sow(
            self._line(self.architect, 1, "fixed", price_unit=700),
            self._line(self.architect),
            psa_agreement_id=self.agreement.id,
        )
        self._work(order.order_line[1], 4)
        proposal = self._propose()
        self.assertEqual((proposal.amount, proposal.message), (600, False))
        self.assertIn("come to $ 700.00", proposal.fixed_left_out.replace("\N{NO-BREAK SPACE}", " "))
        self.assertEqual(self._invoice(proposal, post=True).amount_untaxed, 600)
        self.assertFalse(proposal.fixed_left_out, "the next run tells")
        # without work it is what keeps the next proposal, until the cap is raised
        waiting = self._propose("2026-04-01", "2026-04-30")
        self.assertIn("700.00", waiting.message)
        self.assertFalse(waiting.fixed_left_out, "it is told once")
        self.agreement.cap_amount = 1300
        waiting.action_make_again()
        self.assertEqual((waiting.amount, waiting.message), (700, False))

    def test_a_cancelled_and_a_credited_invoice_give_room(self):
        self._fixed()
        line = self._sow(psa_agreement_id=self.agreement.id).order_line
        invoice = self._invoice(self._propose(), post=True)
        entry = self._work(line, 4)
        self.assert_wip(entry, ("open", 2, 2, 300), ("over_cap", 2, 2, 300))
        self._credit(invoice)
        self.assert_wip(entry, ("open", 4, 4, 600))

    def test_a_deleted_invoice_gives_room(self):
        self._fixed()
        line = self._sow(psa_agreement_id=self.agreement.id).order_line
        invoice = self._invoice(self._propose())
        entry = self._work(line, 4)
        self.assert_wip(entry, ("open", 2, 2, 300), ("over_cap", 2, 2, 300))
        invoice.unlink()
        self.assert_wip(entry, ("open", 4, 4, 600))

    def test_a_fixed_price_is_written_up_as_far_as_the_cap_allows(self):
        """300.00 are left beside 700.00; work that waits under the cap gives way to what is proposed."""
        self._fixed()
        line = self._sow(psa_agreement_id=self.agreement.id).order_line
        proposal = self._propose().sudo()
        entry = self._work(line, 2)  # 300.00
        with self._refused("100.00"):
            proposal._psa_bill_amount(1100, self.extra)
        adjustment = proposal._psa_bill_amount(850, self.extra)
        self.assert_wip(entry, ("open", 1, 1, 150), ("over_cap", 1, 1, 150))
        adjustment.action_undo()
        self.assert_wip(entry, ("open", 2, 2, 300))

    def test_a_write_off_is_taken_back_as_far_as_the_cap_allows(self):
        self._fixed()
        proposal = self._propose().sudo()
        adjustment = proposal._psa_bill_amount(600, self.goodwill)
        line = self._sow(psa_agreement_id=self.agreement.id).order_line
        self._work(line, 2.6)  # 390.00 of 400.00
        others = self._propose() - proposal
        self.assertEqual(others.amount, 390)
        with self._refused("90.00"):
            adjustment.action_undo()
        self.assertEqual(proposal.amount, 600)

    def test_work_is_written_up_as_far_as_the_cap_allows_and_down_always(self):
        line = self._sow(psa_agreement_id=self.agreement.id).order_line
        self._work(line, 6)  # 900.00
        proposal = self._propose().sudo()
        with self._refused("50.00"):
            proposal._psa_bill_amount(1050, self.extra)
        proposal._psa_bill_amount(1000, self.extra)
        self.agreement.cap_amount = 500
        proposal._psa_bill_amount(700, self.goodwill)
        self.assertEqual(proposal.amount, 700)

    def test_an_added_line_takes_of_the_cap_before_and_after_it_is_invoiced(self):
        """A line of 250.00 beside 600.00 of work: 150.00 are left, also once both are invoiced."""
        line = self._sow(psa_agreement_id=self.agreement.id).order_line
        self._work(line, 4)
        proposal = self._propose().sudo()
        with self._refused("100.00"):
            proposal._psa_add_line("Travel", 500, line, self.extra)
        proposal._psa_add_line("Workshop", 250, line, self.extra)
        self.assertEqual(self._taken(), 250)
        self._invoice(proposal, post=True)
        self.assertEqual(self._taken(), 250)
        entry = self._work(line, 2, "2026-03-20")  # 300.00
        self.assert_wip(entry, ("open", 1, 1, 150), ("over_cap", 1, 1, 150))

    def test_the_rounding_of_an_instalment_takes_of_the_cap(self):
        """333.30 of 1,000.00 are 0.33 pieces and 3.30: a cap of 331.00 does not hold them."""
        self._planned(
            (33.33, "2026-03-01"), (66.67, "2026-05-01"), price=1000, psa_agreement_id=self.agreement.id
        )
        self.agreement.cap_amount = 331
        self.assertIn("333.30", self._propose().message)
        self.agreement.cap_amount = 334
        proposal = self._propose()
        self.assertEqual((proposal.amount, proposal.message), (333.3, False))
        self.assertEqual(self._taken(), 333.3)
        self._invoice(proposal, post=True)
        self.assertAlmostEqual(self._taken(), 333.3)

    def test_work_of_a_former_system_takes_of_the_cap_once(self):
        """300.00 billed and 400.00 unbilled before: 300.00 of 1,000.00 are left, proposed or not."""
        line = self._sow(psa_agreement_id=self.agreement.id).order_line
        self.env["psa.opening.balance"].create(
            {"sale_line_id": line.id, "date": "2026-02-28", "billed_amount": 300, "unbilled_amount": 400}
        )
        entry = self._work(line, 3)  # 450.00
        waits = ("open", 2, 2, 300), ("over_cap", 1, 1, 150)
        self.assert_wip(entry, *waits)
        proposal = self._propose()
        self.assertEqual((proposal.amount, proposal.message), (700, False))
        self.assertEqual(float(self.agreement._psa_cap_used()), 1000)
        self._invoice(proposal, post=True)
        self.assertEqual(float(self.agreement._psa_cap_used()), 1000)

    def test_a_fixed_price_billed_in_part_before_takes_what_was_billed(self):
        """333.33 of 700.00 before, 366.67 by the next run."""
        line = self._fixed()
        self.env["psa.opening.balance"].create(
            {"sale_line_id": line.id, "date": "2026-02-28", "billed_amount": 333.33}
        )
        self.assertAlmostEqual(self._taken(), 333.33)
        opening = line.psa_opening_ids
        for told, used in ((333.33, 333.33), (400, 400), (0, 333.33)):
            opening.cap_used = told
            self.assertAlmostEqual(float(self.agreement._psa_cap_used()), used)
        self._invoice(self._propose(), post=True)
        self.assertAlmostEqual(self._taken(), 700)

    def test_a_deducted_down_payment_gives_nothing_back(self):
        """233.33 of 700.00 are paid ahead: the invoice comes to 466.67, the cap has taken 700.00."""
        line = self._fixed()
        payment = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_ids=line.order_id.ids, active_model="sale.order")
            .create({"advance_payment_method": "fixed", "fixed_amount": 233.33})
        )
        payment.sudo().create_invoices()
        line.order_id.invoice_ids.action_post()
        self.assertEqual(self._taken(), 0)
        invoice = self._invoice(self._propose(), post=True)
        self.assertLess(invoice.amount_untaxed, 700)
        self.assertAlmostEqual(self._taken(), 700)

    def test_adjustments_belong_to_the_sow_of_their_line(self):
        """Two SOWs of a client on one proposal: what is taken off a fixed price is its SOW's."""
        self.agreement.write({"cap_amount": 0, "billing_grouping": "client"})
        first, second = self._fixed(), self._fixed(300)
        proposal = self._propose().sudo()
        self.assertEqual(len(proposal), 1)
        proposal._psa_bill_amount(900, self.goodwill)
        taken = {one.order_id: one.amount for one in proposal.adjustment_ids}
        self.assertEqual(taken, {first.order_id: -70, second.order_id: -30})
