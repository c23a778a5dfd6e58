"""The milestones of a line make up the whole of it at most, and what is billed of one is not moved away."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestMilestoneShares(PsaContractsCase):
    """A SOW with a go-live for 5,000 and a manual for 1,000: each has the milestone that the host made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            cls._sold("milestone", 5000, psa_role_id=cls.developer.id, name="Go-live"),
            cls._sold("milestone", 1000, psa_role_id=cls.developer.id, name="Manual"),
        )
        cls.order.order_line.tax_ids = [Command.clear()]
        cls.order.action_confirm()
        cls.go_live, cls.manual = cls.order.order_line
        cls.engagement = cls.go_live.task_id.project_id
        cls.milestone = cls.env["project.milestone"].search([("sale_line_id", "=", cls.go_live.id)])
        cls.milestones = cls.env["project.milestone"].with_user(cls.manager.user_id)

    def _add(self, name, **values):
        return self.milestones.create({"name": name, "project_id": self.engagement.id, **values})

    def _bill(self, line):
        """A posted invoice of what is delivered of ``line``, as the host makes it."""
        values = line._prepare_invoice_line(quantity=line.qty_to_invoice)
        invoice = (
            self.env["account.move"]
            .sudo()
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.client.id,
                    "invoice_date": "2026-04-01",
                    "invoice_line_ids": [Command.create(values)],
                }
            )
        )
        invoice.action_post()
        return invoice

    def test_a_milestone_of_the_project_is_not_proposed_for_a_line_that_others_release(self):
        """The host proposes the first milestone line, in full: both reached, 10,000 of 5,000 were billed."""
        kickoff = self.milestones.with_context(default_project_id=self.engagement.id).create(
            {"name": "Kick-off", "project_id": self.engagement.id}
        )
        self.assertFalse(kickoff.sale_line_id)
        kickoff.is_reached = True
        self.assertEqual(self.go_live.qty_delivered, 0)

    def test_a_line_is_split_over_milestones_up_to_the_whole(self):
        with (
            self.assertRaisesRegex(ValidationError, "Go-live on .* would make up 150 % of it"),
            self.cr.savepoint(),
        ):
            self._add("Pilot", sale_line_id=self.go_live.id, product_uom_qty=0.5)
        self.milestone.with_user(self.manager.user_id).product_uom_qty = 0.6
        pilot = self._add("Pilot", sale_line_id=self.go_live.id, product_uom_qty=0.4)
        (self.milestone | pilot).is_reached = True
        self.assertEqual(self.go_live.qty_delivered, 1)
        with self.assertRaisesRegex(ValidationError, "would make up 110 % of it"), self.cr.savepoint():
            pilot.product_uom_qty = 0.5

    def test_what_is_billed_of_a_milestone_is_neither_moved_nor_lowered(self):
        self.milestone.is_reached = True
        invoice = self._bill(self.go_live)
        self.env["project.milestone"].search([("sale_line_id", "=", self.manual.id)]).unlink()
        mine = self.milestone.with_user(self.manager.user_id)
        for values in (
            {"sale_line_id": self.manual.id},
            {"sale_line_id": False},
            {"product_uom_qty": 0.5},
            {"quantity_percentage": 0.5},
        ):
            with (
                self.assertRaisesRegex(UserError, "is billed on .*credit the posted one"),
                self.cr.savepoint(),
            ):
                mine.write(values)
        mine.name = "Go-live in May"  # which changes nothing of what it releases
        invoice.button_draft()
        invoice.button_cancel()
        mine.product_uom_qty = 0.5
        self.assertEqual(self.go_live.qty_delivered, 0.5)

    def test_what_is_not_billed_yet_is_lowered(self):
        """Half of the go-live is reached and billed, then the rest: of that a tenth was too much."""
        self.milestone.product_uom_qty = 0.5
        rest = self._add("Rest", sale_line_id=self.go_live.id, product_uom_qty=0.5)
        self.milestone.is_reached = True
        self._bill(self.go_live)
        rest.is_reached = True
        rest.product_uom_qty = 0.4
        self.assertEqual((self.go_live.qty_delivered, self.go_live.qty_to_invoice), (0.9, 0.4))

    def test_a_copy_of_a_project_releases_nothing_of_the_sow(self):
        """The manager duplicates the project for the next client of the kind: it was refused, as the
        milestones of both would make up 200 % of the go-live."""
        copied = self.engagement.with_user(self.manager.user_id).copy()
        self.assertEqual(
            sorted(copied.milestone_ids.mapped("name")),
            sorted(self.milestones.search([("project_id", "=", self.engagement.id)]).mapped("name")),
        )
        self.assertFalse(copied.milestone_ids.sale_line_id)
        copied.milestone_ids.is_reached = True
        self.assertEqual(self.go_live.qty_delivered, 0)
        one = self.milestone.with_user(self.manager.user_id).copy()
        self.assertFalse(one.sale_line_id)

    def test_a_sow_that_is_signed_again_releases_its_milestones_once(self):
        """The host made another milestone of each line, and put the kick-off on the first one."""
        self._add("Kick-off", is_reached=True)
        self.order._action_cancel()
        self.order.action_draft()
        self.order.action_confirm()
        milestones = self.env["project.milestone"].search([("project_id", "=", self.engagement.id)])
        self.assertEqual(
            {(one.name, one.sale_line_id.name, one.quantity_percentage) for one in milestones},
            {("Go-live", "Go-live", 1), ("Manual", "Manual", 1), ("Kick-off", False, 0)},
        )
        self.assertEqual(self.go_live.qty_delivered, 0)

    def test_a_milestone_that_a_change_order_sells_is_not_reached_before_it_begins(self):
        """The kick-off was reached before: the host put the new line on it, and 2,000 were billed at once."""
        kickoff = self._add("Kick-off", is_reached=True)
        change = self._change(
            self.order, self._sold("milestone", 2000, psa_role_id=self.developer.id, name="Training")
        )
        change.action_confirm()
        line = change.order_line
        self.assertFalse(kickoff.sale_line_id)
        self.assertEqual(line.qty_delivered, 0)
        training = self.env["project.milestone"].search([("sale_line_id", "=", line.id)])
        self.assertEqual((training.name, line.task_id.milestone_id), ("Training", training))
        training.is_reached = True
        self.assertEqual(line.qty_delivered, 1)

    def test_the_milestones_of_a_template_release_the_line_in_parts(self):
        """Two milestones of the project's template make up the line: half of it each, as in the host."""
        template = self.env["project.project"].create(
            {"name": "Template", "allow_milestones": True, "allow_billable": True, "is_template": True}
        )
        for name in ("Draft", "Final"):
            self.env["project.milestone"].create({"name": name, "project_id": template.id})
        self.developer.psa_milestone_product_id.project_template_id = template
        order = self._sow(self._sold("milestone", 3000, psa_role_id=self.developer.id, name="Report"))
        order.action_confirm()
        milestones = self.env["project.milestone"].search([("sale_line_id", "=", order.order_line.id)])
        self.assertEqual(milestones.mapped("quantity_percentage"), [0.5, 0.5])

    def test_milestones_of_other_orders_are_the_hosts(self):
        product = self.developer.psa_milestone_product_id
        order = self.env["sale.order"].create(
            {"partner_id": self.client.id, "order_line": [Command.create({"product_id": product.id})]}
        )
        order.action_confirm()
        line = order.order_line
        project = line.project_id or line.task_id.project_id
        more = self.env["project.milestone"].create(
            {"name": "More", "project_id": project.id, "sale_line_id": line.id, "quantity_percentage": 1}
        )
        self.assertEqual(more.sale_line_id, line)
