from odoo import api, models


class PsaDemoFirm(models.AbstractModel):
    _inherit = "psa.demo.firm"

    @api.model
    def _load_bookings(self):
        """Book half of each demand of the demo firm with a person of its team, the rest stays to staff."""
        # the SOWs were confirmed when psa_resource was not there yet; its hook comes after the demo data
        self.env["sale.order"].search([("psa_kind", "!=", False), ("state", "=", "sale")])._psa_sync_demands()
        vals_list = []
        for demand in self.env["psa.demand"].search([("state", "=", "open"), ("booking_ids", "=", False)]):
            people = demand.project_id.psa_team_ids.filtered(
                lambda member, role=demand.role_id: member.role_id == role
            )
            if people:
                vals_list.append(
                    {
                        "demand_id": demand.id,
                        "employee_id": people[0].employee_id.id,
                        "date_start": demand.date_start,
                        "date_end": demand.date_end,
                        "hours": round(demand.hours / 2),
                        "kind": "hard",
                    }
                )
        self.env["psa.booking"].create(vals_list)
