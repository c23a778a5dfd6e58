"""Hours of an entry that draws on a retainer, or that several clients pay, go to another line of the SOW."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


class MovePartsCase(PsaRetainerCase):
    def _move(self, part, target, hours=None):
        wizard = part.env["psa.move.work"].browse(part.action_move()["res_id"])
        wizard.sale_line_id = target
        if hours is not None:
            wizard.hours = hours
        wizard.action_apply()

    @staticmethod
    def _part(entry, *states):
        return entry.psa_wip_ids.filtered(lambda part: part.state in states)


class RetainedPartsCase(MovePartsCase):
    """Ten hours a month of an architect for 1,500.00, a developer at 100.00 an hour."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._retainer(), cls._line(cls.developer))
        cls.retainer, cls.hourly = cls.order.order_line


@tagged("post_install", "-at_install")
class TestMovePartsOfRetainers(RetainedPartsCase):
    def _used(self, order=None):
        return self._periods(order or self.order)[0].used

    def test_cents_of_a_part_that_is_covered_again_are_not_billed_with_another(self):
        included = self.tax.copy({"name": "19 %", "amount": 19, "price_include_override": "tax_included"})
        taxes = {"tax_ids": [Command.set(included.ids)]}
        retainer = self._line(self.architect, 3, "retainer", price_unit=1000, psa_retainer_hours=4, **taxes)
        retainer, hourly = self._sow(retainer, self._line(self.developer)).order_line
        entry = self._work(retainer, 5)
        # an hour over it costs 250.00 / 1.19
        self.assert_wip(entry, ("covered", 4, 0, 0), ("open", 1, 1, 210.08))
        self._propose()
        self._move(self._part(entry, "proposed"), retainer, hours=0.33)
        self._move(self._part(entry, "proposed"), hourly, hours=0.34)
        # 0.66 h are 138.66: 69.32 and 69.34
        over = self._part(entry, "open", "proposed").filtered("retainer_line_id").sorted("part")
        self.assertEqual(
            over.mapped(lambda part: (part.state, part.amount)), [("proposed", 69.34), ("open", 69.32)]
        )
        line = over[0].proposal_line_id
        # an hour of the retainer is free again: the 0.33 h that are not proposed draw on it
        self._move(self._part(entry, "covered"), hourly, hours=1)
        over = self._part(entry, "open", "proposed").filtered("retainer_line_id")
        self.assertEqual((over.state, over.billable_quantity, over.amount), ("proposed", 0.33, 69.33))
        self.assertEqual((line.amount, line.remainder), (69.33, 0))

    def test_hours_are_given_back_to_the_period(self):
        entry = self._work(self.retainer, 8)
        self._move(entry.psa_wip_ids, self.hourly, hours=3)
        # 5 h are drawn, 3 h x 100.00 are billed
        self.assert_wip(entry, ("covered", 5, 0, 0), ("open", 3, 3, 300))
        self.assertEqual(
            (entry.so_line, self._part(entry, "open").sale_line_id), (self.retainer, self.hourly)
        )
        self.assertFalse(self._part(entry, "open").retainer_line_id)
        self.assertEqual(self._used(), 5)
        later = self._work(self.retainer, 6, "2026-03-20")
        # 5 h are left: 1 h x 150.00 is over
        self.assert_wip(later, ("covered", 5, 0, 0), ("open", 1, 1, 150))
        self.assert_host_figures(self.hourly, delivered=3, invoiced=0, amount_to_invoice=300)
        # all of the first one back: 8 h are drawn, of the later one 2 h
        self._move(self._part(entry, "covered"), self.retainer, hours=8)
        self.assert_wip(entry, ("covered", 8, 0, 0))
        self.assert_wip(later, ("covered", 2, 0, 0), ("open", 4, 4, 600))

    def test_other_work_is_covered_by_what_an_entry_gives_back(self):
        first, second = self._work(self.retainer, 8), self._work(self.retainer, 4, "2026-03-20")
        self.assert_wip(second, ("covered", 2, 0, 0), ("open", 2, 2, 300))
        self._move(first.psa_wip_ids, self.hourly)
        # all 8 h of the first: nothing of the second is over any more
        self.assert_wip(first, ("open", 8, 8, 800))
        self.assert_wip(second, ("covered", 4, 0, 0))
        self.assertEqual(self._used(), 4)

    def test_of_an_entry_that_is_over_the_rest_draws_anew(self):
        entry = self._work(self.retainer, 12)
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 2, 2, 300))
        self._move(self._part(entry, "covered"), self.hourly, hours=1.5)
        # 10.5 h stay: 0.5 h x 150.00 are over; 1.5 h x 100.00
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 0.5, 0.5, 75), ("open", 1.5, 1.5, 150))
        over = self._part(entry, "open").filtered(lambda part: part.raw_hours == 0.5)
        self._move(over, self.hourly, hours=0.5)
        self.assertEqual(self._used(), 10)
        self.assertEqual(sorted(self._part(entry, "open").mapped("amount")), [50, 150])
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 1700)  # with the month, 1,500.00

    def test_money_is_given_back_at_the_rate_it_was_drawn_at(self):
        roles = [Command.set(self.architect.ids)]
        order = self._sow(
            self._retainer(
                hours=0,
                psa_retainer_grant="money",
                psa_retainer_amount=1000,
                psa_retainer_role_ids=roles,
            ),
            self._line(self.developer),
        )
        entry = self._work(order.order_line[0], 4)
        self.assertEqual(self._used(order), 600)
        self._move(entry.psa_wip_ids, order.order_line[1], hours=1.5)
        # 2.5 h x 150.00; 1.5 h x 100.00
        self.assertEqual(self._used(order), 375)
        self.assert_wip(entry, ("covered", 2.5, 0, 0), ("open", 1.5, 1.5, 150))

    def test_what_was_covered_is_rounded_where_it_goes(self):
        order = self._sow(
            self._retainer(), self._line(self.developer), psa_rounding_minutes="15", psa_rounding_scope="day"
        )
        retainer, hourly = order.order_line
        other = self._work(hourly, 0.1, employee=self.ann, psa_role_id=self.developer.id)
        self.assert_wip(other, ("open", 0.1, 0.25, 25))
        entry = self._work(retainer, 1)
        self._move(entry.psa_wip_ids, hourly, hours=0.3)
        # 0.3 h are 0.5 h; with 0.1 h on that day 0.4 h are 0.5 h: nothing is left for the other entry
        self.assert_wip(entry, ("covered", 0.7, 0, 0), ("open", 0.3, 0.5, 50))
        self.assert_wip(other, ("open", 0.1, 0, 0))

    def test_what_a_closed_period_paid_for_stays(self):
        entry = self._work(self.retainer, 8)
        self._bill("2026-03-01", "2026-03-31")
        for hours in (3, 8):  # a part, all of the entry
            with (
                self.subTest(hours=hours),
                self.assertRaisesRegex(UserError, "which is closed. Correct it by"),
            ):
                self._move(entry.psa_wip_ids, self.hourly, hours=hours)
        self.assert_wip(entry, ("covered", 8, 0, 0))
        self.assertEqual(self._used(), 8)

    def test_a_line_for_hours_over_a_retainer_takes_no_work(self):
        overage = self._work(self.retainer, 12).psa_wip_ids.filtered("amount").sale_line_id
        with self.assertRaisesRegex(UserError, "is not sold by work"):
            self._work(self.hourly, 2).psa_wip_ids.sudo()._psa_move_part(1, overage)

    def test_only_reviewers_move_hours(self):
        entry = self._work(self.retainer, 8)
        values = {"wip_ids": entry.psa_wip_ids.ids, "sale_line_id": self.hourly.id, "hours": 3}
        with self.assertRaises(AccessError):
            self.env["psa.move.work"].with_user(self.ann.user_id).create(values).action_apply()
        for hours in (-1, 9):
            with self.assertRaisesRegex(UserError, "has 8 hours here"):
                self._move(entry.psa_wip_ids, self.hourly, hours=hours)
        self.assert_wip(entry, ("covered", 8, 0, 0))


@tagged("post_install", "-at_install")
class TestMovePartsOfPayers(MovePartsCase):
    """An architect at 133.33 and a developer at 100.00 an hour, paid by three clients."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.funds = cls.env["res.partner"].create([{"name": "Fund A"}, {"name": "Fund B"}])
        cls.order = cls._sow(
            cls._line(cls.architect, price_unit=133.33),
            cls._line(cls.developer),
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(
                    zip(cls.client | cls.funds, (33.33, 33.33, 33.34), strict=True)
                )
            ],
        )
        cls.first, cls.second = cls.order.order_line

    def test_a_part_that_nobody_was_billed_is_shared_on_its_line(self):
        entry = self._work(self.first, 2.5)
        self.assert_wip(entry, ("open", 2.5, 2.5, 333.33))
        self._move(entry.psa_wip_ids, self.second, hours=1.25)
        # 1.25 h x 133.33 = 166.6625: rounded once, not 333.33 less 166.66
        self.assert_wip(entry, ("open", 1.25, 1.25, 166.66), ("open", 1.25, 1.25, 125))
        proposal = self._propose()
        self.assertEqual(proposal.amount, 291.66)
        self._invoice(proposal)
        self.assertAlmostEqual(sum(proposal.invoice_ids.mapped("amount_untaxed")), 291.66)

    def test_work_that_came_back_from_all_payers_is_shared_anew(self):
        entry = self._work(self.first, 3)
        self._invoice(self._propose())
        parts = entry.psa_wip_ids
        self.assertAlmostEqual(sum(parts.mapped("amount")), 399.99)
        parts.invoice_id.unlink()
        self.assertEqual(len(entry.psa_wip_ids.payer_id), 3)
        self._move(entry.psa_wip_ids[0], self.second, hours=1)
        # 2 h x 133.33, 1 h x 100.00, nobody's yet
        self.assert_wip(entry, ("open", 2, 2, 266.66), ("open", 1, 1, 100))
        self.assertFalse(entry.psa_wip_ids.payer_id)
        proposal = self._propose()
        self._invoice(proposal)
        # 33.33 % of 266.66 are 88.88, of 100.00 33.33; the last takes the rest
        self.assertEqual(
            [invoice.amount_untaxed for invoice in proposal.invoice_ids.sorted("id")],
            [122.21, 122.21, 122.24],
        )

    def test_all_hours_of_the_entry_are_offered(self):
        entry = self._work(self.first, 3)
        self._invoice(self._propose())
        entry.psa_wip_ids.invoice_id.unlink()
        wizard = self.env["psa.move.work"].browse(entry.psa_wip_ids[1].action_move()["res_id"])
        self.assertEqual(wizard.hours, 3)

    def test_nothing_is_moved_while_one_of_them_is_billed(self):
        entry = self._work(self.first, 3)
        self._invoice(self._propose())
        entry.psa_wip_ids.invoice_id.filtered(lambda move: move.psa_payer_id == self.funds[0]).unlink()
        freed = self._part(entry, "open")
        self.assertEqual(freed.payer_id, self.funds[0])
        with self.assertRaisesRegex(UserError, "one of them was billed its share, on"):
            self._move(freed, self.second, hours=0.5)
        with self.assertRaisesRegex(UserError, "is billed on"):
            self._move(freed, self.second, hours=3)
        self.assertEqual(freed.payer_id, self.funds[0])

    def test_nothing_is_moved_while_a_share_is_written_off(self):
        entry = self._work(self.first, 3)
        self._invoice(self._propose())
        entry.psa_wip_ids.invoice_id.unlink()
        mine, other, _last = entry.psa_wip_ids
        other.sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        with self.assertRaisesRegex(UserError, "is written off"):
            self._move(mine, self.second, hours=0.5)

    def test_what_was_written_off_of_a_share_is_taken_back(self):
        entry = self._work(self.first, 3)
        self._invoice(self._propose())
        entry.psa_wip_ids.invoice_id.unlink()
        proposal = self._propose()
        shares = self._part(entry, "proposed")
        shares[0].sudo()._psa_bill_amount(100, self.env.ref("psa_billing.reason_goodwill"))
        self._move(shares[1], self.second, hours=1)
        self.assert_wip(entry, ("proposed", 2, 2, 266.66), ("proposed", 1, 1, 100))
        self.assertEqual(proposal.amount, 366.66)
        self.assertEqual(
            self.env["psa.adjustment"].search([("order_id", "=", self.order.id)]).state, "undone"
        )


@tagged("post_install", "-at_install")
class TestMovePartsOfCappedWork(MovePartsCase):
    """Five hours at 204.21 are 1,021.05; 700.00 of that are inside the cap: 3.42 hours, which are 698.40, and
    1.60 beside them. 1.58 hours, 322.65 less 1.60, are over it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.architect, price_unit=204.21, cap=700), cls._line(cls.developer))
        cls.capped, cls.hourly = cls.order.order_line
        cls.entry = cls._work(cls.capped, 5)

    def test_what_a_move_takes_back_finds_the_room_that_others_left(self):
        """600.00 are proposed, 450.00 of them given away and proposed for other work since: without the
        decision three hours, 450.00, would stay beside those."""
        order = self._sow(self._line(self.architect, price_unit=150, cap=600), self._line(self.developer))
        line, other_line = order.order_line
        entry = self._work(line, 4)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        part = self._part(entry, "proposed")
        part.sudo()._psa_bill_amount(150, self.env.ref("psa_billing.reason_goodwill"))
        self._work(line, 3, "2026-03-03")
        proposal.action_make_again()
        self.assertEqual(proposal.amount, 600)
        with self.assertRaisesRegex(UserError, "300.00 more than the cap"), self.env.cr.savepoint():
            self._move(part, other_line, hours=1)
        self._move(part, other_line)
        self.assert_wip(entry, ("proposed", 4, 4, 400))
        self.assertEqual(proposal.amount, 850)

    def test_what_stays_is_rounded_for_itself(self):
        self.assert_wip(self.entry, ("open", 3.42, 3.42, 700), ("over_cap", 1.58, 1.58, 321.05))
        self._move(self._part(self.entry, "open"), self.hourly)
        # 3.42 h x 100.00; there is room for all the rest now
        self.assert_wip(self.entry, ("open", 3.42, 3.42, 342), ("open", 1.58, 1.58, 322.65))
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 664.65)

    def test_what_was_billed_beside_its_hours_goes_off_the_rest(self):
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 700)
        self._move(self._part(self.entry, "over_cap"), self.hourly)
        # 1.58 h x 100.00 less the 1.60 that were billed
        self.assert_wip(self.entry, ("billed", 3.42, 3.42, 700), ("open", 1.58, 1.58, 156.4))
        again = self._invoice(self._propose(), post=True)
        # 698.40 and 158.00
        self.assertEqual(invoice.amount_untaxed + again.amount_untaxed, 856.4)
        self.assert_host_figures(self.hourly, delivered=1.58, invoiced=1.58, amount_to_invoice=0)

    def test_what_is_on_a_draft_proposal_is_rounded_there(self):
        proposal = self._propose()
        self._move(self._part(self.entry, "over_cap"), self.hourly)
        self.assertEqual(proposal.amount, 698.4)
        self.assertEqual(self._part(self.entry, "open").amount, 158)
