from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_self_approval = fields.Boolean(related="company_id.psa_self_approval", readonly=False)
    psa_time_closed_until = fields.Date(related="company_id.psa_time_closed_until", readonly=False)
