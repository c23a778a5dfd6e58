from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_retainer_periods_ahead = fields.Integer(
        related="company_id.psa_retainer_periods_ahead", readonly=False
    )
    psa_retainer_statement = fields.Boolean(related="company_id.psa_retainer_statement", readonly=False)
