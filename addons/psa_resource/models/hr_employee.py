from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.intervals import Intervals

from odoo.addons.psa_project.core.periods import spells

from ..core.capacity import add_up, clip, contract_spans, hours_by_day, last_day, spread, take_off


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    @api.private
    def _psa_capacity(self, date_from, date_to):
        """Hours that these employees can work: ``{employee id: {day: hours}}``, both dates inclusive.

        Working time of the contract version in force that day, less leave and public holidays, by local
        day of the employee. Each calendar is read once a time zone, however many employees there are.
        The host's own helpers take the calendar that a resource has at the start of the window: wrong
        after a switch to part time, and 24 hours a day after one from no calendar.
        """
        # sudo: how much a colleague can work is known to all who plan; why (contracts, leaves) is not shown.
        employees = self.sudo()
        spans_of = defaultdict(list)
        for employee in employees:
            for calendar, first, last in employee._psa_calendar_spans(date_from, date_to):
                spans_of[calendar, employee.resource_id.tz or "UTC"].append((employee, first, last))
        capacity = {employee.id: {} for employee in employees}
        for (calendar, zone), spans in spans_of.items():
            tz = pytz.timezone(zone)
            # from a Monday: flexible calendars fill the hours of a week from the start of what is asked
            monday = date_from - timedelta(days=date_from.weekday())
            start = tz.localize(datetime.combine(monday, time.min))
            stop = tz.localize(datetime.combine(date_to + timedelta(days=1), time.min))
            resources = self.env["hr.employee"].sudo().concat(*(span[0] for span in spans)).resource_id
            usual = calendar._attendance_intervals_batch(start, stop, tz=tz)[False]
            leaves = calendar._leave_intervals_batch(start, stop, resources, tz=tz)
            for employee, first, last in spans:
                hours = self._psa_hours_worked(calendar, usual, leaves[employee.resource_id.id], tz)
                capacity[employee.id].update(clip(hours, first, last))
        return capacity

    @staticmethod
    def _psa_hours_worked(calendar, usual, leaves, tz):
        """``{day: hours}`` of the ``usual`` intervals of ``calendar`` without ``leaves``.

        Flexible hours have no time of the day, the host only puts them around noon: leave within a day
        takes its hours, whenever it is.
        """
        in_a_day = [leave for leave in leaves if leave[0].date() == leave[1].date()]
        if not (calendar.flexible_hours and in_a_day):
            return hours_by_day(((begin, end) for begin, end, _meta in usual - leaves), tz)
        longer = Intervals([leave for leave in leaves if leave not in in_a_day])
        worked = hours_by_day(((begin, end) for begin, end, _meta in usual - longer), tz)
        return take_off(worked, hours_by_day(((begin, end) for begin, end, _meta in in_a_day), tz))

    def _psa_calendar_spans(self, date_from, date_to):
        """``(calendar, first day, last day)`` of each version of one employee in the window: of those of
        contracts, or of all where the person never had one. After the day of departure there is none.

        Who has no calendar has the company's: to the host, no calendar means 24 hours a day.
        """
        self.ensure_one()
        company_calendar = self.company_id.resource_calendar_id
        versions = self.version_ids
        left = last_day(versions.mapped("departure_date"), versions.mapped("date_version"))
        date_to = min(date_to, left) if left else date_to
        if not any(versions.mapped("contract_date_start")):
            dated = sorted(
                ((v.date_version, v.resource_calendar_id) for v in versions), key=lambda version: version[0]
            )
            spans = [
                (calendar, max(first, date_from), min(last, date_to))
                for first, last, calendar in spells(dated)
                if first <= date_to and date_from <= last
            ]
        else:
            # not version.date_end, which costs one search a version
            spans = contract_spans(
                [
                    (v.resource_calendar_id, v.date_version, v.contract_date_start, v.contract_date_end)
                    for v in versions
                ],
                date_from,
                date_to,
            )
        spans = [(calendar or company_calendar, first, last) for calendar, first, last in spans]
        return [(calendar, first, last) for calendar, first, last in spans if calendar and first <= last]

    @api.private
    def _psa_load(self, date_from, date_to, capacity=None):
        """Booked hours by day and kind: ``{employee id: {"hard": {day: hours}, "soft": {day: hours}}}``."""
        # sudo: the load of a person counts the bookings of every engagement, also of those not shown.
        bookings = (
            self.env["psa.booking"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", self.ids),
                    ("demand_id.state", "=", "open"),
                    ("date_start", "<=", date_to),
                    ("date_end", ">=", date_from),
                ]
            )
        )
        first = min(bookings.mapped("date_start"), default=date_from)
        last = max(bookings.mapped("date_end"), default=date_to)
        if capacity is None or first < date_from or last > date_to:
            capacity = self._psa_capacity(min(first, date_from), max(last, date_to))
        loads = {employee: {"hard": [], "soft": []} for employee in self.ids}
        for booking in bookings:
            days = spread(
                booking.hours, capacity[booking.employee_id.id], booking.date_start, booking.date_end
            )
            loads[booking.employee_id.id][booking.kind].append(clip(days, date_from, date_to))
        return {
            employee: {kind: add_up(parts) for kind, parts in kinds.items()}
            for employee, kinds in loads.items()
        }

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """With ``psa_role_first`` (id of a role) in the context, the people of that role come first."""
        role = self.env.context.get("psa_role_first")
        if not role:
            return super().name_search(name, domain, operator, limit)
        in_role = Domain("psa_role_id", "=", role)
        domain = Domain(domain or Domain.TRUE)
        found = super().name_search(name, domain & in_role, operator, limit)
        if limit and len(found) >= limit:
            return found
        rest = limit - len(found) if limit else limit
        return found + super().name_search(name, domain & ~in_role, operator, rest)
