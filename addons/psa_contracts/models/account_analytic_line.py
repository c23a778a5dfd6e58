from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.psa_project.core.approval import APPROVED

#: The time that clients are shown, for whoever shows it.
SHOWN_TO_CLIENTS = Domain("psa_shown_to_clients", "=", True)


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_without_sow_line = fields.Boolean(
        string="Role Not Sold",
        compute="_compute_psa_without_sow_line",
        search="_search_psa_without_sow_line",
        help="Time on a statement of work in a role that is not on it: nobody pays for it yet.",
    )

    psa_shown_to_clients = fields.Boolean(
        compute="_compute_psa_shown_to_clients",
        compute_sudo=True,
        search="_search_psa_shown_to_clients",
        help="What the client may see: of a statement of work what is approved, of every other project what "
        "Odoo shows. What is a draft, waits or was refused is the firm's own.",
    )

    def _psa_project_sow(self):
        """The SOW that the project of this entry delivers; empty where it delivers another order or none."""
        self.ensure_one()
        # sudo: that a project belongs to a SOW is no secret to who sees the time on it
        return self.project_id.sudo().sale_line_id.order_id.filtered("psa_kind")

    @api.depends("so_line", "project_id.sale_line_id")
    def _compute_psa_without_sow_line(self):
        for line in self:
            line.psa_without_sow_line = bool(not line.so_line and line._psa_project_sow())

    def _search_psa_without_sow_line(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: see _psa_project_sow
        projects = (
            self.env["project.project"].sudo()._search([("sale_line_id.order_id.psa_kind", "!=", False)])
        )
        return [("project_id", "in", projects), ("so_line", "=", False)]

    @api.depends("psa_state", "so_line.order_id.psa_kind", "psa_without_sow_line")
    def _compute_psa_shown_to_clients(self):
        shown = self.filtered_domain(self._search_psa_shown_to_clients("in", [True]))
        shown.psa_shown_to_clients = True
        (self - shown).psa_shown_to_clients = False

    @api.model
    def _search_psa_shown_to_clients(self, operator, value):
        if operator != "in":
            return NotImplemented
        of_sow = Domain("so_line.order_id.psa_kind", "!=", False) | Domain("psa_without_sow_line", "=", True)
        return ~of_sow | Domain("psa_state", "=", APPROVED)

    @api.model
    def _timesheet_get_portal_domain(self):
        domain = super()._timesheet_get_portal_domain()
        return domain if self.env.user._is_internal() else Domain(domain) & SHOWN_TO_CLIENTS

    def _psa_is_pinned(self):
        """Whether this entry was approved on a SOW: it does not move any more, also where its role was not
        sold and it has no line (a line that came later would hold time that billing never rated).

        Time of every other order moves as in the host, approved or not.
        """
        self.ensure_one()
        # sudo: see _psa_project_sow
        sow = self.so_line.sudo().order_id.filtered("psa_kind") if self.so_line else self._psa_project_sow()
        return self.psa_state == APPROVED and bool(sow)

    def _check_can_write(self, values):
        if "so_line" in values and not self.env.su:
            pinned = self.filtered(lambda line: line._psa_is_pinned())
            if pinned.filtered(lambda line: line.so_line.id != values["so_line"]):
                raise UserError(
                    self.env._(
                        "Approved time stays on its sales order item. Recall it first to move it to another."
                    )
                )
        return super()._check_can_write(values)
