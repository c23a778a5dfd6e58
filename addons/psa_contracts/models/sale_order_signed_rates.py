"""What the rate cards said of a SOW when it was signed, beyond the prices that stand on its lines.

Work has prices that no line says yet: the hours that draw on a retainer of money, a person's own rate, the
rate that follows. They follow from a card, from an exchange rate where the card is in another currency, and
from the taxes of the product where prices carry them. All three stay as they were known when the SOW was
signed, or when they were first used where they begin later. Else an exchange rate that somebody enters
later, or a card that comes to stand in front, makes the same hour draw another amount, and a line whose
product gets another tax seems to have a price typed by hand. (How the SOW counts under an agreement in
another currency: ``psa_agreement_currency``.)
"""

from decimal import Decimal

from odoo import fields, models

from ..core.billing_models import RETAINER
from ..core.rates import MissingRate, price_of_unit
from .rate_pricer import RatePricer

EXCHANGE, CARDS, TAXES, POSITION = "exchange", "cards", "taxes", "position"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_signed_rates = fields.Json(
        string="Rates when Signed",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="By the currency of the card and the day: units of the order's currency for one of the card's. "
        "By the role: the card that priced its work when the order was signed. By the product: its taxes "
        "then, and the fiscal position of the order.",
    )

    def _psa_signed_exchange(self, currency, day):
        """Units of this order's currency for one of ``currency`` on ``day`` that stay; None where no such
        work had a price yet."""
        kept = (self.psa_signed_rates or {}).get(EXCHANGE, {})
        return kept.get(str(currency.id), {}).get(fields.Date.to_string(day))

    def _psa_signed_card(self, role):
        """The id of the card that priced work in ``role`` when this order was signed; None: no line needed
        it."""
        return (self.psa_signed_rates or {}).get(CARDS, {}).get(str(role.id))

    def _psa_signed_taxes(self, product):
        """(ids of the taxes of ``product``, id of the fiscal position) when this order was signed; None: as
        they are today."""
        kept = self.psa_signed_rates or {}
        taxes = kept.get(TAXES, {}).get(str(product.id)) if self.state == "sale" else None
        return None if taxes is None else (tuple(taxes), kept.get(POSITION))

    def _psa_signed_key(self, product):
        """What of it the price of a line follows from, but the card."""
        return str((self.psa_signed_rates or {}).get(EXCHANGE)), self._psa_signed_taxes(product)

    def _psa_keep_exchange(self, factors):
        """:param factors: ``{(currency, day): units of the order's currency}``; what is kept stays"""
        self.ensure_one()
        kept = dict(self.psa_signed_rates or {})
        exchange = {currency: dict(days) for currency, days in kept.get(EXCHANGE, {}).items()}
        for (currency, day), factor in factors.items():
            exchange.setdefault(str(currency.id), {}).setdefault(fields.Date.to_string(day), factor)
        if exchange != kept.get(EXCHANGE, {}):
            self.psa_signed_rates = {**kept, EXCHANGE: exchange}

    def _psa_keep_signed_rates(self):
        """These orders, in sudo, are being signed."""
        orders = self.filtered(lambda order: order.order_line.filtered("psa_billing_model"))
        if not orders:
            return
        cards = self.env["psa.rate.card"].union(*orders._psa_cards_by_order().values())
        pricer = RatePricer(orders, cards.line_ids.role_id)
        today = fields.Date.context_today(self)
        for order in orders:
            if RETAINER in order.order_line.mapped("psa_billing_model"):
                order._psa_keep_cards(pricer)
            order._psa_keep_exchange(order._psa_factors_of_signing(pricer, today))
            order._psa_keep_taxes()

    def _psa_keep_taxes(self):
        taxes = {
            str(product.id): product.taxes_id._filter_taxes_by_company(self.company_id).ids
            for product in self.order_line.filtered("psa_billing_model").product_id
        }
        kept = {TAXES: taxes, POSITION: self.fiscal_position_id.id}
        self.psa_signed_rates = {**(self.psa_signed_rates or {}), **kept}

    def _psa_keep_cards(self, pricer):
        start, nobody, nowhere = self._psa_price_day(), self.env["hr.employee"], self.env["hr.work.location"]
        answers = {
            role: pricer.find(self, role, nobody, nowhere, start)
            for role in pricer.cards[self].line_ids.role_id
        }
        found = {str(role.id): answer.card for role, answer in answers.items() if answer}
        kept = dict(self.psa_signed_rates or {})
        if found:
            self.psa_signed_rates = {**kept, CARDS: {**found, **kept.get(CARDS, {})}}

    def _psa_factors_of_signing(self, pricer, today):
        """``{(currency, day): units of this order's currency}`` of the foreign cards, for the rates until
        ``today``, as far as they are known. Lines that were priced before say how."""
        start, found = self._psa_price_day(), {}
        for card in pricer.cards[self].filtered(lambda card: card.currency_id != self.currency_id):
            days = {start} | {day for day in card.line_ids.mapped("date_start") if start < day <= today}
            for day in days:
                try:
                    factor = pricer.factor(self, card, day)
                except MissingRate:
                    continue  # it may be entered yet
                found[card.currency_id, day] = factor
        for line in self.order_line.sorted("psa_card_price"):  # the largest price says it best
            currency = line.psa_rate_id.currency_id
            day = max(line.psa_rate_id.date_start or start, start)
            if not line.psa_card_price or (currency, day) not in found:
                continue
            rate, unit_hours = line.psa_rate_id, line.product_uom_id._psa_hours(self) or 1.0
            amount = price_of_unit(
                *(Decimal(str(rate.price)), rate.unit),
                *(Decimal(str(unit_hours)), Decimal(str(self._psa_hours_per_day()))),
            )
            now = self.currency_id.round(float(amount) * found[currency, day])
            if self.currency_id.compare_amounts(now, line.psa_card_price):
                found[currency, day] = line.psa_card_price / float(amount)
        return found

    def action_draft(self):
        result = super().action_draft()
        # sudo: follows from the order that the user may open again; what is worked keeps its rates
        for order in self.sudo().filtered(lambda order: order.psa_signed_rates and order.state == "draft"):
            if not any(order.order_line._psa_logged_hours().values()):
                order.psa_signed_rates = False
        return result
