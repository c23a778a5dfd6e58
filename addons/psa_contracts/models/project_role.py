from odoo import fields, models


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
        field = {
            "time_material": "psa_time_product_id",
            "fixed": "psa_fixed_product_id",
            "milestone": "psa_milestone_product_id",
        }[billing_model]
        return self[field]

    def action_psa_create_products(self):
        """Give these roles the products that they lack."""
        self._psa_create_products()

    def _psa_create_products(self):
        policies = {
            "psa_time_product_id": ("delivered_timesheet", self.env._("hours")),
            "psa_fixed_product_id": ("ordered_prepaid", self.env._("fixed price")),
            "psa_milestone_product_id": ("delivered_milestones", self.env._("milestone")),
        }
        hour, unit = self.env.ref("uom.product_uom_hour"), self.env.ref("uom.product_uom_unit")
        for field, (policy, label) in policies.items():
            roles = self.filtered(lambda role, field=field: not role[field])
            products = self.env["product.product"].create(
                [
                    {
                        "name": role.name if field == "psa_time_product_id" else f"{role.name} ({label})",
                        "type": "service",
                        "service_tracking": "task_in_project",
                        "service_policy": policy,
                        "uom_id": (unit if field == "psa_milestone_product_id" else hour).id,
                        "list_price": 0,
                    }
                    for role in roles
                ]
            )
            for role, product in zip(roles, products, strict=True):
                role[field] = product
