"""Success fees, paying clients, agreements, cards and forecasts, written over RPC by who should not."""

from datetime import date
from functools import partial

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import PsaContractsCase

#: Own models that hold what a client pays or what people cost.
PRICED_MODELS = (
    "psa.agreement",
    "psa.agreement.terminate",
    "psa.change.lines",
    "psa.change.lines.line",
    "psa.confirm.document",
    "psa.payer.share",
    "psa.pipeline.line",
    "psa.rate.card",
    "psa.rate.card.line",
    "psa.rate.card.uplift",
    "psa.rate.card.uplift.line",
    "psa.success.fee",
    "sale.order.template",
    "sale.order.template.line",
)
#: Fields of ours that hold no figure of money; everything else with a figure or words has groups.
FREE_FIELDS = {
    "sale.order": {"psa_scope", "psa_deliverables", "psa_assumptions", "psa_acceptance_criteria"},
    "sale.order.line": {
        "psa_after_quantity",
        "psa_before_quantity",
        "psa_offered_quantity",
        "psa_retainer_hours",
    },
}


@tagged("post_install", "-at_install")
class TestContractIntruder(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._person("own", "sales_team.group_sale_salesman").user_id
        cls.boss = cls._person("boss", "sales_team.group_sale_manager").user_id
        cls.plain = new_test_user(cls.env, login="psa.plain", groups="base.group_user")
        cls.portal = new_test_user(cls.env, login="psa.portal", groups="base.group_portal")
        cls.portal.partner_id.parent_id = cls.client
        cls.draft = cls._sow(
            cls._hours(cls.developer, 10), cls._sold("success_fee", 5000, name="Savings"), user_id=cls.own.id
        )
        cls.signed = cls._sow(
            cls._hours(cls.developer, 10), cls._sold("success_fee", 9000, name="Growth"), user_id=cls.own.id
        )
        cls.foreign = cls._sow(user_id=cls.sales.user_id.id)
        cls.signed.action_confirm()

    def assert_refused(self, attempt, message=""):
        with self.assertRaisesRegex((AccessError, UserError, ValidationError), message), self.cr.savepoint():
            attempt()

    # -- who reads what --------------------------------------------------------------------

    def test_people_who_sell_nothing_read_no_priced_model(self):
        for user in (self.portal, self.plain, self.ann.user_id):
            for model in PRICED_MODELS:
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(self.env[model].with_user(user).has_access("read"))

    def test_every_own_figure_on_what_project_people_and_clients_read_has_groups(self):
        for model in (
            "sale.order",
            "sale.order.line",
            "project.project",
            "project.task",
            "psa.phase",
            "project.role",
            "project.milestone",
            "account.analytic.line",
            "res.partner",
        ):
            fields = self.env[model]._fields
            ours = [
                name
                for name, field in fields.items()
                if (name.startswith("psa_") or model.startswith("psa."))
                and (field.type == "monetary" or model.startswith("sale") and field.type in ("float", "html"))
            ]
            for name in set(ours) - FREE_FIELDS.get(model, set()):
                with self.subTest(model=model, field=name):
                    self.assertTrue(fields[name].groups)

    def test_figures_are_not_grouped_filtered_or_sorted_by_people_who_may_not_read_them(self):
        for user in (self.portal, self.manager.user_id):
            for model, name in (
                ("sale.order", "psa_cap_amount"),
                ("sale.order.line", "psa_card_price"),
                ("sale.order.line", "psa_cap_change"),
            ):
                as_user = self.env[model].with_user(user)
                with self.subTest(user=user.login, field=name):
                    self.assert_refused(partial(as_user.search, [(name, ">", 1)]))
                    self.assert_refused(partial(as_user.search, [], order=name))
                    self.assert_refused(partial(as_user.formatted_read_group, [], [], [f"{name}:sum"]))
                    self.assert_refused(partial(as_user.search_read, [], [name], limit=1))

    # -- success fees ----------------------------------------------------------------------

    def test_a_success_fee_does_not_move_to_another_kind_of_line(self):
        fee = self.draft.psa_success_fee_ids.with_user(self.own)
        hours = self.signed.order_line[0]
        self.assert_refused(lambda: fee.write({"sale_line_id": hours.id}), "is no success fee")
        self.assert_refused(
            lambda: fee.create({"sale_line_id": self.draft.order_line[0].id}), "is no success fee"
        )
        self.assertFalse(hours.psa_success_fee_ids)

    def test_nobody_approves_what_they_claimed_or_writes_its_state(self):
        fee = self.signed.psa_success_fee_ids
        evidence = self.env["ir.attachment"].with_user(self.boss).create({"name": "Report", "raw": b"x"})
        as_boss = fee.with_user(self.boss)
        as_boss.write({"result_date": "2026-05-01", "evidence_ids": [Command.link(evidence.id)]})
        as_boss.action_claim()
        self.assert_refused(as_boss.action_approve, "You claimed")
        for user in (self.own, self.manager.user_id, self.plain, self.portal):
            for attempt in (
                fee.with_user(user).action_approve,
                lambda user=user: fee.with_user(user).write({"state": "approved"}),
                lambda user=user: fee.with_user(user).write({"claimed_by_id": self.own.id}),
                fee.with_user(user).unlink,
            ):
                with self.subTest(user.login):
                    self.assert_refused(attempt)
        self.assertEqual((fee.state, fee.sale_line_id.price_unit), ("claimed", 9000))

    # -- paying clients --------------------------------------------------------------------

    def test_no_fee_and_no_agreement_is_born_decided_by_a_default(self):
        """The defaults that a user keeps count also in what is made for them in sudo."""
        defaults = self.env["ir.default"].with_user(self.own)
        defaults.set("psa.success.fee", "state", "approved", user_id=self.own.id)
        defaults.set("psa.agreement", "state", "active", user_id=self.own.id)
        line = (
            self.env["sale.order.line"]
            .with_user(self.own)
            .create(
                {
                    "order_id": self.draft.id,
                    "psa_billing_model": "success_fee",
                    "name": "Forged",
                    "price_unit": 9000,
                }
            )
        )
        self.assertEqual(line.sudo().psa_success_fee_ids.state, "agreed")
        agreement = (
            self.env["psa.agreement"]
            .with_user(self.own)
            .create({"name": "Forged", "partner_id": self.client.id})
        )
        self.assertEqual(agreement.state, "draft")

    def test_shares_do_not_move_to_orders_of_others(self):
        share = self.env["psa.payer.share"].with_user(self.own)
        values = {"partner_id": self.client.id, "share": 100}
        own = share.create({"order_id": self.draft.id, **values})
        for order in (self.foreign, self.signed):
            with self.subTest(order.name):
                self.assert_refused(lambda order=order: own.write({"order_id": order.id}))
                self.assert_refused(lambda order=order: share.create({"order_id": order.id, **values}))
        self.assertEqual(own.order_id, self.draft)

    # -- agreements, cards, templates, forecast, settings ----------------------------------

    def test_states_of_agreements_move_by_sales_managers_only(self):
        agreement = self._agreement("draft")
        for user in (self.own, self.manager.user_id, self.plain, self.portal):
            as_user = agreement.with_user(user)
            for attempt in (
                as_user.action_activate,
                as_user.action_stop_renewal,
                as_user.action_reopen,
                as_user.action_terminate,
                lambda as_user=as_user: as_user.write({"state": "active"}),
                as_user.unlink,
                lambda user=user: (
                    self.env["psa.agreement.terminate"]
                    .with_user(user)
                    .create({"agreement_id": agreement.id, "date": date(2026, 3, 1), "reason": "x"})
                    .action_terminate()
                ),
            ):
                with self.subTest(user.login):
                    self.assert_refused(attempt)
        self.assertEqual(agreement.state, "draft")

    def test_cards_templates_and_forecasts_are_not_written_by_salespeople(self):
        template = self.env["sale.order.template"].create({"name": "Audit", "psa_kind": "sow"})
        lead = self.env["crm.lead"].create({"name": "Deal", "type": "opportunity"})
        forecast = self.env["psa.pipeline.line"].create(
            {
                "lead_id": lead.id,
                "role_id": self.developer.id,
                "month": "2026-03-01",
                "date_start": "2026-03-01",
                "date_end": "2026-03-31",
                "hours": 10,
                "amount": 1200,
                "source": "template",
                "company_id": self.env.company.id,
            }
        )
        for user in (self.own, self.boss, self.manager.user_id, self.portal):
            attempts = [
                lambda user=user: forecast.with_user(user).write({"hours": 1}),
                forecast.with_user(user).unlink,
                lambda user=user: self.card.with_user(user).copy(),
                lambda user=user: (
                    self.env["psa.rate.card.uplift"]
                    .with_user(user)
                    .create({"card_ids": [Command.set(self.card.ids)]})
                ),
            ]
            if user != self.boss:
                attempts += [
                    lambda user=user: template.with_user(user).write({"name": "Mine"}),
                    self.draft.with_user(user).action_psa_save_as_template,
                    lambda user=user: (
                        self.env["res.config.settings"]
                        .with_user(user)
                        .create({"psa_confirm_by_document": False})
                        .execute()
                    ),
                ]
            for number, attempt in enumerate(attempts):
                with self.subTest(user=user.login, attempt=number):
                    self.assert_refused(attempt)
        as_planner = forecast.with_user(self.manager.user_id)
        self.assertEqual(as_planner.hours, 10)
        for name in ("amount", "weighted_amount"):
            with self.subTest(name), self.assertRaises(AccessError):
                as_planner.read([name])
