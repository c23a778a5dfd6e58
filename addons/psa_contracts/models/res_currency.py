from odoo import models


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _psa_has_rate(self, company, day):
        """Whether there is an exchange rate on or before ``day``: else the host takes a later one, or 1."""
        self.ensure_one()
        domain = [
            ("currency_id", "=", self.id),
            ("company_id", "in", (False, company.root_id.id)),
            ("name", "<=", day),
        ]
        # sudo: whether there is a rate is no secret to who posts a cost
        return bool(self.env["res.currency.rate"].sudo().search_count(domain, limit=1))
