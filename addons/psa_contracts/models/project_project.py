"""A project that delivers a SOW stays the client's, and billable."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class ProjectProject(models.Model):
    _inherit = "project.project"

    psa_delivers_sow = fields.Boolean(
        string="Delivers a Statement of Work",
        compute="_compute_psa_delivers_sow",
        compute_sudo=True,  # that a project belongs to a SOW is no secret to who sees the project
    )

    @api.depends("sale_line_id.order_id.psa_kind", "sale_line_id.order_id.state")
    def _compute_psa_delivers_sow(self):
        for project in self:
            project.psa_delivers_sow = bool(project._psa_delivered_order())

    def _psa_delivered_order(self):
        """The confirmed SOW or change order whose line this project names, else an empty order."""
        self.ensure_one()
        return self.sale_line_id.order_id.filtered(lambda order: order.psa_kind and order.state == "sale")

    @api.onchange("sale_line_id")
    def _onchange_sale_line_id(self):
        """The host reads the sales order of the project here, which people without rights in sales may not:
        they could not choose another client on the form."""
        if self._has_field_access(self._fields["reinvoiced_sale_order_id"], "read"):
            return super()._onchange_sale_line_id()
        return None

    def write(self, vals):
        if not self.env.su and {"allow_billable", "partner_id", "sale_line_id"} & vals.keys():
            self._psa_check_stays_with_sow(vals)
        return super().write(vals)

    def _psa_check_stays_with_sow(self, vals):
        """The host takes the line off a project, and then off its tasks and time, that is not billable or
        another client's: nobody would be billed for what is logged from then on.

        :raises UserError: where ``vals`` would do so to the project of a confirmed SOW
        """
        # sudo: which SOW a project delivers, whoever writes
        for project in self.sudo():
            order = project._psa_delivered_order()
            if order and project._psa_leaves_sow(order, vals):
                raise UserError(
                    self.env._(
                        "%(project)s delivers the statement of work %(order)s: without it, time that is "
                        "logged here would be billed to nobody. The project stays billable, with the client "
                        "%(client)s and a sales order item. For other work, use another project.",
                        project=project.name,
                        order=order._psa_sow().name,
                        client=order.partner_id.commercial_partner_id.name,
                    )
                )

    def _psa_leaves_sow(self, order, vals):
        """Whether ``vals`` take the line of ``order`` off this project without giving it another one."""
        self.ensure_one()
        if not vals.get("allow_billable", True) or not vals.get("sale_line_id", True):
            return True
        if "partner_id" not in vals or "sale_line_id" in vals:
            return False
        clients = self.env["res.partner"].browse(vals["partner_id"] or ())
        return clients.commercial_partner_id not in (
            order.partner_id.commercial_partner_id,
            self.partner_id.commercial_partner_id,
        )
