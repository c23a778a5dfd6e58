"""The six billing models of a SOW line: the product each sells, and the hours of work behind it."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.sql import column_exists, create_column

from ..core.billing_models import EXPENSE, FIXED, MILESTONE, POLICY_OF_MODEL, RETAINER


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_effort_hours = fields.Float(
        string="Planned Hours",
        groups="base.group_user",
        help="Hours of work planned for a line that is not sold by the hour: a fixed price or a milestone. "
        "Budget and margin count them; the client does not see them.",
    )
    psa_retainer_period = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        string="Retainer Period",
        compute="_compute_psa_retainer_period",
        store=True,
        readonly=False,
        precompute=True,
        help="What one unit of a retainer line is; the ordered quantity is the number of periods.",
    )
    psa_retainer_hours = fields.Float(
        string="Hours per Period",
        help="Hours of work that each period of a retainer grants. 0: none are named.",
    )

    _psa_retainer_hours_not_negative = models.Constraint(
        "CHECK(psa_retainer_hours IS NULL OR psa_retainer_hours >= 0)",
        "The hours that a retainer grants cannot be negative. Use 0 for none.",
    )

    def _auto_init(self):
        # A column that is there already is not computed for each of a firm's old lines at install.
        if not column_exists(self.env.cr, "sale_order_line", "psa_retainer_period"):
            create_column(self.env.cr, "sale_order_line", "psa_retainer_period", "varchar")
        return super()._auto_init()

    @api.depends("psa_billing_model")
    def _compute_psa_retainer_period(self):
        for line in self:
            if line.psa_billing_model != RETAINER:
                line.psa_retainer_period = False
            elif not line.psa_retainer_period:
                line.psa_retainer_period = "month"

    @api.constrains("psa_effort_hours")
    def _check_psa_effort_hours(self):
        for line in self:
            if line.psa_effort_hours < 0 and line.order_id.psa_kind != "change_order":  # which may cut hours
                raise ValidationError(
                    self.env._(
                        "%(order)s: the planned hours of %(line)s are negative. Only a change order takes "
                        "hours away; use 0 for none.",
                        order=line.order_id.name,
                        line=line.name,
                    )
                )

    def _psa_product_problem(self, label):
        """What is wrong with the product of this line for its billing model, in words; None if nothing is.

        :param label: how the message calls the line
        """
        self.ensure_one()
        if not self.product_id:
            return self.env._(
                "the role %s has no product for this billing model. Have somebody with the right to create "
                "products press “Create Products” on the role.",
                label,
            )
        if self.product_id.service_policy != POLICY_OF_MODEL[self.psa_billing_model]:
            return self.env._(
                "the product %(product)s of the line %(line)s is not invoiced the way "
                "its billing model says. Choose the other billing model, or a product that fits it.",
                product=self.product_id.display_name,
                line=label,
            )
        if self.psa_billing_model == EXPENSE and self.product_id.expense_policy in (False, "no"):
            return self.env._(
                "the product %(product)s of the line %(line)s re-invoices no expenses. Set “Re-Invoice "
                "Costs” on it, or choose a product that has it.",
                product=self.product_id.display_name,
                line=label,
            )
        return None

    def _psa_is_priced_whole(self):
        """Whether this is one fixed price for all of its work, and no hours that the client bought ahead."""
        self.ensure_one()
        return self.psa_billing_model == FIXED and bool(self.psa_effort_hours or self.product_uom_qty == 1)

    @api.depends("product_uom_qty", "psa_billing_model", "psa_effort_hours")
    def _compute_remaining_hours_available(self):
        """The host takes what is sold in hours and paid ahead for that many hours: the client would read in
        the portal, beside the time, that one hour was ordered and minus nineteen are left."""
        whole = self.filtered(lambda line: line._psa_is_priced_whole())
        whole.remaining_hours_available = False
        return super(SaleOrderLine, self - whole)._compute_remaining_hours_available()

    def _psa_pays_for(self, role):
        """Hook for the addons above: whether this line pays for time in ``role``, whatever line sells it."""
        self.ensure_one()
        return False

    def _psa_takes(self, role):
        """Whether time in ``role`` on the task of this line may land on it."""
        self.ensure_one()
        return not self.psa_role_id or self.psa_role_id == role or self._psa_pays_for(role)

    def _psa_hours(self):
        """Hours of work sold on this line, whatever it is sold by.

        Time lines: the quantity. Fixed prices and milestones: the planned hours, else the quantity if it is
        one of time. Retainers: what the ordered periods grant. 0 for expenses and success fees.
        """
        self.ensure_one()
        if self.display_type or not self.product_uom_id:
            return 0.0
        if self.psa_billing_model == RETAINER:
            return self.psa_retainer_hours * self.product_uom_qty
        if self.psa_billing_model in (FIXED, MILESTONE) and self.psa_effort_hours:
            return 0.0 if self._psa_is_declined() else self.psa_effort_hours
        return self.product_uom_qty * self._psa_unit_hours()
