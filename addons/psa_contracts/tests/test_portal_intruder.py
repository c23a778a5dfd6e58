"""A client of the portal who guesses ids, addresses and tokens of another client."""

import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SIGNATURE, PsaContractsCase


@tagged("post_install", "-at_install")
class TestPortalIntruder(PsaContractsCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rival = cls.env["res.partner"].create({"name": "Rival", "is_company": True})
        cls.intruder = new_test_user(cls.env, login="psa.intruder", groups="base.group_portal")
        cls.intruder.partner_id.parent_id = cls.rival
        cls.owner = new_test_user(cls.env, login="psa.owner", groups="base.group_portal")
        cls.owner.partner_id.parent_id = cls.client
        cls.agreement = cls._agreement()
        cls.order = cls._sow()
        cls.order.action_confirm()
        cls.change = cls._change(cls.order, cls._hours(cls.developer, 5), state="sent")
        cls.documents = cls.order | cls.change

    def _guesses(self, order):
        order._portal_ensure_token()
        stranger = self._sow(partner_id=self.rival.id)
        stranger._portal_ensure_token()
        return ("", "?access_token=", "?access_token=0", f"?access_token={stranger.access_token}")

    def test_the_client_opens_their_own(self):
        self.authenticate("psa.owner", "psa.owner")
        for order in self.documents:
            answer = self.url_open(f"/my/orders/{order.id}")
            self.assertEqual(answer.status_code, 200)
            self.assertIn(order.name, answer.text)

    def test_on_a_phone_the_rates_stand_beside_the_roles(self):
        """A phone has no room for the columns of rate and discount, of which the client signs each."""
        line, card = self.order.order_line[0], 'd-sm-none text-muted small">Rate:'
        line.discount = 12.5
        self.order.order_line += self.env["sale.order.line"].new(
            {"psa_billing_model": "retainer", "price_unit": 1500, "name": "Support", "psa_retainer_hours": 10}
        )
        self.authenticate("psa.owner", "psa.owner")
        page = self.url_open(f"/my/orders/{self.order.id}").text
        self.assertEqual(page.count(card), 2)
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
        self.assertIn("Rate: $ 200.00, less 12.50 %", text)
        self.assertIn("Hours per Period: 10.00 Per Period: $ 1,500.00", text)

    def test_another_client_is_sent_away_from_page_and_pdf(self):
        for login in ("psa.intruder", None):
            self.authenticate(login, login)
            for order in self.documents:
                for guess in self._guesses(order):
                    for more in ("", "&report_type=pdf" if guess else "?report_type=pdf"):
                        with self.subTest(login=login, order=order.name, guess=guess + more):
                            answer = self.url_open(
                                f"/my/orders/{order.id}{guess}{more}", allow_redirects=False
                            )
                            self.assertIn(answer.status_code, (302, 303))
                            self.assertNotIn(str(order.id), answer.headers["Location"])
                            self.assertNotIn(order.name, answer.text)

    def test_another_client_signs_nothing(self):
        self.authenticate("psa.intruder", "psa.intruder")
        for token in (None, "", "0", "x" * 36):
            answer = self.make_jsonrpc_request(
                f"/my/orders/{self.change.id}/accept",
                {"access_token": token, "name": "Mallory", "signature": SIGNATURE},
            )
            self.assertEqual(answer, {"error": "Invalid order."})
        with mute_logger("odoo.http"):
            answer = self.url_open(
                f"/my/orders/{self.change.id}/decline",
                data={"decline_message": "No", "csrf_token": "0"},
                allow_redirects=False,
            )
        self.assertNotEqual(answer.status_code, 200)
        self.change.invalidate_recordset()
        self.assertEqual((self.change.state, self.change.signed_by), ("sent", False))

    def test_guessed_ids_over_rpc_are_refused(self):
        for order in self.documents:
            for attempt in (
                lambda order=order: order.with_user(self.intruder).read(["name"]),
                lambda order=order: order.order_line.with_user(self.intruder).read(["price_unit"]),
                lambda order=order: order.with_user(self.intruder).write({"note": "x"}),
                lambda order=order: order.with_user(self.intruder).action_confirm(),
            ):
                with self.subTest(order.name), self.assertRaises(AccessError):
                    attempt()
        found = self.env["sale.order"].with_user(self.intruder).search([("id", "in", self.documents.ids)])
        self.assertFalse(found)

    def test_not_even_the_own_client_reads_agreements_cards_and_shares_or_confirms(self):
        for record in (self.agreement, self.card, self.card.line_ids[0]):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(self.owner).read(["display_name"])
        for model in ("psa.payer.share", "psa.confirm.document"):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.owner).search([])
        # where loyalty programs are installed, the host already refuses to read the coupons of the order
        ours = "sale_loyalty" not in self.env["ir.module.module"]._installed()
        with self.assertRaisesRegex(UserError, "the client has not signed it" if ours else ""):
            self.change.with_user(self.owner).action_confirm()
        self.assertEqual(self.change.state, "sent")

    def test_the_right_token_opens_it_without_a_login(self):
        self.authenticate(None, None)
        self.change._portal_ensure_token()
        answer = self.url_open(f"/my/orders/{self.change.id}?access_token={self.change.access_token}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn(self.change.name, answer.text)
