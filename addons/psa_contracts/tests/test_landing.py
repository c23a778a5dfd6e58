"""Which line time lands on: person, place, phase, what was sold before what was added."""

from odoo import Command
from odoo.tests import tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestLanding(PsaContractsCase):
    def _signed(self, *lines, **values):
        order = self._sow(*lines, **values)
        order.action_confirm()
        return order

    def _loose(self, order, employee, hours=1, day="2026-03-10", **values):
        """Time on the project of ``order`` without a task."""
        project = order.order_line.task_id.project_id[:1]
        return self._log(employee, hours, day, project_id=project.id, task_id=False, **values)

    def _group(self, line):
        """Values of a line of a change order that changes ``line``."""
        return {
            "psa_role_id": line.psa_role_id.id,
            "psa_group_line_id": line.id,
            "psa_amends_line_id": line.id,
        }

    def _change(self, order, *lines):
        """A confirmed change order; lines as values."""
        change = self.env["sale.order"].create(
            {
                "partner_id": order.partner_id.id,
                "psa_kind": "change_order",
                "psa_parent_id": order.id,
                "psa_date_start": "2026-04-01",
                "psa_date_end": "2026-05-31",
                "order_line": [
                    Command.create(
                        {
                            "psa_billing_model": "time_material",
                            "project_id": order.order_line.project_id[:1].id,
                            **values,
                        }
                    )
                    for values in lines
                ],
            }
        )
        change.write({"state": "sale"})
        return change.order_line

    def test_a_line_that_names_the_person_beats_the_role(self):
        order = self._signed(
            self._hours(self.developer, 50),
            self._hours(self.developer, 10, psa_employee_id=self.ann.id, price_unit=150),
        )
        line, own = order.order_line
        carl = self._person("carl", "psa_project.group_psa_user", role=self.developer)
        self.assertEqual(self._loose(order, self.ann).so_line, own)
        self.assertEqual(self._loose(order, carl).so_line, line)
        # also on the task of the other one
        self.assertEqual(self._log_on(line, self.ann, 1).so_line, own)
        self.assertEqual(self._log_on(own, carl, 1).so_line, line)

    def test_a_line_of_one_person_is_nobody_elses(self):
        order = self._signed(self._hours(self.developer, 10, psa_employee_id=self.ann.id))
        self.bob.psa_role_id = self.developer
        entry = self._loose(order, self.bob) | self._log_on(order.order_line, self.bob, 1)
        self.assertFalse(entry.so_line)
        self.assertEqual(entry.mapped("psa_without_sow_line"), [True, True])

    def test_a_line_for_the_persons_place_beats_one_for_anywhere(self):
        zurich, bern = self._place("Zurich"), self._place("Bern")
        order = self._signed(
            self._hours(self.developer, 50),
            self._hours(self.developer, 10, psa_location_id=zurich.id, price_unit=150),
        )
        line, local = order.order_line
        self.assertEqual(self._loose(order, self.ann).so_line, line)
        self.ann.work_location_id = zurich
        self.assertEqual(self._loose(order, self.ann).so_line, local)
        self.ann.work_location_id = bern
        self.assertEqual(self._loose(order, self.ann).so_line, line)
        # what was sold at one place only is worked there, wherever the person usually sits
        only = self._signed(self._hours(self.developer, 10, psa_location_id=zurich.id))
        self.assertEqual(self._loose(only, self.ann).so_line, only.order_line)

    def test_the_place_of_the_day_says_which_line_not_that_of_today(self):
        zurich, bern = self._place("Zurich"), self._place("Bern")
        self.ann.version_id.write({"date_version": "2026-01-01", "work_location_id": bern.id})
        order = self._signed(
            self._hours(self.developer, 50),
            self._hours(self.developer, 10, psa_location_id=zurich.id, price_unit=150),
        )
        self.ann.create_version({"date_version": "2026-04-01", "work_location_id": zurich.id})
        found = [self._loose(order, self.ann, 1, day).so_line for day in ("2026-03-31", "2026-04-01")]
        self.assertEqual([line.price_unit for line in found], [120, 150])

    def test_the_step_of_the_day_in_the_phase_of_the_day(self):
        self._rate_changes(self.developer, "2026-04-16", 130)
        order = self._signed(
            self._phase("Design", "2026-03-01", "2026-03-31"),
            self._hours(self.developer, 40),
            self._phase("Build", "2026-04-01", "2026-05-31"),
            self._hours(self.developer, 60),
        )
        found = [
            self._loose(order, self.ann, 1, day).so_line for day in ("2026-03-10", "2026-04-10", "2026-04-20")
        ]
        self.assertEqual([line.price_unit for line in found], [120, 120, 130])
        self.assertEqual([line.psa_phase_id.name for line in found], ["Design", "Build", "Build"])
        self.assertEqual(found[2].psa_group_line_id, found[1])

    def test_another_day_is_another_line_while_time_is_not_approved(self):
        self._rate_changes(self.developer, "2026-04-01", 130)
        order = self._signed(self._hours(self.developer, 40))
        entry = self._loose(order, self.ann, 1, "2026-03-10")
        entry.date = "2026-04-10"
        self.assertEqual(entry.so_line.price_unit, 130)
        entry.date = "2026-03-11"
        self.assertEqual(entry.so_line, order.order_line[0])

    def test_what_was_sold_first_is_consumed_before_what_a_change_order_adds(self):
        order = self._signed(self._hours(self.developer, 10))
        line = order.order_line
        group = self._group(line)
        more = self._change(order, {"product_uom_qty": 5, **group})
        self._change(order, {"product_uom_qty": -2, **group})
        entries = [self._log_on(line, self.ann, 4) for _number in range(5)]
        # 10 h of the SOW are used up by the third; the fifth takes more than is left of what was added
        self.assertEqual([entry.so_line for entry in entries], [line, line, line, more, more])
        entries[0].date = "2026-03-03"  # its own hours do not stand in its way
        self.assertEqual(entries[0].so_line, line)
        at_once = self.env["account.analytic.line"].create(
            [
                {
                    "name": "Work",
                    "project_id": line.task_id.project_id.id,
                    "task_id": line.task_id.id,
                    "employee_id": self.ann.id,
                    "unit_amount": 1,
                    "date": "2026-03-04",
                }
            ]
        )
        self.assertEqual(at_once.so_line, more)

    def test_a_role_sold_by_a_change_order_only_lands_there(self):
        order = self._signed(self._hours(self.architect, 10))
        (added,) = self._change(order, {"psa_role_id": self.developer.id, "product_uom_qty": 20})
        self.assertEqual(self._loose(order, self.ann).so_line, added)

    def test_a_change_order_that_is_not_signed_takes_no_time(self):
        order = self._signed(self._hours(self.architect, 10))
        added = self._change(order, {"psa_role_id": self.developer.id, "product_uom_qty": 20})
        added.order_id.write({"state": "draft"})
        self.assertFalse(self._loose(order, self.ann).so_line)

    def test_a_rate_changed_by_a_change_order_holds_from_its_day(self):
        order = self._signed(self._hours(self.developer, 10))
        line = order.order_line
        (new,) = self._change(
            order,
            {
                "psa_role_id": self.developer.id,
                "psa_group_line_id": line.id,
                "psa_amends_line_id": line.id,
                "psa_step_date": "2026-04-01",
                "product_uom_qty": 5,
                "price_unit": 111,
            },
        )
        self.assertEqual(self._log_on(line, self.ann, 1, "2026-03-31", approved=True).so_line, line)
        self.assertEqual(self._log_on(line, self.ann, 1, "2026-04-01", approved=True).so_line, new)

    def test_a_role_sold_at_a_fixed_price_only_is_covered_by_that_line(self):
        order = self._signed(
            self._hours(self.architect, 10),
            Command.create(
                {
                    "psa_role_id": self.developer.id,
                    "psa_billing_model": "fixed",
                    "product_uom_qty": 1,
                    "price_unit": 5000,
                }
            ),
        )
        hours, fixed = order.order_line
        entry = self._log_on(hours, self.ann, 1, approved=True, psa_role_id=self.developer.id)
        self.assertEqual(entry.so_line, fixed)
        self.assertFalse(entry.psa_without_sow_line)

    def test_of_two_fixed_prices_of_a_role_none_is_guessed(self):
        fixed = {"psa_role_id": self.developer.id, "psa_billing_model": "fixed", "price_unit": 5000}
        order = self._signed(
            self._hours(self.architect, 10),
            Command.create({"product_uom_qty": 1, **fixed}),
            Command.create({"product_uom_qty": 1, **fixed}),
        )
        self.assertFalse(self._loose(order, self.ann).so_line)
        self.assertEqual(self._log_on(order.order_line[2], self.ann, 1).so_line, order.order_line[2])

    def test_a_line_that_was_chosen_holds_on_its_statement_of_work(self):
        """Somebody put an hour on the line of the architect. Another task of the project leaves it there, the
        project of another statement of work does not: that one pays for it."""
        order = self._signed(self._hours(self.developer, 100), self._hours(self.architect, 20))
        other = self._signed(self._hours(self.developer, 100))
        first, second = order.order_line
        entry = self._log_on(first, self.ann, 1, "2026-03-10")
        entry.write({"so_line": second.id, "is_so_line_edited": True})
        entry.task_id = second.task_id
        entry.task_id = first.task_id
        self.assertEqual((entry.so_line, entry.is_so_line_edited), (second, True))
        task = other.order_line.task_id
        entry.write({"project_id": task.project_id.id, "task_id": task.id})
        self.assertEqual((entry.so_line, entry.is_so_line_edited), (other.order_line, False))
        # who chooses it again means it
        entry.write({"so_line": first.id, "is_so_line_edited": True})
        entry.unit_amount = 2
        self.assertEqual(entry.so_line, first)

    def test_twice_as_many_entries_land_with_as_many_queries(self):
        self._rate_changes(self.developer, "2026-04-01", 130)
        order = self._signed(
            self._phase("Design", "2026-03-01", "2026-03-31"),
            self._hours(self.architect, 40),
            self._phase("Build", "2026-04-01", "2026-05-31"),
            self._hours(self.developer, 60),
        )
        line = order.order_line.filtered(lambda line: line.psa_role_id == self.developer)[0]
        group = self._group(line)
        self._change(order, {"product_uom_qty": 5, **group})

        def queries(count):
            people = self.env["hr.employee"].create(
                [{"name": f"P{n}", "psa_role_id": self.developer.id} for n in range(count)]
            )
            entries = self.env["account.analytic.line"].create(
                [
                    {
                        "name": "Work",
                        "project_id": line.task_id.project_id.id,
                        "task_id": line.task_id.id if number % 2 else False,
                        "employee_id": person.id,
                        "unit_amount": 1,
                        "date": f"2026-04-{number % 28 + 1:02}",
                    }
                    for number, person in enumerate(people)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env.add_to_compute(entries._fields["so_line"], entries)
            self.assertTrue(all(entries.mapped("so_line")))
            found = self.env.cr.sql_log_count - start
            self.env.flush_all()
            return found

        queries(2)  # caches
        self.assertLessEqual(queries(40), queries(20) + 1)
