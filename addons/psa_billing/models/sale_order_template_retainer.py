"""All terms of a retainer on SOW templates; its hours are the planned hours of the template line."""

from odoo import fields, models

from odoo.addons.psa_contracts.core.billing_models import RETAINER

from .sale_order_line_retainer import retainer_terms

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
    "psa_retainer_true_up",
)
#: Amounts among the terms: in the currency of the template's company there, of the SOW here.
AMOUNTS = ("psa_retainer_amount", "psa_retainer_overage_rate", "psa_retainer_minimum")


def retainer_amounts(line):
    """The names of the amounts of money among the terms of a retainer line, of a template or SOW, that are
    not zero: what rolls over at most is one where money is granted."""
    money = ("psa_retainer_rollover_cap",) if line.psa_retainer_grant == "money" else ()
    return [name for name in (*AMOUNTS, *money) if line[name]]


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
    psa_retainer_amount = fields.Monetary(
        string="Amount per Period",
        currency_field="psa_currency_id",
        help="Work that each period grants, at the rates of the card, before taxes. Empty: the price of the "
        "period.",
    )
    psa_retainer_rollover_cap = fields.Float(
        string="Rolls Over at Most", help="In hours or money, as the period grants. 0: no bound."
    )
    psa_retainer_overage_rate = fields.Monetary(
        string="Overage Rate",
        currency_field="psa_currency_id",
        help="Price of an hour over the retainer. 0: what an hour of the retainer costs; where it grants "
        "money, the rate of the card.",
    )
    psa_retainer_true_up = fields.Selection(
        selection=lambda self: self._psa_line_selection("psa_retainer_true_up"),
        string="At the End",
        help="Empty: nothing is settled.",
    )
    psa_retainer_minimum = fields.Monetary(
        string="Minimum",
        currency_field="psa_currency_id",
        help="Amount that the whole retainer comes to at least, overage included, before taxes.",
    )

    _psa_retainer_not_negative = models.Constraint(
        "CHECK(COALESCE(psa_retainer_amount, 0) >= 0 AND COALESCE(psa_retainer_rollover_cap, 0) >= 0 "
        "AND COALESCE(psa_retainer_overage_rate, 0) >= 0 AND COALESCE(psa_retainer_minimum, 0) >= 0)",
        "Amounts and rates of a retainer cannot be negative. Use 0 for none.",
    )

    def action_psa_retainer_terms(self):
        """What the retainer of this template line grants, and how it is billed."""
        return retainer_terms(self, "psa_billing.sale_order_template_line_view_form_retainer")

    def _psa_line_selection(self, name):
        return self.env["sale.order.line"]._fields[name]._description_selection(self.env)

    def _prepare_order_line_values(self):
        values = super()._prepare_order_line_values()
        if values.get("psa_billing_model") == RETAINER:
            values |= self._psa_retainer_values(self)
        return values

    def _psa_retainer_values(self, line, in_template=None):
        """What ``line``, of a template or of a SOW, says of its retainer, to be written on another.

        :param in_template: gives an amount of the SOW in the currency of the template; None: it stays
        """
        values = {name: line[name] for name in TERMS if name != "psa_retainer_role_ids" and line[name]}
        for name in retainer_amounts(line):
            values[name] = in_template(line[name]) if in_template else line[name]
        if "psa_retainer_rollover_cap" not in values and line.psa_retainer_rollover_cap:
            values["psa_retainer_rollover_cap"] = line.psa_retainer_rollover_cap
        return {**values, "psa_retainer_role_ids": [fields.Command.set(line.psa_retainer_role_ids.ids)]}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_take_over_template(self):  # pylint: disable=missing-return  # a step without a value
        """The amounts of retainers, too, are those of the template in the currency of this SOW."""
        super()._psa_take_over_template()
        template = self.sale_order_template_id
        if (template.company_id or self.company_id).currency_id == self.currency_id:
            return
        for line in self.order_line.filtered(lambda line: line.psa_billing_model == RETAINER):
            for name in retainer_amounts(line):
                line[name] = self.currency_id.round(template._psa_amount_for(line[name], self))


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_prepare_template_line(self, sequence):
        values = super()._psa_prepare_template_line(sequence)
        if self.psa_billing_model == RETAINER:
            values |= self.env["sale.order.template.line"]._psa_retainer_values(
                self, self.order_id._psa_in_company_currency
            )
        return values
