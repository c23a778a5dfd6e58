"""Next year's rates from this year's: raised by a percentage, rounded, from a day on."""

from datetime import date, timedelta
from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..core.rates import uplift


class PsaRateCardUplift(models.TransientModel):
    _name = "psa.rate.card.uplift"
    _description = "New Rates from a Date"

    card_ids = fields.Many2many("psa.rate.card", string="Rate Cards", required=True)
    percent = fields.Float(string="Increase", default=3.0, required=True, help="In percent; negative lowers.")
    step = fields.Float(
        string="Round to",
        default=1.0,
        required=True,
        digits=(16, 2),
        help="New prices are the nearest multiple of it; half goes up.",
    )
    date_start = fields.Date(
        string="From",
        required=True,
        default=lambda self: date(fields.Date.context_today(self).year + 1, 1, 1),
    )
    into = fields.Selection(
        [("same", "The same card: old rates end the day before"), ("new", "A new card")],
        string="Write into",
        default="same",
        required=True,
    )
    name = fields.Char(
        string="New Card", compute="_compute_name", store=True, readonly=False, help="Name of the new card."
    )
    line_ids = fields.One2many(
        "psa.rate.card.uplift.line",
        "uplift_id",
        string="Preview",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "psa.rate.card" and "card_ids" in fields_list:
            values.setdefault("card_ids", [Command.set(self.env.context.get("active_ids") or [])])
        return values

    @api.depends("card_ids", "date_start")
    def _compute_name(self):
        for wizard in self:
            card = wizard.card_ids
            wizard.name = wizard._psa_name_of(card) if len(card) == 1 else False

    def _psa_name_of(self, card):
        """The name of the card that follows ``card``."""
        return f"{card.name or ''} {self.date_start.year if self.date_start else ''}".strip()

    @api.depends("card_ids", "percent", "step", "date_start")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear()] + [
                Command.create(
                    {
                        "rate_id": rate._origin.id,
                        "old_price": rate.price,
                        "new_price": wizard._raised(rate),
                    }
                )
                for rate in wizard._psa_rates()
            ]

    def _psa_rates(self):
        """The rates that hold on the day before the new ones begin: those are raised. Not those of people who
        work for another company by now, which stay."""
        if not self.date_start:
            return self.env["psa.rate.card.line"]
        eve = self.date_start - timedelta(days=1)
        valid = self.card_ids.line_ids.filtered(lambda rate: rate._psa_row().is_valid_on(eve))
        return valid - valid._psa_of_other_companies()

    def _raised(self, rate):
        """The new price of ``rate``, in its unit and currency; 0 while percentage or step are impossible."""
        try:
            return float(
                uplift(Decimal(str(rate.price)), Decimal(str(self.percent)), Decimal(str(self.step)))
            )
        except ValueError:
            return 0.0

    def action_apply(self):
        """Write the new rates and open their cards.

        :raises UserError: where nothing can be raised, or a rate begins on the very day
        """
        self.ensure_one()
        self._psa_check()
        cards = {card: self._psa_target(card) for card in self.card_ids}
        values = [line._prepare_rate(cards[line.rate_id.card_id]) for line in self.line_ids]
        if self.into == "same":
            eve = self.date_start - timedelta(days=1)
            rates = self.line_ids.rate_id
            rates.filtered(lambda rate: not rate.date_end or rate.date_end > eve).date_end = eve
        self.env["psa.rate.card.line"].create(values)
        written = self.card_ids.browse([card.id for card in cards.values()])
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_contracts.psa_rate_card_action")
        if len(written) == 1:
            return {**action, "view_mode": "form", "views": [(False, "form")], "res_id": written.id}
        return {**action, "domain": [("id", "in", written.ids)]}

    def _psa_check(self):
        """:raises UserError: where the new rates cannot be written"""
        if self.step <= 0:
            raise UserError(self.env._("Prices are rounded to a step above zero, such as 1.00 or 0.50."))
        if self.percent < -100:
            raise UserError(self.env._("A price cannot be cut by more than 100 %."))
        if not self.line_ids:
            raise UserError(
                self.env._(
                    "%(cards)s: no rate holds on the day before %(date)s. Choose another first day.",
                    cards=", ".join(self.card_ids.mapped("name")),
                    date=format_date(self.env, self.date_start),
                )
            )
        for line in self.line_ids:
            if line.currency_id.compare_amounts(line.old_price, line.rate_id.price):
                raise UserError(
                    self.env._(
                        "%(rate)s on the card %(card)s is %(price)s now, not %(before)s any more. Open this "
                        "dialog again.",
                        rate=line.rate_id.display_name,
                        card=line.card_id.name,
                        price=line.currency_id.format(line.rate_id.price),
                        before=line.currency_id.format(line.old_price),
                    )
                )
        raised = {(line.rate_id.card_id, line.rate_id._psa_row().key) for line in self.line_ids}
        taken = self.card_ids.line_ids.filtered(
            lambda rate: rate.date_start == self.date_start and (rate.card_id, rate._psa_row().key) in raised
        )
        if taken and self.into == "same":
            raise UserError(
                self.env._(
                    "%(card)s has a rate from that day already: %(rate)s. Change that one, or choose another "
                    "first day.",
                    card=taken[0].card_id.name,
                    rate=taken[0].display_name,
                )
            )

    def _psa_target(self, card):
        """The card that takes the new rates of ``card``: itself, or a new one of the same scope."""
        if self.into == "same":
            return card
        name = self.name if len(self.card_ids) == 1 and self.name else self._psa_name_of(card)
        return card.copy({"name": name, "order_id": card.order_id.id, "line_ids": False})


class PsaRateCardUpliftLine(models.TransientModel):
    _name = "psa.rate.card.uplift.line"
    _description = "New Rate"

    uplift_id = fields.Many2one("psa.rate.card.uplift", required=True, ondelete="cascade")
    rate_id = fields.Many2one("psa.rate.card.line", required=True, ondelete="cascade")
    card_id = fields.Many2one(related="rate_id.card_id")
    role_id = fields.Many2one(related="rate_id.role_id")
    employee_id = fields.Many2one(related="rate_id.employee_id")
    location_id = fields.Many2one(related="rate_id.location_id")
    unit = fields.Selection(related="rate_id.unit")
    currency_id = fields.Many2one(related="rate_id.currency_id")
    old_price = fields.Monetary(string="Now", readonly=True)
    new_price = fields.Monetary(string="New", help="Proposed; you may change it.")

    def _prepare_rate(self, card):
        """Values of the new rate on ``card``: it ends with the old one, or before the next one begins."""
        self.ensure_one()
        rate, start = self.rate_id, self.uplift_id.date_start
        end = rate.date_end if rate.date_end and rate.date_end >= start else False
        following = card.line_ids.filtered(
            lambda other: other._psa_row().key == rate._psa_row().key and other.date_start > start
        ).sorted("date_start")[:1]
        if following and (not end or following.date_start <= end):
            end = following.date_start - timedelta(days=1)
        return {
            "card_id": card.id,
            "role_id": rate.role_id.id,
            "employee_id": rate.employee_id.id,
            "location_id": rate.location_id.id,
            "unit": rate.unit,
            "date_start": start,
            "date_end": end,
            "price": self.new_price,
        }
