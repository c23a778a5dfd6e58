"""Time and material up to 2,000.00: an entry crosses the cap, a change order raises it, the rest is billed.

March   2nd   8.00 h x 150.00              1,200.00
        3rd   5.33 h x 150.00 = 799.50       800.00   within the cap, with 0.50
              2.67 h                         400.00   over it: 1,200.00 - 800.00
invoice     13.33 h                        2,000.00   tax 15 %: 300.00
April   1,000.00 more by a change order
        3rd   2.67 h                         400.00   400.50 less the 0.50 billed in March
        14th  2.00 h x 150.00                300.00
invoice      4.67 h x 150.00 = 700.50        700.00   tax 15 %: 105.00
in all      18.00 h x 150.00               2,700.00   of 3,000.00
"""

from odoo.tests import tagged

from odoo.addons.psa_billing.tests.common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestStoryCapCrossed(PsaBillingCase):
    def test_a_cap_is_crossed_raised_and_billed_to_the_cent(self):
        manager = self._user("lead", "psa_project.group_psa_project_manager")
        order = self._sow(self._line(self.architect), psa_cap_amount=2000)
        line, project = order.order_line, order.order_line.task_id.project_id
        project.user_id = manager
        monday = self._work(line, 8, "2026-03-02")
        self.assertFalse(project.activity_ids)  # 60 %
        crossing = self._work(line, 8, "2026-03-03")
        self.assert_wip(crossing, ("open", 5.33, 5.33, 800.0), ("over_cap", 2.67, 2.67, 400.0))
        self.assertEqual(project.activity_ids.mapped("user_id"), manager)
        self.assertRegex(project.activity_ids.summary, "^100 %")

        march = self._invoice(self._propose(), post=True)
        self.assertEqual((march.amount_untaxed, march.amount_tax, march.amount_total), (2000, 300, 2300))
        self.assertEqual(sorted(march.invoice_line_ids.mapped("price_subtotal")), [0.5, 1999.5])
        self.assert_wip(monday, ("billed", 8, 8, 1200.0))
        self.assertFalse(self._propose(False, "2026-04-30"))

        change = self.env["sale.order"].browse(order.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_change_reason": "A second office",
                "psa_requested_by_id": self.client.id,
                "psa_cap_change": 1000,
            }
        )
        change.sudo().action_confirm()
        self.assert_wip(crossing, ("billed", 5.33, 5.33, 800.0), ("open", 2.67, 2.67, 400.0))
        self.assertFalse(project.activity_ids.filtered(lambda told: told.summary.startswith("100 %")))
        later = self._work(line, 2, "2026-04-14")

        april = self._invoice(self._propose(False, "2026-04-30"), post=True)
        self.assertEqual((april.amount_untaxed, april.amount_tax, april.amount_total), (700, 105, 805))
        self.assertEqual(sorted(april.invoice_line_ids.mapped("price_subtotal")), [-0.5, 700.5])
        self.assert_wip(crossing, ("billed", 5.33, 5.33, 800.0), ("billed", 2.67, 2.67, 400.0))
        self.assert_wip(later, ("billed", 2, 2, 300.0))
        self.assert_host_figures(line, delivered=18, invoiced=18, amount_to_invoice=0)
        self.assertFalse(self._propose(False, "2026-05-31"))
