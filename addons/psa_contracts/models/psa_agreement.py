from odoo import fields, models


class PsaAgreement(models.Model):
    _name = "psa.agreement"
    _description = "Agreement"
    _check_company_auto = True

    name = fields.Char(required=True)
    partner_id = fields.Many2one("res.partner", string="Client", required=True, index=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
