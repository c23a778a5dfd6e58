from odoo import fields, models


class PsaAgreement(models.Model):
    _inherit = "psa.agreement"

    rate_card_id = fields.Many2one(
        "psa.rate.card",
        string="Default Rate Card",
        check_company=True,
        ondelete="restrict",
        help="The prices of new statements of work under this agreement.",
    )
