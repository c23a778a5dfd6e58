from odoo import fields, models

from odoo.addons.psa_contracts.models.follow import write_changed


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_demand_ids = fields.One2many("psa.demand", "order_id", string="Staffing Demand")
    psa_demand_open_hours = fields.Float(
        string="To Staff", compute="_compute_psa_demand_open_hours", groups="base.group_user"
    )

    def _compute_psa_demand_open_hours(self):
        # sudo: a sum that the salesperson of the order may see; the demands themselves stay with staffing.
        rows = (
            self.env["psa.demand"]
            .sudo()
            ._read_group(
                [("order_id", "in", self.ids), ("state", "=", "open")], ["order_id"], ["open_hours:sum"]
            )
        )
        open_hours = {order.id: hours for order, hours in rows}
        for order in self:
            order.psa_demand_open_hours = open_hours.get(order.id, 0.0)

    def _action_confirm(self):
        result = super()._action_confirm()
        # sudo: whoever may confirm the SOW asks for the people that it needs.
        self.sudo().filtered(lambda order: order.psa_kind == "sow")._psa_sync_demands()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        # sudo: cancelling the order is the salesperson's right; its demand follows.
        self.sudo().psa_demand_ids.write({"state": "cancelled"})
        return result

    def _psa_sync_demands(self, touched=None):
        """Bring the demands of these confirmed SOWs in line with the role lines that they have with their
        change orders. Repeatable.

        :param touched: SOW lines, the first of their groups, of which the hours change: what was asked for
            them is asked for again where it was cancelled, and what a planner cancelled beside them stays
            so. None: all is asked for again
        """
        sows = self._psa_sow()
        demands = {demand.sale_line_id: demand for demand in sows.psa_demand_ids}
        staffed = sows.psa_demand_ids.filtered("booking_ids")
        before, closed = staffed._psa_misfits(), staffed.filtered(lambda demand: demand.state == "cancelled")
        contract = sows._psa_contract()
        hours = contract._psa_sold_lines()._psa_group_hours()
        new, asked = [], self.env["psa.demand"]
        for line, section in contract._psa_sections().items():
            values = line._psa_prepare_demand(section, hours.get(line, 0.0))
            demand = demands.get(line)
            if demand and values:
                asked += demand
                again = {} if touched is not None and line not in touched else {"state": "open"}
                write_changed(demand, {**values, **again})
            elif values:
                new.append(values)
        for demand in sows.psa_demand_ids - asked:
            write_changed(demand, {"state": "cancelled"})
        self.env["psa.demand"].create(new)
        staffed._psa_tell_misfits(before, closed.filtered(lambda demand: demand.state == "open"))

    def _psa_terms_changed(self, lines):  # pylint: disable=missing-return  # a hook without a value
        """What is asked of staffing follows the change order."""
        super()._psa_terms_changed(lines)
        # sudo: see _action_confirm
        self.sudo()._psa_sync_demands(lines.browse())

    def _psa_start_change(self):  # pylint: disable=missing-return  # a step without a value
        super()._psa_start_change()
        self._psa_ask_again()

    def _psa_undo_change(self):  # pylint: disable=missing-return  # a step without a value
        super()._psa_undo_change()
        self._psa_ask_again()

    def _psa_ask_again(self):
        """What this change order adds to, or takes off, the hours of a role, or did until it was cancelled,
        is asked for again where its demand was cancelled, and its project is told."""
        # sudo: see _action_confirm
        sow, hours = self.sudo().psa_parent_id, self.sudo()._psa_sold_lines()._psa_group_hours()
        touched = self.env["sale.order.line"].union(*(head for head, sold in hours.items() if round(sold, 6)))
        cancelled = sow.psa_demand_ids.filtered(lambda demand: demand.state == "cancelled")
        if cancelled.sale_line_id & touched:
            sow._psa_sync_demands(touched)
            cancelled.filtered(lambda demand: demand.state == "open")._psa_tell_asked_again(self)

    def action_psa_demands(self):
        """Show what this SOW asks of staffing."""
        action = self.env["ir.actions.actions"]._for_xml_id("psa_resource.psa_demand_action")
        return {**action, "domain": [("order_id", "in", self.ids)], "context": {}}
