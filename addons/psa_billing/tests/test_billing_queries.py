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

    def test_queries_of_invoices_that_are_posted_later(self):
        """Not one an invoice, neither for its taxes nor for the note that it is posted."""
        self._queries(1, later=True)
        few, many = self._queries(2, later=True), self._queries(12, later=True)
        self.assertLessEqual(many, few + 4)  # in what order changes are written differs by a few

    def test_queries_of_invoices_that_get_their_date_when_they_are_posted(self):
        """Taxes and terms are computed anew for each, but together."""
        undated = {"later": True, "day": False}
        self._queries(1, **undated)
        few, many = self._queries(2, **undated), self._queries(12, **undated)
        self.assertLessEqual(many - few, 12)  # of ten more; the host needs six for each of them

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

    def test_posting_and_crediting_do_not_read_entry_by_entry(self):
        """From the screen, where nothing of the entries has been read before."""
        self._steps(2)
        few, many = self._steps(50), self._steps(100)
        for step, one, two in zip(("invoice", "post", "credit"), few, many, strict=True):
            self.assertLessEqual(two, one + 3, step)

    def _steps(self, entries):
        """Queries of making the invoice of a proposal of as many entries, of posting it and of its credit."""
        line = self._sow().order_line
        self._submitted(line.task_id, entries).action_psa_approve()
        proposal = self._propose()
        proposal.action_approve()
        invoice = self._count_queries(proposal.action_create_invoice)
        proposal.invoice_id.invoice_date = "2026-04-01"
        post = self._count_queries(proposal.invoice_id.action_post)
        credit = self._count_queries(lambda: self._credit(proposal.invoice_id))
        work = line.order_id.order_line.psa_wip_ids
        self.assertEqual(set(work.mapped("state")), {"open"})
        work.action_hold()  # out of the next proposal
        return invoice, post, credit

    def test_approving_does_not_cost_queries_an_entry_or_a_sow(self):
        """10 and 20 entries of a SOW; then 2, 4 and 8 SOWs of 5 entries each."""
        self._approved(1, 2)
        few, many = self._approved(1, 10), self._approved(1, 20)
        self.assertLessEqual(many, few + 1)
        two, four, eight = (self._approved(count, 5) for count in (2, 4, 8))
        self.assertLessEqual((eight - four) / 4, (four - two) / 2 + 1)
        self.assertLessEqual((eight - four) / 4, 4)

    def _approved(self, orders, entries):
        """Queries of approving as many entries on each of as many new SOWs at once."""
        tasks = [self._sow().order_line.task_id for _number in range(orders)]
        work = self.env["account.analytic.line"].union(*(self._submitted(task, entries) for task in tasks))
        count = self._count_queries(work.action_psa_approve)
        self.assertEqual(len(work.psa_wip_ids), orders * entries)
        return count

    def _submitted(self, task, entries):
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
        return work

    def _note_changes(self):
        """As at the end of a transaction."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def _queries(self, invoices, entries=2, later=False, day="2026-04-01"):
        """Queries from proposals to posted invoices of as many new clients.

        :param later: the invoices are posted in a transaction of their own
        :param day: their date; False: that on which they are posted
        """
        clients = self.env["res.partner"].create([{"name": f"Client {n}"} for n in range(invoices)])
        orders = self.env["sale.order"].union(*(self._sow(partner_id=client.id) for client in clients))
        for task in orders.order_line.task_id:
            self._submitted(task, entries).action_psa_approve()
        run = self._run(invoice_date=day)
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        run = run.with_context(tracking_disable=False, mail_create_nolog=False, mail_notrack=False)
        run.action_make_proposals()
        self._read_anew()
        run.proposal_ids.action_approve()
        self._read_anew()
        run.proposal_ids.action_create_invoice()
        if later:
            self._note_changes()
        run.proposal_ids.invoice_id.action_post()
        if later:
            self._note_changes()
        self.env.flush_all()
        count = self.env.cr.sql_log_count - start
        self.assertEqual(len(run.proposal_ids.invoice_id), invoices)
        self.assertEqual(run.proposal_ids.invoice_id.mapped("state"), ["posted"] * invoices)
        return count
