"""What a draft invoice bills less of a retainer period than was proposed waits to be billed."""

from odoo import Command
from odoo.tests import new_test_user, tagged

from .test_retainer_ends import EndingCase


class LoweredCase(EndingCase):
    """1,500.00 a month; a billing manager, or an accountant, changes quantities on draft invoices."""

    def setUp(self):
        super().setUp()
        self.accountant = new_test_user(self.env, login="acc", groups="account.group_account_invoice")

    @staticmethod
    def _units(invoices):
        lines = invoices.invoice_line_ids.filtered("psa_proposal_line_id")
        return lines.filtered(lambda line: not line.sale_line_ids.psa_adjusts_line_id)

    def _set(self, invoice, quantity):
        """As the accountant does on the form of the invoice."""
        line = self._units(invoice)
        commands = [Command.update(line.id, {"quantity": quantity})]
        invoice.with_user(self.accountant).write({"invoice_line_ids": commands})

    def _post(self, invoices, day="2026-03-31"):
        invoices.invoice_date = day
        invoices.action_post()

    def _lowered(self, quantity, first="2026-03-01", last="2026-03-31", post=True):
        """The invoice of these days, of ``quantity`` units."""
        invoice = self._bill(first, last, post=False)
        self._set(invoice, quantity)
        if post:
            self._post(invoice, last)
        return invoice

    def _states(self, order, count=2):
        return [(p.billing_state, p.amount_to_bill) for p in self._periods(order)[:count]]


@tagged("post_install", "-at_install")
class TestRetainerLowered(LoweredCase):
    def test_half_a_month_that_is_not_billed_waits_and_is_proposed_again(self):
        """0.5 of March is 750.00; the other 750.00 wait. April's run bills them with April: 2,250.00."""
        order = self._sow(self._retainer())
        invoice = self._lowered(0.5)
        self.assertEqual(invoice.amount_untaxed, 750)
        self.assertEqual(self._states(order)[0], ("due", 750))
        self.assert_host_figures(order.order_line, 1, 0.5, 750)
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 2250)
        self.assertFalse(self._propose("2026-03-01", "2026-03-31"))

    def test_it_waits_as_soon_as_the_draft_says_so(self):
        order = self._sow(self._retainer())
        invoice = self._lowered(0.5, post=False)
        self.assertEqual(self._states(order)[0], ("due", 750))
        again = self._bill("2026-03-01", "2026-03-31")
        self.assertEqual(again.amount_untaxed, 750)
        self._post(invoice)
        self.assertEqual(self._states(order)[0], ("billed", 0))
        self.assertEqual(self._invoiced(order), 1500)
        self.assert_host_figures(order.order_line, 1, 1, 0)

    def test_it_is_given_up_on_its_proposal_with_a_reason(self):
        """750.00 of March are written off: nothing waits, and the leakage of 750.00 has its reason."""
        order = self._sow(self._retainer())
        self._lowered(0.5)
        proposal = self._propose("2026-03-01", "2026-03-31")
        adjustment = proposal.line_ids.sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        self.assertEqual(adjustment.amount, -750)
        proposal.action_close()
        self.assertEqual(self._states(order)[0], ("billed", 0))
        self.assertFalse(self._propose("2026-03-01", "2026-03-31"))

    def test_set_back_on_the_draft_nothing_waits(self):
        order = self._sow(self._retainer())
        invoice = self._lowered(0.25, post=False)
        self._set(invoice, 0.75)
        self.assertEqual(self._states(order)[0], ("due", 375))
        self._set(invoice, 1)
        self.assertFalse(self._periods(order).share_ids)
        self.assertEqual(self._states(order)[0], ("billed", 0))
        self._post(invoice)
        self.assertFalse(self._propose("2026-03-01", "2026-03-31"))

    def test_reset_to_draft_and_set_back_nothing_waits(self):
        order = self._sow(self._retainer())
        invoice = self._lowered(0.5)
        invoice.button_draft()
        self._set(invoice, 1)
        self._post(invoice)
        self.assertEqual(self._states(order)[0], ("billed", 0))

    def test_of_two_months_the_later_one_waits(self):
        """1.25 of March and April: 0.75 of April, 1,125.00, wait; at 0.5 all of April and 750.00 of March.
        Then both are billed after all."""
        order = self._sow(self._retainer())
        invoice = self._lowered(1.25, last="2026-04-30", post=False)
        self.assertEqual(self._states(order), [("billed", 0), ("due", 1125)])
        self._set(invoice, 0.5)
        self.assertEqual(self._states(order), [("due", 750), ("due", 1500)])
        self._set(invoice, 2)
        self.assertEqual(self._states(order), [("billed", 0), ("billed", 0)])
        self._set(invoice, 0.5)
        self._post(invoice)
        self.assertEqual(self._bill("2026-04-01", "2026-04-30").amount_untaxed, 2250)
        self.assertEqual(self._invoiced(order), 3000)

    def test_a_broken_month_is_billed_to_the_cent(self):
        """17 of 31 days of March, 822.58, are 0.55 months (825.00) less 2.42. 0.25 on the draft: 375.00 less
        2.42 are billed, 450.00 wait. At 0 only the 2.42 are taken off, and 825.00 wait."""
        order = self._sow(self._retainer(), psa_date_start="2026-03-15")
        invoice = self._lowered(0.25, post=False)
        self.assertEqual((invoice.amount_untaxed, self._states(order)[0]), (372.58, ("due", 450)))
        self._set(invoice, 0)
        self.assertEqual((invoice.amount_untaxed, self._states(order)[0]), (-2.42, ("due", 825)))
        self._set(invoice, 0.25)
        self._post(invoice)
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 450)
        self.assertEqual(self._invoiced(order), 822.58)

    def test_halves_of_an_odd_price_come_to_it(self):
        """Of 100.01 0.5 are 50.01 (50.005); 50.00 wait."""
        order = self._sow(self._retainer(price=100.01))
        self.assertEqual(self._lowered(0.5).amount_untaxed, 50.01)
        self.assertEqual(self._states(order)[0], ("due", 50))
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 50)

    def test_what_was_raised_by_hand_goes_first(self):
        """2 for one month, then 0.5: half of it waits. Of 2 that are billed 1.5 are credited: half of it
        waits."""
        order = self._sow(self._retainer())
        invoice = self._lowered(2, post=False)
        self._set(invoice, 1.5)
        self.assertEqual(self._states(order)[0], ("billed", 0))
        self._set(invoice, 0.5)
        self.assertEqual(self._states(order)[0], ("due", 750))
        self._set(invoice, 2)
        self.assertEqual(self._states(order)[0], ("billed", 0))
        self._post(invoice)
        note = self._draft_credit(invoice)
        note.invoice_line_ids.quantity = 1.5
        note.action_post()
        self.assertEqual(self._states(order)[0], ("due", 750))

    def test_a_deleted_draft_frees_what_is_left_on_it(self):
        """750.00 wait, and are billed by another invoice; the draft of the other 750.00 is deleted."""
        order = self._sow(self._retainer())
        invoice = self._lowered(0.5, post=False)
        self._bill("2026-03-01", "2026-03-31")
        invoice.unlink()
        self.assertEqual(self._states(order)[0], ("due", 750))
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 750)
        self.assertEqual(self._invoiced(order), 1500)

    def test_a_deleted_draft_of_which_all_waits_frees_the_month(self):
        order = self._sow(self._retainer())
        self._lowered(0.5, post=False).unlink()
        self.assertFalse(self._periods(order).share_ids)
        self.assertEqual(self._states(order)[0], ("due", 1500))
        self._lowered(0, post=False).unlink()
        self.assertFalse(self._periods(order).share_ids)
        self.assertEqual(self._states(order)[0], ("due", 1500))

    def test_credited_the_month_waits_as_a_whole(self):
        order = self._sow(self._retainer())
        self._credit(self._lowered(0.5))
        self.assertEqual(self._states(order)[0], ("due", 1500))
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 1500)
        self.assertEqual(self._invoiced(order), 1500)

    def test_less_is_given_back_than_was_proposed(self):
        """Ended on the 15th: 0.52 of March, 774.19, are to be given back: 780.00 and 5.81 the other way. Of
        that 0.26 are credited, 384.19; 390.00 wait, and go back with the next run."""
        order = self._endless()
        self._bill("2026-03-01", "2026-03-01")
        self._end(order, "2026-03-15")
        note = self._lowered(0.26, post=False)
        self.assertEqual((note.move_type, note.amount_untaxed), ("out_refund", 384.19))
        self.assertEqual(self._states(order)[1], ("due", -390))
        self._set(note, 0.52)
        self.assertEqual(self._states(order)[1], ("billed", 0))
        self._set(note, 0.26)
        self._post(note)
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 390)
        self.assertEqual(self._invoiced(order), 725.81)

    def test_a_month_that_is_billed_less_ends_early(self):
        """0.5 of March, 750.00, are billed when it ends on the 15th: 725.81 are due in all, so 24.19 go
        back."""
        order = self._endless()
        self._lowered(0.5, last="2026-03-01")
        self._end(order, "2026-03-15")
        note = self._bill("2026-03-01", "2026-03-31")
        self.assertEqual((note.move_type, note.amount_untaxed), ("out_refund", 24.19))
        self.assertEqual(self._invoiced(order), 725.81)

    def test_hours_of_the_month_stay(self):
        """It grants its ten hours whoever bills how much of it: two of twelve are over."""
        order = self._sow(self._retainer())
        entry = self._work(order.order_line, 12)
        invoice = self._bill("2026-03-01", "2026-03-31", post=False)
        retainer = invoice.invoice_line_ids.filtered(lambda line: line.sale_line_ids == order.order_line[0])
        retainer.quantity = 0.5
        self._post(invoice)
        self.assert_wip(entry, ("covered", 10, 0, 0), ("billed", 2, 2, 300))
        self.assertEqual(self._states(order)[0], ("due", 750))


class LoweredSharesCase(LoweredCase):
    """The client and a fund pay 60 and 40 %: 900.00 and 600.00 a month."""

    SHARES = (60, 40)

    def setUp(self):
        super().setUp()
        self.fund = self.env["res.partner"].create({"name": "Fund"})
        self.order = self._sow(
            self._retainer(),
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(
                    zip((self.client, self.fund), self.SHARES, strict=True)
                )
            ],
        )

    def _drafts(self, first="2026-03-01", last="2026-03-31"):
        """The drafts (of the client, of the fund)."""
        proposal = self._propose(first, last)
        self._invoice(proposal)
        return self._by_payer(proposal.invoice_ids)

    def _by_payer(self, moves):
        return [
            moves.filtered(lambda move, payer=payer: move.psa_payer_id == payer)
            for payer in (self.client, self.fund)
        ]

    def _amounts(self, drafts):
        return [draft.amount_untaxed for draft in drafts]


@tagged("post_install", "-at_install")
class TestRetainerLoweredShares(LoweredSharesCase):
    def test_the_share_that_was_lowered_is_that_client_s(self):
        """0.25 of the client's 0.6: 525.00 wait for the client alone, whoever is posted first."""
        client, fund = self._drafts()
        self._set(client, 0.25)
        self._post(fund)
        self._post(client)
        self.assertEqual(self._states(self.order)[0], ("due", 525))
        self.assertEqual(self._periods(self.order).share_ids.payer_id, self.client)
        again = self._drafts()
        self.assertEqual(self._amounts(again), [525, 0])
        # of which 0.15 are billed, 225.00; then the shares are others
        self._set(again[0], 0.15)
        self.order.sudo().psa_payer_ids = [
            Command.update(payer.id, {"share": 50}) for payer in self.order.sudo().psa_payer_ids
        ]
        self.assertEqual(self._amounts(self._drafts()), [300, 0])
        self.assert_host_figures(self.order.order_line, 1, 1, 525)

    def test_both_are_lowered_at_once_and_set_back(self):
        """Both at 0.2: 600.00 and 300.00 wait, each for its own."""
        drafts = self._drafts()
        moves = drafts[0] | drafts[1]
        self._units(moves).quantity = 0.2
        self.assertEqual(self._states(self.order)[0], ("due", 900))
        self._set(drafts[1], 0.4)
        self.assertEqual(self._states(self.order)[0], ("due", 600))
        self._set(drafts[0], 0.6)
        self.assertEqual(self._states(self.order)[0], ("billed", 0))
        self._units(moves).quantity = 0
        self.assertEqual(self._states(self.order)[0], ("due", 1500))
        self.assertEqual(self._amounts(self._drafts()), [900, 600])

    def test_a_lowered_draft_is_deleted(self):
        """The client's 0.25 go as well: 900.00 wait for the client."""
        client, fund = self._drafts()
        self._set(client, 0.25)
        client.unlink()
        self.assertEqual(self._states(self.order)[0], ("due", 900))
        self._post(fund)
        self.assertEqual(self._amounts(self._drafts()), [900, 0])

    def test_of_two_months_both_wait_by_the_same_share(self):
        """The client's 1.2 become 0.6: 0.3 of each month, 450.00."""
        client, _fund = self._drafts(last="2026-04-30")
        self._set(client, 0.6)
        self.assertEqual(self._states(self.order), [("due", 450), ("due", 450)])
        self.assertEqual(self._amounts(self._drafts(last="2026-04-30")), [900, 0])

    def test_a_draft_of_nothing_is_set_back_after_the_other_was_deleted(self):
        """All 1,500.00 wait; set back to 0.6 the client's draft bills 900.00 of them, and the fund's 600.00
        wait."""
        client, fund = self._drafts()
        self._set(client, 0)
        fund.unlink()
        self.assertEqual(self._states(self.order)[0], ("due", 1500))
        self._set(client, 0.6)
        self.assertEqual(self._states(self.order)[0], ("due", 600))
        self._post(client)
        self.assertEqual(self._amounts(self._drafts()), [0, 600])

    def test_nor_is_an_invoice_of_nothing_billed_beside_the_month(self):
        """As before, posted: it is reset to draft and set back."""
        client, fund = self._drafts()
        self._set(client, 0)
        self._post(client)
        self._post(fund)
        self._credit(fund)
        self.assertEqual(self._states(self.order)[0], ("due", 1500))
        client.button_draft()
        self._set(client, 0.6)
        self.assertEqual(self._states(self.order)[0], ("due", 600))


@tagged("post_install", "-at_install")
class TestLoweredUnderCaps(LoweredCase):
    """Under an agreement with a cap of 1,600.00 a draft bills 1,500.00, half of it is taken off, and others
    are billed 500.00 in that room."""

    def _check(self, sold):
        agreement = self._agreement(cap_amount=1600)
        order = self._sow(sold, self._line(self.developer), psa_agreement_id=agreement.id)
        invoice = self._lowered(0.5, post=False)
        self._work(order.order_line[1], 5)
        proposal = self._propose("2026-03-01", "2026-03-31")
        # 850.00 are left: what waits of the 1,500.00, 750.00, and the work are more
        proposal.line_ids.filtered(lambda line: line.sale_line_id == order.order_line[0]).action_hold()
        self._invoice(proposal)
        self.assert_refused(lambda: self._set(invoice, 1), "400.00 more than the cap of the agreement")
        self._set(invoice, 0.7)  # 1,050.00 + 500.00
        self._post(invoice)
        self.assertEqual(self._invoiced(order), 1050)

    def test_a_month_is_not_set_back_once_its_room_is_used(self):
        self._check(self._retainer())

    def test_nor_is_a_fixed_price(self):
        self._check(self._line(self.architect, 1, "fixed", price_unit=1500))
