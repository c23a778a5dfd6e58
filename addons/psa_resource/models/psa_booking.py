from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from odoo.addons.psa_contracts.models.numbers import number_told

from ..core.capacity import overload

YEARS = 5  # of one booking, at most


class PsaBooking(models.Model):
    _name = "psa.booking"
    _inherit = "psa.import.again"
    _description = "Booking"
    _order = "date_start, id"
    _check_company_auto = True

    demand_id = fields.Many2one(
        "psa.demand", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="demand_id.company_id", store=True, index=True)
    project_id = fields.Many2one(related="demand_id.project_id", store=True)
    role_id = fields.Many2one(related="demand_id.role_id", store=True)
    employee_id = fields.Many2one("hr.employee", required=True, index=True, check_company=True)
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To", required=True)
    hours = fields.Float(required=True)
    kind = fields.Selection(
        [("soft", "Soft"), ("hard", "Hard")],
        default="soft",
        required=True,
        help="Hard bookings take capacity; soft ones are plans that stand beside it.",
    )
    overload_hours = fields.Float(
        string="Over Capacity",
        compute="_compute_overload_hours",
        help="Hours that do not fit beside the person's other hard bookings in this window.",
    )

    _hours_positive = models.Constraint("CHECK(hours > 0)", "A booking needs hours above zero.")
    _dates_in_order = models.Constraint(
        "CHECK(date_end >= date_start)", "A booking cannot end before it starts: check the two dates."
    )

    @api.depends("employee_id", "demand_id")
    def _compute_display_name(self):
        for booking in self:
            booking.display_name = f"{booking.employee_id.name or ''} · {booking.demand_id.name or ''}"

    @api.depends("employee_id", "date_start", "date_end", "hours", "kind")
    def _compute_overload_hours(self):
        complete = self.filtered(
            lambda b: b.employee_id and b.date_start and b.date_end and b.date_start <= b.date_end
        )
        (self - complete).overload_hours = 0
        if not complete:
            return
        rivals = complete._psa_rivals()
        days = (complete | rivals).mapped("date_start") + (complete | rivals).mapped("date_end")
        capacity = complete.employee_id._origin._psa_capacity(min(days), max(days))
        rivals_of = rivals.grouped("employee_id")
        for booking in complete:
            employee = booking.employee_id._origin
            others = rivals_of.get(employee, rivals.browse()) - booking._origin
            booking.overload_hours = overload(
                booking._psa_job(), [other._psa_job() for other in others], capacity[employee.id]
            )

    def _psa_job(self):
        self.ensure_one()
        return self.date_start, self.date_end, self.hours

    def _psa_rivals(self):
        """The hard bookings that compete with these for the same people.

        Also those that only push aside one that competes: the window grows until nothing more is met.
        """
        first, last = min(self.mapped("date_start")), max(self.mapped("date_end"))
        while True:
            # sudo: as in _psa_load, every engagement of the person counts.
            rivals = self.sudo().search(
                [
                    ("employee_id", "in", self.employee_id._origin.ids),
                    ("demand_id.state", "=", "open"),
                    ("kind", "=", "hard"),
                    ("date_start", "<=", last),
                    ("date_end", ">=", first),
                ]
            )
            window = min([first, *rivals.mapped("date_start")]), max([last, *rivals.mapped("date_end")])
            if window == (first, last):
                return rivals
            first, last = window

    @api.onchange("demand_id")
    def _onchange_demand_id(self):
        if self.demand_id:
            self.date_start = self.date_start or self.demand_id.date_start
            self.date_end = self.date_end or self.demand_id.date_end
            self.hours = self.hours or self.demand_id.open_hours

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        hard = bookings.filtered(lambda booking: booking.kind == "hard").grouped("demand_id")
        bookings._psa_check_not_overbooked(
            {
                demand: demand.booked_hours - sum(hard.get(demand, bookings.browse()).mapped("hours"))
                for demand in bookings.demand_id
            }
        )
        return bookings

    def write(self, vals):
        demands = self.demand_id | self.env["psa.demand"].browse(vals.get("demand_id") or ())
        before = {demand: demand.booked_hours for demand in demands}
        result = super().write(vals)
        if {"demand_id", "hours", "kind"} & vals.keys():
            self._psa_check_not_overbooked(before)
        return result

    def _psa_check_not_overbooked(self, before):
        """Nobody books more than is asked for. Where less is asked for than is booked (a change order has cut
        it), bookings are cut one after the other.

        Two at once both write the demand's booked_hours: the second is retried and sees the first.

        :param before: ``{demand: hours booked hard before the change}``
        :raises ValidationError: otherwise
        """
        for demand in self.demand_id:
            hard = demand.booking_ids.filtered(lambda booking: booking.kind == "hard")
            booked = sum(hard.mapped("hours"))
            if booked > max(demand.hours, before[demand]) + 0.005:
                raise ValidationError(
                    self.env._(
                        "%(demand)s asks for %(hours)s h; with this booking %(booked)s h would be booked. "
                        "Book at most %(open)s h, or book soft.",
                        demand=demand.name,
                        hours=number_told(self.env, demand.hours),
                        booked=number_told(self.env, booked),
                        open=number_told(
                            self.env, max(0, demand.hours - booked + sum((hard & self).mapped("hours")))
                        ),
                    )
                )

    @api.constrains("date_start", "date_end")
    def _check_length(self):
        """Its hours are spread over the working time of all its days, whenever somebody looks at a week: a
        year that was mistyped would make everybody wait."""
        for booking in self:
            if booking.date_end >= booking.date_start + relativedelta(years=YEARS):
                raise ValidationError(
                    self.env._(
                        "%(person)s would be booked from %(first)s to %(last)s, for more than %(years)s "
                        "years. Check the year of the two dates, or book the first part of it.",
                        person=booking.employee_id.name,
                        first=format_date(self.env, booking.date_start),
                        last=format_date(self.env, booking.date_end),
                        years=YEARS,
                    )
                )

    @api.constrains("demand_id", "employee_id", "date_start", "date_end", "hours", "kind")
    def _check_demand_open(self):
        for booking in self:
            if booking.demand_id.state == "cancelled":
                raise ValidationError(
                    self.env._(
                        "%s is cancelled: nobody can be booked for it. Book for another demand.",
                        booking.demand_id.name,
                    )
                )
