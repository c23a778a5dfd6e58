"""What was written off or up is taken back, and parts of an entry that wait become one."""

from odoo import models
from odoo.exceptions import UserError

from .psa_expense_terms import ExpenseTerms


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_take_back(self, refresh=True):
        """What was written off or up of these entries is billed, or waits, as it was rated.

        On a proposal it is on that again, elsewhere it waits as open work.

        :raises UserError: where its proposal is approved or invoiced, or a cap, or a limit for expenses,
            leaves no room
        """
        off = (self | self.counterpart_ids).filtered(lambda entry: entry.state == "written_off")
        if not off:
            return
        off.proposal_id._psa_check_editable()
        capped = off.order_id._psa_under_caps()
        if not refresh:
            self._psa_take_back_parts(off)
            return
        lines = off.proposal_line_id
        with capped._psa_keeping_caps():
            self._psa_take_back_parts(off)._psa_adjusted(lines)

    def _psa_take_back_parts(self, off):
        """:param off: what of these entries is written off
        :return: what is billed, or waits, as it was rated
        """
        adjustments = off.adjustment_id
        counterparts = off.filtered("adjusts_wip_id")
        # by their ids: read together also when the counterparts that named them are gone
        parts = self.browse(counterparts.adjusts_wip_id.ids)
        parts._psa_absorb(counterparts)
        adjustments |= parts.adjustment_id  # what was given away as a whole since is worth more
        whole = (off - counterparts).filtered("proposal_line_id")
        whole.write({"state": "proposed", "adjustment_id": False})
        outside = off - counterparts - whole
        kept = outside._psa_gather()
        kept.write({"state": "open", "adjustment_id": False})
        adjustments._psa_settle()
        return parts | whole | kept

    def _psa_check_expense_limits(self):
        """:raises UserError: where these costs, with the others of their SOWs, are over the limits there"""
        costs = self.filtered(lambda part: part.kind != "time")
        self._psa_lock_orders(costs.order_id)
        terms = ExpenseTerms(costs.order_id) if costs else None
        for part in costs:
            order = part.order_id
            over = terms.over(order, part.sale_line_id.psa_expense_line_id)
            if over:
                raise UserError(
                    self.env._(
                        "With %(entry)s of %(date)s the expenses of %(order)s would be %(over)s over their "
                        "limit. Bill less of it, write others off, or raise the limit by a change order.",
                        over=order.currency_id.format(float(over)),
                        order=order.name,
                        **part._psa_told(),
                    )
                )

    def _psa_absorb(self, parts):
        """These entries are what they are together with ``parts`` of theirs, which go away."""
        by_entry = parts.grouped("adjusts_wip_id")
        self._psa_write_pieces({entry: entry._psa_sum_with(by_entry[entry]) for entry in self})
        parts.unlink()

    def _psa_sum_with(self, parts):
        """The ``Piece`` that this part and ``parts`` are together."""
        return sum((part._psa_piece() for part in parts), self._psa_piece())

    def _psa_gather(self):
        """One part of an entry waits at a time: of each entry one of these, with what was written off from
        it and what waits already.

        :return: the parts that are left, for the caller to say how they wait
        """
        waiting = self.search(
            [("analytic_line_id", "in", self.analytic_line_id.ids), ("state", "in", ("open", "held"))]
        )
        off = self.counterpart_ids
        adjustments = off.adjustment_id
        own, kept, gone, pieces = set(self.ids), [], [], {}
        for parts in (self | off | waiting).grouped(lambda part: part._psa_waits_with()).values():
            first = next((part for part in parts if part.id in own), None)
            if first is None:
                continue
            kept.append(first.id)
            others = parts - first
            if others:
                pieces[first] = first._psa_sum_with(others)
                gone += others.ids
        self._psa_write_pieces(pieces)
        self.browse(gone).unlink()
        # The index allows one waiting part: the others have to be gone before these wait.
        self.flush_model()
        adjustments._psa_settle()
        return self.browse(kept)

    def _psa_waits_with(self):
        """What parts of an entry have in common that wait as one."""
        self.ensure_one()
        # what was written off from a part goes back to it, also where payers have shared it since
        payer = (self.adjusts_wip_id or self).payer_id
        return self.analytic_line_id, self.sale_line_id, payer, self.slice_number
