from odoo import fields, models


class PsaAgreement(models.Model):
    _inherit = "psa.agreement"

    rate_card_id = fields.Many2one(
        "psa.rate.card",
        string="Default Rate Card",
        check_company=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id), ('order_id', '=', False), "
        "'|', ('partner_id', '=', False), ('partner_id', 'parent_of', partner_id)]",
        help="Prices of the statements of work under this agreement. Cards made for the agreement itself are "
        "asked first.",
    )
