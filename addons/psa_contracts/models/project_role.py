from odoo import fields, models

from ..core.billing_models import (
    EXPENSE,
    FIXED,
    MILESTONE,
    POLICY_OF_MODEL,
    RETAINER,
    SUCCESS_FEE,
    TIME_MATERIAL,
)

#: What a role sells under a billing model.
PRODUCT_FIELDS = {
    TIME_MATERIAL: "psa_time_product_id",
    FIXED: "psa_fixed_product_id",
    MILESTONE: "psa_milestone_product_id",
    RETAINER: "psa_retainer_product_id",
}
#: What is sold where no role has a product of its own: these models need no role.
DEFAULT_PRODUCTS = {
    RETAINER: "psa_contracts.product_retainer",
    EXPENSE: "psa_contracts.product_expense",
    SUCCESS_FEE: "psa_contracts.product_success_fee",
}
#: Sold in pieces (a milestone, a period); the others in hours.
SOLD_BY_UNIT = {MILESTONE, RETAINER}


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

    psa_retainer_product_id = fields.Many2one(
        "product.product",
        string="Retainer Product",
        domain="[('type', '=', 'service'), ('invoice_policy', '=', 'delivery'), ('service_type', '=', "
        "'manual')]",
        help="Sold on retainer lines of this role. Empty: the product Retainer.",
    )

    def _psa_product(self, billing_model):
        """The product that a line of this role (or of none) and billing model sells; empty if there is none.

        Retainers, expenses and success fees are sold without a role too.
        """
        field = PRODUCT_FIELDS.get(billing_model)
        product = self[field] if field else self.env["product.product"]
        if not product and billing_model in DEFAULT_PRODUCTS:
            product = self.env.ref(DEFAULT_PRODUCTS[billing_model], raise_if_not_found=False)
        return product or self.env["product.product"]

    def action_psa_create_products(self):
        """Give these roles the products that they lack."""
        self._psa_create_products()

    def _psa_create_products(self):
        names = {
            TIME_MATERIAL: "%s",
            FIXED: self.env._("%s (fixed price)"),
            MILESTONE: self.env._("%s (milestone)"),
            RETAINER: self.env._("%s (retainer)"),
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
                        "uom_id": (unit if model in SOLD_BY_UNIT else hour).id,
                        "list_price": 0,
                    }
                    for role in roles
                ]
            )
            for role, product in zip(roles, products, strict=True):
                role[field] = product
