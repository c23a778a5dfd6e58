"""Approved work draws on the periods of its retainer; the rules are ``core.retainers``."""

from collections import defaultdict
from dataclasses import replace

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.psa_contracts.core.rates import MissingRate
from odoo.addons.psa_contracts.models.rate_pricer import RatePricer

from ..core.money import CENT, dec, round_to
from ..core.retainers import Grant, Work, draw

FIGURES = ("opening", "used", "expired", "closing", "over_hours")


class PsaRetainerPeriod(models.Model):
    _inherit = "psa.retainer.period"

    @api.model
    def _psa_draw(self, retainers):
        """Let all unsettled work on ``retainers`` draw on their open periods anew, in the order of its days.

        What is over them consumes the caps of SOW and agreement together with all other unbilled work.

        :param retainers: first lines of retainers, ``sale.order.line``
        :raises UserError: where a retainer grants money and work has no rate
        """
        # sudo: what work draws follows from its approval and the contract, whoever approves or signs
        retainers = retainers.sudo().filtered(lambda line: line._psa_is_drawn())
        if not retainers:
            return
        wip = self.env["psa.wip.entry"].sudo()
        orders = retainers.order_id._psa_sow()
        capped = orders._psa_under_caps()
        wip._psa_lock_orders(orders)
        periods = self.sudo()
        of_retainer = periods._psa_by_retainer(retainers)
        parts = wip.search([("retainer_line_id", "in", retainers.ids)]).grouped("retainer_line_id")
        prices = self._psa_prices(retainers, parts)
        drawn = {}
        for retainer in retainers:
            own, entries = of_retainer.get(retainer, periods.browse()), parts.get(retainer, wip.browse())
            drawn.update(own._psa_draw_one(retainer, entries, prices))
        wip._psa_apply_drawn(drawn, prices)
        if capped:
            wip._psa_recut(capped)

    def _psa_draw_one(self, retainer, parts, prices):
        """Write the figures of these periods, all those of ``retainer``.

        :return: ``{(retainer, analytic line): ([Part] by core, its unsettled WIP entries)}``
        """
        settled = parts.filtered(lambda part: part._psa_is_drawn_before())
        waiting = parts - settled
        over, works = defaultdict(lambda: dec(0)), []
        for part in settled:
            if part.state != "covered":
                over[part.retainer_period_id] += dec(part.raw_hours)
        by_line = waiting.grouped("analytic_line_id")
        money = retainer.psa_retainer_grant == "money"
        for line, own in by_line.items():
            # hours that somebody moved to another line draw on nothing here, hours of other lines do
            hours = round_to(sum((dec(part.raw_hours) for part in own), dec(0)), dec(0.000001))
            price = dec(prices[retainer, line][0]) if money else dec(1)
            works.append(Work((line.date, line.id), line.date, hours, price))
        line_of = {(line.date, line.id): line for line in by_line}
        cent = dec(retainer.currency_id.rounding) if money else CENT
        figures, drawn = draw(
            [period._psa_grant() for period in self], works, retainer._psa_retainer_terms(), cent
        )
        for figure in figures:
            figure.key._psa_write_figures(replace(figure, over_hours=figure.over_hours + over[figure.key]))
        answer = {(retainer, line): ([], entries) for line, entries in by_line.items()}
        for part in drawn:
            answer[retainer, line_of[part.key]][0].append(part)
        return answer

    def _psa_grant(self):
        self.ensure_one()
        return Grant(
            self,
            self.date_start,
            self.date_end,
            dec(self.granted),
            used=dec(self.used) if self.is_closed else None,
            opening=dec(self.opening) if self.opening_set else None,
            used_before=dec(self.used_before),
            ends=self.ends_retainer,
        )

    def _psa_has_room(self, rate):
        """Whether a hundredth of an hour more, at ``rate`` where it grants money, draws on this period."""
        self.ensure_one()
        left = dec(self.opening) + dec(self.granted) - dec(self.used)
        return left >= CENT * (dec(rate) if self.grants_money else 1)

    def _psa_adds_up(self):
        """Whether the figures of this period are written: one that was made just now has none yet."""
        self.ensure_one()
        return not round(self.opening + self.granted - self.used - self.expired - self.closing, 6)

    def _psa_write_figures(self, figure):
        if self.is_closed and self._psa_adds_up():
            return
        changed = {
            name: float(getattr(figure, name))
            for name in FIGURES
            if round(self[name], 6) != round(float(getattr(figure, name)), 6)
        }
        if changed:
            self.write(changed)

    def _psa_bring_forward(self, opening, used_before):
        """The period opens with ``opening``; ``used_before`` was used of it before this system (Decimal)."""
        self.ensure_one()
        used = dec(self.used) - dec(self.used_before) + used_before
        closing = opening + dec(self.granted) - used - dec(self.expired)
        figures = {"opening": opening, "used_before": used_before, "used": used, "closing": closing}
        self.write({name: float(figure) for name, figure in figures.items()})

    def _psa_prices(self, retainers, parts):
        """``{(retainer, analytic line): (rate of an hour, net; as it stands on a line)}`` where money is
        granted.

        Work keeps the rate that it was rated at; new work has that of the card.
        """
        money = retainers.filtered(lambda line: line.psa_retainer_grant == "money")
        entries, known = {}, {}
        for part in (part for line in money for part in parts.get(line, ())):
            key = part.retainer_line_id, part.analytic_line_id
            entries.setdefault(key, part)
            if part.draw_rate:
                known[key] = part.draw_rate
        new = {key: part for key, part in entries.items() if key not in known}
        pricer = self._psa_pricer_of(new.values()) if new else None
        prices = {key: self._psa_price_of(pricer, part) for key, part in new.items()}
        if pricer:
            pricer.keep_factors()
        for key, rate in known.items():
            prices[key] = rate, key[0]._psa_with_taxes(rate)
        return prices

    @staticmethod
    def _psa_pricer_of(parts):
        """``RatePricer`` of the work ``parts`` on retainers."""
        parts = list(parts)
        work = parts[0].union(*parts)
        return RatePricer(work.retainer_line_id.order_id, work.role_id)

    def _psa_no_rate_message(self, pricer, part, day):
        retainer = part.retainer_line_id
        values = {"retainer": retainer.display_name, "date": format_date(self.env, part.date)}
        if not part.role_id:
            return self.env._(
                "%(retainer)s grants money: the work of %(date)s needs a rate, but has no role. Recall it, "
                "choose its role, then submit and approve it again.",
                **values,
            )
        return self.env._(
            "%(retainer)s grants money: the work of %(date)s needs a rate. %(problem)s Have a rate manager "
            "add it to the card, then approve the time again.",
            problem=pricer.missing(retainer.order_id, part.role_id, day),
            **values,
        )

    def _psa_price_of(self, pricer, part):
        retainer = part.retainer_line_id
        order, employee = retainer.order_id, part.employee_id
        day = max(part.date, order._psa_price_day())
        place = employee._psa_place_on(part.date)
        answer = part.role_id and pricer.find(order, part.role_id, employee, place, day, retainer)
        if not answer:
            price = retainer.psa_retainer_overage_rate
            if not price:
                raise UserError(self._psa_no_rate_message(pricer, part, day))
        else:
            try:
                hour = self.env["uom.uom"]._psa_hour()
                price, _reason = pricer.price(order, answer, hour, pricer.first_day(order, answer))
            except MissingRate as missing:
                raise UserError(str(missing)) from None
        return price, retainer._psa_with_taxes(price)
