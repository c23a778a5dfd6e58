"""What paying clients were billed, and the taxes that they pay."""

from odoo import models
from odoo.fields import Command

from ..core.money import dec


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_bills_to_the_cent(self):
        """Whether the amounts of entries are billed to the cent: under a cap, and where they are shared."""
        self.ensure_one()
        return self._psa_is_capped() or bool(self._psa_sow().psa_payer_ids)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_billed_to(self, payers):
        """As ``_psa_billed_by_payer``, of ``payers`` only."""
        billed = self._psa_billed_by_payer()
        return {payer: billed.get(payer, (dec(0), dec(0))) for payer in payers}

    def _psa_billed_by_payer(self):
        """``{payer: (quantity, net amount)}`` on invoices that are not cancelled, less posted credit notes;
        the amounts with the adjustments of the line."""
        self.ensure_one()
        billed, own = {}, self + self._psa_adjusting_lines()
        for line in own.invoice_lines - own._psa_drafts_back():
            move = line.move_id
            if move.state == "cancel":
                continue
            sign = -move.direction_sign
            quantity, amount = billed.get(move.psa_payer_id, (dec(0), dec(0)))
            if self in line.sale_line_ids:
                quantity += sign * dec(line.quantity)
            billed[move.psa_payer_id] = (quantity, amount + sign * dec(line.price_subtotal))
        return billed

    def _psa_close_adjustments(self):
        """Adjustments among these lines that no invoice bills any more bill nothing."""
        adjustments = self.filtered("psa_adjusts_line_id")
        adjustments.filtered(lambda line: not line.qty_invoiced).product_uom_qty = 0

    def _psa_position_values(self, position, adjusted=None):
        """Taxes, and the price that goes with them, of an invoice line under another fiscal position.

        :param position: ``account.fiscal.position`` of the payer
        :param adjusted: the SOW line where this is an adjustment of it
        """
        self.ensure_one()
        if position == self.order_id.fiscal_position_id:
            return {}
        product, taxes = (adjusted or self).product_id, self._psa_taxes_under(position, adjusted)
        price = self.tax_ids._adapt_price_unit_to_another_taxes(self.price_unit, product, self.tax_ids, taxes)
        return {"tax_ids": [Command.set(taxes.ids)], "price_unit": price}

    def _psa_taxes_under(self, position, adjusted=None):
        """The taxes of this line under another fiscal position; see ``_psa_position_values``."""
        self.ensure_one()
        product = (adjusted or self).product_id
        sold = product.taxes_id._filter_taxes_by_company(self.company_id)
        # Taxes that somebody chose on the line are where the mapping starts, else those of the product.
        chosen = self.tax_ids != self.order_id.fiscal_position_id.map_tax(sold)
        return position.map_tax(self.tax_ids if chosen else sold)
