from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class PsaDemand(models.Model):
    _name = "psa.demand"
    _inherit = "psa.import.again"
    _description = "Staffing Demand"
    _order = "date_start, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    order_id = fields.Many2one(
        "sale.order", string="Statement of Work", index="btree_not_null", readonly=True
    )
    sale_line_id = fields.Many2one(
        "sale.order.line", string="Sold As", ondelete="cascade", index="btree_not_null", readonly=True
    )
    project_id = fields.Many2one("project.project", index="btree_not_null", check_company=True)
    phase_id = fields.Many2one("psa.phase", domain="[('project_id', '=', project_id)]")
    role_id = fields.Many2one("project.role", required=True)
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To", required=True)
    hours = fields.Float(required=True)
    certainty = fields.Selection(
        [("probable", "Probable"), ("certain", "Certain")], default="certain", required=True
    )
    state = fields.Selection([("open", "Open"), ("cancelled", "Cancelled")], default="open", required=True)
    booking_ids = fields.One2many("psa.booking", "demand_id", string="Bookings")
    booked_hours = fields.Float(
        string="Booked", compute="_compute_booked_hours", store=True, help="Hours of hard bookings."
    )
    open_hours = fields.Float(string="To Staff", compute="_compute_booked_hours", store=True)

    is_open_ended = fields.Boolean(
        compute="_compute_is_open_ended",
        search="_search_is_open_ended",
        compute_sudo=True,  # whether a statement of work has an end is no secret to who staffs it
        help="Of a statement of work without an end: the day that it says is the first one only.",
    )

    _one_a_line = models.UniqueIndex("(sale_line_id) WHERE sale_line_id IS NOT NULL")
    _hours_positive = models.Constraint("CHECK(hours > 0)", "A demand needs hours above zero.")
    _dates_in_order = models.Constraint(
        "CHECK(date_end >= date_start)", "A demand cannot end before it starts: check the two dates."
    )

    @api.depends("hours", "booking_ids.hours", "booking_ids.kind")
    def _compute_booked_hours(self):
        for demand in self:
            hard = demand.booking_ids.filtered(lambda booking: booking.kind == "hard")
            demand.booked_hours = sum(hard.mapped("hours"))
            demand.open_hours = max(0.0, demand.hours - demand.booked_hours)

    @api.depends("order_id.psa_date_end", "date_start", "date_end")
    def _compute_is_open_ended(self):
        for demand in self:
            order = demand.order_id
            has_end = not order or order.psa_date_end or demand.date_end != demand.date_start
            demand.is_open_ended = not has_end

    @api.model
    def _search_is_open_ended(self, operator, _value):
        return Domain("id", "in", self._psa_open_ended()) if operator == "in" else NotImplemented

    @api.model
    def _psa_open_ended(self):
        """The query of the ids of those that are open-ended, see ``is_open_ended``."""
        self.flush_model(["date_end", "date_start", "order_id"])
        self.env["sale.order"].flush_model(["psa_date_end"])
        return SQL(
            """(SELECT endless.id
                  FROM psa_demand endless
                  JOIN sale_order sow ON sow.id = endless.order_id
                 WHERE sow.psa_date_end IS NULL AND endless.date_end = endless.date_start)"""
        )

    @api.constrains("company_id")
    def _check_company_of_bookings(self):
        self.booking_ids._check_company(["employee_id"])

    def action_fill(self):
        """Open a booking prefilled with what is still to staff."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Book for %s", self.name),
            "res_model": "psa.booking",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_demand_id": self.id,
                "default_date_start": self.date_start,
                "default_date_end": self.date_end,
                "default_hours": self.open_hours,
                "default_kind": "hard",
            },
        }
