"""A SOW made from a template: its lines, dates, cap, words and project template."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.sql import column_exists, create_column

from ..core.billing_models import TIME_MATERIAL
from ..core.plan import last_day, phase_dates

#: What follows from the template and the start while a SOW is not signed.
PLANNED_COLUMNS = {
    "sale_order": {"psa_date_end": "date", "psa_project_template_id": "int4"},
    "sale_order_line": {"psa_date_start": "date", "psa_date_end": "date"},
}


def create_planned_columns(cr, table):
    """Columns that are there already are not computed for each of a firm's old records at install."""
    for column, kind in PLANNED_COLUMNS[table].items():
        if not column_exists(cr, table, column):
            create_column(cr, table, column, kind)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    sale_order_template_id = fields.Many2one(
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id), "
        "('psa_kind', '=', psa_kind)]"
    )
    psa_date_end = fields.Date(compute="_compute_psa_date_end", store=True, readonly=False, precompute=True)
    psa_project_template_id = fields.Many2one(
        "project.project",
        string="Project Template",
        compute="_compute_psa_project_template_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('is_template', '=', True), "
        "'|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        check_company=True,
        ondelete="set null",
        help="The project that delivers this statement of work is a copy of it, with its stages and tasks. "
        "Empty: an empty project.",
    )

    def _auto_init(self):
        create_planned_columns(self.env.cr, "sale_order")
        return super()._auto_init()

    def _compute_sale_order_template_id(self):
        # The company's default template is one for quotations: a SOW begins with the template chosen for it.
        return super(
            SaleOrder, self.filtered(lambda order: not order.psa_kind)
        )._compute_sale_order_template_id()

    @api.constrains("sale_order_template_id", "psa_kind")
    def _check_psa_template_kind(self):
        for order in self:
            if order.sale_order_template_id.psa_kind and not order.psa_kind:
                raise ValidationError(
                    self.env._(
                        "%(order)s is no statement of work: the template %(template)s cannot be used on it. "
                        "Begin with New under Statements of Work.",
                        order=order.name,
                        template=order.sale_order_template_id.name,
                    )
                )

    @api.depends("psa_date_start", "sale_order_template_id")
    def _compute_psa_date_end(self):
        for order in self:
            duration = order.sale_order_template_id.psa_duration
            if order.psa_kind == "sow" and order.psa_date_start and duration and order._psa_is_planned():
                order.psa_date_end = last_day(order.psa_date_start, duration)
            else:
                order.psa_date_end = order.psa_date_end

    @api.depends("sale_order_template_id")
    def _compute_psa_project_template_id(self):
        for order in self:
            template = order.sale_order_template_id.psa_project_template_id
            if template and order.psa_kind == "sow" and order._psa_is_planned():
                order.psa_project_template_id = template
            else:
                order.psa_project_template_id = order.psa_project_template_id

    def _psa_is_planned(self):
        """Whether this order is not signed yet: its plan follows its template and its start."""
        self.ensure_one()
        return self.state in (False, "draft", "sent")

    @api.onchange("sale_order_template_id")
    def _onchange_sale_order_template_id(self):
        result = super()._onchange_sale_order_template_id()
        if self.psa_kind == "sow" and self.sale_order_template_id.psa_kind == "sow":
            self._psa_take_over_template()
        return result

    def _psa_take_over_template(self):
        """The words and the cap of the template; its amounts in the currency of this SOW."""
        self.ensure_one()
        template = self.sale_order_template_id
        self.update(template._psa_document(self.partner_id.lang))
        self.psa_cap_amount = self.currency_id.round(template._psa_amount_for(template.psa_cap_amount, self))
        if (template.company_id or self.company_id).currency_id == self.currency_id:
            return
        for line in self.order_line:
            line.psa_cap_amount = self.currency_id.round(template._psa_amount_for(line.psa_cap_amount, self))
            if line.psa_billing_model not in (False, TIME_MATERIAL):
                line.price_unit = self.currency_id.round(template._psa_amount_for(line.price_unit, self))


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_start_offset = fields.Integer(
        string="Starts After",
        help="Calendar days from the start of the statement of work to the first day of the phase.",
    )
    psa_duration = fields.Integer(
        string="Days", help="Calendar days of the phase. 0: its dates are typed, or those of the whole."
    )
    psa_date_start = fields.Date(compute="_compute_psa_dates", store=True, readonly=False, precompute=True)
    psa_date_end = fields.Date(compute="_compute_psa_dates", store=True, readonly=False, precompute=True)

    def _auto_init(self):
        create_planned_columns(self.env.cr, "sale_order_line")
        return super()._auto_init()

    @api.depends("order_id.psa_date_start", "psa_start_offset", "psa_duration")
    def _compute_psa_dates(self):
        for line in self:
            order = line.order_id
            if (
                line.display_type == "line_section"
                and line.psa_duration > 0
                and order.psa_date_start
                and order._psa_is_planned()
            ):
                line.psa_date_start, line.psa_date_end = phase_dates(
                    order.psa_date_start, line.psa_start_offset, line.psa_duration
                )
            else:
                line.psa_date_start, line.psa_date_end = line.psa_date_start, line.psa_date_end
