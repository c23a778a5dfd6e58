from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, models

from ..core.capacity import add_up, clip, hours_by_day, spread


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    @api.private
    def _psa_capacity(self, date_from, date_to):
        """Hours that these employees can work: ``{employee id: {day: hours}}``, both dates inclusive.

        Working time of the contract version in force that day, less leave and public holidays, by local
        day of the employee. One ``_work_intervals_batch`` a calendar, however many employees there are;
        the host's own helpers mix the calendars of a part-time switch.
        """
        # sudo: how much a colleague can work is known to all who plan; why (contracts, leaves) is not shown.
        employees = self.sudo()
        by_calendar = defaultdict(list)
        for employee in employees:
            for calendar, first, last in employee._psa_calendar_spans(date_from, date_to):
                by_calendar[calendar].append((employee, first, last))
        # a day more on both sides: local days begin and end at other instants than those of UTC
        start = pytz.utc.localize(datetime.combine(date_from - timedelta(days=1), time.min))
        stop = pytz.utc.localize(datetime.combine(date_to + timedelta(days=2), time.min))
        capacity = {employee.id: {} for employee in employees}
        for calendar, spans in by_calendar.items():
            resources = self.env["hr.employee"].sudo().concat(*(span[0] for span in spans)).resource_id
            intervals = self._psa_work_intervals(calendar, resources, start, stop)
            for employee, first, last in spans:
                resource = employee.resource_id
                worked = ((begin, end) for begin, end, _meta in intervals[resource.id])
                days = hours_by_day(worked, pytz.timezone(resource.tz or "UTC"))
                capacity[employee.id].update(clip(days, first, last))
        return capacity

    @api.model
    def _psa_work_intervals(self, calendar, resources, start, stop):
        """``{resource id: working intervals}``;

        who has no calendar works the given one, not 24 hours a day.
        """
        flexible = resources.filtered(lambda resource: resource._is_fully_flexible())
        intervals = {}
        if resources - flexible:
            intervals.update(calendar._work_intervals_batch(start, stop, resources - flexible))
        if flexible:
            usual = calendar._attendance_intervals_batch(start, stop)[False]
            leaves = calendar._leave_intervals_batch(start, stop, flexible)
            intervals.update({resource.id: usual - leaves[resource.id] for resource in flexible})
        return intervals

    def _psa_calendar_spans(self, date_from, date_to):
        """``(calendar, first day, last day)`` of each contract version of one employee in the window."""
        self.ensure_one()
        company_calendar = self.company_id.resource_calendar_id
        if not self.version_ids.filtered("contract_date_start"):
            # never had a contract: the employee's own calendar; without one the company's, as no
            # calendar means 24 hours a day to the host
            return [(self.resource_calendar_id or company_calendar, date_from, date_to)]
        return [
            (
                version.resource_calendar_id or company_calendar,
                max(date_from, version.date_start or date_from),
                min(date_to, version.date_end or date_to),
            )
            for version in self._get_versions_with_contract_overlap_with_period(date_from, date_to)
        ]

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
