"""Story (a): an opportunity becomes a SOW, the client signs it in the portal, and the project is there.

Both people use a real browser: the salesperson up to the sent SOW, the client to sign it in the portal.
"""

from datetime import date, timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestStoryOpportunityToProject(HttpCase):
    test_cursor_lock_timeout = 120  # seconds that a request may wait for another on a busy machine

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        quiet = {"no_reset_password": True, "tracking_disable": True}
        cls.env = cls.env(context={**cls.env.context, **quiet})
        cls.env.company.psa_forecast_probability = 50
        engineer = cls.env.ref("psa_contracts.role_solution_engineer")
        cls.env["psa.rate.card"].create(
            {
                "name": "Rates",
                "line_ids": [
                    Command.create({"role_id": engineer.id, "date_start": "2026-01-01", "price": 140})
                ],
            }
        )
        cls.seller = new_test_user(
            cls.env, login="story.sales", groups="sales_team.group_sale_salesman", email="sales@example.com"
        )
        cls.client = cls.env["res.partner"].create({"name": "Story Client", "is_company": True})
        cls.signer = new_test_user(cls.env, login="story.client", groups="base.group_portal")
        cls.signer.partner_id.write(
            {"name": "Carla Client", "parent_id": cls.client.id, "email": "carla@example.com"}
        )
        cls.start = fields.Date.today() + timedelta(days=20)
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "New warehouse system",
                "type": "opportunity",
                "partner_id": cls.signer.partner_id.id,
                "user_id": cls.seller.id,
                "probability": 60,
                "expected_revenue": 60000,
                "date_deadline": cls.start,
                "psa_template_id": cls.env.ref("psa_contracts.sow_template_fixed_price").id,
            }
        )

    def test_from_opportunity_to_signed_sow_and_project(self):
        # 60 h of project management, 80 h, 200 h and 60 h behind the milestones
        self.assertEqual(self.lead.psa_forecast_hours, 400)

        self.start_tour(f"/odoo/crm/{self.lead.id}", "psa_contracts_story_sell", login="story.sales")
        order = self.lead.order_ids
        self.assertEqual((order.psa_kind, order.state), ("sow", "sent"))
        self.assertEqual(
            (order.partner_id, order.user_id, order.opportunity_id),
            (self.signer.partner_id, self.seller, self.lead),
        )
        # 60 h × 150, three milestones of 12,000, 24,000 and 12,000, and 10 h × 140 by the card
        self.assertEqual(order.amount_untaxed, 9000 + 48000 + 1400)
        self.assertEqual(
            (order.psa_date_start, order.psa_date_end), (self.start, self.start + timedelta(days=97))
        )
        self.assertFalse(order.project_ids)
        # the draft says it better than the template: 10 h more
        self.assertEqual(self.lead.psa_forecast_hours, 410)

        self.start_tour(order.get_portal_url(), "psa_contracts_story_sign", login="story.client")
        self.assertEqual((order.state, order.signed_by), ("sale", "Carla Client"))
        self.assertTrue(order.signature)
        self.assertEqual(order.amount_untaxed, 58400)
        self.assertFalse(self.lead.psa_pipeline_line_ids, "the SOW takes the place of the forecast")

        project = order.project_ids
        self.assertEqual(len(project), 1)
        self.assertEqual((project.date_start, project.date), (order.psa_date_start, order.psa_date_end))
        self.assertEqual(self._phases(project), self._expected_phases())
        milestones = project.milestone_ids.sorted(lambda milestone: milestone.sale_line_id.sequence)
        self.assertEqual(
            [(milestone.name, milestone.sale_line_id.price_subtotal) for milestone in milestones],
            [
                ("Solution design approved", 12000),
                ("Solution ready for acceptance", 24000),
                ("Go-live accepted", 12000),
            ],
        )
        copied = project.task_ids - order.order_line.task_id
        self.assertEqual(
            {(task.name, task.psa_phase_id.name) for task in copied},
            {
                ("Requirements workshops", "Design"),
                ("Solution design", "Design"),
                ("Configuration", "Build"),
                ("Internal test", "Build"),
                ("Training of key users", "Go-live"),
                ("Go-live and attendance", "Go-live"),
            },
        )

    def _phases(self, project):
        return [
            (phase.name, phase.date_start, phase.date_end, phase.budget_hours)
            for phase in project.psa_phase_ids
        ]

    def _expected_phases(self):
        def day(number) -> date:
            return self.start + timedelta(days=number)

        return [
            ("Design", day(0), day(20), 60 + 80),
            ("Build", day(21), day(76), 200),
            ("Go-live", day(77), day(97), 60 + 10),
        ]
