"""Terms of expenses on SOW lines, and the lines that bill expenses and vendor bills."""

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from odoo.addons.psa_contracts.models.rights import PRICE_GROUPS

from ..core.expenses import COST, MARKUP, NOT_BILLED, UNIT
from ..core.money import dec


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_expense_method = fields.Selection(
        [
            (COST, "At cost"),
            (MARKUP, "Marked up"),
            (UNIT, "Per unit"),
            (NOT_BILLED, "Not billed"),
        ],
        string="Expenses Are",
        compute="_compute_psa_expense_method",
        store=True,
        readonly=False,
        precompute=True,
        help="What the client pays for expenses and vendor bills. Per unit: the unit price of this line, "
        "else the price of the product, for each kilometre, page or night.",
    )
    psa_expense_markup = fields.Float(
        string="Markup %",
        digits="Discount",
        help="Per cent on top of the net cost.",
        groups=PRICE_GROUPS,
    )
    psa_expense_item_limit = fields.Monetary(
        string="Limit per Item",
        help="What one unit (a night, a meal) may cost before taxes and markup. 0: no limit.",
        groups=PRICE_GROUPS,
    )
    psa_expense_limit = fields.Monetary(
        string="Expense Limit",
        help="What the client pays for expenses on this line in all, before taxes. 0: no limit.",
        groups=PRICE_GROUPS,
    )
    psa_expense_in_cap = fields.Boolean(
        string="Counts against Cap",
        help="Expenses on this line count against the cap of the statement of work.",
    )
    psa_expense_product_ids = fields.Many2many(
        "product.product",
        "psa_expense_line_product_rel",
        string="Expense Products",
        domain="[('expense_policy', 'not in', (False, 'no'))]",
        help="Which expenses these terms are for. Empty, without categories: all that no other line names.",
    )
    psa_expense_categ_ids = fields.Many2many(
        "product.category",
        "psa_expense_line_categ_rel",
        string="Expense Categories",
        help="Which expenses these terms are for, by the category of the product or one above it.",
    )
    psa_rebills = fields.Boolean(
        string="Bills Expenses", readonly=True, copy=False, help="Made when expenses or bills were posted."
    )
    psa_expense_line_id = fields.Many2one(
        "sale.order.line",
        string="Expense Terms",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The line of the statement of work whose terms priced this expense.",
    )

    _psa_expense_terms_not_negative = models.Constraint(
        "CHECK(COALESCE(psa_expense_item_limit, 0) >= 0 AND COALESCE(psa_expense_limit, 0) >= 0 "
        "AND COALESCE(psa_expense_markup, 0) > -100)",
        "Limits of expenses cannot be negative (0 for none), and no markup takes all of the cost away.",
    )

    def _auto_init(self):
        # A column that is there already is not computed for each of a firm's old lines.
        if not column_exists(self.env.cr, "sale_order_line", "psa_expense_method"):
            create_column(self.env.cr, "sale_order_line", "psa_expense_method", "varchar")
            self.env.cr.execute(
                SQL(
                    "UPDATE sale_order_line SET psa_expense_method = %s "
                    "WHERE psa_billing_model = 'expense' AND is_expense IS NOT TRUE",
                    COST,
                )
            )
        return super()._auto_init()

    @api.depends("psa_billing_model")
    def _compute_psa_expense_method(self):
        for line in self:
            if line.psa_billing_model != "expense" or line.is_expense:
                line.psa_expense_method = False
            elif not line.psa_expense_method:
                line.psa_expense_method = COST

    @api.model
    def _psa_derived_fields(self):
        return super()._psa_derived_fields() | {"psa_rebills", "psa_expense_line_id"}

    # -- terms -----------------------------------------------------------------------------

    def _psa_expense_terms_of(self, product):
        """The first of these lines whose terms are for ``product``: named, by category, or for all."""
        named = self.filtered(lambda line: product in line.psa_expense_product_ids)
        if named:
            return named[0]
        above = {int(number) for number in (product.categ_id.parent_path or "").split("/") if number}
        of_category = self.filtered(lambda line: above & set(line.psa_expense_categ_ids.ids))
        if of_category:
            return of_category[0]
        return self.filtered(lambda line: not (line.psa_expense_product_ids or line.psa_expense_categ_ids))[
            :1
        ]

    def _psa_gross_price(self, net, by_unit=False):
        """The unit price of a line with these taxes whose net price is ``net``.

        :param by_unit: whether it is the price of a unit, which has more digits than money: six
        """
        included = self.tax_ids.filtered("price_include")
        if not included:
            return round(float(net), 6) if by_unit else float(net)
        units = 1_000_000 if by_unit else 1  # the host rounds the result to the currency
        taxes = included.compute_all(
            float(net), currency=self.currency_id, quantity=units, handle_price_include=False
        )
        return taxes["total_included"] / units

    # -- lines that bill expenses ----------------------------------------------------------

    def _psa_is_time_material(self):
        """Lines of expenses bill their WIP entries, as lines of time do, and no quantity of their own."""
        return self.psa_rebills or super()._psa_is_time_material()

    def _psa_group_head(self):
        """Expenses share the cap of the line whose terms priced them."""
        return self.psa_expense_line_id or super()._psa_group_head()

    def _psa_is_made_by_billing(self):
        return self.psa_rebills or super()._psa_is_made_by_billing()

    def _psa_counts_against_cap(self):
        """Whether work on this line consumes the cap of the SOW: expenses do where their terms say so."""
        self.ensure_one()
        return not self.psa_rebills or self.psa_expense_line_id.psa_expense_in_cap

    def _psa_sync_ordered(self):
        """What was ordered follows what was posted, as in the host; what is delivered follows the work."""
        rows = self.env["psa.wip.entry"]._read_group(
            [("sale_line_id", "in", self.ids)], ["sale_line_id"], ["billable_quantity:sum"]
        )
        posted = dict(rows)
        for line in self.filtered("psa_rebills"):
            quantity = posted.get(line, 0.0)
            if dec(round(line.product_uom_qty - quantity, 6)):
                line.with_context(sale_no_log_for_new_lines=True).product_uom_qty = quantity

    def _compute_qty_to_invoice(self):
        result = super()._compute_qty_to_invoice()
        for line in self.filtered(lambda line: line.psa_rebills and line.state == "sale"):
            line.qty_to_invoice = line.qty_delivered - line.qty_invoiced
        return result

    def _compute_untaxed_amount_to_invoice(self):
        result = super()._compute_untaxed_amount_to_invoice()
        for line in self.filtered(lambda line: line.psa_rebills and line.state == "sale"):
            delivered = line.currency_id.round(float(line._psa_net_price() * dec(line.qty_delivered)))
            line.untaxed_amount_to_invoice = delivered - line.untaxed_amount_invoiced
        return result


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_expense_limit = fields.Monetary(
        string="Expense Limit",
        help="What the client pays for expenses in all, before taxes, in the currency of the statement of "
        "work. 0: no limit.",
        groups=PRICE_GROUPS,
    )
    psa_expense_term_ids = fields.One2many(
        "sale.order.line",
        "order_id",
        string="Expense Lines",
        domain=[
            ("psa_billing_model", "=", "expense"),
            ("is_expense", "=", False),
            ("psa_amends_line_id", "=", False),
        ],
        copy=False,
        help="How the client pays for expenses and vendor bills.",
    )

    _psa_expense_limit_not_negative = models.Constraint(
        "CHECK(COALESCE(psa_expense_limit, 0) >= 0)",
        "The limit of expenses cannot be negative. Use 0 for none.",
    )

    def _psa_expense_lines(self):
        """The lines of this SOW and its change orders that say how expenses are billed, in their order."""
        lines = self._psa_contract().psa_expense_term_ids
        return lines.sorted(
            lambda line: (bool(line.order_id.psa_parent_id), line.order_id.id, line.sequence, line.id)
        )
