"""What a limit cut of costs: it is known, and billed once the limit leaves room, because it was raised or
another cost was taken back. What was given away, and comes back, finds what others have left of the limit."""

from odoo import fields, models

from ..core.adjustment import share_out
from ..core.expenses import granted
from ..core.money import dec
from .psa_expense_terms import ExpenseTerms

#: Nobody has decided on costs in these states.
WAITING_STATES = ("open", "over_cap")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_terms_changed(self, lines):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_terms_changed(lines)
        # sudo: what a limit lets through follows from the change order, whose signer need not know of billing
        self.sudo()._psa_release_costs()

    def _psa_release_costs(self):
        """Bill what limits of these SOWs, in sudo, had cut as far as they leave room now: the cost that was
        posted first first."""
        sows = self.filtered(lambda order: order.psa_kind == "sow" and order.state == "sale")
        cut = self.env["account.analytic.line"].search(
            [("psa_expense_order_id", "in", sows.ids), ("psa_expense_cut", ">", 0)], order="id"
        )
        work, terms = self.env["psa.wip.entry"], {}
        if cut:
            work._psa_lock_orders(cut.psa_expense_order_id)
        for entry in cut:
            order = entry.psa_expense_order_id
            if order not in terms:
                terms[order] = ExpenseTerms(order)
            if released := entry._psa_release(terms[order]):
                # one by one: the next one has the room that this one leaves
                work._psa_create_costs(released)
                entry._psa_note_cut()
                del terms[order]

    def _psa_cut_waiting_costs(self):
        """Limits of these SOWs, in sudo, cut what waits of their costs: more was billed before them."""
        waiting = [("order_id", "in", self.ids), ("kind", "!=", "time"), ("state", "in", WAITING_STATES)]
        self.env["psa.wip.entry"].search(waiting).analytic_line_id._psa_cut_to_limits()


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_cost_entries(self):
        """The entries of the costs among this work, and of those of which some of it takes something back."""
        entries = self.filtered(lambda part: part.kind != "time").analytic_line_id
        reversed_entries = entries.move_line_id._psa_reversed()
        return entries.browse(dict.fromkeys(reversed_entries.get(entry, entry).id for entry in entries))


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_expense_order_id = fields.Many2one(
        "sale.order",
        string="SOW of the Limit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups=fields.NO_ACCESS,
        help="The statement of work whose limit for expenses cut this cost.",
    )
    psa_expense_cut = fields.Float(
        string="Cut at a Limit",
        digits="Product Price",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="What the client would pay of this cost if the limit left room, less what was taken back of it; "
        "without taxes, in the currency of the statement of work.",
    )

    def _psa_note_cut(self):
        """Keep what limits cut of these costs: what would be let through if there were none."""
        for entry in self.filtered("psa_expense_order_id"):
            entry.psa_expense_cut = float(entry._psa_granted(None))

    def _psa_forget_cut(self):
        """These costs are billed no more: no limit cuts them."""
        cut = self.filtered("psa_expense_order_id")
        cut.write({"psa_expense_over_limit": 0, "psa_expense_cut": 0, "psa_expense_order_id": False})

    def _psa_granted(self, left):
        """What more the client pays of this cost (Decimal) where ``left`` of its limits is left."""
        currency = self.move_line_id.move_id._psa_reversed_in()
        cost, given = self._psa_given_back(currency)
        kept = self.psa_wip_ids.filtered(lambda part: part.state != "written_off")
        return granted(
            sum(map(dec, kept.mapped("amount")), dec(0)),
            dec(self.psa_expense_over_limit),
            given,
            cost / -self._psa_paid(currency),
            left,
            dec(self.psa_expense_order_id.currency_id.rounding),
        )

    def _psa_release(self, terms):
        """What ``_psa_create_costs`` makes of what the limits let through of this cost now.

        It is worth what it was when it was posted, whatever the terms for expenses have become since.
        """
        order, line, parts = self.psa_expense_order_id, self.move_line_id, self.psa_wip_ids
        sold = terms.line_of(order, line.product_id)
        if parts:
            sold = parts.sale_line_id.psa_expense_line_id[:1]
        more = self._psa_granted(terms.left(order, sold))
        if not more:
            return []
        kept, over = sum(map(dec, parts.mapped("amount")), dec(0)), dec(self.psa_expense_over_limit)
        if not parts or any(part.state != "open" for part in parts) or self._psa_is_taken_back():
            return line._psa_bill_released(self, order, sold, more, over - more)
        # nobody has decided on it: it is billed as if it was posted now
        parts._psa_drop_costs()
        anew = ExpenseTerms(order, self._psa_rated_before())
        today, billed = line._psa_price_share(self, order, anew, refuses=False)
        if today == sold and billed.amount + billed.over_limit == kept + over:
            return line._psa_bill_priced(self, order, today, billed)
        return line._psa_bill_released(self, order, sold, kept + more, over - more)

    def _psa_cut_to_limits(self):
        """Limits cut these costs, in sudo, as far as others have used them since and nothing is decided on
        what waits. What was posted last is cut first."""
        work, terms = self.env["psa.wip.entry"], {}
        work._psa_lock_orders(self.psa_wip_ids.order_id)
        self._psa_give_back_anew()
        waiting = self.filtered(lambda entry: entry._psa_waiting_costs())
        for entry in waiting.sorted("id", reverse=True):
            parts = entry.psa_wip_ids
            order, sold = parts.order_id, parts.sale_line_id.psa_expense_line_id[:1]
            if order not in terms:
                terms[order] = ExpenseTerms(order)
            if entry._psa_cut(order, sold, terms[order].over(order, sold)):
                # one by one: the next one has the room that this one leaves
                del terms[order]

    def _psa_waiting_costs(self):
        return self.psa_wip_ids.filtered(lambda part: part.state in WAITING_STATES and part.kind != "time")

    def _psa_cut(self, order, sold, over):
        """Bill ``over`` (Decimal) less of this cost as far as nothing is decided on it.

        What was taken back of it counts against what is over first, see ``given_back``.

        :param sold: the line whose terms priced it
        :return: whether less is billed
        """
        parts = self._psa_waiting_costs()
        kept = sum(map(dec, parts.mapped("amount")), dec(0))
        if not over or kept <= 0:
            return False
        reversals = self.browse().union(*self._psa_reversals())
        *_settled, given = reversals._psa_given_back_by(reversals._psa_waiting_back())
        less = min(over + given, kept)
        over_limit, amounts = dec(self.psa_expense_over_limit), {parts.payer_id.browse(): kept}
        if self.psa_wip_ids != parts:  # what one payer's invoice gave back waits for that payer
            by_payer = parts.grouped("payer_id").items()
            amounts = {payer: sum(map(dec, own.mapped("amount")), dec(0)) for payer, own in by_payer}
        shares = share_out(less, list(amounts.values()), dec(order.currency_id.rounding))
        parts._psa_drop_costs()
        for (payer, amount), share in zip(amounts.items(), shares, strict=True):
            over_limit += share
            bill = self.move_line_id._psa_bill_released(self, order, sold, amount - share, over_limit)
            parts._psa_create_costs(bill, payer)
        self._psa_note_cut()
        self._psa_give_back_anew()
        return True

    def _psa_is_taken_back(self):
        return bool(self._psa_given_back(self.move_line_id.move_id._psa_reversed_in())[0])
