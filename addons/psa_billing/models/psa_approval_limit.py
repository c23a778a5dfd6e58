"""Up to which amount somebody approves proposals."""

from odoo import api, fields, models


class PsaApprovalLimit(models.Model):
    """Who has no limit here, by name or by group, approves any amount. The limit of a user counts before
    those of their groups, of several groups the highest counts."""

    _name = "psa.approval.limit"
    _description = "Approval Limit of Proposals"
    _order = "company_id, amount, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", index="btree_not_null", ondelete="cascade")
    group_id = fields.Many2one("res.groups", index="btree_not_null", ondelete="cascade")
    amount = fields.Monetary(
        required=True,
        help="Largest amount of a proposal without taxes, inclusive, in the currency of the company.",
    )

    _user_or_group = models.Constraint(
        "CHECK((user_id IS NULL) != (group_id IS NULL))",
        "A limit is that of one user or of one group: fill in one of the two.",
    )
    _not_negative = models.Constraint(
        "CHECK(amount >= 0)", "A limit cannot be below zero: 0 lets nothing through."
    )
    _user_once = models.UniqueIndex(
        "(company_id, user_id) WHERE user_id IS NOT NULL",
        "This user has a limit in the company already: change that one.",
    )
    _group_once = models.UniqueIndex(
        "(company_id, group_id) WHERE group_id IS NOT NULL",
        "This group has a limit in the company already: change that one.",
    )

    @api.depends("user_id", "group_id")
    def _compute_display_name(self):
        for limit in self:
            limit.display_name = limit.user_id.name or limit.group_id.full_name or ""

    @api.model
    def _psa_limits_of(self, users, company):
        """``{user: amount in the currency of the company, or None without limit}``"""
        # sudo: what somebody may approve is asked of everybody who might
        rows = self.sudo().search([("company_id", "=", company.id)])
        own = {row.user_id: row.amount for row in rows.filtered("user_id")}
        by_group = [(row.group_id.all_user_ids, row.amount) for row in rows.filtered("group_id")]
        limits = {}
        for user in users:
            amounts = [amount for members, amount in by_group if user in members]
            limits[user] = own.get(user, max(amounts, default=None))
        return limits
