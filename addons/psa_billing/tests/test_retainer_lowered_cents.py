"""Cents beside the shares of a retainer, of drafts that are set to nothing."""

from odoo.tests import tagged

from .test_retainer_lowered import LoweredSharesCase


@tagged("post_install", "-at_install")
class TestRetainerLoweredCents(LoweredSharesCase):
    """33.33 and 66.67 %: the client's 499.95 are 0.33 months, 495.00, and 4.95 beside them; the fund's
    1,000.05 are 0.67 months, 1,005.00, less 4.95. On the client's draft the 0.33 are set to 0: 495.00 wait,
    and 4.95 are billed."""

    SHARES = (33.33, 66.67)

    def _lowered_to_nothing(self):
        client, fund = self._drafts()
        self._set(client, 0)
        self.assertEqual(client.amount_untaxed, 4.95)
        self.assertEqual(self._states(self.order)[0], ("due", 495))
        return client, fund

    def test_what_a_draft_of_nothing_bills_beside_does_not_come_back_with_the_other_invoice(self):
        """The fund's invoice is credited: its 1,000.05 wait with the 495.00, not the 4.95."""
        client, fund = self._lowered_to_nothing()
        self._post(fund)
        self._credit(fund)
        self.assertEqual(self._states(self.order)[0], ("due", 1495.05))
        self._post(client)
        again = self._drafts()
        self.assertEqual(self._amounts(again), [495, 1000.05])
        self._post(again[0] | again[1])
        self.assertEqual(self._invoiced(self.order), 1500)
        self.assertEqual(self._states(self.order)[0], ("billed", 0))

    def test_a_deleted_draft_of_nothing_frees_what_it_bills_beside(self):
        client, _fund = self._lowered_to_nothing()
        client.unlink()
        self.assertEqual(self._states(self.order)[0], ("due", 499.95))
        self.assertEqual(self._amounts(self._drafts()), [499.95, 0])

    def test_so_does_one_that_is_credited(self):
        client, fund = self._lowered_to_nothing()
        self._post(client | fund)
        self._credit(client)
        self.assertEqual(self._states(self.order)[0], ("due", 499.95))
        self.assertEqual(self._amounts(self._drafts()), [499.95, 0])

    def test_both_go_at_once(self):
        client, fund = self._lowered_to_nothing()
        (client | fund).unlink()
        self.assertFalse(self._periods(self.order).share_ids)
        self.assertEqual(self._amounts(self._drafts()), [499.95, 1000.05])

    def test_a_few_cents_wait_alone(self):
        """The 495.00 are billed by another draft; then the first one, of 4.95, is deleted."""
        client, fund = self._lowered_to_nothing()
        again, _none = self._drafts()
        client.unlink()
        self.assertEqual(self._states(self.order)[0], ("due", 4.95))
        self._post(again | fund)
        rest, _none = self._drafts()
        self._post(rest)
        self.assertEqual(self._invoiced(self.order), 1500)
        self.assertFalse(self._propose("2026-03-01", "2026-03-31"))

    def test_shares_that_are_billed_again_are_lowered_to_nothing(self):
        """The client's 499.95 and 0.1 months of the fund's, 150.00, are credited, and billed again. Of these
        drafts the client's is set to 0, which leaves 4.95 on it, and the fund's is deleted: 645.00 wait. The
        4.95 wait when the client's goes, too."""
        client, fund = self._drafts()
        self._post(client | fund)
        self._credit(client)
        note = self._draft_credit(fund)
        note.invoice_line_ids.filtered("sale_line_ids.psa_adjusts_line_id").unlink()
        note.invoice_line_ids.filtered("psa_credits_line_id").quantity = 0.1
        note.action_post()
        again = self._drafts()
        self.assertEqual(self._amounts(again), [499.95, 150])
        self._set(again[0], 0)
        again[1].unlink()
        self.assertEqual(self._states(self.order)[0], ("due", 645))
        again[0].unlink()
        self.assertEqual(self._states(self.order)[0], ("due", 649.95))
