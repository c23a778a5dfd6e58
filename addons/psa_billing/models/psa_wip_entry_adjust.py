"""Work that is written off or up, split, or taken back; the rules are ``core.adjustment``.

What is written off is a part of its entry in the state written off, which names its adjustment. The part
that it was taken from names nothing: the counterpart names it (``adjusts_wip_id``). Hours, quantities and
amounts of the two always sum to what was rated, so whatever gives work back adds them up again.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.psa_contracts.models.numbers import number_told

from ..core.adjustment import Piece, at_amount, at_quantity, direction_of, less, taken_off
from ..core.money import dec, round_to
from .psa_billing_proposal import EDITABLE_STATES
from .psa_wip_entry import SUMMED_FIELDS, UNFIXED_STATES
from .rights import REVIEWER_GROUPS, check_reviewer


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    adjustment_id = fields.Many2one(
        "psa.adjustment",
        string="Decision",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=REVIEWER_GROUPS,
    )
    adjusts_wip_id = fields.Many2one(
        "psa.wip.entry",
        string="Adjusts",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The part of the entry that this one was written off from.",
    )
    counterpart_ids = fields.One2many("psa.wip.entry", "adjusts_wip_id", string="Written Off From It")
    worked_hours = fields.Float(
        string="Hours Worked", compute="_compute_worked", help="Hours as entered, with what was written off."
    )
    billed_quantity = fields.Float(
        string="To Bill (Quantity)",
        compute="_compute_worked",
        digits="Product Unit",
        help="In the unit of the SOW line, after adjustments.",
    )
    worked_amount = fields.Monetary(compute="_compute_worked", help="As rated, before adjustments.")
    billed_amount = fields.Monetary(string="To Bill", compute="_compute_worked", help="After adjustments.")
    adjustment_amount = fields.Monetary(
        string="Adjustment", compute="_compute_worked", help="To bill less worked."
    )
    adjustment_reason = fields.Char(string="Reason", compute="_compute_adjustment_reason")
    is_editable = fields.Boolean(compute="_compute_is_editable", compute_sudo=True)
    can_take_back = fields.Boolean(compute="_compute_is_editable", compute_sudo=True)

    _written_off_for_a_reason = models.Constraint(
        "CHECK((state = 'written_off') = (adjustment_id IS NOT NULL))",
        "Work that is written off names its adjustment, and no other work does.",
    )

    @api.depends(
        "raw_hours",
        "billable_quantity",
        "amount",
        "state",
        "counterpart_ids.amount",
        "counterpart_ids.raw_hours",
    )
    def _compute_worked(self):
        for entry in self:
            off = entry.counterpart_ids
            billed = 0.0 if entry.state == "written_off" else entry.amount
            entry.billed_quantity = 0.0 if entry.state == "written_off" else entry.billable_quantity
            entry.worked_hours = entry.raw_hours + sum(off.mapped("raw_hours"))
            entry.worked_amount = entry.amount + sum(off.mapped("amount"))
            entry.billed_amount = billed
            entry.adjustment_amount = billed - entry.worked_amount

    @api.depends("adjustment_id", "counterpart_ids.adjustment_id")
    def _compute_adjustment_reason(self):
        entries = self.sudo()  # sudo: the reason stands where the amount stands
        # read at once, not entry by entry
        (entries | entries.counterpart_ids).adjustment_id.reason_id.fetch(["name"])
        for entry in entries:
            reasons = (entry | entry.counterpart_ids).adjustment_id.reason_id.mapped("name")
            entry.adjustment_reason = ", ".join(dict.fromkeys(reasons)) or False

    @api.depends("state", "proposal_line_id.proposal_state", "counterpart_ids")
    def _compute_is_editable(self):
        for entry in self:
            on_proposal = entry.proposal_line_id
            entry.is_editable = (
                on_proposal.proposal_state in EDITABLE_STATES
                if on_proposal
                else entry.state in UNFIXED_STATES
            )
            adjusted = entry.state == "written_off" or bool(entry.counterpart_ids)
            entry.can_take_back = adjusted and (
                not on_proposal or on_proposal.proposal_state in EDITABLE_STATES
            )

    # -- what a button calls ---------------------------------------------------------------

    def action_adjust(self):
        """Ask what is billed instead of these entries, and why."""
        check_reviewer(self)
        self._psa_check_adjustable()
        return self.env["psa.adjust.work"]._psa_open(self)

    def action_split(self):
        """Ask how much of the entry becomes a part of its own."""
        self.ensure_one()
        check_reviewer(self)
        self._psa_check_adjustable()
        return self.env["psa.split.work"]._psa_open(self)

    def action_move(self):
        """Ask on which line of the SOW these entries go."""
        check_reviewer(self)
        action = self.env["psa.move.work"]._psa_open(self)
        # what moves is rated again, as another record: the form has to go on with that one
        return {**action, "context": {"psa_from_form": self.env.context.get("psa_from_form", False)}}

    def action_undo_adjustments(self):
        """Take back what was written off or up of these entries.

        :raises UserError: where nothing was, or it is approved or invoiced already
        """
        check_reviewer(self)
        # sudo: the right to review was checked; nobody writes the work directly
        entries = self.sudo()
        if not (entries | entries.counterpart_ids).filtered(lambda entry: entry.state == "written_off"):
            raise UserError(self.env._("Nothing of these entries is written off or up."))
        entries._psa_take_back()

    # -- rules -----------------------------------------------------------------------------

    def _psa_foreign_projects(self, user):
        """Projects that others than ``user`` lead, whose review these entries are."""
        return self.project_id.filtered(lambda project: project.user_id and project.user_id != user)

    def _psa_check_adjustable(self):
        """:raises UserError: where an entry is billed, approved for it, covered or written off already"""
        for entry in self:
            if entry.state not in (*UNFIXED_STATES, "proposed"):
                raise UserError(entry._psa_fixed_message())
        self.proposal_id._psa_check_editable()

    def _psa_check_on_proposal(self):
        """:raises UserError: where an entry stands on no proposal that is still worked on"""
        self._psa_check_adjustable()
        waiting = self.filtered(lambda entry: entry.state != "proposed")
        if waiting:
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s is on no proposal: only all of it can be written off here. To "
                    "bill another quantity or amount, change it on its proposal, once a billing run has "
                    "made one.",
                    entry=waiting[0].name or "",
                    date=format_date(self.env, waiting[0].date),
                )
            )

    def _psa_fixed_message(self):
        self.ensure_one()
        if self.state == "billed":
            return self._psa_reopen_message()
        values = {"entry": self.name or "", "date": format_date(self.env, self.date)}
        if self.state == "covered":
            return self.env._(
                "%(entry)s of %(date)s is covered by %(line)s: it is not billed by itself, there is nothing "
                "to adjust.",
                line=self.sale_line_id.display_name,
                **values,
            )
        return self.env._(
            "%(entry)s of %(date)s is written off. Take that back first, then adjust it.", **values
        )

    def _psa_piece(self):
        self.ensure_one()
        return Piece(*(dec(self[name]) for name in SUMMED_FIELDS))

    @staticmethod
    def _prepare_piece(piece):
        return {
            "raw_hours": float(piece.raw_hours),
            "billable_quantity": float(piece.quantity),
            "amount": float(piece.amount),
            "remainder": float(piece.remainder),
        }

    # -- write off, write up ---------------------------------------------------------------

    def _psa_write_off(self, reason, note=None):
        """All of these entries is written off; caps are consumed anew.

        :return: ``psa.adjustment``, one a line
        """
        self._psa_check_adjustable()
        adjustments = self.env["psa.adjustment"]
        lines, corrected = self.proposal_line_id, self._psa_corrections_under_caps()
        with corrected._psa_keeping_caps():
            for sale_line, line, entries in self._psa_by_line():
                pieces = [entry._psa_piece() for entry in entries]
                adjustment = entries._psa_adjustment_of(sale_line, line, pieces, reason, note)
                entries.write(
                    {"state": "written_off", "adjustment_id": adjustment.id}
                    # what was held line by line, or waits, is written off outside of any proposal
                    | ({} if line else {"proposal_line_id": False})
                )
                adjustments += adjustment
            self._psa_adjusted(lines, more=bool(corrected))
        return adjustments

    def _psa_by_line(self):
        """(SOL, proposal line, entries) of these entries."""
        for (sale_line, line), entries in self.grouped(
            lambda entry: (entry.sale_line_id, entry.proposal_line_id)
        ).items():
            yield sale_line, line, entries

    def _psa_adjustment_of(self, sale_line, line, pieces, reason, note):
        """The record of what ``pieces`` are written off on a line."""
        amount = float(sum(piece.amount for piece in pieces))
        return self.env["psa.adjustment"].create(
            {
                "kind": direction_of(dec(-amount), -1),
                "reason_id": reason.id,
                "note": note,
                "order_id": self.order_id.id,
                "sale_line_id": sale_line.id,
                "proposal_id": line.proposal_id.id,
                "proposal_line_id": line.id,
                "on_work": True,
                "hours": -float(sum(piece.raw_hours for piece in pieces)),
                "quantity": -float(sum(piece.quantity for piece in pieces)),
                "amount": -amount,
            }
        )

    def _psa_bill_quantity(self, quantity, reason, note=None):
        """``quantity`` of this entry is billed instead of what was rated, in the unit of its line.

        :raises UserError: where the quantity has the other sign, or a cap, or a limit for expenses, leaves
            no room
        """
        self.ensure_one()
        price, unit = self.sale_line_id._psa_net_price(), dec(self.currency_id.rounding)
        wanted = round_to(dec(quantity), self.sale_line_id._psa_quantity_unit())
        return self._psa_bill_as(lambda rated: at_quantity(rated, wanted, price, unit), reason, note)

    def _psa_bill_amount(self, amount, reason, note=None):
        """``amount`` is billed for this entry instead of what was rated; its hours stay.

        :raises UserError: where the amount has the other sign, or a cap, or a limit for expenses, leaves
            no room
        """
        self.ensure_one()
        wanted = dec(self.currency_id.round(amount))
        return self._psa_bill_as(lambda rated: at_amount(rated, wanted), reason, note)

    def _psa_bill_as(self, cut, reason, note):
        """:param cut: from the ``Piece`` that was rated to (``Piece`` billed, ``Piece`` written off)"""
        self._psa_check_on_proposal()
        before = dec(self.amount)
        with self.order_id._psa_under_caps()._psa_keeping_caps():
            self._psa_take_back(refresh=False)
            try:
                pair = cut(self._psa_piece())
            except ValueError:
                raise UserError(self._psa_too_much_message()) from None
            return self._psa_cut_off({self: pair}, reason, note, more=pair[0].amount > before)

    def _psa_bill_amount_of_all(self, amount, reason, note=None):
        """``amount`` is billed for these entries together, pro rata to what is billed of each.

        :raises UserError: where the amount has the other sign, or the entries come to nothing
        """
        self._psa_check_on_proposal()
        if len(self.proposal_id) > 1:
            raise UserError(self.env._("Choose entries of one proposal to bill another amount of them."))
        work = self.filtered("amount")
        total, target = sum(dec(entry.amount) for entry in work), dec(self.currency_id.round(amount))
        amounts, unit = [dec(entry.amount) for entry in work], dec(self.currency_id.rounding)
        try:
            shares = taken_off(total, target, amounts, unit)
        except ValueError:
            raise UserError(
                self.env._(
                    "These entries come to %(amount)s: not more than that can be written off, and nothing "
                    "can be written up where there is nothing. Press “Add a Line” on the proposal instead.",
                    amount=self.currency_id.format(float(total)),
                )
            ) from None
        return work._psa_take_off(dict(zip(work, shares, strict=True)), reason, note)

    def _psa_take_off(self, shares, reason, note=None):
        """Money is taken off these proposed entries, or added where it is below zero.

        :param shares: ``{entry: amount}``
        """
        self._psa_check_on_proposal()
        pairs = {entry: less(entry._psa_piece(), share) for entry, share in shares.items() if share}
        more = any(share < 0 for share in shares.values())
        with (self.order_id if more else self.order_id.browse())._psa_under_caps()._psa_keeping_caps():
            return self.browse().union(*pairs)._psa_cut_off(pairs, reason, note, more)

    def _psa_quantity_told(self):
        """The billable quantity with its unit, in words."""
        return f"{number_told(self.env, self.billable_quantity)} {self.sale_line_id.product_uom_id.name}"

    def _psa_too_much_message(self):
        return self.env._(
            "%(entry)s of %(date)s is worth %(amount)s (%(quantity)s): not more than that can be written "
            "off, and what is worth nothing not written up. Press “Add a Line” on the proposal instead.",
            entry=self.name or "",
            date=format_date(self.env, self.date),
            amount=self.currency_id.format(self.amount),
            quantity=self._psa_quantity_told(),
        )

    def _psa_cut_off(self, pairs, reason, note, more):
        """Bring each entry to what is billed of it, and write off the counterpart.

        :param pairs: ``{entry: (Piece billed, Piece written off)}``
        :param more: whether more is billed than before this decision
        :return: ``psa.adjustment``, one a line
        """
        adjustments = self.env["psa.adjustment"]
        lines, written_off = self.proposal_line_id, {}
        number = self._psa_last_parts(self.analytic_line_id)
        for sale_line, line, entries in self._psa_by_line():
            pieces = [pairs[entry][1] for entry in entries]
            adjustment = entries._psa_adjustment_of(sale_line, line, pieces, reason, note)
            adjustments += adjustment
            for entry in entries:
                number[entry.analytic_line_id] += 1
                written_off[entry] = (pairs[entry][1], adjustment, number[entry.analytic_line_id])
        self._psa_write_pieces({entry: pairs[entry][0] for entry in written_off})
        self._psa_create_counterparts(written_off)
        self._psa_adjusted(lines, more)
        return adjustments

    def _psa_adjusted(self, lines, more=True):
        """Sum up the proposal lines and cut what waits anew: an adjustment gives room under a cap, or
        takes it.

        What goes over a cap is the caller's to refuse; see ``sale.order._psa_keeping_caps``.

        :param more: whether more than before may be billed
        :raises UserError: where what is proposed now goes over a limit for expenses
        """
        self.exists()._psa_cost_entries()._psa_give_back_anew()
        lines.exists()._psa_refresh()
        work = self.exists()
        if more:
            work._psa_check_expense_limits()
        capped = work.order_id._psa_under_caps()
        if capped:
            self._psa_recut(capped)
