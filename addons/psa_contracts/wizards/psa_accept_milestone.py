from odoo import fields, models


class PsaAcceptMilestone(models.TransientModel):
    """The project manager records that the client accepted a milestone, by mail or in a meeting, say."""

    _name = "psa.accept.milestone"
    _inherit = "psa.from.client"
    _description = "Record the Acceptance of a Milestone"

    milestone_id = fields.Many2one("project.milestone", required=True, readonly=True, ondelete="cascade")
    order_id = fields.Many2one(related="milestone_id.sale_line_id.order_id")
    date = fields.Date(string="Accepted On", required=True, default=fields.Date.context_today)
    contact_id = fields.Many2one(string="Accepted By", help="Who of the client accepted it.")
    note = fields.Text(help="What was said about it. It stays inside the firm.")
    attachment_ids = fields.Many2many(help="The client's e-mail or the signed protocol, say.")

    def action_apply(self):
        """Record the acceptance and keep the client's document with the milestone.

        :raises AccessError: for users who do not manage projects, or not this one
        :raises UserError: where there is nothing to accept, or a stranger accepted
        """
        self.ensure_one()
        milestone = self.milestone_id
        milestone._psa_check_manager()
        self._check_contact(milestone)
        # sudo: the right was checked; the acceptance is written by its buttons only
        milestone.sudo()._psa_accept(self.contact_id.sudo().name, self.date, self.note, self.env.user)
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
