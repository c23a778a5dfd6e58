"""What each paying client pays of the lines of a proposal."""

from odoo import models

from odoo.addons.psa_contracts.core.shares import split

from ..core.instalments import due_in_all
from ..core.money import amount_of, dec
from ..core.payers import allot, still_due, taken_over
from .bill import Bill
from .psa_billing_proposal import PENDING_STATES


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    def _psa_bills(self):
        """The ``Bill`` of each payer on these lines of approved proposals; work is split between payers.

        :return: ``[Bill]`` in the order of the lines, then of the payers
        """
        bills, parts = [], []
        owned = self._psa_with_payers()
        # an entry may have parts on several of the lines
        shared = self.filtered(lambda line: line.sale_line_id.order_id._psa_sow().psa_payer_ids).wip_ids
        numbers = shared._psa_last_parts(shared.analytic_line_id)
        for line in self:
            shares = line.sale_line_id.order_id._psa_sow().psa_payer_ids
            if not shares and line not in owned:
                client = self.env["res.partner"]
                bills.append(Bill(line, client, dec(line.quantity), dec(line.remainder)))
            elif work := line.wip_ids.filtered(lambda entry: entry.state == "proposed"):
                line_bills, line_parts = line._psa_work_bills(work, shares, numbers)
                bills += line_bills
                parts += line_parts
            else:
                bills += line._psa_fixed_bills(shares)
        made = self.env["psa.wip.entry"].create([values for _first, values in parts])
        made._psa_share_written_off([first for first, _values in parts], numbers)
        return [bill.line._psa_detailed(bill) for bill in bills]

    def _psa_with_payers(self):
        """Those of these lines with work that was shared between payers before."""
        rows = self.env["psa.wip.entry"]._read_group(
            [("proposal_line_id", "in", self.ids), ("payer_id", "!=", False)], ["proposal_line_id"]
        )
        return self.browse([line.id for (line,) in rows])

    def _psa_work_bills(self, work, shares, numbers):
        """``[Bill]`` of a line with work, and the parts of work to create, see ``_psa_share_out``.

        Work that was shared between payers before, and freed since, is paid by its payer alone.

        :param numbers: see ``_psa_share_out``
        """
        self.ensure_one()
        loose = work.filtered(lambda entry: not entry.payer_id)
        payers = shares.partner_id | work.payer_id
        quantities, amounts = ({payer: dec(0) for payer in payers} for _column in range(2))
        for entry in work - loose:
            quantities[entry.payer_id] += dec(entry.billable_quantity)
            amounts[entry.payer_id] += dec(entry.amount)
        parts = []
        if loose and shares:
            shared = [
                split(sum((dec(entry[name]) for entry in loose), dec(0)), shares.mapped("share"), unit)
                for name, unit in (
                    ("billable_quantity", self.sale_line_id._psa_quantity_unit()),
                    ("amount", dec(self.currency_id.rounding)),
                )
            ]
            parts = loose._psa_share_out(shares, *shared, numbers)
            for payer, quantity, amount in zip(shares.partner_id, *shared, strict=True):
                quantities[payer] += quantity
                amounts[payer] += amount
            # what the client would pay alone beside the money of the entries: see _psa_to_the_entries
            amounts[shares.partner_id[-1]] += dec(self.amount) - sum(amounts.values())
        ids = {values["payer_id"] for _first, values in parts}
        worked = work.payer_id | payers.filtered(lambda payer: payer.id in ids)
        return self._psa_bills_of(payers, quantities, amounts, worked), parts

    def _psa_fixed_bills(self, shares):
        """``[Bill]`` of a line without work: each payer pays its share of all that is due on the SOW line
        less what it was billed, so that what one payer's credit note gave back is paid by that payer. Who
        came for one who pays no more takes its place."""
        self.ensure_one()
        sale_line, payers = self.sale_line_id, shares.partner_id
        quantity, amount = dec(self.quantity), dec(self.amount)
        left = dec(sale_line._psa_left_to_invoice())
        money_left = amount
        if left != quantity:
            money_left = amount_of(left, sale_line._psa_net_price(), dec(self.currency_id.rounding))
        billed = sale_line._psa_billed_by_payer()
        former = [done for payer, done in billed.items() if payer and payer not in payers]
        unit, money = sale_line._psa_quantity_unit(), dec(self.currency_id.rounding)
        columns, percents = [], list(map(dec, shares.mapped("share")))
        for value, total, position, rounding in ((quantity, left, 0, unit), (amount, money_left, 1, money)):
            done = [billed[payer][position] if payer in billed else None for payer in payers]
            gone = sum((amounts[position] for amounts in former), dec(0))
            done = taken_over(done, gone, percents, rounding)
            due = still_due(split(sum(done, total), shares.mapped("share"), rounding), done)
            columns.append(allot(value, due if sum(due) else percents, rounding))
        quantities, amounts = (dict(zip(payers, column, strict=True)) for column in columns)
        return self._psa_bills_of(payers, quantities, amounts)

    def _psa_due_amount(self, quantity, product):
        """What ``quantity`` of this line without work bills (Decimal): ``product`` of quantity and price,
        and the cents of a share that came back with the invoice of one of several payers."""
        self.ensure_one()
        sale_line = self.sale_line_id
        payers = sale_line.order_id._psa_sow().psa_payer_ids.partner_id
        if not payers:
            return self._psa_last_amount(quantity, product)
        billed = sale_line._psa_billed_to(payers).values()
        others = self.search(
            [
                ("sale_line_id", "=", sale_line.id),
                # of a closed one the quantity, with what was written off of it
                ("proposal_state", "in", (*PENDING_STATES, "closed")),
                ("is_held", "=", False),
                ("id", "!=", self.id),
            ]
        )
        before = sum((dec(line.quantity) for line in others), sum(done for done, _money in billed))
        taken = sum((dec(line.amount) for line in others), sum(money for _done, money in billed))
        taken -= sale_line._psa_adjusted_amount(self)
        unit = dec(self.currency_id.rounding)
        return due_in_all(dec(quantity), sale_line._psa_net_price(), before, taken, unit)

    def _psa_last_amount(self, quantity, product):
        """``product`` of quantity and price; the last milestone of a line takes what the roundings of the
        others leave of its price."""
        sale_line, price = self.sale_line_id, self.sale_line_id._psa_net_price()
        if sale_line.psa_billing_model != "milestone" or dec(quantity) == dec(sale_line.product_uom_qty):
            return product
        before, taken = sale_line._psa_taken()[sale_line]
        before -= dec(self.quantity)
        taken -= dec(self.amount) - dec(self.fixed_adjustment)
        if round(before + dec(quantity), 6) != dec(round(sale_line.product_uom_qty, 6)):
            return product
        return due_in_all(dec(quantity), price, before, taken, dec(self.currency_id.rounding))

    def _psa_bills_of(self, payers, quantities, amounts, worked=()):
        """:param quantities: ``{payer: quantity}``; ``amounts`` ``{payer: net amount}`` with remainder
        :param worked: payers of work, which is billed to them also where it comes to nothing
        """
        return [
            Bill(
                self,
                payer,
                quantities[payer],
                amounts[payer] - self._psa_worth_to(payer, quantities[payer]),
            )
            for payer in payers
            if quantities[payer] or amounts[payer] or payer in worked
        ]

    def _psa_worth_to(self, payer, quantity):
        """What ``quantity`` (Decimal) comes to on a line of the invoice of ``payer``, net (Decimal); of the
        client of the SOW where empty.

        Where the price carries its taxes, they are rounded as the taxes of who pays are.
        """
        sale_line = self.sale_line_id
        if not payer or not any(sale_line.tax_ids.mapped("price_include")):
            return sale_line._psa_line_amount(quantity)
        return sale_line._psa_line_amount(quantity, self.proposal_id._psa_position_of(payer))
