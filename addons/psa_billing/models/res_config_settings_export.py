from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_export_payments = fields.Boolean(related="company_id.psa_export_payments", readonly=False)
    psa_export_journal_id = fields.Many2one(
        related="company_id.psa_export_journal_id",
        readonly=False,
        domain="[('type', 'in', ('bank', 'cash')), ('company_id', '=', company_id)]",
    )
