"""What a draft invoice bills less of retainer periods than was proposed waits for the next run, for the
client whose invoice it is. What it bills after all waits no more."""

from odoo import models

from ..core.money import at_most, dec
from ..core.payers import allot


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        bills = self._psa_drafts_of_periods() if "quantity" in vals else self.browse()
        before = {bill: bill._psa_bills_now() for bill in bills}
        result = super().write(vals)
        for bill, (quantity, amount) in before.items():
            units, money = bill._psa_bills_now()
            if units != quantity:
                bill._psa_bill_periods_otherwise(units - quantity, money - amount)
        return result

    def _psa_drafts_of_periods(self):
        """Those of these lines, in sudo, that bill units of retainer periods on draft invoices."""
        # sudo: whoever may change an invoice changes what it bills, without rights on proposals
        drafts = self.sudo().filtered(lambda line: line.psa_proposal_line_id and line.parent_state == "draft")
        of_retainers = drafts.psa_proposal_line_id._psa_of_retainers()
        return drafts._psa_bills_of_units().filtered(lambda line: line.psa_proposal_line_id in of_retainers)

    def _psa_bills_of_units(self):
        """These lines without those of money beside the units."""
        return self.filtered(lambda line: not line.sale_line_ids.psa_adjusts_line_id)

    def _psa_bills_now(self):
        """(quantity, net amount) (Decimal) that this line bills, below zero on credit notes."""
        sign = -self.move_id.direction_sign
        return sign * dec(round(self.quantity, 6)), sign * dec(self.price_subtotal)

    def _psa_bill_periods_otherwise(self, quantity, amount):
        """This line bills more of retainer periods than before, or less.

        What is more than was proposed bills no period; it is what goes first when less is billed. So one of
        several clients may pay what another one does not.

        :param quantity: units that are more, below zero: less; ``amount`` is their net amount (Decimal)
        """
        line, payer = self.psa_proposal_line_id, self.move_id.psa_payer_id
        billed = self.search([("psa_proposal_line_id", "=", line.id)])._psa_bills_of_units()
        quantities = billed._psa_billed_quantity()
        more = sum(quantities.values(), dec(0)) - line._psa_units_of_periods()
        units = at_most(quantity, dec(round(float(more), 6)))
        if units != quantity:
            amount = dec(line.currency_id.round(float(amount * units / quantity)))
        if units * dec(line.quantity) > 0:
            line._psa_take_up(payer, units, amount)
        elif units:
            of_payer = {}
            for bill, own in quantities.items():
                of_payer[bill.move_id.psa_payer_id] = of_payer.get(bill.move_id.psa_payer_id, dec(0)) + own
            for one, part, money in line._psa_who_is_short(payer, -units, -amount, of_payer):
                line._psa_let_go(one, part, money)


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    def _psa_units_of_periods(self):
        """Units (Decimal) that this line bills of its periods, and of what came back of others."""
        self.ensure_one()
        rests = (period._psa_rest()[0] for period in self.retainer_period_ids)
        return sum(rests, self.retainer_share_ids._psa_whole()[0])

    def _psa_who_is_short(self, payer, quantity, amount, billed):
        """[(client, quantity, net amount)] of ``quantity`` (Decimal) that this line bills less, because
        ``payer`` is billed less: it waits for ``payer`` as far as that is less than its share, then for who
        else is billed less than theirs.

        :param billed: ``{client: quantity}`` that the invoices bill now
        """
        shares = self.sale_line_id.order_id._psa_sow().psa_payer_ids
        if self.retainer_share_ids or set(shares.partner_id) != set(billed) or len(shares) < 2:
            return [(payer, quantity, amount)]
        waiting = self.retainer_period_ids.share_ids._psa_waiting().grouped("payer_id")
        short = {}
        for one, part, _money in self._psa_parts_of(shares.partner_id, shares, dec(self.quantity), dec(0)):
            own = waiting.get(one, self.env["psa.retainer.share"])._psa_whole()[0]
            short[one] = dec(round(float(part - own - billed[one]), 6))
        found, left = [], quantity
        for one in payer | shares.partner_id:
            if part := at_most(left, short[one]):
                found.append((one, part))
                left -= part
        if left:  # what no share explains
            found = [(payer, quantity)]
        cent = dec(self.currency_id.rounding)
        money = allot(amount, [part for _one, part in found], cent)
        return [(one, part, own) for (one, part), own in zip(found, money, strict=True)]

    def _psa_let_go(self, payer, quantity, amount):
        """``quantity`` of what ``payer`` is billed on this line waits for ``amount`` (Decimal, net; below
        zero where the line gives back): what came back to that client first, then of the latest days."""
        for share in self.retainer_share_ids.filtered(lambda share: share.payer_id == payer)[::-1]:
            part = at_most(quantity, dec(share.quantity))
            if part:
                money = amount if part == quantity else dec(share.amount)
                share._psa_cut(part, money)
                quantity, amount = quantity - part, amount - money
        self.retainer_share_ids.filtered(lambda share: not (share.quantity or share.amount)).unlink()
        periods = self.retainer_period_ids.filtered(lambda period: period._psa_rest()[0] * quantity > 0)
        if payer and periods:
            periods._psa_share_back([payer], [quantity], [amount])
            return
        for period in periods.sorted("date_start", reverse=True):
            rest, worth = period._psa_rest()
            if part := at_most(quantity, rest):
                money = amount if part == quantity else worth
                period._psa_share_back([payer], [part], [money])
                quantity, amount = quantity - part, amount - money

    def _psa_take_up(self, payer, quantity, amount):
        """``quantity`` of what waits of the days of this line is billed by it after all, for ``amount``
        (Decimal, net; below zero where the line gives back): what waits for ``payer`` first, whose invoice it
        is, and then what another client was billed less of it; the earliest days first."""
        periods = self.env["psa.retainer.period"].search(
            [
                ("sale_line_id", "=", self.sale_line_id.id),
                ("date_start", ">=", self.date_start),
                ("date_end", "<=", self.date_end),
            ],
            order="date_start",
        )
        waiting = periods.share_ids._psa_waiting()
        own = waiting.filtered(lambda share: share.payer_id == payer)
        others = (waiting - own).filtered(lambda share: share.period_id in self.retainer_period_ids)
        for share in own | others:
            part = at_most(quantity, dec(share.quantity))
            if part:
                money = dec(share.amount) if part == dec(share.quantity) else amount
                share._psa_take_up(self, part, money)
                quantity, amount = quantity - part, amount - money
