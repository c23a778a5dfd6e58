"""The client accepts milestones: recorded by the project manager, or given in the portal."""

import base64

from odoo import Command, fields, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PsaContractsCase


class AcceptanceCase(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pm = new_test_user(cls.env, login="psa.pm", groups="psa_project.group_psa_project_manager")
        cls.order = cls._sold_milestone()
        cls.line = cls.order.order_line
        cls.milestone = cls._milestone_of(cls.order)

    @classmethod
    def _sold_milestone(cls, accepts=True, **values):
        order = cls._sow(
            Command.create(
                {
                    "psa_role_id": cls.developer.id,
                    "psa_billing_model": "milestone",
                    "product_uom_qty": 1,
                    "price_unit": 5000,
                    "tax_ids": [Command.clear()],
                }
            ),
            psa_milestone_acceptance=accepts,
            **values,
        )
        order.action_confirm()
        return order

    @classmethod
    def _milestone_of(cls, order):
        milestone = cls.env["project.milestone"].search([("sale_line_id", "in", order.order_line.ids)])
        milestone.name = "Go-live"
        return milestone

    def _accept(self, user=None, **values):
        milestone = self.milestone.with_user(user or self.pm)
        wizard = (
            milestone.env["psa.accept.milestone"]
            .with_context(**milestone.action_psa_accept()["context"])
            .create(values)
        )
        wizard.action_apply()

    def assert_acceptance(self, acceptance, delivered):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((self.milestone.psa_acceptance, self.line.qty_delivered), (acceptance, delivered))


@tagged("post_install", "-at_install")
class TestMilestoneAcceptance(AcceptanceCase):
    def test_a_reached_milestone_is_delivered_when_it_is_accepted(self):
        self.milestone.is_reached = True
        self.assert_acceptance("waits", 0)
        file = (
            self.env["ir.attachment"]
            .with_user(self.pm)
            .create({"name": "mail.eml", "datas": base64.b64encode(b"We accept.")})
        )
        self._accept(date="2026-03-05", note="Two small remarks", attachment_ids=[Command.set(file.ids)])
        self.assert_acceptance("accepted", 1)
        self.assertEqual(
            (str(self.milestone.psa_accepted_on), self.milestone.psa_accepted_by),
            ("2026-03-05", self.client.name),
        )
        self.assertEqual(
            (self.milestone.psa_acceptance_user_id, self.milestone.psa_acceptance_note),
            (self.pm, "Two small remarks"),
        )
        self.assertEqual(self.milestone.message_ids.attachment_ids, file)
        text = self.order.partner_id.commercial_partner_id.message_ids[0].body
        self.assertIn(f"accepted by {self.client.name}", text)

    def test_it_is_accepted_once_and_only_when_it_is_reached(self):
        with self.assertRaisesRegex(UserError, "is not reached yet"):
            self.milestone.action_psa_accept()
        self.milestone.is_reached = True
        tomorrow = fields.Date.add(fields.Date.today(), days=2)
        with self.assertRaisesRegex(UserError, "a day that is to come"):
            self._accept(date=tomorrow)
        with self.assertRaisesRegex(UserError, "does not belong to the client"):
            self._accept(contact_id=self.pm.partner_id.id)
        self._accept()
        with self.assertRaisesRegex(UserError, "was accepted already"):
            self._accept()

    def test_what_is_not_reached_after_all_is_not_accepted_either(self):
        self.milestone.is_reached = True
        self.milestone.is_reached = False
        self.assert_acceptance(False, 0)
        self.milestone.is_reached = True
        self._accept()
        self.milestone.is_reached = False
        self.assert_acceptance(False, 0)
        self.assertFalse(self.milestone.psa_accepted_by)
        self.milestone.is_reached = True
        self.assert_acceptance("waits", 0)

    def test_the_acceptance_is_taken_back_while_nothing_is_billed(self):
        self.milestone.is_reached = True
        with self.assertRaisesRegex(UserError, "is not accepted"):
            self.milestone.action_psa_withdraw_acceptance()
        self._accept()
        self.milestone.with_user(self.pm).action_psa_withdraw_acceptance()
        self.assert_acceptance("waits", 0)

    def test_what_was_accepted_is_not_changed(self):
        self.milestone.product_uom_qty = 0.4
        self.milestone.is_reached = True
        self._accept()
        self.assert_acceptance("accepted", 0.4)
        for values in ({"product_uom_qty": 1}, {"quantity_percentage": 1}, {"sale_line_id": False}):
            with self.assertRaisesRegex(UserError, "accepted the milestone Go-live as it is"):
                self.milestone.write(values)
        self.milestone.write({"name": "Live", "product_uom_qty": 0.4})

    def test_nobody_types_an_acceptance(self):
        self.milestone.is_reached = True
        values = {
            "psa_accepted_on": "2026-03-05",
            "psa_accepted_by": "Me",
            "psa_acceptance": "accepted",
            "psa_acceptance_note": "Fine",
            "psa_acceptance_user_id": self.pm.id,
        }
        for name, value in values.items():
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.milestone.with_user(self.pm).write({name: value})
        with self.assertRaises(AccessError):
            self.env["project.milestone"].with_user(self.pm).create(
                {"name": "New", "project_id": self.milestone.project_id.id, "psa_accepted_on": "2026-03-05"}
            )
        self.assert_acceptance("waits", 0)

    def test_no_milestone_is_born_accepted_by_a_default(self):
        accepted = {"default_psa_accepted_on": "2026-03-05", "default_psa_accepted_by": "Clara Client"}
        milestones = self.env["project.milestone"].with_user(self.pm)
        milestone = milestones.with_context(**accepted, default_psa_acceptance="accepted").create(
            {"name": "Forged", "project_id": self.milestone.project_id.id}
        )
        self.assertEqual(
            (milestone.psa_acceptance, milestone.psa_accepted_on, milestone.psa_accepted_by),
            (False, False, False),
        )

    def test_only_project_managers_record_it(self):
        self.milestone.is_reached = True
        plain = new_test_user(self.env, login="psa.plain", groups="base.group_user")
        member = new_test_user(self.env, login="psa.member", groups="project.group_project_user")
        portal = new_test_user(self.env, login="psa.someone", groups="base.group_portal")
        for user in (plain, member, portal):
            for method in ("action_psa_accept", "action_psa_withdraw_acceptance"):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    getattr(self.milestone.with_user(user), method)()
        wizard = self.env["psa.accept.milestone"].create({"milestone_id": self.milestone.id})
        for user in (plain, member, portal):
            with self.assertRaises(AccessError):
                wizard.with_user(user).action_apply()
        self.assert_acceptance("waits", 0)

    def test_the_agreement_and_the_template_say_so_for_new_sows(self):
        self.assertFalse(self._sow().psa_milestone_acceptance)
        agreement = self._agreement(milestone_acceptance=True)
        order = self._sow(psa_agreement_id=agreement.id)
        self.assertTrue(order.psa_milestone_acceptance)
        order.psa_milestone_acceptance = False
        self.assertFalse(order.psa_milestone_acceptance)
        template = self.env["sale.order.template"].create(
            {"name": "Accepted", "psa_kind": "sow", "psa_milestone_acceptance": True}
        )
        self.assertTrue(self._sow(sale_order_template_id=template.id).psa_milestone_acceptance)
        self.assertTrue(self.order._psa_prepare_template()["psa_milestone_acceptance"])

    def test_what_was_signed_stays(self):
        signed = self._sold_milestone(accepts=False)
        for order, value in ((self.order, False), (signed, True)):
            with self.assertRaisesRegex(UserError, "cannot be edited"):
                order.with_user(self.sales.user_id).write({"psa_milestone_acceptance": value})
        milestone = self._milestone_of(signed)
        milestone.is_reached = True
        self.assertEqual((milestone.psa_acceptance, signed.order_line.qty_delivered), (False, 1))

    def test_milestones_follow_their_sow(self):
        """Corrected by the system on a signed SOW; and changed while the SOW was cancelled."""
        self.milestone.is_reached = True
        self.assert_acceptance("waits", 0)
        self.order.sudo().psa_milestone_acceptance = False
        self.assertFalse(self.milestone.psa_needs_acceptance)
        self.assert_acceptance(False, 1)
        self.order._action_cancel()
        self.order.action_draft()
        self.order.psa_agreement_id = self._agreement(milestone_acceptance=True)
        self.assertTrue(self.order.psa_milestone_acceptance)
        self.order.action_confirm()
        self.assertTrue(self.milestone.psa_needs_acceptance)
        self.assert_acceptance("waits", 0)

    def test_a_change_order_of_a_milestone_waits_with_it(self):
        change = self._change(
            self.order,
            Command.create(
                {
                    "psa_amends_line_id": self.line.id,
                    "product_id": self.line.product_id.id,
                    "product_uom_qty": -1,
                    "price_unit": 1000,
                }
            ),
        )
        change.action_confirm()
        self.milestone.is_reached = True
        self.assert_acceptance("waits", 0)
        self.assertEqual(change.order_line.qty_delivered, 0)
        self._accept()
        self.assertEqual(change.order_line.qty_delivered, -1)


@tagged("post_install", "-at_install")
class TestAcceptanceInThePortal(AcceptanceCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = new_test_user(cls.env, login="psa.owner", groups="base.group_portal")
        cls.owner.partner_id.parent_id = cls.client
        rival = cls.env["res.partner"].create({"name": "Rival", "is_company": True})
        cls.intruder = new_test_user(cls.env, login="psa.intruder", groups="base.group_portal")
        cls.intruder.partner_id.parent_id = rival
        cls.foreign = cls._sold_milestone(partner_id=rival.id)
        cls.milestone.is_reached = True
        cls.foreign_milestone = cls._milestone_of(cls.foreign)
        cls.foreign_milestone.is_reached = True

    def _post(self, order, milestone, **data):
        return self.url_open(
            f"/my/orders/{order.id}/milestones/{milestone.id}/accept",
            data={"csrf_token": http.Request.csrf_token(self), **data},
            allow_redirects=False,
        )

    def test_the_client_accepts_on_the_page_of_the_sow(self):
        self.authenticate("psa.owner", "psa.owner")
        page = self.url_open(f"/my/orders/{self.order.id}").text
        self.assertIn("Waits for your acceptance", page)
        answer = self._post(self.order, self.milestone, note="Well done", accepted_by="Somebody else")
        self.assertIn("psa_milestone=accepted", answer.headers["Location"])
        self.assert_acceptance("accepted", 1)
        self.assertEqual(
            (self.milestone.psa_accepted_by, self.milestone.psa_acceptance_note),
            (self.owner.name, "Well done"),
        )
        self.assertFalse(self.milestone.psa_acceptance_user_id)
        self.assertIn("Accepted by", self.url_open(f"/my/orders/{self.order.id}").text)
        self.assertIn("refused", self._post(self.order, self.milestone).headers["Location"])

    def test_the_client_is_told_what_became_of_it(self):
        self.authenticate("psa.owner", "psa.owner")
        pages = [self.url_open(self._post(self.order, self.milestone).headers["Location"]) for _ in range(2)]
        for page, words in zip(pages, ("your acceptance is recorded", "Nothing was recorded"), strict=True):
            self.assertIn(words, page.text)
        self.assertNotIn("is recorded", self.url_open(f"/my/orders/{self.order.id}").text)

    def test_who_leads_the_project_is_told_of_it(self):
        """5,000.00 for the whole milestone."""
        self.milestone.project_id.user_id = self.pm
        self.authenticate("psa.owner", "psa.owner")
        self._post(self.order, self.milestone, note="Well done")
        note = self.milestone.message_ids[0]
        self.assertEqual(
            (note.notified_partner_ids, note.author_id), (self.pm.partner_id, self.owner.partner_id)
        )
        self.assertRegex(
            note.body, "Accepted in the portal by .*Released for billing: .*5,000.00.* Remarks: Well done"
        )
        self.assertTrue(note.subtype_id.internal)

    def test_it_is_told_also_of_who_has_the_link_and_where_nobody_leads_the_project(self):
        self.milestone.project_id.user_id = False
        self.authenticate(None, None)
        token = self.order._portal_ensure_token()
        self._post(self.order, self.milestone, access_token=token, accepted_by="Carla Client")
        note = self.milestone.message_ids[0]
        self.assertFalse(note.notified_partner_ids)
        self.assertEqual(note.author_id, self.order.partner_id)
        self.assertIn("Accepted in the portal by Carla Client", note.body)

    def test_who_has_the_link_accepts_with_their_name(self):
        self.authenticate(None, None)
        token = self.order._portal_ensure_token()
        answer = self._post(self.order, self.milestone, access_token=token, accepted_by=" ")
        self.assertIn("refused", answer.headers["Location"])
        self.assert_acceptance("waits", 0)
        self._post(self.order, self.milestone, access_token=token, accepted_by="Carla Client")
        self.assert_acceptance("accepted", 1)
        self.assertEqual(self.milestone.psa_accepted_by, "Carla Client")

    def test_another_client_accepts_nothing(self):
        own = self.foreign._portal_ensure_token()
        for login in ("psa.intruder", None):
            self.authenticate(login, login)
            for order in (self.order, self.foreign):
                for token in ("", "0", own):
                    with self.subTest(login=login, order=order.name, token=token):
                        answer = self._post(order, self.milestone, access_token=token, accepted_by="Mallory")
                        self.assertNotIn("accepted", answer.headers.get("Location", ""))
        self.assert_acceptance("waits", 0)

    def test_a_forged_form_is_refused(self):
        self.authenticate("psa.owner", "psa.owner")
        with mute_logger("odoo.http"):
            self.url_open(
                f"/my/orders/{self.order.id}/milestones/{self.milestone.id}/accept",
                data={"csrf_token": "0"},
                allow_redirects=False,
            )
        self.assert_acceptance("waits", 0)

    def test_people_of_the_firm_do_not_accept_for_the_client(self):
        self.authenticate("psa.pm", "psa.pm")
        token = self.order._portal_ensure_token()
        self._post(self.order, self.milestone, access_token=token, accepted_by="The client")
        self.assert_acceptance("waits", 0)

    def test_without_acceptance_the_page_shows_no_milestones(self):
        order = self._sold_milestone(accepts=False)
        self.authenticate("psa.owner", "psa.owner")
        self.assertNotIn('id="milestones"', self.url_open(f"/my/orders/{order.id}").text)
        milestone = self._milestone_of(order)
        milestone.is_reached = True
        self._post(order, milestone)
        self.assertFalse(milestone.psa_accepted_on)

    def test_the_note_is_not_read_by_clients(self):
        with self.assertRaises(AccessError):
            self.milestone.with_user(self.owner).read(["psa_acceptance_note"])
