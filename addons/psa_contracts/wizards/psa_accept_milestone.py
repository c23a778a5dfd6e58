from odoo import api, fields, models
from odoo.exceptions import UserError


class PsaAcceptMilestone(models.TransientModel):
    """The project manager records that the client accepted a milestone, by mail or in a meeting, say."""

    _name = "psa.accept.milestone"
    _description = "Record the Acceptance of a Milestone"

    milestone_id = fields.Many2one("project.milestone", required=True, readonly=True, ondelete="cascade")
    commercial_partner_id = fields.Many2one(
        related="milestone_id.sale_line_id.order_id.partner_id.commercial_partner_id"
    )
    date = fields.Date(string="Accepted On", required=True, default=fields.Date.context_today)
    contact_id = fields.Many2one(
        "res.partner",
        string="Accepted By",
        compute="_compute_contact_id",
        compute_sudo=True,
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Who of the client accepted it.",
    )
    note = fields.Text(help="What was said about it. It stays inside the firm.")
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Files", help="The client's e-mail or the signed protocol, say."
    )

    @api.depends("milestone_id")
    def _compute_contact_id(self):
        for wizard in self:
            wizard.contact_id = wizard.milestone_id.sale_line_id.order_id.partner_id

    def action_apply(self):
        """Record the acceptance and keep the client's document with the milestone.

        :raises AccessError: for users who do not manage projects, or not this one
        :raises UserError: where there is nothing to accept, or a stranger accepted
        """
        self.ensure_one()
        milestone = self.milestone_id
        milestone._psa_check_manager()
        contact = self.contact_id.sudo()  # sudo: whom the contact belongs to is what is checked
        if contact.commercial_partner_id != self.commercial_partner_id:
            raise UserError(
                self.env._(
                    "%(contact)s does not belong to the client of %(milestone)s. Choose who of the client "
                    "accepted it.",
                    contact=contact.display_name,
                    milestone=milestone.name,
                )
            )
        # sudo: the right was checked; the acceptance is written by its buttons only
        milestone.sudo()._psa_accept(contact.name, self.date, self.note, self.env.user)
        self._psa_keep_files()
        return {"type": "ir.actions.act_window_close"}

    def _psa_keep_files(self):
        """The files go into the history of the milestone: own uploads only."""
        # sudo: the user's own uploads, which they just put into the dialog
        files = self.attachment_ids.sudo().filtered(
            lambda file: file.create_uid == self.env.user and file.res_model in (False, self._name)
        )
        if files:
            self.milestone_id.sudo().message_post(
                body=self.env._("The client's acceptance"),
                attachment_ids=files.ids,
                author_id=self.env.user.partner_id.id,
                subtype_xmlid="mail.mt_note",
            )
