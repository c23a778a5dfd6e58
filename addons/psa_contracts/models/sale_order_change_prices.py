"""The prices at which a change order adds hours and takes them off, against what others have agreed since.

What was written first may be confirmed last: each price of a line group keeps the hours that were sold at it.
"""

from odoo import api, models
from odoo.tools import format_date

from ..core.billing_models import TIME_MATERIAL
from .numbers import number_told

#: Of a line of a change order: what says whether it brings a new price.
PRICED_BY = {"discount", "price_unit", "product_uom_qty", "psa_amends_line_id"}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        before = {order: order.psa_effective_date for order in self if "psa_effective_date" in vals}
        result = super().write(vals)
        for order, day in before.items():
            if order._psa_is_open_change() and day != order.psa_effective_date:
                order.order_line.filtered(
                    lambda line, day=day: line.psa_step_date == day and not line.display_type
                ).psa_step_date = order.psa_effective_date
        return result

    def _psa_is_open_change(self):
        """Whether this is a change order that still may be written."""
        self.ensure_one()
        return (
            self.psa_kind == "change_order" and self.state in ("draft", "sent") and not self._psa_is_signed()
        )

    def _psa_prices_problem(self):
        """What is wrong with the prices of the hours that this change order changes, in words; None if
        nothing is."""
        own = self._psa_sold_lines().filtered(
            lambda line: line.psa_amends_line_id and line.psa_billing_model == TIME_MATERIAL
        )
        members = own._psa_group_members()
        for head, lines in own.grouped(lambda line: line._psa_group_head()).items():
            problem = lines._psa_taken_off_problem(members[head]) or lines._psa_replaced_problem(
                members[head]
            )
            if problem:
                return problem
        return None


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._psa_date_new_prices()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if PRICED_BY & vals.keys():
            self._psa_date_new_prices()
        return result

    def _psa_date_new_prices(self):
        """Hours that a change order adds by hand at a price at which none were sold have it from its day on,
        as those that the dialog writes."""
        new = self.filtered(
            lambda line: (
                line.psa_amends_line_id
                and line.psa_billing_model == TIME_MATERIAL
                and line.product_uom_qty > 0
                and not line.psa_step_date
                and line.order_id.psa_effective_date
                and line.order_id._psa_is_open_change()
            )
        )
        if not new:
            return
        # sudo: at which prices a contract sold counts, whoever changes it
        members = new.sudo()._psa_group_members()
        for line in new:
            sold = members[line._psa_group_head().sudo()]
            if not sold.filtered(lambda one, line=line: one._psa_sells_like(line)):
                line.psa_step_date = line.order_id.psa_effective_date

    def _psa_taken_off_problem(self, sold):
        """Why these lines of one group cannot take off what they do; None if they can.

        :param sold: the confirmed lines of the group
        """
        for line in self.filtered(lambda line: line.product_uom_qty < 0):
            left = sum(one.product_uom_qty for one in sold if one._psa_sells_like(line))
            change = sum(one.product_uom_qty for one in self if one._psa_sells_like(line))
            if round(left + change, 6) < 0:
                return self.env._(
                    "%(line)s takes %(taken)s %(unit)s off at %(price)s, but %(left)s are left at that "
                    "price: another change order came first. Delete the line, and write it anew with “Change "
                    "Lines…”.",
                    line=line.psa_role_id.name or line.name,
                    taken=number_told(self.env, -line.product_uom_qty),
                    unit=line.product_uom_id.name,
                    price=number_told(self.env, line.price_unit),
                    left=number_told(self.env, left),
                )
        return None

    def _psa_replaced_problem(self, sold):
        """Why these lines of one group cannot add hours at their price; None if they can.

        :param sold: the confirmed lines of the group
        """
        order = self.order_id
        day = order.psa_effective_date or order._psa_price_day()
        steps = sold.filtered(lambda line: line._psa_is_step())
        dated = (sold - steps).filtered("psa_step_date").sorted(lambda line: (line.psa_step_date, line.id))
        current = dated.filtered(lambda line: line.psa_step_date <= day)[-1:]
        if not current:
            return None
        # hours may be added for later days, too
        open_prices = steps | current | dated.filtered(lambda line: line.psa_step_date > day)
        for line in self.filtered(lambda line: line.product_uom_qty > 0 and not line.psa_step_date):
            if not open_prices.filtered(lambda one, line=line: one._psa_sells_like(line)):
                return self.env._(
                    "%(line)s adds hours at %(price)s, but %(current)s was agreed from %(date)s on: time "
                    "would not land on them. Delete the line, and write it anew with “Change Lines…”.",
                    line=line.psa_role_id.name or line.name,
                    price=number_told(self.env, line.price_unit),
                    current=number_told(self.env, current.price_unit),
                    date=format_date(self.env, current.psa_step_date),
                )
        return None
