"""Adjustments on lines of proposals; the rules are ``core.adjustment``."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.adjustment import direction_of, taken_off
from ..core.money import dec
from .rights import check_reviewer


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    is_added = fields.Boolean(string="Added", help="Added to the proposal in its review.")
    fixed_adjustment = fields.Monetary(
        readonly=True, help="What the review added to a fixed price, below zero what it took off."
    )
    adjustment_ids = fields.One2many(
        "psa.adjustment", "proposal_line_id", string="Adjustments", domain=[("state", "=", "done")]
    )
    adjustment_reason = fields.Char(string="Reason", compute="_compute_adjustment_reason", compute_sudo=True)

    @api.depends("adjustment_ids.reason_id", "adjustment_ids.state")
    def _compute_adjustment_reason(self):
        for line in self:
            reasons = line.adjustment_ids.reason_id.mapped("name")
            line.adjustment_reason = ", ".join(dict.fromkeys(reasons)) or False

    # -- what a button calls ---------------------------------------------------------------

    def action_adjust(self):
        """Ask what these lines bill instead, and why."""
        check_reviewer(self)
        self.proposal_id._psa_check_editable()
        return self.env["psa.adjust.work"]._psa_open(self)

    def action_edit_text(self):
        """Ask for the text on the invoice."""
        self.ensure_one()
        check_reviewer(self)
        self.proposal_id._psa_check_editable()
        return self.env["psa.edit.text"]._psa_open(self)

    def action_undo_adjustments(self):
        """Take back what was written off, written up or added on these lines.

        :raises UserError: where nothing was, or the proposal is approved or invoiced already
        """
        check_reviewer(self)
        # sudo: the right to review was checked; nobody may write proposals directly
        adjustments = self.sudo().adjustment_ids.filtered(lambda adjustment: adjustment.state == "done")
        if not adjustments:
            raise UserError(self.env._("Nothing on these lines is written off, written up or added."))
        adjustments._psa_undo()

    def action_view_adjustments(self):
        """What was written off and up on the lines, with the reasons."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_adjustment_action")
        return {**action, "domain": [("proposal_line_id", "in", self.ids)], "context": {}}

    # -- rules -----------------------------------------------------------------------------

    def _psa_foreign_projects(self, user):
        """Projects that others than ``user`` lead, whose review these lines are."""
        return self.proposal_id._psa_foreign_projects(user)

    def _psa_write_off(self, reason, note=None):
        """These lines bill nothing: their work is written off, and fixed amounts are taken off."""
        self._psa_check_adjustable()
        work = self.wip_ids.filtered(lambda entry: entry.state == "proposed")
        adjustments = work._psa_write_off(reason, note) if work else self.env["psa.adjustment"]
        for line in self._psa_fixed():
            adjustments += line._psa_adjust_fixed(-line.amount, reason, note)
        return adjustments

    def _psa_bill_amount(self, amount, reason, note=None):
        """These lines come to ``amount`` together exactly, pro rata to what they bill.

        :param amount: without taxes, in the currency of the SOW
        :raises UserError: where it would change the sign: more would be written off than there is
        """
        self._psa_check_adjustable()
        total, target = sum(dec(line.amount) for line in self), dec(self.currency_id.round(amount))
        work = self.wip_ids.filtered(lambda entry: entry.state == "proposed" and entry.amount)
        fixed = self._psa_fixed().filtered("amount")
        amounts = [dec(record.amount) for record in (*work, *fixed)]
        unit = dec(self.currency_id.rounding)
        try:
            shares = taken_off(total, target, amounts, unit)
        except ValueError:
            raise UserError(
                self.env._(
                    "There is %(amount)s to bill here: not more than that can be written off, and nothing "
                    "can be written up where there is nothing. Press “Add a Line” on the proposal instead.",
                    amount=self.currency_id.format(float(total)),
                )
            ) from None
        adjustments = self.env["psa.adjustment"]
        if work:
            adjustments += work._psa_take_off(dict(zip(work, shares, strict=False)), reason, note)
        for line, share in zip(fixed, shares[len(work) :], strict=True):
            if share:
                adjustments += line._psa_adjust_fixed(-float(share), reason, note)
        return adjustments

    def _psa_check_adjustable(self):
        self.proposal_id._psa_check_editable()
        held = self.filtered("is_held")
        if held:
            raise UserError(
                self.env._("%s is held: release it before you adjust it.", held[0].sale_line_id.display_name)
            )
        added = self.filtered("is_added")
        if added and len(self) == len(added):
            raise UserError(
                self.env._("%s was added here: take it back and add it with the right amount.", added[0].name)
            )

    def _psa_fixed(self):
        """The lines among these that bill no work: fixed prices and milestones."""
        return self.filtered(lambda line: not line.sale_line_id._psa_is_time_material() and not line.is_added)

    def _psa_adjust_fixed(self, amount, reason, note):
        """``amount`` more is billed on this line of a fixed price, or less where it is below zero."""
        adjustment = self._psa_note_adjustment(amount, reason, note)
        self._psa_refresh()
        self.sale_line_id._psa_agreement_cap_changed(more=amount > 0)
        return adjustment

    def _psa_note_adjustment(self, amount, reason, note):
        self.ensure_one()
        return self.env["psa.adjustment"].create(
            {
                "kind": direction_of(dec(amount), 1),
                "reason_id": reason.id,
                "note": note,
                "order_id": self.sale_line_id.order_id._psa_sow().id,
                "sale_line_id": self.sale_line_id.id,
                "proposal_id": self.proposal_id.id,
                "proposal_line_id": self.id,
                "amount": amount,
            }
        )

    def _psa_refresh_fixed(self):
        """What is adjusted on these lines of fixed prices."""
        if not self:
            return
        rows = self.env["psa.adjustment"]._read_group(
            [("proposal_line_id", "in", self.ids), ("state", "=", "done"), ("on_work", "=", False)],
            ["proposal_line_id"],
            ["amount:sum"],
        )
        adjusted = dict(rows)
        for line in self.filtered(lambda line: not line.is_added):
            more = dec(adjusted.get(line, 0.0)) - dec(line.fixed_adjustment)
            if more:
                line.write(
                    {
                        "fixed_adjustment": adjusted.get(line, 0.0),
                        "remainder": float(dec(line.remainder) + more),
                        "amount": float(dec(line.amount) + more),
                    }
                )

    def _psa_with_money(self):
        """The lines among these that bill something, also where money that was taken off one entry and added
        to another sums to nothing; see ``_psa_cancelled_out``."""
        worth = (self - self._psa_cancelled_out()).wip_ids.filtered(
            lambda part: part.state == "proposed" and not part.currency_id.is_zero(part.amount)
        )
        return self.filtered(
            lambda line: (
                line.is_added or not line.currency_id.is_zero(line.amount) or bool(line.wip_ids & worth)
            )
        )

    def _psa_cancelled_out(self):
        """The lines among these whose work is taken back by its corrections: quantities and money come to
        nothing."""
        work = self.wip_ids.filtered(lambda part: part.state == "proposed").grouped("proposal_line_id")
        return self.filtered(
            lambda line: (
                not line.is_added
                and line.currency_id.is_zero(line.amount)
                and any(work.get(line, line.wip_ids.browse()).mapped("amount"))
                and not sum(dec(part.billable_quantity) for part in work[line])
                and not sum(dec(part.amount) for part in work[line])
            )
        )

    def _psa_for_nothing(self):
        """The lines among these whose work was agreed for nothing, by a discount of all of its price."""
        free = self.filtered(
            lambda line: (
                not line.is_added
                and line.currency_id.is_zero(line.amount)
                and not line.sale_line_id._psa_net_price()
                and not line.sale_line_id._psa_is_unpriced()
            )
        )
        return free.filtered(lambda line: any(part.state == "proposed" for part in line.wip_ids))

    def _psa_write_off_proposed(self, reason):
        """:param str reason: external id of the reason"""
        work = self.wip_ids.filtered(lambda part: part.state == "proposed")
        if work:
            work._psa_write_off(self.env.ref(reason))

    # -- undo ------------------------------------------------------------------------------

    def _psa_without_work(self):
        """The lines among these that bill no work any more, and all lines of proposals that bill none."""
        proposals = self.proposal_id
        rows = self.env["psa.wip.entry"]._read_group(
            [("proposal_line_id", "in", proposals.line_ids.ids), ("state", "in", ("proposed", "billed"))],
            ["proposal_line_id"],
        )
        busy = self.browse().union(*(line for (line,) in rows))
        idle = proposals.filtered(lambda proposal: not proposal.line_ids & busy)
        return (self - busy) | idle.line_ids

    def _psa_undo_written_off(self):
        """Work that was written off on these lines waits as it was rated."""
        off = self.env["psa.wip.entry"].search(
            [("proposal_line_id", "in", self.ids), ("state", "=", "written_off")]
        )
        if not off:
            return
        adjustments, orders = off.adjustment_id, off.order_id
        kept = off._psa_gather()
        kept.write(
            {"state": "open", "proposal_line_id": False, "adjustment_id": False, "adjusts_wip_id": False}
        )
        adjustments._psa_settle()
        costs = kept._psa_cost_entries()
        kept._psa_recut(orders._psa_under_caps())
        costs._psa_cut_to_limits()

    def _psa_undo_fixed_adjustments(self):
        """What was taken off or added on these lines beside the work is not billed any more."""
        self.env["psa.adjustment"].search(
            [("proposal_line_id", "in", self.ids), ("on_work", "=", False), ("state", "=", "done")]
        )._psa_close()

    # -- on the invoice --------------------------------------------------------------------

    def _psa_decision_name(self):
        """What the client reads where money was taken off or added in the review."""
        self.ensure_one()
        texts = set(self.adjustment_ids.reason_id.mapped("invoice_text"))
        text = texts.pop() if len(texts) == 1 else False
        return f"{text or self.env._('Adjustment')}: {self.name or self.sale_line_id.name}"

    def _psa_settle_fixed_adjustments(self):
        """Lines of fixed prices of which credit notes took back all bill no adjustment any more."""
        adjusted = self.adjustment_ids.filtered(lambda adjustment: not adjustment.on_work).proposal_line_id
        if not adjusted:
            return
        billing = self.env["account.move.line"].search(
            [("psa_proposal_line_id", "in", adjusted.ids), ("parent_state", "!=", "cancel")]
        )
        left = billing._psa_billed_quantity()
        billed = billing.filtered(lambda line: left[line]).psa_proposal_line_id
        (adjusted - billed)._psa_undo_fixed_adjustments()
