from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..core.rates import DAY, HOUR, RateRow, find_overlap
from .lock import touch


class PsaRateCardLine(models.Model):
    _name = "psa.rate.card.line"
    _inherit = "psa.import.again"
    _description = "Rate"
    _order = "card_id, role_id, employee_id, location_id, date_start desc, id"
    _check_company_auto = True

    card_id = fields.Many2one("psa.rate.card", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="card_id.company_id", store=True)
    currency_id = fields.Many2one(related="card_id.currency_id")
    role_id = fields.Many2one("project.role", required=True, ondelete="restrict")
    employee_id = fields.Many2one(
        "hr.employee",
        string="Person",
        check_company=True,
        ondelete="cascade",  # a person's price must never become everybody's
        help="A price of this person's own. Empty: everybody in the role.",
    )
    location_id = fields.Many2one(
        "hr.work.location",
        string="Work Location",
        check_company=True,
        ondelete="restrict",
        help="A price for work at this place. Empty: wherever the work is done.",
    )
    unit = fields.Selection(
        [(HOUR, "Hour"), (DAY, "Day")],
        default=HOUR,
        required=True,
        help="A price per day makes lines in days on statements of work; worked hours become days by the "
        "hours of the company's working day.",
    )
    date_start = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_end = fields.Date(string="To", help="Last day of the price. Empty: until further notice.")
    price = fields.Monetary(required=True, help="Before taxes, for an hour or a day, in the card's currency.")

    _price_not_negative = models.Constraint("CHECK(price >= 0)", "A rate cannot be negative.")
    _dates_in_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "A rate cannot end before it starts: check the two dates.",
    )

    @api.depends("role_id", "employee_id", "location_id", "unit", "date_start", "date_end")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for line in self:
            until = format_date(self.env, line.date_end) or "…"
            whose = line._psa_whose_name()
            if line.unit == DAY:
                whose = self.env._("%s per day", whose)
            line.display_name = f"{whose}, {format_date(self.env, line.date_start)} – {until}"

    def _psa_whose_name(self):
        """Whose price it is, in words: role, person and place."""
        self.ensure_one()
        name = self.role_id.name or ""
        if self.employee_id:
            name = f"{name} ({self.employee_id.name})"
        if self.location_id:
            name = f"{name}, {self.location_id.name}"
        return name

    def _psa_of_other_companies(self):
        """Those of these rates whose person has moved to another company since: their price is told where it
        was agreed, and goes into no new row."""
        # sudo: which company a person works for, whoever may read persons
        return self.filtered(
            lambda rate: rate.employee_id and rate.employee_id.sudo().company_id != rate.company_id.sudo()
        )

    def _psa_row(self):
        self.ensure_one()
        return RateRow(
            role=self.role_id.id,
            employee=self.employee_id.id or None,
            start=self.date_start,
            end=self.date_end or None,
            price=Decimal(str(self.price)),
            row_id=self.id,
            location=self.location_id.id or None,
            unit=self.unit,
        )

    @api.constrains("card_id", "role_id", "employee_id", "location_id", "unit", "date_start", "date_end")
    def _check_overlap(self):
        # two writers of one card at once
        touch(self.card_id)
        for card in self.card_id:
            pair = find_overlap([line._psa_row() for line in card.line_ids])
            if pair:
                one, other = (self.browse(row.row_id).display_name for row in pair)
                raise ValidationError(
                    self.env._(
                        "Two rates on the card %(card)s hold on the same day: %(one)s and %(other)s. "
                        "End the first before the second begins.",
                        card=card.name,
                        one=one,
                        other=other,
                    )
                )
