from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_confirm_by_document = fields.Boolean(related="company_id.psa_confirm_by_document", readonly=False)
