from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    psa_retainer_periods_ahead = fields.Integer(
        string="Retainer Periods Ahead",
        default=3,
        help="How many periods of a retainer without end are made ahead of time.",
    )
    psa_retainer_statement = fields.Boolean(
        string="Retainer Statements",
        help="Attaches the statement of the periods that an invoice closes to it, as PDF.",
    )
