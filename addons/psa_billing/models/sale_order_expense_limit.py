"""Limits of expenses by change orders: raised, lowered, taken away.

A limit of zero is none. What a limit cut is billed as soon as it leaves room, see ``psa_expense_released``.
"""

from odoo import api, fields, models
from odoo.tools import format_amount

from odoo.addons.psa_contracts.models.rights import PRICE_GROUPS

from .psa_expense_terms import ExpenseTerms


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_expense_limit_change = fields.Monetary(
        string="Expense Limit Change",
        copy=False,
        groups=PRICE_GROUPS,
        help="Raises (or lowers) what the client pays for expenses in all by this amount, before taxes.",
    )
    psa_current_expense_limit = fields.Monetary(
        string="Limit So Far",
        compute="_compute_psa_current_expense_limit",
        groups=PRICE_GROUPS,
        help="What the client pays for expenses in all, before taxes, with the change orders that are "
        "confirmed. 0: no limit.",
    )

    @api.depends(
        "psa_expense_limit",
        "psa_change_ids.state",
        "psa_change_ids.psa_expense_limit_change",
        "psa_parent_id.psa_change_ids.state",
    )
    def _compute_psa_current_expense_limit(self):
        for order in self:
            # sudo: what a contract comes to counts every change of it, whoever asks
            sow = order.sudo()._psa_sow()
            changes = sow._psa_changes() if order == sow else order.sudo()._psa_changes_before()
            order.psa_current_expense_limit = sow._psa_expense_limit(changes) if sow.psa_kind else 0.0

    def _psa_expense_limit(self, changes=None):
        """The limit of this SOW after ``changes`` (default: the confirmed ones), before taxes, in its
        currency; 0: no limit."""
        self.ensure_one()
        changes = self._psa_changes() if changes is None else changes
        return self.psa_expense_limit + sum(changes.mapped("psa_expense_limit_change"))

    # -- what keeps a change order from being confirmed, or cancelled ----------------------

    def _psa_changes_terms(self):
        return super()._psa_changes_terms() or bool(self.psa_expense_limit_change)

    def _psa_change_order_problem(self):
        # sudo: what was spent counts, whoever confirms
        return super()._psa_change_order_problem() or self.sudo()._psa_expense_limits_problem()

    def _psa_expense_limits_problem(self):
        for name, before, after, used in self._psa_changed_limits(self._psa_changes_before()):
            if after < 0:
                return self.env._(
                    "the expense limit of %s cannot go below zero. 0 takes the limit away.", name
                )
            if after and (not before or after < before) and after < used:
                return self.env._(
                    "the expense limit of %(name)s would be %(limit)s, but expenses of %(used)s are posted "
                    "or approved under it. Lower it to no less than that.",
                    name=name,
                    limit=format_amount(self.env, after, self.currency_id),
                    used=format_amount(self.env, used, self.currency_id),
                )
        return None

    def _psa_changed_limits(self, others):
        """``(name, limit without, limit with this change order, used of it)`` of the limits that it changes.

        :param others: the change orders that hold without this one
        """
        sow, changed = self.psa_parent_id, self.order_line.filtered("psa_expense_limit_change")
        if not changed and not self.psa_expense_limit_change:
            return
        terms = ExpenseTerms(sow)
        for expense in self.env["hr.expense"]._psa_approved_before(sow):
            expense._psa_bill_by(terms, is_approved=True)
        if self.psa_expense_limit_change:
            before = sow._psa_expense_limit(others)
            used = float(terms.used(sow, changed.browse()))
            yield sow.name, before, before + self.psa_expense_limit_change, used
        members = changed._psa_group_members()
        for head, lines in changed.grouped(lambda line: line._psa_group_head()).items():
            before = head._psa_expense_limit(members[head].filtered(lambda line: line.order_id != self))
            after = before + sum(lines.mapped("psa_expense_limit_change"))
            yield head._psa_short_label(), before, after, float(terms.used(sow, head))

    def _psa_uses(self):
        return [*super()._psa_uses(), *self._psa_uses_of_expense_limits()]

    def _psa_uses_of_expense_limits(self):
        """Expenses that would be over a limit again."""
        for name, before, after, used in self._psa_changed_limits(self.psa_parent_id._psa_changes() - self):
            if before and (not after or before < after) and before < used:
                yield self.env._(
                    "%(used)s of expenses, more than the limit of %(limit)s that would hold again on "
                    "%(name)s",
                    used=format_amount(self.env, used, self.currency_id),
                    limit=format_amount(self.env, before, self.currency_id),
                    name=name,
                )

    # -- before and after ------------------------------------------------------------------

    @api.depends("psa_expense_limit_change", "order_line.psa_expense_limit_change")
    def _compute_psa_change_summary(self):
        return super()._compute_psa_change_summary()

    def _psa_change_values(self, with_margin=False):
        values = super()._psa_change_values(with_margin)
        change, others = values["order"], values["order"]._psa_changes_before()
        limits = [limit[:3] for limit in change._psa_changed_limits(others)]
        return {**values, "expense_limits": limits}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_expense_limit_change = fields.Monetary(
        string="Expense Limit Change",
        copy=False,
        groups=PRICE_GROUPS,
        help="Raises (or lowers) the limit for expenses of the amended line by this amount, before taxes.",
    )
    psa_current_expense_limit = fields.Monetary(
        string="Limit So Far",
        compute="_compute_psa_current_expense_limit",
        compute_sudo=True,  # counts the whole contract, also for those who see their own orders only
        groups=PRICE_GROUPS,
        help="What the client pays for expenses on this line in all, before taxes, with the change orders "
        "that are confirmed. 0: no limit.",
    )

    @api.depends("psa_expense_limit", "order_id.psa_change_ids.state")
    def _compute_psa_current_expense_limit(self):
        members = self._origin._psa_group_members()  # a line that is being typed is in no group yet
        for line in self:
            head = line._psa_group_head()._origin
            line.psa_current_expense_limit = line._psa_expense_limit(members.get(head, head))

    def _psa_expense_limit(self, members):
        """The limit of this head's expenses after what ``members`` raised or lowered; 0: no limit."""
        self.ensure_one()
        return self.psa_expense_limit + sum(members.mapped("psa_expense_limit_change"))

    def _psa_amending_problem(self):
        problem = super()._psa_amending_problem()
        if not problem and self.psa_expense_limit_change and self.psa_billing_model != "expense":
            problem = self.env._(
                "%s is no line for expenses: it has no limit of them.", self._psa_short_label()
            )
        return problem

    def _psa_prepare_change_terms(self, members):
        limit = self._psa_expense_limit(members) if self.psa_billing_model == "expense" else 0.0
        return {
            **super()._psa_prepare_change_terms(members),
            "is_expense": self.psa_billing_model == "expense",
            "expense_limit": limit,
            "new_expense_limit": limit,
        }
