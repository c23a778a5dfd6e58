"""Waiting work is split where it is over a retainer, and where several clients pay it."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_move_parts import MovePartsCase, RetainedPartsCase


class SplitPartsCase(MovePartsCase):
    def _split(self, part, hours):
        wizard = part.env["psa.split.work"].browse(part.action_split()["res_id"])
        self.assertTrue(wizard.waits)
        wizard.hours = hours
        wizard.action_apply()


@tagged("post_install", "-at_install")
class TestSplitOverRetainers(SplitPartsCase, RetainedPartsCase):
    def _over(self, entry):
        return entry.psa_wip_ids.filtered(lambda part: part.state in ("open", "held")).sorted("slice_number")

    def test_a_part_waits_by_itself(self):
        entry = self._work(self.retainer, 12)
        over = self._over(entry)
        self._split(over, 0.5)
        # 2 h x 150.00: 1.5 h and 0.5 h
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 1.5, 1.5, 225), ("open", 0.5, 0.5, 75))
        part = self._over(entry)[1]
        self.assertEqual(part.retainer_line_id, self.retainer)
        self.assertEqual(part.retainer_period_id, over.retainer_period_id)
        part.action_hold()
        self.assertEqual(over.retainer_period_id.over_hours, 2)
        # 1,500.00 and 225.00; what is held comes with a later proposal
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 1725)
        self.assert_wip(entry, ("covered", 10, 0, 0), ("billed", 1.5, 1.5, 225), ("held", 0.5, 0.5, 75))
        part.action_release()
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 75)

    def test_the_cut_stays_when_more_is_over(self):
        entry = self._work(self.retainer, 12)
        self._split(self._over(entry), 0.5)
        self._over(entry)[1].action_hold()
        self._work(self.retainer, 1, "2026-03-01")
        # 9 h are left for it, 3 h are over: the rest takes the hour
        self.assert_wip(entry, ("covered", 9, 0, 0), ("open", 2.5, 2.5, 375), ("held", 0.5, 0.5, 75))

    def test_the_rest_loses_first_then_the_last_cut_and_the_order_says_so(self):
        first = self._work(self.retainer, 2, "2026-03-01")
        entry = self._work(self.retainer, 10)
        self._split(self._over(entry), 0.8)
        self._split(self._over(entry)[0], 0.5)
        held = self._over(entry)[1]
        held.action_hold()
        self.assert_wip(
            entry,
            ("covered", 8, 0, 0),
            ("open", 0.7, 0.7, 105),
            ("held", 0.8, 0.8, 120),
            ("open", 0.5, 0.5, 75),
        )
        messages = len(self.order.message_ids)
        # of the first 2 h a half leaves: 1.5 h are over, 0.2 h of the rest stay
        self._move(first.psa_wip_ids, self.hourly, hours=0.5)
        self.assertEqual(self._over(entry).mapped("raw_hours"), [0.2, 0.8, 0.5])
        self.assertEqual(len(self.order.message_ids), messages)
        # another half: 1 h is over, 0.8 h and 0.2 h of it were cut off
        self._move(self._part(first, "covered"), self.hourly, hours=0.5)
        self.assert_wip(entry, ("covered", 9, 0, 0), ("held", 0.8, 0.8, 120), ("open", 0.2, 0.2, 30))
        self.assertIn("0.2 of 0.5 hours", str(self.order.message_ids[0].body))
        # the rest of the first entry: nothing is over any more
        self._move(self._part(first, "covered"), self.hourly, hours=1)
        self.assert_wip(entry, ("covered", 10, 0, 0))
        self.assertIn("0 of 0.8 hours", str(self.order.message_ids[0].body))
        self.assertIn("0 of 0.2 hours", str(self.order.message_ids[0].body))
        # what is over it later is one part
        self._work(self.retainer, 2, "2026-03-01")
        self.assert_wip(entry, ("covered", 8, 0, 0), ("open", 2, 2, 300))

    def test_cents_and_rounded_quantities_sum(self):
        order = self._sow(
            self._retainer(psa_retainer_overage_rate=133.33),
            psa_rounding_minutes="15",
            psa_rounding_direction="up",
        )
        entry = self._work(order.order_line, 10.4)
        # 0.4 h are 0.5 h x 133.33 = 66.665
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 0.4, 0.5, 66.67))
        self._split(self._over(entry), 0.2)
        # 0.25 h x 133.33 = 33.3325; the rest takes the cent
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 0.2, 0.25, 33.34), ("open", 0.2, 0.25, 33.33))
        rest, part = self._over(entry)
        self.assertEqual((rest.remainder, part.remainder), (0.01, 0))
        # drawn again, and with one of them billed: the same
        part.action_hold()
        self.env["psa.retainer.period"]._psa_draw(order.order_line[0])
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 0.2, 0.25, 33.34), ("held", 0.2, 0.25, 33.33))
        self._propose()
        self.env["psa.retainer.period"]._psa_draw(order.order_line[0])
        self.assert_wip(
            entry, ("covered", 10, 0, 0), ("proposed", 0.2, 0.25, 33.34), ("held", 0.2, 0.25, 33.33)
        )

    def test_an_entry_is_rounded_once_also_when_a_part_of_it_is_proposed(self):
        order = self._sow(
            self._retainer(psa_retainer_overage_rate=133.33),
            psa_rounding_minutes="15",
            psa_rounding_direction="up",
        )
        entry = self._work(order.order_line, 10.4)
        self._split(self._over(entry), 0.1)
        # 0.4 h are 0.5 h: a quarter of it is 0.13 h x 133.33 = 17.33, the rest 0.37 h for 49.34
        parts = ("proposed", 0.3, 0.37, 49.34), ("held", 0.1, 0.13, 17.33)
        self._over(entry)[1].action_hold()
        self._propose()
        self.env["psa.retainer.period"]._psa_draw(order.order_line[0])
        # 0.1 h by itself would be a quarter of an hour
        self.assert_wip(entry, ("covered", 10, 0, 0), *parts)
        # of another 0.1 h over the retainer nothing more is billed: 0.5 h are 0.5 h, of which 0.13 h wait
        self._work(order.order_line[0], 0.1, "2026-03-01")
        waiting = [
            (part.state, part.raw_hours, part.billable_quantity, part.amount) for part in self._over(entry)
        ]
        # a half each: 0.07 h x 133.33, and the rest of 17.33
        self.assertEqual(waiting, [("open", 0.1, 0.06, 8), ("held", 0.1, 0.07, 9.33)])

    def test_a_cap_cuts_each_part(self):
        order = self._sow(self._retainer(), psa_cap_amount=200)
        entry = self._work(order.order_line[0], 12)
        self.assert_wip(
            entry, ("covered", 10, 0, 0), ("open", 1.33, 1.33, 200), ("over_cap", 0.67, 0.67, 100)
        )
        self._split(self._part(entry, "open"), 1)
        self.assertAlmostEqual(sum(self._part(entry, "open").mapped("amount")), 200)
        self.assertAlmostEqual(sum(self._part(entry, "over_cap").mapped("amount")), 100)
        self.assertAlmostEqual(sum(entry.psa_wip_ids.mapped("raw_hours")), 12)
        order.sudo().psa_cap_amount = 0
        self.env["psa.retainer.period"]._psa_draw(order.order_line[0])
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 1, 1, 150), ("open", 1, 1, 150))

    def test_what_is_over_a_closed_period_is_split_as_it_is(self):
        entry = self._work(self.retainer, 12)
        self._periods(self.order)[0].action_close()
        self._split(self._over(entry), 0.5)
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 1.5, 1.5, 225), ("open", 0.5, 0.5, 75))

    def test_a_credit_gives_back_each_part(self):
        entry = self._work(self.retainer, 12)
        self._split(self._over(entry), 0.5)
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 1800)
        self._credit(invoice)
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 1.5, 1.5, 225), ("open", 0.5, 0.5, 75))

    def test_bad_hours_states_and_users(self):
        entry = self._work(self.retainer, 12)
        over = self._over(entry)
        for hours in (0, 2, -1, 5):
            with self.assertRaisesRegex(UserError, "has 2 hours here"):
                self._split(over, hours)
        with self.assertRaisesRegex(UserError, "does not wait for billing"):
            self._part(entry, "covered").sudo()._psa_split_waiting(1)
        values = {"wip_id": over.id, "hours": 1}
        with self.assertRaises(AccessError):
            self.env["psa.split.work"].with_user(self.ann.user_id).create(values).action_apply()
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 2, 2, 300))


@tagged("post_install", "-at_install")
class TestSplitShares(SplitPartsCase):
    """An architect at 133.33 an hour, paid by three clients."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.funds = cls.env["res.partner"].create([{"name": "Fund A"}, {"name": "Fund B"}])
        cls.payers = cls.client | cls.funds
        cls.order = cls._shared_sow()

    @classmethod
    def _shared_sow(cls, **values):
        shares = zip(cls.payers, (33.33, 33.33, 33.34), strict=True)
        return cls._sow(
            cls._line(cls.architect, price_unit=133.33),
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(shares)
            ],
            **values,
        )

    def _freed(self, hours=3):
        """Work that came back from the invoices of all payers."""
        entry = self._work(self.order.order_line, hours)
        self._invoice(self._propose())
        entry.psa_wip_ids.invoice_id.unlink()
        return entry

    def _shares(self, entry):
        """``[(slice, payer, hours, quantity, amount)]``"""
        return [
            (part.slice_number, part.payer_id, part.raw_hours, part.billable_quantity, part.amount)
            for part in entry.psa_wip_ids.sorted(lambda part: (part.slice_number, part.part))
        ]

    def test_each_payer_pays_its_part_of_both(self):
        client, one, other = self.payers
        entry = self._freed()
        self.assertEqual(
            self._shares(entry),
            [(0, client, 1, 1, 133.32), (0, one, 1, 1, 133.32), (0, other, 1, 1, 133.35)],
        )
        self._split(entry.psa_wip_ids[0], 1)
        # 1 h x 133.33; by hours and money the last takes the rest
        self.assertEqual(
            self._shares(entry),
            [
                (0, client, 0.67, 0.67, 88.88),
                (0, one, 0.67, 0.67, 88.88),
                (0, other, 0.66, 0.66, 88.9),
                (1, client, 0.33, 0.33, 44.44),
                (1, one, 0.33, 0.33, 44.44),
                (1, other, 0.34, 0.34, 44.45),
            ],
        )
        self.assertAlmostEqual(sum(entry.psa_wip_ids.mapped("amount")), 399.99)

    def test_one_part_is_held_the_other_billed_to_all(self):
        entry = self._freed()
        self._split(entry.psa_wip_ids[0], 1)
        entry.psa_wip_ids.filtered("slice_number").action_hold()
        proposal = self._propose()
        self.assertEqual(proposal.amount, 266.66)
        self._invoice(proposal)
        self.assertEqual(
            {bill.psa_payer_id: bill.amount_untaxed for bill in proposal.invoice_ids},
            dict(zip(self.payers, (88.88, 88.88, 88.9), strict=True)),
        )
        entry.psa_wip_ids.filtered("slice_number").action_release()
        later = self._propose()
        self._invoice(later)
        self.assertEqual(
            {bill.psa_payer_id: bill.amount_untaxed for bill in later.invoice_ids},
            dict(zip(self.payers, (44.44, 44.44, 44.45), strict=True)),
        )

    def test_all_hours_of_the_payers_are_offered(self):
        entry = self._freed()
        wizard = self.env["psa.split.work"].browse(entry.psa_wip_ids[1].action_split()["res_id"])
        self.assertEqual((wizard.raw_hours, wizard.hours), (3, 1.5))

    def test_a_part_is_moved_for_all_payers(self):
        entry = self._freed()
        self._split(entry.psa_wip_ids[0], 1)
        part = entry.psa_wip_ids.filtered("slice_number")[0]
        self.assertEqual(part._psa_hours_to_move(), 1)
        part.sudo()._psa_move_part(1, self.order.order_line[0])
        # nobody's yet, as any work that is moved
        self.assert_wip(
            entry,
            ("open", 0.67, 0.67, 88.88),
            ("open", 0.67, 0.67, 88.88),
            ("open", 0.66, 0.66, 88.9),
            ("open", 1, 1, 133.33),
        )

    def test_corrections_are_split_alike(self):
        self._work(self.order.order_line, 4)
        entry = self._freed(-0.5)
        before = {part.payer_id: part.amount for part in entry.psa_wip_ids}
        self._split(entry.psa_wip_ids[0], -0.2)
        after = dict.fromkeys(before, 0)
        for part in entry.psa_wip_ids:
            after[part.payer_id] += part.amount
        for payer, amount in before.items():
            self.assertAlmostEqual(after[payer], amount, 6)
        cut = entry.psa_wip_ids.filtered("slice_number")
        self.assertAlmostEqual(sum(cut.mapped("raw_hours")), -0.2)
        self.assertAlmostEqual(sum(cut.mapped("amount")), -26.67)  # 0.2 h x 133.33

    def test_under_a_cap(self):
        self.order.sudo().psa_cap_amount = 300
        entry = self._freed()
        before = {
            payer: sum(parts.mapped("amount"))
            for payer, parts in entry.psa_wip_ids.grouped("payer_id").items()
        }
        self._split(self._part(entry, "open")[0], 1)
        after = {
            payer: sum(parts.mapped("amount"))
            for payer, parts in entry.psa_wip_ids.grouped("payer_id").items()
        }
        for payer in before:
            self.assertAlmostEqual(before[payer], after[payer], 6)
        self.assertAlmostEqual(sum(self._part(entry, "open").mapped("amount")), 300)

    def test_nothing_is_split_while_one_of_them_is_billed(self):
        entry = self._work(self.order.order_line, 3)
        self._invoice(self._propose())
        entry.psa_wip_ids.invoice_id.filtered(lambda move: move.psa_payer_id == self.funds[0]).unlink()
        freed = self._part(entry, "open")
        with self.assertRaisesRegex(UserError, "one of them was billed its share, on"):
            self._split(freed, 0.5)
        self.assertEqual(freed.raw_hours, 1)

    def test_nothing_is_split_while_a_share_is_written_off(self):
        entry = self._freed()
        entry.psa_wip_ids[1].sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        with self.assertRaisesRegex(UserError, "is written off"):
            self._split(entry.psa_wip_ids[0], 0.5)

    def test_bad_hours_and_users(self):
        entry = self._freed()
        for hours in (0, 3, -1, 5):
            with self.assertRaisesRegex(UserError, "has 3 hours here"):
                self._split(entry.psa_wip_ids[0], hours)
        values = {"wip_id": entry.psa_wip_ids[0].id, "hours": 1}
        with self.assertRaises(AccessError):
            self.env["psa.split.work"].with_user(self.ann.user_id).create(values).action_apply()

    def test_shares_of_what_is_over_a_retainer(self):
        shares = zip(self.payers, (33.33, 33.33, 33.34), strict=True)
        order = self._sow(
            self._retainer(),
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(shares)
            ],
        )
        entry = self._work(order.order_line, 13)
        self._invoice(self._propose())
        entry.psa_wip_ids.invoice_id.unlink()
        self.assertEqual(len(self._part(entry, "open").payer_id), 3)
        self._split(self._part(entry, "open")[0], 1)
        # 3 h x 150.00 are over: 149.99, 149.99 and 150.02; of the part's 150.00 the last two take the cents
        cut = entry.psa_wip_ids.filtered("slice_number")
        self.assertEqual([part.amount for part in cut.sorted("part")], [49.99, 50, 50.01])
        self.assertEqual(cut.retainer_line_id, order.order_line[0])
        self.assertAlmostEqual(sum(self._part(entry, "open").mapped("amount")), 450)
        self.assertAlmostEqual(sum(entry.psa_wip_ids.mapped("raw_hours")), 13)
