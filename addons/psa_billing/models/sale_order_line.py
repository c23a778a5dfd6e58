from odoo import api, fields, models
from odoo.tools import format_date, get_lang, ormcache

from odoo.addons.psa_contracts.core.billing_models import (
    FIXED,
    MILESTONE,
    RETAINER,
    SUCCESS_FEE,
    TIME_MATERIAL,
)

from ..core.money import amount_of, dec, price_after_discount, round_to
from .host_methods import only_by
from .psa_wip_entry import DELIVERED_STATES, UNBILLED_STATES

#: Lines of these billing models may bill more than was ordered.
GOING_ON = (TIME_MATERIAL, RETAINER)
PRICE_FIELDS = {"price_unit", "discount", "tax_ids", "psa_cap_amount"}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_wip_ids = fields.One2many("psa.wip.entry", "sale_line_id", string="Work in Progress")
    psa_adjusts_line_id = fields.Many2one(
        "sale.order.line",
        string="Adjusts",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Bills money of that line which its price times a quantity cannot express.",
    )

    @api.model
    def _psa_derived_fields(self):
        return super()._psa_derived_fields() | {"psa_adjusts_line_id"}

    @api.depends("psa_wip_ids.state", "psa_wip_ids.billable_quantity")
    def _compute_qty_delivered(self):
        return super()._compute_qty_delivered()

    def _prepare_qty_delivered(self):
        delivered = super()._prepare_qty_delivered()
        lines = self.filtered(lambda line: line.order_id.psa_kind and line._psa_is_time_material())
        if lines:
            domain = [("sale_line_id", "in", lines.ids), ("state", "in", DELIVERED_STATES)]
            if self.env.context.get("accrual_entry_date"):
                domain.append(("date", "<=", self.env.context["accrual_entry_date"]))
            # sudo: the quantity that the host shows to everybody who sees the order
            rows = (
                self.env["psa.wip.entry"]
                .sudo()
                ._read_group(domain, ["sale_line_id"], ["billable_quantity:sum"])
            )
            quantities = {line.id: quantity for line, quantity in rows}
            earlier = lines._psa_quantity_billed_before()
            for line in lines:
                line_id = line._origin.id
                delivered[line] = quantities.get(line_id, 0.0) + earlier.get(line_id, 0.0)
        return delivered

    def _compute_remaining_hours_available(self):
        """Asked only of lines that sell hours ahead, of one of each product and unit: the host looks up the
        unit of hours for each line."""
        ahead = self.filtered(
            lambda line: (
                line.product_id.service_policy == "ordered_prepaid" and not line._psa_is_priced_whole()
            )
        )
        (self - ahead).remaining_hours_available = False
        known = {"psa_billing", "psa_contracts", "sale_timesheet"}
        if not only_by(self, ("_compute_remaining_hours_available",), known):
            return super(SaleOrderLine, ahead)._compute_remaining_hours_available()
        for lines in ahead.grouped(lambda line: (line.product_id, line.product_uom_id)).values():
            super(SaleOrderLine, lines[:1])._compute_remaining_hours_available()
            lines.remaining_hours_available = lines[:1].remaining_hours_available
        return None

    def _psa_quantity_billed_before(self):
        """What invoices billed before this addon was installed, and that is no work in progress:
        ``{line id: quantity in the unit of the line}``."""
        domain = [
            *self._timesheet_compute_delivered_quantity_domain(),
            ("timesheet_invoice_id", "!=", False),
            ("psa_wip_ids", "=", False),
        ]
        # sudo: see _prepare_qty_delivered
        return self.sudo()._get_delivered_quantity_by_analytic(domain)

    def _psa_is_time_material(self):
        """Whether time on this line is billed by the hour;

        the host's policy decides where no model is set.
        """
        self.ensure_one()
        if self.psa_billing_model:
            return self.psa_billing_model == "time_material"
        return bool(self.product_id) and self.product_id._is_delivered_timesheet()

    def _psa_is_made_by_billing(self):
        """Whether nobody signed this line: billing made it, for money or work beside those that were."""
        self.ensure_one()
        return bool(self.psa_adjusts_line_id)

    def _psa_net_price(self, price_unit=None):
        """Price of a unit after discount and without included taxes, in order currency, not rounded.

        :param price_unit: another price than that of the line
        """
        self.ensure_one()
        price_unit = self.price_unit if price_unit is None else price_unit
        price = price_after_discount(dec(price_unit), dec(self.discount))
        if not any(self.tax_ids.mapped("price_include")):
            return price
        # A million units: the host rounds the result to the currency.
        taxes = self.tax_ids.compute_all(
            float(price),
            currency=self.currency_id,
            quantity=1_000_000,
            product=self.product_id,
            partner=self.order_id.partner_shipping_id,
        )
        return dec(taxes["total_excluded"]) / 1_000_000

    def _psa_line_amount(self, quantity, position=None):
        """What ``quantity`` (Decimal) comes to on a line of the invoice, net (Decimal).

        Where the price carries its taxes, the host's rounding by line rounds what the client pays, and takes
        the taxes off that: 0.33 h at 99.99 with 15 % in it are 33.00, of which 28.70 are net, not 28.69.

        :param position: ``account.fiscal.position`` of who pays, where that is another one
        """
        self.ensure_one()
        if not any(self.tax_ids.mapped("price_include")):
            return amount_of(quantity, self._psa_net_price(), dec(self.currency_id.rounding))
        taxes, values = self.env["account.tax"], {}
        if position is not None and (mapped := self._psa_position_values(position)):
            own = taxes.browse(mapped["tax_ids"][0][2])
            values = {"tax_ids": own, "price_unit": mapped["price_unit"]}
        line = self._prepare_base_line_for_taxes_computation(quantity=float(quantity), **values)
        taxes._add_tax_details_in_base_line(line, self.company_id)
        taxes._round_base_lines_tax_details([line], self.company_id)
        return dec(self.currency_id.round(line["tax_details"]["total_excluded_currency"]))

    def _psa_taken_of_cap(self):
        """With what reviews wrote off or up, and with cents that quantities cannot express: as caps count."""
        domain = [("sale_line_id", "in", self.ids), ("state", "in", DELIVERED_STATES)]
        # sudo: see _prepare_qty_delivered
        rows = (
            self.env["psa.wip.entry"]
            .sudo()
            ._read_group(domain, ["sale_line_id"], ["amount:sum", "billable_quantity:sum"])
        )
        beside = sum(
            dec(amount) - dec(quantity) * line._psa_net_price()
            for line, amount, quantity in rows
            if line._psa_is_time_material()
        )
        taken = super()._psa_taken_of_cap() + float(beside)
        return self.currency_id[:1].round(taken) if self else taken

    def _psa_is_unpriced(self):
        """Whether nobody agreed on a price for the work on this line; a discount of all of it is agreed."""
        self.ensure_one()
        return self._psa_net_price() <= 0 and not (self.price_unit > 0 and self.discount == 100)

    def _psa_quantity_of(self, analytic_line):
        """An entry as entered, in the unit of this line; two digits, as quantities have."""
        self.ensure_one()
        quantity = self._psa_quantity_of_time(analytic_line.unit_amount, analytic_line.product_uom_id)
        return round_to(dec(quantity), self._psa_quantity_unit())

    def write(self, vals):
        if not PRICE_FIELDS & vals.keys():
            return super().write(vals)
        # sudo: what the work is worth follows from the line that the user may write
        lines = self.sudo().filtered("order_id.psa_kind")
        before = {line.id: (line._psa_net_price(), line.psa_cap_amount) for line in lines}
        result = super().write(vals)
        changed = lines.filtered(lambda line: before[line.id] != (line._psa_net_price(), line.psa_cap_amount))
        self.env["psa.wip.entry"].sudo()._psa_recut(changed.order_id._psa_sow())
        return result

    def _get_protected_fields(self):
        """Lines that billing made belong to it, also on a locked order."""
        billing = (
            line.psa_adjusts_line_id or (self.env.su and line._psa_is_made_by_billing()) for line in self
        )
        if self and all(billing):
            return []
        return super()._get_protected_fields()

    def _psa_done(self):
        """Those of these lines of which nothing is to be billed any more: what they sell is, or their period
        is over and no work waits."""
        settled = self.filtered(lambda line: line.state == "sale" and not line.qty_to_invoice)
        billed = settled.filtered(lambda line: line._psa_is_billed_in_full())
        today = fields.Date.context_today(self)
        over = (settled - billed).filtered(
            lambda line: (
                line.psa_billing_model not in (FIXED, MILESTONE, SUCCESS_FEE)
                and (end := line.order_id._psa_sow()._psa_period()[1])
                and end < today
            )
        )
        # sudo: that something waits, not what
        rows = (
            self.env["psa.wip.entry"]
            .sudo()
            ._read_group(
                [("sale_line_id", "in", over.ids), ("state", "in", UNBILLED_STATES)], ["sale_line_id"]
            )
        )
        return billed | (over - over.browse([line.id for (line,) in rows]))

    def _psa_is_billed_in_full(self):
        """Whether invoices bill all that this line sells, and it cannot bill more."""
        self.ensure_one()
        is_billed = 0 < self.product_uom_qty <= self.qty_invoiced
        return is_billed and bool(self.psa_adjusts_line_id or self.psa_billing_model not in GOING_ON)

    def _psa_service_period_name(self, date_start, date_end):
        """The days of the work as text for the invoice line, in the language of the environment."""
        return self._psa_days_name(get_lang(self.env).code, date_start, date_end) if date_start else ""

    # many lines of a run are of the same month, and a language changed by somebody empties this cache
    @ormcache("lang", "first", "last")
    def _psa_days_name(self, lang, first, last):
        return " – ".join(format_date(self.env, day, lang_code=lang) for day in dict.fromkeys((first, last)))
