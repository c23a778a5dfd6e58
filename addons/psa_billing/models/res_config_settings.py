from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_billing_review = fields.Boolean(related="company_id.psa_billing_review", readonly=False)
