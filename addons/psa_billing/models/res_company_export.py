"""Settings of the export to a billing platform."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    psa_export_payments = fields.Boolean(
        string="Register External Payments",
        help="What the billing platform has received is registered as a payment of the posted invoice.",
    )
    psa_export_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of External Payments",
        check_company=True,
        domain="[('type', 'in', ('bank', 'cash')), ('company_id', '=', id)]",
        help="Empty: the first bank journal.",
    )
