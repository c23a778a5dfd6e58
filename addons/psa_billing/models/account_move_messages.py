"""What the chatter of new invoices says, posted for all of them at once."""

from markupsafe import Markup

from odoo import models

from .host_methods import only_by

#: What posts the message of a new record, and the addons whose way of it is followed here.
POSTING = (
    "message_post",
    "_message_post_after_hook",
    "_message_compute_author",
    "_message_compute_parent_id",
    "_message_create",
    "_notify_thread",
    "_notify_get_recipients",
    "_creation_subtype",
    "_creation_message",
)
KNOWN_POSTERS = {"account", "base", "hr_expense", "mail", "rating", "sms", "snailmail"}


class AccountMove(models.Model):
    _inherit = "account.move"

    def _psa_posts_creation(self):
        """Whether ``_psa_post_creation`` may take the place of the host's messages on new records."""
        unusual = ("tracking_disable", "mail_create_nolog", "mail_notify_author")
        return not any(map(self.env.context.get, unusual)) and only_by(self, POSTING, KNOWN_POSTERS)

    def _psa_post_creation(self):
        """Post that these new invoices were created, as ``create`` does one by one."""
        for moves in self.grouped("move_type").values():
            subtype = moves[0]._creation_subtype()
            if not subtype:
                moves._message_log_batch(bodies={move.id: move._creation_message() for move in moves})
                continue
            body = Markup('<div summary="o_mail_notification"><p>%s</p></div>') % moves[0]._creation_message()
            moves.sudo()._psa_post_alike(subtype, body)

    def _psa_post_alike(self, subtype, body):
        """Post one message on new records that have none yet; one by one where somebody is notified."""
        author = self.env.user.partner_id
        recipients = self.env["mail.followers"]._get_recipient_data(self, "notification", subtype.id, [])
        silent = {self._message_compute_real_author(author.id).id}
        quiet = self.filtered(lambda move: recipients.get(move.id, {}).keys() <= silent)
        for move in self - quiet:
            move.message_post(subtype_id=subtype.id, author_id=author.id, body=body)
        if quiet:
            quiet._message_create(quiet._prepare_creation_messages(subtype, author, body))

    def _prepare_creation_messages(self, subtype, author, body):
        """The values of these messages, as ``message_post`` prepares them for each."""
        moves = self._fallback_lang()
        author_id, email_from = moves._message_compute_author(author.id, None)
        domains = moves._mail_get_alias_domains(default_company=self.env.company)
        companies = moves._mail_get_companies(default=self.env.company)
        reply_to = moves._notify_get_reply_to(default=email_from, author_id=author_id)
        common = {
            "author_id": author_id,
            "author_guest_id": False,
            "email_from": email_from,
            "email_add_signature": True,
            "model": self._name,
            "body": body,
            "message_type": "notification",
            "parent_id": False,
            "subject": False,
            "subtype_id": subtype.id,
            "partner_ids": [],
            "incoming_email_to": False,
            "incoming_email_cc": False,
            "outgoing_email_to": False,
        }
        return [
            {
                **common,
                "res_id": move.id,
                "record_alias_domain_id": domains[move.id].id,
                "record_company_id": companies[move.id].id,
                "reply_to": reply_to[move.id],
            }
            for move in moves
        ]
