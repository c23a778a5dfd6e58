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
