"""Where a rate steps, the SOW line steps: one line a rate, the signed total untouched."""

from datetime import date

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestRateSteps(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eve = cls._person("eve", "psa_project.group_psa_user", role=cls.architect)

    def _steps(self, order):
        """[(first day, price, unit)] of the steps of an order."""
        steps = order.order_line.filtered("psa_group_line_id").sorted("id")
        return [(step.psa_step_date, step.price_unit, step.product_uom_id.name) for step in steps]

    def _signed(self, *lines, **values):
        order = self._sow(*(lines or [self._hours(self.architect, 40)]), **values)
        order.action_confirm()
        return order

    def test_steps_known_at_confirmation_are_made_and_change_nothing_that_was_signed(self):
        self._rate_changes(self.architect, "2026-04-01", 210)
        self._rate_changes(self.architect, "2026-05-15", 220)
        self._rate_changes(self.architect, "2026-06-01", 999)  # after the end
        order = self._sow(
            self._phase("Design", "2026-03-01", "2026-04-30"),
            self._hours(self.architect, 40, discount=10, psa_cap_amount=9000),
            self._phase("Build"),
            self._hours(self.developer, 100),
        )
        total = order.amount_total
        self._sign(order).with_user(self.sales.user_id).action_confirm()
        self.assertEqual(
            self._steps(order), [(date(2026, 4, 1), 210, "Hours"), (date(2026, 5, 15), 220, "Hours")]
        )
        self.assertEqual(order.amount_total, total)
        head = order.order_line.filtered(lambda line: line.psa_cap_amount)
        project = head.task_id.project_id
        for step in order.order_line.filtered("psa_group_line_id"):
            self.assertEqual(step.psa_group_line_id, head)
            self.assertEqual((step.product_uom_qty, step.psa_cap_amount, step.discount), (0, 0, 10))
            self.assertEqual((step.product_id, step.psa_role_id), (head.product_id, self.architect))
            self.assertEqual((step.task_id, step.project_id), (head.task_id, head.project_id))
            self.assertEqual((step.psa_phase_id, step.tax_ids), (head.psa_phase_id, head.tax_ids))
        self.assertIn("Architect, 04/01/2026 – 05/14/2026", order.order_line[2].psa_rate_reason)
        # below their line, in its section
        self.assertEqual(order.order_line.mapped("price_unit"), [0, 200, 210, 220, 0, 120])
        self.assertEqual(len(project.task_ids), 2)
        self.assertEqual(project.psa_phase_ids.mapped("budget_hours"), [40, 100])
        if "psa.demand" in self.env:
            self.assertEqual(self.env["psa.demand"].search_count([("order_id", "=", order.id)]), 2)

    def test_a_price_typed_by_hand_does_not_step(self):
        self._rate_changes(self.architect, "2026-04-01", 210)
        order = self._signed(self._hours(self.architect, 40, price_unit=190))
        self.assertIn(
            f"Set by hand; the card says {order.currency_id.format(200)}", order.order_line.psa_rate_reason
        )
        self.assertEqual(self._steps(order), [])
        entry = self._log_on(order.order_line, self.eve, 2, "2026-04-02", approved=True)
        self.assertEqual(entry.so_line, order.order_line)

    def test_confirming_again_makes_nothing_twice(self):
        self._rate_changes(self.architect, "2026-04-01", 210)
        order = self._signed()
        order._psa_make_known_steps()
        self.assertEqual(len(self._steps(order)), 1)
        order._action_cancel()
        order.action_draft()
        self.assertEqual(self._steps(order), [])  # the quotation shows what is signed
        order.action_confirm()
        self.assertEqual(self._steps(order), [(date(2026, 4, 1), 210, "Hours")])
        self.assertEqual(len(order.order_line.task_id), 1)

    def test_steps_with_time_on_them_outlive_a_cancellation(self):
        self._rate_changes(self.architect, "2026-04-01", 210)
        order = self._signed()
        entry = self._log_on(order.order_line[0], self.eve, 2, "2026-04-02", approved=True)
        step = entry.so_line
        self.assertEqual(step.price_unit, 210)
        order._action_cancel()
        order.action_draft()
        order.psa_date_start = "2026-03-02"
        self.env.flush_all()
        self.assertEqual((step.exists(), step.price_unit), (step, 210))
        order.action_confirm()
        self.assertEqual(len(self._steps(order)), 1)

    def test_who_moves_to_a_sister_company_is_still_who_was_sold(self):
        """Eve is sold by name at 200; architects cost 210 from April on. 40 h become 30 once she moved."""
        order = self._signed(self._hours(self.architect, 40, psa_employee_id=self.eve.id))
        line = order.order_line
        worked = self._log_on(line, self.eve, 8, "2026-04-10")
        worked.with_user(self.eve.user_id).action_psa_submit()
        self._rate_changes(self.architect, "2026-04-01", 210)
        self.eve.company_id = self.env["res.company"].create({"name": "Sister"})
        self.env.flush_all()
        worked.with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual((worked.so_line.price_unit, worked.so_line.psa_employee_id), (210, self.eve))
        change = self._change(order, self._amend(line, -10))
        change.action_confirm()
        self.assertEqual((change.order_line.psa_employee_id, change.amount_untaxed), (self.eve, -2000))
        # nothing new is sold of who works for another company
        with self.assertRaisesRegex(UserError, "company"):
            self._sow(self._hours(self.architect, 1, psa_employee_id=self.eve.id))

    def test_a_copied_sow_copies_no_steps(self):
        self._rate_changes(self.architect, "2026-04-01", 210)
        copy = self._signed().copy()
        self.assertEqual(copy.order_line.mapped("price_unit"), [200])

    def test_a_rate_that_comes_later_steps_when_time_is_approved(self):
        order = self._signed()
        line = order.order_line
        self._rate_changes(self.architect, "2026-04-01", 210)
        before = self._log_on(line, self.eve, 2, "2026-03-31", approved=True)
        draft = self._log_on(line, self.eve, 3, "2026-04-01")
        self.assertEqual((draft.so_line, self._steps(order)), (line, []))
        draft.action_psa_submit()
        cost = draft.amount
        self.eve.hourly_cost = 99
        draft.with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual(self._steps(order), [(date(2026, 4, 1), 210, "Hours")])
        step = draft.so_line
        self.assertEqual((step.price_unit, before.so_line), (210, line))
        self.assertEqual((line.qty_delivered, step.qty_delivered), (2, 3))
        self.assertEqual(draft.amount, cost, "moving to its line priced the hours at a later cost")
        # the next one finds it
        again = self._log_on(line, self.eve, 4, "2026-04-02", approved=True)
        self.assertEqual((again.so_line, len(self._steps(order))), (step, 1))
        self.assertEqual(step.qty_delivered, 7)

    def test_of_time_that_is_approved_together_each_stays_or_goes_by_its_day(self):
        line = self._signed().order_line
        self._rate_changes(self.architect, "2026-04-01", 210)
        entries = self._log_on(line, self.eve, 2, "2026-03-31") + self._log_on(
            line, self.eve, 3, "2026-04-01"
        )
        self.assertEqual(entries.so_line, line)
        entries.action_psa_submit()
        entries.with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual(entries.mapped("so_line.price_unit"), [200, 210])
        self.assertEqual(line.qty_delivered, 2)
        self.assertFalse(any(entries.mapped("psa_without_sow_line")))

    def test_a_rate_that_returns_lands_on_the_line_of_that_price(self):
        self._rate_changes(self.architect, "2026-04-01", 210)
        self._rate_changes(self.architect, "2026-05-01", 200)
        order = self._signed()
        self.assertEqual(len(self._steps(order)), 1)
        days = ("2026-03-15", "2026-04-15", "2026-05-15")
        entries = [self._log_on(order.order_line[0], self.eve, 1, day) for day in days]
        self.assertEqual([entry.so_line.price_unit for entry in entries], [200, 210, 200])
        self.assertEqual(entries[0].so_line, entries[2].so_line)

    def test_work_before_the_start_has_the_first_rate(self):
        self.card.line_ids.filtered(lambda rate: rate.role_id == self.architect).unlink()
        self._rate(self.architect, 150, "2025-01-01", "2026-02-28")
        self._rate(self.architect, 200, "2026-03-01")
        order = self._signed()
        entry = self._log_on(order.order_line, self.eve, 1, "2026-02-20", approved=True)
        self.assertEqual((entry.so_line, self._steps(order)), (order.order_line, []))

    def test_a_person_and_a_place_with_rates_of_their_own_step_too(self):
        zurich = self._place("Zurich")
        self._rate(self.developer, 150, employee_id=self.ann.id)
        self._rate(self.developer, 135, location_id=zurich.id)
        self.bob.psa_role_id = self.developer
        self.bob.work_location_id = zurich
        order = self._signed(self._hours(self.developer, 100))
        line = order.order_line
        self.assertEqual(self._steps(order), [])
        carl = self._person("carl", "psa_project.group_psa_user", role=self.developer)
        entries = {
            employee: self._log_on(line, employee, 1, "2026-03-10", approved=True)
            for employee in (self.ann, self.bob, carl)
        }
        self.assertEqual([entry.so_line.price_unit for entry in entries.values()], [150, 135, 120])
        self.assertEqual(
            self._steps(order), [(date(2026, 3, 1), 150, "Hours"), (date(2026, 3, 1), 135, "Hours")]
        )
        # at once, and once more: nothing new
        more = self._log_on(line, self.ann, 1, "2026-03-11") | self._log_on(line, self.bob, 1, "2026-03-11")
        more.action_psa_submit()
        more.with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual([entry.so_line.price_unit for entry in more], [150, 135])
        self.assertEqual(len(self._steps(order)), 2)

    def test_the_place_is_the_one_of_the_day_of_the_work(self):
        zurich, bern = self._place("Zurich"), self._place("Bern")
        self._rate(self.developer, 135, location_id=zurich.id)
        self._rate(self.developer, 128, location_id=bern.id)
        self.ann.version_id.write({"date_version": "2026-01-01", "work_location_id": bern.id})
        order = self._signed(self._hours(self.developer, 100))
        # Ann moves to Zurich on 1 April; her last hours in Bern are handed in later
        self.ann.create_version({"date_version": "2026-04-01", "work_location_id": zurich.id})
        self.assertEqual(self.ann.work_location_id, zurich)
        entries = [
            self._log_on(order.order_line, self.ann, 1, day, approved=True)
            for day in ("2026-03-31", "2026-04-01")
        ]
        self.assertEqual([entry.so_line.price_unit for entry in entries], [128, 135])
        # a move to come changes nothing yet
        self.ann.create_version({"date_version": "2027-04-01", "work_location_id": bern.id})
        entry = self._log_on(order.order_line, self.ann, 1, "2026-05-04", approved=True)
        self.assertEqual(entry.so_line.price_unit, 135)

    def test_a_price_per_day_steps_into_a_line_in_days(self):
        self.env.company.resource_calendar_id.hours_per_day = 7.5
        self._rate(self.developer, 1000, unit="day", employee_id=self.ann.id)
        order = self._signed(self._hours(self.developer, 100))
        entry = self._log_on(order.order_line, self.ann, 15, "2026-03-10", approved=True)
        step = entry.so_line
        self.assertEqual((step.product_uom_id.name, step.price_unit, step.qty_delivered), ("Days", 1000, 2))

    def test_a_line_whose_unit_was_typed_stays_the_line_of_its_rate(self):
        day = self.env.ref("uom.product_uom_day")
        self._rate_changes(self.architect, "2026-04-01", 210)
        order = self._signed(self._hours(self.architect, 5, product_uom_id=day.id))
        self.assertEqual(self._steps(order), [(date(2026, 4, 1), 1680, "Days")])
        entry = self._log_on(order.order_line[0], self.eve, 4, "2026-03-10", approved=True)
        self.assertEqual((entry.so_line, entry.so_line.qty_delivered), (order.order_line[0], 0.5))

    def test_a_manual_choice_and_a_gap_in_the_card_stay(self):
        self._rate_changes(self.architect, "2026-04-01", 210, end="2026-04-30")
        order = self._signed()
        line = order.order_line[0]
        chosen = self._log_on(line, self.eve, 1, "2026-04-10")
        chosen.write({"so_line": line.id, "is_so_line_edited": True})
        gap = self._log_on(line, self.eve, 1, "2026-05-10")
        (chosen | gap).action_psa_submit()
        (chosen | gap).with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual((chosen.so_line, gap.so_line), (line, line))

    def test_a_line_steps_to_a_price_once_only(self):
        self._rate_changes(self.architect, "2026-04-01", 210)
        step = self._signed().order_line[1]
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(UniqueViolation, "psa_step_once"),
            self.cr.savepoint(),
        ):
            step.copy({"order_id": step.order_id.id, "psa_group_line_id": step.psa_group_line_id.id})

    def test_many_entries_are_approved_with_as_many_queries(self):
        order = self._signed()
        line = order.order_line
        price = iter(range(300, 400))

        def queries(count):
            self._rate_changes(self.architect, f"2026-04-{next(price) - 290}", next(price))
            entries = self.env["account.analytic.line"].union(
                *(self._log_on(line, self.eve, 1, "2026-05-10") for _n in range(count))
            )
            entries.write({"psa_state": "approved"})
            found = self._count_queries(entries._psa_move_to_steps)
            self.assertEqual(len(entries.so_line), 1)
            self.assertTrue(entries.so_line.psa_group_line_id)
            return found

        queries(2)  # caches
        self.assertLessEqual(queries(20), queries(10) + 1)


@tagged("post_install", "-at_install")
class TestForeignRateSteps(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._other_currency(("2026-01-01", 0.5), ("2026-04-01", 0.8), ("2026-04-10", 0.9))
        cls.eve = cls._person("eve", "psa_project.group_psa_user", role=cls.architect)
        cls.foreign = cls._card("Foreign", [], currency_id=cls.other.id)
        cls._rate(cls.architect, 100, end="2026-03-31", card=cls.foreign)
        cls._rate(cls.architect, 104, "2026-04-01", card=cls.foreign)

    def _order(self, day):
        with freeze_time(f"{day} 12:00:00"):
            order = self._sow(self._hours(self.architect, 40), psa_rate_card_id=self.foreign.id)
            order.action_confirm()
        return order

    def test_a_step_is_converted_on_its_first_day_and_stays(self):
        order = self._order("2026-05-01")
        # 100 ÷ 0.5; 104 ÷ 0.8
        self.assertEqual(order.order_line.mapped("price_unit"), [200, 130])
        entry = self._log_on(order.order_line[0], self.eve, 1, "2026-04-20", approved=True)
        self.assertEqual(entry.so_line, order.order_line[1])

    def test_a_step_is_not_made_before_its_exchange_rate_is_known(self):
        order = self._order("2026-03-01")
        self.assertEqual(order.order_line.mapped("price_unit"), [200])
        entry = self._log_on(order.order_line, self.eve, 1, "2026-04-20", approved=True)
        self.assertEqual((entry.so_line.price_unit, entry.so_line.psa_step_date), (130, date(2026, 4, 1)))

    def test_a_step_without_exchange_rate_is_an_error_and_changes_nothing(self):
        order = self._order("2026-03-01")
        rates = self.other.rate_ids
        entry = self._log_on(order.order_line, self.eve, 1, "2026-04-20")
        rates.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": self.other.id, "name": "2026-04-20", "rate": 1, "company_id": self.env.company.id}
        )
        late = self._log_on(order.order_line, self.eve, 1, "2026-04-20")
        self.assertEqual(late.so_line, order.order_line)
        entry.action_psa_submit()
        with (
            self.assertRaisesRegex(UserError, f"{self.other.name} has no exchange rate on"),
            self.cr.savepoint(),
        ):
            entry.with_user(self.manager.user_id).action_psa_approve()
        self.assertEqual((entry.psa_state, entry.so_line), ("submitted", order.order_line))
