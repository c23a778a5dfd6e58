"""Host figures and caps count what was billed before the system went live."""

from odoo import api, fields, models

from odoo.addons.psa_contracts.core.billing_models import FIXED, MILESTONE, RETAINER
from odoo.addons.psa_contracts.models.numbers import number_told

from ..core.money import amount_of, dec

BILLED = ("psa_opening_ids.billed_amount", "psa_opening_ids.billed_quantity")
RESTS = ("psa_rest_of_opening_ids.billed_amount", "psa_rest_of_opening_ids.billed_quantity")


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_opening_ids = fields.One2many("psa.opening.balance", "sale_line_id", string="Opening Balance")
    psa_wip_of_opening_ids = fields.One2many("psa.opening.balance", "wip_line_id")
    psa_rest_of_opening_ids = fields.One2many("psa.opening.balance", "rest_line_id")

    def _psa_opened(self):
        """{line: its opening balance, in sudo} of those that have one"""
        # sudo: figures of the host, shown to everybody who sees the order
        openings = self.env["psa.opening.balance"].sudo().search([("sale_line_id", "in", self._origin.ids)])
        by_id = {opening.sale_line_id.id: opening for opening in openings}
        return {line: by_id[line._origin.id] for line in self if line._origin.id in by_id}

    def _psa_is_made_by_billing(self):
        # sudo: whether a line was signed, whoever asks
        return bool(self.sudo().psa_wip_of_opening_ids) or super()._psa_is_made_by_billing()

    def _psa_group_heads(self):
        """The first lines of the groups of these lines."""
        return self.browse(dict.fromkeys(line._psa_group_head().id for line in self))

    def _psa_quantity_billed_by(self, opening):
        """What ``opening`` says was billed, in its unit; of fixed prices see ``_psa_opening_rest``."""
        if self.psa_billing_model == RETAINER:
            periods = self.env["psa.retainer.period"].sudo()  # sudo: see _psa_opened
            domain = [("sale_line_id", "=", self._origin.id), ("billed_before", "=", True)]
            return sum(periods.search(domain).mapped("quantity"))
        price = self._psa_net_price()
        if self._psa_is_time_material():
            return float(opening._psa_opening().quantity(price))
        return float(opening._psa_opening().quantity_within(price, *self._psa_units()))

    def _psa_units(self):
        """(smallest quantity, smallest amount) on this line"""
        return self._psa_quantity_unit(), dec(self.currency_id.rounding)

    def _psa_opening_rest(self, opening):
        """What ``opening`` says was billed of a fixed price beside the quantity (Decimal, net); it stands on
        a line of its own, so that what is left is billed to the cent."""
        if not self._psa_is_opened_in_pieces():
            return dec(0)
        return opening._psa_opening().rest(self._psa_net_price(), *self._psa_units())

    def _psa_is_opened_in_pieces(self):
        """Whether pieces of this line were billed before: neither work nor periods."""
        self.ensure_one()
        return not self._psa_is_time_material() and self.psa_billing_model != RETAINER

    def _psa_opened_beyond(self, opening):
        """What is wrong where ``opening`` says that more was billed of a fixed price than this line sells, in
        words; None where nothing is. It would stay to be invoiced, below zero, for ever."""
        if self.psa_billing_model not in (FIXED, MILESTONE):
            return None
        values = {
            "quantity": f"{number_told(self.env, self.product_uom_qty)} {self.product_uom_id.name}",
            "amount": self.currency_id.format(float(self._psa_net_total())),
        }
        if opening.billed_quantity:
            if dec(opening.billed_quantity) <= dec(round(self.product_uom_qty, 6)):
                return None
            return self.env._(
                "it sells %(quantity)s, so no more can have been billed. What was billed beyond it is sold "
                "by a change order, and opens on the line of that; or it is credited where it was billed.",
                **values,
            )
        if dec(opening.billed_amount) <= self._psa_net_total():
            return None
        return self.env._(
            "it sells %(quantity)s for %(amount)s, so no more can have been billed. Where it was billed at "
            "another price, enter the Billed Quantity too. What was billed beyond it is sold by a change "
            "order, and opens on the line of that; or it is credited where it was billed.",
            **values,
        )

    def _psa_billed_before(self):
        """``{line: (quantity, net amount)}`` that opening balances say was billed on these lines."""
        lines, billed = {line._origin.id: line for line in self}, {}
        domain = ["|", ("sale_line_id", "in", list(lines)), ("rest_line_id", "in", list(lines))]
        # sudo: see _psa_opened
        for opening in self.env["psa.opening.balance"].sudo().search(domain):
            rest = opening.sale_line_id._psa_opening_rest(opening)
            if line := lines.get(opening.sale_line_id.id):
                quantity = line._psa_quantity_billed_by(opening)
                billed[line] = quantity, float(dec(opening.billed_amount) - rest)
            if line := lines.get(opening.rest_line_id.id):
                billed[line] = (1.0 if rest else 0.0), float(rest)
        return billed

    @api.depends(*BILLED, *RESTS, "psa_retainer_period_ids.billed_before")
    def _compute_qty_invoiced(self):
        return super()._compute_qty_invoiced()

    def _prepare_qty_invoiced(self):
        invoiced = super()._prepare_qty_invoiced()
        for line, (quantity, _amount) in self._psa_billed_before().items():
            invoiced[line] += quantity
        return invoiced

    @api.depends(*BILLED, *RESTS, "psa_retainer_period_ids.billed_before")
    def _compute_qty_invoiced_posted(self):
        result = super()._compute_qty_invoiced_posted()
        for line, (quantity, _amount) in self._psa_billed_before().items():
            line.qty_invoiced_posted += quantity
        return result

    @api.depends(*BILLED)
    def _compute_qty_delivered(self):
        return super()._compute_qty_delivered()

    def _prepare_qty_delivered(self):
        """What was billed of time and material was worked; what waits stands on a line of its own."""
        delivered = super()._prepare_qty_delivered()
        for line, opening in self._psa_opened().items():
            if line.order_id.psa_kind and line._psa_is_time_material():
                delivered[line] += line._psa_quantity_billed_by(opening)
        return delivered

    @api.depends(*BILLED, *RESTS)
    def _compute_untaxed_amount_invoiced(self):
        result = super()._compute_untaxed_amount_invoiced()
        for line, (_quantity, amount) in self._psa_billed_before().items():
            line.untaxed_amount_invoiced += amount
        return result

    @api.depends(*BILLED)
    def _compute_untaxed_amount_to_invoice(self):
        result = super()._compute_untaxed_amount_to_invoice()
        for line, opening in self._psa_opened().items():
            if line._psa_is_time_material():
                # cents that a quantity of two digits does not say are no work that waits
                cents = opening._psa_opening().cents(line._psa_net_price())
                line.untaxed_amount_to_invoice += float(cents)
            elif line._psa_is_opened_in_pieces():
                # pieces that were billed at another price are billed
                rest, pieces = line._psa_opening_rest(opening), dec(line._psa_quantity_billed_by(opening))
                priced = amount_of(pieces, line._psa_net_price(), dec(line.currency_id.rounding))
                line.untaxed_amount_to_invoice += float(dec(opening.billed_amount) - rest - priced)
        return result


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.depends("order_line.psa_opening_ids.unbilled_amount", "order_line.qty_invoiced")
    def _compute_psa_wip_amount(self):
        result = super()._compute_psa_wip_amount()
        openings = (
            self.env["psa.opening.balance"].sudo().search([("order_id", "in", self.ids)])
        )  # sudo: as super
        for opening in openings:
            order, line = opening.order_id, opening.wip_line_id
            if line and not line.qty_invoiced:
                order._psa_sow().filtered(lambda sow: sow in self).psa_wip_amount += opening.unbilled_amount
        return result

    def action_view_psa_opening(self):
        """The opening balances of the SOW, and of its change orders."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_opening_balance_action")
        return {**action, "domain": [("order_id", "in", self._psa_contract().ids)]}
