"""One of several payers is replaced after a part of a fixed price was billed."""

from odoo import Command
from odoo.tests import tagged

from .test_payers import PayersCase


@tagged("post_install", "-at_install")
class TestPayersReplaced(PayersCase):
    def _half_billed(self, client, fund):
        """An order over 1,000.00 of which ``client`` and ``fund`` (shares) were billed the first half."""
        sold = self._line(self.architect, 1, "milestone", price_unit=1000)
        order = self._shared(sold, shares=(client, fund))
        line = order.order_line
        self.env["project.milestone"].search([("sale_line_id", "=", line.id)]).unlink()
        halves = self.env["project.milestone"].create(
            [
                {
                    "name": name,
                    "project_id": line.project_id.id,
                    "sale_line_id": line.id,
                    "quantity_percentage": 0.5,
                }
                for name in ("Half", "Rest")
            ]
        )
        halves[0].is_reached = True
        billed = self._billed(self._propose())
        halves[1].is_reached = True
        return order, {payer: move.amount_untaxed for payer, move in billed.items()}

    def _payers_are(self, order, *shares):
        """As the SOW is signed anew."""
        order.sudo().psa_payer_ids = [
            Command.clear(),
            *(Command.create({"partner_id": payer.id, "share": share}) for payer, share in shares),
        ]

    def _rest(self):
        return {payer: move.amount_untaxed for payer, move in self._billed(self._propose()).items()}

    def test_who_comes_for_a_payer_that_left_takes_its_place(self):
        """300.00 and 200.00 of the first half; of the other one the client pays 300.00 again, and 200.00 who
        came for the fund. By what the two were billed themselves it would be 180.00 and 320.00."""
        order, billed = self._half_billed(60, 40)
        self.assertEqual(billed, {self.client: 300, self.fund: 200})
        heir = self.env["res.partner"].create({"name": "Heir of the fund"})
        self._payers_are(order, (self.client, 60), (heir, 40))
        self.assertEqual(self._rest(), {self.client: 300, heir: 200})

    def test_two_who_come_for_one_share_its_place(self):
        """20 % each have 100.00 each of the fund's 200.00 behind them, and pay 100.00 each."""
        order, _billed = self._half_billed(60, 40)
        heirs = self.env["res.partner"].create([{"name": "One"}, {"name": "Two"}])
        self._payers_are(order, (self.client, 60), (heirs[0], 20), (heirs[1], 20))
        self.assertEqual(self._rest(), {self.client: 300, heirs[0]: 100, heirs[1]: 100})

    def test_other_shares_hold_for_all_of_the_price(self):
        """At half each the client has 300.00 of 500.00 behind it, and the heir the fund's 200.00."""
        order, _billed = self._half_billed(60, 40)
        heir = self.env["res.partner"].create({"name": "Heir of the fund"})
        self._payers_are(order, (self.client, 50), (heir, 50))
        self.assertEqual(self._rest(), {self.client: 200, heir: 300})

    def test_nobody_comes_for_a_payer_that_left(self):
        """The client alone pays the rest."""
        order, _billed = self._half_billed(60, 40)
        self._payers_are(order, (self.client, 100))
        self.assertEqual(self._rest(), {self.client: 500})
