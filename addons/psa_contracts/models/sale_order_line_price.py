"""The price of a role line, and why it is so."""

from odoo import api, fields, models

from ..core.rates import MissingRate


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_rate_reason = fields.Char(
        string="Why this Price", compute="_compute_psa_rate_reason", store=True, copy=False
    )

    def _psa_is_priced_by_card(self):
        self.ensure_one()
        return bool(
            self.order_id.psa_kind
            and self.psa_role_id
            and (self.psa_billing_model or "time_material") == "time_material"
            and not self.display_type
        )

    @api.depends("psa_role_id", "psa_billing_model", "order_id.psa_rate_card_id", "order_id.psa_date_start")
    def _compute_price_unit(self):
        return super()._compute_price_unit()

    def _get_display_price(self):
        if not self._psa_is_priced_by_card():
            return super()._get_display_price()
        return self._psa_card_price()[0]

    def _psa_card_price(self):
        """``(price of an hour in the order's currency, reason)``;

        ``(0, reason)`` where no card has a rate.
        """
        order, day = self.order_id, self.order_id._psa_price_day()
        # sudo: the price of a SOW line does not depend on who may read the cards; only its own
        # order's cards are asked.
        cards = order.sudo()._psa_cards()
        try:
            rate = cards._psa_resolve(self.psa_role_id, self.env["hr.employee"], day)
        except MissingRate as missing:
            return 0.0, str(missing)
        reason = self.env._(
            "%(card)s: %(rate)s, on %(date)s",
            card=rate.card_id.name,
            rate=rate.display_name,
            date=day.isoformat(),
        )
        if rate.currency_id == order.currency_id:
            return rate.price, reason
        price = rate.currency_id._convert(rate.price, order.currency_id, order.company_id, day)
        return price, self.env._(
            "%(reason)s, %(amount)s %(currency)s converted that day",
            reason=reason,
            amount=rate.price,
            currency=rate.currency_id.name,
        )

    @api.depends(
        "psa_role_id",
        "psa_billing_model",
        "price_unit",
        "order_id.psa_rate_card_id",
        "order_id.psa_date_start",
    )
    def _compute_psa_rate_reason(self):
        for line in self:
            if not line._psa_is_priced_by_card():
                line.psa_rate_reason = False
                continue
            price, reason = line._psa_card_price()
            if price and line.currency_id.compare_amounts(price, line.price_unit):
                reason = self.env._(
                    "Set by hand; the card says %(price)s (%(reason)s)", price=price, reason=reason
                )
            line.psa_rate_reason = reason
