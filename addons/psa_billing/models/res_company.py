from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    psa_billing_review = fields.Boolean(
        string="Review of Proposals",
        help="Proposals are reviewed by who leads the project before they can be approved.",
    )
