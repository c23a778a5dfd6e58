"""What the client signs is what they read, and holds also where others have written meanwhile."""

import re

from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import SIGNATURE, PsaContractsCase


@tagged("post_install", "-at_install")
class TestSignedAsRead(PsaContractsCase, HttpCase):
    def _sent(self, *lines, **values):
        order = self._sow(*lines, **values)
        order.state = "sent"
        order._portal_ensure_token()
        return order

    def _read(self, order):
        """The client opens the page; the address that its form signs at."""
        page = self.url_open(f"/my/orders/{order.id}?access_token={order.access_token}").text
        address = re.search(r"/my/orders/\d+/accept\?[^\"' ]*psa_seal=\w+", page.replace("&amp;", "&"))
        self.assertTrue(address, "the form of the page has no seal")
        return address.group().replace("\\u0026", "&")

    def _sign_at(self, address):
        return self.make_jsonrpc_request(address, {"name": "Clara Client", "signature": SIGNATURE})

    def test_what_was_read_is_signed(self):
        order = self._sent()
        answer = self._sign_at(self._read(order))
        self.assertTrue(answer.get("force_refresh"), answer)
        order.invalidate_recordset()
        self.assertEqual((order.state, order.signed_by), ("sale", "Clara Client"))

    def test_what_was_written_after_it_was_read_is_not_signed(self):
        """100 h at 120 are read; the seller writes 150 before the client signs."""
        payer = {"partner_id": self.client.id, "share": 100}
        edits = (
            ("price", lambda order: order.order_line[0].write({"price_unit": 150})),
            ("words", lambda order: order.order_line[0].write({"name": "Developer, on site"})),
            ("scope", lambda order: order.write({"psa_scope": "<p>Less</p>"})),
            ("cap", lambda order: order.write({"psa_cap_amount": 5000})),
            ("end", lambda order: order.write({"psa_date_end": "2026-06-30"})),
            ("payers", lambda order: order.write({"psa_payer_ids": [Command.create(payer)]})),
            ("a line", lambda order: order.write({"order_line": [self._hours(self.architect, 5)]})),
        )
        for what, edit in edits:
            with self.subTest(what):
                order = self._sent(self._hours(self.developer, 100))
                address = self._read(order)
                edit(order)
                answer = self._sign_at(address)
                self.assertIn(f"{order.name} was changed after you opened this page", answer.get("error", ""))
                order.invalidate_recordset()
                self.assertEqual((order.state, order.signed_by), ("sent", False))
                self.assertTrue(self._sign_at(self._read(order)).get("force_refresh"))

    def test_a_change_order_is_read_again_once_another_one_was_confirmed(self):
        """Before 100 h, after 110 h is read; in the meantime 120 h are agreed: it would be 130 h."""
        sow = self._sow(self._hours(self.developer, 100))
        sow.action_confirm()
        other = self._change(sow, self._amend(sow.order_line, 20))
        change = self._change(sow, self._amend(sow.order_line, 10), state="sent")
        change._portal_ensure_token()
        address = self._read(change)
        other.action_confirm()
        self.assertIn("was changed after you opened", self._sign_at(address).get("error", ""))
        self.assertTrue(self._sign_at(self._read(change)).get("force_refresh"))

    def test_orders_that_are_no_statement_of_work_are_signed_as_in_the_host(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "state": "sent",
                "order_line": [
                    Command.create({"product_id": self.developer.psa_fixed_product_id.id, "price_unit": 10})
                ],
            }
        )
        page = self.url_open(f"/my/orders/{order.id}?access_token={order._portal_ensure_token()}").text
        self.assertNotIn("psa_seal", page)

    # -- the card changes while the client reads -------------------------------------------

    def test_a_price_that_was_signed_holds_where_the_card_has_changed_since_it_was_written(self):
        """120 is read and signed; the card has been raised to 150 meanwhile, from before the start on. The
        8 h of March are 8 × 120, not 8 × 150."""
        order = self._sow(self._hours(self.developer, 100))
        self.card.line_ids.filtered(lambda rate: rate.role_id == self.developer).price = 150
        self._sign(order)
        order.action_confirm()
        line = order.order_line
        entry = self._log_on(line, self.ann, 8, "2026-03-04", approved=True)
        self.assertEqual((entry.so_line, line.price_unit), (line, 120))
        self.assertIn(f"Set by hand; the card says {order.currency_id.format(150)}", line.psa_rate_reason)

    def test_a_rate_that_comes_later_still_steps(self):
        """120 on the first day, as it was written; 130 from May on is a step that the card says."""
        order = self._sow(self._hours(self.developer, 100))
        self._rate_changes(self.developer, "2026-05-01", 130)
        order.action_confirm()
        entry = self._log_on(order.order_line[0], self.ann, 8, "2026-05-04", approved=True)
        self.assertEqual(entry.so_line.price_unit, 130)
