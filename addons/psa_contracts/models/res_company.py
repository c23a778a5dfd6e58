from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    psa_confirm_by_document = fields.Boolean(
        string="Confirm Only What Is Signed",
        default=True,
        help="A statement of work or change order that the client did not sign in the portal is confirmed "
        "only by people with that right, and only with the client's purchase order or e-mail attached.",
    )
