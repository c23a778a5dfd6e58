"""Terms of a retainer on SOW templates; amounts and rates follow with the SOW."""

from odoo import fields, models

from odoo.addons.psa_contracts.core.billing_models import RETAINER

#: What a template says of a retainer, under the same names as the line that it makes.
TERMS = (
    "psa_retainer_period",
    "psa_retainer_grant",
    "psa_retainer_role_ids",
    "psa_retainer_calendar",
    "psa_retainer_timing",
    "psa_retainer_open_ended",
    "psa_retainer_rollover",
    "psa_retainer_rollover_periods",
    "psa_retainer_overage",
)


class SaleOrderTemplateLine(models.Model):
    _inherit = "sale.order.template.line"

    psa_retainer_period = fields.Selection(
        selection=lambda self: self._psa_line_selection("psa_retainer_period"),
        string="Retainer Period",
        help="What one unit of a retainer is. Empty: a month.",
    )
    psa_retainer_grant = fields.Selection(
        selection=lambda self: self._psa_line_selection("psa_retainer_grant"),
        string="Period Grants",
        help="Empty: hours.",
    )
    psa_retainer_role_ids = fields.Many2many(
        "project.role",
        "psa_template_retainer_role_rel",
        string="Roles that Draw on It",
        help="Empty: time on the tasks of the retainer only.",
    )
    psa_retainer_calendar = fields.Selection(
        selection=lambda self: self._psa_line_selection("psa_retainer_calendar"),
        string="Periods",
        help="Empty: calendar periods.",
    )
    psa_retainer_timing = fields.Selection(
        selection=lambda self: self._psa_line_selection("psa_retainer_timing"),
        string="Billed",
        help="Empty: in advance.",
    )
    psa_retainer_open_ended = fields.Boolean(
        string="Until Cancelled",
        help="The retainer goes on until its statement of work ends, or without end.",
    )
    psa_retainer_rollover = fields.Selection(
        selection=lambda self: self._psa_line_selection("psa_retainer_rollover"),
        string="Unused",
        help="Empty: it expires.",
    )
    psa_retainer_rollover_periods = fields.Integer(string="Rolls Over For", default=1)
    psa_retainer_overage = fields.Selection(
        selection=lambda self: self._psa_line_selection("psa_retainer_overage"),
        string="Work Over It",
        help="Empty: it is billed.",
    )

    def _psa_line_selection(self, name):
        return self.env["sale.order.line"]._fields[name]._description_selection(self.env)

    def _prepare_order_line_values(self):
        values = super()._prepare_order_line_values()
        if values.get("psa_billing_model") == RETAINER:
            values |= self._psa_retainer_values(self)
        return values

    def _psa_retainer_values(self, line):
        """What ``line``, of a template or of a SOW, says of its retainer, to be written on another."""
        values = {name: line[name] for name in TERMS if name != "psa_retainer_role_ids" and line[name]}
        return {**values, "psa_retainer_role_ids": [fields.Command.set(line.psa_retainer_role_ids.ids)]}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_prepare_template_line(self, sequence):
        values = super()._psa_prepare_template_line(sequence)
        if self.psa_billing_model == RETAINER:
            values |= self.env["sale.order.template.line"]._psa_retainer_values(self)
        return values
