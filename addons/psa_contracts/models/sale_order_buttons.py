from odoo import api, models

#: What other apps of the host show on every order: how many there are of theirs, and whether one is late.
OF_OTHER_APPS = {
    "attendee_count",  # event_sale
    "event_booth_count",  # event_booth_sale
    "gift_card_count",  # sale_loyalty
    "loyalty_data",
    "delivery_count",  # sale_stock
    "dropship_picking_count",  # stock_dropshipping
    "json_popover",
    "late_availability",
    "show_json_popover",
}
#: The same of each line of an order.
LINES_OF_OTHER_APPS = {
    "event_booth_pending_ids",  # event_booth_sale
    "product_updatable",  # sale_stock
}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _compute_field_value(self, field):
        """The host's loyalty programs, events and deliveries count on each order what it has of theirs, from
        records that only their own people and sellers may read: project people, and who invoices, could not
        open a statement of work. Those addons need not be installed: their methods cannot be extended here.
        """
        orders = self
        if field.name in OF_OTHER_APPS:
            orders = self.sudo()  # sudo: how many there are; the records, with their codes, stay unread
        return super(SaleOrder, orders)._compute_field_value(field)

    def _compute_show_hours_recorded_button(self):
        """The host asks here how many projects an order has, which nobody without rights on projects may
        read: who sells or bills and logs time could not open an order of others' work."""
        orders = self
        if not self.env.user.has_group("project.group_project_user"):
            orders = self.sudo()  # sudo: whether a button shows; what it opens is the user's own to see
        return super(SaleOrder, orders)._compute_show_hours_recorded_button()

    def _get_prepaid_service_lines_to_upsell(self):
        """The host compares hours of work with units that were sold. A fixed price is a unit that was priced
        as a whole: more hours on it are no opportunity, and its budget tells of them."""
        if self.psa_kind:
            return self.order_line.browse()
        return super()._get_prepaid_service_lines_to_upsell()

    @api.depends("order_line.product_id", "order_line.project_id")
    def _compute_project_ids(self):
        """The host asks here which projects an order re-invoices, which nobody without rights in sales may
        read: an accountant could not open an order."""
        if self.env.user.has_group("sales_team.group_sale_salesman"):
            return super()._compute_project_ids()
        # sudo: to find the projects; those that the user may read are kept, as the host does
        super(SaleOrder, self.sudo())._compute_project_ids()
        for order in self:
            order.project_ids = order.project_ids.with_env(self.env)._filtered_access("read")
            order.project_count = len(order.project_ids.filtered("active"))
        return None

    @api.depends("order_line.invoice_lines")
    def _get_invoiced(self):
        """The host asks here for the invoices, which project people may not read: they could not open a
        statement of work whose time they plan and approve."""
        orders = self
        if not self.env["account.move.line"].has_access("read"):
            orders = self.sudo()  # sudo: how many there are; the button that opens them is not theirs
        return super(SaleOrder, orders)._get_invoiced()


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _compute_field_value(self, field):
        """The host asks here for the deliveries and the booths of each line, see ``OF_OTHER_APPS``."""
        lines = self
        if field.name in LINES_OF_OTHER_APPS:
            lines = self.sudo()  # sudo: whether the product may be another one, and which booths it reserves
        return super(SaleOrderLine, lines)._compute_field_value(field)
