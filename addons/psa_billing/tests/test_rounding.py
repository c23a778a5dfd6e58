from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestRounding(PsaBillingCase):
    """The client pays Ann (150.00 an hour) by the quarter of an hour; hours stay as she entered them."""

    @classmethod
    def _rounded(cls, *lines, minutes="15", direction="up", scope="entry", **values):
        return cls._sow(
            *lines,
            psa_rounding_minutes=minutes,
            psa_rounding_direction=direction,
            psa_rounding_scope=scope,
            **values,
        )

    def test_each_entry_is_rounded_up(self):
        line = self._rounded().order_line
        # 1.1 h are 1.25 h × 150.00 = 187.50; 2 h are 2 h
        first, second = self._work(line, 1.1), self._work(line, 2)
        self.assert_wip(first, ("open", 1.1, 1.25, 187.5))
        self.assert_wip(second, ("open", 2, 2, 300))
        self.assert_host_figures(line, delivered=3.25, invoiced=0, amount_to_invoice=487.5)
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 487.5)
        self.assert_host_figures(line, delivered=3.25, invoiced=3.25, amount_to_invoice=0)

    def test_to_the_nearest(self):
        line = self._rounded(direction="nearest").order_line
        self.assert_wip(self._work(line, 1.1), ("open", 1.1, 1.0, 150))
        # 0.1 h are six minutes: not billed, but neither lost
        self.assert_wip(self._work(line, 0.1), ("open", 0.1, 0, 0))

    def test_entries_of_a_day_are_rounded_together(self):
        line = self._rounded(scope="day").order_line
        entries = self._log(line, 0.1) + self._log(line, 0.1) + self._log(line, 0.1, day="2026-03-03")
        entries.action_psa_approve()
        # 0.2 h on the 2nd are 0.25 h, the last entry takes the difference; 0.1 h on the 3rd are 0.25 h
        self.assert_wip(entries[0], ("open", 0.1, 0.1, 15))
        self.assert_wip(entries[1], ("open", 0.1, 0.15, 22.5))
        self.assert_wip(entries[2], ("open", 0.1, 0.25, 37.5))
        self.assert_host_figures(line, delivered=0.5, invoiced=0, amount_to_invoice=75)

    def test_each_person_and_line_has_days_of_its_own(self):
        order = self._rounded(self._line(self.architect), self._line(self.developer), scope="day")
        architect, developer = order.order_line
        bob = self._employee("bob", self.architect)
        entries = self._log(architect, 0.1) + self._log(architect, 0.1, employee=bob)
        entries += self._log(developer, 0.1)
        entries.action_psa_approve()
        self.assertEqual(entries.psa_wip_ids.mapped("billable_quantity"), [0.25, 0.25, 0.25])

    def test_late_time_of_a_day_rounds_what_waits_anew(self):
        line = self._rounded(scope="day").order_line
        first = self._work(line, 0.1)
        self.assert_wip(first, ("open", 0.1, 0.25, 37.5))
        second = self._work(line, 0.4)
        # together 0.5 h, nothing to round
        self.assert_wip(first, ("open", 0.1, 0.1, 15))
        self.assert_wip(second, ("open", 0.4, 0.4, 60))

    def test_late_time_leaves_billed_time_alone(self):
        line = self._rounded(scope="day").order_line
        billed = self._work(line, 0.1)
        self._invoice(self._propose())
        late, later = self._work(line, 0.1), self._work(line, 0.4)
        self.assert_wip(billed, ("billed", 0.1, 0.25, 37.5))
        # 0.6 h are 0.75 h, of which 0.25 h are billed: 0.5 h = 0.1 h + 0.4 h
        self.assert_wip(late, ("open", 0.1, 0.1, 15))
        self.assert_wip(later, ("open", 0.4, 0.4, 60))

    def test_held_time_stays_held_when_its_day_is_rounded_anew(self):
        line = self._rounded(scope="day").order_line
        held = self._work(line, 0.1)
        held.psa_wip_ids.action_hold()
        self._work(line, 0.1)
        self.assert_wip(held, ("held", 0.1, 0.1, 15))

    def test_recalled_time_takes_its_part_of_the_rounding_along(self):
        line = self._rounded(scope="day").order_line
        first, second = self._work(line, 0.1), self._work(line, 0.3)
        self.assert_wip(second, ("open", 0.3, 0.4, 60))
        first.action_psa_recall()
        # 0.3 h alone are 0.5 h
        self.assert_wip(second, ("open", 0.3, 0.5, 75))

    def test_a_cap_cuts_rounded_work_to_the_cent(self):
        line = self._rounded(self._line(self.architect, cap=1000)).order_line
        entry = self._work(line, 7.9)
        # 8 h = 1,200.00: 6.66 h (999.00) and 1.00; of the 7.9 h worked 7.9 × 6.66 ÷ 8 = 6.58
        self.assert_wip(entry, ("open", 6.58, 6.66, 1000.0), ("over_cap", 1.32, 1.34, 200.0))

    def test_a_day_under_a_cap_is_rounded_and_cut(self):
        line = self._rounded(self._line(self.architect, cap=60), scope="day").order_line
        first, second = self._work(line, 0.2), self._work(line, 0.2)
        # 0.4 h are 0.5 h = 75.00: 0.2 h = 30.00, then 0.3 h = 45.00 of which 30.00 are left under the cap
        self.assert_wip(first, ("open", 0.2, 0.2, 30))
        self.assert_wip(second, ("open", 0.13, 0.2, 30), ("over_cap", 0.07, 0.1, 15))

    def test_the_agreement_says_how_and_the_sow_may_say_otherwise(self):
        agreement = self.env["psa.agreement"].create(
            {
                "name": "Frame",
                "partner_id": self.client.id,
                "date_start": "2026-01-01",
                "rounding_minutes": "30",
                "rounding_scope": "day",
            }
        )
        agreement.action_activate()
        line = self._sow(psa_agreement_id=agreement.id).order_line
        entries = self._log(line, 0.1) + self._log(line, 0.1)
        entries.action_psa_approve()
        self.assertEqual(sum(entries.psa_wip_ids.mapped("billable_quantity")), 0.5)
        own = self._sow(psa_agreement_id=agreement.id, psa_rounding_minutes="0").order_line
        self.assertEqual(self._work(own, 0.1).psa_wip_ids.billable_quantity, 0.1)

    def test_a_change_order_is_rounded_as_its_sow(self):
        order = self._rounded()
        change = self.env["sale.order"].new({"psa_kind": "change_order", "psa_parent_id": order.id})
        self.assertEqual(change._psa_billing_terms().rounding_minutes, 15)

    def test_rounding_is_part_of_what_was_signed(self):
        order = self._rounded()
        with self.assertRaisesRegex(UserError, "a change order leaves it as it is. Cancel the statement"):
            order.psa_rounding_minutes = "60"

    def test_rounding_is_chosen_on_the_form(self):
        order = self._sow(confirm=False)
        with Form(order) as form:
            form.psa_rounding_minutes = "6"
            form.psa_rounding_scope = "day"
        terms = order._psa_billing_terms()
        self.assertEqual((terms.rounding_minutes, terms.rounding_scope), (6, "day"))
        self.assertEqual(terms.rounding_direction, "up")

    def test_queries_of_rounding_do_not_grow_with_the_entries(self):
        line = self._rounded(scope="day").order_line

        def queries_of(count, day):
            entries = self.env["account.analytic.line"].union(
                *(self._log(line, 1.1, f"2026-03-{day + number:02}") for number in range(count))
            )
            return self._count_queries(entries.action_psa_approve)

        queries_of(2, 1)  # caches
        self.assertLessEqual(queries_of(16, 11), queries_of(8, 3) + 2)
