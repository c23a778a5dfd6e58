from odoo import fields, models

from ..core.pipeline import Trigger

FORECAST_FIELDS = {
    "psa_forecast_by_stage",
    "psa_forecast_days",
    "psa_forecast_match",
    "psa_forecast_probability",
}


class ResCompany(models.Model):
    _inherit = "res.company"

    sale_order_template_id = fields.Many2one(
        domain="['|', ('company_id', '=', False), ('company_id', '=', id), ('psa_kind', '=', False)]"
    )
    psa_template_id = fields.Many2one(
        "sale.order.template",
        string="Default Service Template",
        domain="[('psa_kind', '=', 'sow'), '|', ('company_id', '=', False), ('company_id', '=', id)]",
        check_company=True,
        ondelete="set null",
        help="Proposed on the opportunities of teams without a service template of their own.",
    )
    psa_forecast_by_stage = fields.Boolean(
        string="Stage Says So",
        help="Forecast the opportunities in stages that are marked with “Forecast Staffing”.",
    )
    psa_forecast_probability = fields.Float(
        string="Probability From (%)",
        help="Forecast opportunities from this probability on, in per cent. 0: it does not count.",
    )
    psa_forecast_days = fields.Integer(
        string="Closing Within (Days)",
        help="Forecast opportunities whose expected closing is at most so many days away, or past. "
        "0: the closing does not count.",
    )
    psa_forecast_match = fields.Selection(
        [("any", "Any of them"), ("all", "All of them")],
        string="What Must Hold",
        default="any",
        required=True,
        help="Whether an opportunity is forecast when it meets one of the criteria set, or only when it "
        "meets all of them.",
    )

    _psa_forecast_in_range = models.Constraint(
        "CHECK(psa_forecast_probability BETWEEN 0 AND 100 AND COALESCE(psa_forecast_days, 0) >= 0)",
        "The probability from which opportunities are forecast is between 0 and 100 %, and the days to "
        "closing are not negative. Use 0 for what does not count.",
    )

    def write(self, vals):
        result = super().write(vals)
        if FORECAST_FIELDS & vals.keys():
            # sudo: the forecast covers everybody's opportunities, whoever sets up the company
            lines = self.env["psa.pipeline.line"].sudo()
            lines._psa_sync(lines._psa_leads_to_watch(self))
        return result

    def _psa_forecast_trigger(self):
        """What this company wants of an opportunity before it is forecast (see core.pipeline)."""
        self.ensure_one()
        return Trigger(
            by_stage=self.psa_forecast_by_stage,
            probability=self.psa_forecast_probability,
            days=self.psa_forecast_days,
            match_all=self.psa_forecast_match == "all",
        )
