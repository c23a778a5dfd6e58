from odoo import api, fields, models


class PsaPayerShare(models.Model):
    _name = "psa.payer.share"
    _inherit = "psa.part.of.sow"
    _description = "Paying Client"
    _order = "order_id, sequence, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    partner_id = fields.Many2one(
        "res.partner",
        string="Paying Client",
        required=True,
        check_company=True,
        ondelete="restrict",
        help="Receives its own invoices. It sees nothing of the statement of work in the portal.",
    )
    share = fields.Float(string="Share (%)", digits=(7, 4), required=True)
    reference = fields.Char(string="Purchase Order", help="Number of this payer's purchase order.")
    note = fields.Char()

    _share_is_a_share = models.Constraint(
        "CHECK(share > 0 AND share <= 100)", "The share of a paying client is above 0 and at most 100 %."
    )
    _payer_once = models.Constraint(
        "UNIQUE(order_id, partner_id)",
        "A client pays one share of a statement of work: add the two shares up.",
    )

    def _psa_signed_message(self, order):
        return self.env._(
            "%(order)s is signed. Its paying clients cannot be changed any more: %(way)s",
            order=order.name,
            way=order._psa_signed_way_out(by_change=False),
        )

    @api.model
    def _psa_merge_payers(self, partners):
        """Add up the shares of ``partners``, who turn out to be one, on each order."""
        for shares in self.search([("partner_id", "in", partners.ids)]).grouped("order_id").values():
            if len(shares) > 1:
                total = sum(shares.mapped("share"))
                shares[1:].unlink()
                shares[0].share = total
