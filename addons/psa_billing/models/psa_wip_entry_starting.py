from odoo import models

from ..core.money import dec


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_consumed(self, orders, states=("proposed", "billed")):
        """What was used of a cap before the system went live is used."""
        consumed = super()._psa_consumed(orders, states)
        # sudo: what a cap holds back follows from all that was billed, whoever asks
        openings = self.env["psa.opening.balance"].sudo()
        for opening in openings.search([("order_id", "in", orders._psa_contract().ids)]):
            line = opening.sale_line_id
            used = dec(opening.cap_used)
            if line._psa_is_time_material() or line.psa_expense_in_cap:
                used = used or dec(opening.billed_amount) + dec(opening.unbilled_amount)
            elif used and line._psa_under_agreement_cap():
                used -= dec(opening.billed_amount)  # which counts as what is invoiced of a fixed price
            consumed[line] = consumed.get(line, dec(0)) + used
        return consumed
