"""What was signed stays, whoever writes by RPC; what was not signed goes on being the host's."""

from types import SimpleNamespace

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import PsaContractsCase

#: Written by confirming and by sudo paths only, computed, or another view of the lines: no value to try.
NOT_TYPED = {"one2many", "many2many"}


@tagged("post_install", "-at_install")
class TestSignedGuards(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls._person("boss", "sales_team.group_sale_manager")
        cls.order = cls._sow(
            cls._phase("Design"), cls._hours(cls.architect, 40), cls._hours(cls.developer, 100)
        )
        cls.order.action_confirm()
        cls.section, cls.line, cls.other = cls.order.order_line

    def assert_refused(self, write, message="is signed"):
        with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
            write()

    def _own_fields(self, record):
        return [
            name
            for name, field in record._fields.items()
            if name.startswith("psa_") and field.store and field.type not in NOT_TYPED
        ]

    def test_every_own_field_of_a_signed_sow_is_locked_also_those_of_addons_to_come(self):
        for record in (self.order, self.line, self.section):
            names = self._own_fields(record)
            self.assertGreater(len(names), 5)
            for name in names:
                for user in (self.sales.user_id, self.boss.user_id):
                    with self.subTest(model=record._name, field=name, user=user.login):
                        self.assert_refused(
                            lambda record=record, user=user, name=name: record.with_user(user).write(
                                {name: False}
                            ),
                            "is signed|cannot be written",
                        )

    def test_a_field_is_free_where_an_addon_says_so(self):
        self.patch(type(self.order), "_psa_free_fields", lambda orders: {"psa_cap_amount"})
        self.patch(type(self.line), "_psa_free_fields", lambda lines: {"psa_cap_amount"})
        for record in (self.order, self.line):
            record.with_user(self.sales.user_id).psa_cap_amount = 7
            self.assertEqual(record.psa_cap_amount, 7)

    def test_the_message_names_what_was_tried_and_the_way_out(self):
        self.assert_refused(
            lambda: self.order.with_user(self.sales.user_id).write({"psa_cap_amount": 5}),
            rf"{self.order.name} is signed.*\(Cap\): agree on a change order",
        )
        self.assert_refused(
            lambda: self.line.with_user(self.sales.user_id).write({"price_unit": 5, "discount": 3}),
            rf"{self.order.name} is signed.*\(Disc.*, Unit Price\): agree on a change order",
        )
        self.assert_refused(
            lambda: self.line.with_user(self.sales.user_id).write({"tax_ids": [Command.clear()]}),
            rf"{self.order.name} is signed.*\(Tax.*\): a change order takes off and adds at the tax of",
        )

    def test_what_runs_bill_by_is_not_typed(self):
        """The host computes the currency and what is left to invoice, and takes other values by RPC: work was
        sold in another currency, or a milestone billed seven times."""
        seller = self.sales.user_id
        other = self._other_currency(("2026-01-01", 0.5))
        sow = self._sow(self._sold("milestone", 5000, psa_role_id=self.architect.id, name="Go-live"))
        sow.action_confirm()
        self.assert_refused(lambda: sow.with_user(seller).write({"currency_id": other.id}))
        for name in ("qty_to_invoice", "qty_invoiced", "qty_delivered"):
            with self.subTest(name):
                self.assert_refused(lambda name=name: sow.order_line.with_user(seller).write({name: 7}))
        draft = self._sow()
        draft.with_user(seller).write({"currency_id": other.id})
        self.assertEqual(draft.currency_id, other)

    def test_prices_quantities_and_products_of_its_lines_are_locked(self):
        before = self.line.read(["price_unit", "product_uom_qty", "discount", "product_id"])
        other = self.env["product.product"].create({"name": "Other"})
        for values in (
            {"price_unit": 1},
            {"product_uom_qty": 1},
            {"discount": 10},
            {"product_id": other.id},
            {"tax_ids": [Command.clear()]},
            {"product_uom_id": self.env.ref("uom.product_uom_day").id},
            {"is_downpayment": True},
            {"is_expense": True},
            {"display_type": "line_note"},
        ):
            with self.subTest(values):
                self.assert_refused(
                    lambda values=values: self.line.with_user(self.sales.user_id).write(values)
                )
                self.assert_refused(
                    lambda values=values: self.order.with_user(self.sales.user_id).write(
                        {"order_line": [Command.update(self.line.id, values)]}
                    )
                )
        self.assertEqual(self.line.read(["price_unit", "product_uom_qty", "discount", "product_id"]), before)

    def test_its_lines_are_neither_added_nor_removed_nor_moved(self):
        as_sales = self.order.with_user(self.sales.user_id)
        draft = self._sow()
        attempts = {
            "add": lambda: as_sales.write({"order_line": [self._hours(self.developer, 5)]}),
            "add a phase": lambda: as_sales.write({"order_line": [self._phase("Extra")]}),
            "remove the phase": self.section.with_user(self.sales.user_id).unlink,
            "move in": lambda: draft.order_line.with_user(self.sales.user_id).write(
                {"order_id": self.order.id}
            ),
            "move out": lambda: self.line.with_user(self.sales.user_id).write({"order_id": draft.id}),
        }
        for name, attempt in attempts.items():
            with self.subTest(name):
                self.assert_refused(attempt)
        self.assertEqual(self.order.order_line, self.section | self.line | self.other)

    def test_client_pricelist_and_company_are_part_of_what_was_signed(self):
        rival = self.env["res.partner"].create({"name": "Rival"})
        for values in (
            {"partner_id": rival.id},
            {"pricelist_id": False},
            {"company_id": self.env.company.id},
        ):
            with self.subTest(values):
                self.assert_refused(
                    lambda values=values: self.order.with_user(self.sales.user_id).write(values)
                )

    def test_the_day_on_which_it_was_signed_stays(self):
        """It says which change order came last, and by which exchange rate the SOW counts under a cap."""
        before = self.order.date_order
        as_sales = self.order.with_user(self.sales.user_id)
        self.assert_refused(lambda: as_sales.write({"date_order": "2026-01-01 00:00:00"}), "is signed")
        self.assert_refused(
            lambda: as_sales.write({"date_order": "2026-01-01 00:00:00", "state": "sale"}), "is signed"
        )
        self.assertEqual(self.order.date_order, before)

    def test_a_signed_sow_is_not_unsigned(self):
        self._sign(self.order)
        as_boss = self.order.with_user(self.boss.user_id)
        self.assert_refused(lambda: as_boss.write({"signature": False}), "cannot be written")
        self.assert_refused(lambda: as_boss.write({"state": "draft"}), "Cancel it first")
        as_boss._action_cancel()
        as_boss.action_draft()
        self.assertFalse(self.order.signature)

    def test_notes_delivered_quantities_and_what_was_not_signed_stay_free(self):
        as_sales = self.order.with_user(self.sales.user_id)
        note = Command.create({"display_type": "line_note", "name": "Ask for Eva"})
        as_sales.write({"order_line": [note], "client_order_ref": "PO-1", "note": "Hello"})
        as_sales.order_line[-1].unlink()
        self.line.with_user(self.sales.user_id).name = "Architecture, in short"
        self.assertEqual(self.order.client_order_ref, "PO-1")

    def test_down_payments_and_expenses_are_the_hosts(self):
        product = self.env["product.product"].create({"name": "Trip", "type": "service"})
        as_sales = self.order.with_user(self.sales.user_id)
        for kind in ("is_downpayment", "is_expense"):
            values = {"product_id": product.id, kind: True, "product_uom_qty": 0, "price_unit": 10}
            as_sales.write({"order_line": [Command.create(values)]})
            line = as_sales.order_line[-1]
            line.price_unit = 12
            self.assertEqual(line.price_unit, 12)

    def test_a_cancelled_sow_that_nobody_signed_is_free_again(self):
        as_sales = self.order.with_user(self.sales.user_id)
        as_sales._action_cancel()
        as_sales.action_draft()
        as_sales.order_line.filtered("psa_role_id")[0].discount = 5
        as_sales.psa_cap_amount = 9
        self.assertEqual((self.line.discount, self.order.psa_cap_amount), (5, 9))

    # -- who sees what it costs ------------------------------------------------------------

    def test_caps_documents_and_warnings_are_for_sales_and_accounting(self):
        client = new_test_user(self.env, login="psa.client", groups="base.group_portal")
        client.partner_id.parent_id = self.client
        biller = new_test_user(self.env, login="psa.biller", groups="account.group_account_invoice")
        secret = {
            self.order: (
                "psa_cap_amount",
                "psa_agreement_warning",
                "psa_evidence_ids",
                "psa_evidence_kind",
                "psa_payer_ids",
            ),
            self.line: ("psa_cap_amount", "psa_rate_reason"),
        }
        for record, names in secret.items():
            for name in names:
                for user in (client, self.ann.user_id, self.manager.user_id):
                    with self.subTest(field=name, user=user.login), self.assertRaises(AccessError):
                        record.with_user(user).read([name])
                for user in (self.sales.user_id, biller):
                    record.with_user(user).read([name])

    def test_only_rate_managers_write_cards(self):
        rate = self.card.line_ids[0]
        for user in (self.sales.user_id, self.boss.user_id, self.manager.user_id):
            for attempt in (
                lambda user=user: self.card.with_user(user).write({"name": "Mine"}),
                lambda user=user: rate.with_user(user).write({"price": 1}),
                rate.with_user(user).unlink,
            ):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    attempt()
        self.assertEqual(rate.price, 200)

    def test_the_order_form_opens_for_everybody_who_may_read_it(self):
        for user in (self.sales.user_id, self.boss.user_id, self.manager.user_id):
            self.env["sale.order"].with_user(user).get_views([(False, "form"), (False, "list")])
            view = self.env.ref("sale.view_order_form")
            with self.subTest(user.login):
                arch = self.env["sale.order"].with_user(user).get_view(view.id, "form")["arch"]
                self.assertEqual("psa_agreement_warning" in arch, user != self.manager.user_id)
                for own in ('name="action_cancel"', 'id="quotation_send"', 'name="action_view_invoice"'):
                    self.assertEqual(own in arch, user != self.manager.user_id)

    def test_a_signed_sow_opens_for_project_people(self):
        """With its end and how many invoices there are, of which they may read none."""
        self.order.psa_date_end = "2026-12-31"
        self.env.invalidate_all()
        order = self.order.with_user(self.manager.user_id)
        form = Form(order, "psa_contracts.sow_view_form")
        self.assertEqual((form.name, order.invoice_count), (self.order.name, 0))
        self.assertEqual(str(order.psa_current_date_end), "2026-12-31")
        with self.assertRaises(AccessError):
            order.read(["psa_current_amount"])

    def test_what_other_apps_count_keeps_no_sow_closed(self):
        """Fields of sale_loyalty, event_sale and sale_stock are computed as superuser."""
        seen = []
        order, line = self.order, self.order.order_line[:1]
        for record, name, as_superuser in (
            (order, "gift_card_count", True),
            (order, "loyalty_data", True),
            (order, "attendee_count", True),
            (order, "delivery_count", True),
            (order, "amount_total", False),
            (line, "product_updatable", True),
            (line, "event_booth_pending_ids", True),
            (line, "price_total", False),
        ):
            field = SimpleNamespace(
                name=name, store=False, compute=lambda records: seen.append(records.env.su)
            )
            record.with_user(self.manager.user_id)._compute_field_value(field)
            with self.subTest(record._name, field=name):
                self.assertEqual(seen.pop(), as_superuser)
