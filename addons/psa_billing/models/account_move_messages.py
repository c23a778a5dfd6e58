"""What the chatter of new invoices says, posted for all of them at once."""

from collections import defaultdict

from markupsafe import Markup

from odoo import api, models

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
    "_message_auto_subscribe",
    "_message_auto_subscribe_followers",
)
KNOWN_POSTERS = {"account", "base", "hr_expense", "mail", "psa_billing", "rating", "sms", "snailmail"}


class Subscriptions:
    """Who is to follow new invoices. No list: contexts with equal values are taken for the same."""

    def __init__(self):
        self.waiting = []  # [(invoice, its values)]


class AccountMove(models.Model):
    _inherit = "account.move"

    def _psa_posts_creation(self):
        """Whether ``_psa_post_creation`` may take the place of the host's messages on new records."""
        unusual = ("tracking_disable", "mail_create_nolog", "mail_notify_author")
        return not any(map(self.env.context.get, unusual)) and only_by(self, POSTING, KNOWN_POSTERS)

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        """Of new invoices, see ``_psa_subscribe``."""
        subscriptions = self.env.context.get("psa_subscriptions")
        if not subscriptions or followers_existing_policy != "update":  # as it is called by ``write``
            return super()._message_auto_subscribe(updated_values, followers_existing_policy)
        subscriptions.waiting.append((self, updated_values))
        return True

    @api.model
    def _psa_subscribe(self, subscriptions):
        """Who follows new invoices because of their values, subscribed to all at once that are alike."""
        *_subtypes, relation = self.env["mail.message.subtype"]._get_auto_subscription_subtypes(self._name)
        names = sorted({"user_id", *(name for fields in relation.values() for name in fields)})
        alike = defaultdict(list)
        for move, values in subscriptions.waiting:
            alike[tuple(values.get(name) for name in names)].append(move.id)
        for values, move_ids in alike.items():
            # Notifying writes a token on the invoice; that is no change by hand.
            moves = self.with_context(skip_is_manually_modified=True).browse(move_ids)
            moves._message_auto_subscribe(dict(zip(names, values, strict=True)), "update")

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
