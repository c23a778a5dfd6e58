"""What was sold and billed under an agreement."""

from collections import defaultdict

from odoo import api, fields, models


class PsaAgreement(models.Model):
    _inherit = "psa.agreement"

    sow_count = fields.Integer(string="SOWs", compute="_compute_sow_count")
    value_amount = fields.Monetary(
        string="Value",
        compute="_compute_figures",
        help="Signed statements of work and change orders, before taxes, converted on the day of the order.",
    )
    billed_amount = fields.Monetary(
        string="Billed",
        compute="_compute_figures",
        help="Posted invoices less credit notes, before taxes.",
    )
    backlog_amount = fields.Monetary(
        string="Backlog", compute="_compute_figures", help="What was sold and is not billed yet."
    )
    cap_left_amount = fields.Monetary(
        string="Left under the Cap", compute="_compute_figures", help="The cap less what was billed."
    )

    @api.depends("order_ids.psa_kind")
    def _compute_sow_count(self):
        # sudo: how many there are is the agreement's figure, whoever sold them
        counts = dict(
            self.env["sale.order"]
            .sudo()
            ._read_group(
                [
                    ("psa_agreement_id", "in", self.ids),
                    ("psa_kind", "=", "sow"),
                    ("state", "!=", "cancel"),
                ],
                ["psa_agreement_id"],
                ["__count"],
            )
        )
        for agreement in self:
            agreement.sow_count = counts.get(agreement.sudo(), 0)

    @api.depends("cap_amount", "currency_id", "order_ids.amount_untaxed", "order_ids.state")
    def _compute_figures(self):
        value, billed = defaultdict(float), defaultdict(float)
        orders = self._signed_orders()
        invoiced = self._invoiced(orders)
        for order in orders:
            agreement = order._psa_sow().psa_agreement_id
            rate = agreement._rate_of(order)
            value[agreement.id] += agreement.currency_id.round(order.amount_untaxed * rate)
            billed[agreement.id] += agreement.currency_id.round(invoiced.get(order.id, 0.0) * rate)
        for agreement in self:
            agreement.value_amount = value[agreement.id]
            agreement.billed_amount = billed[agreement.id]
            agreement.backlog_amount = value[agreement.id] - billed[agreement.id]
            agreement.cap_left_amount = agreement.cap_amount and agreement.cap_amount - billed[agreement.id]

    def _signed_orders(self):
        # sudo: the figures of an agreement count all that was sold under it, also by colleagues
        return (
            self.env["sale.order"]
            .sudo()
            .search(
                [
                    ("state", "=", "sale"),
                    ("psa_kind", "!=", False),
                    "|",
                    ("psa_agreement_id", "in", self.ids),
                    ("psa_parent_id.psa_agreement_id", "in", self.ids),
                ]
            )
        )

    @api.model
    def _invoiced(self, orders):
        """``{order id: posted invoices less credit notes}``, before taxes, in the order's currency."""
        rows = (
            self.env["sale.order.line"]
            .sudo()
            ._read_group(  # sudo: see _signed_orders
                [("order_id", "in", orders.ids), ("untaxed_amount_invoiced", "!=", 0)],
                ["order_id"],
                ["untaxed_amount_invoiced:sum"],
            )
        )
        return {order.id: amount for order, amount in rows}

    def _rate_of(self, order):
        """Units of this agreement's currency for one of ``order``'s, on the day of the order, as it was known
        then."""
        currency, company = self.currency_id, order.company_id
        if order.currency_id == currency:
            return 1.0
        if currency == company.currency_id and order.currency_rate:
            return 1.0 / order.currency_rate  # the host keeps the rate of the day
        # sudo: how it counts under the cap does not depend on who asks
        return order.sudo().psa_agreement_rate or self._rate_now(order)

    def _rate_now(self, order):
        """As ``_rate_of``, by the exchange rates that are known now."""
        currency, company = self.currency_id, order.company_id
        day = fields.Date.to_date(order.date_order)
        return self.env["res.currency"]._get_conversion_rate(order.currency_id, currency, company, day)

    def action_view_orders(self):
        """The statements of work under this agreement."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_contracts.sow_action")
        return {
            **action,
            "domain": [("psa_agreement_id", "=", self.id), ("psa_kind", "=", "sow")],
            "context": self._order_defaults(),
        }

    def action_view_invoices(self):
        """The invoices and credit notes of all that was sold under this agreement."""
        self.ensure_one()
        # sudo: only ids are taken; what the user may not read, the list does not show
        moves = self._signed_orders().invoice_ids
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        return {**action, "domain": [("id", "in", moves.ids)], "context": {"create": False}}

    def action_new_sow(self):
        """Open a new statement of work under this agreement."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Statement of Work"),
            "res_model": "sale.order",
            "view_mode": "form",
            "context": self._order_defaults(),
        }

    def _order_defaults(self):
        return {
            "default_psa_kind": "sow",
            "default_psa_agreement_id": self.id,
            "default_partner_id": self.partner_id.id,
            "default_company_id": self.company_id.id,
        }
