"""The price of a role line, and why it is so."""

from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ..core.billing_models import TIME_MATERIAL
from ..core.rates import DAY, MissingRate
from .rate_pricer import RatePricer
from .rights import PRICE_GROUPS

#: What the rate cards said when a line was priced.
CARD_FIELDS = ("psa_card_price", "psa_card_reason", "psa_rate_id")


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_card_price = fields.Float(
        string="Card Price",
        compute="_compute_psa_card_price",
        store=True,
        precompute=True,
        readonly=False,  # a step is made with the price of its own first day
        copy=False,
        min_display_digits="Product Price",
        groups=PRICE_GROUPS,
        help="What the rate cards say, in the unit of the line and the currency of the order. It stays once "
        "the order is signed.",
    )
    psa_card_reason = fields.Char(
        compute="_compute_psa_card_price",
        store=True,
        precompute=True,
        readonly=False,  # a step is made with the price of its own first day
        copy=False,
        groups=PRICE_GROUPS,
    )
    psa_rate_id = fields.Many2one(
        "psa.rate.card.line",
        string="Rate",
        compute="_compute_psa_card_price",
        store=True,
        precompute=True,
        readonly=False,  # a step is made with the price of its own first day
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=PRICE_GROUPS,
        help="The row of the rate card that said the card price.",
    )
    psa_rate_reason = fields.Char(
        string="Why this Price",
        compute="_compute_psa_rate_reason",
        store=True,
        copy=False,
        groups=PRICE_GROUPS,
    )

    def _auto_init(self):
        # Columns that are there already are not computed for each of a firm's old lines at install.
        for column, kind in (
            ("psa_card_price", "float8"),
            ("psa_card_reason", "varchar"),
            ("psa_rate_id", "int4"),
        ):
            if not column_exists(self.env.cr, "sale_order_line", column):
                create_column(self.env.cr, "sale_order_line", column, kind)
        return super()._auto_init()

    def _psa_is_priced_by_card(self):
        self.ensure_one()
        return bool(
            self.order_id.psa_kind
            and self.psa_role_id
            and (self.psa_billing_model or TIME_MATERIAL) == TIME_MATERIAL
            and not self.display_type
            and not self.psa_amends_line_id  # it has the price of what it amends
        )

    def _psa_follows_cards(self):
        """Whether what the cards say still reaches this line: not once it is signed, nor if it is a step."""
        self.ensure_one()
        if not self._origin:
            return True
        return self.order_id.state in ("draft", "sent") and not self._psa_is_step()

    def _psa_is_fixed(self):
        """Whether this is a role line whose price and unit are those that were signed."""
        self.ensure_one()
        return self._psa_is_priced_by_card() and not self._psa_follows_cards()

    def _psa_has_agreed_price(self):
        """Whether this line of a SOW was given a price that no card says: fixed prices, milestones and the
        like keep it, whatever else changes on the order. Another product has another price."""
        self.ensure_one()
        return bool(
            self.order_id.psa_kind
            and self.price_unit
            and self.product_id == self._origin.product_id
            and not self._psa_is_priced_by_card()
        )

    def _psa_is_by_card(self):
        """Whether this line has the price that the card said, so that it steps with the card."""
        self.ensure_one()
        card_price = self.sudo().psa_card_price  # sudo: whether, not what
        return bool(card_price) and not self.currency_id.compare_amounts(
            self._psa_with_taxes(card_price), self.price_unit
        )

    def _psa_with_taxes(self, price):
        """``price`` as the host puts it on a line whose fiscal position turns included taxes into others."""
        line = self.with_company(self.company_id)
        taxes = line.product_id.taxes_id._filter_taxes_by_company(line.company_id)
        position = line.order_id.fiscal_position_id
        kept = line.order_id.sudo()._psa_signed_taxes(
            line.product_id
        )  # sudo: how it was signed, whoever asks
        if kept and kept != (taxes._ids, position.id):  # else nothing is asked of them
            taxes, position = taxes.browse(kept[0]).exists(), position.browse(kept[1] or ()).exists()
        return line.product_id._get_tax_included_unit_price_from_price(
            price, product_taxes=taxes, fiscal_position=position
        )

    def _psa_card_answers(self, pricer):
        """``{line: answer of the cards (see core.rates) or None}`` on the price day of each order."""
        return {
            line: pricer.find(
                line.order_id,
                line.psa_role_id,
                line.psa_employee_id,
                line.psa_location_id,
                line.order_id._psa_price_day(),
            )
            for line in self
        }

    def _psa_pricer(self):
        """The cards of these lines' orders, ready to be asked."""
        return RatePricer(self.order_id, self.psa_role_id)

    @api.depends(
        "product_uom_id",
        "psa_billing_model",
        "psa_employee_id",
        "psa_location_id",
        "psa_role_id",
        "order_id.currency_id",
        "order_id.psa_agreement_id",
        "order_id.psa_date_start",
        "order_id.psa_kind",
        "order_id.psa_rate_card_id",
    )
    def _compute_psa_card_price(self):
        lines = self.filtered(lambda line: line._psa_follows_cards())
        priced = lines.filtered(lambda line: line._psa_is_priced_by_card())
        (lines - priced).update(dict.fromkeys(CARD_FIELDS, False))
        if not priced:
            return
        pricer = priced._psa_pricer()
        for line, answer in priced._psa_card_answers(pricer).items():
            line.update(line._psa_card_values(pricer, answer))

    def _psa_card_values(self, pricer, answer):
        """Values of ``CARD_FIELDS``: the price of the line's unit in the order's currency, 0 where there is
        none to say, and why."""
        order = self.order_id
        day = order._psa_price_day()
        price, rate = 0.0, False
        if answer is None:
            reason = pricer.missing(order, self.psa_role_id, day)
        else:
            try:
                price, reason = pricer.price(order, answer, self.product_uom_id, day)
                rate = answer.row.row_id
            except MissingRate as missing:
                reason = str(missing)
        return {"psa_card_price": price, "psa_card_reason": reason, "psa_rate_id": rate}

    @api.depends("psa_employee_id", "psa_location_id", "psa_role_id")
    def _compute_product_uom_id(self):
        lines = self.filtered(lambda line: not line._psa_is_fixed())
        result = super(SaleOrderLine, lines)._compute_product_uom_id()
        priced = lines.filtered(lambda line: line._psa_is_priced_by_card() and line.product_id)
        if priced:
            day = self.env["uom.uom"]._psa_day()
            for line, answer in priced._psa_card_answers(priced._psa_pricer()).items():
                if answer and answer.row.unit == DAY:
                    line.product_uom_id = day
        return result

    @api.depends("psa_card_price")
    def _compute_price_unit(self):
        lines = self.filtered(lambda line: not line._psa_is_fixed() and not line._psa_has_agreed_price())
        if self.env.context.get("force_price_recomputation"):
            for name in CARD_FIELDS:
                self.env.add_to_compute(self._fields[name], lines)
        return super(SaleOrderLine, lines)._compute_price_unit()

    def _compute_discount(self):
        """Another quantity takes no discount off a line of a SOW: it is part of the price that was agreed,
        and the client who orders an option has read it. Other orders ask the price list anew."""
        agreed = self.filtered(
            lambda line: (
                line.order_id.psa_kind and line.discount and line.product_id == line._origin.product_id
            )
        )
        return super(SaleOrderLine, self - agreed)._compute_discount()

    def _get_display_price(self):
        if self.psa_amends_line_id:
            return self.psa_amends_line_id.price_unit
        if not self._psa_is_priced_by_card():
            return super()._get_display_price()
        return self.sudo().psa_card_price  # sudo: whoever writes the line gets its price

    def _psa_sells_like(self, other):
        """Whether this line sells at the price of ``other``: unit, price and discount."""
        self.ensure_one()
        return (
            self.product_uom_id == other.product_uom_id
            and not self.currency_id.compare_amounts(self.price_unit, other.price_unit)
            and not round(self.discount - other.discount, 6)
        )

    def _psa_keep_signed_prices(self):
        """Where the card says another price of the first day than when these lines were written, which are
        being confirmed, what was signed holds, as a price that was typed by hand: it steps no more.

        Another exchange rate is no other price of the card.
        """
        by_card = self.filtered(lambda line: line._psa_can_step())
        if not by_card:
            return
        pricer = by_card._psa_pricer()
        for line, answer in by_card._psa_card_answers(pricer).items():
            if (
                answer
                and line.psa_rate_id.id == answer.row.row_id
                and pricer.is_foreign(line.order_id, answer)
            ):
                continue
            values = line._psa_card_values(pricer, answer)
            price = values["psa_card_price"]
            if price and line.currency_id.compare_amounts(price, line.psa_card_price):
                line.write(values)

    @api.depends("psa_card_price", "psa_card_reason", "price_unit")
    def _compute_psa_rate_reason(self):
        for line in self:
            reason = line.psa_card_reason
            if line.psa_card_price and not line._psa_is_by_card():
                reason = self.env._(
                    "Set by hand; the card says %(price)s (%(reason)s)",
                    price=line.currency_id.format(line.psa_card_price),
                    reason=reason,
                )
            line.psa_rate_reason = reason
