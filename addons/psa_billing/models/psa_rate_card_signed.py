"""A rate at which work draws on a signed retainer of money stays as it is, as one that a line is priced
by."""

from odoo import models

from odoo.addons.psa_contracts.core.billing_models import RETAINER
from odoo.addons.psa_contracts.models.rate_pricer import RatePricer


class PsaRateCardLine(models.Model):
    _inherit = "psa.rate.card.line"

    def _psa_rows_signed(self):
        """Whoever's work draws on a retainer of money, in whichever role, draws at what the cards say: see
        ``psa.retainer.period._psa_price_of``."""
        heads = self._psa_signed_lines(
            [
                ("psa_billing_model", "=", RETAINER),
                ("psa_retainer_grant", "=", "money"),
                ("psa_group_line_id", "=", False),
            ]
        ).filtered(lambda line: line._psa_is_drawn())
        pricer, found = RatePricer(heads.order_id, self.role_id), super()._psa_rows_signed()
        for head in heads:
            roles = self.role_id.filtered(lambda role, head=head: head._psa_takes(role))
            found += [(head, self._psa_rows_of(head.order_id, role, pricer, head=head)) for role in roles]
        return found
