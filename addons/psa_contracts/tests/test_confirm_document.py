"""Who confirms a SOW that the client did not sign in the portal, and with what."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import SIGNATURE, PsaContractsCase


@tagged("post_install", "-at_install")
@freeze_time("2026-02-27")
class TestConfirmDocument(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls._person("boss", "sales_team.group_sale_manager")
        cls.contact = cls.env["res.partner"].create({"name": "Clara", "parent_id": cls.client.id})
        cls.order = cls._sow()
        cls.order.state = "sent"

    def _upload(self, name="po-4711.pdf", content=b"%PDF", user=None, **values):
        attachments = self.env["ir.attachment"].with_user(user or self.boss.user_id)
        return attachments.create(
            {"name": name, "raw": content, "res_model": "psa.confirm.document", **values}
        )

    def _wizard(self, order=None, user=None, **values):
        user = user or self.boss.user_id
        action = (order or self.order).with_user(user).action_psa_confirm_by_document()
        values = {"attachment_ids": self._upload(user=user).ids, "reference": "PO-4711", **values}
        return self.env[action["res_model"]].with_user(user).with_context(**action["context"]).create(values)

    def assert_nothing_happened(self, order=None):
        order = order or self.order
        self.assertEqual(order.state, "sent")
        self.assertFalse(order.psa_evidence_kind or order.psa_evidence_ids or order.client_order_ref)
        self.assertFalse(order.project_ids)

    # -- by document -----------------------------------------------------------------------

    def test_a_sales_manager_confirms_with_the_clients_purchase_order(self):
        self.assertTrue(self.order.psa_needs_document)
        wizard = self._wizard(kind="email", contact_id=self.contact.id, date_received="2026-02-26")
        wizard.action_confirm()
        order = self.order
        self.assertEqual((order.state, order.client_order_ref), ("sale", "PO-4711"))
        self.assertEqual((order.psa_evidence_kind, str(order.psa_evidence_date)), ("email", "2026-02-26"))
        self.assertEqual(
            (order.psa_evidence_contact_id, order.psa_confirmed_by_id), (self.contact, self.boss.user_id)
        )
        self.assertEqual(len(order.order_line.task_id.project_id), 1)
        message = order.message_ids[0]
        self.assertIn("E-Mail of 02/26/2026, received from Client Ltd, Clara", message.body)
        self.assertEqual(message.author_id, self.boss.user_id.partner_id)
        # colleagues who see the order see the document
        document = order.with_user(self.sales.user_id).psa_evidence_ids
        self.assertEqual(
            (document.name, document.res_model, document.res_id), ("po-4711.pdf", order._name, order.id)
        )

    def test_the_form_confirms_too(self):
        action = self.order.with_user(self.boss.user_id).action_psa_confirm_by_document()
        form = Form(
            self.env[action["res_model"]].with_user(self.boss.user_id).with_context(**action["context"])
        )
        self.assertEqual(form.contact_id, self.client)
        form.attachment_ids.add(self._upload())
        form.save().action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_without_a_file_or_with_a_wrong_one_nothing_changes(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        cases = {
            "attach the client's purchase order": {"attachment_ids": []},
            "attach the client's purchase order or": {"attachment_ids": self._upload(content=b"").ids},
            "will be received later": {"date_received": "2026-02-28"},
            "Stranger does not belong to the client": {"contact_id": stranger.id},
        }
        for message, values in cases.items():
            with self.subTest(message), self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                self._wizard(**values).action_confirm()
            self.assert_nothing_happened()

    def test_an_order_that_cannot_be_confirmed_keeps_no_document(self):
        self.order.psa_date_start = False
        with self.assertRaisesRegex(UserError, "no start date"), self.cr.savepoint():
            self._wizard().action_confirm()
        self.assert_nothing_happened()

    def test_a_document_of_another_record_is_copied_and_a_secret_one_refused(self):
        of_client = self._upload(res_model="res.partner", res_id=self.client.id)
        self._wizard(attachment_ids=of_client.ids).action_confirm()
        self.assertEqual((of_client.res_model, of_client.res_id), ("res.partner", self.client.id))
        self.assertNotEqual(self.order.psa_evidence_ids, of_client)
        secret = self.env["ir.attachment"].create({"name": "secret", "raw": b"x", "res_model": "ir.cron"})
        other = self._sow(state="sent")
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._wizard(other, attachment_ids=secret.ids).action_confirm()
        self.assertEqual(other.state, "sent")

    def test_a_confirmed_order_and_one_that_is_no_sow_are_not_for_it(self):
        stock = self.env["sale.order"].create({"partner_id": self.client.id})
        self.order.action_confirm()
        for order in (self.order, stock):
            with self.subTest(order.name), self.assertRaisesRegex(UserError, "nothing to confirm"):
                self._wizard(order).action_confirm()

    def test_the_order_cancelled_and_reopened_needs_a_document_again(self):
        self._wizard().action_confirm()
        order = self.order.with_user(self.boss.user_id)
        order._action_cancel()
        with self.assertRaisesRegex(UserError, "cancelled. Set it to draft first"):
            order.write({"state": "sale"})
        order.action_draft()
        self.assertFalse(self.order.psa_evidence_kind or self.order.psa_evidence_ids)
        self.assertTrue(self.order.psa_needs_document)
        self.assertEqual(
            self.env["ir.attachment"].search_count(
                [("res_id", "=", order.id), ("res_model", "=", order._name)]
            ),
            1,
        )

    # -- without the right -----------------------------------------------------------------

    def test_a_salesperson_neither_confirms_nor_opens_the_wizard(self):
        as_sales = self.order.with_user(self.sales.user_id)
        attempts = (
            as_sales.action_confirm,
            lambda: as_sales.write({"state": "sale"}),
            as_sales._validate_order,
        )
        for attempt in attempts:
            with self.assertRaisesRegex(UserError, "has not signed it.*Confirm by Document"):
                attempt()
        with self.assertRaises(AccessError):
            self._wizard(user=self.sales.user_id)
        self.assert_nothing_happened()

    def test_nor_does_a_sales_manager_without_a_document(self):
        with self.assertRaisesRegex(UserError, "has not signed it"):
            self.order.with_user(self.boss.user_id).action_confirm()
        self.assert_nothing_happened()

    def test_nobody_types_a_signature_or_a_document(self):
        for user in (self.sales.user_id, self.boss.user_id):
            for values in (
                {"signature": SIGNATURE, "signed_by": "Me", "signed_on": "2026-02-27"},
                {"psa_evidence_kind": "email"},
                {"psa_evidence_date": "2026-02-27"},
                {"psa_evidence_ids": [Command.create({"name": "x"})]},
                {"psa_confirmed_by_id": user.id},
            ):
                with self.subTest(user=user.login, values=list(values)), self.assertRaises(UserError):
                    self.order.with_user(user).write(values)
        self.assert_nothing_happened()
        self.assertFalse(self.order.signed_on)

    def test_a_sow_is_not_born_confirmed_or_signed(self):
        new = {"partner_id": self.client.id, "psa_kind": "sow"}
        for forged in ({"state": "sale"}, {"signed_on": "2026-02-27"}, {"psa_evidence_date": "2026-02-27"}):
            with (
                self.subTest(forged),
                self.assertRaisesRegex((UserError, AccessError), "sow|quotation|Access|rights"),
                self.cr.savepoint(),
            ):
                self.env["sale.order"].with_user(self.sales.user_id).create({**new, **forged})

    def test_a_signed_quotation_does_not_become_a_sow(self):
        quotation = (
            self.env["sale.order"]
            .with_user(self.sales.user_id)
            .create({"partner_id": self.client.id, "signed_on": "2026-02-27"})
        )
        with self.assertRaisesRegex(UserError, f"{quotation.name} is signed"):
            quotation.psa_kind = "sow"

    def test_a_line_on_a_project_or_task_does_not_confirm_a_sow(self):
        line = self.order.order_line[0]
        as_manager = self.project.with_user(self.manager.user_id)
        as_manager.sudo().write({"allow_billable": True, "partner_id": self.client.id})
        for record in (as_manager, self.task.with_user(self.manager.user_id)):
            with (
                self.subTest(record._name),
                self.assertRaisesRegex(UserError, f"{self.order.name} is not confirmed yet"),
                self.cr.savepoint(),
            ):
                record.write({"sale_line_id": line.id})
        self.assert_nothing_happened()

    # -- signed or paid in the portal ------------------------------------------------------

    def test_what_the_client_signed_anybody_in_sales_confirms(self):
        self._sign(self.order)
        self.assertFalse(self.order.psa_needs_document)
        self.order.with_user(self.sales.user_id).action_confirm()
        self.assertEqual((self.order.state, self.order.psa_evidence_kind), ("sale", False))

    def test_what_the_client_signed_is_not_edited_before_it_is_confirmed(self):
        self._sign(self.order)
        as_sales = self.order.with_user(self.sales.user_id)
        for record, values in (
            (as_sales, {"psa_cap_amount": 5}),
            (as_sales.order_line[0], {"price_unit": 999}),
            (as_sales, {"order_line": [self._hours(self.architect, 5)]}),
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, "is signed"), self.cr.savepoint():
                record.write(values)
        # the way out: back to a quotation, which loses the signature
        as_sales.action_draft()
        as_sales.order_line[0].price_unit = 210
        self.assertFalse(self.order.signed_on)

    def test_a_change_order_needs_the_same(self):
        self.order.action_confirm()
        change = self._change(self.order, self._hours(self.developer, 5))
        with self.assertRaisesRegex(UserError, "CO1: the client has not signed it"):
            change.with_user(self.sales.user_id).action_confirm()
        self.assertEqual(change.state, "draft")

    def test_a_company_may_do_without(self):
        self.env.company.psa_confirm_by_document = False
        self.assertFalse(self.order.psa_needs_document)
        self.order.with_user(self.sales.user_id).action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_other_orders_are_confirmed_as_ever(self):
        product = self.env["product.product"].create({"name": "Goods"})
        order = (
            self.env["sale.order"]
            .with_user(self.sales.user_id)
            .create(
                {"partner_id": self.client.id, "order_line": [Command.create({"product_id": product.id})]}
            )
        )
        order.write({"signed_by": "Typed"})
        order.action_confirm()
        order.order_line.price_unit = 3
        self.assertEqual((order.state, order.order_line.price_unit), ("sale", 3))

    def test_the_form_shows_each_the_buttons_that_they_need(self):
        def buttons(user):
            arch = (
                self.env["sale.order"]
                .with_user(user)
                .get_view(self.env.ref("sale.view_order_form").id, "form")["arch"]
            )
            return arch.count('name="action_psa_confirm_by_document"')

        self.assertEqual(buttons(self.boss.user_id), 2)
        self.assertEqual(buttons(self.sales.user_id), 0)
