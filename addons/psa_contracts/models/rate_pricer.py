"""Asks the rate cards of many orders at once; no model, it lives as long as one computation."""

from collections import defaultdict
from decimal import Decimal

from odoo import fields
from odoo.tools import format_date, formatLang

from ..core.rates import DAY, MissingRate, price_of_unit
from .numbers import factor_told, number_told


class RatePricer:
    """What the cards of ``orders`` say about work in ``roles``: a handful of queries, however many are asked.

    Works in sudo: the price of work does not depend on who may read the cards, and only the cards of
    an order are asked for it.
    """

    def __init__(self, orders, roles):
        orders = orders.sudo()
        self.env = orders.env
        self.cards = orders._psa_cards_by_order()
        # the cards by which lines were signed, whichever others would be asked by now
        signed = orders.filtered(lambda order: order.state == "sale")
        by_lines = signed.order_line.psa_rate_id.card_id
        by_role = {order._psa_signed_card(role) for order in signed for role in roles} - {None}
        known = by_lines.union(*self.cards.values())
        cards = known | known.browse(by_role - set(known.ids)).exists()
        self._resolver = cards._psa_resolver(roles)
        self._ids = {order: found.ids for order, found in self.cards.items()}
        self._asked = {}
        self._first_exchange_rates = None
        #: {order: {(currency, day): factor}} by which prices were converted
        self._factors = defaultdict(dict)

    def find(self, order, role, employee, location, day, head=None):
        """The answer (see ``core.rates``) for work on ``day``, or None.

        :param order: one of the orders given, or an order whose cards are the same
        :param head: the line that sells the work, where it is signed
        """
        return self._resolver.find(
            self._cards_asked(order, role, head), role.id, employee.id or None, location.id or None, day
        )

    def steps(self, order, role, employee, location, start, end, head=None):
        """``[(first day, answer or None)]`` from ``start`` to ``end``, both included; see ``find``."""
        cards, person = self._cards_asked(order, role, head), employee.id or None
        return self._resolver.steps(cards, role.id, person, location.id or None, start, end)

    def _cards_asked(self, order, role, head):
        """The ids of the cards of ``order`` in their order, as they were when ``head`` was signed.

        A card that came to say something of its first day since then (a client's card got a rate for the
        role, the client belongs to another group) says nothing of what was signed by the card behind it.
        """
        ids = self._ids[order.sudo()]
        if not head or head._psa_follows_cards():
            return ids
        head = head.sudo()  # sudo: see the class
        signed_by = head.psa_rate_id.card_id.id or order.sudo()._psa_signed_card(role)
        if not signed_by or ids[:1] == [signed_by]:
            return ids
        key = head, role
        if key not in self._asked:
            self._asked[key] = self._cards_behind(order, role, ids, head, signed_by)
        return self._asked[key]

    def _cards_behind(self, order, role, ids, head, signed_by):
        if signed_by not in ids:
            return [signed_by, *ids]
        place = ids.index(signed_by)
        says = self._resolver.find(
            ids[:place],
            role.id,
            head.psa_employee_id.id or None,
            head.psa_location_id.id or None,
            order._psa_price_day(),
        )
        return ids[place:] if says else ids

    def first_day(self, order, answer):
        """The day from which ``answer`` is the price on ``order``: money is converted that day."""
        return max(answer.row.start, order._psa_price_day())

    def missing(self, order, role, day):
        """In words, that no card of ``order`` has a rate on ``day``, and the first later day that has one."""
        cards = self.cards[order.sudo()]
        text = self.env._(
            "No rate for the role %(role)s on %(date)s in %(cards)s.",
            role=role.sudo().display_name,
            date=format_date(self.env, day),
            cards=", ".join(cards.mapped("name")) or self.env._("any rate card: there is none yet"),
        )
        days = [row.date_start for row in cards.line_ids if row.role_id == role and row.date_start > day]
        if days:
            text += " " + self.env._("The first one begins on %s.", format_date(self.env, min(days)))
        return text

    def is_foreign(self, order, answer):
        """Whether ``answer`` is in another currency than ``order``."""
        return self._card(answer).currency_id != order.currency_id

    def price(self, order, answer, unit, day):
        """``(price of a unit in the order's currency, why)``, rounded once, to the currency.

        :param unit: ``uom.uom`` of the line; what is no unit of time costs what an hour costs
        :param day: the day of conversion
        :raises MissingRate: where the card's or the order's currency has no exchange rate that day
        """
        row, unit_hours = answer.row, unit._psa_hours(order) or 1.0
        amount = float(
            price_of_unit(row.price, row.unit, _decimal(unit_hours), _decimal(order._psa_hours_per_day()))
        )
        factor = self._factor(order, answer, day)
        price = order.currency_id.round(amount * factor)
        return price, self._reason(order, answer, unit, day, factor)

    def at_price(self, order, answer, lines, says=None):
        """Those of ``lines``, of one group on ``order``, that sell at ``answer``.

        What was priced by it once keeps its price, whatever exchange rates or the length of a working day
        have become; else the price decides. A rate of nothing waits for its price.

        :param says: as the method ``says``, which is asked where nothing was priced by it
        :raises MissingRate: see ``price``
        """
        says = says or self.says
        priced = lines.filtered(lambda line: self._was_priced_by(order, answer, line))[:1]
        if not priced:
            return lines.filtered(lambda line: says(order, answer, line))
        return lines.filtered(
            lambda line: (
                line.product_uom_id == priced.product_uom_id
                and not line.currency_id.compare_amounts(line.price_unit, priced.price_unit)
            )
        )

    def _was_priced_by(self, order, answer, line):
        """Whether ``line`` was priced by the row of ``answer``, or by one that says the same from then on."""
        rate, row = line.psa_rate_id, answer.row
        if not (rate and line.price_unit):
            return False
        return rate.id == row.row_id or (
            rate.currency_id == self._card(answer).currency_id
            and (rate.unit, _decimal(rate.price)) == (row.unit, row.price)
            and max(rate.date_start, order._psa_price_day()) == self.first_day(order, answer)
        )

    def says(self, order, answer, line):
        """Whether ``line`` has the price that ``answer`` is today, in the unit of the line.

        :raises MissingRate: see ``price``
        """
        price, _reason = self.price(order, answer, line.product_uom_id, self.first_day(order, answer))
        return not line.currency_id.compare_amounts(line._psa_with_taxes(price), line.price_unit)

    def _card(self, answer):
        return self.env["psa.rate.card"].browse(answer.card)

    def _factor(self, order, answer, day):
        factor = self.factor(order, self._card(answer), day)
        self._factors[order.sudo()][self._card(answer).currency_id, day] = factor
        return factor

    def factor(self, order, card, day):
        """What an amount of ``card`` is multiplied with on ``day`` to be one of ``order``; what was signed
        stays.

        :raises MissingRate: where a currency has no exchange rate that day
        """
        ours, theirs = card.currency_id, order.currency_id
        if ours == theirs:
            return 1.0
        kept = order.sudo()._psa_signed_exchange(ours, day)
        if kept:
            return kept
        for currency in (ours, theirs):
            if not self._has_exchange_rate(currency, order.company_id, day):
                raise MissingRate(
                    self.env._(
                        "%(card)s is in %(card_currency)s, the order in %(order_currency)s, and %(currency)s "
                        "has no exchange rate on %(date)s. Have an administrator of accounting enter one "
                        "under Invoicing > Configuration > Accounting > Currencies.",
                        card=card.name,
                        card_currency=ours.name,
                        order_currency=theirs.name,
                        currency=currency.name,
                        date=format_date(self.env, day),
                    )
                )
        return ours._get_conversion_rate(ours, theirs, order.company_id, day)

    def keep_factors(self):
        """What signed orders were priced by until today stays, whatever the exchange rates become."""
        for order, factors in self._factors.items():
            today = fields.Date.context_today(order)
            used = {
                (currency, day): factor
                for (currency, day), factor in factors.items()
                if currency != order.currency_id and day <= today
            }
            if used and order.state == "sale":
                order._psa_keep_exchange(used)

    def _has_exchange_rate(self, currency, company, day):
        """Whether there is one on or before ``day``: else the host takes a later one, or 1."""
        if currency == company.currency_id:
            return True
        if self._first_exchange_rates is None:
            self._first_exchange_rates = {
                (of_currency.id, of_company.id): first
                for of_currency, of_company, first in self.env["res.currency.rate"]._read_group(
                    [], ["currency_id", "company_id"], ["name:min"]
                )
            }
        firsts = (self._first_exchange_rates.get((currency.id, c)) for c in (False, company.root_id.id))
        return any(first and first <= day for first in firsts)

    def _reason(self, order, answer, unit, day, factor):
        card, row = self._card(answer), answer.row
        line = self.env["psa.rate.card.line"].browse(row.row_id)
        reason = self.env._(
            "%(card)s: %(rate)s, on %(date)s",
            card=card.name,
            rate=line.display_name,
            date=format_date(self.env, day),
        )
        if factor != 1.0 or card.currency_id != order.currency_id:
            reason = self.env._(
                "%(reason)s, %(amount)s %(currency)s converted that day at %(factor)s, "
                "rounded to %(rounding)s",
                reason=reason,
                amount=formatLang(self.env, line.price, digits=card.currency_id.decimal_places),
                currency=card.currency_id.name,
                factor=factor_told(self.env, factor),
                rounding=number_told(self.env, order.currency_id.rounding, 6),
            )
        return self._reason_of_unit(order, line, unit, reason)

    def _reason_of_unit(self, order, line, unit, reason):
        """``reason``, and how the price of a ``line`` of the card became one of ``unit``."""
        hour, day = self.env["uom.uom"]._psa_hour(), self.env["uom.uom"]._psa_day()
        if unit == (day if line.unit == DAY else hour) or not unit._psa_hours(order):
            return reason
        hours = order._psa_hours_per_day()
        if line.unit == DAY:
            return self.env._(
                "%(reason)s, %(daily)s a day of %(hours)s h for %(unit)s",
                reason=reason,
                daily=line.currency_id.format(line.price),
                hours=number_told(self.env, hours),
                unit=unit.name,
            )
        return self.env._(
            "%(reason)s, %(hourly)s an hour for %(unit)s of %(hours)s h",
            reason=reason,
            hourly=line.currency_id.format(line.price),
            unit=unit.name,
            hours=number_told(self.env, unit._psa_hours(order)),
        )


def _decimal(number):
    """``number`` as people write it: a float of 7.6 is 7.6."""
    return Decimal(str(number))
