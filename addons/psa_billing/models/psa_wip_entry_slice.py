"""A part of an entry that somebody cuts off: it waits by itself, or goes to another line of its SOW.

The approved entry stays as it is (DESIGN section 2, "WIP entry"): only its work in progress is cut. Parts
with the same number of a slice wait as one, so that what an invoice gives back finds its like.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.psa_contracts.core.billing_models import TIME_MATERIAL
from odoo.addons.psa_contracts.models.numbers import number_told

from ..core.adjustment import cut_hours
from ..core.money import amount_of, dec, round_to
from ..core.rounding import nearest, to_increment
from ..core.slices import cut_shares, left_beside
from .psa_billing_proposal import EDITABLE_STATES
from .psa_wip_entry import UNFIXED_STATES


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_split_waiting(self, hours):
        """``hours`` of this waiting entry become a part that waits by itself; hours and money sum.

        Of what several clients pay each pays the same part, and as much as before of both. What is over a
        retainer stays over it; the cut stays while so much of the entry is over it. What is over a cap stays
        over it; when the cap is raised, what was not cut off is billed before what was.

        :raises UserError: where that leaves nothing on one side, or one of several clients was billed
        :return: the new part, one a client that pays it
        """
        self.ensure_one()
        self._psa_check_time()
        if self.state not in UNFIXED_STATES:
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s does not wait for billing: only open and held work, and work over "
                    "a cap, is split here.",
                    **self._psa_told(),
                )
            )
        self._psa_lock_orders(self.order_id)
        if self.payer_id:
            return self._psa_slice_shares(hours)
        part = self._psa_slice(hours)
        self.env["psa.retainer.period"]._psa_draw(self.retainer_line_id)
        return part

    def _psa_move_part(self, hours, target):
        """``hours`` of this part of an entry go to the line group of ``target``, there to the line at the
        price of the day. Hours always sum to those of the entry; what was adjusted of the part is taken back.

        What was on a proposal is on it again, below its new line; what was held stays held. Hours that were
        drawn from a retainer are given back to it; on a retainer they draw by themselves, or together with
        what of the entry draws on it already. Work that was shared between payers is one again, and shared
        anew when it is billed.

        :raises UserError: where the part is billed, also to one of several payers, or drawn from a closed
            period; the line is of another SOW; there are not so many hours; or a cap leaves no room for what
            is taken back, or for what others used of what a correction gave
        """
        self.ensure_one()
        self._psa_check_movable(target)
        self._psa_check_time()
        self._psa_lock_orders(self.order_id)
        with self.order_id._psa_under_caps()._psa_keeping_caps():
            self._psa_move_hours(hours, target)

    def _psa_move_hours(self, hours, target):
        """See ``_psa_move_part``."""
        self._psa_take_back(refresh=False)
        if self.payer_id:
            self._psa_unshare()
        state, proposal, old_line = self.state, self.proposal_id, self.proposal_line_id
        days, entry, retainer = self._psa_rounded_days(), self.analytic_line_id, self.retainer_line_id
        sale_line = self.sale_line_id
        part = self if dec(hours) == dec(self.raw_hours) else self._psa_slice(hours)
        part._psa_put_slice_on(target)
        (self | part)._psa_round_once()
        if part == self:
            part._psa_leave(sale_line)
        number = part.slice_number
        days |= part._psa_rounded_days()
        capped = part.order_id._psa_under_caps()
        if capped or days:
            part._psa_recut(capped, days=days)
        # below: what is over the retainer is open now, with the number of the part
        self.env["psa.retainer.period"]._psa_draw(retainer | part.retainer_line_id)
        self._psa_put_slice(entry, number, state, proposal)
        old_line.exists()._psa_refresh()

    @api.model
    def _psa_put_slice(self, entry, number, state, proposal):
        """What is open of slice ``number`` of an entry is held, or on ``proposal``, as ``state`` says."""
        work = self.search(
            [("analytic_line_id", "=", entry.id), ("slice_number", "=", number), ("state", "=", "open")]
        )
        if state == "held":
            work.write({"state": "held"})
        elif state == "proposed":
            work._psa_put_on({entry: proposal})

    def _psa_hours_to_move(self):
        """Hours of this part, with what other clients pay of it."""
        # sudo: that others pay is no secret, the hours are those of the entry
        work = self.sudo()
        return sum(work._psa_shares().mapped("raw_hours")) if work.payer_id else self.worked_hours

    # -- rules -----------------------------------------------------------------------------

    def _psa_told(self):
        return {"entry": self.name or "", "date": format_date(self.env, self.date)}

    def _psa_check_time(self):
        """:raises UserError: where this is no time, or written off"""
        if self.kind != "time":
            raise UserError(
                self.env._("%(entry)s of %(date)s is no time: it is not split.", **self._psa_told())
            )
        if self.state == "written_off":
            raise UserError(self._psa_fixed_message())

    def _psa_shares(self):
        """This part, and what other clients pay of the same work."""
        return self.search(
            [
                ("analytic_line_id", "=", self.analytic_line_id.id),
                ("slice_number", "=", self.slice_number),
                ("sale_line_id", "=", self.sale_line_id.id),
                ("state", "!=", "covered"),
            ]
        )

    def _psa_unshare(self):
        """What payers share of this entry is one part again, this one: it is shared anew when it is billed.

        :raises UserError: where one of them was billed its share, or a share was written off
        """
        shares = self._psa_shares()
        for part in shares:
            if part.state == "written_off" and not part.proposal_id:
                raise UserError(part._psa_reopen_message())
            if not part._psa_is_movable():
                raise UserError(part._psa_billed_share_message())
        shares._psa_take_back(refresh=False)
        others = shares.exists() - self
        whole, lines = self._psa_sum_with(others), others.proposal_line_id
        others.unlink()
        self.flush_model()
        self.write({**self._prepare_piece(whole), "payer_id": False})
        lines._psa_refresh()

    def _psa_billed_share_message(self):
        return self.env._(
            "%(entry)s of %(date)s is shared between paying clients, and one of them was billed its share, "
            "on %(proposal)s. Take that invoice or proposal back first: the hours are those of all of them.",
            proposal=(self.invoice_id or self.proposal_id).display_name,
            **self._psa_told(),
        )

    def _psa_slice_shares(self, hours):
        """Of all that payers pay of this work, ``hours`` become parts that wait by themselves, one a payer.

        :raises UserError: where one of them was billed its share, or a share was written off; or where that
            leaves nothing on one side
        """
        shares = self._psa_shares().sorted("part")
        for part in shares:
            if part.state == "written_off":
                raise UserError(part._psa_reopen_message())
            if part.state not in UNFIXED_STATES or part.proposal_line_id:
                raise UserError(part._psa_billed_share_message())
        line, unit = self.sale_line_id, dec(self.currency_id.rounding)
        how = line._psa_net_price(), unit, line._psa_quantity_unit()
        try:
            cut = cut_shares([part._psa_piece() for part in shares], dec(hours), *how)
        except ValueError:
            raise UserError(self._psa_no_such_hours_message(sum(shares.mapped("raw_hours")))) from None
        number, slice_number = self._psa_last_parts(self.analytic_line_id), self._psa_next_slice()
        created = []
        for part, (_rest, piece) in zip(shares, cut, strict=True):
            number[part.analytic_line_id] += 1
            values = {"part": number[part.analytic_line_id], "slice_number": slice_number}
            created.append({**part._psa_copy_values(), **self._prepare_piece(piece), **values})
        self._psa_write_pieces({part: rest for part, (rest, _piece) in zip(shares, cut, strict=True)})
        new = self.create(created)
        capped = self.order_id._psa_under_caps()
        if capped:
            self._psa_recut(capped)
        return new.exists()

    def _psa_no_such_hours_message(self, hours):
        return self.env._(
            "%(entry)s of %(date)s has %(hours)s hours here: give more than nothing, and not more than that.",
            hours=number_told(self.env, hours),
            **self._psa_told(),
        )

    def _psa_round_once(self):
        """All parts of an entry on one line are worth their quantity times its price together, rounded once:
        these parts of it take the cents."""
        for part in self.filtered(lambda part: part.state != "covered"):
            remainder = part._psa_left_on(part.sale_line_id, dec(part.billable_quantity))
            price, unit = part.sale_line_id._psa_net_price(), dec(part.currency_id.rounding)
            amount = amount_of(dec(part.billable_quantity), price, unit) + remainder
            part.write({"amount": float(amount), "remainder": float(remainder)})

    def _psa_others_on(self, line):
        """The other parts of the entry that ``line`` bills."""
        return self.search(
            [
                ("analytic_line_id", "=", self.analytic_line_id.id),
                ("sale_line_id", "=", line.id),
                ("state", "!=", "covered"),
                ("id", "!=", self.id),
            ]
        )

    def _psa_left_on(self, line, quantity):
        """Money (Decimal) beside ``quantity`` on ``line`` that the others there leave: ``left_beside``."""
        pieces = [part._psa_piece() for part in self._psa_others_on(line)]
        return left_beside(quantity, line._psa_net_price(), pieces, dec(line.currency_id.rounding))

    def _psa_leave(self, line):
        """This part has left ``line``: how a cap cut the money of the entry there is no matter any more.

        What waits there is worth its own quantity times the price. Where nothing waits, some cents of this
        part were billed with what was inside the cap: they go off this part.
        """
        waits = self._psa_others_on(line).filtered(
            lambda part: part._psa_is_movable() and part.state != "written_off" and not part.counterpart_ids
        )[:1]
        if waits:
            waits._psa_round_once()
            waits.proposal_line_id._psa_refresh()
        elif self.state != "covered" and (beside := float(self._psa_left_on(line, dec(0)))):
            self.write({"amount": self.amount + beside, "remainder": self.remainder + beside})

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
            raise UserError(self._psa_no_such_hours_message(self.raw_hours)) from None
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
        entry = self.analytic_line_id
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
            "retainer_line_id": line._psa_group_head().id if line._psa_is_drawn() else False,
            "retainer_period_id": False,
            "draw_rate": 0.0,
        }
        if target.psa_billing_model == TIME_MATERIAL:
            quantity = self._psa_quantity_on(line)
            price = line._psa_net_price()
            values |= {
                "state": "open",
                "billable_quantity": float(quantity),
                "unit_price": float(round_to(price, dec(0.000001))),
                "amount": float(amount_of(quantity, price, dec(self.currency_id.rounding))),
            }
        self.write(values)

    def _psa_quantity_on(self, line):
        """The billable quantity (Decimal) of this part on ``line``: what rounding made billable goes along;
        what was covered is rounded for itself."""
        unit_hours, smallest = dec(line._psa_unit_hours() or 1), line._psa_quantity_unit()
        carried = self._psa_carried_by_slices(line)
        if self.state == "covered":
            terms = line._psa_rounding()
            exact = to_increment(dec(self.raw_hours), terms.rounding_minutes, terms.rounding_direction)
            return nearest(exact / unit_hours, carried, smallest)
        own_unit = dec(self.sale_line_id._psa_unit_hours())
        hours = dec(self.billable_quantity) * own_unit
        if own_unit != unit_hours and abs(hours - dec(self.raw_hours)) < own_unit * smallest:
            # an hour is 0.13 of a day of eight; back in hours it is one again, not 1.04
            hours = dec(self.raw_hours)
        return nearest(hours / unit_hours, carried, smallest)

    def _psa_carried_by_slices(self, line):
        """The quantity (Decimal) that rounding took off the parts that were moved to ``line`` before and
        still wait, or stand on a draft proposal; below zero what it added. See ``core.rounding.nearest``.

        Time that is rounded to an increment goes along as it was rounded: nothing is carried.
        """
        if not line._psa_is_uneven() or line._psa_rounding().rounding_minutes:
            return dec(0)
        moved = self.search(
            [
                ("sale_line_id", "=", line.id),
                ("slice_number", "!=", 0),
                ("payer_id", "=", False),
                ("retainer_line_id", "=", False),
                ("id", "not in", self.ids),
                "|",
                ("state", "in", UNFIXED_STATES),
                "&",
                ("state", "=", "proposed"),
                ("proposal_line_id.proposal_state", "in", EDITABLE_STATES),
            ]
        )
        unit_hours, smallest = dec(line._psa_unit_hours()), line._psa_quantity_unit()
        lost = [dec(part.raw_hours) / unit_hours - dec(part.billable_quantity) for part in moved]
        # more than that is no rounding: the part was changed
        return sum((one for one in lost if abs(one) < smallest), dec(0))
