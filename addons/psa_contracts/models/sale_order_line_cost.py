"""What the hours of a SOW cost, and what is left of its price.

Costs are confidential: every field here is for the group “See Cost and Margin” and HR.
"""

from odoo import api, fields, models

from ..core.billing_models import EXPENSE
from ..core.margin import margin

MARGIN_GROUP = "psa_contracts.group_psa_margin"


class ProjectRole(models.Model):
    _inherit = "project.role"

    psa_hourly_cost = fields.Float(
        string="Cost of an Hour",
        company_dependent=True,
        digits=(16, 2),
        groups=f"hr.group_hr_user,{MARGIN_GROUP}",
        help="What an hour of this role costs the company, in its currency. 0: the mean of the people who "
        "have it as main role.",
    )
    psa_cost_currency_id = fields.Many2one("res.currency", compute="_compute_psa_cost_currency_id")

    @api.depends_context("company")
    def _compute_psa_cost_currency_id(self):
        self.psa_cost_currency_id = self.env.company.currency_id

    def _psa_hourly_costs(self, company):
        """``{role: cost of an hour}`` in ``company``, in its currency; 0 where nothing is known. Two queries.

        The cost set on the role; else the mean of the employees of the company who have it as main role
        and whose cost is known.
        """
        # sudo: who sees cost and margin need not be of HR, whose field hourly_cost is
        roles = self.sudo().with_company(company)
        means = dict(
            self.env["hr.employee"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("psa_role_id", "in", roles.filtered(lambda role: not role.psa_hourly_cost).ids),
                    ("hourly_cost", ">", 0),
                ],
                ["psa_role_id"],
                ["hourly_cost:avg"],
            )
        )
        return {
            role: role.sudo().with_company(company).psa_hourly_cost or means.get(role.sudo(), 0.0)
            for role in self
        }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_cost_amount = fields.Monetary(
        string="Planned Cost",
        compute="_compute_psa_margin",
        compute_sudo=True,
        groups=MARGIN_GROUP,
        help="Hours of the line at the cost of its person or role, converted on the day of the order. "
        "Expenses cost what they bring in.",
    )
    psa_margin_amount = fields.Monetary(
        string="Planned Margin", compute="_compute_psa_margin", compute_sudo=True, groups=MARGIN_GROUP
    )
    psa_margin_percent = fields.Float(
        string="Planned Margin (%)", compute="_compute_psa_margin", compute_sudo=True, groups=MARGIN_GROUP
    )

    @api.depends(
        "price_subtotal",
        "product_uom_qty",
        "product_uom_id",
        "psa_role_id",
        "psa_employee_id",
        "psa_billing_model",
        "psa_effort_hours",
        "psa_retainer_hours",
        "order_id.psa_kind",
        "order_id.currency_rate",
    )
    def _compute_psa_margin(self):
        costs = self._psa_hour_costs()
        for line in self:
            cost = 0.0
            if line.psa_billing_model == EXPENSE:
                cost = line.price_subtotal
            elif line in costs:
                # the host's rate from the company's currency to the order's, on the day of the order
                cost = costs[line] * line._psa_hours() * (line.order_id.currency_rate or 1.0)
                cost = line.currency_id.round(cost) if line.currency_id else cost
            line.psa_cost_amount = cost
            line.psa_margin_amount, line.psa_margin_percent = margin(line.price_subtotal, cost)

    def _psa_hour_costs(self):
        """``{line: cost of an hour of it}``, in the currency of the line's company; lines of SOWs only.

        The cost of the named person, else of the role; 0 where neither is known. Queries are constant in
        the number of lines. The caller sees to who may know costs.
        """
        lines = self.filtered(lambda line: line.order_id.psa_kind and not line.display_type)
        costs = {}
        for company, of_company in lines.grouped(lambda line: line.order_id.company_id).items():
            by_role = of_company.psa_role_id._psa_hourly_costs(company)
            for line in of_company:
                # sudo: hourly_cost is HR's; see the docstring
                personal = line.psa_employee_id.sudo().hourly_cost
                costs[line] = personal or by_role.get(line.psa_role_id, 0.0)
        return costs

    def _psa_hour_cost(self):
        """The cost of an hour of this line, in the currency of its company; 0 where none is known."""
        self.ensure_one()
        return self._psa_hour_costs().get(self, 0.0)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_cost_amount = fields.Monetary(
        string="Planned Cost", compute="_compute_psa_margin", compute_sudo=True, groups=MARGIN_GROUP
    )
    psa_margin_amount = fields.Monetary(
        string="Planned Margin",
        compute="_compute_psa_margin",
        compute_sudo=True,
        groups=MARGIN_GROUP,
        help="Amount before taxes less the cost of the hours at today's cost of the people and roles.",
    )
    psa_margin_percent = fields.Float(
        string="Planned Margin (%)", compute="_compute_psa_margin", compute_sudo=True, groups=MARGIN_GROUP
    )

    @api.depends("order_line.psa_cost_amount", "amount_untaxed")
    def _compute_psa_margin(self):
        for order in self:
            cost = sum(order.order_line.mapped("psa_cost_amount"))
            order.psa_cost_amount = cost
            order.psa_margin_amount, order.psa_margin_percent = margin(order.amount_untaxed, cost)
