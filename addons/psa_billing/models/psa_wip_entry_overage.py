"""What is billed for work over a retainer: on which line, how much of it."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from odoo import models

from ..core.adjustment import Piece
from ..core.money import amount_of, dec, round_to
from ..core.rounding import DAY, round_day
from ..core.slices import in_parts, left_beside


@dataclass(frozen=True)
class Overage:
    """The SOL that bills what an entry is over a retainer, its net price, the billable quantity, and money
    beside quantity times price: what its other parts were billed beyond theirs, with the other sign."""

    line: object
    price: Decimal
    quantity: Decimal
    beside: Decimal

    @property
    def values(self):
        """What all parts of the entry that are over the retainer have in common."""
        return {
            "sale_line_id": self.line.id,
            "unit_price": float(round_to(self.price, dec(0.000001))),
        }

    def pieces(self, hours):
        """The ``Piece`` of each of ``hours``, which together are over the retainer."""
        unit = dec(self.line.currency_id.rounding)
        amount = amount_of(self.quantity, self.price, unit) + self.beside
        whole = Piece(sum(hours, dec(0)), self.quantity, amount, self.beside)
        return in_parts(whole, hours, self.price, unit, self.line._psa_quantity_unit())


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_overage_of(self, drawn, prices):
        """``{(retainer, analytic line): Overage}`` of what is over retainers.

        :param drawn: see ``_psa_draw_one``
        :param prices: see ``_psa_prices``
        """
        over = {key: part for key, (parts, _entries) in drawn.items() for part in parts if part.over}
        if not over:
            return {}
        wanted = {
            (retainer, line): (retainer, line._psa_overage_price(retainer, part.period, prices))
            for (retainer, line), part in over.items()
        }
        # sudo: lines for work over a retainer are made by rules, not by who approves the time
        sale_lines = self.env["sale.order.line"].sudo()._psa_overage_lines(set(wanted.values()))
        days = defaultdict(dict)
        for (retainer, line), part in over.items():
            sale_line = sale_lines[wanted[retainer, line]]
            days[retainer, line.employee_id, line.date][line] = sale_line, part.hours
        waiting = self.browse().union(*(entries for _parts, entries in drawn.values()))
        settled = self._psa_parts_on(days)
        answer = {}
        for day, works in days.items():  # a day on lines over one retainer, see _psa_day_head
            parts = settled[day] - waiting
            of_line = parts.grouped(lambda part: (part.analytic_line_id, part.sale_line_id))
            for line, quantity in self._psa_round_overage(works, parts).items():
                sale_line = works[line][0]
                own = of_line.get((line, sale_line), self.browse())
                price, unit = sale_line._psa_net_price(), dec(sale_line.currency_id.rounding)
                beside = left_beside(quantity, price, [part._psa_piece() for part in own], unit)
                answer[day[0], line] = Overage(sale_line, price, quantity, beside)
        return answer

    @staticmethod
    def _psa_round_overage(works, settled):
        """``{analytic line: quantity}`` of what a person worked over a retainer on one day.

        :param works: ``{analytic line: (SOL that bills it, hours over the retainer that wait)}``
        :param settled: the parts of the day that stay as they were rated
        """
        sale_line = next(iter(works.values()))[0]
        terms = sale_line._psa_rounding()
        how = terms.rounding_minutes, terms.rounding_direction, sale_line._psa_quantity_unit()
        # an entry may be settled in part: its parts are times of their own, and are rounded with the rest
        times = defaultdict(list)
        for line, (own, time) in works.items():
            times[line].append(own._psa_time((line.id, True), time))
        for part in settled:
            quantity, line = dec(part.billable_quantity), part.analytic_line_id
            times[line].append(part.sale_line_id._psa_time((line.id, False), dec(part.raw_hours), quantity))
        if terms.rounding_scope == DAY:
            together = [sum(times.values(), [])]
        else:
            together = [times[line] for line in works]
        rounded = {}
        for own in together:
            rounded.update(round_day(own, *how))
        return {line: rounded[line.id, True] for line in works}
