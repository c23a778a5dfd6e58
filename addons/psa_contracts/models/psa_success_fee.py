from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.psa_project.models.defaults import only_own_defaults

from ..core.billing_models import SUCCESS_FEE
from ..core.success_fee import FORMULA_FIXED, FORMULA_PERCENT, FeeTerms, success_fee
from .numbers import number_told

#: What was signed with the SOW.
TERM_FIELDS = {"formula", "percent", "floor_amount", "cap_amount", "metric", "sale_line_id"}
#: What is claimed: open until somebody decides.
RESULT_FIELDS = {"result_amount", "result_date", "result_note", "evidence_ids"}
#: Written by the buttons only.
DECISION_FIELDS = {
    "state",
    "signed_price",
    "claimed_by_id",
    "claimed_date",
    "decided_by_id",
    "decided_date",
}


class PsaSuccessFee(models.Model):
    _name = "psa.success.fee"
    _description = "Success Fee"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "order_id desc, id"
    _rec_name = "metric"

    sale_line_id = fields.Many2one(
        "sale.order.line", string="Line", required=True, readonly=True, ondelete="cascade", index=True
    )
    order_id = fields.Many2one(
        related="sale_line_id.order_id", string="Statement of Work", store=True, index=True
    )
    company_id = fields.Many2one(related="sale_line_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="sale_line_id.currency_id")
    partner_id = fields.Many2one(related="order_id.partner_id", string="Client", store=True)
    order_state = fields.Selection(related="order_id.state")
    description = fields.Text(related="sale_line_id.name")
    formula = fields.Selection(
        [(FORMULA_FIXED, "Fixed Amount"), (FORMULA_PERCENT, "% of the Result")],
        required=True,
        default=FORMULA_FIXED,
        help="Fixed: the price of the line. Percentage: of the result, once it is recorded; until then the "
        "price of the line is an estimate.",
    )
    metric = fields.Char(
        string="Result",
        copy=True,
        help="What is measured, as the client signs it: “Annual savings in logistics”.",
    )
    percent = fields.Float(string="Percentage", digits=(16, 4), help="Of the result; 5 is 5 %.")
    floor_amount = fields.Monetary(string="Floor", help="The fee is never below it. 0: no floor.")
    cap_amount = fields.Monetary(string="Cap", help="The fee is never above it. 0: no cap.")
    estimate_amount = fields.Monetary(
        string="Agreed Amount",
        compute="_compute_estimate_amount",
        compute_sudo=True,  # who reads the fee reads its price; project people may not read its line
        help="The price of the line as signed: the fixed fee, or what a percentage was expected to come to.",
    )
    signed_price = fields.Monetary(
        string="Price Before Approval",
        readonly=True,
        copy=False,
        help="The price of the line that the approved fee took the place of.",
    )
    result_amount = fields.Monetary(string="Recorded Result", copy=False, tracking=True)
    result_date = fields.Date(string="Recorded On", copy=False, tracking=True)
    result_note = fields.Text(string="How It Was Measured", copy=False)
    evidence_ids = fields.Many2many("ir.attachment", copy=False)
    fee_amount = fields.Monetary(
        string="Fee",
        compute="_compute_fee_amount",
        store=True,
        tracking=True,
        help="What the recorded result comes to, before taxes.",
    )
    state = fields.Selection(
        [("agreed", "Agreed"), ("claimed", "Claimed"), ("approved", "Approved"), ("rejected", "Rejected")],
        required=True,
        readonly=True,
        default="agreed",
        copy=False,
        tracking=True,
    )
    claimed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    claimed_date = fields.Datetime(string="Claimed On", readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    decided_date = fields.Datetime(string="Decided On", readonly=True, copy=False)

    _one_per_line = models.UniqueIndex("(sale_line_id)", "A line has one success fee.")
    _percent_in_range = models.Constraint(
        "CHECK(percent >= 0 AND percent <= 100)", "A success fee is between 0 and 100 % of the result."
    )
    _limits_in_order = models.Constraint(
        "CHECK(floor_amount >= 0 AND cap_amount >= 0 AND (cap_amount = 0 OR floor_amount <= cap_amount))",
        "The floor of a success fee cannot be above its cap, and neither can be negative. Use 0 for none.",
    )

    @api.constrains("sale_line_id")
    def _check_sale_line_id(self):
        for fee in self:
            line = fee.sale_line_id.sudo()  # sudo: what kind of line it is, whoever writes
            if not line.order_id.psa_kind or line.psa_billing_model != SUCCESS_FEE:
                raise ValidationError(
                    self.env._(
                        "%(line)s on %(order)s is no success fee: an approved fee would change its price. "
                        "Choose the billing model “Success Fee” on a line of its own.",
                        line=line.name,
                        order=line.order_id.name,
                    )
                )

    @api.depends("metric", "sale_line_id.name")
    def _compute_display_name(self):
        for fee in self:
            # sudo: the fee is called so for whoever reads it, also project people, who may not read the line
            fee.display_name = fee.metric or (fee.sudo().sale_line_id.name or "").split("\n")[0]

    @api.depends("sale_line_id.price_unit", "signed_price", "state")
    def _compute_estimate_amount(self):
        for fee in self:
            fee.estimate_amount = fee.signed_price if fee.state == "approved" else fee.sale_line_id.price_unit

    @api.depends(
        "formula", "estimate_amount", "percent", "floor_amount", "cap_amount", "result_amount", "result_date"
    )
    def _compute_fee_amount(self):
        for fee in self:
            known = fee.result_date and fee.floor_amount <= (fee.cap_amount or fee.floor_amount)
            fee.fee_amount = fee._psa_fee() if known else 0.0

    def _psa_fee(self):
        """What the recorded result comes to, in the currency of the SOW, net; the rule is in core."""
        self.ensure_one()

        def dec(amount):
            return Decimal(str(amount))

        terms = FeeTerms(
            self.formula,
            amount=dec(self.estimate_amount),
            percent=dec(self.percent),
            floor=dec(self.floor_amount),
            cap=dec(self.cap_amount),
        )
        return float(success_fee(terms, dec(self.result_amount), self.currency_id.decimal_places))

    def _psa_problem(self):
        """What keeps the SOW of this fee from being confirmed, in words; None if nothing does."""
        self.ensure_one()
        line = self.sale_line_id
        label = self.display_name
        if line.product_uom_qty != 1 or line.discount:
            return self.env._(
                "the success fee %s is paid once: its line needs the quantity 1 and no discount. Write the "
                "amount itself as the price.",
                label,
            )
        if self.formula == FORMULA_PERCENT and not (self.percent and self.metric):
            return self.env._(
                "the success fee %s is a percentage, but of what is not said. Fill in the result and the "
                "percentage on the page Success Fees.",
                label,
            )
        if self.formula == FORMULA_FIXED and not self.estimate_amount:
            return self.env._("the success fee %s has no amount. Set the price of its line.", label)
        return None

    def _psa_formula_text(self):
        """How the fee is found, in words for the client and in the language of the environment."""
        self.ensure_one()
        if self.formula == FORMULA_FIXED:
            return self.env._("Fixed, on: %s", self.metric) if self.metric else self.env._("Fixed")
        parts = [
            self.env._(
                "%(percent)s %% of: %(metric)s",
                percent=number_told(self.env, self.percent, 4),
                metric=self.metric or "",
            )
        ]
        if self.floor_amount:
            parts.append(self.env._("at least %s", self.currency_id.format(self.floor_amount)))
        if self.cap_amount:
            parts.append(self.env._("at most %s", self.currency_id.format(self.cap_amount)))
        return ", ".join(parts)

    # -- who may write what --------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        return only_own_defaults(self, super().default_get(fields_list), DECISION_FIELDS)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._psa_refuse(DECISION_FIELDS & vals.keys())
        fees = super().create(vals_list)
        if not self.env.su:
            fees._psa_check_terms_open()
        return fees

    def write(self, vals):
        if not self.env.su:
            self._psa_refuse(DECISION_FIELDS & vals.keys())
            if TERM_FIELDS & vals.keys():
                self._psa_check_terms_open()
                self.order_id._psa_writes_on_what_is_read()
            if RESULT_FIELDS & vals.keys():
                self._psa_check_result_open()
        return super().write(vals)

    def _psa_refuse(self, names):
        if names:
            raise AccessError(
                self.env._(
                    "The state of a success fee is not written by hand (%s). Use its buttons: claim, "
                    "approve, reject, withdraw.",
                    ", ".join(sorted(names)),
                )
            )

    def _psa_check_terms_open(self):
        for fee in self:
            if fee.state == "approved" and fee.order_id.state in ("draft", "sent"):
                raise UserError(fee._psa_withdrawal_problem() or fee._psa_approved_message())
            if fee.order_id.state == "cancel":
                raise UserError(
                    self.env._(
                        "%(order)s is cancelled. Set it to draft to edit the terms of the success fee "
                        "%(fee)s.",
                        order=fee.order_id.name,
                        fee=fee.display_name,
                    )
                )
            if fee.order_id.state not in ("draft", "sent"):
                raise UserError(
                    self.env._(
                        "%(order)s is signed. The terms of the success fee %(fee)s cannot be edited any "
                        "more: agree on a change order that takes this one off, with a success fee of its "
                        "own.",
                        order=fee.order_id.name,
                        fee=fee.display_name,
                    )
                )

    def _psa_approved_message(self):
        return self.env._(
            "The result of the success fee %(fee)s of %(order)s is approved. It is corrected after a sales "
            "manager has withdrawn the approval and rejected the claim.",
            fee=self.display_name,
            order=self.order_id.name,
        )

    def _psa_check_result_open(self):
        for fee in self:
            if fee.state == "approved":
                raise UserError(fee._psa_approved_message())
            if fee.state not in ("agreed", "rejected"):
                raise UserError(
                    self.env._(
                        "The result of the success fee %(fee)s of %(order)s is claimed. It is corrected "
                        "after the claim was rejected.",
                        fee=fee.display_name,
                        order=fee.order_id.name,
                    )
                )

    def action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Success Fee"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }
