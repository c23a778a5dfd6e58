"""What retainers cost after a new price from a date: what was signed stays, and both are told."""

from odoo import api, fields, models
from odoo.tools import format_date

from odoo.addons.psa_contracts.core.billing_models import RETAINER
from odoo.addons.psa_contracts.models.rights import PRICE_GROUPS


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_later_prices = fields.Text(
        string="New Prices",
        compute="_compute_psa_later_prices",
        groups=PRICE_GROUPS,
        help="New prices of retainers from a date on, without taxes. The total above is what was signed.",
    )

    @api.depends("order_line.psa_step_date", "order_line.price_unit")
    def _compute_psa_later_prices(self):
        for order in self:
            order.psa_later_prices = "\n".join(order._psa_later_price_texts()) or False

    def _psa_later_retainer_prices(self):
        """The lines of this SOW that continue a retainer at a new price, by retainer and day. Prices of
        change orders stand on these."""
        self.ensure_one()
        steps = self.order_line.filtered(
            lambda line: (
                line.psa_billing_model == RETAINER
                and line.psa_step_date
                and line.psa_group_line_id
                and not line.psa_amends_line_id
            )
        )
        return steps.sorted(lambda line: (line._psa_group_head().sequence, line.psa_step_date, line.id))

    def _psa_later_price_texts(self):
        """What is said about new prices; empty where there are none."""
        self.ensure_one()
        steps = self._psa_later_retainer_prices()
        periods = dict(
            self.env["sale.order.line"]._fields["psa_retainer_period"]._description_selection(self.env)
        )
        texts = [
            self.env._(
                "%(retainer)s: %(price)s / %(period)s from %(date)s on",
                retainer=line._psa_short_label(),
                price=line.currency_id.format(float(line._psa_net_price())),
                period=periods[line._psa_group_head().psa_retainer_period or "month"],
                date=format_date(self.env, line.psa_step_date),
            )
            for line in steps
        ]
        return [*texts, *steps._psa_later_total_text()]

    def _psa_document_later_prices(self):
        """The same for the client, from whom sections may hide prices."""
        steps = self._psa_later_retainer_prices()
        shown = all(line._psa_group_head()._psa_shows_price() for line in steps)
        return self._psa_later_price_texts() if shown else []


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_later_total_text(self):
        """What the retainers that these lines continue come to with their new prices, as the one text of a
        list; empty where one of them has no end."""
        # sudo: lines and periods of the contract, for who reads the order
        members = self.sudo()._psa_group_members()
        heads = self.sudo().browse([head.id for head in members])
        if not heads or any(heads.mapped("psa_retainer_open_ended")):
            return []
        ((total,),) = (
            self.env["psa.retainer.period"]
            .sudo()
            ._read_group([("retainer_line_id", "in", heads.ids)], [], ["amount:sum"])
        )
        signed = sum(line.price_subtotal for lines in members.values() for line in lines)
        return [
            self.env._(
                "All periods come to %(new)s instead of %(signed)s, without taxes.",
                new=heads.currency_id.format(total),
                signed=heads.currency_id.format(signed),
            )
        ]
