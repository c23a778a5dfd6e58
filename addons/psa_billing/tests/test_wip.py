from ast import literal_eval

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestWip(PsaBillingCase):
    def test_approved_time_is_open_work_at_the_price_of_its_line(self):
        line = self._sow().order_line
        entry = self._log(line, 7.5)
        self.assertFalse(entry.psa_wip_ids)
        self.assert_host_figures(line, delivered=0, invoiced=0, amount_to_invoice=0)
        entry.action_psa_approve()
        # 7.5 h × 150.00 = 1,125.00
        self.assert_wip(entry, ("open", 7.5, 7.5, 1125.0))
        self.assertEqual(entry.psa_wip_ids.role_id, self.architect)
        self.assert_host_figures(line, delivered=7.5, invoiced=0, amount_to_invoice=1125)

    def test_the_discount_of_the_line_is_in_the_amount(self):
        line = self._sow(self._line(self.architect, discount=10)).order_line
        # 1.5 h × 150.00 × 0.9 = 202.50
        self.assert_wip(self._work(line, 1.5), ("open", 1.5, 1.5, 202.5))

    def test_included_taxes_are_not_in_the_amount(self):
        self.tax.price_include_override = "tax_included"
        line = self._sow(self._line(self.architect, price_unit=115)).order_line
        # 115.00 with 15 % is 100.00 net; 2 h = 200.00
        self.assert_wip(self._work(line, 2), ("open", 2, 2, 200))

    def test_fixed_work_is_covered_and_delivers_nothing_by_itself(self):
        line = self._sow(self._line(self.architect, 10, "fixed", price_unit=90)).order_line
        entry = self._work(line, 4)
        self.assert_wip(entry, ("covered", 4, 0, 0))

    def test_time_of_a_role_without_a_line_has_no_wip_and_is_found(self):
        line = self._sow().order_line
        entry = self._work(line, 3, employee=self.dev, psa_role_id=self.developer.id)
        self.assertFalse(entry.so_line)
        self.assertFalse(entry.psa_wip_ids)
        found = self.env["account.analytic.line"].search([("psa_without_sow_line", "=", True)])
        self.assertIn(entry, found)
        self.assertTrue(entry.psa_without_sow_line)
        self.assertNotIn(self._work(line, 1), found)

    def test_a_billing_manager_who_sees_no_timesheets_of_others_finds_time_without_a_line(self):
        """3 h of a role that was not sold are approved, 2 h wait; 1 h has its line, 4 h are on no SOW."""
        line = self._sow().order_line
        sold = {"employee": self.dev, "psa_role_id": self.developer.id}
        lost = self._work(line, 3, **sold) | self._log(line, 2, **sold)
        self._work(line, 1)
        project = self.env["project.project"].create({"name": "Internal", "company_id": self.company.id})
        self.env["account.analytic.line"].create(
            {"name": "In", "project_id": project.id, "employee_id": self.dev.id, "unit_amount": 4}
        )
        groups = "psa_billing.group_psa_billing_manager,hr_timesheet.group_hr_timesheet_user"
        biller = self._user("finder", groups)
        self.assertFalse(self.env["account.analytic.line"].with_user(biller).search([("id", "in", lost.ids)]))
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_time_without_line_action")
        rows = self.env[action["res_model"]].with_user(biller).search(literal_eval(action["domain"]))
        self.assertEqual(sum(rows.mapped("hours")), 5)
        self.assertEqual({*rows.sudo().analytic_line_id.ids}, {*lost.ids})

    def test_time_on_other_orders_is_none_of_billings(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.architect.psa_time_product_id.id,
                            "product_uom_qty": 5,
                            "price_unit": 80,
                        },
                    )
                ],
            }
        )
        order.action_confirm()
        entry = self._work(order.order_line, 2)
        self.assertFalse(entry.psa_wip_ids)
        invoice = order._create_invoices()
        self.assertEqual(invoice.amount_untaxed, 160)
        self.assertEqual(entry.timesheet_invoice_id, invoice)

    def test_recalled_time_leaves_no_work(self):
        line = self._sow().order_line
        entry = self._work(line, 2)
        entry.action_psa_recall()
        self.assertFalse(entry.psa_wip_ids)
        self.assert_host_figures(line, delivered=0, invoiced=0, amount_to_invoice=0)

    def test_held_work_counts_as_delivered_and_waits(self):
        line = self._sow().order_line
        entry = self._work(line, 2)
        entry.psa_wip_ids.action_hold()
        self.assert_wip(entry, ("held", 2, 2, 300))
        self.assert_host_figures(line, delivered=2, invoiced=0, amount_to_invoice=300)
        self.assertFalse(self._propose())
        entry.psa_wip_ids.action_release()
        self.assertEqual(self._propose().amount, 300)
        with self.assertRaisesRegex(UserError, "no held work"):
            entry.psa_wip_ids.action_release()

    def test_a_new_price_of_the_line_reaches_unbilled_work(self):
        line = self._sow().order_line
        entry = self._work(line, 2)
        line.sudo().price_unit = 160  # as a change order does
        self.assert_wip(entry, ("open", 2, 2, 320))

    def test_rated_time_cannot_move_to_another_line(self):
        order = self._sow(self._line(self.architect), self._line(self.developer))
        entry = self._work(order.order_line[0], 2)
        with self.assertRaisesRegex(UserError, "Recall it first"):
            entry.sudo().so_line = order.order_line[1]

    def test_queries_of_rating_do_not_grow_with_the_entries(self):
        line = self._sow(self._line(self.architect, cap=100000)).order_line

        def queries_of(count):
            entries = self.env["account.analytic.line"].union(
                *(self._log(line, 1) for _number in range(count))
            )
            return self._count_queries(entries.action_psa_approve)

        queries_of(2)  # caches
        self.assertLessEqual(queries_of(20), queries_of(10) + 2)
