"""On drafts of several clients one is billed more of a retainer period, and another less."""

from itertools import permutations

from odoo.tests import tagged

from .test_retainer_lowered import LoweredSharesCase


@tagged("post_install", "-at_install")
class TestRetainerShifted(LoweredSharesCase):
    """The client and a fund pay 60 and 40 % of 1,500.00 a month: 900.00 and 600.00. The accountant sets the
    client's 0.6 units to 0.7 (1,050.00), and the fund's 0.4 to 0.3 (450.00): the month is billed."""

    def setUp(self):
        super().setUp()
        proposal = self._propose("2026-03-01", "2026-03-31")
        self._invoice(proposal)
        self.drafts = {move.psa_payer_id: move for move in proposal.invoice_ids}

    def _sets(self, *steps):
        for payer, quantity in steps:
            self._set(self.drafts[payer], quantity)

    def _waits(self):
        """(payer, net amount) of what waits of March."""
        shares = self._periods(self.order)[0].share_ids
        return [(share.payer_id, round(share.amount, 2)) for share in shares]

    def test_what_one_pays_for_another_does_not_wait_in_whichever_order_it_is_typed(self):
        for steps in permutations([(self.client, 0.7), (self.fund, 0.3)]):
            with self.subTest(steps=steps), self.env.cr.savepoint() as savepoint:
                self._sets(*steps)
                self.assertEqual((self._waits(), self._states(self.order)[0]), ([], ("billed", 0)))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_set_back_the_other_one_s_share_waits(self):
        """The client pays its 900.00 again: the fund's 150.00 wait for the fund, not for the client."""
        for steps in permutations([(self.client, 0.7), (self.fund, 0.3)]):
            with self.subTest(steps=steps), self.env.cr.savepoint() as savepoint:
                self._sets(*steps, (self.client, 0.6))
                self.assertEqual(self._waits(), [(self.fund, 150)])
                self._sets((self.fund, 0.4))
                self.assertEqual(self._states(self.order)[0], ("billed", 0))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_what_neither_pays_waits_for_who_pays_less(self):
        """0.7 and 0.1 are 0.2 less than the month: 300.00 of the fund's 450.00 wait."""
        for steps in permutations([(self.client, 0.7), (self.fund, 0.1)]):
            with self.subTest(steps=steps), self.env.cr.savepoint() as savepoint:
                self._sets(*steps)
                self.assertEqual(self._waits(), [(self.fund, 300)])
                savepoint.rollback()
            self.env.invalidate_all()

    def test_more_than_the_month_is_billed_and_nothing_waits(self):
        """0.8 and 0.4 are 300.00 more than the month; then the fund's 0.3 leave 150.00 more."""
        self._sets((self.client, 0.8))
        self.assertEqual(self._waits(), [])
        self._sets((self.fund, 0.3))
        self.assertEqual(self._waits(), [])
        moves = self.drafts[self.client] | self.drafts[self.fund]
        self._post(moves)
        self.assertEqual(sum(moves.mapped("amount_untaxed")), 1650)
