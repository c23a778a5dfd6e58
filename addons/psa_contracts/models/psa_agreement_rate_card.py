from odoo import api, fields, models
from odoo.exceptions import ValidationError


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

    @api.constrains("rate_card_id", "partner_id")
    def _check_rate_card_client(self):
        for agreement in self:
            # sudo: whose card it is matters also to a writer who cannot read it
            card = agreement.rate_card_id.sudo()
            owner = card.partner_id.commercial_partner_id
            if card.order_id or (owner and owner != agreement.partner_id.commercial_partner_id):
                raise ValidationError(
                    self.env._(
                        "%(agreement)s: the rate card %(card)s is that of %(owner)s alone. Choose one of "
                        "%(client)s or of the company.",
                        agreement=agreement.name,
                        card=card.name,
                        owner=card.order_id.name or owner.display_name,
                        client=agreement.partner_id.display_name,
                    )
                )
