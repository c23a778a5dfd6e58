"""What is left of fixed prices that were billed in part before the system went live."""

from odoo import models

from ..core.instalments import due_in_all
from ..core.money import amount_of, dec


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    def _psa_remainders_left(self, fixed, windows):
        """The first proposal takes off what was billed beside the quantity; see ``_psa_opening_rest``."""
        opened = self.env["sale.order.line"].union(*fixed)._psa_opened()
        lines = self.env["sale.order.line"].union(*(line for line in opened if opened[line].rest_line_id))
        left = {}
        for line, (quantity, amount) in lines._psa_taken().items():
            price, unit, more = line._psa_net_price(), dec(line.currency_id.rounding), dec(fixed[line])
            due = due_in_all(more, price, quantity, amount, unit)
            left[line] = float(due - amount_of(more, price, unit))
        return {**super()._psa_remainders_left(fixed, windows), **left}
