"""What is still to come under the cap of an agreement: no more is forecast than the cap leaves."""

from odoo import api, models
from odoo.tools import SQL

from ..core.money import dec


class PsaBillingForecast(models.Model):
    _inherit = "psa.billing.forecast"

    _depends = {
        "psa.agreement": ["cap_amount", "currency_id"],
        "sale.order": ["psa_agreement_id"],
    }

    @api.model
    def _select_to_come(self):
        """Fixed prices, milestones and retainers take what open and billed work leaves of the cap, the first
        first; one that does not fit is not proposed, and here over the cap."""
        to_come, caps = super()._select_to_come(), self._caps_left()
        if not caps:
            return to_come
        orders, agreements, rates, rooms, digits = zip(*caps, strict=True)
        return SQL(
            """
            SELECT kind, CASE WHEN taken > room THEN 'over_cap' ELSE certainty END, sale_line_id, proposal_id,
                   date, amount
              FROM (
                   SELECT coming.*, capped.room, ROUND(sum(coming.amount * capped.rate) OVER (
                              PARTITION BY capped.agreement_id
                              ORDER BY coming.date, capped.order_id, coming.sale_line_id, coming.kind
                              ROWS UNBOUNDED PRECEDING), capped.digits) AS taken
                     FROM (%(to_come)s) coming (kind, certainty, sale_line_id, proposal_id, date, amount)
                     JOIN sale_order_line line ON line.id = coming.sale_line_id
                     JOIN sale_order contract ON contract.id = line.order_id
                LEFT JOIN unnest(%(orders)s::int[], %(agreements)s::int[], %(rates)s::numeric[],
                                 %(rooms)s::numeric[], %(digits)s::int[])
                       capped (order_id, agreement_id, rate, room, digits)
                       ON capped.order_id = COALESCE(contract.psa_parent_id, contract.id)
                   ) planned
            """,
            to_come=to_come,
            orders=list(orders),
            agreements=list(agreements),
            rates=list(rates),
            rooms=list(rooms),
            digits=list(digits),
        )

    @api.model
    def _caps_left(self):
        """``[(id of a SOW, id of its agreement, units of its currency for one of the SOW's, what its cap
        leaves in it, digits of that currency)]`` of the SOWs with something to come under a cap; few have
        both."""
        # sudo: the cap binds whoever asks, and shows in nothing but what is over it
        lines = self.env["sale.order.line"].sudo()
        domain = [
            ("order_id.state", "=", "sale"),
            ("order_id.psa_kind", "!=", False),
            ("psa_billing_model", "in", ("fixed", "milestone", "retainer")),
            ("company_id", "in", self.env.companies.ids),
        ]
        capped = ["|", ("order_id.psa_agreement_id.cap_amount", ">", 0)]
        capped.append(("order_id.psa_parent_id.psa_agreement_id.cap_amount", ">", 0))
        rows = lines._read_group([*domain, *capped], ["order_id"])
        sows = self.env["sale.order"].union(*(order for (order,) in rows)).sudo()._psa_sow()
        caps = []
        for agreement, own in sows.grouped(lambda order: order._psa_capped_agreement()).items():
            if agreement:
                room = max(dec(agreement.cap_amount) - agreement._psa_cap_used(), dec(0))
                digits = agreement.currency_id.decimal_places
                caps += [
                    (order.id, agreement.id, agreement._rate_of(order), float(room), digits) for order in own
                ]
        return caps
