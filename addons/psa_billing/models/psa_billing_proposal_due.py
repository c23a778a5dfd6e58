"""Fixed prices, milestones and instalments that are not due any more after they were put on a proposal."""

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.psa_contracts.core.billing_models import RETAINER

from ..core.money import dec
from .psa_billing_proposal import PENDING_STATES

#: Quantities are stored as floats.
DUST = dec(0.000001)


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _check_fixed_due(self):
        """:raises UserError: where more is proposed than is reached or due by now"""
        lines = self.line_ids.filtered(lambda line: line.quantity > 0 and not line.is_held)._psa_fixed()
        lines = lines.filtered(lambda line: line.sale_line_id.psa_billing_model != RETAINER)
        beyond = lines.sale_line_id._psa_beyond_due(max(self.run_id.mapped("date_to"), default=None))
        for line in lines.filtered(lambda line: line.sale_line_id in beyond):
            raise UserError(
                self.env._(
                    "%(line)s on %(proposal)s is not due any more as it was proposed. Hold the line, or "
                    "cancel the proposal and make it again.",
                    line=line.sale_line_id.display_name,
                    proposal=line.proposal_id.display_name,
                )
            )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_beyond_due(self, last):
        """Those of these fixed prices of which more is proposed than is left to bill.

        :param last: the day until which instalments are due, inclusive
        """
        rows = self.env["psa.billing.proposal.line"]._read_group(
            [
                ("sale_line_id", "in", self.ids),
                ("proposal_state", "in", PENDING_STATES),
                ("is_held", "=", False),
            ],
            ["sale_line_id"],
            ["quantity:sum"],
        )
        beyond = self.browse().union(
            *(line for line, quantity in rows if dec(quantity) > dec(line.qty_to_invoice) + DUST)
        )
        planned = (self - beyond).filtered(lambda line: line._psa_plan())
        for line, (_quantity, amount) in planned._psa_taken().items():
            if amount > line._psa_instalments_due(last):
                beyond += line
        return beyond
