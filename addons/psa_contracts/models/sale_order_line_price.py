"""The price of a role line, and why it is so."""

from odoo import api, fields, models

from ..core.billing_models import TIME_MATERIAL
from ..core.rates import MissingRate


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_rate_reason = fields.Char(
        string="Why this Price",
        compute="_compute_psa_rate_reason",
        store=True,
        copy=False,
        # It quotes the card: clients read their order lines in the portal, project users those of all.
        groups="sales_team.group_sale_salesman,account.group_account_invoice,psa_contracts.group_psa_rate_manager",
    )

    def _psa_is_priced_by_card(self):
        self.ensure_one()
        return bool(
            self.order_id.psa_kind
            and self.psa_role_id
            and (self.psa_billing_model or TIME_MATERIAL) == TIME_MATERIAL
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
        """``(price of the line's unit in the order's currency, reason)``.

        Cards price hours; another unit of time takes its hours by the host's factor, by which the host
        also turns worked hours into delivered units. ``(0, reason)`` where no card has a rate.
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
        price = rate.price
        if rate.currency_id != order.currency_id:
            price = rate.currency_id._convert(rate.price, order.currency_id, order.company_id, day)
            reason = self.env._(
                "%(reason)s, %(amount)s %(currency)s converted that day",
                reason=reason,
                amount=rate.price,
                currency=rate.currency_id.name,
            )
        return self._psa_price_of_unit(price, reason)

    def _psa_price_of_unit(self, price, reason):
        """``price`` of an hour and its ``reason``, for the unit of this line."""
        hour, unit = self.env.ref("uom.product_uom_hour"), self.product_uom_id
        if unit == hour or not unit._has_common_reference(hour):
            return price, reason
        return hour._compute_price(price, unit), self.env._(
            "%(reason)s, %(hourly)s an hour for %(unit)s", reason=reason, hourly=price, unit=unit.name
        )

    @api.depends(
        "psa_role_id",
        "psa_billing_model",
        "price_unit",
        "product_uom_id",
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
