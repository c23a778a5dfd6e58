"""A draft credit note gives nothing back yet: it may be deleted again, and what it credits stays billed until
it is posted. The host counts it at once; who bills by the host's figures bills a fixed price twice."""

from odoo import models

from ..core.money import amount_of, dec


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_drafts_back(self):
        """The lines of draft credit notes that somebody made of what these lines billed. A credit note that a
        proposal made is none of these: it bills its work."""
        # sudo: what is left to bill follows from every credit note, whoever asks
        return self.sudo().invoice_lines.filtered(
            lambda bill: (
                bill.parent_state == "draft"
                and bill.move_id.move_type == "out_refund"
                and not bill.psa_proposal_line_id
            )
        )

    def _psa_quantity_drafted_back(self):
        """Units of this line on draft credit notes, which the host does not count as billed any more."""
        self.ensure_one()
        return sum(
            bill.product_uom_id._compute_quantity(bill.quantity, self.product_uom_id)
            for bill in self._psa_drafts_back()
        )

    def _psa_quantity_billed(self):
        """Less posted credit notes only."""
        return super()._psa_quantity_billed() + self._psa_quantity_drafted_back()

    def _psa_left_to_invoice(self):
        """What the host says is left to invoice of this line, without what draft credit notes would give
        back."""
        return self.qty_to_invoice - self._psa_quantity_drafted_back()

    def _psa_billed_for_good(self):
        """What this line billed at its price (Decimal), net, less posted credit notes only; see
        ``_psa_billed_at_price``."""
        price, unit = self._psa_net_price(), dec(self.currency_id.rounding)
        drafts = self._psa_drafts_back()
        drafted = sum((amount_of(dec(bill.quantity), price, unit) for bill in drafts), dec(0))
        return self._psa_billed_at_price() + drafted
