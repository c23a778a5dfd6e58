"""What nobody types, whoever writes by RPC: states that the buttons bring a SOW to, the contract of a change
order, and what of a line follows from other records.

Imported after the other extensions of orders, so that it sees what people write before those add to it.
"""

from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.psa_project.models.defaults import only_own_defaults

from .sale_order_line_price import CARD_FIELDS
from .sale_order_signed import field_labels

#: In the cursor's cache: {(order id, state)} that a button is bringing about. RPC does not reach it.
BUTTONS = "psa_contracts.by_button"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @contextmanager
    def _psa_button(self, state):
        """While it lasts, the user may bring these orders to ``state``: a button checked what has to hold."""
        pressed = self.env.cr.cache.setdefault(BUTTONS, set())
        new = {(order_id, state) for order_id in self.ids} - pressed
        pressed |= new
        try:
            yield
        finally:
            pressed -= new

    def _psa_is_by_button(self, state):
        self.ensure_one()
        return (self.id, state) in self.env.cr.cache.get(BUTTONS, ())

    def action_confirm(self):
        changes = self.filtered(lambda order: order.psa_kind == "change_order")
        if changes and len(self) > 1:
            # each is checked against what the one before it left
            for order in (self - changes, *changes.sorted("id")):
                order.action_confirm()
            return True
        with self._psa_button("sale"):
            return super().action_confirm()

    def _action_cancel(self):
        changes = self.filtered(lambda order: order.psa_kind == "change_order" and order.state == "sale")
        if changes and len(self) > 1:
            # the last one first, each checked against what is left without those before it
            for order in (
                *changes.sorted(lambda change: (change.date_order, change.id), reverse=True),
                self - changes,
            ):
                order._action_cancel()
            return True
        with self._psa_button("cancel"):
            return super()._action_cancel()

    def _psa_check_state(self, vals):  # pylint: disable=missing-return  # it only raises
        super()._psa_check_state(vals)
        state = vals.get("state")
        for order in self.filtered("psa_kind") if state in ("sale", "cancel") else ():
            if "sale" in (state, order.state) and state != order.state and not order._psa_is_by_button(state):
                raise UserError(
                    self.env._(
                        "%s is confirmed and cancelled by its buttons, not by writing its state.", order.name
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.psa_parent_id.check_access("read")  # who amends a contract can read it
        return orders

    def write(self, vals):
        if not self.env.su:
            self._psa_check_contract(vals)
        return super().write(vals)

    def _psa_check_contract(self, vals):
        """:raises UserError: where another order would become a change order, or one amend another SOW"""
        for order in self:
            kind, parent = (
                vals.get("psa_kind", order.psa_kind),
                vals.get("psa_parent_id", order.psa_parent_id.id),
            )
            was = order.psa_kind == "change_order"
            if (kind == "change_order") != was or (parent or False) != order.psa_parent_id.id:
                raise UserError(
                    self.env._(
                        "%s: a change order is made with the button on the statement of work that it amends, "
                        "and stays with it. Start it there.",
                        order.name,
                    )
                )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model
    def _psa_derived_fields(self):
        """Names of own fields that follow from other records: people do not write them. The addons above
        add theirs."""
        return {*CARD_FIELDS, "psa_group_line_id", "psa_phase_id", "psa_rate_reason"}

    def _psa_check_derived(self, names):
        typed = self._psa_derived_fields() & set(names)
        if typed and not self.env.su:
            raise UserError(
                self.env._(
                    "These fields of a line follow from the rate cards, the project and the line that it "
                    "amends, they cannot be written: %s.",
                    field_labels(self, typed),
                )
            )

    @api.model
    def default_get(self, fields_list):
        return only_own_defaults(self, super().default_get(fields_list), self._psa_derived_fields())

    @api.model_create_multi
    def create(self, vals_list):
        self._psa_check_derived(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        if not any(line._psa_is_signed() for line in self):  # which is refused in its own words
            self._psa_check_derived(vals)
        return super().write(vals)
