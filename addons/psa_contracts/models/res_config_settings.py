from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_confirm_by_document = fields.Boolean(related="company_id.psa_confirm_by_document", readonly=False)
    psa_agreement_notice_days = fields.Integer(related="company_id.psa_agreement_notice_days", readonly=False)
    psa_agreement_end_days = fields.Integer(related="company_id.psa_agreement_end_days", readonly=False)
