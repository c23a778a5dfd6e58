"""SOW templates: quotation templates that know roles, phases, billing models and the words of a SOW."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.billing_models import TIME_MATERIAL
from .sale_order_document import DOCUMENT_FIELDS

MOST_DAYS = 36_500


def _check_days(records, *names):
    """:raises ValidationError: for a plan of more than a hundred years: its days would leave the calendar,
    and end the daily job of the forecast, too"""
    for record in records:
        if any(record[name] > MOST_DAYS for name in names):
            raise ValidationError(
                records.env._(
                    "%(plan)s is planned for more than %(most)s days. Check the number of days.",
                    plan=record.display_name,
                    most=MOST_DAYS,
                )
            )


class SaleOrderTemplate(models.Model):
    _inherit = "sale.order.template"

    psa_kind = fields.Selection(
        [("sow", "Statement of Work")],
        string="Kind of Contract",
        index="btree_not_null",
        help="Statement of Work: offered on SOWs. Empty: an ordinary quotation template.",
    )
    psa_industry = fields.Char(
        string="Industry", help="Whom the template is for, to find it again among many: Consulting, Audit, …"
    )
    psa_duration = fields.Integer(
        string="Duration", help="Calendar days from the first to the last day of work. 0: not said."
    )
    psa_project_template_id = fields.Many2one(
        "project.project",
        string="Project Template",
        domain="[('is_template', '=', True), "
        "'|', ('company_id', '=', False), ('company_id', '=?', company_id)]",
        check_company=True,
        ondelete="set null",
        help="The project of a SOW made from this template is a copy of it.",
    )
    psa_currency_id = fields.Many2one("res.currency", compute="_compute_psa_currency_id")
    psa_cap_amount = fields.Monetary(
        string="Cap",
        currency_field="psa_currency_id",
        help="Not to exceed, before taxes, for the time on the SOW. 0: no cap. In the currency of the "
        "template's company; without a company in that of the SOW's company.",
    )
    psa_scope = fields.Html(string="Scope", translate=True)
    psa_deliverables = fields.Html(string="Deliverables", translate=True)
    psa_assumptions = fields.Html(string="Assumptions", translate=True)
    psa_acceptance_criteria = fields.Html(string="Acceptance Criteria", translate=True)
    psa_section_ids = fields.One2many(
        "sale.order.template.line",
        "sale_order_template_id",
        string="Phases",
        domain=[("display_type", "=", "line_section")],
    )
    psa_has_options = fields.Boolean(compute="_compute_psa_has_options")

    _psa_figures_not_negative = models.Constraint(
        "CHECK(COALESCE(psa_duration, 0) >= 0 AND COALESCE(psa_cap_amount, 0) >= 0)",
        "The duration and the cap of a template cannot be negative. Use 0 for none.",
    )

    @api.constrains("psa_duration")
    def _check_psa_duration(self):
        _check_days(self, "psa_duration")

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_psa_currency_id(self):
        for template in self:
            template.psa_currency_id = (template.company_id or self.env.company).currency_id

    @api.depends("sale_order_template_line_ids.is_optional", "psa_kind")
    def _compute_psa_has_options(self):
        for template in self:
            lines = template.sale_order_template_line_ids
            template.psa_has_options = bool(template.psa_kind) and any(lines.mapped("is_optional"))

    def _psa_amount_for(self, amount, order):
        """``amount`` of this template in the currency of ``order``, converted on the day that prices it."""
        self.ensure_one()
        company = self.company_id or order.company_id
        return company.currency_id._convert(
            amount, order.currency_id, order.company_id, order._psa_price_day(), round=False
        )

    def _psa_document(self, lang):
        """The words of a SOW made from this template, in the language ``lang``: ``{field: text}``."""
        self.ensure_one()
        template = self.with_context(lang=lang) if lang else self
        return {field: template[field] for field in DOCUMENT_FIELDS}

    def _psa_role_plan(self):
        """The hours of work that this template plans: ``[(role, hours, phase or empty)]``, its sold lines
        in their order."""
        self.ensure_one()
        hour = self.env.ref("uom.product_uom_hour")
        plan, section = [], self.env["sale.order.template.line"]
        for line in self.sale_order_template_line_ids:
            if line.display_type == "line_section":
                section = line
            elif not line.display_type and line.psa_role_id:
                hours = line._psa_hours(hour)
                if hours > 0:
                    plan.append((line.psa_role_id, hours, section))
        return plan


class SaleOrderTemplateLine(models.Model):
    _inherit = "sale.order.template.line"

    psa_kind = fields.Selection(related="sale_order_template_id.psa_kind")
    psa_role_id = fields.Many2one("project.role", string="Role", ondelete="restrict")
    psa_billing_model = fields.Selection(
        selection=lambda self: self.env["sale.order.line"]._fields["psa_billing_model"].selection,
        string="Billing Model",
    )
    psa_currency_id = fields.Many2one(related="sale_order_template_id.psa_currency_id")
    psa_price_unit = fields.Monetary(
        string="Unit Price",
        currency_field="psa_currency_id",
        help="The price of one unit of what is not sold by the hour: a fixed price, a milestone, a retainer "
        "period, a success fee. Time is priced by the rate card of the SOW.",
    )
    psa_cap_amount = fields.Monetary(
        string="Line Cap",
        currency_field="psa_currency_id",
        help="Not to exceed, before taxes, for the time on the line. 0: no cap.",
    )
    psa_effort_hours = fields.Float(
        string="Planned Hours",
        help="Hours of work behind a fixed price or a milestone, or granted by each period of a retainer.",
    )
    psa_offered_quantity = fields.Float(
        string="Offered",
        digits="Product Unit",
        help="Of an optional phase: the hours or periods that the client takes with one click.",
    )
    psa_start_offset = fields.Integer(
        string="Starts After", help="Calendar days from the start of the SOW to the first day of the phase."
    )
    psa_duration = fields.Integer(
        string="Days", help="Calendar days of the phase. 0: as long as the statement of work."
    )

    _psa_figures_not_negative = models.Constraint(
        "CHECK(COALESCE(psa_price_unit, 0) >= 0 AND COALESCE(psa_cap_amount, 0) >= 0 "
        "AND COALESCE(psa_effort_hours, 0) >= 0 AND COALESCE(psa_offered_quantity, 0) >= 0 "
        "AND COALESCE(psa_start_offset, 0) >= 0 AND COALESCE(psa_duration, 0) >= 0)",
        "Prices, caps, quantities, hours and days of a template cannot be negative. Use 0 for none.",
    )

    @api.constrains("psa_duration", "psa_start_offset")
    def _check_psa_days(self):
        _check_days(self, "psa_duration", "psa_start_offset")

    @api.onchange("psa_role_id", "psa_billing_model")
    def _onchange_psa_product(self):
        product = self._psa_sold_product()
        if product:
            self.product_id = product

    @api.model_create_multi
    def create(self, vals_list):
        lines = self.env["sale.order.line"]
        for vals in vals_list:
            role = self.env["project.role"].browse(vals.get("psa_role_id") or ())
            if role and not vals.get("product_id") and not vals.get("display_type"):
                vals["product_id"] = lines._psa_require_role_product(role, vals.get("psa_billing_model")).id
        return super().create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if {"psa_role_id", "psa_billing_model"} & vals.keys() and "product_id" not in vals:
            for line in self.filtered("psa_role_id"):
                line.product_id = self.env["sale.order.line"]._psa_require_role_product(
                    line.psa_role_id, line.psa_billing_model
                )
        return result

    def _psa_sold_product(self):
        """What this line sells: the product of its role, else the product given."""
        self.ensure_one()
        product = self.env["product.product"]
        if self.psa_role_id:
            product = product.env["sale.order.line"]._psa_role_product(
                self.psa_role_id, self.psa_billing_model
            )
        return product or self.product_id

    def _prepare_order_line_values(self):
        values = super()._prepare_order_line_values()
        if self.psa_kind != "sow":
            return values
        if self.display_type:
            return {**values, "psa_start_offset": self.psa_start_offset, "psa_duration": self.psa_duration}
        model = self.psa_billing_model or (TIME_MATERIAL if self.psa_role_id else False)
        values |= {
            "psa_role_id": self.psa_role_id.id,
            "psa_billing_model": model,
            "psa_cap_amount": self.psa_cap_amount,
            "psa_offered_quantity": self.psa_offered_quantity,
        }
        product = self._psa_sold_product()
        if product != self.product_id:  # the role got another product since: its unit counts
            values |= {"product_id": product.id, "product_uom_id": product.uom_id.id}
        if model == "retainer":
            values["psa_retainer_hours"] = self.psa_effort_hours
        elif model != TIME_MATERIAL:
            values["psa_effort_hours"] = self.psa_effort_hours
        if model != TIME_MATERIAL and self.psa_price_unit:
            values["price_unit"] = self.psa_price_unit
        return values

    def _psa_hours(self, hour):
        """Hours of work that this line plans, given the unit ``hour``; 0 for what is offered as optional."""
        self.ensure_one()
        if self.psa_billing_model == "retainer":
            return self.psa_effort_hours * self.product_uom_qty
        if self.psa_effort_hours and self.psa_billing_model != TIME_MATERIAL:
            return self.psa_effort_hours if self.product_uom_qty else 0.0
        if not self.product_uom_id._has_common_reference(hour):
            return 0.0
        return self.product_uom_id._compute_quantity(self.product_uom_qty, hour, round=False)
