from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_wip_ids = fields.One2many(
        "psa.wip.entry",
        "analytic_line_id",
        string="Work in Progress",
        groups="psa_billing.group_psa_billing_manager,psa_project.group_psa_project_manager",
    )
    psa_without_sow_line = fields.Boolean(
        string="On a SOW, Without a Line",
        compute="_compute_psa_without_sow_line",
        search="_search_psa_without_sow_line",
        help="Time on the project of a statement of work that has no line for its role: nobody pays for it.",
    )

    @api.depends("so_line", "project_id.sale_line_id")
    def _compute_psa_without_sow_line(self):
        for line in self:
            # sudo: that the project belongs to a SOW is no secret to who sees the time on it
            sow = line.project_id.sudo().sale_order_id.psa_kind
            line.psa_without_sow_line = bool(sow and not line.so_line)

    def _search_psa_without_sow_line(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: see the compute
        projects = (
            self.env["project.project"].sudo()._search([("sale_line_id.order_id.psa_kind", "!=", False)])
        )
        return [("project_id", "in", projects), ("so_line", "=", False)]

    def _psa_after_approve(self):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_after_approve()
        # sudo: rating follows from the approval, which was checked; approvers need not see orders or prices.
        self.env["psa.wip.entry"].sudo()._psa_rate(self.sudo())

    def _psa_check_reopen(self):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_check_reopen()
        # sudo: the approver must learn that the time is billed even where they may not read invoices.
        entries = (
            self.env["psa.wip.entry"]
            .sudo()
            .search([("analytic_line_id", "in", self.ids), ("proposal_line_id", "!=", False)])
        )
        fixed = entries.filtered(
            lambda entry: (
                entry.state in ("proposed", "billed") or entry.proposal_id.state in ("draft", "approved")
            )
        )
        if fixed:
            raise UserError(fixed[0]._psa_reopen_message())

    def _psa_after_reopen(self):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_after_reopen()
        # sudo: see _psa_after_approve
        entries = self.env["psa.wip.entry"].sudo().search([("analytic_line_id", "in", self.ids)])
        orders = entries.order_id.filtered(lambda order: order._psa_is_capped())
        entries.unlink()
        entries._psa_recut(orders)

    def _check_can_write(self, values):
        if "so_line" in values:
            # sudo: whether there is work in progress, whoever asks
            rated = self.sudo().filtered(
                lambda line: line.psa_wip_ids and line.so_line.id != values["so_line"]
            )
            if rated:
                raise UserError(
                    self.env._(
                        "%(entry)s of %(date)s is approved and rated on %(line)s: it cannot move to another "
                        "line. Recall it first.",
                        entry=rated[0].name,
                        date=fields.Date.to_string(rated[0].date),
                        line=rated[0].so_line.display_name,
                    )
                )
        return super()._check_can_write(values)
