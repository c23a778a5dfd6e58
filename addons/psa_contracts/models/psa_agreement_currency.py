"""What is signed counts under the cap of an agreement in another currency at the exchange rate of then.

Else an exchange rate that somebody enters later for the day of the order, often hours later, moves what is
left under the cap: work that was rated waits over it, or more is billed than it allows.
"""

from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_agreement_rate = fields.Float(
        string="Rate of the Agreement",
        compute="_compute_psa_agreement_rate",
        compute_sudo=True,
        store=True,
        digits=0,
        groups=fields.NO_ACCESS,
        help="Units of the agreement's currency for one of the order's, as they were known on the day of the "
        "order. 0: as the exchange rates say now.",
    )

    def _auto_init(self):
        # A column that is there already is not computed for each of a firm's old orders at install.
        if not column_exists(self.env.cr, "sale_order", "psa_agreement_rate"):
            create_column(self.env.cr, "sale_order", "psa_agreement_rate", "numeric")
        return super()._auto_init()

    @api.depends("company_id", "currency_id", "date_order", "psa_agreement_id.currency_id")
    def _compute_psa_agreement_rate(self):
        """As the host keeps the rate between order and company."""
        for order in self:
            agreement, company = order.psa_agreement_id, order.company_id
            day = fields.Date.to_date(order.date_order)
            # that to the currency of the company the host keeps; one that is missing may be entered yet
            is_known = (
                agreement
                and day
                and agreement.currency_id not in (order.currency_id, company.currency_id)
                and all(
                    currency._psa_has_rate(company, day)
                    for currency in agreement.currency_id | order.currency_id - company.currency_id
                )
            )
            order.psa_agreement_rate = agreement._rate_now(order) if is_known else 0.0
