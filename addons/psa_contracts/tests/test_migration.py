"""Statements of work that an earlier version left go on under this one."""

from odoo.tests import tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestMigration(PsaContractsCase):
    def _as_of_19_0_1(self, order):
        """The stored data of an order as 19.0.1 left it."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order_line SET psa_card_price = NULL, psa_card_reason = NULL WHERE order_id = %s",
            [order.id],
        )
        self.env.cr.execute(
            "DELETE FROM psa_budget_line WHERE sale_line_id = ANY(%s)", [order.order_line.ids]
        )
        self.env.invalidate_all()

    def _figures(self, order):
        return order.order_line.mapped(
            lambda line: (line.price_unit, line.price_subtotal, line.qty_delivered)
        )

    def test_running_sows_get_their_card_price_and_their_budget(self):
        order = self._sow(
            self._phase("Design", "2026-03-01", "2026-03-31"),
            self._hours(self.architect, 40),
            self._phase("Build", "2026-04-01", "2026-05-31"),
            self._hours(self.developer, 100),
        )
        order.order_line.filtered(lambda line: line.psa_role_id == self.developer).price_unit = 110
        order.action_confirm()
        design, build = order.order_line.psa_phase_id
        design.budget_hours = 45  # a project manager's own plan
        architect, developer = order.order_line.filtered("psa_role_id")
        self._as_of_19_0_1(order)
        before = order.order_line.mapped(
            lambda line: (line.price_unit, line.price_subtotal, line.qty_delivered)
        )
        self._migrate()
        self.assertEqual((architect.psa_card_price, developer.psa_card_price), (200, 120))
        # what was typed by hand is known as such, and does not step
        self.assertEqual((architect._psa_is_by_card(), developer._psa_is_by_card()), (True, False))
        self.assertEqual(order._psa_project().psa_budget_line_ids.mapped("hours"), [40, 100])
        self.assertEqual((design.budget_hours, build.budget_hours), (45, 100))
        after = order.order_line.mapped(
            lambda line: (line.price_unit, line.price_subtotal, line.qty_delivered)
        )
        self.assertEqual(after, before)
        self._migrate()
        self.assertEqual(len(order._psa_project().psa_budget_line_ids), 2)

    def test_orders_that_are_no_sows_stay_as_they_are(self):
        order = self._sow(psa_kind=False)
        self._migrate()
        self.assertFalse(any(order.order_line.mapped("psa_card_price")))

    def test_a_new_installation_has_nothing_to_migrate(self):
        order = self._sow()
        self._as_of_19_0_1(order)
        self._migrate(version=None)
        self.assertFalse(any(order.order_line.mapped("psa_card_price")))

    def test_confirmed_change_orders_remember_the_hours_that_they_gave(self):
        order = self._sow(self._hours(self.developer, 100))
        order.action_confirm()
        task = order.order_line.task_id
        change = self._change(order, self._amend(order.order_line, 30), self._hours(self.architect, 8))
        change.action_confirm()
        self.assertEqual((task.allocated_hours, task.project_id.allocated_hours), (130, 138))
        lines = (30, 0)  # a new line has a task of its own
        self.assertEqual(tuple(change.order_line.mapped("psa_allocated_hours")), lines)
        self.assertEqual(change.psa_allocated_hours, 38)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET psa_allocated_hours = NULL")
        self.env.cr.execute("UPDATE sale_order_line SET psa_allocated_hours = NULL")
        self.env.invalidate_all()
        self._migrate("19.0.2.1.0/post-allocated_hours.py", None)
        self.assertEqual(change.psa_allocated_hours, 0)
        self._migrate("19.0.2.1.0/post-allocated_hours.py", "19.0.2.0.0")
        self.assertEqual(tuple(change.order_line.mapped("psa_allocated_hours")), lines)
        self.assertEqual(change.psa_allocated_hours, 38)
        change.action_cancel()
        self.assertEqual((task.allocated_hours, task.project_id.allocated_hours), (100, 100))

    def test_lines_remember_the_rate_that_priced_them(self):
        """Two rates of an architect; a developer of whom one person has a rate of their own, at 150."""
        self._rate_changes(self.architect, "2026-04-01", 210)
        own = self._rate(self.developer, 150, employee_id=self.ann.id)
        order = self._sow()
        order.action_confirm()
        typed = self._sow(self._hours(self.architect, 1, price_unit=99))
        self.ann.psa_role_id = self.developer
        entry = self._log_on(order.order_line[-1], self.ann, 1, approved=True)
        self.assertEqual(entry.so_line.psa_rate_id, own)
        rates = {line: line.psa_rate_id for line in order.order_line}
        self.assertEqual([rate.price for rate in rates.values()], [200, 210, 120, 150])
        for version, wanted in ((None, lambda _line: False), ("19.0.2.1.2", rates.get)):
            self.env.flush_all()
            self.env.cr.execute("UPDATE sale_order_line SET psa_rate_id = NULL")
            self.env.invalidate_all()
            self._migrate("19.0.2.2.0/post-rate_of_lines.py", version)
            for line in order.order_line - entry.so_line:
                self.assertEqual(line.psa_rate_id.id or False, wanted(line) and wanted(line).id)
            self.assertFalse(entry.so_line.psa_rate_id)  # it may be that of another person
        # what the card said is remembered also where another price was typed
        self.assertEqual(typed.order_line.psa_rate_id.price, 200)
