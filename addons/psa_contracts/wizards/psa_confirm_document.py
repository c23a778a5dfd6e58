from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..models.sale_order_signed import CONFIRM_GROUP


class PsaConfirmDocument(models.TransientModel):
    _name = "psa.confirm.document"
    _inherit = "psa.from.client"
    _description = "Confirm by Document"

    order_id = fields.Many2one(required=True, readonly=True, ondelete="cascade")
    kind = fields.Selection(
        selection=lambda self: self.env["sale.order"]._fields["psa_evidence_kind"].selection,
        string="Document",
        required=True,
        default="purchase_order",
    )
    reference = fields.Char(
        help="Number of the purchase order. It goes on the statement of work as the Customer Reference.",
        compute="_compute_reference",
        store=True,
        readonly=False,
    )
    date_received = fields.Date(string="Received On", required=True, default=fields.Date.context_today)
    contact_id = fields.Many2one(string="Received From", help="Who of the client ordered the work.")
    attachment_ids = fields.Many2many(help="The purchase order, the e-mail, or a scan of the signed paper.")

    @api.depends("order_id")
    def _compute_reference(self):
        for wizard in self:
            wizard.reference = wizard.order_id.client_order_ref

    def action_confirm(self):
        """Attach the client's document to the order and confirm it.

        :raises UserError: without a file, with one from the future or of a stranger, and whatever else keeps
            the order from being confirmed
        :raises AccessError: without the right “Confirm by Document”
        """
        self.ensure_one()
        self._check_may_confirm()
        order, files = self.order_id, self._take_over_files()
        values = {
            "psa_evidence_kind": self.kind,
            "psa_evidence_date": self.date_received,
            "psa_evidence_contact_id": self.contact_id.id,
            "psa_evidence_ids": files.ids,
            "psa_confirmed_by_id": self.env.uid,
        }
        if self.reference:
            values["client_order_ref"] = self.reference
        # sudo: the proof fields are closed to everybody; the right and the document were checked above
        order.sudo().write(values)
        order.action_confirm()
        order.message_post(
            body=self.env._(
                "Confirmed with the client's document (%(kind)s of %(date)s, received from %(contact)s).",
                kind=dict(self._fields["kind"]._description_selection(self.env))[self.kind],
                date=format_date(self.env, self.date_received),
                contact=self.contact_id.display_name,
            ),
            attachment_ids=files.ids,
        )
        return {"type": "ir.actions.act_window_close"}

    def _check_may_confirm(self):
        order = self.order_id
        if not self.env.su and not self.env.user.has_group(CONFIRM_GROUP):
            raise AccessError(
                self.env._("You need the right “Confirm by Document” to confirm %s.", order.name)
            )
        order.check_access("write")
        if not order.psa_kind or order.state not in ("draft", "sent"):
            raise UserError(
                self.env._("%s is no open statement of work: there is nothing to confirm.", order.name)
            )
        if not self.attachment_ids or not all(self.attachment_ids.mapped("file_size")):
            raise UserError(
                self.env._("%s: attach the client's purchase order or e-mail as a file.", order.name)
            )
        if self.date_received > fields.Date.context_today(self):
            raise UserError(
                self.env._("%s: a document that will be received later proves nothing yet.", order.name)
            )
        self._check_contact(order)

    def _take_over_files(self):
        """The files as attachments of the order: own uploads move, other files are copied."""
        self.attachment_ids.check_access("read")
        own = {"res_model": "sale.order", "res_id": self.order_id.id}
        # sudo: what the user uploaded here, or may read (checked), becomes a document of the order they write
        files = self.env["ir.attachment"].sudo()
        for attachment in self.attachment_ids.sudo():
            if not attachment.res_id and attachment.create_uid == self.env.user:
                attachment.write(own)
                files += attachment
            elif (attachment.res_model, attachment.res_id) == ("sale.order", self.order_id.id):
                files += attachment
            else:
                files += attachment.copy(own)
        return files.sudo(False)
