"""The texts that a SOW says in words."""

from odoo import fields, models

DOCUMENT_FIELDS = ("psa_scope", "psa_deliverables", "psa_assumptions", "psa_acceptance_criteria")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_scope = fields.Html(string="Scope", sanitize=True, translate=False)
    psa_deliverables = fields.Html(string="Deliverables", sanitize=True, translate=False)
    psa_assumptions = fields.Html(string="Assumptions", sanitize=True, translate=False)
    psa_acceptance_criteria = fields.Html(string="Acceptance Criteria", sanitize=True, translate=False)
