from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_dunning_mode = fields.Selection(related="company_id.psa_dunning_mode", readonly=False, required=True)
    psa_dunning_gap_days = fields.Integer(related="company_id.psa_dunning_gap_days", readonly=False)
    psa_collector_id = fields.Many2one(related="company_id.psa_collector_id", readonly=False)
    psa_duplicate_days = fields.Integer(related="company_id.psa_duplicate_days", readonly=False)
