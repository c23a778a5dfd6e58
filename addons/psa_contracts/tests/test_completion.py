from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tests.common import warmup

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestCompletion(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._signed()
        cls.lead = cls.order.opportunity_id
        cls.milestone = cls.env["project.milestone"].search(
            [("sale_line_id", "in", cls.order.order_line.ids)]
        )
        cls.milestone.name = "Go-live"
        cls.pm = new_test_user(cls.env, login="psa.pm", groups="psa_project.group_psa_project_manager")

    @classmethod
    def _signed(cls, partner=None):
        """A signed SOW: 10 h of an architect at 200, a fixed price of 3,000 and a milestone of 5,000."""
        partner = partner or cls.client
        lead = cls.env["crm.lead"].create(
            {"name": "Rollout", "type": "opportunity", "partner_id": partner.id}
        )
        order = cls._sow(
            cls._phase("Build", "2026-03-01", "2026-03-31"),
            cls._hours(cls.architect, 10),
            cls._priced("fixed", 3000),
            cls._priced("milestone", 5000),
            partner_id=partner.id,
            opportunity_id=lead.id,
        )
        order.action_confirm()
        return order

    @classmethod
    def _priced(cls, model, price):
        return Command.create(
            {
                "psa_role_id": cls.developer.id,
                "psa_billing_model": model,
                "product_uom_qty": 1,
                "price_unit": price,
                "tax_ids": [Command.clear()],
            }
        )

    def _notes(self, record, word):
        """The texts logged on ``record`` that contain ``word``."""
        return [
            message.preview for message in record.message_ids.sorted("id") if word in (message.body or "")
        ]

    def _money(self, amount):
        return self.order._psa_format_amount(amount).replace("\N{NO-BREAK SPACE}", " ")

    def test_a_reached_milestone_is_posted_on_opportunity_and_client_with_its_amount(self):
        self.milestone.with_user(self.pm).is_reached = True
        text = f"{self.order.name}: milestone Go-live reached. Released for billing: {self._money(5000)}."
        for record in (self.lead, self.client):
            self.assertEqual(self._notes(record, "Go-live"), [text])
            note = record.message_ids[0]
            self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
            self.assertTrue(note.is_internal)
            self.assertEqual(note.author_id, self.pm.partner_id)
            self.assertFalse(note.notified_partner_ids)

    def test_nothing_is_posted_twice_and_what_is_taken_back_is_said(self):
        self.milestone.is_reached = True
        self.milestone.is_reached = True
        self.assertEqual(len(self._notes(self.lead, "Go-live")), 1)
        self.milestone.toggle_is_reached(False)
        self.assertIn(
            f"not reached after all. No longer released: {self._money(5000)}.",
            self._notes(self.lead, "Go-live")[1],
        )
        self.milestone.is_reached = False
        self.assertEqual(len(self._notes(self.lead, "Go-live")), 2)

    def test_a_part_of_a_line_releases_its_part_of_the_amount(self):
        self.milestone.product_uom_qty = 0.4
        self.milestone.is_reached = True
        self.assertIn(self._money(2000), self._notes(self.lead, "Go-live")[0])

    def test_a_phase_that_is_done_says_what_its_lines_released(self):
        architect = self.order.order_line[1]
        self._log_on(architect, self.bob, 4, "2026-03-02", approved=True)
        self._log_on(architect, self.bob, 3, "2026-03-03")  # not approved: not released
        phase = self.order.order_line[0].psa_phase_id
        phase.with_user(self.pm).state = "done"
        # 4 h × 200 and the fixed 3,000; the milestone is not reached
        text = (
            f"{self.order.name}: phase Build done. Released for billing: {self._money(3800)} "
            f"(Time and Material {self._money(800)}, Fixed Price {self._money(3000)})."
        )
        for record in (self.lead, self.client):
            self.assertEqual(self._notes(record, "Build"), [text])
        phase.state = "done"
        self.assertEqual(len(self._notes(self.lead, "Build")), 1)
        phase.state = "active"
        self.assertEqual(self._notes(self.lead, "Build")[1], f"{self.order.name}: phase Build is open again.")
        self.milestone.is_reached = True
        phase.state = "done"
        self.assertIn(self._money(8800), self._notes(self.lead, "Build")[2])

    def test_a_phase_that_the_project_manager_added_releases_nothing(self):
        phase = self.env["psa.phase"].create({"name": "Extra", "project_id": self.order.project_ids.id})
        phase.state = "active"
        self.assertFalse(self._notes(self.lead, "Extra"))
        phase.state = "done"
        self.assertIn("It released nothing for billing", self._notes(self.lead, "Extra")[0])

    def test_what_belongs_to_no_sow_is_not_posted(self):
        before = len(self.client.message_ids)
        self.project.partner_id = self.client
        phase = self.env["psa.phase"].create({"name": "Inside", "project_id": self.project.id})
        milestone = self.env["project.milestone"].create(
            {"name": "Inside", "project_id": self.project.id, "sale_line_id": False}
        )
        phase.state = "done"
        milestone.is_reached = True
        self.assertEqual(len(self.client.message_ids), before)

    def test_without_an_opportunity_the_client_alone_is_told(self):
        self.order.opportunity_id = False
        self.milestone.is_reached = True
        self.assertFalse(self._notes(self.lead, "Go-live"))
        self.assertEqual(len(self._notes(self.client, "Go-live")), 1)

    def test_who_may_not_complete_posts_nothing(self):
        with self.assertRaises(AccessError):
            self.milestone.with_user(self.sales.user_id).is_reached = True
        self.assertFalse(self._notes(self.lead, "Go-live"))

    @warmup
    def test_many_milestones_at_once_cost_no_query_more_each(self):
        counts = []
        for size in (5, 20):
            orders = self.env["sale.order"].union(*(self._signed() for _ in range(size)))
            milestones = self.env["project.milestone"].search([("sale_line_id", "in", orders.order_line.ids)])
            self.assertEqual(len(milestones), size)
            counts.append(self._count_queries(milestones._psa_log_completion))
        self.assertLess(counts[1] - counts[0], 5, counts)
