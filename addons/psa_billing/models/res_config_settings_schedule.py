from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_billing_schedule = fields.Selection(related="company_id.psa_billing_schedule", readonly=False)
    psa_billing_schedule_day = fields.Integer(related="company_id.psa_billing_schedule_day", readonly=False)
    psa_billing_schedule_weekday = fields.Selection(
        related="company_id.psa_billing_schedule_weekday", readonly=False
    )
    psa_billing_tax_check = fields.Boolean(related="company_id.psa_billing_tax_check", readonly=False)
