"""What came back of a billed retainer period: with the invoice of one of several clients, or a part of one.

A period of which something came back stays on the proposal that billed it; each of its shares waits, and is
billed again, by itself. A period that came back as a whole has no shares: it waits as it was planned.
"""

from odoo import fields, models

from odoo.addons.psa_contracts.core.shares import split

from ..core.money import dec
from ..core.payers import allot
from .rights import BILLING_MANAGER


class PsaRetainerShare(models.Model):
    _name = "psa.retainer.share"
    _description = "Share of a Retainer Period to Bill Again"
    _order = "period_id, id"

    period_id = fields.Many2one(
        "psa.retainer.period", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="period_id.company_id", store=True)
    currency_id = fields.Many2one(related="period_id.currency_id")
    payer_id = fields.Many2one(
        "res.partner",
        string="Paying Client",
        readonly=True,
        ondelete="restrict",
        help="Pays it alone. Empty: who pays the statement of work.",
    )
    quantity = fields.Float(digits="Product Unit", readonly=True, help="Part of a whole period.")
    amount = fields.Monetary(readonly=True, help="Without taxes.")
    proposal_line_id = fields.Many2one(
        "psa.billing.proposal.line",
        string="Billed Again on",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    proposal_id = fields.Many2one(related="proposal_line_id.proposal_id", string="Proposal")

    def _psa_waiting(self):
        """Those of these shares that no proposal bills."""
        return self.filtered(
            lambda share: not share.proposal_line_id or not share.period_id._psa_is_on(share.proposal_line_id)
        )

    def _psa_whole(self):
        """(quantity, net amount) of these shares"""
        return sum((dec(s.quantity) for s in self), dec(0)), sum((dec(s.amount) for s in self), dec(0))

    def _psa_cut(self, quantity, amount):
        """``quantity`` and ``amount`` of this share wait, the rest stays on its proposal."""
        self.ensure_one()
        self.copy({"quantity": float(quantity), "amount": float(amount), "proposal_line_id": False})
        self._psa_lower(quantity, amount)

    def _psa_take_up(self, line, quantity, amount):
        """``quantity`` and ``amount`` (Decimal) of this share, which waits, are billed by ``line`` of a
        proposal, the one that let them go or another one; the rest still waits."""
        self.ensure_one()
        if self.period_id.proposal_line_id != line:
            values = {"quantity": float(quantity), "amount": float(amount), "proposal_line_id": line.id}
            self.copy(values)
        self._psa_lower(quantity, amount)
        if not (self.quantity or self.amount):
            self.unlink()

    def _psa_lower(self, quantity, amount):
        self.write(
            {
                "quantity": float(dec(self.quantity) - quantity),
                "amount": float(dec(self.amount) - amount),
            }
        )


class PsaRetainerPeriod(models.Model):
    _inherit = "psa.retainer.period"

    share_ids = fields.One2many(
        "psa.retainer.share", "period_id", string="To Bill Again", readonly=True, groups=BILLING_MANAGER
    )

    def _psa_waits(self):
        """(quantity, net amount) of this period that no proposal bills."""
        self.ensure_one()
        if self.share_ids:
            return self.share_ids._psa_waiting()._psa_whole()
        return dec(self.quantity), dec(self.amount)

    def _psa_rest(self):
        """(quantity, net amount) that is billed where the period was billed first."""
        self.ensure_one()
        quantity, amount = self.share_ids._psa_whole()
        return dec(self.quantity) - quantity, dec(self.amount) - amount

    def _psa_put_on_line(self, line):
        """What waits of these periods is billed by ``line`` of a proposal."""
        self.filtered(lambda period: not period.share_ids).proposal_line_id = line
        if self.share_ids:
            self.share_ids._psa_waiting().proposal_line_id = line

    def _psa_share_back(self, payers, quantities, amounts):
        """Shares of these periods, all on one line, wait.

        :param payers: who pays them again; ``quantities`` and ``amounts`` (Decimal) of each in its order
        """
        cent, values = dec(self.currency_id.rounding), []
        rests = [period._psa_rest() for period in self]
        for payer, quantity, amount in zip(payers, quantities, amounts, strict=True):
            parts = allot(quantity, [rest for rest, _money in rests])
            money = allot(amount, [rest for _quantity, rest in rests], cent)
            values += [
                {"period_id": period.id, "payer_id": payer.id, "quantity": float(part), "amount": float(own)}
                for period, part, own in zip(self, parts, money, strict=True)
                if part or own
            ]
        self.env["psa.retainer.share"].create(values)

    def _psa_rejoin(self, gone):
        """Periods of which all shares wait wait as a whole, unless an invoice of nothing is left that may
        bill them after all, or bills money beside their units.

        :param gone: invoice lines that are about to go
        """
        waiting = self.filtered(lambda period: period.share_ids == period.share_ids._psa_waiting())
        whole = waiting.filtered(lambda period: period.share_ids and not period._psa_rest()[0])
        bills = whole.proposal_line_id._psa_bills_left(gone)
        bills -= bills._psa_posted_credits().psa_credits_line_id
        whole -= bills.psa_proposal_line_id.retainer_period_ids
        whole.share_ids.unlink()
        whole.proposal_line_id = False


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _psa_given_back_of(self, line):
        """``{payer: (quantity, net amount)}`` that these invoice lines, which are about to go, and lines of
        credit notes take back of ``line`` of a proposal, at the price of the SOW."""
        back = {}
        for own in self:
            billed = own.psa_credits_line_id or own
            if billed.psa_proposal_line_id != line:
                continue
            sale_line = billed.sale_line_ids
            quantity = -billed.move_id.direction_sign * dec(own.quantity)
            amount = dec(line.currency_id.round(float(quantity * sale_line._psa_net_price())))
            units, money = back.get(billed.move_id.psa_payer_id, (dec(0), dec(0)))
            if not sale_line.psa_adjusts_line_id:
                units += quantity
            back[billed.move_id.psa_payer_id] = (units, money + amount)
        return back


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    retainer_share_ids = fields.One2many(
        "psa.retainer.share",
        "proposal_line_id",
        string="Shares of Retainer Periods",
        readonly=True,
        groups=BILLING_MANAGER,
    )

    def _psa_free_periods(self, gone, notes):
        """What these lines bill no more of their periods waits again.

        :param gone: invoice lines that are cancelled, or about to go
        :param notes: lines of credit notes that are posted now
        """
        bills = self._psa_bills_left(gone)
        left, money = bills._psa_bills_of_units()._psa_billed_quantity(), bills._psa_money_billed()
        for line in self:
            own = bills.filtered(lambda bill, line=line: bill.psa_proposal_line_id == line)
            billed = sum((left.get(bill, dec(0)) for bill in own), dec(0))
            back = (gone | notes)._psa_given_back_of(line)
            periods = line.retainer_period_ids | line.retainer_share_ids.period_id
            for payer in [payer for payer, (units, _money) in back.items() if not units]:
                line._psa_free_money(payer, back.pop(payer)[1])
            if billed:
                line._psa_free_shares(billed, back)
            else:
                paying = own.filtered(money.get).grouped(lambda bill: bill.move_id.psa_payer_id)
                line._psa_free_all(back, {payer: sum(map(money.get, on)) for payer, on in paying.items()})
            periods._psa_rejoin(gone)

    def _psa_bills_left(self, gone):
        """The invoice lines of these lines that are not cancelled, without those that are ``gone``."""
        domain = [("psa_proposal_line_id", "in", self.ids), ("parent_state", "!=", "cancel")]
        return self.env["account.move.line"].search(domain) - gone

    def _psa_free_money(self, payer, amount):
        """``payer`` was billed ``amount`` (Decimal, net) of this line beside units that it is billed no more:
        it waits with them."""
        alone = self.retainer_share_ids.filtered(lambda share: share.payer_id == payer and not share.quantity)
        alone.proposal_line_id = False
        amount -= alone._psa_whole()[1]
        if not amount or not self.retainer_period_ids:
            return
        waiting = self.retainer_period_ids.share_ids._psa_waiting()
        if share := waiting.filtered(lambda share: share.payer_id == payer)[-1:]:
            share.amount = float(dec(share.amount) + amount)
        else:
            last = self.retainer_period_ids.sorted("date_start")[-1]
            values = {"period_id": last.id, "payer_id": payer.id, "amount": float(amount)}
            self.env["psa.retainer.share"].create(values)

    def _psa_free_all(self, back, beside):
        """No invoice bills units of this line any more.

        :param beside: ``{payer: net amount}`` (Decimal) that invoices still bill beside units
        """
        shares = self.retainer_share_ids
        shares.filtered(lambda share: share.quantity or share.payer_id not in beside).proposal_line_id = False
        shared = self.retainer_period_ids.filtered("share_ids")
        (self.retainer_period_ids - shared).proposal_line_id = False
        weights = [units for units, _money in back.values()]
        if not any(weights):
            return
        rests = {period: rest for period in shared if (rest := period._psa_rest())[0]}
        kept = sum(beside.values(), dec(0)) - self.retainer_share_ids._psa_whole()[1]
        cent = dec(self.currency_id.rounding)
        parts = allot(kept, [abs(quantity) for quantity, _amount in rests.values()], cent) if rests else ()
        for (period, (quantity, amount)), part in zip(rests.items(), parts, strict=True):
            period._psa_share_back(back, allot(quantity, weights), allot(amount - part, weights, cent))

    def _psa_free_shares(self, billed, back):
        """A part of what this line billed is credited: of one client the latest periods as a whole first, of
        several the share of each."""
        periods = self.retainer_period_ids
        on_line = sum((period._psa_rest()[0] for period in periods), self.retainer_share_ids._psa_whole()[0])
        sign = -1 if on_line < 0 else 1  # a line that gives back
        free = sign * dec(round(float(on_line - billed), 6))  # more may have been billed by hand
        for payer, (units, money) in back.items():
            quantity, amount = sign * max(min(sign * units, free), dec(0)), money
            if quantity != units:
                amount = dec(self.currency_id.round(float(money * quantity / units)))
            free -= sign * quantity
            own = self.retainer_share_ids.filtered(lambda share, payer=payer: share.payer_id == payer)
            for item in [*own.sorted("id", reverse=True), *self._psa_whole_periods(payer)]:
                if not quantity or sign * dec(item.quantity) > sign * quantity:
                    break
                quantity -= dec(item.quantity)
                amount -= dec(item.amount)
                item.proposal_line_id = False
            if quantity:
                self._psa_free_part(payer, quantity, amount)

    def _psa_whole_periods(self, payer):
        """The periods on this line that come back as a whole before a part of another does: where one client
        pays, by their days, the latest first."""
        if payer:
            return self.env["psa.retainer.period"]
        whole = self.retainer_period_ids.filtered(lambda period: not period.share_ids)
        return whole.sorted("date_start", reverse=True)

    def _psa_free_part(self, payer, quantity, amount):
        """``quantity`` of what ``payer`` was billed on this line, not all of it, waits for ``amount``; below
        zero where the line gives back."""
        periods = self.retainer_period_ids.filtered(lambda period: period._psa_rest()[0] * quantity > 0)
        shares = self.retainer_share_ids.filtered(lambda share: share.payer_id == payer)
        if shares and abs(dec(shares[-1].quantity)) > abs(quantity):
            shares[-1]._psa_cut(quantity, amount)
        elif periods:
            if not payer:
                periods = periods.sorted("date_start")[-1]
            periods._psa_share_back([payer], [quantity], [amount])

    # -- who pays --------------------------------------------------------------------------

    def _psa_with_payers(self):
        return super()._psa_with_payers() | self.filtered("retainer_share_ids.payer_id")

    def _psa_fixed_bills(self, shares):
        """Each client pays its share of the periods, and what came back with its own invoices."""
        own = self.retainer_share_ids.filtered("payer_id")
        if not (self.retainer_period_ids or self.retainer_share_ids):
            return super()._psa_fixed_bills(shares)
        quantities, amounts = {}, {}
        for share in own:
            quantities[share.payer_id] = quantities.get(share.payer_id, dec(0)) + dec(share.quantity)
            amounts[share.payer_id] = amounts.get(share.payer_id, dec(0)) + dec(share.amount)
        units, money = own._psa_whole()
        units, money = dec(self.quantity) - units, dec(self.amount) - money
        if units or not own:
            payers = shares.partner_id or [shares.partner_id]
        else:  # a review took something off, or added it
            payers = own.payer_id[:1]
        parts = self._psa_parts_of(payers, shares, units, money)
        for payer, part, amount in parts:
            quantities[payer] = quantities.get(payer, dec(0)) + part
            amounts[payer] = amounts.get(payer, dec(0)) + amount
        return self._psa_bills_of(list(quantities), quantities, amounts)

    def _psa_parts_of(self, payers, shares, quantity, amount):
        """[(payer, quantity, amount)] by the percentages ``shares``; all of it where one pays."""
        if len(payers) == 1:
            return [(payers[0], quantity, amount)]
        percents = shares.mapped("share")
        units = split(quantity, percents, self.sale_line_id._psa_quantity_unit())
        money = split(amount, percents, dec(self.currency_id.rounding))
        return list(zip(payers, units, money, strict=True))
