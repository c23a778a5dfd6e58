"""The priced difference between worked and billed: who decided it, when, and why."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .psa_billing_proposal import EDITABLE_STATES
from .rights import check_reviewer


class PsaAdjustmentReason(models.Model):
    _name = "psa.adjustment.reason"
    _description = "Reason of an Adjustment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    used_for = fields.Selection(
        [("write_off", "Write-Offs"), ("write_up", "Write-Ups"), ("both", "Both")],
        required=True,
        default="both",
        help="Write-offs bill less than was worked, write-ups more. The reason is offered where it fits; the "
        "first that fits is proposed.",
    )
    needs_note = fields.Boolean(
        string="Note Needed", help="Who adjusts for this reason has to say more in a note."
    )
    invoice_text = fields.Char(
        string="Text on the Invoice",
        translate=True,
        help="Heads the line of the invoice that takes off or adds money for this reason. "
        "Empty: the client reads “Adjustment”.",
    )
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")

    @api.model
    def _psa_domain(self, direction, company):
        """Reasons that a company has for a ``direction``; where there is none, all of its reasons."""
        domain = Domain("company_id", "in", [False, company.id])
        return domain & Domain("used_for", "in", ["both", direction]) if direction else domain

    def _psa_fits(self, direction):
        self.ensure_one()
        return not direction or self.used_for in ("both", direction)

    def _psa_check(self, direction, note):
        """:raises ValidationError: where this reason is none for that direction, or has to be explained and
        is not"""
        self.ensure_one()
        if not self._psa_fits(direction):
            messages = {
                "write_off": self.env._(
                    "This bills less than before, and “%s” is a reason to bill more. Choose another one.",
                    self.display_name,
                ),
                "write_up": self.env._(
                    "This bills more than before, and “%s” is a reason to bill less. Choose another one.",
                    self.display_name,
                ),
            }
            raise ValidationError(messages[direction])
        if self.needs_note and not (note or "").strip():
            raise ValidationError(
                self.env._("The reason “%s” needs a note: say what happened.", self.display_name)
            )


class PsaAdjustment(models.Model):
    """One decision on the work of one SOW line: so that each opens with its reason.

    What was written off are the WIP entries that name the adjustment; a fixed price has none, there the
    amount of the adjustment itself is on the proposal line. Amounts are in the currency of the SOW, without
    taxes: below zero is written off, above zero is written up.
    """

    _name = "psa.adjustment"
    _description = "Billing Adjustment"
    _order = "id desc"

    kind = fields.Selection(
        [("write_off", "Write-Off"), ("write_up", "Write-Up")], required=True, readonly=True
    )
    state = fields.Selection(
        [("done", "Done"), ("undone", "Taken Back")], default="done", required=True, readonly=True, index=True
    )
    date = fields.Date(required=True, readonly=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        "res.users", string="By", required=True, readonly=True, default=lambda self: self.env.user
    )
    reason_id = fields.Many2one("psa.adjustment.reason", required=True, readonly=True, ondelete="restrict")
    note = fields.Text(readonly=True)
    order_id = fields.Many2one(
        "sale.order", string="SOW", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="order_id.partner_id", string="Client", store=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id", store=True)
    sale_line_id = fields.Many2one(
        "sale.order.line", string="SOW Line", readonly=True, required=True, index=True, ondelete="restrict"
    )
    proposal_id = fields.Many2one(
        "psa.billing.proposal", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    proposal_line_id = fields.Many2one(
        "psa.billing.proposal.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    wip_ids = fields.One2many("psa.wip.entry", "adjustment_id", string="Work", readonly=True)
    on_work = fields.Boolean(readonly=True, help="Whether it adjusts time and expenses, not a fixed amount.")
    hours = fields.Float(readonly=True, help="Hours as entered that it takes off.")
    quantity = fields.Float(digits="Product Unit", readonly=True, help="In the unit of the SOW line.")
    amount = fields.Monetary(readonly=True, help="Without taxes. Below zero: written off.")

    @api.depends("kind", "reason_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for adjustment in self:
            adjustment.display_name = f"{kinds.get(adjustment.kind, '')}: {adjustment.reason_id.name or ''}"

    def action_undo(self):
        """Take these adjustments back: their work is billed, or waits, as it was rated.

        :raises AccessError: for users who may not review them
        :raises UserError: where the proposal is approved or invoiced already, or a cap leaves no room
        """
        check_reviewer(self)
        # sudo: the right to review was checked; adjustments are written by their buttons only
        self.sudo().filtered(lambda adjustment: adjustment.state == "done")._psa_undo()

    def action_view_wip(self):
        """The work that was written off or up."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_wip_entry_action")
        return {**action, "domain": [("adjustment_id", "in", self.ids)], "context": {}}

    def _psa_foreign_projects(self, user):
        """Projects that others than ``user`` lead, whose review these adjustments are."""
        return self.wip_ids._psa_foreign_projects(user) | self.proposal_id._psa_foreign_projects(user)

    def _psa_undo(self):
        self.proposal_id._psa_check_editable()
        self.wip_ids._psa_take_back()
        fixed = self.filtered(lambda adjustment: not adjustment.on_work)
        fixed._psa_close()
        more = any(amount < 0 for amount in fixed.mapped("amount"))
        fixed.sale_line_id._psa_agreement_cap_changed(more=more)

    def _psa_close(self):
        """These adjust no fixed amount any more; what they did stays on record."""
        open_ones = self.filtered(lambda adjustment: adjustment.state == "done")
        open_ones.write({"state": "undone"})
        lines = open_ones.proposal_line_id
        added = lines.filtered("is_added")
        added.sale_line_id.product_uom_qty = 0
        lines = lines.filtered(lambda line: line.proposal_state in EDITABLE_STATES)
        (lines & added).unlink()
        (lines - added)._psa_refresh()

    def _psa_settle(self):
        """After work was taken back: an adjustment is worth what is still written off for it."""
        adjustments = self.exists().filtered("on_work")
        if not adjustments:
            return
        rows = self.env["psa.wip.entry"]._read_group(
            [("adjustment_id", "in", adjustments.ids)],
            ["adjustment_id"],
            ["raw_hours:sum", "billable_quantity:sum", "amount:sum"],
        )
        left = {adjustment: values for adjustment, *values in rows}
        (adjustments - self.browse().union(*left)).write({"state": "undone"})
        for adjustment, (hours, quantity, amount) in left.items():
            values = {"hours": -hours, "quantity": -quantity, "amount": -amount}
            if any(round(adjustment[name], 6) != round(value, 6) for name, value in values.items()):
                adjustment.write(values)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """:raises UserError: always: an adjustment is taken back, not deleted"""
        raise UserError(self.env._("Adjustments are kept as the record of billing. Take them back instead."))
