"""Unbilled work goes to the lines at the prices of today; the rule is ``core.rerate``."""

from collections import defaultdict

from odoo import models

from ..core.adjustment import Piece
from ..core.money import amount_of, dec, round_to
from ..core.rerate import Share, reprice, requantify, spread
from ..core.rounding import DAY, quantity_of


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
        prices, pieces = self._psa_prices_of(lines), {}
        for (old, new), parts in moved.grouped(
            lambda part: (part.sale_line_id, part.analytic_line_id.so_line)
        ).items():
            pieces.update(parts._psa_repriced(old, new, dec(new._psa_net_price())))
        for line, parts in moved.grouped(lambda part: part.analytic_line_id.so_line).items():
            parts.write({"sale_line_id": line.id, "unit_price": prices[line]})
        self._psa_write_pieces(pieces)
        self._psa_recut(entries.order_id.filtered(lambda order: order._psa_is_capped()))

    def _psa_repriced(self, old, new, price):
        """``{part: Piece}`` of these parts on the line ``new`` at its net ``price``.

        :param old: the line that they are on
        """
        by_payers = defaultdict(list)
        for entry, parts in self.sorted("part").grouped("analytic_line_id").items():
            of_payer = parts.grouped("payer_id")
            quantity = sum(dec(part.billable_quantity) for part in parts)
            total = old._psa_quantity_in(new.product_uom_id, entry, quantity)
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

    def _psa_quantity_in(self, unit, entry, quantity):
        """The billable quantity (Decimal) of ``entry``, of which ``quantity`` is on this line, in ``unit``.

        In another unit it is that of its hours as entered; where a day is rounded as a whole, that of its
        billable time.
        """
        if unit == self.product_uom_id:
            return quantity
        terms, unit_hours = self._psa_rounding(), dec(unit._psa_hours(self.company_id) or 1.0)
        if terms.rounding_scope == DAY:
            return round_to(quantity * dec(self._psa_unit_hours()) / unit_hours, self._psa_quantity_unit())
        return quantity_of(
            self._psa_hours_of(entry),
            terms.rounding_minutes,
            terms.rounding_direction,
            unit_hours,
            self._psa_quantity_unit(),
        )
