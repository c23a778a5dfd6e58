from odoo import api, fields, models


class PsaBillingPreview(models.TransientModel):
    _name = "psa.billing.preview"
    _description = "Preview of a Billing Run"

    run_id = fields.Many2one("psa.billing.run", required=True, readonly=True, ondelete="cascade")
    line_ids = fields.One2many("psa.billing.preview.line", "preview_id", readonly=True)
    waiting = fields.Text(string="Wait for Acceptance", readonly=True)
    line_count = fields.Integer(compute="_compute_counts")
    blocked_count = fields.Integer(compute="_compute_counts")

    @api.depends("line_ids.message")
    def _compute_counts(self):
        for preview in self:
            preview.line_count = len(preview.line_ids)
            preview.blocked_count = len(preview.line_ids.filtered("message"))

    def action_make_proposals(self):
        """Make the proposals for good."""
        self.ensure_one()
        self.run_id.action_make_proposals()
        return {"type": "ir.actions.act_window_close"}


class PsaBillingPreviewLine(models.TransientModel):
    _name = "psa.billing.preview.line"
    _description = "Line of a Preview of a Billing Run"

    preview_id = fields.Many2one("psa.billing.preview", required=True, readonly=True, ondelete="cascade")
    order_id = fields.Many2one("sale.order", string="SOW", readonly=True, ondelete="cascade")
    order_count = fields.Integer(string="SOWs", readonly=True)
    partner_id = fields.Many2one(related="order_id.partner_id", string="Client")
    currency_id = fields.Many2one(related="order_id.currency_id")
    hours = fields.Float(string="Worked Hours", readonly=True)
    worked_amount = fields.Monetary(string="Worked", readonly=True)
    amount = fields.Monetary(string="To Bill", readonly=True, help="Without taxes, without held lines.")
    late_amount = fields.Monetary(
        string="Late", readonly=True, help="Work of days that an earlier run had billed already."
    )
    last_amount = fields.Monetary(
        string="Last Time", readonly=True, help="Without taxes, of the proposal that was invoiced last."
    )
    left_out_total = fields.Char(
        string="Left Out",
        readonly=True,
        help="Work until the last day that would not be billed: not approved, on hold, over a cap, or in a "
        "role that was not sold.",
    )
    message = fields.Text(string="To Solve", readonly=True)
