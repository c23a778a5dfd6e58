"""Unbilled work goes to the lines at the prices of today; the rule is ``core.rerate``."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from odoo import api, models

from ..core.adjustment import Piece
from ..core.money import amount_of, dec, round_to
from ..core.rerate import Share, reprice, requantify, spread
from ..core.rounding import DAY, in_turn


@dataclass(frozen=True)
class Converted:
    """An entry that goes into another unit.

    ``quantity``: what is billable of it (Decimal) on the SOL ``line``; ``target``: the line that it goes to,
    or what stands for it as long as there is none; ``unit``: that of the target.
    """

    entry: Any
    line: Any
    quantity: Any
    unit: Any
    target: Any


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_rerate(self, entries):
        """Move this unbilled work to the lines at the prices of today's cards, then cut the caps anew.

        Hours and billable quantities stay: a day that was rounded is not rounded again.

        :param entries: WIP entries in sudo, all parts of their entries, none of them proposed, billed or
            written off
        """
        entries.analytic_line_id._psa_move_to_steps()
        moved = entries.filtered(lambda part: part.sale_line_id != part.analytic_line_id.so_line)
        lines = moved.analytic_line_id.so_line
        prices, pieces, totals = self._psa_prices_of(lines), {}, moved._psa_converted_totals()
        for (old, new), parts in moved.grouped(
            lambda part: (part.sale_line_id, part.analytic_line_id.so_line)
        ).items():
            pieces.update(parts._psa_repriced(old, new, dec(new._psa_net_price()), totals))
        for line, parts in moved.grouped(lambda part: part.analytic_line_id.so_line).items():
            parts.write({"sale_line_id": line.id, "unit_price": prices[line]})
        self._psa_write_pieces(pieces)
        self._psa_recut(entries.order_id._psa_under_caps())

    def _psa_converted_totals(self):
        """``{(entry, SOL that it is on): billable quantity}`` (Decimal) on the line in another unit to which
        these parts go."""
        rows = [
            Converted(
                entry,
                old,
                sum(dec(part.billable_quantity) for part in parts),
                entry.so_line.product_uom_id,
                entry.so_line,
            )
            for (entry, old), parts in self.grouped(
                lambda part: (part.analytic_line_id, part.sale_line_id)
            ).items()
            if entry.so_line.product_uom_id != old.product_uom_id
        ]
        quantities = self._psa_converted_quantities(rows)
        return {(row.entry, row.line): quantity for row, quantity in zip(rows, quantities, strict=True)}

    @api.model
    def _psa_converted_quantities(self, rows):
        """The billable quantities (Decimal) of ``rows`` (``Converted``) in their new units, in their order.

        What one entry is rounded up the next one on the same target is rounded down, by their days; also what
        waits there already counts. See ``core.rounding.nearest``.
        """
        by_target = defaultdict(list)
        for number, row in sorted(enumerate(rows), key=lambda pair: (pair[1].entry.date, pair[1].entry.id)):
            by_target[row.target].append((number, row))
        known = {target for target in by_target if isinstance(target, models.BaseModel)}
        carried, quantities = self._psa_carried(known), {}
        for target, own in by_target.items():
            line, unit = own[0][1].line, own[0][1].unit
            hours, smallest = dec(unit._psa_hours(line.order_id) or 1.0), line._psa_quantity_unit()
            exacts = [row.line._psa_exact_quantity_in(hours, row.entry, row.quantity) for _number, row in own]
            if hours == 1:  # quantities of hours say all that is billed
                rounded = [round_to(exact, smallest) for exact in exacts]
            else:
                rounded = in_turn(exacts, carried.get(target, dec(0)), smallest)
            quantities.update(zip((number for number, _row in own), rounded, strict=True))
        return [quantities[number] for number in range(len(rows))]

    def _psa_repriced(self, old, new, price, totals):
        """``{part: Piece}`` of these parts on the line ``new`` at its net ``price``.

        :param old: the line that they are on
        :param totals: see ``_psa_converted_totals``
        """
        by_payers = defaultdict(list)
        for entry, parts in self.sorted("part").grouped("analytic_line_id").items():
            of_payer = parts.grouped("payer_id")
            quantity = sum(dec(part.billable_quantity) for part in parts)
            total = totals.get((entry, old), quantity)
            by_payers[tuple(of_payer)].append((parts, of_payer, total))
        pieces, unit = {}, dec(new.currency_id.rounding)
        for rows in by_payers.values():
            quantities = [self._psa_requantified(parts, total, old, new) for parts, _of, total in rows]
            old_shares = [
                [
                    Share(sum(own[part] for part in group), sum(dec(part.amount) for part in group))
                    for group in of_payer.values()
                ]
                for (_parts, of_payer, _total), own in zip(rows, quantities, strict=True)
            ]
            for (_parts, of_payer, _total), own, shares in zip(
                rows, quantities, reprice(old_shares, price, unit), strict=True
            ):
                for group, share in zip(of_payer.values(), shares, strict=True):
                    pieces.update(group._psa_spread(own, share.amount, price, unit))
        return pieces

    @staticmethod
    def _psa_requantified(parts, total, old, new):
        """``{part: quantity}`` of an entry on ``new``, where the unit may be another one."""
        quantities = [dec(part.billable_quantity) for part in parts]
        if old.product_uom_id != new.product_uom_id:
            quantities = requantify(quantities, total, new._psa_quantity_unit())
        return dict(zip(parts, quantities, strict=True))

    def _psa_spread(self, quantities, amount, price, unit):
        """``{part: Piece}`` of the parts that one payer pays, worth ``amount`` together."""
        own = [quantities[part] for part in self]
        pieces = {}
        for part, quantity, worth in zip(self, own, spread(own, amount, price, unit), strict=True):
            remainder = worth - amount_of(quantity, price, unit)
            pieces[part] = Piece(dec(part.raw_hours), quantity, worth, remainder)
        return pieces


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_exact_quantity_in(self, unit_hours, entry, quantity):
        """The billable quantity (Decimal, with all its digits) of ``entry``, of which ``quantity`` is on this
        line, in units of ``unit_hours``.

        It is that of its hours as entered; where a day is rounded as a whole, that of its billable time.
        """
        terms = self._psa_rounding()
        if terms.rounding_scope == DAY:
            return quantity * dec(self._psa_unit_hours()) / unit_hours
        return self._psa_exact_quantity(entry, terms, unit_hours)
