"""A part of an entry that somebody cuts off: it waits by itself, or goes to another line of its SOW.

The approved entry stays as it is (DESIGN section 2, "WIP entry"): only its work in progress is cut. Parts
with the same number of a slice wait as one, so that what an invoice gives back finds its like.
"""

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.psa_contracts.core.billing_models import RETAINER, TIME_MATERIAL

from ..core.adjustment import cut_hours
from ..core.money import amount_of, dec, round_to


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_split_waiting(self, hours):
        """``hours`` of this waiting entry become a part that waits by itself; hours and money sum.

        :raises UserError: where that leaves nothing on one side, or others than the client have a say
        :return: the new part
        """
        self.ensure_one()
        self._psa_check_sliceable()
        if self.state not in ("open", "held"):
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s does not wait for billing: only open and held work is split here.",
                    **self._psa_told(),
                )
            )
        self._psa_lock_orders(self.order_id)
        return self._psa_slice(hours)

    def _psa_move_part(self, hours, target):
        """``hours`` of this part of an entry go to the line group of ``target``, there to the line at the
        price of the day. Hours always sum to those of the entry; what was adjusted of the part is taken back.

        What was on a proposal is on it again, below its new line; what was held stays held.

        :raises UserError: where the part is billed, drawn from a retainer or shared by payers, the line is of
            another SOW, or there are not so many hours
        :return: the part that was moved
        """
        self.ensure_one()
        self._psa_check_sliceable(target)
        self._psa_take_back(refresh=False)
        state, proposal, old_line = self.state, self.proposal_id, self.proposal_line_id
        days, entry = self._psa_rounded_days(), self.analytic_line_id
        self._psa_lock_orders(self.order_id)
        part = self if dec(hours) == dec(self.raw_hours) else self._psa_slice(hours)
        part._psa_put_slice_on(target)
        number = part.slice_number
        capped = part.order_id.filtered(lambda order: order._psa_is_capped())
        if capped or days:
            part._psa_recut(capped, days=days)
        work = self.search(
            [("analytic_line_id", "=", entry.id), ("slice_number", "=", number), ("state", "=", "open")]
        )
        if state == "held":
            work.write({"state": "held"})
        elif state == "proposed":
            work._psa_put_on({entry: proposal})
        old_line.exists()._psa_refresh()
        return part

    # -- rules -----------------------------------------------------------------------------

    def _psa_told(self):
        return {"entry": self.name or "", "date": fields.Date.to_string(self.date)}

    def _psa_check_sliceable(self, target=None):
        """:raises UserError: where no part of this work can be cut off, or not go to ``target``"""
        if target is not None:
            self._psa_check_movable(target)
        if self.kind != "time":
            raise UserError(
                self.env._("%(entry)s of %(date)s is no time: it is not split.", **self._psa_told())
            )
        to_retainer = target is not None and target.psa_billing_model == RETAINER
        # sudo: that others pay is no secret to who is refused for it
        if self.retainer_line_id or to_retainer or self.sudo().payer_id:
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s is drawn from a retainer, or shared between paying clients: move "
                    "all of the entry.",
                    **self._psa_told(),
                )
            )
        if self.state == "written_off":
            raise UserError(self._psa_fixed_message())

    def _psa_slice(self, hours):
        """A new part with ``hours`` of this one, which waits by itself.

        :raises UserError: where that leaves nothing on one side
        """
        unit, quantity_unit = dec(self.currency_id.rounding), self.sale_line_id._psa_quantity_unit()
        try:
            rest, part = cut_hours(
                self._psa_piece(), dec(hours), self.sale_line_id._psa_net_price(), unit, quantity_unit
            )
        except ValueError:
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s has %(hours)s hours here: give more than nothing, and not more "
                    "than that.",
                    hours=f"{self.raw_hours:g}",
                    **self._psa_told(),
                )
            ) from None
        number = self._psa_last_parts(self.analytic_line_id)[self.analytic_line_id] + 1
        self.write(self._prepare_piece(rest))
        values = {**self._psa_copy_values(), **self._prepare_piece(part)}
        return self.create({**values, "part": number, "slice_number": self._psa_next_slice()})

    def _psa_is_sliced(self):
        """Whether somebody cut off a part of the entry that these parts of one line are of; it may be on
        another line."""
        hours = sum(self.mapped("raw_hours"))
        return any(self.mapped("slice_number")) or abs(hours - self.analytic_line_id.unit_amount) > 0.000001

    def _psa_next_slice(self):
        rows = self._read_group(
            [("analytic_line_id", "=", self.analytic_line_id.id)], [], ["slice_number:max"]
        )
        return (rows[0][0] or 0) + 1

    def _psa_put_slice_on(self, target):
        """This part is work of the group of ``target`` and waits there, or is covered by it."""
        entry, old = self.analytic_line_id, self.sale_line_id
        line = entry._psa_members_of({entry: target._psa_group_head()})[entry]
        values = {
            "sale_line_id": line.id,
            "state": "covered",
            "billable_quantity": 0.0,
            "unit_price": 0.0,
            "amount": 0.0,
            "remainder": 0.0,
            "proposal_line_id": False,
            "slice_number": self.slice_number or self._psa_next_slice(),
        }
        if target.psa_billing_model == TIME_MATERIAL:
            # what rounding made billable goes along
            hours = dec(self.billable_quantity) * dec(old._psa_unit_hours()) or dec(self.raw_hours)
            quantity = round_to(hours / dec(line._psa_unit_hours() or 1), line._psa_quantity_unit())
            price = line._psa_net_price()
            values |= {
                "state": "open",
                "billable_quantity": float(quantity),
                "unit_price": float(round_to(price, dec(0.000001))),
                "amount": float(amount_of(quantity, price, dec(self.currency_id.rounding))),
            }
        self.write(values)
