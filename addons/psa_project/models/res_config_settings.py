from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_self_approval = fields.Boolean(related="company_id.psa_self_approval", readonly=False)
