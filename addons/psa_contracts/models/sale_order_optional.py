"""Optional phases: the client takes of them what they want before they sign; the rest was never sold.

Optional is the host's word: the lines of such a section are offered with the quantity 0, and the client
orders some in the portal.
"""

from math import isfinite

from odoo import fields, models

from ..core.billing_models import RETAINER, TIME_MATERIAL


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _can_be_edited_on_portal(self):
        # what is signed and waits for its payment is still a quotation of the host
        return super()._can_be_edited_on_portal() and not self._psa_is_signed()

    def _psa_keep_choice(self):
        """Remember, as these orders are confirmed, what the client left out of them. Repeatable."""
        left = self.order_line.filtered(lambda line: line._psa_is_not_ordered())
        before = self.order_line.filtered("psa_declined")
        (left - before).psa_declined = True
        (before - left).psa_declined = False


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    # Stored: lines are dragged from phase to phase also after they were signed.
    psa_declined = fields.Boolean(
        string="Not Taken",
        readonly=True,
        copy=False,
        help="It was offered in an optional phase, and the client signed without it: nothing of it is sold.",
    )

    def _psa_is_declined(self):
        """Whether the client left this line out of what they signed; before, whether they would, signing
        now."""
        self.ensure_one()
        return self.psa_declined if self.state == "sale" else self._psa_is_not_ordered()

    def _psa_is_not_ordered(self):
        """Whether this line is offered in an optional phase, and nothing of it is ordered."""
        self.ensure_one()
        if self.display_type or self.product_uom_qty or self.psa_group_line_id or self.psa_amends_line_id:
            return False
        return bool(self.order_id.psa_kind) and self._is_line_optional()

    def _psa_chosen_quantity(self, quantity, remove):
        """What the client orders of this line: units of it, at least 0; of what the document shows as one
        amount all or nothing.

        :param quantity: that they typed; False: one more, or with ``remove`` one less
        """
        self.ensure_one()
        if quantity is False:
            quantity = self.product_uom_qty + (-1 if remove else 1)
        if not (isfinite(quantity) and quantity > 0):
            return 0
        return quantity if self.psa_billing_model in (TIME_MATERIAL, RETAINER) else 1

    def _psa_option_price(self):
        """What one unit of this line costs, before taxes, in the currency of its order."""
        self.ensure_one()
        taxes = self.tax_ids.compute_all(
            self._get_discounted_price(),
            currency=self.currency_id,
            product=self.product_id,
            partner=self.order_id.partner_id,
        )
        return taxes["total_excluded"]
