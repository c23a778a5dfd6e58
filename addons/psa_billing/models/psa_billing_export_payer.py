from odoo import api, fields, models


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

    @api.model
    def _psa_merge_payers(self, partners):
        """``partners``, who pay one proposal, turn out to be one: what the platform said of their invoices is
        said of all of them together."""
        of_partners = self.search([("payer_id", "in", partners.ids)])
        for bills in of_partners.grouped("proposal_id").values():
            if len(bills) > 1:
                together = bills._psa_together([bill.export_state or None for bill in bills])
                bills[1:].unlink()
                bills[0].write(together)
        self.flush_model()
