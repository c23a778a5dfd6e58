"""Retainer lines: what a period grants, how it is billed, what becomes of work over it."""

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.psa_contracts.core.billing_models import RETAINER
from odoo.addons.psa_contracts.models.rights import PRICE_GROUPS

from ..core.money import dec, price_after_discount
from ..core.retainer_lines import Sold
from ..core.retainer_periods import MONTHS
from ..core.retainers import BILL, UNTIL_END, Terms
from .rights import REVIEWER_GROUPS


def retainer_terms(line, view):
    """The action that opens the terms of a retainer: of a line of a SOW, or of a SOW template.

    :param view: external id of its form
    """
    line.ensure_one()
    return {
        "type": "ir.actions.act_window",
        "name": line.env._("Terms of the Retainer"),
        "res_model": line._name,
        "res_id": line.id,
        "view_mode": "form",
        "views": [(line.env.ref(view).id, "form")],
        "target": "new",
    }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_retainer_grant = fields.Selection(
        [("hours", "Hours"), ("money", "Money")],
        string="Period Grants",
        help="Hours of work, or an amount that work draws on at the rates of the card. Empty: hours.",
    )
    psa_retainer_amount = fields.Monetary(
        string="Amount per Period",
        help="Work that each period grants, at the rates of the card, before taxes. Empty: the price of the "
        "period.",
        groups=PRICE_GROUPS,
    )
    psa_retainer_role_ids = fields.Many2many(
        "project.role",
        "psa_retainer_role_rel",
        string="Roles that Draw on It",
        help="Time in these roles draws on the retainer, unless its task belongs to another line of its "
        "role. Empty: time on the tasks of the retainer only.",
    )
    psa_retainer_calendar = fields.Selection(
        [("calendar", "Calendar Periods"), ("start", "From the Start Date")],
        string="Periods",
        help="Calendar periods: the first and the last one are charged and granted by their days. Empty: "
        "calendar periods.",
    )
    psa_retainer_timing = fields.Selection(
        [("advance", "In Advance"), ("arrears", "In Arrears")],
        string="Billed",
        help="On the first or on the last day of each period. Empty: in advance.",
    )
    psa_retainer_open_ended = fields.Boolean(
        string="Until Cancelled",
        help="Goes on until the statement of work ends, or without end: the ordered quantity grows by the "
        "periods as they come.",
    )
    psa_retainer_rollover = fields.Selection(
        [("none", "Expires"), ("periods", "Rolls Over"), ("end", "Rolls Over until the End")],
        string="Unused",
        help="What becomes of what a period does not use. The oldest is used, and expires, first. Empty: it "
        "expires.",
    )
    psa_retainer_rollover_periods = fields.Integer(
        string="Rolls Over For", default=1, help="Number of later periods in which it may be used."
    )
    psa_retainer_rollover_cap = fields.Float(
        string="Rolls Over at Most",
        help="In hours or money, as the period grants. 0: no bound.",
        groups=PRICE_GROUPS,
    )
    psa_retainer_overage = fields.Selection(
        [("bill", "Is Billed"), ("hold", "Waits"), ("next", "Draws on the Next Period")],
        string="Work Over It",
        help="Waits: it is shown as over cap until a change order sells more, or it is written off. What is "
        "more than the next period grants is billed. Empty: it is billed.",
    )
    psa_retainer_overage_rate = fields.Float(
        string="Overage Rate",
        digits="Product Price",
        help="Price of an hour over the retainer. 0: what an hour of the retainer costs; where it grants "
        "money, the rate of the card.",
        groups=PRICE_GROUPS,
    )
    psa_retainer_true_up = fields.Selection(
        [
            ("none", "Nothing"),
            ("refund", "Unused Is Paid Back"),
            ("minimum", "Billed up to a Minimum"),
        ],
        string="At the End",
        help="How the retainer is settled once its last period has ended. Empty: nothing is settled.",
    )
    psa_retainer_minimum = fields.Monetary(
        string="Minimum",
        help="Amount that the whole retainer comes to at least, overage included, before taxes.",
        groups=PRICE_GROUPS,
    )
    psa_retainer_period_ids = fields.One2many(
        "psa.retainer.period", "sale_line_id", string="Retainer Periods Billed", readonly=True
    )
    psa_overage_of_line_id = fields.Many2one(
        "sale.order.line",
        string="Overage of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Bills the work over that retainer, at the price of this line.",
    )
    psa_true_up_of_line_id = fields.Many2one(
        "sale.order.line",
        string="Settles",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Settles that retainer at its end, or corrects the line that did.",
    )

    _psa_overage_once = models.UniqueIndex(
        "(psa_overage_of_line_id, price_unit) WHERE psa_overage_of_line_id IS NOT NULL",
        "A retainer has one line a price for the work over it.",
    )
    _psa_true_up_once = models.UniqueIndex(
        "(psa_true_up_of_line_id) WHERE psa_true_up_of_line_id IS NOT NULL",
        "A retainer is settled once only.",
    )
    _psa_retainer_not_negative = models.Constraint(
        "CHECK(COALESCE(psa_retainer_amount, 0) >= 0 AND COALESCE(psa_retainer_rollover_cap, 0) >= 0 "
        "AND COALESCE(psa_retainer_overage_rate, 0) >= 0 AND COALESCE(psa_retainer_minimum, 0) >= 0)",
        "Amounts and rates of a retainer cannot be negative. Use 0 for none.",
    )

    @api.model
    def _psa_derived_fields(self):
        return super()._psa_derived_fields() | {"psa_overage_of_line_id", "psa_true_up_of_line_id"}

    @api.constrains("psa_retainer_rollover", "psa_retainer_rollover_periods")
    def _check_psa_retainer_rollover(self):
        for line in self:
            if line.psa_retainer_rollover == "periods" and line.psa_retainer_rollover_periods < 1:
                raise ValidationError(
                    self.env._(
                        "%(order)s: unused hours of %(line)s roll over for no period. Say for how many, or "
                        "that they expire.",
                        order=line.order_id.name,
                        line=line.name,
                    )
                )

    def _psa_problem(self):
        problem = super()._psa_problem()
        if problem or self.psa_billing_model != RETAINER:
            return problem
        if self.psa_retainer_true_up == "minimum" and not self.psa_retainer_minimum:
            return self.env._(
                "the retainer %s is billed up to a minimum, which is 0. Enter the minimum.", self.name
            )
        if self.psa_retainer_true_up and self.psa_retainer_true_up != "none" and self.psa_retainer_open_ended:
            return self.env._(
                "the retainer %s goes on until it is cancelled and settles at its end. Order a number of "
                "periods, or settle nothing.",
                self.name,
            )
        return None

    def _psa_amending_problem(self):
        problem, amended = super()._psa_amending_problem(), self.psa_amends_line_id
        if problem or not amended or self.psa_billing_model != RETAINER or self.product_uom_qty:
            return problem
        if self._psa_group_head().psa_retainer_open_ended:  # they hold from a day on
            return None
        names = ("price_unit", "discount", "psa_retainer_hours", "psa_retainer_amount")
        sold = amended._psa_group_members()[amended._psa_group_head()]
        if [self[name] for name in names] in [[line[name] for name in names] for line in sold]:
            return None
        return self.env._(
            "%s has other terms, but for no period: that changes nothing. Take the periods off by a line "
            "with their number below zero, and sell them again by one with the new terms.",
            self.psa_role_id.name or self.name or "",
        )

    def action_psa_retainer_terms(self):
        """What the retainer of this line grants, and how it is billed."""
        return retainer_terms(self, "psa_billing.sale_order_line_view_form_retainer")

    # -- what core asks --------------------------------------------------------------------

    def _psa_goes_on(self):
        return super()._psa_goes_on() or self.psa_retainer_open_ended

    def _psa_pays_for(self, role):
        return super()._psa_pays_for(role) or (
            self.psa_billing_model == RETAINER and role in self.psa_retainer_role_ids
        )

    def _psa_retainer_months(self):
        """Months of a period of this retainer."""
        return MONTHS[self.psa_retainer_period or "month"]

    def _psa_retainer_terms(self):
        """The ``Terms`` of work on this retainer."""
        self.ensure_one()
        rollover = {"periods": self.psa_retainer_rollover_periods, "end": UNTIL_END}
        return Terms(
            rollover=rollover.get(self.psa_retainer_rollover, 0),
            rolled_cap=dec(self.psa_retainer_rollover_cap) or None,
            overage=self.psa_retainer_overage or BILL,
            keep_last=self.psa_retainer_true_up == "refund",
        )

    def _psa_retainer_granted(self):
        """What a whole period on this line grants, in hours or in money of its currency; 0: no bound."""
        self.ensure_one()
        if self._psa_group_head().psa_retainer_grant != "money":
            return dec(self.psa_retainer_hours)
        return dec(self.psa_retainer_amount) or self._psa_net_price()

    def _psa_is_drawn(self):
        """Whether work draws on this retainer: it grants a number of hours or an amount."""
        self.ensure_one()
        return self.psa_billing_model == RETAINER and bool(self._psa_retainer_granted())

    def _psa_retainer_sold(self):
        """The ``Sold`` of the lines of a retainer's group, in their order."""
        return [
            Sold(
                line.id,
                dec(line.product_uom_qty),
                line._psa_net_price(),
                line._psa_retainer_from(),
                indexed=line._psa_is_step(),
                order=line.order_id.id,
                granted=line._psa_retainer_granted(),
            )
            for line in self
            if line.product_uom_qty or not line.psa_pause_start
        ]

    def _psa_retainer_from(self):
        """The first day of a period that may be billed on this line of a retainer; None: of any."""
        self.ensure_one()
        changed = self.psa_amends_line_id and self.order_id.psa_effective_date
        return self.psa_step_date or changed or None

    def _psa_retainer_start(self):
        """The first day of this retainer, the first line of its group."""
        self.ensure_one()
        order = self.order_id
        if order.psa_kind == "change_order":
            return order.psa_date_start or order._psa_price_day()
        return order._psa_period()[0] or order._psa_price_day()

    # -- what the host shows ---------------------------------------------------------------

    @api.depends("psa_retainer_period_ids.is_due", "psa_retainer_period_ids.quantity")
    def _compute_qty_delivered(self):
        return super()._compute_qty_delivered()

    def _prepare_qty_delivered(self):
        """A due period delivers its part of a unit."""
        delivered = super()._prepare_qty_delivered()
        lines = self.filtered(lambda line: line.psa_billing_model == RETAINER and line.order_id.psa_kind)
        if not lines:
            return delivered
        # sudo: the quantity that the host shows to everybody who sees the order
        periods = self.env["psa.retainer.period"].sudo()
        domain = [("sale_line_id", "in", lines.ids), ("is_due", "=", True)]
        if self.env.context.get("accrual_entry_date"):
            domain.append(("due_date", "<=", self.env.context["accrual_entry_date"]))
        quantities = {
            line.id: quantity
            for line, quantity in periods._read_group(domain, ["sale_line_id"], ["quantity:sum"])
        }
        heads = self.browse().union(*(line._psa_group_head() for line in lines._origin))
        planned = periods._psa_planned("retainer_line_id", heads)
        for line in lines:
            if line._origin and line._origin._psa_group_head() in planned:
                delivered[line] = round(quantities.get(line._origin.id, 0.0), 6)
        return delivered

    # -- overage ---------------------------------------------------------------------------

    def _psa_hour_price(self):
        """What an hour of this retainer costs after discount, as prices stand on the line; 0: it names
        none."""
        self.ensure_one()
        hours = dec(self.psa_retainer_hours)
        price = price_after_discount(dec(self.price_unit), dec(self.discount))
        return self.currency_id.round(float(price / hours)) if hours else 0.0

    def _psa_overage_lines(self, wanted):
        """The lines that bill work over retainers, made where there is none: ``{(head, price): line}``.

        :param wanted: set of ``(head, price of an hour as it stands on a line)``
        """
        heads = self.browse({head.id for head, _price in wanted})
        heads.order_id._psa_lock()
        lines = self.search([("psa_overage_of_line_id", "in", heads.ids)], order="id")
        found = {(line.psa_overage_of_line_id, line.price_unit): line for line in lines}
        missing = [pair for pair in wanted if pair not in found]
        if missing:
            lines = self.with_context(sale_no_log_for_new_lines=True).create(
                [head._prepare_overage(price) for head, price in missing]
            )
            found.update({pair: line.with_env(self.env) for pair, line in zip(missing, lines, strict=True)})
        return found

    def _prepare_overage(self, price):
        """Values of the line that bills hours over this retainer at ``price``."""
        self.ensure_one()
        return {
            **self._prepare_beside("psa_billing.product_overage", price),
            "name": self.env._("Over the retainer: %s", self.name),
            "psa_billing_model": "time_material",
            "product_uom_id": self.env["uom.uom"]._psa_hour().id,
            "product_uom_qty": 0,
            "psa_phase_id": self.psa_phase_id.id,
            "psa_overage_of_line_id": self.id,
        }

    def _prepare_true_up(self, amount):
        """Values of the line that settles this retainer by ``amount`` (net), below zero to pay it back."""
        self.ensure_one()
        return {
            **self._prepare_beside("psa_billing.product_adjustment", self._psa_gross(amount)),
            "name": self._psa_true_up_name(amount < 0),
            "psa_billing_model": "fixed",
            "product_uom_qty": 1,
            "psa_true_up_of_line_id": self.id,
        }

    def _psa_true_up_name(self, pays_back):
        if self.psa_retainer_true_up not in ("refund", "minimum"):
            if pays_back:
                return self.env._("Drawn on a period that came after all: %s", self.name)
            return self.env._("Drawn on a period that did not come: %s", self.name)
        refunds = self.psa_retainer_true_up == "refund"
        if refunds and pays_back:
            return self.env._("Unused, paid back: %s", self.name)
        if refunds:
            return self.env._("Used after it was paid back: %s", self.name)
        if pays_back:
            return self.env._("Worked after it was billed up to the agreed minimum: %s", self.name)
        return self.env._("Up to the agreed minimum: %s", self.name)

    def _psa_is_made_by_billing(self):
        beside = self.psa_overage_of_line_id or self.psa_true_up_of_line_id
        return bool(beside) or super()._psa_is_made_by_billing()

    def _prepare_beside(self, product, price):
        return {
            "order_id": self.order_id.id,
            "product_id": self.env.ref(product).id,
            "price_unit": price,
            "discount": 0,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "analytic_distribution": self.analytic_distribution,
            "sequence": self.sequence,
        }


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_retainer_period_count = fields.Integer(
        compute="_compute_psa_retainer_period_count", groups=REVIEWER_GROUPS
    )

    def _compute_psa_retainer_period_count(self):
        rows = self.env["psa.retainer.period"]._read_group(
            [("order_id", "in", self.ids)], ["order_id"], ["__count"]
        )
        counts = dict(rows)
        for order in self:
            order.psa_retainer_period_count = counts.get(order, 0)

    def action_view_psa_retainer_periods(self):
        """The periods of the retainers of the SOW."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_retainer_period_action")
        return {**action, "domain": [("order_id", "in", self.ids)], "context": {}}
