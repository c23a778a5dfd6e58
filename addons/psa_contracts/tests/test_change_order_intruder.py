"""What people do with change orders over RPC that no screen lets them do."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestChangeOrderIntruder(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # sees and writes their own orders only
        cls.own = cls._person("own", "sales_team.group_sale_salesman").user_id
        cls.foreign = cls._sow(
            cls._phase("Secret", "2026-03-01", "2026-03-31"),
            cls._hours(cls.architect, 40),
            user_id=cls.sales.user_id.id,
        )
        cls.mine = cls._sow(
            cls._phase("Build", "2026-03-01", "2026-03-31"),
            cls._hours(cls.developer, 100),
            user_id=cls.own.id,
        )
        (cls.foreign | cls.mine).action_confirm()
        cls.secret, cls.foreign_line = cls.foreign.order_line
        cls.build, cls.line = cls.mine.order_line
        cls.change = cls._change(cls.mine)
        cls.as_own = cls.change.with_user(cls.own)

    def _crafted(self, user, sow, **values):
        return (
            self.env["sale.order"]
            .with_user(user)
            .create(
                {
                    "partner_id": self.client.id,
                    "psa_kind": "change_order",
                    "psa_parent_id": sow.id,
                    "user_id": user.id,
                    **values,
                }
            )
        )

    def assert_refused(self, attempt, message=""):
        with self.assertRaisesRegex((AccessError, UserError, ValidationError), message), self.cr.savepoint():
            attempt()

    # -- whose contract it is --------------------------------------------------------------

    def test_nobody_amends_a_contract_that_they_cannot_read(self):
        as_own = self.foreign.with_user(self.own)
        self.assert_refused(as_own.action_psa_change_order)
        number = self.foreign.psa_change_number
        for values in ({}, {"name": "Mine"}):
            with self.subTest(values):
                self.assert_refused(lambda values=values: self._crafted(self.own, self.foreign, **values))
        self.assertEqual(self.foreign.psa_change_number, number)
        self.assertFalse(self.foreign.psa_change_ids)

    def test_a_change_order_stays_with_its_contract(self):
        other = self._sow(user_id=self.own.id)
        other.action_confirm()
        for values in (
            {"psa_parent_id": other.id},
            {"psa_parent_id": self.foreign.id},
            {"psa_parent_id": False, "psa_kind": "sow"},
            {"psa_parent_id": False, "psa_kind": False},
        ):
            with self.subTest(values):
                self.assert_refused(lambda values=values: self.as_own.write(values))
        quotation = self.env["sale.order"].with_user(self.own).create({"partner_id": self.client.id})
        self.assert_refused(
            lambda: quotation.write({"psa_kind": "change_order", "psa_parent_id": self.mine.id}),
            "Start it there",
        )
        self.assertEqual((self.change.psa_parent_id, self.change.psa_kind), (self.mine, "change_order"))

    def test_a_change_order_is_not_created_confirmed(self):
        for values in (
            {"state": "sale"},
            {"signed_on": "2026-03-01 10:00:00"},
            {"psa_evidence_date": "2026-03-01"},
        ):
            with self.subTest(values):
                self.assert_refused(lambda values=values: self._crafted(self.own, self.mine, **values))

    # -- lines -----------------------------------------------------------------------------

    def test_lines_of_other_contracts_are_neither_amended_nor_continued(self):
        for values in (
            {"psa_amends_line_id": self.foreign_line.id},
            {"psa_amends_line_id": self.secret.id},
            {"psa_group_line_id": self.foreign_line.id, "psa_role_id": self.architect.id},
            {"psa_group_line_id": self.line.id, "psa_role_id": self.developer.id, "price_unit": 1},
            {"psa_amends_line_id": self.line.id, "psa_group_line_id": self.foreign_line.id},
        ):
            with self.subTest(values):
                self.assert_refused(
                    lambda values=values: self.as_own.write({"order_line": [Command.create(values)]})
                )
        self.as_own.write({"order_line": [self._amend(self.line, 5)]})
        line = self.as_own.order_line
        self.assert_refused(lambda: line.write({"psa_group_line_id": self.foreign_line.id}))
        self.assertEqual(line.psa_group_line_id, self.line)
        self.assertEqual(self.foreign_line._psa_group_members()[self.foreign_line], self.foreign_line)

    def test_why_a_price_is_so_is_not_typed(self):
        self.as_own.write({"order_line": [self._hours(self.developer, 5)]})
        line = self.as_own.order_line
        for values in (
            {"psa_card_price": 80, "price_unit": 80},
            {"psa_card_reason": "Standard, row 1"},
            {"psa_rate_reason": "Standard, row 1"},
        ):
            with self.subTest(values):
                self.assert_refused(lambda values=values: line.write(values))
                self.assert_refused(
                    lambda values=values: self.as_own.write(
                        {"order_line": [self._hours(self.developer, 5, **values)]}
                    )
                )
        self.assertEqual((line.psa_card_price, line.price_unit), (120, 120))

    def test_a_phase_of_another_project_is_neither_renamed_nor_deleted(self):
        phase = self.secret.psa_phase_id
        draft = self._sow(user_id=self.own.id)
        for order in (draft, self.change):
            section = Command.create(
                {"display_type": "line_section", "name": "Hijacked", "psa_phase_id": phase.id}
            )
            with self.subTest(order.name):
                self.assert_refused(
                    lambda order=order, section=section: order.with_user(self.own).write(
                        {"order_line": [section]}
                    )
                )
        self.as_own.write({"order_line": [self._phase("Hijacked")]})
        self.assert_refused(lambda: self.as_own.order_line.write({"psa_phase_id": phase.id}))
        self.assertEqual(phase.name, "Secret")

    def test_a_task_of_another_project_is_not_deleted_with_a_change_order(self):
        task = self.foreign_line.task_id
        self.as_own.write({"order_line": [self._hours(self.developer, 5)]})
        self.as_own.order_line.task_id = task
        self.change.action_confirm()
        self.as_own._action_cancel()
        self.assertTrue(task.exists())

    # -- the wizard ------------------------------------------------------------------------

    def _wizard(self, order, head, **values):
        return (
            self.env["psa.change.lines"]
            .with_user(self.own)
            .create({"order_id": order.id, "line_ids": [Command.create({"head_id": head.id, **values})]})
        )

    def test_the_wizard_tells_and_changes_nothing_of_other_contracts(self):
        self._log_on(self.foreign_line, self.ann, 17)
        wizard = self._wizard(self.change, self.foreign_line, name="x", unit="h", quantity=40, new_quantity=1)
        self.assert_refused(wizard.action_apply, "changes the lines of its own statement of work only")
        self.assert_refused(self._wizard(self.foreign, self.foreign_line, new_quantity=9).action_apply)
        self.assert_refused(self._wizard(self.mine, self.line, new_quantity=9).action_apply)
        with self.assertRaises(AccessError):
            self.env["psa.change.lines"].with_user(self.own).with_context(
                default_order_id=self.foreign.id
            ).default_get(["order_id", "line_ids"])

    def test_what_colleagues_typed_into_the_wizard_is_theirs(self):
        wizard = (
            self.env["psa.change.lines"]
            .with_user(self.sales.user_id)
            .create(
                {
                    "order_id": self.change.id,
                    "line_ids": [Command.create({"head_id": self.line.id, "price": 120})],
                }
            )
        )
        for records in (wizard, wizard.line_ids):
            with self.subTest(records._name), self.assertRaises(AccessError):
                records.with_user(self.own).read(["display_name"])

    def test_those_who_see_their_own_orders_only_work_with_the_whole_contract(self):
        colleagues = self._change(self.mine, self._amend(self.line, 50), user_id=self.sales.user_id.id)
        colleagues.action_confirm()
        self.as_own.invalidate_recordset()
        wizard = (
            self.env["psa.change.lines"].with_user(self.own).with_context(default_order_id=self.change.id)
        )
        row = wizard.create({}).line_ids
        self.assertEqual(row.quantity, 150)
        row.new_quantity = 130
        row.wizard_id.action_apply()
        line = self.as_own.order_line
        self.env.invalidate_all()
        self.assertEqual(
            (line.product_uom_qty, line.psa_before_quantity, line.psa_after_quantity), (-20, 150, 130)
        )

    # -- states ----------------------------------------------------------------------------

    def test_states_change_by_the_buttons_only(self):
        self.as_own.write({"order_line": [self._amend(self.line, -100)]})
        self._log_on(self.line, self.ann, 30)
        self.assert_refused(self.as_own.action_confirm, "would be cut")
        self.assert_refused(lambda: self.as_own.write({"state": "sale"}))
        draft = self._sow(user_id=self.own.id).with_user(self.own)
        self.assert_refused(lambda: draft.write({"state": "sale"}))
        self.assert_refused(lambda: self.mine.with_user(self.own).write({"state": "cancel"}))
        self.assertEqual((self.change.state, draft.state, self.mine.state), ("draft", "draft", "sale"))

    def test_the_proof_of_the_client_does_not_come_in_by_a_plain_quotation(self):
        quotation = self.env["sale.order"].with_user(self.own).create({"partner_id": self.client.id})
        self.assert_refused(lambda: quotation.write({"psa_evidence_date": "2026-03-01"}))
        self.assert_refused(
            lambda: (
                self.env["sale.order"]
                .with_user(self.own)
                .create({"partner_id": self.client.id, "psa_evidence_date": "2026-03-01"})
            )
        )

    def test_reopening_a_draft_that_one_may_not_write_does_nothing(self):
        draft = self._sow(user_id=self.sales.user_id.id)
        draft.sudo().psa_evidence_kind = "email"
        draft.with_user(self.manager.user_id).action_draft()
        self.assertEqual(draft.psa_evidence_kind, "email")

    # -- people who sell nothing -----------------------------------------------------------

    def test_people_of_the_client_and_of_delivery_change_nothing(self):
        client = new_test_user(self.env, login="psa.client", groups="base.group_portal")
        client.partner_id.parent_id = self.client
        plain = new_test_user(self.env, login="psa.plain", groups="base.group_user")
        biller = new_test_user(self.env, login="psa.biller", groups="account.group_account_invoice")
        number = self.mine.psa_change_number
        for user in (client, plain, biller, self.ann.user_id, self.manager.user_id):
            attempts = {
                "make": lambda user=user: self.mine.with_user(user).action_psa_change_order(),
                "craft": lambda user=user: self._crafted(user, self.mine, name="CO"),
                "confirm": lambda user=user: self.change.with_user(user).action_confirm(),
                "cancel": lambda user=user: self.change.with_user(user).action_cancel(),
                "amend": lambda user=user: (
                    self.env["sale.order.line"]
                    .with_user(user)
                    .create({"order_id": self.change.id, "psa_amends_line_id": self.line.id})
                ),
                "wizard": lambda user=user: (
                    self.env["psa.change.lines"].with_user(user).create({"order_id": self.change.id})
                ),
                "template": lambda user=user: self.mine.with_user(user).action_psa_save_as_template(),
            }
            if user == biller:  # the host lets those who invoice write orders
                attempts.pop("confirm"), attempts.pop("cancel")
            for name, attempt in attempts.items():
                with self.subTest(user=user.login, attempt=name):
                    self.assert_refused(attempt)
        self.assertEqual((self.mine.psa_change_number, self.change.state), (number, "draft"))

    def test_the_client_does_not_read_what_is_planned_behind_a_price(self):
        client = new_test_user(self.env, login="psa.client", groups="base.group_portal")
        client.partner_id.parent_id = self.client
        secret = {self.line: ("psa_effort_hours", "psa_cap_change", "psa_card_price", "psa_cost_amount")}
        secret[self.mine] = ("psa_change_summary", "psa_original_amount", "psa_cap_change", "psa_cost_amount")
        for record, names in secret.items():
            for name in names:
                with self.subTest(name), self.assertRaises(AccessError):
                    record.with_user(client).read([name])
