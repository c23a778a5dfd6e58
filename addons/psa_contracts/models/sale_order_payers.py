"""A SOW that several clients pay."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.shares import is_whole, split, total
from .rights import PRICE_GROUPS


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
                message = f"{order.name}: {problem}"
                raise ValidationError(message)

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
