from odoo import fields, models


class CrmStage(models.Model):
    _inherit = "crm.stage"

    psa_forecast = fields.Boolean(
        string="Forecast Staffing",
        help="Opportunities in this stage are forecast: the role hours of their template or draft statement "
        "of work appear in the role forecast. Counts where the settings ask for the stage.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "psa_forecast" in vals:
            leads = self.env["crm.lead"].sudo().search([("stage_id", "in", self.ids)])
            # sudo: the forecast covers everybody's opportunities, whoever sets up the stages
            self.env["psa.pipeline.line"]._psa_sync(leads)
        return result
