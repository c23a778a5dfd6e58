"""A rate that signed work is priced by stays as it is: another price begins on a day of its own.

Else whoever writes over a price makes all statements of work that follow the card bill it with the next
approved hour, whatever its day: a price that their clients never signed (DESIGN section 4, "Rates": history
is never rewritten).
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.billing_models import TIME_MATERIAL
from .follow import differs
from .numbers import names_told

#: Of a rate only its last day may change once something was signed at it.
KEPT_FIELDS = {
    "card_id",
    "date_start",
    "employee_id",
    "location_id",
    "price",
    "role_id",
    "unit",
}
#: Say whose prices a card holds.
WHOSE = {"agreement_id", "company_id", "order_id", "partner_id"}


class PsaRateCard(models.Model):
    _inherit = "psa.rate.card"

    def write(self, vals):
        if not self.env.su:
            if "currency_id" in vals:
                changed = self.filtered(lambda card: card.currency_id.id != vals["currency_id"])
                changed.line_ids._psa_check_not_signed()
            if WHOSE & vals.keys():
                self.check_access("write")  # before anything is said of what was signed
                self.filtered(lambda card: card._psa_is_of_others(vals))._psa_check_owner_not_signed()
        return super().write(vals)

    def _psa_is_of_others(self, vals):
        """Whether this card holds the prices of somebody else once ``vals`` are written; another contact of
        the client is the client."""
        self.ensure_one()
        # sudo: whose contact it is, whoever may read it
        client = self.env["res.partner"].sudo().browse(vals.get("partner_id") or ()).commercial_partner_id
        moves = "partner_id" in vals and client.id != self.partner_id.sudo().commercial_partner_id.id
        return moves or any(
            differs(self, name, vals[name]) for name in (WHOSE - {"partner_id"}) & vals.keys()
        )

    def _psa_check_owner_not_signed(self):
        """:raises UserError: where signed work is priced by one of these cards"""
        for card in self:
            orders = self.env["sale.order"].sudo().union(*card.line_ids._psa_signed_at().values())
            if orders:
                raise UserError(
                    self.env._(
                        "The card %(card)s prices signed statements of work (%(orders)s): of whom its prices "
                        "are stays as it is. Duplicate it for somebody else.",
                        card=card.name,
                        orders=names_told(orders),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _psa_unlink_except_signed(self):
        if not self.env.su:
            self.line_ids._psa_check_not_signed()


class PsaRateCardLine(models.Model):
    _inherit = "psa.rate.card.line"

    is_signed = fields.Boolean(
        string="Signed",
        compute="_compute_is_signed",
        help="Signed statements of work are priced by it: only its last day changes.",
    )

    def _compute_is_signed(self):
        signed = self._origin._psa_signed_at()
        for rate in self:
            rate.is_signed = rate._origin in signed

    def action_view_signed(self):
        """The signed statements of work that are priced by this rate."""
        self.ensure_one()
        orders = self._psa_signed_at().get(self, self.env["sale.order"])
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_contracts.sow_action")
        return {**action, "domain": [("id", "in", orders.ids)], "context": {}}

    def write(self, vals):
        self.check_access("write")  # before anything is said of what was signed
        kept = KEPT_FIELDS & vals.keys()
        if kept and not self.env.su:
            self.filtered(
                lambda rate: any(rate._psa_differs(name, vals[name]) for name in kept)
            )._psa_check_not_signed()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _psa_unlink_except_signed(self):
        if not self.env.su:
            self._psa_check_not_signed()

    def _psa_differs(self, name, value):
        """Whether writing ``value`` changes the field ``name``: an import writes what is there again."""
        self.ensure_one()
        field = self._fields[name]
        return field.convert_to_record(field.convert_to_cache(value, self), self) != self[name]

    def _psa_check_not_signed(self):
        """:raises UserError: where signed work is priced by one of these rates"""
        for rate, orders in self._psa_signed_at().items():
            rate._psa_raise_signed(orders)

    def _psa_raise_signed(self, orders):
        self.ensure_one()
        raise UserError(
            self.env._(
                "%(rate)s on the card %(card)s is a price of signed statements of work (%(orders)s): it "
                "cannot be changed or deleted. Press “New Rates from a Date…” for another price from a day "
                "on, or end this rate and add the one that follows it. Another price for one of them only is "
                "agreed on a change order.",
                rate=self.display_name,
                card=self.card_id.name,
                orders=names_told(orders),
            )
        )

    def _psa_signed_at(self):
        """``{rate: SOWs that have a line at it, or whose work until today is priced by it}``, in sudo.

        What a card says of days to come holds for a SOW once it was signed with it; until then it is a plan.
        A rate of nothing waits for its price. A handful of queries, however many rates and orders.
        """
        rates = {rate.id: rate for rate in self if rate.price}
        if not rates:
            return {}
        signed = defaultdict(self.env["sale.order"].sudo().browse)
        for line, rows in self._psa_rows_signed():
            for row_id in rows & rates.keys():
                signed[rates[row_id]] |= line.order_id._psa_sow()
        return dict(signed)

    def _psa_rows_signed(self):
        """``[(signed line, ids of the rates that price it, or work on it until today)]``, in sudo, as far as
        they may be among these. Addons above add the lines whose work they price by the cards."""
        lines = self._psa_signed_lines(
            [
                ("psa_role_id", "in", self.role_id.ids),
                ("psa_billing_model", "=", TIME_MATERIAL),
                ("psa_card_price", "!=", 0),
            ]
        ).filtered(lambda line: line._psa_is_by_card())
        pricer, found = lines._psa_pricer(), []
        for line in lines:
            rows = {line.psa_rate_id.id}
            if not line.psa_group_line_id:
                person, place = line.psa_employee_id, line.psa_location_id
                rows |= self._psa_rows_of(line.order_id, line.psa_role_id, pricer, person, place, line)
            found.append((line, rows))
        return found

    def _psa_signed_lines(self, domain):
        """The signed lines of SOWs of these rates' companies that ``domain`` describes, in sudo."""
        # sudo: that something was signed at a rate, and its number, is no secret to who sets the rates
        lines = self.env["sale.order.line"].sudo()
        signed = [("state", "=", "sale"), ("order_id.psa_kind", "!=", False)]
        return lines.search([*signed, ("company_id", "in", self.company_id.ids), *domain])

    def _psa_rows_of(self, order, role, pricer, person=None, place=None, head=None):
        """The ids of the rates that price work on ``order`` in ``role`` until today, by the people and at the
        places that these rates name.

        :param person: employee that was sold, ``place`` where: nobody else is asked for
        :param head: the line that was sold so, which keeps the card that priced it
        """
        start = order._psa_price_day()
        asked = {
            (person or rate.employee_id, place or rate.location_id) for rate in self if rate.role_id == role
        }
        return {
            answer.row.row_id
            for who, where in asked
            for _day, answer in pricer.steps(
                order, role, who, where, start, max(start, fields.Date.context_today(self)), head
            )
            if answer
        }
