"""The billable quantity of time, rounded as agreement or SOW say; the rule is ``core.rounding``."""

from collections import defaultdict

from odoo import models
from odoo.fields import Domain

from ..core.money import dec
from ..core.rounding import DAY, Time, in_turn, round_day, to_increment
from .psa_wip_entry import UNFIXED_STATES


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_rounded_days(self):
        """The days on which these entries are rounded together with others: ``{(head, employee, date)}``.

        Whoever takes entries away asks before, and gives the days to ``_psa_recut`` after.
        """
        by_day = self.sale_line_id.filtered(lambda line: line._psa_rounding().rounding_scope == DAY)
        # what is over a retainer is rounded anew whenever work draws on it: its hours follow from the balance
        entries = self.filtered(lambda entry: entry.sale_line_id in by_day and not entry.retainer_line_id)
        return {(entry.sale_line_id._psa_day_head(), entry.employee_id, entry.date) for entry in entries}

    def _psa_round(self, new_lines, days=()):
        """The rounded quantities of new work, and of what waits on the same days.

        :param new_lines: ``account.analytic.line`` on T&M lines, without WIP entries yet
        :param days: days that lost time, see ``_psa_rounded_days``
        :return: ``{analytic line: quantity in the unit of its SOL}``, and the waiting WIP entries among them
        """
        terms = {line: line._psa_rounding() for line in new_lines.so_line}
        on_days, by_entry = defaultdict(new_lines.browse, dict.fromkeys(days, new_lines.browse())), []
        for line in new_lines:
            if terms[line.so_line].rounding_scope == DAY:
                on_days[line.so_line._psa_day_head(), line.employee_id, line.date] += line
            else:
                by_entry.append(line)
        quantities = new_lines.browse([line.id for line in by_entry])._psa_round_entries(terms)
        if not on_days:
            return quantities, self.browse()
        # Of two approvals of one day at once the second rounds with what the first did.
        self._psa_lock_orders(self.env["sale.order"].union(*(day[0].order_id._psa_sow() for day in on_days)))
        parts_of = self._psa_parts_on(on_days)
        waiting, known = self.browse(), self.browse().union(*parts_of.values())
        sold = new_lines.browse().union(*on_days.values()).so_line | known.sale_line_id
        carried = self._psa_carried(sold, known)
        for day, lines in on_days.items():
            parts = parts_of[day]
            rounded = self._psa_round_day(day[0], lines, parts, carried)
            quantities.update(rounded)
            waiting += parts.filtered(lambda part, rounded=rounded: part.analytic_line_id in rounded)
        return quantities, waiting

    def _psa_carried(self, sale_lines, but=()):
        """``{SOL: quantity}`` (Decimal) that rounding took off the work that waits there, below zero what it
        added; of SOLs whose quantities cannot say all hours, see ``core.rounding.nearest``.

        :param but: work that is rounded anew
        """
        carried = {line: dec(0) for line in sale_lines if line._psa_is_uneven()}
        if not carried:
            return carried
        domain = [
            ("sale_line_id", "in", [line.id for line in carried]),
            ("state", "in", UNFIXED_STATES),
            ("payer_id", "=", False),
            ("slice_number", "=", 0),
            ("retainer_line_id", "=", False),
        ]
        waiting = self.search(domain) - self.browse([part.id for part in but])
        for line, own in waiting.grouped("sale_line_id").items():
            terms, smallest = line._psa_rounding(), line._psa_quantity_unit()
            for parts in own._psa_rounded_together(terms).values():
                exact = line._psa_exact_quantity(parts.analytic_line_id, terms)
                lost = exact - sum(dec(part.billable_quantity) for part in parts)
                if abs(lost) < smallest:  # more than that is no rounding: a part is billed, or was changed
                    carried[line] += lost
        return carried

    def _psa_rounded_together(self, terms):
        """These parts on one SOL by the entry, or the day of a person, that they are rounded with."""
        if terms.rounding_scope == DAY:
            return self.grouped(lambda part: (part.employee_id, part.date))
        return self.grouped("analytic_line_id")

    def _psa_parts_on(self, days):
        """``{day: the WIP entries on it that are billed by their hours}``, on whichever lines of its group.

        :param days: ``(head, employee, date)``, see ``_psa_rounded_days``
        """
        heads, employees, dates = map(set, zip(*days, strict=True))
        lines = self.env["sale.order.line"].union(*heads)._psa_day_lines()
        found = self.search(
            [
                ("sale_line_id", "in", lines.ids),
                ("employee_id", "in", [employee.id for employee in employees]),
                ("date", "in", list(dates)),
                ("state", "!=", "covered"),
            ]
        ).grouped(lambda part: (part.sale_line_id._psa_day_head(), part.employee_id, part.date))
        return defaultdict(self.browse, found)

    def _psa_round_day(self, head, lines, parts, carried):
        """``{analytic line: quantity}`` of the new ``lines`` and of those whose ``parts`` all wait.

        :param carried: see ``_psa_carried``; what the day adds to it is noted there
        """
        times = [
            line.so_line._psa_time((line.id, line.so_line.id), line.so_line._psa_hours_of(line))
            for line in lines
        ]
        for (line, sale_line), own in parts.grouped(lambda p: (p.analytic_line_id, p.sale_line_id)).items():
            settled, hours = None, sale_line._psa_hours_of(line)
            sliced = own._psa_is_sliced()
            # What was shared between payers was billed once: the day is not rounded anew.
            if sliced or any(part.state not in UNFIXED_STATES or part.payer_id for part in own):
                settled = sum((dec(part.billable_quantity) for part in own), dec(0))
            if sliced:
                hours = sum((dec(part.raw_hours) for part in own), dec(0))
            times.append(sale_line._psa_time((line.id, sale_line.id), hours, settled))
        terms = head._psa_rounding()
        how = terms.rounding_minutes, terms.rounding_direction
        # on several lines the hours of a day are no matter of one of them
        sold = lines.so_line | parts.sale_line_id
        before = carried.get(sold, dec(0)) if len(sold) == 1 else dec(0)
        rounded = round_day(times, *how, head._psa_quantity_unit(), before)
        if sold in carried and rounded:
            settled = sum((time.settled for time in times if time.settled is not None), dec(0))
            hours = sum((time.hours for time in times), dec(0))
            exact = to_increment(hours, *how) / dec(sold._psa_unit_hours())
            carried[sold] += exact - settled - sum(rounded.values())
        entries = self.env["account.analytic.line"]
        return {entries.browse(key): quantity for (key, _sale_line), quantity in rounded.items()}


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    def _psa_round_entries(self, terms):
        """``{entry: billable quantity}`` of new entries that are each rounded for themselves, in their order.

        :param terms: ``{SOL: BillingTerms}``
        """
        carried, quantities = self.env["psa.wip.entry"]._psa_carried(self.so_line), {}
        for sold, entries in self.grouped("so_line").items():
            if sold in carried:
                exacts = [sold._psa_exact_quantity(entry, terms[sold]) for entry in entries]
                rounded = in_turn(exacts, carried[sold], sold._psa_quantity_unit())
                quantities.update(zip(entries, rounded, strict=True))
            else:
                quantities.update(
                    (entry, sold._psa_rounded_quantity(entry, terms[sold])) for entry in entries
                )
        return quantities


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_day_head(self):
        """The line with whose time a day on this line is rounded together: the first of its group; of what
        is over a retainer, whatever its price, the retainer."""
        self.ensure_one()
        return self.psa_overage_of_line_id or self._psa_group_head()

    def _psa_day_lines(self):
        """All lines on which days are rounded together with those of these heads."""
        heads = ("psa_group_line_id", "psa_overage_of_line_id")
        return self | self.search(Domain.OR([(name, "in", self.ids)] for name in heads))

    def _psa_time(self, key, hours, settled=None):
        """``Time`` on this line."""
        return Time(key, hours, settled, dec(self._psa_unit_hours()))
