"""Work that an invoice, or a part of it, gives back."""

from odoo import models

from ..core.adjustment import cut
from ..core.credit import taken_back
from ..core.money import amount_of, dec

#: What a part has of the work that it is of.
PLACE_FIELDS = ("date", "employee_id", "role_id", "project_id")


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_beyond(self, quantity, chosen):
        """What one invoice line, with this work on it, gives back when it bills ``quantity`` (Decimal) only.

        :param chosen: entries among these that go first; then the newest
        :return: ``[(entry, quantity of it)]``
        """
        if not quantity:
            return [(part, dec(part.billable_quantity)) for part in self]
        there = [(part, dec(part.billable_quantity)) for part in self]
        worked = sum((piece for _part, piece in there), dec(0))
        excess = worked - quantity
        if excess * worked <= 0:
            return []
        there.sort(key=lambda row: (row[0] in chosen, row[0].date, row[0].id))
        return taken_back(there, excess)

    def _psa_part_where_cut(self, piece):
        """This entry, or a new part with ``piece`` (Decimal) of it where that is less than all."""
        return self if piece == dec(self.billable_quantity) else self._psa_part_off(piece)

    def _psa_part_off(self, quantity):
        """A new part with ``quantity`` of this one, its hours in proportion; the remainder stays here."""
        self.ensure_one()
        rest, part = cut(self._psa_piece(), quantity, dec(self.unit_price), dec(self.currency_id.rounding))
        return self._psa_make_part(rest, part)

    def _psa_leave_remainder(self):
        """The remainders of these parts are not credited: they stay with what their invoice still bills of
        the line of their proposal."""
        remainder = sum((dec(part.remainder) for part in self), dec(0))
        if not remainder:
            return
        stays = self.search(
            [
                ("invoice_line_id", "in", self.invoice_line_id.move_id.invoice_line_ids.ids),
                ("proposal_line_id", "in", self.proposal_line_id.ids),
                ("id", "not in", self.ids),
            ],
            order="date, id",
            limit=1,
        )
        if not stays:
            return
        for part in self.filtered("remainder"):
            part.write({"amount": float(dec(part.amount) - dec(part.remainder)), "remainder": 0})
        stays.write(
            {
                "amount": float(dec(stays.amount) + remainder),
                "remainder": float(dec(stays.remainder) + remainder),
            }
        )
        self.counterpart_ids.filtered(lambda part: not part.billable_quantity)._psa_go_with(stays)

    def _psa_go_with(self, part):
        """Money that was written off or up goes with ``part``, which bills the rest of its line: what is
        billed again is what was rated."""
        last = self._psa_last_parts(part.analytic_line_id)[part.analytic_line_id]
        values, names = part._psa_copy_values(), ("analytic_line_id", *PLACE_FIELDS)
        for number, off in enumerate(self, start=last + 1):
            off.write({"adjusts_wip_id": part.id, "part": number, **{name: values[name] for name in names}})

    def _psa_leave_what_is_billed(self):
        """What stays billed beside this work, which its invoices give back, is worth what they bill now:
        hours on two lines are rounded twice. The cents of that go with this work, so that it comes to what
        was rated of it, and no more than a cap allows; of work whose cents are not billed nothing changes.
        """
        exact = self.filtered(
            lambda part: part.proposal_line_id.sale_line_id.order_id._psa_bills_to_the_cent()
        )
        bills = exact.invoice_line_id.move_id.invoice_line_ids.filtered(
            lambda bill: bill.psa_proposal_line_id in exact.proposal_line_id
        )
        money = bills._psa_money_billed()
        bills_of = bills.grouped(lambda bill: (bill.move_id, bill.psa_proposal_line_id))
        stays = self.search([("invoice_line_id", "in", bills.ids), ("id", "not in", self.ids)])
        kept_of, back_of = (parts.grouped(lambda part: part._psa_billed_on()) for parts in (stays, exact))
        for (move, line), back in back_of.items():
            kept = kept_of.get((move, line), self.browse())
            billed = sum(map(money.get, bills_of.get((move, line), bills.browse())))
            cents = sum(map(dec, kept.mapped("amount")), dec(0)) - billed
            # more than a cent a line is no rounding: somebody typed it
            if kept and 0 < abs(cents) <= dec(line.currency_id.rounding) * (len(back) + 1):
                self._psa_give_cents(kept, back, cents)

    def _psa_billed_on(self):
        """(invoice, line of its proposal) that bills this part."""
        self.ensure_one()
        return self.invoice_line_id.move_id, self.proposal_line_id

    @staticmethod
    def _psa_give_cents(kept, back, cents):
        """``cents`` (Decimal) of ``kept`` go to ``back``; of the same entry, where it has parts in both."""
        same = back.filtered(lambda part: part.analytic_line_id in kept.analytic_line_id)
        gets = (same or back)[-1:]
        gives = kept.filtered(lambda part: part.analytic_line_id == gets.analytic_line_id) or kept
        for part, more in ((gives[:1], -cents), (gets, cents)):
            amount, unit = dec(part.amount) + more, dec(part.currency_id.rounding)
            worth = amount_of(dec(part.billable_quantity), dec(part.unit_price), unit)
            part.write({"amount": float(amount), "remainder": float(amount - worth)})

    def _psa_note_credit(self, line):
        """Keep on the line of the credit note what it frees."""
        if line:
            self.env["psa.credited.work"].create([part._prepare_credited(line) for part in self])

    def _prepare_credited(self, line):
        self.ensure_one()
        return {
            "move_line_id": line.id,
            "wip_id": self.id if line.parent_state == "draft" else False,
            "analytic_line_id": self.analytic_line_id.id,
            "name": self.analytic_line_id.name,
            "date": self.date,
            "employee_id": self.employee_id.id,
            "raw_hours": self.raw_hours,
            "billable_quantity": self.billable_quantity,
            "amount": self.amount,
        }
