"""What hours are worth that are no work in progress yet, and what a former system left to bill."""

from odoo import api, models
from odoo.tools import SQL


class PsaHourState(models.Model):
    _inherit = "psa.hour.state"

    @api.model
    def _rounded(self, amount):
        """``amount`` as ``currency`` has it: to the cent, or the yen."""
        return SQL("ROUND((%s)::numeric / currency.rounding) * currency.rounding", amount)

    @api.model
    def _amount_beside(self):
        """Hours at the price of the line where that bills by time, rounded to the currency; 0 elsewhere."""
        amount = SQL(
            "(entry.unit_amount / %(unit_hours)s)::numeric * %(price)s",
            unit_hours=self._unit_hours(),
            price=self._net_price(),
        )
        return SQL(
            "CASE WHEN line.psa_billing_model = 'time_material' THEN %s ELSE 0 END", self._rounded(amount)
        )

    @api.model
    def _net_price(self):
        """The price of a unit of ``line``, in ``currency``, after discount, without taxes.

        What the line comes to is rounded: only where taxes are in the price it says how much of it they
        leave. A step has nothing ordered: its discount and the taxes in its price are those of its group.
        """
        return SQL(
            """(CASE WHEN line.product_uom_qty = 0
                     THEN line.price_unit * COALESCE(
                        (SELECT CASE WHEN %(head_untaxed)s THEN 1 - COALESCE(head.discount, 0) / 100
                                     ELSE head.price_subtotal
                                          / NULLIF(head.product_uom_qty * head.price_unit, 0) END
                           FROM sale_order_line head WHERE head.id = line.psa_group_line_id),
                        1 - COALESCE(line.discount, 0) / 100)
                     WHEN %(untaxed)s THEN line.price_unit * (1 - COALESCE(line.discount, 0) / 100)
                     ELSE line.price_subtotal / line.product_uom_qty END)::numeric""",
            untaxed=self._has_no_tax_in_price(SQL("line")),
            head_untaxed=self._has_no_tax_in_price(SQL("head")),
        )

    @api.model
    def _has_no_tax_in_price(self, line):
        """Whether ``line`` comes to its quantity at its price, but for the rounding to ``currency``."""
        return SQL(
            """ABS(%(line)s.price_subtotal - %(line)s.product_uom_qty * %(line)s.price_unit
                   * (1 - COALESCE(%(line)s.discount, 0) / 100)) <= currency.rounding / 2""",
            line=line,
        )

    @api.model
    def _unit_hours(self):
        """Hours in a unit of ``line``: a day has those of the working day of its company when its SOW was
        signed."""
        return SQL(
            """(CASE WHEN line.product_uom_id = %s
                     THEN COALESCE((SELECT NULLIF(sow.psa_day_hours, 0)
                                      FROM sale_order sold
                                      JOIN sale_order sow ON sow.id = COALESCE(sold.psa_parent_id, sold.id)
                                     WHERE sold.id = line.order_id),
                                   (SELECT NULLIF(calendar.hours_per_day, 0)
                                      FROM resource_calendar calendar
                                      JOIN res_company owner ON owner.resource_calendar_id = calendar.id
                                     WHERE owner.id = line.company_id), 8)
                     ELSE 1 END)""",
            self.env["uom.uom"]._psa_day().id,
        )
