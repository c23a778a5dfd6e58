"""Hours of an entry go onto a retainer: they draw on it by themselves, beside the rest of the entry."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_move_parts import RetainedPartsCase


@tagged("post_install", "-at_install")
class TestMovePartsOntoRetainers(RetainedPartsCase):
    def _used(self, order=None):
        return [period.used for period in self._periods(order or self.order)]

    def test_hours_draw_by_themselves(self):
        entry = self._work(self.hourly, 8)
        self._move(entry.psa_wip_ids, self.retainer, hours=3)
        # 5 h x 100.00 are billed, 3 h of ten are drawn
        self.assert_wip(entry, ("open", 5, 5, 500), ("covered", 3, 0, 0))
        drawn = self._part(entry, "covered")
        self.assertEqual(drawn.retainer_line_id, self.retainer)
        self.assertEqual(drawn.retainer_period_id, self._periods(self.order)[0])
        self.assertEqual(entry.so_line, self.hourly)
        self.assertEqual(self._used()[0], 3)
        self.assert_host_figures(self.hourly, delivered=5, invoiced=0, amount_to_invoice=500)
        # other work finds 7 h
        later = self._work(self.retainer, 8, "2026-03-20")
        self.assert_wip(later, ("covered", 7, 0, 0), ("open", 1, 1, 150))
        # 1,500.00 of the month, 500.00 and 150.00
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 2150)
        self.assert_wip(entry, ("billed", 5, 5, 500), ("covered", 3, 0, 0))

    def test_hours_over_the_retainer_are_billed(self):
        self._work(self.retainer, 9, "2026-03-01")
        entry = self._work(self.hourly, 8)
        self._move(entry.psa_wip_ids, self.retainer, hours=3)
        # one hour of the ten is left: 2 h x 150.00 are over it
        self.assert_wip(entry, ("open", 5, 5, 500), ("covered", 1, 0, 0), ("open", 2, 2, 300))
        over = entry.psa_wip_ids.filtered(lambda part: part.amount == 300)
        self.assertEqual(
            (over.retainer_line_id, over.sale_line_id.psa_overage_of_line_id), (self.retainer,) * 2
        )
        # 1,500.00, 500.00 and 300.00; the credit frees all of it
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 2300)
        self._credit(invoice)
        self.assert_wip(entry, ("open", 5, 5, 500), ("covered", 1, 0, 0), ("open", 2, 2, 300))

    def test_what_is_held_or_proposed_stays_so_where_it_is_over(self):
        self._work(self.retainer, 10, "2026-03-01")
        held, proposed = self._work(self.hourly, 2), self._work(self.hourly, 4, "2026-03-03")
        held.psa_wip_ids.action_hold()
        proposal = self._propose()
        self.assertEqual(proposal.amount, 1900)  # with the month
        self._move(held.psa_wip_ids, self.retainer, hours=1)
        self.assert_wip(held, ("held", 1, 1, 100), ("held", 1, 1, 150))
        self._move(proposed.psa_wip_ids, self.retainer, hours=1)
        self.assert_wip(proposed, ("proposed", 3, 3, 300), ("proposed", 1, 1, 150))
        self.assertEqual(proposal.amount, 1950)

    def test_where_overage_waits_it_waits(self):
        order = self._sow(self._retainer(psa_retainer_overage="hold"), self._line(self.developer))
        entry = self._work(order.order_line[1], 12)
        self._move(entry.psa_wip_ids, order.order_line[0], hours=11)
        self.assert_wip(entry, ("open", 1, 1, 100), ("covered", 10, 0, 0), ("over_cap", 1, 1, 150))

    def test_money_is_drawn_at_the_rate_of_the_role(self):
        roles = [Command.set((self.architect | self.developer).ids)]
        order = self._sow(
            self._retainer(
                hours=0, psa_retainer_grant="money", psa_retainer_amount=250, psa_retainer_role_ids=roles
            ),
            self._line(self.developer, price_unit=90),
        )
        retainer, hourly = order.order_line
        entry = self._work(hourly, 6)
        self._move(entry.psa_wip_ids, retainer, hours=3)
        # the card says 100.00 an hour: 2.5 h are the 250.00, half an hour is over them
        self.assert_wip(entry, ("open", 3, 3, 270), ("covered", 2.5, 0, 0), ("open", 0.5, 0.5, 50))
        self.assertEqual(self._used(order)[0], 250)

    def test_hours_go_back_and_forth(self):
        entry = self._work(self.hourly, 8)
        self._move(entry.psa_wip_ids, self.retainer, hours=3)
        self._move(self._part(entry, "open"), self.retainer, hours=2)
        # what draws on one retainer is one part
        self.assert_wip(entry, ("open", 3, 3, 300), ("covered", 5, 0, 0))
        self.assertEqual(self._used()[0], 5)
        self._move(self._part(entry, "covered"), self.hourly, hours=4)
        self.assert_wip(entry, ("open", 3, 3, 300), ("covered", 1, 0, 0), ("open", 4, 4, 400))
        self.assertEqual(self._used()[0], 1)
        self._move(self._part(entry, "covered"), self.retainer, hours=8)
        self.assert_wip(entry, ("covered", 8, 0, 0))
        self.assertEqual((entry.so_line, self._used()[0]), (self.retainer, 8))
        # and of a retainer's own entry: what left it comes home
        self._move(entry.psa_wip_ids, self.hourly, hours=3)
        self._move(self._part(entry, "open"), self.retainer, hours=1)
        self.assert_wip(entry, ("covered", 6, 0, 0), ("open", 2, 2, 200))
        self.assertEqual(self._used()[0], 6)

    def test_hours_go_from_one_retainer_to_another(self):
        order = self._sow(
            self._retainer(), self._line(self.developer, 3, "retainer", price_unit=300, psa_retainer_hours=2)
        )
        first, second = order.order_line
        entry = self._work(first, 9)
        self._move(entry.psa_wip_ids, second, hours=3)
        # 6 h of ten, 2 h of two; 300.00 / 2 h = 150.00
        self.assert_wip(entry, ("covered", 6, 0, 0), ("covered", 2, 0, 0), ("open", 1, 1, 150))
        periods = self._periods(order).filtered(lambda period: period.date_start.month == 3)
        self.assertEqual({period.retainer_line_id: period.used for period in periods}, {first: 6, second: 2})
        self._work(first, 2, "2026-03-20")
        self._work(second, 1, "2026-03-01")
        # one hour of two is left for the 9 h of the 2nd; on the first retainer nothing changed
        self.assert_wip(entry, ("covered", 6, 0, 0), ("covered", 1, 0, 0), ("open", 2, 2, 300))

    def test_hours_of_a_fixed_price_draw(self):
        order = self._sow(self._retainer(), self._line(self.developer, 10, "fixed", price_unit=90))
        entry = self._work(order.order_line[1], 4)
        self._move(entry.psa_wip_ids, order.order_line[0], hours=1.5)
        self.assert_wip(entry, ("covered", 2.5, 0, 0), ("covered", 1.5, 0, 0))
        self.assertEqual(self._used(order)[0], 1.5)

    def test_what_a_closed_period_paid_for_stays(self):
        entry = self._work(self.hourly, 8)
        self._move(entry.psa_wip_ids, self.retainer, hours=3)
        self._bill("2026-03-01", "2026-03-31")
        with self.assertRaisesRegex(UserError, "which is closed. Correct it by"):
            self._move(self._part(entry, "covered"), self.hourly, hours=1)
        with self.assertRaisesRegex(UserError, "is billed on|which is closed"):
            entry.action_psa_recall()
        # hours of a closed month draw on the next one, as late work does
        late = self._work(self.hourly, 4, "2026-03-30")
        self._move(late.psa_wip_ids, self.retainer, hours=1)
        self.assertEqual(self._used()[:2], [3, 1])
        self.assertTrue(self._part(late, "covered").is_late)

    def test_recalled_time_gives_back_what_it_drew(self):
        entry = self._work(self.hourly, 8)
        self._move(entry.psa_wip_ids, self.retainer, hours=3)
        later = self._work(self.retainer, 9, "2026-03-20")
        self.assert_wip(later, ("covered", 7, 0, 0), ("open", 2, 2, 300))
        entry.action_psa_recall()
        self.assertEqual(self._used()[0], 9)
        self.assert_wip(later, ("covered", 9, 0, 0))
        entry.action_psa_submit()
        entry.action_psa_approve()
        self.assert_wip(entry, ("open", 8, 8, 800))

    def test_hours_of_a_rounded_day(self):
        order = self._sow(
            self._retainer(),
            self._line(self.developer),
            psa_rounding_minutes="15",
            psa_rounding_direction="up",
            psa_rounding_scope="day",
        )
        retainer, hourly = order.order_line
        entry, other = self._work(hourly, 1.1), self._work(hourly, 0.2)
        # 1.3 h are 1.5 h
        self.assertEqual(entry.psa_wip_ids.billable_quantity + other.psa_wip_ids.billable_quantity, 1.5)
        self._move(entry.psa_wip_ids, retainer, hours=0.6)
        self.assertEqual(self._used(order)[0], 0.6)
        self.assertEqual(self._part(entry, "covered").raw_hours, 0.6)
        self.assertEqual(self._part(entry, "open").raw_hours, 0.5)

    def test_only_reviewers_and_not_more_hours_than_there_are(self):
        entry = self._work(self.hourly, 8)
        values = {"wip_ids": entry.psa_wip_ids.ids, "sale_line_id": self.retainer.id, "hours": 3}
        with self.assertRaises(AccessError):
            self.env["psa.move.work"].with_user(self.ann.user_id).create(values).action_apply()
        for hours in (-1, 9):
            with self.assertRaisesRegex(UserError, "has 8 hours here"):
                self._move(entry.psa_wip_ids, self.retainer, hours=hours)
        other = self._sow(self._retainer())
        with self.assertRaisesRegex(UserError, "it can go to a line of that"):
            self._move(entry.psa_wip_ids, other.order_line, hours=1)
        self.assert_wip(entry, ("open", 8, 8, 800))
        self.assertEqual(self._used()[0], 0)

    def test_a_retainer_of_money_needs_a_rate(self):
        roles = [Command.set((self.architect | self.developer).ids)]
        order = self._sow(
            self._retainer(
                hours=0, psa_retainer_grant="money", psa_retainer_amount=250, psa_retainer_role_ids=roles
            ),
            self._line(self.developer, price_unit=90),
        )
        entry = self._work(order.order_line[1], 6)
        self.card.line_ids.filtered(lambda row: row.role_id == self.developer).date_end = "2026-02-28"
        with (
            self.assertRaisesRegex(UserError, "grants money: the work of .* needs a rate"),
            self.cr.savepoint(),
        ):
            self._move(entry.psa_wip_ids, order.order_line[0], hours=3)
