"""What is billed for work over a retainer: on which line, how much of it."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from odoo import models

from ..core.money import dec
from ..core.rounding import DAY, Time, quantity_of, round_day


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
            days[sale_lines[wanted[line]], line.employee_id, line.date][line] = part.hours
        waiting = self.browse().union(*(entries for _parts, entries in drawn.values()))
        settled = self._psa_parts_on(days)
        answer = {}
        for day, hours in days.items():
            parts = settled[day] - waiting
            of_line = parts.grouped("analytic_line_id")
            for line, quantity in self._psa_round_overage(day[0], hours, parts).items():
                beside = of_line[line]._psa_beside_quantity() if line in of_line else dec(0)
                answer[line] = Overage(day[0], quantity, -beside)
        return answer

    @staticmethod
    def _psa_round_overage(sale_line, hours, settled):
        """``{analytic line: quantity}`` of what a person worked over a retainer on one day.

        :param hours: ``{analytic line: hours over the retainer that wait}``
        :param settled: the parts of the day that stay as they were rated
        """
        terms = sale_line._psa_rounding()
        how = (terms.rounding_minutes, terms.rounding_direction)
        units = (dec(sale_line._psa_unit_hours()), sale_line._psa_quantity_unit())
        if terms.rounding_scope != DAY:
            return {line: quantity_of(time, *how, *units) for line, time in hours.items()}
        # an entry may be settled in part: its parts are times of their own
        times = [Time((line.id, True), time) for line, time in hours.items()]
        times += [
            Time((part.analytic_line_id.id, False), dec(part.raw_hours), dec(part.billable_quantity))
            for part in settled
        ]
        rounded = round_day(times, *how, *units)
        return {line: rounded[line.id, True] for line in hours}
