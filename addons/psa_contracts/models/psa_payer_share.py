from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.shares import is_whole, split, total
from .rights import PRICE_GROUPS


class PsaPayerShare(models.Model):
    _name = "psa.payer.share"
    _description = "Paying Client"
    _order = "order_id, sequence, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    partner_id = fields.Many2one(
        "res.partner",
        string="Paying Client",
        required=True,
        check_company=True,
        ondelete="restrict",
        help="Receives its own invoices. It sees nothing of the statement of work in the portal.",
    )
    share = fields.Float(string="Share (%)", digits=(7, 4), required=True)
    reference = fields.Char(string="Purchase Order", help="Number of this payer's purchase order.")
    note = fields.Char()

    _share_is_a_share = models.Constraint(
        "CHECK(share > 0 AND share <= 100)", "The share of a paying client is above 0 and at most 100 %."
    )
    _payer_once = models.Constraint(
        "UNIQUE(order_id, partner_id)",
        "A client pays one share of a statement of work: add the two shares up.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        shares = super().create(vals_list)
        shares._check_not_signed()
        return shares

    def write(self, vals):
        self._check_not_signed()
        result = super().write(vals)
        self._check_not_signed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._check_not_signed()

    def _check_not_signed(self):
        """:raises UserError: where a person changes who pays a signed SOW"""
        if self.env.su:
            return
        for order in self.order_id:
            if order._psa_is_signed():
                raise UserError(
                    self.env._("%s is signed. Its paying clients cannot be changed any more.", order.name)
                )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_payer_ids = fields.One2many(
        "psa.payer.share",
        "order_id",
        string="Paying Clients",
        copy=True,
        groups=PRICE_GROUPS,
        help="Who pays which share of the invoices. Empty: the client pays all.",
    )

    @api.constrains("psa_payer_ids")
    def _check_psa_payers(self):
        for order in self:
            problem = order._psa_payer_problem()
            if problem:
                raise ValidationError(f"{order.name}: {problem}")

    def _psa_payer_problem(self):
        """What is wrong with the shares of the paying clients, in words; None if nothing is."""
        self.ensure_one()
        # sudo: they have to make up the whole, whoever confirms
        shares = self.sudo().psa_payer_ids.mapped("share")
        if is_whole(shares):
            return None
        return self.env._(
            "the shares of the paying clients make up %s %%, not 100 %%. Correct them; without paying "
            "clients the client pays all.",
            format(total(shares).normalize(), "f"),
        )

    def _psa_confirmation_problem(self):
        return super()._psa_confirmation_problem() or self._psa_payer_problem()

    def _psa_split_amount(self, amount):
        """``[(paying client, amount)]``: ``amount`` (Decimal, order currency) by the shares of the SOW; the
        last takes the rest. All of it to the invoice address where nobody else pays."""
        self.ensure_one()
        payers = self._psa_sow().psa_payer_ids
        if not payers:
            return [(self.partner_invoice_id, amount)]
        rounding = Decimal(str(self.currency_id.rounding))
        parts = split(amount, payers.mapped("share"), rounding)
        return list(zip(payers.partner_id, parts, strict=True))
