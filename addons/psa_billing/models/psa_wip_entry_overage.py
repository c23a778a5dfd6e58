"""What is billed for work over a retainer: on which line, how much of it."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from odoo import models

from ..core.money import dec
from ..core.rounding import DAY, quantity_of, round_day


@dataclass(frozen=True)
class Overage:
    """The SOL that bills what an entry is over its retainer, the billable quantity, and money beside quantity
    times price: what its other parts were billed at a cap beyond theirs, with the other sign."""

    line: object
    quantity: Decimal
    beside: Decimal


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_overage_of(self, drawn, prices):
        """``{analytic line: Overage}`` of what is over retainers.

        :param drawn: see ``_psa_draw_one``
        :param prices: see ``_psa_prices``
        """
        over = {line: part for line, (parts, _entries) in drawn.items() for part in parts if part.over}
        if not over:
            return {}
        wanted = {
            line: (line._psa_retainers(), line._psa_overage_price(part.period, prices))
            for line, part in over.items()
        }
        # sudo: lines for work over a retainer are made by rules, not by who approves the time
        sale_lines = self.env["sale.order.line"].sudo()._psa_overage_lines(set(wanted.values()))
        days = defaultdict(dict)
        for line, part in over.items():
            sale_line = sale_lines[wanted[line]]
            days[sale_line._psa_day_head(), line.employee_id, line.date][line] = sale_line, part.hours
        waiting = self.browse().union(*(entries for _parts, entries in drawn.values()))
        settled = self._psa_parts_on(days)
        answer = {}
        for day, works in days.items():
            parts = settled[day] - waiting
            of_line = parts.grouped(lambda part: (part.analytic_line_id, part.sale_line_id))
            for line, quantity in self._psa_round_overage(works, parts).items():
                sale_line = works[line][0]
                own = of_line.get((line, sale_line), self.browse())
                answer[line] = Overage(sale_line, quantity, -own._psa_beside_quantity() if own else dec(0))
        return answer

    @staticmethod
    def _psa_round_overage(works, settled):
        """``{analytic line: quantity}`` of what a person worked over a retainer on one day.

        :param works: ``{analytic line: (SOL that bills it, hours over the retainer that wait)}``
        :param settled: the parts of the day that stay as they were rated
        """
        sale_line = next(iter(works.values()))[0]
        terms = sale_line._psa_rounding()
        how, smallest = (terms.rounding_minutes, terms.rounding_direction), sale_line._psa_quantity_unit()
        if terms.rounding_scope != DAY:
            return {
                line: quantity_of(time, *how, dec(own._psa_unit_hours()), smallest)
                for line, (own, time) in works.items()
            }
        # an entry may be settled in part: its parts are times of their own
        times = [own._psa_time((line.id, True), time) for line, (own, time) in works.items()]
        times += [
            part.sale_line_id._psa_time(
                (part.analytic_line_id.id, False), dec(part.raw_hours), dec(part.billable_quantity)
            )
            for part in settled
        ]
        rounded = round_day(times, *how, smallest)
        return {line: rounded[line.id, True] for line in works}
