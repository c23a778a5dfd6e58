from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.sql import column_exists, create_column

from ..core.billing_models import EXPENSE, MODEL_OF_POLICY, TIME_MATERIAL
from .project_role import DEFAULT_PRODUCTS
from .rights import PRICE_GROUPS


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_kind = fields.Selection(related="order_id.psa_kind")
    psa_role_id = fields.Many2one("project.role", string="Role", index="btree_not_null", ondelete="restrict")
    psa_employee_id = fields.Many2one(
        "hr.employee",
        string="Person",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The price of this person's hours. Empty: everybody in the role.",
    )
    psa_location_id = fields.Many2one(
        "hr.work.location",
        string="Work Location",
        ondelete="restrict",
        help="Where the work is done, for rate cards with prices by location. Empty: anywhere.",
    )
    psa_billing_model = fields.Selection(
        [
            ("time_material", "Time and Material"),
            ("fixed", "Fixed Price"),
            ("milestone", "Milestone"),
            ("retainer", "Retainer"),
            ("expense", "Expenses"),
            ("success_fee", "Success Fee"),
        ],
        string="Billing Model",
        compute="_compute_psa_billing_model",
        store=True,
        readonly=False,
        precompute=True,
        help="How the line earns: by the approved hour, at once, when its milestone is reached, by the "
        "period, as expenses are re-invoiced, or when a success fee is approved.",
    )
    psa_cap_amount = fields.Monetary(
        string="Line Cap",
        groups=PRICE_GROUPS,
        help="Not to exceed, before taxes, for the time on this line. 0: no cap.",
    )
    psa_date_start = fields.Date(string="Phase Start")
    psa_date_end = fields.Date(string="Phase End")
    psa_phase_id = fields.Many2one(
        "psa.phase", string="Phase", copy=False, readonly=True, index="btree_not_null"
    )

    _psa_cap_not_negative = models.Constraint(
        "CHECK(psa_cap_amount IS NULL OR psa_cap_amount >= 0)", "A cap cannot be negative. Use 0 for no cap."
    )

    def _auto_init(self):
        # Columns that are there already are not computed for each of a firm's old lines at install.
        for column, kind in (("psa_billing_model", "varchar"), ("psa_rate_reason", "varchar")):
            if not column_exists(self.env.cr, "sale_order_line", column):
                create_column(self.env.cr, "sale_order_line", column, kind)
        return super()._auto_init()

    @api.model
    def _psa_free_fields(self):
        """Names of own fields that stay writable on the lines of a signed order: see ``sale.order``."""
        return set()

    @api.depends("order_id.psa_kind", "psa_role_id", "product_id")
    def _compute_psa_billing_model(self):
        for line in self:
            if not line.order_id.psa_kind or line.display_type:
                line.psa_billing_model = False
            elif line.is_expense:  # made by the host when an expense is re-invoiced
                line.psa_billing_model = EXPENSE
            elif not line.psa_billing_model:
                line.psa_billing_model = MODEL_OF_POLICY.get(line.product_id.service_policy) or (
                    TIME_MATERIAL if line.psa_role_id else False
                )

    @api.onchange("psa_role_id", "psa_billing_model")
    def _onchange_psa_product(self):
        product = self._psa_role_product(self.psa_role_id, self.psa_billing_model)
        if product:
            self.product_id = product
        elif self.psa_role_id and self.psa_kind:
            self.product_id = False
            return {
                "warning": {
                    "title": self.env._("No product"),
                    "message": self._psa_no_product_message(self.psa_role_id),
                }
            }
        return None

    def _psa_no_product_message(self, role):
        # sudo: the name of a role is no secret to those who sell it.
        if not role:
            return self.env._(
                "There is no product for this billing model any more. Show the column “Product Variant” and "
                "choose one."
            )
        return self.env._(
            "The role %s has no product for this billing model. Have somebody with the right to create "
            "products press “Create Products” on the role.",
            role.sudo().display_name,
        )

    @api.model
    def _psa_role_product(self, role, billing_model):
        """The product that ``role`` sells under the billing model (none: time and material), else empty."""
        # sudo: which product a role sells is no secret, roles are read by all who write SOWs.
        return role.sudo()._psa_product(billing_model or TIME_MATERIAL).sudo(False)

    @api.model
    def _psa_require_role_product(self, role, billing_model):
        """:raises UserError: where the role has no product for the billing model"""
        product = self._psa_role_product(role, billing_model)
        if not product:
            raise UserError(self._psa_no_product_message(role))
        return product

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            role = self.env["project.role"].browse(vals.get("psa_role_id") or ())
            model = vals.get("psa_billing_model")
            asks = role or model in DEFAULT_PRODUCTS
            if asks and not vals.get("product_id") and not vals.get("display_type"):
                vals["product_id"] = self._psa_require_role_product(role, model).id
        lines = super().create(vals_list)
        orders = lines.order_id.filtered(lambda order: order.psa_kind and order.state == "sale")
        for order in orders.sudo():  # sudo: as on confirmation, what is made follows from the order alone
            order._psa_place_lines()
        return lines

    def write(self, vals):
        if {"psa_role_id", "psa_billing_model"} & vals.keys() and "product_id" not in vals:
            drafts = self.filtered(
                lambda line: line.psa_kind and line.state in ("draft", "sent") and not line.display_type
            )
            for product, lines in drafts.grouped(lambda line: line._psa_product_after(vals)).items():
                super(SaleOrderLine, lines).write({**vals, "product_id": product.id})
            return super(SaleOrderLine, self - drafts).write(vals)
        return super().write(vals)

    def _psa_product_after(self, vals):
        """The product of this line once ``vals`` (role or billing model) are written.

        :raises UserError: where the role has no product for the billing model
        """
        self.ensure_one()
        role = self.env["project.role"].browse(vals.get("psa_role_id", self.psa_role_id.id))
        model = vals.get("psa_billing_model", self.psa_billing_model)
        if not role and model not in DEFAULT_PRODUCTS:
            return self.product_id
        return self._psa_require_role_product(role, model)

    def _timesheet_compute_delivered_quantity_domain(self):
        return super()._timesheet_compute_delivered_quantity_domain() + [
            "|",
            ("so_line.order_id.psa_kind", "=", False),
            ("psa_state", "=", "approved"),
        ]

    @api.depends("timesheet_ids.psa_state")
    def _compute_qty_delivered(self):
        return super()._compute_qty_delivered()
