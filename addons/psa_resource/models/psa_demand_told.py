"""Who plans hears of bookings that do not fit any more what is asked for: bookings are theirs to change."""

from datetime import timedelta

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from odoo.addons.psa_contracts.models.numbers import number_told


class PsaDemand(models.Model):
    _inherit = "psa.demand"

    has_misfit = fields.Boolean(
        string="Has Bookings to Look At",
        compute="_compute_misfits",
        search="_search_has_misfit",
        help="More is booked than is asked for, or somebody is booked on other days.",
    )
    misfits = fields.Text(string="Bookings to Look At", compute="_compute_misfits")

    @api.depends(
        "hours",
        "date_start",
        "date_end",
        "is_open_ended",
        "state",
        "booking_ids.hours",
        "booking_ids.kind",
        "booking_ids.date_start",
        "booking_ids.date_end",
        "booking_ids.employee_id",
    )
    def _compute_misfits(self):
        """Of open demands: bookings of what nobody asks for take no capacity."""
        for demand in self:
            texts = list(demand._psa_misfit_texts(False)) if demand.state == "open" else []
            demand.has_misfit = bool(texts)
            demand.misfits = "\n".join(texts)

    @api.model
    def _search_has_misfit(self, operator, _value):
        if operator != "in":
            return NotImplemented
        self.flush_model(["booked_hours", "date_end", "date_start", "hours"])
        self.env["psa.booking"].flush_model(["demand_id", "kind", "date_start", "date_end"])
        return Domain("state", "=", "open") & Domain(
            "id",
            "in",
            SQL(
                """(
                SELECT demand.id
                  FROM psa_demand demand
                 WHERE demand.booked_hours > demand.hours + 0.005
                    OR EXISTS (SELECT FROM psa_booking booking
                                WHERE booking.demand_id = demand.id AND booking.kind = 'hard'
                                  AND (booking.date_start < demand.date_start
                                       OR booking.date_end > demand.date_end AND demand.id NOT IN %s)))""",
                self._psa_open_ended(),
            ),
        )

    def _psa_misfits(self, reopened=None):
        """``{demand: [texts]}`` of what does not fit between these demands and their hard bookings.

        :param reopened: demands that are open again, whose people may have been booked elsewhere since
        """
        return {demand: list(demand._psa_misfit_texts(demand in (reopened or ()))) for demand in self}

    def _psa_misfit_texts(self, is_reopened):
        self.ensure_one()
        hard = self.booking_ids.filtered(lambda booking: booking.kind == "hard")
        booked = sum(hard.mapped("hours"))
        if not booked:
            return
        if self.state == "cancelled":
            yield self.env._(
                "%(demand)s: nobody is asked for any more, %(hours)s h were booked.",
                demand=self.name,
                hours=number_told(self.env, booked),
            )
            return
        if booked > self.hours + 0.005:
            yield self.env._(
                "%(demand)s: %(asked)s h are asked for, %(booked)s h are booked.",
                demand=self.name,
                asked=number_told(self.env, self.hours),
                booked=number_told(self.env, booked),
            )
        for booking in hard:
            # a day is empty while somebody types another one
            is_early = self.date_start and booking.date_start < self.date_start
            has_end = self.date_end and not self.is_open_ended
            if is_early or (has_end and booking.date_end > self.date_end):
                yield self.env._(
                    "%(person)s is booked %(hours)s h from %(first)s to %(last)s, outside of %(demand)s.",
                    person=booking.employee_id.name,
                    hours=number_told(self.env, booking.hours),
                    first=format_date(self.env, booking.date_start),
                    last=format_date(self.env, booking.date_end),
                    demand=self.name,
                )
            if is_reopened and booking.overload_hours > 0:
                yield self.env._(
                    "%(person)s: %(over)s of %(hours)s h do not fit any more, see other bookings.",
                    person=booking.employee_id.name,
                    over=number_told(self.env, booking.overload_hours),
                    hours=number_told(self.env, booking.hours),
                )

    def _psa_tell_misfits(self, before, reopened):
        """Tell the projects of these demands what does not fit now and did before.

        :param before: what ``_psa_misfits`` said before they were changed
        """
        for project, demands in self.grouped("project_id").items():
            now = demands._psa_misfits(reopened)
            texts = [
                escape(text).replace(escape(demand.name), demand._get_html_link(title=demand.name))
                for demand in demands
                for text in now[demand]
                if text not in before.get(demand, ())
            ]
            demands.booking_ids._psa_tell(project, texts)

    def _psa_tell_asked_again(self, change):
        """Tell the projects of these demands, which were cancelled, that ``change`` asks for them again."""
        for project, demands in self.grouped("project_id").items():
            texts = [
                self.env._(
                    "%(demand)s: %(asked)s h are asked for again by %(change)s, %(booked)s h are booked.",
                    demand=demand._get_html_link(title=demand.name),
                    asked=number_told(self.env, demand.hours),
                    change=change.name,
                    booked=number_told(self.env, demand.booked_hours),
                )
                for demand in demands
            ]
            demands.booking_ids._psa_tell(project, texts)


class PsaBooking(models.Model):
    _inherit = "psa.booking"

    def _psa_left_text(self, day):
        """That the person of this booking has left, or leaves on ``day`` (as it is written)."""
        values = {
            "person": self.employee_id.name,
            "hours": number_told(self.env, self.hours),
            "last": format_date(self.env, self.date_end),
            "demand": self.demand_id.name,
        }
        if not day:
            return self.env._(
                "%(person)s has left, and is booked %(hours)s h until %(last)s for %(demand)s.", **values
            )
        return self.env._(
            "%(person)s leaves on %(day)s, and is booked %(hours)s h until %(last)s for %(demand)s.",
            day=day,
            **values,
        )

    def _psa_tell(self, project, texts):
        """A note on ``project`` for its manager and who made these bookings; nothing without ``texts``."""
        if not (project and texts):
            return
        told = (project.user_id | self.create_uid).filtered(lambda user: user.active and not user.share)
        project.message_post(
            body=Markup("<br/>").join([self.env._("Bookings to look at:"), *texts]),
            partner_ids=told.partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    def write(self, vals):
        leaving = self.filtered("active") if vals.get("active") is False else self.browse()
        result = super().write(vals)
        if leaving:
            leaving._psa_tell_left(fields.Date.context_today(self))
        if vals.get("departure_date"):
            # who is archived with it was told just now
            staying = self.filtered("active")
            staying._psa_tell_left(fields.Date.to_date(vals["departure_date"]) + timedelta(days=1))
        return result

    def _psa_tell_left(self, day):
        """Tell the projects on which these people, who have left or leave, are booked from ``day`` on."""
        # sudo: that somebody has left is told to the projects that count on them, whoever archived the person
        bookings = (
            self.env["psa.booking"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", self.ids),
                    ("demand_id.state", "=", "open"),
                    ("date_end", ">=", day),
                ]
            )
        )
        last = format_date(self.env, day - timedelta(days=1))
        for project, own in bookings.grouped("project_id").items():
            texts = [booking._psa_left_text(booking.employee_id.active and last) for booking in own]
            own._psa_tell(project, texts)
