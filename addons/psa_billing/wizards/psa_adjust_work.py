"""Dialogs that bill more or less than was worked, and ask why."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.adjustment import direction_of
from ..core.money import dec
from ..models.rights import check_reviewer


class PsaReasonDialog(models.AbstractModel):
    _name = "psa.reason.dialog"
    _description = "Dialog That Asks for a Reason"

    direction = fields.Selection(
        [("write_off", "Write-Off"), ("write_up", "Write-Up")], compute="_compute_direction"
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    fitting_reason_ids = fields.Many2many("psa.adjustment.reason", compute="_compute_fitting_reason_ids")
    reason_id = fields.Many2one(
        "psa.adjustment.reason",
        compute="_compute_reason_id",
        # as the user: reasons and what they depend on are what the user may read
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('id', 'in', fitting_reason_ids)]",
    )
    needs_note = fields.Boolean(related="reason_id.needs_note")
    note = fields.Text()

    def _compute_direction(self):
        """Whether less or more is billed: each dialog knows."""
        self.direction = False

    def _compute_company_id(self):
        self.company_id = self.env.company

    @api.depends("direction", "company_id")
    def _compute_fitting_reason_ids(self):
        reasons = self.env["psa.adjustment.reason"]
        for wizard in self:
            domain = reasons._psa_domain(wizard.direction, wizard.company_id)
            wizard.fitting_reason_ids = reasons.search(domain)

    @api.depends("fitting_reason_ids")
    def _compute_reason_id(self):
        """A reason stays where it fits; one that does not gives way to the one that is proposed."""
        for wizard in self:
            # while the dialog is typed in, its lists hold unsaved stand-ins
            if wizard.reason_id._origin not in wizard.fitting_reason_ids._origin:
                wizard.reason_id = wizard._psa_proposed_reason()

    def _psa_proposed_reason(self):
        """The first that fits; none as long as nothing says in which direction it goes."""
        return self.fitting_reason_ids._origin[: 1 if self.direction else 0]

    def _psa_check_reason(self):
        """:raises ValidationError: where the reason is missing, does not fit, or wants a note"""
        self.ensure_one()
        if not self.reason_id:
            raise ValidationError(self.env._("Choose a reason: it says why less or more is billed."))
        self.reason_id._psa_check(self.direction, self.note)


class PsaAdjustWork(models.TransientModel):
    """The dialog in which somebody bills something else than what was rated, and says why."""

    _name = "psa.adjust.work"
    _inherit = ["psa.reason.dialog"]
    _description = "Adjust What Is Billed"

    wip_ids = fields.Many2many("psa.wip.entry", readonly=True)
    line_ids = fields.Many2many("psa.billing.proposal.line", readonly=True)
    proposal_id = fields.Many2one("psa.billing.proposal", readonly=True)
    how = fields.Selection(
        selection="_selection_how",
        string="Bill",
        required=True,
        default="write_off",
    )
    can_amount = fields.Boolean(compute="_compute_worth")
    can_quantity = fields.Boolean(compute="_compute_worth")
    currency_id = fields.Many2one("res.currency", compute="_compute_worth")
    worked_amount = fields.Monetary(string="Worked", compute="_compute_worth")
    amount_before = fields.Monetary(string="To Bill Now", compute="_compute_worth")
    quantity_before = fields.Float(string="Billable Now", digits="Product Unit", compute="_compute_worth")
    unit_name = fields.Char(compute="_compute_worth")
    quantity = fields.Float(string="Billable", digits="Product Unit")
    amount = fields.Monetary()
    percent = fields.Float(string="Change by %", help="Below zero: less is billed.")
    amount_after = fields.Monetary(string="To Bill Then", compute="_compute_amount_after")

    @api.model
    def _selection_how(self):
        return [
            ("write_off", self.env._("Nothing: write it off")),
            ("quantity", self.env._("Another quantity")),
            ("amount", self.env._("Another amount")),
            ("percent", self.env._("More or less by per cent")),
        ]

    @api.model
    def _psa_open(self, records):
        """The dialog for entries, proposal lines or one proposal."""
        values = {
            "psa.wip.entry": lambda: {"wip_ids": records.ids},
            "psa.billing.proposal.line": lambda: {"line_ids": records.ids},
            "psa.billing.proposal": lambda: {"proposal_id": records.ensure_one().id, "how": "amount"},
        }[records._name]()
        wizard = self.create(values)
        wizard.amount, wizard.quantity = wizard.amount_before, wizard.quantity_before
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Adjust What Is Billed"),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    @api.depends("wip_ids", "line_ids", "proposal_id")
    def _compute_worth(self):
        for wizard in self:
            records = wizard._psa_records()
            waiting = wizard.wip_ids.filtered(lambda entry: entry.state != "proposed")
            one = len(wizard.wip_ids) == 1 and not waiting
            wizard.currency_id = records[:1].currency_id
            wizard.worked_amount = sum(records.mapped("worked_amount"))
            wizard.amount_before = sum(records.mapped("billed_amount" if wizard.wip_ids else "amount"))
            wizard.can_quantity = one
            wizard.can_amount = not waiting
            wizard.quantity_before = wizard.wip_ids.billable_quantity if one else 0.0
            wizard.unit_name = wizard.wip_ids.sale_line_id.product_uom_id.name if one else False

    @api.depends("how", "amount", "percent", "quantity", "amount_before")
    def _compute_amount_after(self):
        for wizard in self:
            price = wizard.wip_ids.unit_price if wizard.can_quantity else 0.0
            after = {
                "write_off": 0.0,
                "amount": wizard.amount,
                "percent": wizard.amount_before * (1 + wizard.percent / 100),
                "quantity": wizard.quantity * price,
            }[wizard.how or "write_off"]
            wizard.amount_after = wizard.currency_id.round(after) if wizard.currency_id else after

    @api.depends("amount_after", "how")
    def _compute_direction(self):
        for wizard in self:
            # a new decision on a single entry replaces the one before: it starts at what was worked
            one = len(wizard.wip_ids) == 1
            change = wizard.amount_after - (wizard.worked_amount if one else wizard.amount_before)
            # work that is worth nothing can be written off, too: its hours
            hours = -1 if wizard.how == "write_off" else 0
            wizard.direction = direction_of(dec(round(change, 6)), hours)

    @api.depends("wip_ids", "line_ids", "proposal_id")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard._psa_records().company_id[:1]

    def _psa_records(self):
        return self.wip_ids or self.line_ids or self.proposal_id

    def action_apply(self):
        """Adjust as typed.

        :raises AccessError: for users who may not review the work
        :raises UserError: where the work has gone on, or more would be written off than there is
        """
        self.ensure_one()
        records = self._psa_records()
        check_reviewer(records)
        self._psa_check_reason()
        # sudo: the right to review was checked; nobody writes the work directly
        records = records.sudo()
        reason, note = self.reason_id, self.note
        if self.how == "write_off":
            if records._name == "psa.billing.proposal":
                records = records.line_ids.filtered(lambda line: not line.is_held)
            records._psa_write_off(reason, note)
        elif self.how == "quantity":
            self._psa_apply_quantity(records, reason, note)
        elif records._name == "psa.wip.entry" and len(records) > 1:
            records._psa_bill_amount_of_all(self.amount_after, reason, note)
        else:
            records._psa_bill_amount(self.amount_after, reason, note)
        return {"type": "ir.actions.act_window_close"}

    def _psa_apply_quantity(self, records, reason, note):
        if not self.can_quantity:
            raise UserError(
                self.env._("A quantity is changed entry by entry: open one entry of a proposal for it.")
            )
        records._psa_bill_quantity(self.quantity, reason, note)
