from datetime import date
from functools import partial

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tests.common import warmup

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02")
class TestRoleForecast(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.psa_forecast_probability = 50
        cls.template = cls.env["sale.order.template"].create(
            {
                "name": "Rollout",
                "psa_kind": "sow",
                "psa_duration": 60,
                "sale_order_template_line_ids": [
                    cls._section("Design", 0, 20),
                    cls._line(cls.architect, 40),
                    cls._section("Build", 20, 40),
                    cls._line(cls.developer, 100),
                ],
            }
        )
        cls.stage, cls.other_stage = cls.env["crm.stage"].create([{"name": "Proposal"}, {"name": "Talk"}])

    @classmethod
    def _section(cls, name, offset, days):
        return Command.create(
            {
                "display_type": "line_section",
                "name": name,
                "psa_start_offset": offset,
                "psa_duration": days,
            }
        )

    @classmethod
    def _line(cls, role, hours, model="time_material"):
        return Command.create({"psa_role_id": role.id, "psa_billing_model": model, "product_uom_qty": hours})

    @classmethod
    def _lead(cls, **values):
        """An opportunity of 60 % that would be delivered from April 1, 2026 on."""
        return cls.env["crm.lead"].create(
            {
                "name": "Rollout",
                "type": "opportunity",
                "partner_id": cls.client.id,
                "stage_id": cls.stage.id,
                "user_id": cls.sales.user_id.id,
                "probability": 60,
                "expected_revenue": 28000,
                "date_deadline": "2026-04-01",
                "psa_template_id": cls.template.id,
                **values,
            }
        )

    def _forecast(self, lead):
        """``[(role, month, hours, weighted hours)]`` of the forecast of ``lead``."""
        return [
            (line.role_id.name, line.month.month, line.hours, line.weighted_hours)
            for line in self.env["psa.pipeline.line"].search([("lead_id", "in", lead.ids)])
        ]

    def _total(self, lead):
        return round(sum(row[2] for row in self._forecast(lead)), 2)

    def test_the_delivery_is_expected_from_the_closing_for_as_long_as_the_template(self):
        lead = self._lead()
        self.assertEqual((lead.psa_date_start, lead.psa_date_end), (date(2026, 4, 1), date(2026, 5, 30)))
        lead.date_deadline = "2026-05-01"
        self.assertEqual((lead.psa_date_start, lead.psa_date_end), (date(2026, 5, 1), date(2026, 6, 29)))
        later = self._lead(date_deadline=False)
        self.assertEqual(later.psa_date_start, date(2026, 4, 1))  # 30 days from March 2
        self.assertFalse(self._lead(type="lead").psa_date_start)

    def test_the_service_template_is_that_of_the_team_else_of_the_company(self):
        of_company = self.template.copy({"name": "Of the company"})
        self.company.psa_template_id = of_company
        team = self.env["crm.team"].create({"name": "Rollouts", "psa_template_id": self.template.id})
        plain = self.env["crm.team"].create({"name": "Others"})
        Lead = self.env["crm.lead"]
        for sales_team, template in ((team, self.template), (plain, of_company)):
            lead = Lead.create({"name": "New", "type": "opportunity", "team_id": sales_team.id})
            self.assertEqual(lead.psa_template_id, template)
        self.assertEqual(self._lead(team_id=plain.id).psa_template_id, self.template)

    def test_a_likely_opportunity_forecasts_its_role_hours_by_itself(self):
        lead = self._lead()
        # Design: April 1 to 20, all in April; Build: April 21 to May 30, 8 of 29 weekdays in April
        self.assertEqual(
            self._forecast(lead),
            [
                ("Architect", 4, 40, 24),
                ("Developer", 4, 27.59, 16.55),
                ("Developer", 5, 72.41, 43.45),
            ],
        )
        self.assertEqual(lead.psa_forecast_hours, 140)
        design, april, may = lead.psa_pipeline_line_ids.sorted("date_start")
        self.assertEqual((design.date_start, design.date_end), (date(2026, 4, 1), date(2026, 4, 20)))
        self.assertEqual((may.date_start, may.date_end), (date(2026, 5, 1), date(2026, 5, 30)))
        # 28,000 for 140 h: 200 an hour
        self.assertEqual((design.amount, design.weighted_amount), (8000, 4800))
        self.assertEqual((april.amount, may.amount), (5518, 14482))
        self.assertEqual(
            (design.source, design.user_id, design.partner_id, design.company_id),
            ("template", self.sales.user_id, self.client, self.company),
        )

    def test_it_moves_with_the_opportunity(self):
        lead = self._lead()
        lead.probability = 80
        self.assertEqual(self._forecast(lead)[0], ("Architect", 4, 40, 32))
        lead.date_deadline = "2026-06-01"
        self.assertEqual(self._forecast(lead)[0], ("Architect", 6, 40, 32))
        self.template.sale_order_template_line_ids[1].product_uom_qty = 50
        lead.expected_revenue = 30000
        self.assertEqual(self._forecast(lead)[0], ("Architect", 6, 50, 40))
        lead.psa_date_end = "2026-06-30"  # half the time: Design June 1 to 10
        line = lead.psa_pipeline_line_ids.sorted("date_start")[0]
        self.assertEqual((line.date_start, line.date_end), (date(2026, 6, 1), date(2026, 6, 10)))
        lead.psa_template_id = False
        self.assertEqual(self._forecast(lead), [])

    def test_it_is_gone_when_the_opportunity_is_unlikely_lost_won_archived_or_a_lead(self):
        won = self.env["crm.stage"].create({"name": "Won!", "is_won": True})
        for change in (
            lambda lead: lead.write({"probability": 49}),
            lambda lead: lead.action_set_lost(),
            lambda lead: lead.write({"stage_id": won.id}),
            lambda lead: lead.action_archive(),
            lambda lead: lead.write({"type": "lead"}),
        ):
            lead = self._lead()
            self.assertEqual(len(self._forecast(lead)), 3)
            change(lead)
            self.assertEqual(self._forecast(lead), [])
        lost = self._lead()
        lost.action_set_lost()
        lost.action_restore()
        lost.probability = 70
        self.assertEqual(len(self._forecast(lost)), 3)
        lost.unlink()
        self.assertFalse(self.env["psa.pipeline.line"].search([("lead_id", "=", lost.id)]))

    def test_without_settings_nothing_is_forecast_and_a_new_setting_reaches_what_is_there(self):
        self.company.psa_forecast_probability = 0
        lead, marked = self._lead(), self._lead(probability=5, stage_id=self.other_stage.id)
        self.assertEqual(self._forecast(lead | marked), [])
        self.company.psa_forecast_by_stage = True
        self.assertEqual(self._forecast(lead | marked), [])
        self.other_stage.psa_forecast = True
        self.assertEqual(len(self._forecast(marked)), 3)
        self.assertEqual(self._forecast(lead), [])
        marked.stage_id = self.stage
        self.assertEqual(self._forecast(marked), [])
        self.company.write({"psa_forecast_by_stage": False, "psa_forecast_days": 30})
        self.assertEqual(len(self._forecast(lead)), 3)  # closing in 30 days
        self.company.psa_forecast_days = 29
        self.assertEqual(self._forecast(lead), [])

    def test_all_the_criteria_may_be_needed(self):
        self.company.write({"psa_forecast_days": 10, "psa_forecast_match": "all"})
        lead = self._lead()
        self.assertEqual(self._forecast(lead), [])
        lead.date_deadline = "2026-03-12"
        self.assertEqual(len(self._forecast(lead)), 3)

    def test_the_daily_run_follows_the_calendar(self):
        self.company.write({"psa_forecast_probability": 0, "psa_forecast_days": 10})
        lead = self._lead()
        self.assertEqual(self._forecast(lead), [])
        cron = self.env.ref("psa_contracts.psa_pipeline_cron")
        with freeze_time("2026-03-22"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self._forecast(lead)[0][:3], ("Architect", 4, 40))
        # not closed when it should have been: the work begins today at the earliest
        with freeze_time("2026-04-06"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        line = lead.psa_pipeline_line_ids.sorted("date_start")[0]
        self.assertEqual((line.date_start, line.date_end), (date(2026, 4, 6), date(2026, 4, 25)))

    def test_a_draft_sow_says_it_better_than_the_template(self):
        lead = self._lead()
        order = self._sow(
            self._phase("Plan", "2026-04-01", "2026-04-30"),
            self._hours(self.developer, 10),
            opportunity_id=lead.id,
        )
        self.assertEqual(self._forecast(lead), [("Developer", 4, 10, 6)])
        line = lead.psa_pipeline_line_ids
        self.assertEqual((line.source, line.amount), ("sow", 1200))
        order.order_line[1].product_uom_qty = 20
        self.assertEqual(self._forecast(lead), [("Developer", 4, 20, 12)])
        order.order_line[0].psa_date_end = "2026-05-31"
        self.assertEqual([row[1] for row in self._forecast(lead)], [4, 5])
        order.order_line[1].unlink()
        self.assertEqual(len(self._forecast(lead)), 3)
        self.assertEqual(lead.psa_pipeline_line_ids[0].source, "template")
        order.order_line = [self._hours(self.architect, 8)]
        self.assertEqual(self._total(lead), 8)
        order._action_cancel()
        self.assertEqual(self._total(lead), 140)

    def test_a_signed_sow_takes_the_place_of_the_forecast_and_says_so(self):
        lead = self._lead()
        order = self._sow(opportunity_id=lead.id)
        self.assertEqual(self._total(lead), 140)
        self._sign(order).with_user(self.sales.user_id).action_confirm()
        self.assertEqual(self._forecast(lead), [])
        self.assertIn(
            f"{order.name} is signed: it takes the place of the forecast of 140 h.",
            "".join(lead.message_ids.mapped("body")),
        )
        lead.probability = 90
        self.assertEqual(self._forecast(lead), [])
        order._action_cancel()
        self.assertEqual(len(self._forecast(lead)), 3)

    def test_a_sow_that_moves_to_another_opportunity_takes_its_hours_along(self):
        one, other = self._lead(), self._lead()
        order = self._sow(self._hours(self.developer, 10), opportunity_id=one.id)
        order.opportunity_id = other
        self.assertEqual(self._total(one), 140)
        self.assertEqual(self._total(other), 10)
        order.unlink()
        self.assertEqual(self._total(other), 140)

    def test_merged_opportunities_forecast_once(self):
        one, other = self._lead(psa_template_id=False), self._lead()
        merged = (one | other).merge_opportunity()
        self.assertEqual(merged.psa_template_id, self.template)
        self.assertEqual(self._total(one | other), 140)

    def test_sales_cause_the_forecast_and_cannot_write_it(self):
        lead = self._lead().with_user(self.sales.user_id)
        lead.probability = 90
        line = lead.psa_pipeline_line_ids[0]
        self.assertEqual(line.weighted_hours, 36)
        for attempt in (lambda: line.write({"hours": 1}), lambda: line.unlink(), lambda: line.copy()):
            with self.assertRaises(AccessError):
                attempt()

    def test_who_reads_the_forecast(self):
        line = self._lead().psa_pipeline_line_ids[0]
        mine = new_test_user(self.env, login="psa.mine", groups="sales_team.group_sale_salesman")
        Line = self.env["psa.pipeline.line"]
        self.assertFalse(Line.with_user(mine).search([("id", "=", line.id)]))
        line.lead_id.user_id = mine
        self.assertTrue(Line.with_user(mine).search([("id", "=", line.id)]))
        for_staffing = line.with_user(self.manager.user_id)
        self.assertEqual(for_staffing.hours, 40)
        with self.assertRaises(AccessError):
            for_staffing.read(["amount"])
        with self.assertRaises(AccessError):
            line.with_user(self.ann.user_id).read(["hours"])

    def test_the_forecast_of_one_company_is_not_that_of_another(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        lead = self._lead(company_id=other.id, user_id=False, team_id=False, partner_id=False)
        self.assertEqual(self._forecast(lead), [])  # the other company forecasts nothing
        other.psa_forecast_probability = 10
        self.assertEqual(lead.psa_pipeline_line_ids.company_id, other)
        self.assertFalse(
            self.env["psa.pipeline.line"].with_user(self.sales.user_id).search([("lead_id", "=", lead.id)])
        )

    def test_the_opportunity_hands_over_to_the_sow(self):
        tag = self.env["crm.tag"].create({"name": "Rollouts"})
        team = self.env["crm.team"].create({"name": "Rollouts"})
        person = self.env["res.partner"].create({"name": "Carla", "parent_id": self.client.id})
        lead = self._lead(tag_ids=tag.ids, team_id=team.id, partner_id=person.id, psa_date_end="2026-05-15")
        action = lead.with_user(self.sales.user_id).action_psa_new_sow()
        order = Form(
            self.env["sale.order"].with_user(self.sales.user_id).with_context(**action["context"])
        ).save()
        self.assertEqual(
            (order.opportunity_id, order.partner_id, order.team_id, order.user_id, order.tag_ids),
            (lead, person, team, self.sales.user_id, tag),
        )
        self.assertEqual((order.psa_date_start, order.psa_date_end), (date(2026, 4, 1), date(2026, 5, 15)))
        self.assertEqual(order.sale_order_template_id, self.template)
        # 40 h at 200 and 100 h at 120
        self.assertEqual(order.amount_untaxed, 20000)
        self.assertEqual(order.order_line[2].psa_date_start, date(2026, 4, 21))
        self.assertEqual(lead.psa_sow_count, 1)
        self.assertEqual(lead.action_psa_view_sows()["res_id"], order.id)
        self.assertEqual(lead.action_psa_view_forecast()["domain"], [("lead_id", "=", lead.id)])

    @warmup
    def test_moving_many_opportunities_costs_no_query_more_each(self):
        few = self.env["crm.lead"].union(*(self._lead() for _ in range(10)))
        many = self.env["crm.lead"].union(*(self._lead() for _ in range(100)))
        counts = [
            self._count_queries(partial(leads.write, {"psa_date_end": "2026-06-15"})) for leads in (few, many)
        ]
        # 30 and 300 forecast lines are rewritten; only the batches in which the ORM writes grow
        self.assertLess(counts[1] - counts[0], 10, counts)
