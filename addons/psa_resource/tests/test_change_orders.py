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
