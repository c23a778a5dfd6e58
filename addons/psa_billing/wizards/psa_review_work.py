"""Small dialogs of the review: split an entry, move work, edit a text, add a line."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.adjustment import direction_of
from ..core.money import dec
from ..models.rights import check_reviewer


class PsaReviewDialog(models.AbstractModel):
    _name = "psa.review.dialog"
    _description = "Dialog of the Review"

    @api.model
    def _psa_dialog(self, name, values):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "res_id": self.create(values).id,
            "views": [(False, "form")],
            "target": "new",
        }


class PsaSplitWork(models.TransientModel):
    _name = "psa.split.work"
    _inherit = ["psa.review.dialog"]
    _description = "Split an Entry"

    wip_id = fields.Many2one("psa.wip.entry", string="Entry", required=True, readonly=True)
    # as the user: who reads the work, and nobody else, reads how much it is
    billable_quantity = fields.Float(
        related="wip_id.billable_quantity", related_sudo=False, string="Billable Now"
    )
    unit_name = fields.Char(related="wip_id.sale_line_id.product_uom_id.name")
    waits = fields.Boolean(compute="_compute_waits")
    raw_hours = fields.Float(
        compute="_compute_waits", string="Hours Now", help="With what other clients pay of them."
    )
    quantity = fields.Float(string="Split Off", digits="Product Unit", help="The rest stays where it is.")
    hours = fields.Float(string="Split Off (Hours)", help="The rest stays where it is.")

    @api.depends("wip_id.state", "wip_id.raw_hours")
    def _compute_waits(self):
        for wizard in self:
            wizard.waits = wizard.wip_id.state != "proposed"
            wizard.raw_hours = wizard.wip_id._psa_hours_to_move()

    @api.model
    def _psa_open(self, entry):
        entry.ensure_one()
        return self._psa_dialog(
            self.env._("Split the Entry"),
            {
                "wip_id": entry.id,
                "quantity": entry.billable_quantity / 2,
                "hours": entry._psa_hours_to_move() / 2,
            },
        )

    def action_apply(self):
        """Make two parts of the entry.

        :raises UserError: where that leaves nothing on one side
        """
        self.ensure_one()
        check_reviewer(self.wip_id)
        # sudo: the right to review was checked; nobody writes the work directly
        part = self.wip_id.sudo()
        if part.state == "proposed":
            part._psa_split(self.quantity)
        else:
            part._psa_split_waiting(self.hours)
        return {"type": "ir.actions.act_window_close"}


class PsaMoveWork(models.TransientModel):
    _name = "psa.move.work"
    _inherit = ["psa.review.dialog"]
    _description = "Move Work to Another Line"

    wip_ids = fields.Many2many("psa.wip.entry", readonly=True)
    is_one = fields.Boolean(compute="_compute_is_one")
    hours = fields.Float(help="What of the entry goes to the other line; the rest stays where it is.")
    order_id = fields.Many2one("sale.order", string="SOW", readonly=True)
    sale_line_id = fields.Many2one(
        "sale.order.line",
        string="To the Line",
        domain="[('display_type', '=', False), ('psa_role_id', '!=', False), ('state', '=', 'sale'), "
        "'|', ('order_id', '=', order_id), ('order_id.psa_parent_id', '=', order_id)]",
        help="A line of the same statement of work or of its change orders. The work is rated again there.",
    )

    @api.depends("wip_ids")
    def _compute_is_one(self):
        for wizard in self:
            wizard.is_one = len(wizard.wip_ids) == 1 and wizard.wip_ids.kind == "time"

    @api.model
    def _psa_open(self, entries):
        return self._psa_dialog(
            self.env._("Move to Another Line"),
            {
                "wip_ids": entries.ids,
                "order_id": entries.order_id[:1].id,
                "hours": entries._psa_hours_to_move() if len(entries) == 1 else 0,
            },
        )

    def action_apply(self):
        """Move the work, and the approved time with it.

        :raises UserError: where it is billed, or the line is of another SOW or not chosen
        """
        self.ensure_one()
        check_reviewer(self.wip_ids)
        if not self.sale_line_id:
            raise UserError(self.env._("Choose the line that the work goes to."))
        self.sale_line_id.check_access("read")
        # sudo: see PsaSplitWork
        work, target = self.wip_ids.sudo(), self.sale_line_id.sudo().ensure_one()
        entry = work.analytic_line_id[:1]
        if self._psa_is_part():
            work._psa_move_part(self.hours, target)
        else:
            work._psa_move(target)
        if self.env.context.get("psa_from_form") and not work.exists():
            return self._psa_open_moved(entry)
        return {"type": "ir.actions.act_window_close"}

    def _psa_open_moved(self, entry):
        """What became of ``entry``, in place of a form whose record is gone; the list behind it stays."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_wip_entry_action")
        parts = self.env["psa.wip.entry"].search([("analytic_line_id", "=", entry.id)])
        return {
            "type": "ir.actions.client",
            "tag": "psa_billing.follow_record",
            "params": {"action": action, "res_id": parts[:1].id},
        }

    def _psa_is_part(self):
        """Whether a part of one entry is moved. Given no hours, all of the entry is."""
        if not self.is_one or not self.hours:
            return False
        return self.wip_ids.analytic_line_id.sudo().unit_amount != self.hours  # sudo: hours of the work read


class PsaEditText(models.TransientModel):
    _name = "psa.edit.text"
    _inherit = ["psa.review.dialog"]
    _description = "Text of a Line on the Invoice"

    line_id = fields.Many2one("psa.billing.proposal.line", required=True, readonly=True)
    name = fields.Text(string="Text", help="Empty: the text of the line of the statement of work.")

    @api.model
    def _psa_open(self, line):
        return self._psa_dialog(
            self.env._("Text on the Invoice"),
            {"line_id": line.id, "name": line.name or line.sale_line_id.name},
        )

    def action_apply(self):
        """The text stands on the invoice."""
        self.ensure_one()
        check_reviewer(self.line_id)
        # sudo: see PsaSplitWork
        line = self.line_id.sudo()
        line.proposal_id._psa_check_editable()
        text = (self.name or "").strip()
        line.name = (
            text
            if text and (line.is_added or text != line.sale_line_id.name)
            else line.is_added and line.name
        )
        return {"type": "ir.actions.act_window_close"}


class PsaAddLine(models.TransientModel):
    _name = "psa.add.line"
    _inherit = ["psa.review.dialog", "psa.reason.dialog"]
    _description = "Add a Fixed Line to a Proposal"

    proposal_id = fields.Many2one("psa.billing.proposal", required=True, readonly=True)
    order_id = fields.Many2one(related="proposal_id.order_id")
    currency_id = fields.Many2one(related="proposal_id.currency_id")
    name = fields.Text(string="Text", help="Stands on the invoice.")
    amount = fields.Monetary(help="Without taxes. Below zero it is taken off.")
    sale_line_id = fields.Many2one(
        "sale.order.line",
        string="Taxed Like",
        domain="[('display_type', '=', False), ('psa_adjusts_line_id', '=', False), ('state', '=', 'sale'), "
        "('is_downpayment', '=', False), "
        "'|', ('order_id', '=', order_id), ('order_id.psa_parent_id', '=', order_id)]",
        help="The line of the statement of work whose taxes and analytic accounts it takes.",
    )

    @api.depends("amount")
    def _compute_direction(self):
        for wizard in self:
            wizard.direction = direction_of(dec(wizard.amount))

    @api.depends("proposal_id")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.proposal_id.company_id

    def _psa_proposed_reason(self):
        """None: only who adds something knows why."""
        return self.env["psa.adjustment.reason"]

    @api.model
    def _psa_open(self, proposal):
        lines = proposal.line_ids.sale_line_id or proposal.order_id.order_line
        like = lines.filtered(lambda line: not line.display_type and not line.psa_adjusts_line_id)[:1]
        return self._psa_dialog(
            self.env._("Add a Line"),
            {"proposal_id": proposal.id, "sale_line_id": like.id},
        )

    def action_apply(self):
        """Add the line, on a SOL of its own.

        :raises UserError: where text, amount or reason are missing
        """
        self.ensure_one()
        check_reviewer(self.proposal_id)
        text = (self.name or "").strip()
        if not (text and self.reason_id and self.sale_line_id):
            raise UserError(self.env._("A line needs its text, a reason and a line whose taxes it takes."))
        self._psa_check_reason()
        self.sale_line_id.check_access("read")
        # sudo: see PsaSplitWork
        self.proposal_id.sudo()._psa_add_line(
            text, self.amount, self.sale_line_id.sudo(), self.reason_id, self.note
        )
        return {"type": "ir.actions.act_window_close"}
