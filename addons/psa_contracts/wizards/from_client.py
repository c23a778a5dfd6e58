from odoo import api, fields, models
from odoo.exceptions import UserError


class PsaFromClient(models.AbstractModel):
    """What somebody of the client said or sent about an order, as people record it."""

    _name = "psa.from.client"
    _description = "Word of a Client"

    order_id = fields.Many2one("sale.order")
    commercial_partner_id = fields.Many2one(related="order_id.partner_id.commercial_partner_id")
    contact_id = fields.Many2one(
        "res.partner",
        required=True,
        compute="_compute_contact_id",
        compute_sudo=True,  # the client of the order, who is no secret to those who record this
        store=True,
        readonly=False,
        precompute=True,
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Files")

    @api.depends("order_id")
    def _compute_contact_id(self):
        for wizard in self:
            wizard.contact_id = wizard.order_id.partner_id

    def _check_contact(self, subject):
        """
        :param subject: the record that it is about
        :raises UserError: where the contact is nobody of the client
        """
        contact = self.contact_id.sudo()  # sudo: whom the contact belongs to is what is checked
        if contact.commercial_partner_id != self.commercial_partner_id:
            raise UserError(
                self.env._(
                    "%(contact)s does not belong to the client of %(subject)s. Choose somebody who does.",
                    contact=contact.display_name,
                    subject=subject.sudo().display_name,
                )
            )
