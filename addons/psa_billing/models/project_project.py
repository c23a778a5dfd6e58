"""Whose projects show what is worked and billed on them: those that the host shows to everybody in the firm,
and those that one leads or follows."""

from odoo import api, fields, models
from odoo.fields import Domain


class ProjectProject(models.Model):
    _inherit = "project.project"

    psa_is_seen = fields.Boolean(
        string="Work Shown",
        compute="_compute_psa_is_seen",
        search="_search_psa_is_seen",
        help="Whether work and amounts of the project are shown to a project manager: all people of the firm "
        "see the project, or the project manager leads or follows it.",
    )

    @api.depends("privacy_visibility", "user_id", "message_partner_ids")
    @api.depends_context("uid")
    def _compute_psa_is_seen(self):
        seen = self.filtered_domain(self._psa_seen_domain())
        seen.psa_is_seen = True
        (self - seen).psa_is_seen = False

    @api.model
    def _search_psa_is_seen(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: what is seen is said by the domain; as a query a million rows are compared with one hash of it
        projects = self.sudo().with_context(active_test=False)
        return Domain("id", "any!", projects._search(self._psa_seen_domain()))

    @api.model
    def _psa_seen_domain(self):
        """Projects whose work the current user is shown."""
        user = self.env.user
        return (
            Domain("privacy_visibility", "in", ("employees", "portal"))
            | Domain("user_id", "=", user.id)
            | Domain("message_partner_ids", "in", user.partner_id.ids)
        )

    # -- another analytic account ----------------------------------------------------------

    def write(self, vals):
        former = {project: project.account_id for project in self} if "account_id" in vals else {}
        result = super().write(vals)
        for project, account in former.items():
            if account != project.account_id:
                project._psa_tell_bills_of(account)
        return result

    def _psa_tell_bills_of(self, account):
        """Vendor bills that wait on the former ``account`` of a SOW would be billed to nobody once they are
        posted: say which they are, as long as they can be changed."""
        # sudo: that bills wait, and their numbers, is told to who decides on the account
        order = self.sudo().sale_line_id.order_id.filtered("psa_kind")._psa_sow()
        if not (order and account):
            return
        costs = self.env["account.move.line"].sudo()  # sudo: see above
        waiting = costs.search(
            [
                ("analytic_distribution", "in", account.ids),
                ("parent_state", "=", "draft"),
                ("move_type", "in", ("in_invoice", "in_refund", "in_receipt")),
                ("product_id.expense_policy", "not in", (False, "no")),
            ]
        ).move_id
        if waiting:
            self.message_post(
                body=self.env._(
                    "The project has another analytic account now. Vendor bills that are not posted yet name "
                    "the former one, %(account)s (%(bills)s): put them on the new one before they are "
                    "posted, or the client of %(order)s is not billed for them.",
                    account=account.display_name,
                    bills=", ".join(waiting.sorted("id").mapped("display_name")),
                    order=order.name,
                )
            )
