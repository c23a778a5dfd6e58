"""The share of an adjustment that goes with the entries that a credit note credits as a whole: they are
credited with what was billed of them, not with the price of their line."""

from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError

from ..core.money import dec


def by_adjustment(remainders):
    """:param remainders: see ``_psa_remainders_of``
    :return: ``{adjustment: net amount}`` (Decimal)
    """
    money = defaultdict(lambda: dec(0))
    for (_line, adjustment), amount in remainders.items():
        money[adjustment] += amount
    return money


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _psa_remainders_of(self, quantities, chosen):
        """What is credited beside units of these lines of one posted invoice: all that is left of an
        adjustment with the last units of its line; before, the remainders of the entries that go as a whole.

        :param quantities: ``{line: quantity}`` (Decimal) that is credited
        :param chosen: entries that go first
        :return: ``{(line, its adjustment): net amount}`` (Decimal) in the currency of the invoice
        """
        left = self._psa_billed_quantity()
        adjusting = self.filtered("sale_line_ids.psa_adjusts_line_id")
        found = {}
        for parts in self.grouped("psa_proposal_line_id").values():
            adjustments = parts & adjusting
            # what a review added by a line of its own goes with the last of the invoice
            main = (parts - adjustments) or (self - adjusting)
            if all(quantities.get(line, 0) == left[line] for line in main):
                found |= {(main[:1], line): dec(line.price_subtotal) * left[line] for line in adjustments}
            elif adjustments and parts != adjustments:
                for line in main:
                    money = line._psa_remainder_beyond(left[line] - quantities.get(line, 0), chosen)
                    if money:
                        found[line, adjustments[0]] = money
        return found

    def _psa_remainder_beyond(self, quantity, chosen):
        """The remainders (Decimal) of the entries that this line gives back as a whole when it bills
        ``quantity`` only."""
        self.ensure_one()
        # sudo: see _psa_free_work
        work = self.env["psa.wip.entry"].sudo().search([("invoice_line_id", "=", self.id)])
        back = work._psa_beyond(quantity, chosen)
        whole = (part for part, piece in back if piece == dec(part.billable_quantity))
        return sum((dec(part.remainder) for part in whole), dec(0))

    def _psa_price_of_share(self, amount):
        """The price at which a line like this one comes to the net ``amount``."""
        self.ensure_one()
        if not self.currency_id.compare_amounts(self.price_subtotal, float(amount)):
            return self.price_unit
        return self.currency_id.round(self.price_unit * float(amount) / self.price_subtotal)

    def _psa_check_adjustments(self, shares):
        """:param shares: those of these lines that credit of an adjustment what goes with the units
        :raises UserError: where these lines of draft credit notes take back all units of a line without
            its adjustment, or the other way round: what is billed again would not be what was credited
        """
        lines = self.psa_credits_line_id.move_id._psa_billed_lines()
        left, taken = self._psa_left_after(lines), (self - shares).psa_credits_line_id
        for parts in lines.grouped(lambda line: (line.move_id, line.psa_proposal_line_id)).values():
            adjustments = parts.filtered("sale_line_ids.psa_adjusts_line_id")
            main = parts - adjustments
            kept = [any(round(left[line], 6) for line in side) for side in (main, adjustments)]
            if kept[0] and not adjustments & taken:
                continue  # entries that go as a whole may take all of an adjustment with them
            if main and adjustments and kept[0] != kept[1]:
                missing = main if kept[0] else adjustments
                raise UserError(
                    self.env._(
                        "%(line)s and its adjustment were billed together on %(invoice)s: credit also "
                        "“%(missing)s”, or use Credit Work on the invoice.",
                        line=main[0].sale_line_ids.display_name,
                        invoice=main[0].move_id.display_name,
                        missing=(missing.filtered(lambda line: left[line])[0].name or "").split("\n")[0],
                    )
                )

    def _psa_shares(self):
        """Those of these lines of draft credit notes that credit of an adjustment what goes with the units of
        their note."""
        shares = self.browse()
        beside = self.filtered("psa_credits_line_id.sale_line_ids.psa_adjusts_line_id")
        for note, lines in beside.grouped("move_id").items():
            money = note._psa_remainders_credited()
            shares += lines.filtered(
                lambda line, money=money: (
                    (share := money.get(line.psa_credits_line_id))
                    and line.psa_credits_line_id._psa_price_of_share(share) == line.price_unit
                    and line.quantity == line.psa_credits_line_id.quantity
                )
            )
        return shares


class AccountMove(models.Model):
    _inherit = "account.move"

    def _psa_remainders_credited(self):
        """``{adjustment: net amount}`` (Decimal) that goes with the units that this draft credit note of one
        posted invoice credits."""
        self.ensure_one()
        billed = self.reversed_entry_id._psa_billed_lines()
        adjusting = billed.filtered("sale_line_ids.psa_adjusts_line_id")
        quantities = defaultdict(lambda: dec(0))
        for line in self._psa_crediting_lines():
            if line.psa_credits_line_id not in adjusting and not line._psa_is_concession():
                quantities[line.psa_credits_line_id] += dec(line.quantity)
        # sudo: see _psa_billed_lines
        chosen = self.sudo().psa_credited_work_ids.wip_id
        return by_adjustment(billed._psa_remainders_of(quantities, chosen))
