from odoo import fields, models

from .rights import BILLING_MANAGER


class PsaCreditedWork(models.Model):
    _name = "psa.credited.work"
    _description = "Credited Work"
    _order = "date, id"

    move_line_id = fields.Many2one(
        "account.move.line", string="Credit Note Line", required=True, index=True, ondelete="cascade"
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Credit Note", store=True, index=True)
    company_id = fields.Many2one(related="move_line_id.company_id", store=True)
    currency_id = fields.Many2one(related="move_line_id.currency_id")
    wip_id = fields.Many2one(
        "psa.wip.entry",
        string="Work",
        index="btree_not_null",
        ondelete="set null",
        groups=BILLING_MANAGER,
        help="The work that the draft credit note will free.",
    )
    analytic_line_id = fields.Many2one(
        "account.analytic.line", string="Entry", index="btree_not_null", ondelete="set null"
    )
    name = fields.Char(string="Description")
    date = fields.Date(required=True)
    employee_id = fields.Many2one("hr.employee")
    raw_hours = fields.Float(string="Worked", help="Hours as entered.")
    billable_quantity = fields.Float(
        string="Credited", digits="Product Unit", help="In the unit of the SOW line."
    )
    amount = fields.Monetary(help="Without taxes.")
