from odoo import fields, models


class PsaBillingExportKey(models.Model):
    """An answer that was given to a key: the same question again gets the same answer and does nothing."""

    _name = "psa.billing.export.key"
    _description = "Key of a Billing Export"
    _order = "id desc"
    _rec_name = "key"

    company_id = fields.Many2one("res.company", required=True, index=True)
    proposal_id = fields.Many2one("psa.billing.proposal", required=True, index=True, ondelete="cascade")
    key = fields.Char(required=True)
    content_digest = fields.Char(required=True)
    answer = fields.Json(required=True)

    _key_once = models.UniqueIndex(
        "(company_id, key)", "This key was used before: take another for another message."
    )
