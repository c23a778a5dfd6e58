from odoo import fields, models

from ..core.billing_models import FIXED, MILESTONE, POLICY_OF_MODEL, TIME_MATERIAL

PRODUCT_FIELDS = {
    TIME_MATERIAL: "psa_time_product_id",
    FIXED: "psa_fixed_product_id",
    MILESTONE: "psa_milestone_product_id",
}


class ProjectRole(models.Model):
    _inherit = "project.role"

    psa_time_product_id = fields.Many2one(
        "product.product",
        string="Time Product",
        domain="[('invoice_policy', '=', 'delivery'), ('service_type', '=', 'timesheet')]",
        help="Sold on time and material lines of this role.",
    )
    psa_fixed_product_id = fields.Many2one(
        "product.product",
        string="Fixed Price Product",
        domain="[('type', '=', 'service'), ('invoice_policy', '=', 'order')]",
        help="Sold on fixed price lines of this role.",
    )
    psa_milestone_product_id = fields.Many2one(
        "product.product",
        string="Milestone Product",
        domain="[('invoice_policy', '=', 'delivery'), ('service_type', '=', 'milestones')]",
        help="Sold on milestone lines of this role.",
    )

    def _psa_product(self, billing_model):
        """The product that a line of this role and billing model sells; empty if the role has none."""
        field = PRODUCT_FIELDS.get(billing_model)
        return self[field] if field else self.env["product.product"]

    def action_psa_create_products(self):
        """Give these roles the products that they lack."""
        self._psa_create_products()

    def _psa_create_products(self):
        names = {
            TIME_MATERIAL: "%s",
            FIXED: self.env._("%s (fixed price)"),
            MILESTONE: self.env._("%s (milestone)"),
        }
        hour, unit = self.env.ref("uom.product_uom_hour"), self.env.ref("uom.product_uom_unit")
        for model, field in PRODUCT_FIELDS.items():
            roles = self.filtered(lambda role, field=field: not role[field])
            products = self.env["product.product"].create(
                [
                    {
                        "name": names[model] % role.name,
                        "type": "service",
                        "service_tracking": "task_in_project",
                        "service_policy": POLICY_OF_MODEL[model],
                        "uom_id": (unit if model == MILESTONE else hour).id,
                        "list_price": 0,
                    }
                    for role in roles
                ]
            )
            for role, product in zip(roles, products, strict=True):
                role[field] = product
