"""SOWs whose milestones wait for the client's acceptance: they are delivered when that is given."""

from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_milestone_acceptance = fields.Boolean(
        string="Client Accepts Milestones",
        compute="_compute_psa_milestone_acceptance",
        store=True,
        readonly=False,
        precompute=True,
        help="A reached milestone waits for the client's acceptance before it is billed: given in the "
        "portal, or recorded by the project manager. Off: it is billed when it is reached.",
    )

    def _auto_init(self):
        # A column that is there already is not computed for each of a firm's old orders at install.
        if not column_exists(self.env.cr, "sale_order", "psa_milestone_acceptance"):
            create_column(self.env.cr, "sale_order", "psa_milestone_acceptance", "bool")
        return super()._auto_init()

    @api.depends("psa_agreement_id", "sale_order_template_id")
    def _compute_psa_milestone_acceptance(self):
        for order in self:
            if order.psa_kind != "sow":
                order.psa_milestone_acceptance = False
            elif order._psa_is_planned():
                # sudo: what an agreement says of a SOW is no secret to who writes that
                agreement = order.psa_agreement_id.sudo()
                order.psa_milestone_acceptance = (
                    agreement.milestone_acceptance
                    or order.sale_order_template_id.psa_milestone_acceptance
                    or order.psa_milestone_acceptance
                )
            else:
                order.psa_milestone_acceptance = order.psa_milestone_acceptance

    def write(self, vals):
        result = super().write(vals)
        if "psa_milestone_acceptance" in vals:
            self._psa_refresh_acceptance()
        return result

    def _action_confirm(self):
        """What a SOW said before it was cancelled may have changed until it is signed again."""
        result = super()._action_confirm()
        self.filtered(lambda order: order.psa_kind == "sow")._psa_refresh_acceptance()
        return result

    def _psa_refresh_acceptance(self):
        """The milestones of these SOWs and their change orders follow what they say of acceptance."""
        lines = (self | self.psa_change_ids).order_line
        # sudo: a figure of the milestones follows, whoever may not see their project
        self.env["project.milestone"].sudo().search(
            [("sale_line_id", "in", lines.ids)]
        )._psa_refresh_acceptance()

    def _psa_milestones(self):
        """The milestones that release money of this SOW and its confirmed change orders."""
        self.ensure_one()
        lines = self._psa_contract().order_line
        return self.env["project.milestone"].search([("sale_line_id", "in", lines.ids)])

    def _psa_portal_milestones(self):
        """What the client is shown of milestones to accept; in sudo, as the page of the portal is."""
        self.ensure_one()
        if self.psa_kind != "sow" or self.state != "sale" or not self.psa_milestone_acceptance:
            return self.env["project.milestone"]
        return self._psa_milestones()


class SaleOrderTemplate(models.Model):
    _inherit = "sale.order.template"

    psa_milestone_acceptance = fields.Boolean(
        string="Client Accepts Milestones",
        help="On statements of work made from this template milestones wait for the client's acceptance.",
    )


class PsaAgreement(models.Model):
    _inherit = "psa.agreement"

    milestone_acceptance = fields.Boolean(
        string="Client Accepts Milestones",
        help="On statements of work under this agreement milestones wait for the client's acceptance before "
        "they are billed.",
    )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.depends("reached_milestones_ids.psa_acceptance")
    def _compute_qty_delivered(self):
        return super()._compute_qty_delivered()

    def _prepare_qty_delivered(self):
        """What waits for the client's acceptance is not delivered yet; lines that amend follow their line."""
        delivered = super()._prepare_qty_delivered()
        lines = self.filtered(
            lambda line: line.order_id.psa_kind and line.qty_delivered_method == "milestones"
        )
        if not lines:
            return delivered
        rows = (
            self.env["project.milestone"]
            .sudo()  # sudo: the quantity that the host shows to everybody who sees the order
            ._read_group(
                [
                    ("sale_line_id", "in", lines._origin.ids),
                    ("psa_acceptance", "=", "waits"),
                ],
                ["sale_line_id"],
                ["quantity_percentage:sum"],
            )
        )
        waits = {line.id: share for line, share in rows}
        for line in lines.filtered(lambda line: line._origin.id in waits):
            delivered[line] -= waits[line._origin.id] * line.product_uom_qty
        return delivered

    def _psa_quantity_taken(self):
        """What of this line is invoiced, or about to be: the addons above know what is about to be."""
        self.ensure_one()
        return self._psa_quantity_billed()
