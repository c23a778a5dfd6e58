"""What the invoices of a run cost: the same for each, however many entries they bill."""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.sale_timesheet.models.sale_order_line import SaleOrderLine as HostLine

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestBillingQueries(PsaBillingCase):
    def test_queries_an_invoice(self):
        """Caches are warm after the first. An invoice costs nothing by itself: all is read and written for
        all of them together."""
        self._queries(1)
        two, four, eight = (self._queries(count) for count in (2, 4, 8))
        self.assertLessEqual(four, two + 1)
        self.assertLessEqual(eight, four + 1)

    def test_entries_cost_no_queries(self):
        self._queries(1)
        few, many = self._queries(1, entries=10), self._queries(1, entries=1000)
        self.assertLessEqual(many, few + 2)

    def test_hours_left_are_asked_as_the_host_asks_them(self):
        prepaid = self.env["product.product"].create(
            {"name": "Support", "type": "service", "service_policy": "ordered_prepaid"}
        )
        hour, day = self.env.ref("uom.product_uom_hour"), self.env.ref("uom.product_uom_day")
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_id": unit.id})
                    for product in (prepaid, self.architect.psa_time_product_id)
                    for unit in (hour, day, self.env.ref("uom.product_uom_unit"))
                ],
            }
        )
        found = order.order_line.mapped("remaining_hours_available")
        for line in order.order_line:
            HostLine._compute_remaining_hours_available(line)
        self.assertEqual(found, order.order_line.mapped("remaining_hours_available"))
        self.assertEqual(found, [True, True, False, False, False, False])

    def _read_anew(self):
        """As the next button does, in a transaction of its own."""
        self.env.flush_all()
        self.env.invalidate_all()

    def _queries(self, invoices, entries=2):
        """Queries from proposals to posted invoices of as many new clients."""
        clients = self.env["res.partner"].create([{"name": f"Client {n}"} for n in range(invoices)])
        orders = self.env["sale.order"].union(*(self._sow(partner_id=client.id) for client in clients))
        for task in orders.order_line.task_id:
            work = self.env["account.analytic.line"].create(
                [
                    {
                        "name": f"Work {number}",
                        "project_id": task.project_id.id,
                        "task_id": task.id,
                        "employee_id": self.ann.id,
                        "date": f"2026-03-{1 + number % 28:02d}",
                        "unit_amount": 0.5,
                    }
                    for number in range(entries)
                ]
            )
            work.action_psa_submit()
            work.action_psa_approve()
        run = self._run(invoice_date="2026-04-01")
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        run = run.with_context(tracking_disable=False, mail_create_nolog=False, mail_notrack=False)
        run.action_make_proposals()
        self._read_anew()
        run.proposal_ids.action_approve()
        self._read_anew()
        run.proposal_ids.action_create_invoice()
        run.proposal_ids.invoice_id.action_post()
        self.env.flush_all()
        count = self.env.cr.sql_log_count - start
        self.assertEqual(len(run.proposal_ids.invoice_id), invoices)
        self.assertEqual(run.proposal_ids.invoice_id.mapped("state"), ["posted"] * invoices)
        return count
