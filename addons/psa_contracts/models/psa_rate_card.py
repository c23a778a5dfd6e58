from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..core.rates import MissingRate, RateCards, RateRow, find_overlap


class PsaRateCard(models.Model):
    _name = "psa.rate.card"
    _description = "Rate Card"
    _order = "partner_id, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Client",
        index=True,
        check_company=True,
        ondelete="restrict",  # a client's prices must never become everybody's
        help="Prices agreed with one client. Empty: the prices of the company, for every "
        "client without a card.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    line_ids = fields.One2many("psa.rate.card.line", "card_id", string="Rates", copy=True)

    @api.depends("company_id")
    def _compute_currency_id(self):
        for card in self:
            card.currency_id = card.currency_id or card.company_id.currency_id

    @api.model
    def _psa_cards_of(self, company, client):
        """The cards that price work for ``client``, the first to be asked first:

        the client's, the company's.
        """
        cards = self.search(
            [
                ("company_id", "=", company.id),
                "|",
                ("partner_id", "=", False),
                ("partner_id.commercial_partner_id", "=", client.id),
            ],
            order="id desc",
        )
        own = cards.filtered("partner_id") if client else self.browse()
        return own + cards.filtered(lambda card: not card.partner_id)

    def _psa_rates(self):
        """The rows of these cards as a pure resolver; one query."""
        rows = {card.id: [] for card in self}
        for line in self.env["psa.rate.card.line"].search([("card_id", "in", self.ids)]):
            rows[line.card_id.id].append(line._psa_row())
        return RateCards(rows)

    def _psa_resolve(self, role, employee, day):
        """The card line that prices an hour, these cards asked in their order.

        :raises MissingRate: with a message for people that names role, date and cards
        """
        try:
            answer = self._psa_rates().resolve(self.ids, role.id, employee.id or None, day)
        except MissingRate:
            raise MissingRate(
                self.env._(
                    "No rate for the role %(role)s on %(date)s in %(cards)s.",
                    role=role.display_name,
                    date=fields.Date.to_string(day),
                    cards=", ".join(self.mapped("name")) or self.env._("any rate card: there is none yet"),
                )
            ) from None
        return self.env["psa.rate.card.line"].browse(answer.row.row_id)


class PsaRateCardLine(models.Model):
    _name = "psa.rate.card.line"
    _description = "Rate"
    _order = "card_id, role_id, employee_id, date_start desc, id"
    _check_company_auto = True

    card_id = fields.Many2one("psa.rate.card", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="card_id.company_id", store=True)
    currency_id = fields.Many2one(related="card_id.currency_id")
    role_id = fields.Many2one("project.role", required=True, ondelete="restrict")
    employee_id = fields.Many2one(
        "hr.employee",
        check_company=True,
        ondelete="cascade",  # a person's price must never become everybody's
        help="A price of this person's own. Empty: everybody in the role.",
    )
    date_start = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_end = fields.Date(string="To", help="Last day of the price. Empty: until further notice.")
    price = fields.Monetary(string="Price per Hour", required=True)

    _price_not_negative = models.Constraint("CHECK(price >= 0)", "A rate cannot be negative.")
    _dates_in_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "A rate cannot end before it starts: check the two dates.",
    )

    @api.depends("role_id", "employee_id", "date_start", "date_end")
    def _compute_display_name(self):
        for line in self:
            who = f"{line.role_id.name} ({line.employee_id.name})" if line.employee_id else line.role_id.name
            until = fields.Date.to_string(line.date_end) if line.date_end else "…"
            line.display_name = f"{who}, {fields.Date.to_string(line.date_start)} – {until}"

    def _psa_row(self):
        self.ensure_one()
        return RateRow(
            role=self.role_id.id,
            employee=self.employee_id.id or None,
            start=self.date_start,
            end=self.date_end or None,
            price=Decimal(str(self.price)),
            row_id=self.id,
        )

    @api.constrains("card_id", "role_id", "employee_id", "date_start", "date_end")
    def _check_overlap(self):
        # Two writers of one card at once: both update it, so the second is retried and sees the first's rows.
        self.env.cr.execute(SQL("UPDATE psa_rate_card SET id = id WHERE id = ANY(%s)", self.card_id.ids))
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
