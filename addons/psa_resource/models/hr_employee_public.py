from datetime import timedelta

from odoo import api, fields, models

#: Who is booked how much is for those who plan, not for every employee.
STAFFING = "psa_project.group_psa_user"


class HrEmployeePublic(models.Model):
    _inherit = "hr.employee.public"

    psa_capacity_hours = fields.Float(
        string="Capacity",
        compute="_compute_psa_week",
        groups=STAFFING,
        help="Working hours of the week, less leave and holidays.",
    )
    psa_hard_hours = fields.Float(
        string="Booked", compute="_compute_psa_week", groups=STAFFING, help="Hours of hard bookings."
    )
    psa_soft_hours = fields.Float(
        string="Soft", compute="_compute_psa_week", groups=STAFFING, help="Hours of soft bookings."
    )
    psa_free_hours = fields.Float(
        string="Free",
        compute="_compute_psa_week",
        groups=STAFFING,
        help="Capacity less hard bookings; below zero: overbooked.",
    )

    @api.depends_context("psa_week_offset")
    def _compute_psa_week(self):
        """The week ``psa_week_offset`` weeks from this one, Monday to Sunday."""
        today = fields.Date.context_today(self)
        offset = int(self.env.context.get("psa_week_offset") or 0)
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=offset)
        sunday = monday + timedelta(days=6)
        employees = self.env["hr.employee"].browse(self.ids)
        capacity = employees._psa_capacity(monday, sunday)
        load = employees._psa_load(monday, sunday, capacity)
        for person in self:
            person.psa_capacity_hours = sum(capacity[person.id].values())
            person.psa_hard_hours = sum(load[person.id]["hard"].values())
            person.psa_soft_hours = sum(load[person.id]["soft"].values())
            person.psa_free_hours = person.psa_capacity_hours - person.psa_hard_hours
