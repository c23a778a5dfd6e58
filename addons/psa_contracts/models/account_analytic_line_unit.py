"""Time on statements of work is kept in hours: budgets, rates and caps count them."""

from odoo import api, models


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._psa_to_hours()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "product_uom_id" in vals:
            self._psa_to_hours()
        return result

    def _psa_set_state(self, step, **values):
        """What was entered in days before it was on a statement of work is hours once it is submitted."""
        if step == "submit":
            self._psa_to_hours()
        return super()._psa_set_state(step, **values)

    def _psa_to_hours(self):
        """Time on SOWs that was imported, or written by RPC, in days or minutes becomes hours; a day has
        those of its company. Time elsewhere stays as the host has it."""
        hour = self.env["uom.uom"]._psa_hour()
        other = self.filtered(
            lambda line: line.project_id and line.product_uom_id and line.product_uom_id != hour
        )
        for line, contract in other._psa_contracts().items():
            hours = line.product_uom_id._psa_hours(line.company_id)
            if contract and hours:
                line.write({"unit_amount": line.unit_amount * hours, "product_uom_id": hour.id})
