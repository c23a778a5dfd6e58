from odoo import api, fields, models

from odoo.addons.psa_contracts.core.billing_models import RETAINER
from odoo.addons.psa_contracts.core.change_orders import ZERO, Level, dec


class PsaChangeLines(models.TransientModel):
    _inherit = "psa.change.lines"

    has_expenses = fields.Boolean(compute="_compute_has_expenses")

    @api.depends("line_ids.is_expense")
    def _compute_has_expenses(self):
        for wizard in self:
            wizard.has_expenses = any(wizard.line_ids.mapped("is_expense"))

    def action_apply(self):
        result = super().action_apply()
        # fixed prices that were an option are billed by the plan that was offered with them
        new = self.order_id.order_line.filtered(
            lambda line: line.psa_option_line_id and not line.psa_instalment_ids
        )
        self.env["psa.instalment"].create(
            [
                {**part, "order_id": line.order_id.id, "sale_line_id": line.id}
                for line in new
                # sudo: what the client was offered on the contract, which its salesperson need not own
                for part in line.sudo().psa_option_line_id.psa_instalment_ids.copy_data()
            ]
        )
        return result


class PsaChangeLinesLine(models.TransientModel):
    _inherit = "psa.change.lines.line"

    is_expense = fields.Boolean()
    expense_limit = fields.Monetary(help="0: no limit.")
    new_expense_limit = fields.Monetary(
        help="What the client pays for expenses on this line in all, before taxes. 0: no limit."
    )

    def _psa_is_changed(self):
        return super()._psa_is_changed() or self.new_expense_limit != self.expense_limit

    @api.model
    def _psa_terms_shown(self):
        return (*super()._psa_terms_shown(), "expense_limit")

    def _prepare_terms(self):
        terms = super()._prepare_terms()
        if self.new_expense_limit != self.expense_limit:
            terms["psa_expense_limit_change"] = self.new_expense_limit - self.expense_limit
        return terms

    def _prepare_option(self, head):
        limit = {"psa_expense_limit": self.new_expense_limit} if self.is_expense else {}
        return {**super()._prepare_option(head), **limit}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_levels(self):
        """A retainer that was indexed after it was sold last has that price today."""
        levels = super()._psa_levels()
        steps = self.filtered(lambda line: line.psa_billing_model == RETAINER and line._psa_is_step())
        days = [day for line in self - steps if (day := line._psa_retainer_from())]
        later = steps.filtered(lambda step: not days or step.psa_step_date >= max(days))
        if not later:
            return levels
        price = dec(later.sorted("psa_step_date")[-1].price_unit)
        sold = sum((level.quantity for level in levels if level.price == price), ZERO)
        return [*(level for level in levels if level.price != price), Level(price, sold)]

    def _psa_kept_before(self, day, used):
        """Periods of retainers that begin before ``day`` keep their price, whether they are due or not."""
        kept = super()._psa_kept_before(day, used)
        # sudo: what was sold counts, whoever writes the change order
        rows = (
            self.env["psa.retainer.period"]
            .sudo()
            ._read_group(
                [("retainer_line_id", "in", self.ids), ("date_start", "<", day)],
                ["retainer_line_id"],
                ["quantity:sum"],
            )
        )
        return {**kept, **{head: max(kept[head], round(quantity, 6)) for head, quantity in rows}}
