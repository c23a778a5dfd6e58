from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestEngagementProject(PsaContractsCase):
    """What the host lets people do to a project, done to one that delivers a SOW."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow()  # 40 h of an architect at 200, 100 h of a developer at 120
        cls.order.action_confirm()
        cls.architect_line, cls.developer_line = cls.order.order_line
        cls.project = cls.architect_line.task_id.project_id
        cls.as_manager = cls.project.with_user(cls.manager.user_id)
        cls.ann.psa_role_id = cls.architect

    def _map(self, line):
        return self.env["project.sale.line.employee.map"].create(
            {"project_id": self.project.id, "employee_id": self.ann.id, "sale_line_id": line.id}
        )

    # -- the host's table of people and sales order items ----------------------------------

    def test_the_hosts_table_of_people_moves_no_time_of_a_sow(self):
        before = self._log_on(self.architect_line, self.ann, 3)
        self._map(self.developer_line)
        after = self._log_on(self.architect_line, self.ann, 1)
        self.env.flush_all()
        # both at 200 an hour as sold, not one of them at 120
        self.assertEqual((before | after).so_line, self.architect_line)

    def test_nor_does_it_put_it_on_another_sow(self):
        other = self._sow(self._hours(self.architect, 10, price_unit=10))
        other.action_confirm()
        entry = self._log_on(self.architect_line, self.ann, 3)
        self._map(other.order_line)
        self.assertEqual(entry.so_line, self.architect_line)

    def test_it_can_be_filled_in_where_time_is_approved(self):
        """What it says of the cost of a person counts."""
        entry = self._log_on(self.architect_line, self.ann, 3, approved=True)
        row = self._map(self.developer_line)
        row.cost = 70
        self.assertEqual(entry.so_line, self.architect_line)
        self.assertEqual(self._log_on(self.architect_line, self.ann, 2).amount, -140)

    def test_on_other_orders_it_moves_time_as_in_the_host(self):
        product = self.env["product.product"].create(
            {"name": "Hours", "type": "service", "service_type": "timesheet", "invoice_policy": "delivery"}
        )
        stock = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [(0, 0, {"product_id": product.id}), (0, 0, {"product_id": product.id})],
            }
        )
        stock.action_confirm()
        project = self.env["project.project"].create(
            {
                "name": "Stock",
                "allow_billable": True,
                "partner_id": self.client.id,
                "sale_line_id": stock.order_line[0].id,
            }
        )
        task = self.env["project.task"].create({"name": "Task", "project_id": project.id})
        entry = self._log(self.ann, 1, project_id=project.id, task_id=task.id)
        self.assertEqual(entry.so_line, stock.order_line[0])
        self.project = project
        self._map(stock.order_line[1])
        self.assertEqual(entry.so_line, stock.order_line[1])

    # -- billable, client, sales order item ------------------------------------------------

    def _assert_stays(self, **values):
        with self.assertRaisesRegex(UserError, f"{self.order.name}.*billed to nobody"):
            self.as_manager.write(values)

    def test_it_stays_billable(self):
        self._log_on(self.architect_line, self.ann, 3)
        self._assert_stays(allow_billable=False)
        self.assertEqual(self.project.sale_line_id.order_id, self.order)

    def test_it_stays_with_its_client(self):
        other = self.env["res.partner"].create({"name": "Other"})
        self._assert_stays(partner_id=other.id)
        self._assert_stays(partner_id=False)
        self._assert_stays(partner_id=other.id, sale_line_id=False)  # as the form sends it
        contact = self.env["res.partner"].create({"name": "Clara", "parent_id": self.client.id})
        self.as_manager.partner_id = contact
        self.assertEqual(self.project.sale_line_id.order_id, self.order)

    def test_who_sells_nothing_is_told_so_on_the_form(self):
        """Not that they may not read sales orders, which the host asks for once the client is another one."""
        form = Form(self.as_manager)
        with self.assertRaisesRegex(UserError, "delivers the statement of work"):
            form.partner_id = self.env["res.partner"].create({"name": "Another client"})
            form.save()

    def test_it_keeps_a_sales_order_item(self):
        self._assert_stays(sale_line_id=False)
        self.as_manager.sale_line_id = self.developer_line
        self.assertEqual(self.project.sale_line_id, self.developer_line)

    def test_it_goes_over_to_the_sow_of_another_client(self):
        other = self.env["res.partner"].create({"name": "Other"})
        order = self._sow(partner_id=other.id)
        order.action_confirm()
        self.as_manager.write({"partner_id": other.id, "sale_line_id": order.order_line[0].id})
        self.assertEqual(self.project.sale_line_id.order_id, order)

    def test_after_the_sow_was_cancelled_it_is_free(self):
        self.order._action_cancel()
        self.assertFalse(self.project.psa_delivers_sow)
        self.as_manager.allow_billable = False
        self.assertFalse(self.project.allow_billable)

    def test_the_form_says_whose_rates_count(self):
        arch = self.as_manager.get_view(view_type="form")["arch"]
        self.assertIn("psa_delivers_sow", arch)
        self.assertTrue(self.as_manager.psa_delivers_sow)
        self.assertFalse(self.env["project.project"].create({"name": "Inside"}).psa_delivers_sow)
