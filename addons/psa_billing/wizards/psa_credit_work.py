"""A credit note of chosen work or units of an invoice that came from a proposal."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.psa_contracts.models.numbers import number_told

from ..core.money import dec
from ..models.rights import check_billing_manager


class PsaCreditWork(models.TransientModel):
    _name = "psa.credit.work"
    _description = "Credit Work"

    move_id = fields.Many2one("account.move", string="Invoice", required=True, readonly=True)
    currency_id = fields.Many2one(related="move_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today, help="Date of the credit note.")
    reason = fields.Char(help="Stands on the credit note.")
    wip_ids = fields.Many2many(
        "psa.wip.entry",
        string="Entries",
        domain="[('invoice_line_id.move_id', '=', move_id), ('state', '=', 'billed')]",
        help="Exactly this work is credited and waits to be billed again.",
    )
    line_ids = fields.One2many("psa.credit.work.line", "wizard_id", string="Lines")
    amount = fields.Monetary(compute="_compute_amount", string="To Credit", help="Without taxes.")

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.line_ids.mapped("amount"))

    @api.model
    def default_get(self, fields):
        """:raises AccessError: for an invoice that the user may not read
        :raises UserError: where the record that the wizard is opened on cannot be credited
        """
        values = super().default_get(fields)
        move = self.env["account.move"].browse(values.get("move_id") or self.env.context.get("active_id"))
        move.check_access("read")
        lines = move._psa_creditable_lines()
        left = lines._psa_billed_quantity()
        rows = [Command.create({"invoice_line_id": line.id, "billed": float(left[line])}) for line in lines]
        return {**values, "move_id": move.id, "line_ids": rows}

    def action_credit(self):
        """Make the draft credit note and open it.

        :raises AccessError: for users who are no billing managers
        :raises UserError: where nothing is chosen, or more than is billed, or what another note credits, or
            corrections that come to more than the other work
        """
        self.ensure_one()
        check_billing_manager(self.move_id)
        self.move_id._psa_creditable_lines()
        self._check_choice()
        note = self.move_id._reverse_moves(
            [
                {
                    "invoice_date": self.date,
                    "date": self.date,
                    "ref": self.reason or self.env._("Reversal of: %s", self.move_id.name),
                }
            ]
        )
        quantities = {line.invoice_line_id.id: line.quantity for line in self.line_ids}
        # sudo: which entries go is read; the right to press the button was checked
        note._psa_credit_only(quantities, self.wip_ids.sudo())
        self._check_note(note)
        for line in note.invoice_line_ids:
            chosen = self.wip_ids.filtered(
                lambda entry, line=line: entry.invoice_line_id == line.psa_credits_line_id
            )
            # sudo: what the note credits is kept by its buttons only; the right to press them was checked
            chosen.sudo()._psa_note_credit(line)
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_refund_type")
        views = [view for view in action["views"] if view[1] == "form"] or [(False, "form")]
        return {**action, "views": views, "res_id": note.id}

    def _check_note(self, note):
        if note.currency_id.compare_amounts(note.amount_total, 0) < 0:
            raise UserError(
                self.env._(
                    "What you chose of %(invoice)s comes to %(amount)s: corrections alone would make a new "
                    "bill. Choose with them work that comes to as much or more.",
                    invoice=self.move_id.name,
                    amount=note.currency_id.format(note.amount_untaxed),
                )
            )

    def _check_choice(self):
        if not any(self.line_ids.mapped("quantity")):
            raise UserError(
                self.env._("Choose the entries, or enter the quantities, that %s credits.", self.move_id.name)
            )
        left = self.line_ids.invoice_line_id._psa_billed_quantity()
        for line in self.line_ids:
            there = left[line.invoice_line_id]  # below zero where corrections were billed
            if not min(there, 0) <= dec(round(line.quantity, 6)) <= max(there, 0):
                raise UserError(
                    self.env._(
                        "%(line)s: %(left)s can be credited, not %(quantity)s.",
                        line=(line.name or "").split("\n")[0],
                        left=number_told(self.env, float(there)),
                        quantity=number_told(self.env, line.quantity),
                    )
                )
        strangers = self.wip_ids.filtered(lambda entry: entry.invoice_id != self.move_id)
        if strangers:
            raise UserError(
                self.env._(
                    "%(entry)s is not billed by %(invoice)s.",
                    entry=strangers[0].display_name,
                    invoice=self.move_id.name,
                )
            )
        # sudo: what draft notes will credit counts, whoever sees them
        taken = self.env["psa.credited.work"].sudo().search([("wip_id", "in", self.wip_ids.ids)], limit=1)
        if taken:
            raise UserError(
                self.env._(
                    "%(entry)s is credited by the draft %(note)s already. Post it, or delete it first.",
                    entry=taken.wip_id.display_name,
                    note=taken.move_id.display_name,
                )
            )


class PsaCreditWorkLine(models.TransientModel):
    _name = "psa.credit.work.line"
    _description = "Credit Work Line"

    wizard_id = fields.Many2one("psa.credit.work", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="invoice_line_id.currency_id")
    invoice_line_id = fields.Many2one("account.move.line", required=True, readonly=True)
    name = fields.Char(related="invoice_line_id.name", related_sudo=False, string="Line")
    billed = fields.Float(
        digits="Product Unit", readonly=True, help="On the invoice, less what was credited before."
    )
    quantity = fields.Float(
        string="To Credit",
        digits="Product Unit",
        compute="_compute_quantity",
        store=True,
        readonly=False,
        help="Where more is credited than the chosen entries, the newest work goes first. What a review "
        "added to an entry, or took off it, goes with all of it; a part of it at the price of its line.",
    )
    amount = fields.Monetary(compute="_compute_amount", help="Without taxes.")

    @api.depends("wizard_id.wip_ids")
    def _compute_quantity(self):
        for line in self:
            entries = line.wizard_id.wip_ids._origin.filtered(
                lambda entry, line=line: entry.invoice_line_id == line.invoice_line_id
            )
            line.quantity = sum(entries.mapped("billable_quantity"))

    @api.depends("quantity", "invoice_line_id", "wizard_id.wip_ids", "wizard_id.line_ids.quantity")
    def _compute_amount(self):
        """The units at their price, with what is credited beside them."""
        self.invoice_line_id.check_access("read")  # before anything is said of what they bill
        for wizard, lines in self.grouped("wizard_id").items():
            # sudo: what the entries that go are worth follows from work that the user may not read
            billed = wizard.move_id._psa_billed_lines()
            quantities = {
                line.invoice_line_id.sudo(): dec(round(line.quantity, 6)) for line in wizard.line_ids
            }
            beside = defaultdict(lambda: dec(0))
            chosen = wizard.wip_ids._origin.sudo()
            for (line, _adjustment), money in billed._psa_remainders_of(quantities, chosen).items():
                beside[line] += money
            for line in lines:
                own = line.invoice_line_id.sudo()
                share = line.quantity / own.quantity if own.quantity else 0
                amount = own.price_subtotal * share + float(beside[own])
                line.amount = line.currency_id.round(amount) if line.currency_id else amount
