from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core.billing_models import SUCCESS_FEE
from ..core.success_fee import FORMULA_FIXED, FORMULA_PERCENT, FeeTerms, success_fee
from .lock import touch
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

    # -- claim and decision --------------------------------------------------------------------

    def action_claim(self):
        """Put the recorded result before those who approve."""
        for fee in self:
            fee.check_access("write")
            fee._psa_require_state("agreed", "rejected")
            fee._psa_require_signed()
            if not fee.result_date or not fee.evidence_ids:
                raise UserError(
                    self.env._(
                        "The success fee %(fee)s of %(order)s has no recorded result. Fill in the result, "
                        "its date and the evidence, then claim it.",
                        fee=fee.display_name,
                        order=fee.order_id.name,
                    )
                )
        # sudo: the access was checked above; state and claimant are written by this button only
        self.sudo().write(
            {
                "state": "claimed",
                "claimed_by_id": self.env.uid,
                "claimed_date": fields.Datetime.now(),
                "decided_by_id": False,
                "decided_date": False,
            }
        )

    def action_approve(self):
        """The fee is owed: its line is delivered at the price of the fee.

        :raises AccessError: for who is no sales manager, or claimed the fee
        """
        self._psa_check_decider()
        for fee in self:
            fee._psa_require_state("claimed")
            fee._psa_require_signed()
            amount = fee.fee_amount
            fee._psa_decide("approved", signed_price=fee.sale_line_id.price_unit)
            fee._psa_set_price(amount)

    def action_reject(self):
        """The claim does not hold; the result can be corrected and claimed again.

        :raises AccessError: for who is no sales manager, or claimed the fee
        """
        self._psa_check_decider()
        for fee in self:
            fee._psa_require_state("claimed")
            fee._psa_decide("rejected")

    def action_withdraw(self):
        """Take an approval back, as long as nothing of it stands on an invoice.

        :raises UserError: with the amount and the way out once the fee is invoiced
        """
        self._psa_check_decider()
        for fee in self:
            fee._psa_require_state("approved")
            problem = fee._psa_withdrawal_problem()
            if problem:
                raise UserError(problem)
            fee._psa_set_price(fee.signed_price)
            fee._psa_decide("claimed", signed_price=0)

    def _psa_withdrawal_problem(self):
        """What keeps this approval from being taken back, in words; None if nothing does."""
        self.ensure_one()
        # sudo: that the fee is invoiced counts also for who does not see the invoice
        line = self.sale_line_id.sudo()
        if not line._psa_quantity_billed():
            return None
        invoices = line.invoice_lines.move_id.filtered(lambda move: move.state != "cancel")
        return self.env._(
            "The success fee %(fee)s of %(order)s is invoiced: %(amount)s on %(invoices)s. Delete the "
            "draft or credit the invoice first, then withdraw the approval.",
            fee=self.display_name,
            order=self.order_id.name,
            amount=self.currency_id.format(self.fee_amount),
            invoices=", ".join(move.name or self.env._("a draft invoice") for move in invoices),
        )

    def _psa_require_state(self, *states):
        # who takes it off, cancels its SOW or bills it at the same moment is run again
        touch(self.sudo().order_id._psa_sow())  # sudo: whoever claims; the row stays as it is
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "The success fee %(fee)s of %(order)s is %(state)s. Load the page again and see what "
                    "is left to do.",
                    fee=self.display_name,
                    order=self.order_id.name,
                    state=labels[self.state].lower(),
                )
            )

    def _psa_check_decider(self):
        if self.env.su:
            return
        self.check_access("write")
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(self.env._("Success fees are approved and rejected by sales managers."))
        own = self.filtered(lambda fee: fee.claimed_by_id == self.env.user)
        if own:
            raise AccessError(
                self.env._(
                    "You claimed the success fee %(fee)s of %(order)s yourself. Ask another sales manager.",
                    fee=own[0].display_name,
                    order=own[0].order_id.name,
                )
            )

    def _psa_decide(self, state, **values):
        # sudo: who may decide was checked; state and decider are written by the buttons only
        self.sudo().write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_date": fields.Datetime.now(),
                **values,
            }
        )

    def _psa_set_price(self, amount):
        # sudo: the price of the line follows from the approved fee, also on a locked order
        line = self.sale_line_id.sudo().with_context(psa_success_fee=True)
        line.write({"price_unit": amount, "technical_price_unit": amount})

    def action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Success Fee"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }
