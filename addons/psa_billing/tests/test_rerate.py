from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestRerate(PsaBillingCase):
    """Ann's 150.00 become 165.00 after her work was approved, from 2 March or another day on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.architect), cls._line(cls.developer))
        cls.ann_line, cls.dev_line = cls.order.order_line

    def _change(self, price=165, role=None):
        self._rate_changes(role or self.architect, price)

    def _wizard(self, **values):
        wizard = self.env["psa.rerate"].create({"company_id": self.company.id, **values})
        wizard.action_preview()
        return wizard

    def _rows(self, wizard):
        return [
            (row.role_id.name, row.employee_id.name, row.hours, row.old_price, row.new_price, row.difference)
            for row in wizard.line_ids
        ]

    def test_the_preview_changes_nothing(self):
        entry = self._work(self.ann_line, 8)
        self._work(self.dev_line, 4)
        self.assertEqual(self._rows(self._wizard()), [])
        self._change()
        wizard = self._wizard()
        # 8 h × (165.00 − 150.00)
        self.assertEqual(self._rows(wizard), [("Architect", "ann", 8, 150, 165, 120)])
        self.assertIn("Rates 2026", wizard.line_ids.reason)
        self.assertEqual(wizard.line_ids.order_id, self.order)
        self.assert_wip(entry, ("open", 8, 8, 1200))

    def test_work_moves_to_the_line_of_its_new_price(self):
        entry = self._work(self.ann_line, 8)
        self._change()
        self._wizard().action_apply()
        self.assert_wip(entry, ("open", 8, 8, 1320))
        step = entry.so_line
        self.assertEqual((step.price_unit, step.psa_group_line_id), (165, self.ann_line))
        self.assertEqual(entry.psa_wip_ids.sale_line_id, step)
        # no price was written, what was signed stays
        self.assertEqual(self.ann_line.price_unit, 150)
        self.assert_host_figures(self.ann_line, delivered=0, invoiced=0, amount_to_invoice=0)
        self.assert_host_figures(step, delivered=8, invoiced=0, amount_to_invoice=1320)
        self.assertIn("8 h from", str(self.order.message_ids[0].body))
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 1320)
        self.assertEqual(self._rows(self._wizard()), [])

    def test_only_work_from_the_day_of_the_new_price(self):
        before, after = self._work(self.ann_line, 3, "2026-03-02"), self._work(self.ann_line, 2, "2026-03-16")
        rates = self.card.line_ids.filtered(lambda row: row.role_id == self.architect)
        rates.date_end = "2026-03-15"
        self.card.line_ids = [
            Command.create({"role_id": self.architect.id, "date_start": "2026-03-16", "price": 165})
        ]
        self._wizard().action_apply()
        self.assert_wip(before, ("open", 3, 3, 450))
        self.assert_wip(after, ("open", 2, 2, 330))

    def test_the_place_of_the_day_prices_the_work(self):
        places = self._works_in(
            self.ann, ("2026-01-01", "Bern"), ("2026-03-16", "Zurich"), ("2026-03-23", "Bern")
        )
        for day, hours in (("2026-03-10", 1), ("2026-03-17", 2), ("2026-03-24", 4)):
            self._work(self.ann_line, hours, day)
        self.card.line_ids = [
            Command.create(
                {
                    "role_id": self.architect.id,
                    "location_id": places["Zurich"].id,
                    "date_start": "2026-01-01",
                    "price": 180,
                }
            )
        ]
        # 2 h × (180.00 − 150.00)
        self.assertEqual(self._rows(self._wizard()), [("Architect", "ann", 2, 150, 180, 60)])
        self._wizard().action_apply()
        self.assertEqual(self._rows(self._wizard()), [])

    def test_a_price_of_one_person(self):
        eve = self._employee("eve", self.architect)
        mine, hers = self._work(self.ann_line, 1), self._work(self.ann_line, 1, employee=eve)
        self.card.line_ids = [
            Command.create(
                {
                    "role_id": self.architect.id,
                    "employee_id": eve.id,
                    "date_start": "2026-01-01",
                    "price": 200,
                }
            )
        ]
        wizard = self._wizard()
        self.assertEqual(self._rows(wizard), [("Architect", "eve", 1, 150, 200, 50)])
        wizard.action_apply()
        self.assert_wip(mine, ("open", 1, 1, 150))
        self.assert_wip(hers, ("open", 1, 1, 200))

    def test_proposed_and_billed_work_is_history(self):
        billed = self._work(self.ann_line, 1, "2026-03-02")
        self._invoice(self._propose(), post=True)
        proposed = self._work(self.ann_line, 2, "2026-03-03")
        self._propose()
        held, waiting = self._work(self.ann_line, 3, "2026-03-04"), self._work(self.ann_line, 4, "2026-03-05")
        held.psa_wip_ids.action_hold()
        self._change()
        wizard = self._wizard()
        # 3 h held and 4 h open at 15.00 more
        self.assertEqual(self._rows(wizard), [("Architect", "ann", 7, 150, 165, 105)])
        wizard.action_apply()
        self.assert_wip(billed, ("billed", 1, 1, 150))
        self.assert_wip(proposed, ("proposed", 2, 2, 300))
        self.assert_wip(held, ("held", 3, 3, 495))
        self.assert_wip(waiting, ("open", 4, 4, 660))
        self.assertEqual(billed.so_line, self.ann_line)

    def test_caps_are_cut_anew(self):
        order = self._sow(self._line(self.architect, cap=1000))
        entry = self._work(order.order_line, 8)
        # 6.66 h and 1.00 are 1,000.00
        self.assert_wip(entry, ("open", 6.66, 6.66, 1000), ("over_cap", 1.34, 1.34, 200))
        self._change()
        self._wizard(order_ids=order).action_apply()
        # 1,000.00 / 165.00 = 6.06 h are 999.90, 0.10 stay with them; 8 h are 1,320.00
        self.assert_wip(entry, ("open", 6.06, 6.06, 1000), ("over_cap", 1.94, 1.94, 320))

    def test_scope(self):
        self._work(self.ann_line, 1, "2026-03-02")
        self._work(self.dev_line, 1, "2026-03-20")
        other = self._sow(self._line(self.architect))
        self._work(other.order_line, 2, "2026-03-20")
        self._change()
        self._change(110, role=self.developer)
        for values, expected in (
            ({}, [1, 1, 2]),
            ({"order_ids": self.order}, [1, 1]),
            ({"role_ids": self.architect}, [1, 2]),
            ({"date_from": "2026-03-10"}, [1, 2]),
            ({"partner_ids": self.client}, [1, 1, 2]),
            ({"partner_ids": self.company.partner_id}, []),
        ):
            self.assertEqual(sorted(self._wizard(**values).line_ids.mapped("hours")), expected)

    def test_opened_from_cards_orders_and_work(self):
        entry = self._work(self.ann_line, 1)
        for record, expected in (
            (self.card, (self.env["sale.order"], self.architect + self.developer)),
            (self.order, (self.order, self.env["project.role"])),
            (entry.psa_wip_ids, (self.order, self.architect)),
        ):
            context = {"active_model": record._name, "active_ids": record.ids}
            wizard = self.env["psa.rerate"].with_context(**context).create({})
            self.assertEqual((wizard.order_ids, wizard.role_ids), expected)

    def test_without_a_rate_work_keeps_its_price(self):
        entry = self._work(self.ann_line, 8)
        self.card.line_ids.filtered(lambda row: row.role_id == self.architect).date_end = "2026-02-28"
        wizard = self._wizard()
        self.assertEqual((wizard.line_ids.is_missing, wizard.missing_count), (True, 1))
        self.assertIn("No rate for the role Architect", wizard.line_ids.reason)
        with self.assertRaisesRegex(UserError, "nothing to re-rate"):
            wizard.action_apply()
        self.assert_wip(entry, ("open", 8, 8, 1200))

    def test_agreed_prices_are_no_matter_of_cards(self):
        order = self._sow(self._line(self.architect, price_unit=140))
        entry = self._work(order.order_line, 1)
        self._change()
        self.assertEqual(self._rows(self._wizard(order_ids=order)), [])
        self.assert_wip(entry, ("open", 1, 1, 140))

    def test_a_price_a_day_makes_a_line_in_days(self):
        entry = self._work(self.ann_line, 4)
        self._rate_changes(self.architect, 1000, unit="day")
        self._wizard().action_apply()
        # half a day of eight hours
        self.assert_wip(entry, ("open", 4, 0.5, 500))

    def test_of_two_the_second_finds_nothing(self):
        self._work(self.ann_line, 8)
        self._change()
        first, second = self._wizard(), self._wizard()
        first.action_apply()
        with self.assertRaisesRegex(UserError, "nothing to re-rate"):
            second.action_apply()
        self.assertEqual(len(self.order.order_line), 3)

    def test_only_billing_managers(self):
        self._work(self.ann_line, 8)
        self._change()
        wizard = self._wizard()
        reviewer = self._user("pm", "psa_project.group_psa_project_manager")
        with self.assertRaises(AccessError):
            wizard.with_user(reviewer).action_apply()
        with self.assertRaises(AccessError):
            self.env["psa.rerate"].with_user(reviewer).create({})
        manager = self._user("manager", "psa_billing.group_psa_billing_manager")
        mine = self.env["psa.rerate"].with_user(manager).create({})
        mine.action_preview()
        mine.action_apply()
        self.assertEqual(self.order.message_ids[0].author_id, manager.partner_id)

    def test_queries_do_not_grow_with_the_work(self):
        counts = []
        for hours in (1, 5):
            for number in range(hours):
                self._work(self.ann_line, 1, f"2026-03-1{number}")
            self._change(150 + 10 * hours)
            self._wizard()
            self.env.invalidate_all()
            wizard = self.env["psa.rerate"].create({})
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            wizard._psa_preview()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_queries_of_applying_do_not_grow_with_the_work(self):
        """Also under a cap that is cut anew. Of more than a hundred entries the host writes a hundred at a
        time: two statements for each."""

        def queries_of(count):
            order = self._sow(self._line(self.architect, cap=100 * count), psa_cap_amount=90 * count)
            entries = self.env["account.analytic.line"].union(
                *(self._log(order.order_line, 1, f"2026-03-{2 + number % 28:02}") for number in range(count))
            )
            entries.action_psa_approve()
            self._change(155 + count)
            wizard = self._wizard(order_ids=order)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            wizard.action_apply()
            self.env.flush_all()
            self.assertEqual(set(entries.psa_wip_ids.mapped("unit_price")), {155 + count})
            return self.env.cr.sql_log_count - start

        queries_of(5)  # caches
        few, many = queries_of(15), queries_of(60)
        self.assertLessEqual(many, few + 2)
        self.assertLessEqual(many, 200)

    def test_queries_do_not_grow_with_the_sows(self):
        """Lines that the cards cannot tell apart are asked for once: 7 and 10 SOWs cost as much."""
        counts, orders = [], self.order
        for number in (1, 2, 3, 3):
            sows = [self._sow(self._line(self.architect), self._line(self.developer)) for _n in range(number)]
            for order in sows:
                orders += order
                self._work(order.order_line[0], 1)
            self._change(160 + len(orders))
            self.env.flush_all()
            self.env.invalidate_all()
            wizard = self.env["psa.rerate"].create({})
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            wizard._psa_preview()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(wizard.line_ids), len(orders) - 1)
        self.assertLessEqual(counts[3], counts[2])
