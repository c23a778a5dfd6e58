"""Which rate cards price a SOW or change order, and in which order they are asked."""

from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def copy_data(self, default=None):
        data = super().copy_data(default)
        for order, vals in zip(self, data, strict=True):
            # sudo: whose card it is matters also to who cannot read it. That of one SOW prices no other.
            if order.psa_rate_card_id.sudo().order_id and "psa_rate_card_id" not in (default or {}):
                vals.pop("psa_rate_card_id", None)
        return data

    def action_update_prices(self):
        """A draft SOW has the prices that the rate cards say now, also where some were typed by hand."""
        self.ensure_one()
        if not self.psa_kind:
            return super().action_update_prices()
        self._recompute_prices()
        self.message_post(body=self.env._("The prices were taken from the rate cards anew."))
        return None

    def _get_update_prices_lines(self):
        """Of a SOW only what a rate card prices: what fixed prices and milestones cost is agreed by hand."""
        lines = super()._get_update_prices_lines()
        return lines.filtered(lambda line: not line.psa_kind or line._psa_is_priced_by_card())

    def _psa_cards(self):
        """The cards to ask, in their order: of the SOW, of its agreement, of the client, of the company."""
        self.ensure_one()
        return self._psa_cards_by_order()[self]

    def _psa_cards_by_order(self):
        """``{order: cards in the order in which they are asked}``; one query however many orders.

        The card chosen on the SOW comes first. Archived cards price nothing new: they answer only
        where a signed SOW names them.
        """
        candidates = self.env["psa.rate.card"]._psa_candidates(self)
        found = {}
        for order in self:
            sow = order._psa_sow()
            chosen = order.psa_rate_card_id or sow.psa_rate_card_id
            if sow.state in ("draft", "sent"):
                chosen = chosen.filtered("active")
            found[order] = chosen | order._psa_cards_among(candidates)
        return found

    def _psa_cards_among(self, cards):
        """Those of ``cards`` that price this order, the narrower first, the newer first among equals."""
        self.ensure_one()
        sow = self._psa_sow()
        agreement, client = sow.psa_agreement_id, self.partner_id.commercial_partner_id
        ranked = {number: cards.browse() for number in range(4)}
        for card in cards.filtered(lambda card: card.company_id == self.company_id):
            owner = card.partner_id.commercial_partner_id
            if card.order_id:
                ranked[0] += card if card.order_id == sow._origin else card.browse()
            elif card.agreement_id:
                ranked[1] += card if card.agreement_id == agreement else card.browse()
            elif owner:
                ranked[2] += card if owner == client else card.browse()
            else:
                ranked[3] += card
        default = agreement.rate_card_id.filtered("active")
        return ranked[0] | ranked[1] | default | ranked[2] | ranked[3]
