from odoo import fields, models


class PsaBillingExportPayer(models.Model):
    """What the platform says of the invoice of one of several clients that pay a proposal."""

    _name = "psa.billing.export.payer"
    _inherit = "psa.billing.export.bill"
    _description = "External Invoice of a Paying Client"
    _order = "proposal_id, id"
    _rec_name = "payer_id"

    proposal_id = fields.Many2one(
        "psa.billing.proposal", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="proposal_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="proposal_id.currency_id")
    payer_id = fields.Many2one(
        "res.partner", string="Paying Client", required=True, readonly=True, ondelete="restrict"
    )

    _payer_once = models.UniqueIndex(
        "(proposal_id, payer_id)", "A paying client has one external invoice of a proposal."
    )
