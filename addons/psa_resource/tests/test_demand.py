from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree
from psycopg2.errors import CheckViolation, SerializationFailure

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import PsaResourceCase


@tagged("post_install", "-at_install")
class TestDemand(PsaResourceCase):
    def test_a_confirmed_sow_asks_for_each_role_line(self):
        order = self._confirmed(
            self._phase("Design", "2026-03-01", "2026-03-31"),
            self._hours(self.architect, 40),
            self._phase("Build"),
            self._hours(self.developer, 100),
        )
        design, build = order.psa_demand_ids
        self.assertEqual((design.role_id, design.hours, design.open_hours), (self.architect, 40, 40))
        self.assertEqual((design.date_start, design.date_end), (date(2026, 3, 1), date(2026, 3, 31)))
        self.assertEqual(design.phase_id.name, "Design")
        # a phase without dates has those of the SOW
        self.assertEqual((build.date_start, build.date_end), (date(2026, 3, 1), date(2026, 5, 31)))
        self.assertEqual(order.order_line.task_id.project_id, order.psa_demand_ids.project_id)
        self.assertEqual(order.psa_demand_open_hours, 140)

    def test_an_import_that_meets_somebody_is_run_again(self):
        for name in ("psa.demand", "psa.booking"):
            model = self.env[name]
            meets = patch.object(type(model), "create", side_effect=SerializationFailure("met"))
            with self.subTest(name), self.cr.savepoint() as savepoint, meets:
                with self.assertRaisesRegex(SerializationFailure, "met"):
                    model.load(["hours"], [["40"]])
                savepoint.rollback()

    def test_demand_follows_the_hours_sold_and_is_never_doubled(self):
        order = self._confirmed(self._hours(self.architect, 40))
        demand = order.psa_demand_ids
        order.order_line.product_uom_qty = 60
        self.assertEqual(demand.hours, 60)
        order.order_line.product_uom_qty = 0
        self.assertEqual(demand.state, "cancelled")
        order.order_line.product_uom_qty = 10
        self.assertEqual((demand.state, demand.hours), ("open", 10))
        order._action_cancel()
        self.assertEqual(demand.state, "cancelled")
        order.action_draft()
        order.action_confirm()
        self.assertEqual(order.psa_demand_ids, demand)
        self.assertEqual(demand.state, "open")

    def test_what_a_sow_without_an_end_asks_for_is_not_over_after_its_first_day(self):
        """40 h from 1 March on: in June all of it is still to staff, and 10 h in June are on no wrong day."""
        demand = self._confirmed(self._hours(self.architect, 40), psa_date_end=False).psa_demand_ids
        over = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids  # until 31 May
        self.assertEqual((demand.date_end, demand.is_open_ended), (date(2026, 3, 1), True))
        self.assertFalse(over.is_open_ended)
        view = self.env.ref("psa_resource.psa_demand_view_search")
        current = etree.fromstring(view.arch).find(".//filter[@name='current']").get("domain")
        with freeze_time("2026-06-08"):
            found = demand.search(safe_eval(current)).filtered("order_id") & (demand | over)
        self.assertEqual(found, demand)
        self._book(demand, self.ann, 10, "2026-06-08", "2026-06-12")
        self.assertEqual((demand.open_hours, demand.has_misfit), (30, False))
        self.assertNotIn(demand, demand.search([("has_misfit", "=", True)]))
        self._book(demand, self.ann, 5, "2026-02-23", "2026-02-27")  # before the first day
        self.assertIn(demand, demand.search([("has_misfit", "=", True)]))
        self.assertIn("outside of", demand.misfits)

    def test_stock_orders_ask_for_nobody(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [
                    (0, 0, {"product_id": self.developer.psa_time_product_id.id, "product_uom_qty": 5})
                ],
            }
        )
        order.action_confirm()
        self.assertFalse(order.psa_demand_ids)

    def test_a_booking_fills_the_demand_and_soft_ones_stand_beside(self):
        demand = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        self._book(demand, self.manager, 30)
        self._book(demand, self.ann, 20, kind="soft")
        self.assertEqual((demand.booked_hours, demand.open_hours), (30, 10))

    def test_more_than_the_demand_cannot_be_booked_hard(self):
        demand = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        self._book(demand, self.manager, 30)
        with self.assertRaisesRegex(ValidationError, "asks for 40 h; with this booking 45 h.*at most 10 h"):
            self._book(demand, self.ann, 15)

    def test_the_book_button_proposes_what_is_still_open(self):
        demand = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        self._book(demand, self.manager, 30)
        action = demand.with_user(self.resourcer.user_id).action_fill()
        form = Form(
            self.env["psa.booking"].with_user(self.resourcer.user_id).with_context(**action["context"])
        )
        self.assertEqual((form.hours, form.kind, form.date_end), (10, "hard", date(2026, 5, 31)))
        form.employee_id = self.ann
        form.save()
        self.assertEqual(demand.open_hours, 0)

    def test_the_form_proposes_dates_and_hours_of_the_chosen_demand(self):
        demand = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        form = Form(self.env["psa.booking"])
        form.demand_id = demand
        self.assertEqual((form.hours, form.date_start), (40, date(2026, 3, 1)))

    def test_bad_hours_and_dates_are_refused(self):
        demand = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        for values, constraint in (
            ((0, "2026-03-02"), "hours_positive"),
            ((1, "2026-03-07"), "dates_in_order"),
        ):
            with (
                self.subTest(constraint),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(CheckViolation, constraint),
                self.cr.savepoint(),
            ):
                self._book(demand, self.ann, *values)

    def test_people_of_another_company_cannot_be_booked_nor_see_the_demand(self):
        demand = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        other = self.env["res.company"].create({"name": "Sister"})
        foreign = self._person("foreign", "psa_resource.group_psa_resource_manager", company=other)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._book(demand, foreign, 5)
        with self.assertRaises(AccessError):
            demand.with_user(foreign.user_id).read(["name"])

    def test_consultants_read_bookings_and_cannot_write_them(self):
        demand = self._confirmed(self._hours(self.architect, 40)).psa_demand_ids
        booking = self._book(demand, self.ann, 5)
        self.assertEqual(booking.with_user(self.ann.user_id).hours, 5)
        with self.assertRaises(AccessError):
            booking.with_user(self.ann.user_id).hours = 1
        with self.assertRaises(AccessError):
            demand.with_user(self.sales.user_id).read(["hours"])

    def test_the_screens_open_for_a_resource_manager(self):
        for model in ("psa.demand", "psa.booking"):
            self.env[model].with_user(self.resourcer.user_id).get_views(
                [(False, kind) for kind in ("list", "form", "search", "pivot")]
            )
        order = self._confirmed()
        self.assertEqual(order.action_psa_demands()["domain"], [("order_id", "in", order.ids)])
