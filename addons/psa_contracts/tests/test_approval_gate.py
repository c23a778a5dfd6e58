"""Unapproved time on a SOW is neither delivered nor billed nor frozen; other orders behave as stock."""

from odoo import Command
from odoo.tests import tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestApprovalGate(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading("generic_coa", cls.env.company, install_demo=False)

    def _stock_order(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.developer.psa_time_product_id.id,
                            "product_uom_qty": 10,
                            "price_unit": 100,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        return order

    def test_sow_time_is_delivered_once_it_is_approved(self):
        order = self._sow()
        order.action_confirm()
        line = order.order_line[1]
        approved = self._log_on(line, self.ann, 3, approved=True)
        self._log_on(line, self.ann, 5)
        self.assertEqual(line.qty_delivered, 3)
        approved.with_user(self.manager.user_id).action_psa_recall()
        self.assertEqual(line.qty_delivered, 0)

    def test_time_of_a_stock_order_is_delivered_and_invoiced_unapproved(self):
        order = self._stock_order()
        entry = self._log_on(order.order_line, self.ann, 5)
        self.assertEqual(order.order_line.qty_delivered, 5)
        invoice = order._create_invoices()
        self.assertEqual(invoice.amount_untaxed, 500)
        self.assertEqual(entry.timesheet_invoice_id, invoice)

    def test_approved_time_of_a_stock_order_moves_with_its_task_as_in_the_host(self):
        order, other = self._stock_order(), self._stock_order()
        entry = self._log_on(order.order_line, self.ann, 5, approved=True)
        order.order_line.task_id.sale_line_id = other.order_line
        self.assertEqual(entry.so_line, other.order_line)

    def test_an_invoice_links_no_unapproved_sow_time(self):
        order = self._sow()
        order.action_confirm()
        line = order.order_line[1]
        self._log_on(line, self.ann, 3, approved=True)
        draft = self._log_on(line, self.ann, 5)
        domain = self.env["account.move.line"]._timesheet_domain_get_invoiced_lines(line)
        # psa_billing, where installed, narrows the domain further: to what its proposals bill
        self.assertNotIn(draft, self.env["account.analytic.line"].search(domain))
        self.assertTrue(draft._is_not_billed())
