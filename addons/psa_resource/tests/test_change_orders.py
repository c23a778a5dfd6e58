"""A change order changes what is asked of staffing."""

from datetime import date

from odoo.tests import tagged

from .common import PsaResourceCase


@tagged("post_install", "-at_install")
class TestChangeOrders(PsaResourceCase):
    def _signed_change(self, sow, *lines, **values):
        change = self._change(sow, *lines, **values)
        change.action_confirm()
        return change

    def test_demand_grows_shrinks_moves_and_comes_back(self):
        sow = self._confirmed(self._hours(self.architect, 40))
        demand = sow.psa_demand_ids
        head = sow.order_line
        up = self._signed_change(
            sow,
            self._amend(head, 20),
            self._hours(self.developer, 15),
            psa_date_end="2026-06-30",
        )
        self.assertEqual((demand.hours, demand.date_end), (60, date(2026, 6, 30)))
        new = sow.psa_demand_ids - demand
        self.assertEqual((new.role_id, new.hours, new.state), (self.developer, 15, "open"))
        down = self._signed_change(sow, self._amend(head, -50))
        self.assertEqual(demand.hours, 10)
        down.action_cancel()
        up.action_cancel()
        self.assertEqual((demand.hours, demand.date_end, demand.state), (40, date(2026, 5, 31), "open"))
        self.assertEqual(new.state, "cancelled")

    def test_a_removed_line_asks_for_nobody(self):
        sow = self._confirmed(self._hours(self.architect, 40))
        self._signed_change(sow, self._amend(sow.order_line, -40))
        self.assertEqual(sow.psa_demand_ids.state, "cancelled")

    # -- demand that a planner has cancelled ---------------------------------------------------

    def _cancelled_by_planner(self):
        """40 h of an architect and 100 h of a developer from March to May; the architect's are cancelled.

        :return: (SOW, the architect's demand)
        """
        sow = self._confirmed(self._hours(self.architect, 40), self._hours(self.developer, 100))
        demand = sow.psa_demand_ids.filtered(lambda demand: demand.role_id == self.architect)
        demand.project_id.user_id = self.manager.user_id
        demand.with_user(self.resourcer.user_id).state = "cancelled"
        return sow, demand

    def _told(self, demand):
        """The notes on the project that its hours are asked for again, for its manager."""
        notes = demand.project_id.message_ids.filtered(lambda note: "asked for again" in (note.body or ""))
        for note in notes:
            self.assertIn(self.manager.user_id.partner_id, note.notified_partner_ids)
        return notes.mapped("body")

    def test_a_cancelled_demand_stays_so_where_its_role_is_not_touched(self):
        """10 h more of the developer, and a month more of all: the architect is still not asked for, but the
        demand says what was sold, for who opens it by hand."""
        sow, demand = self._cancelled_by_planner()
        change = self._signed_change(sow, self._amend(sow.order_line[1], 10), psa_date_end="2026-06-30")
        self.assertEqual((demand.state, demand.hours, demand.date_end), ("cancelled", 40, date(2026, 6, 30)))
        other = sow.psa_demand_ids - demand
        self.assertEqual((other.state, other.hours), ("open", 110))
        change.action_cancel()
        self.assertEqual((demand.state, other.hours), ("cancelled", 100))
        # what is written beside the hours, or writes the same hours again
        sow.order_line[0].write({"sequence": 5, "product_uom_qty": 40})
        self.assertEqual(demand.state, "cancelled")
        self.assertFalse(self._told(demand))

    def test_it_is_open_again_where_its_hours_are_touched_and_that_is_told(self):
        """40 h and 20 h more are 60 h."""
        sow, demand = self._cancelled_by_planner()
        change = self._signed_change(sow, self._amend(sow.order_line[0], 20))
        self.assertEqual((demand.state, demand.hours), ("open", 60))
        (told,) = self._told(demand)
        self.assertIn(f"60 h are asked for again by {change.name}, 0 h are booked", told)

    def test_new_rates_of_its_role_do_not_open_it(self):
        """40 h at 150.00 an hour go to 160.00: as many as before."""
        sow, demand = self._cancelled_by_planner()
        head = sow.order_line[0]
        self._signed_change(
            sow,
            self._amend(head, -40),
            self._amend(head, 40, price_unit=head.price_unit + 10),
            psa_effective_date="2026-04-01",
        )
        self.assertEqual((demand.state, demand.hours), ("cancelled", 40))
        self.assertFalse(self._told(demand))

    def test_hours_that_come_back_are_asked_for_again(self):
        """A change order takes all 100 h of the developer off, and is cancelled: told to who plans."""
        sow, demand = self._cancelled_by_planner()
        other = sow.psa_demand_ids - demand
        change = self._signed_change(sow, self._amend(sow.order_line[1], -100))
        self.assertEqual(other.state, "cancelled")
        change.action_cancel()
        self.assertEqual((other.state, other.hours, demand.state), ("open", 100, "cancelled"))
        self.assertIn("100 h are asked for again", self._told(other)[0])
        # by hand, on the line
        sow.order_line[1].product_uom_qty = 0
        self.assertEqual(other.state, "cancelled")
        sow.order_line[1].product_uom_qty = 100
        self.assertEqual(other.state, "open")

    def test_a_sow_that_is_signed_again_asks_for_all(self):
        sow, demand = self._cancelled_by_planner()
        sow._action_cancel()
        sow.action_draft()
        sow.action_confirm()
        self.assertEqual(sow.psa_demand_ids.mapped("state"), ["open", "open"])
