from odoo import api, models

#: What a demand is made of; sections carry the dates of a phase, the sequence says what stands under one.
ASKS_FOR = {
    "product_uom_qty",
    "product_uom_id",
    "psa_date_end",
    "psa_date_start",
    "psa_effort_hours",
    "psa_retainer_hours",
    "psa_role_id",
    "sequence",
}
#: What of it says how many hours of whom.
HOURS = {"product_uom_qty", "product_uom_id", "psa_effort_hours", "psa_retainer_hours", "psa_role_id"}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._psa_sync_demands(lines.browse())
        return lines

    def write(self, vals):
        before = self._psa_asks_for() if HOURS & vals.keys() else {}
        result = super().write(vals)
        if ASKS_FOR & vals.keys():
            after = self._psa_asks_for() if before else {}
            self._psa_sync_demands(self.filtered(lambda line: before.get(line) != after.get(line)))
        return result

    def _psa_asks_for(self):
        """``{line: (role, hours)}`` of these lines of confirmed SOWs and change orders."""
        sold = self.filtered(lambda line: line.state == "sale" and line.order_id.psa_kind)
        return {line: (line.psa_role_id, round(line._psa_hours(), 6)) for line in sold}

    def _psa_sync_demands(self, touched):
        """Bring the demands of these lines' confirmed SOWs in line with what is sold now.

        :param touched: those of them of which the role or the hours change
        """
        orders = self.order_id.filtered(lambda order: order.psa_kind and order.state == "sale")
        heads = self.browse(dict.fromkeys(line._psa_group_head().id for line in touched))
        # sudo: whoever may change what was sold changes what is asked of staffing.
        orders.sudo()._psa_sync_demands(heads)

    def _psa_prepare_demand(self, section, hours):
        """Values of the demand of this line, which stands under ``section``;

        None where it asks for nobody.

        :param hours: sold on the line with the change orders that amend it
        """
        self.ensure_one()
        if not self.psa_role_id or self.psa_group_line_id:
            return None  # what continues a line is asked for there
        order = self.order_id._psa_sow()
        start, end = order._psa_phase_dates(section.psa_amends_line_id or section)
        end = end or start
        if hours <= 0 or not start:
            return None
        phase = f" · {section.name}" if section else ""
        return {
            "name": f"{self.psa_role_id.name} · {order.name}{phase}",
            "company_id": order.company_id.id,
            "order_id": order.id,
            "sale_line_id": self.id,
            "project_id": (self.project_id or self.task_id.project_id).id,
            "phase_id": section.psa_phase_id.id,
            "role_id": self.psa_role_id.id,
            "date_start": start,
            "date_end": max(start, end),
            "hours": hours,
        }
