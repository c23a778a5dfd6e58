"""A down payment is not taken back under the invoices that deduct it."""

from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    def _psa_deposits_in(self, move_type):
        """The down payment SOLs of SOWs that those of these moves ask for, or, credit notes, take back."""
        # sudo: whoever may take an invoice back is told what builds on it
        lines = self.sudo().filtered(lambda move: move.move_type == move_type).invoice_line_ids
        sale_lines = lines.filtered(lambda line: line.price_subtotal > 0).sale_line_ids
        return sale_lines.filtered(lambda line: line.is_downpayment and line.order_id.psa_kind)

    def _post(self, soft=True):
        posted = super()._post(soft)
        # one that was taken back to draft, too, may come back as less than was deducted
        for move_type in ("out_refund", "out_invoice"):
            posted._psa_deposits_in(move_type)._psa_check_deposit_left()
        return posted

    def button_cancel(self):
        deposits = self._psa_deposits_in("out_invoice")
        result = super().button_cancel()
        deposits._psa_check_deposit_left()
        return result

    def unlink(self):
        if not self:  # the host calls it with nothing at each write of a line
            return super().unlink()
        deposits = self._psa_deposits_in("out_invoice")
        result = super().unlink()
        deposits.exists()._psa_check_deposit_left()
        return result


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_check_deposit_left(self):
        """:raises UserError: where invoices deduct more of one of these down payments than was asked for"""
        for line in self:
            left = line._psa_deposit_left()
            if left >= 0:
                continue
            own = line | self.search([("psa_adjusts_line_id", "=", line.id)])
            deducting = own.invoice_lines.filtered(
                lambda bill: bill.parent_state != "cancel" and bill.price_subtotal < 0
            )
            raise UserError(
                self.env._(
                    "“%(line)s” of %(order)s cannot be taken back: %(invoices)s deducted it. Credit or "
                    "delete those first, or take back %(amount)s less of it.",
                    line=line.name,
                    order=line.order_id.name,
                    invoices=", ".join(deducting.move_id.mapped("display_name")),
                    amount=line.currency_id.format(-float(left)),
                )
            )
