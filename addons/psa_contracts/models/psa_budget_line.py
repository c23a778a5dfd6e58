from odoo import fields, models


class PsaBudgetLine(models.Model):
    _inherit = "psa.budget.line"

    sale_line_id = fields.Many2one(
        "sale.order.line",
        string="Sold As",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The line of the statement of work or change order that sold these hours.",
    )

    # a number and no more: who delivers need not be allowed to read orders
    psa_order_name = fields.Char(related="sale_line_id.order_id.name", string="Sold In")

    _one_a_sale_line = models.UniqueIndex(
        "(sale_line_id) WHERE sale_line_id IS NOT NULL", "A sold line has one budget line."
    )
