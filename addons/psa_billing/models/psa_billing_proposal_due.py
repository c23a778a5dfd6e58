"""Fixed prices, milestones and instalments that are not due any more after they were put on a proposal."""

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.psa_contracts.core.billing_models import RETAINER

from ..core.money import dec
from .psa_billing_proposal import PENDING_STATES


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _check_fixed_due(self):
        """:raises UserError: where more is proposed than is reached or due by now"""
        lines = self.line_ids.filtered(lambda line: line.quantity > 0 and not line.is_held)._psa_fixed()
        lines = lines.filtered(lambda line: line.sale_line_id.psa_billing_model != RETAINER)
        beyond = lines.sale_line_id._psa_beyond_due()
        for line in lines.filtered(lambda line: line.sale_line_id in beyond):
            raise UserError(
                self.env._(
                    "%(line)s on %(proposal)s is not due any more as it was proposed. Hold the line (take an "
                    "approved proposal back to draft first), or cancel the proposal and make it again.",
                    line=line.sale_line_id.display_name,
                    proposal=line.proposal_id.display_name,
                )
            )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_beyond_due(self):
        """Those of these fixed prices of which more is proposed than is left to bill, or than was due by the
        last run that proposed of them."""
        beyond = self.browse()
        lines = self.env["psa.billing.proposal.line"].search(
            [("sale_line_id", "in", self.ids), ("proposal_state", "!=", "cancelled")]
        )
        taken = self.filtered(lambda line: line._psa_plan())._psa_taken()
        for sale_line, own in lines.grouped("sale_line_id").items():
            pending = own.filtered(lambda line: line.proposal_state in PENDING_STATES and not line.is_held)
            sign = -1 if sale_line.product_uom_qty < 0 else 1
            over = sign * (sum(pending.mapped("quantity")) - sale_line._psa_left_to_invoice())
            if dec(round(over, 6)) > 0:
                beyond += sale_line
            elif sale_line in taken:
                last = max(own.proposal_id.run_id.mapped("date_to"))
                if sign * (taken[sale_line][1] - sale_line._psa_instalments_due(last)) > 0:
                    beyond += sale_line
        return beyond
