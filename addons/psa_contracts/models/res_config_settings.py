from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_confirm_by_document = fields.Boolean(related="company_id.psa_confirm_by_document", readonly=False)
    psa_agreement_notice_days = fields.Integer(related="company_id.psa_agreement_notice_days", readonly=False)
    psa_agreement_end_days = fields.Integer(related="company_id.psa_agreement_end_days", readonly=False)
    psa_template_id = fields.Many2one(related="company_id.psa_template_id", readonly=False)
    psa_forecast_by_stage = fields.Boolean(related="company_id.psa_forecast_by_stage", readonly=False)
    psa_forecast_probability = fields.Float(related="company_id.psa_forecast_probability", readonly=False)
    psa_forecast_days = fields.Integer(related="company_id.psa_forecast_days", readonly=False)
    psa_forecast_match = fields.Selection(
        related="company_id.psa_forecast_match", readonly=False, required=True
    )
    company_so_template_id = fields.Many2one(
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id), ('psa_kind', '=', False)]"
    )
