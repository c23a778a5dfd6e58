"""Payers or shares change after a part of a fixed price was billed, or given away."""

from odoo import Command
from odoo.tests import tagged

from .test_adjustments import ReviewCase
from .test_payers import PayersCase


@tagged("post_install", "-at_install")
class TestPayersReplaced(ReviewCase, PayersCase):
    def _in_parts(self, order, *parts):
        """The milestones of ``parts`` of the order's line, in the place of its own."""
        line = order.order_line
        self.env["project.milestone"].search([("sale_line_id", "=", line.id)]).unlink()
        return self.env["project.milestone"].create(
            [
                {
                    "name": f"Part {number}",
                    "project_id": line.project_id.id,
                    "sale_line_id": line.id,
                    "quantity_percentage": part,
                }
                for number, part in enumerate(parts, start=1)
            ]
        )

    def _half_billed(self, client, fund):
        """An order over 1,000.00 of which ``client`` and ``fund`` (shares) were billed the first half."""
        sold = self._line(self.architect, 1, "milestone", price_unit=1000)
        order = self._shared(sold, shares=(client, fund))
        halves = self._in_parts(order, 0.5, 0.5)
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

    def test_other_shares_hold_from_the_next_part_on(self):
        """Of quarters of 250.00 the first was billed at 60 and 40 %, then both pay half: after the second one
        each has paid 250.00, so it is 100.00 and 150.00; the third one is 125.00 each."""
        order = self._shared(self._line(self.architect, 1, "milestone", price_unit=1000), shares=(60, 40))
        quarters = self._in_parts(order, *[0.25] * 4)
        quarters[0].is_reached = True
        self.assertEqual(self._rest(), {self.client: 150, self.fund: 100})
        self._payers_are(order, (self.client, 50), (self.fund, 50))
        quarters[1].is_reached = True
        self.assertEqual(self._rest(), {self.client: 100, self.fund: 150})
        quarters[2].is_reached = True
        self.assertEqual(self._rest(), {self.client: 125, self.fund: 125})

    def test_what_the_client_paid_alone_is_nobody_s_place_to_take(self):
        """The client alone pays 500.00, then shares 250.00 with a fund, 150.00 and 100.00. Who comes for the
        fund has its 100.00 behind it, not the 500.00: 150.00 and 100.00 again."""
        order = self._sow(self._line(self.architect, 1, "milestone", price_unit=1000))
        parts = self._in_parts(order, 0.5, 0.25, 0.25)
        parts[0].is_reached = True
        self.assertEqual(self._invoice(self._propose()).amount_untaxed, 500)
        self._payers_are(order, (self.client, 60), (self.fund, 40))
        parts[1].is_reached = True
        self.assertEqual(self._rest(), {self.client: 150, self.fund: 100})
        heir = self.env["res.partner"].create({"name": "Heir of the fund"})
        self._payers_are(order, (self.client, 60), (heir, 40))
        parts[2].is_reached = True
        self.assertEqual(self._rest(), {self.client: 150, heir: 100})

    def test_what_was_given_away_is_nobody_s_share(self):
        """The first half is written off, and its proposal closed without an invoice: of the other one the
        client pays 300.00, and the fund 200.00."""
        order = self._shared(self._line(self.architect, 1, "milestone", price_unit=1000), shares=(60, 40))
        halves = self._in_parts(order, 0.5, 0.5)
        halves[0].is_reached = True
        proposal = self._propose()
        self._adjust(proposal.line_ids, "write_off")
        proposal.action_close()
        halves[1].is_reached = True
        self.assertEqual(self._rest(), {self.client: 300, self.fund: 200})
