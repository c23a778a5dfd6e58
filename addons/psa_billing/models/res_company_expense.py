from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    psa_expense_default = fields.Selection(
        [("cost", "Billed"), ("no", "Not billed")],
        string="Expenses without Terms",
        default="cost",
        help="What becomes of expenses and vendor bills of a statement of work none of whose lines speaks of "
        "them. Billed: at cost, or at the price of the product where its re-invoicing says so.",
    )
    psa_expense_over_limit = fields.Selection(
        [("refuse", "Refuse the expense"), ("no", "Do not bill what is over")],
        string="Expenses over the Limit",
        default="refuse",
        help="Limits are those of the statement of work and its expense lines.",
    )
    psa_attach_receipts = fields.Boolean(
        string="Attach Receipts to Invoices",
        default=True,
        help="Invoices of statements of work carry the receipts of the expenses and vendor bills they bill.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_expense_default = fields.Selection(
        related="company_id.psa_expense_default", readonly=False, required=True
    )
    psa_expense_over_limit = fields.Selection(
        related="company_id.psa_expense_over_limit", readonly=False, required=True
    )
    psa_attach_receipts = fields.Boolean(related="company_id.psa_attach_receipts", readonly=False)
