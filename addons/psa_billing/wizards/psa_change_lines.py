from odoo import api, fields, models


class PsaChangeLines(models.TransientModel):
    _inherit = "psa.change.lines"

    has_expenses = fields.Boolean(compute="_compute_has_expenses")

    @api.depends("line_ids.is_expense")
    def _compute_has_expenses(self):
        for wizard in self:
            wizard.has_expenses = any(wizard.line_ids.mapped("is_expense"))


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
