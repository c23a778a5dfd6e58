"""What the chatter says of invoices that are made or posted together, posted for all of them at once."""

from collections import defaultdict
from contextlib import contextmanager

from markupsafe import Markup, escape

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
#: What notes the changes of a record, followed here for changes that are posted alike.
TRACKING = (*POSTING, "_message_track", "_mail_track", "_track_subtype", "_track_get_default_log_message")
KNOWN_POSTERS = {"account", "base", "hr_expense", "mail", "psa_billing", "rating", "sms", "snailmail"}
#: In the cursor's cache, see ``analytic_lookups.ACCOUNTS``: ``[(new invoice, its values)]``, whom to notify
#: of which is not asked yet.
SUBSCRIPTIONS = "psa_billing.subscriptions"


class AccountMove(models.Model):
    _inherit = "account.move"

    def _psa_posts_creation(self):
        """Whether ``_psa_post_creation`` may take the place of the host's messages on new records."""
        unusual = ("tracking_disable", "mail_create_nolog", "mail_notify_author")
        return not any(map(self.env.context.get, unusual)) and only_by(self, POSTING, KNOWN_POSTERS)

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        """Of new invoices, see ``_psa_subscribe``."""
        together = self.env.context.get("psa_subscribes_together")
        waiting = self.env.cr.cache.get(SUBSCRIPTIONS) if together else None
        if waiting is None or followers_existing_policy != "update":  # as it is called by ``write``
            return super()._message_auto_subscribe(updated_values, followers_existing_policy)
        waiting.append((self, updated_values))
        return True

    @contextmanager
    def _psa_subscribes_together(self):
        """Who follows new invoices because of their values, subscribed at the end, alike ones together.

        Holds for what is done with the context ``psa_subscribes_together``.
        """
        waiting = self.env.cr.cache[SUBSCRIPTIONS] = []
        try:
            yield
        finally:
            del self.env.cr.cache[SUBSCRIPTIONS]
        self._psa_subscribe(waiting)

    @api.model
    def _psa_subscribe(self, waiting):
        """Subscribe to new invoices.

        :param waiting: ``[(invoice, its values)]``
        """
        *_subtypes, relation = self.env["mail.message.subtype"]._get_auto_subscription_subtypes(self._name)
        names = sorted({"user_id", *(name for fields in relation.values() for name in fields)})
        alike = defaultdict(list)
        for move, values in waiting:
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
            # sudo: the host notes on new records in sudo, too
            moves.sudo()._psa_post_alike(subtype, body)

    def _message_track(self, fields_iter, initial_values_dict):
        """That invoices of proposals are posted is noted for all of them at once, as the host notes it."""
        moves = self._psa_tracked_alike()
        others = self - moves
        if not fields_iter or not moves:
            return super()._message_track(fields_iter, initial_values_dict)
        tracked = self.fields_get(fields_iter, attributes=("string", "type", "selection", "currency_field"))
        tracking, alike, subtypes = {}, defaultdict(dict), {}
        for move in moves:
            before = initial_values_dict[move.id]
            changes, values = move._mail_track(tracked, before)
            subtype = changes and move._psa_track_subtype({name: before[name] for name in changes}, subtypes)
            if changes and not subtype:
                others += move
                continue
            tracking[move.id] = (changes, values)
            if changes:
                alike[subtype, move._track_get_default_log_message(changes)][move] = values
        for (subtype, body), values in alike.items():
            self.browse([move.id for move in values])._psa_post_alike(subtype, body, values)
        return tracking | super(AccountMove, others)._message_track(fields_iter, initial_values_dict)

    def _psa_track_subtype(self, before, known):
        """The subtype of these changes, which the host says by what the invoice is now.

        :param known: ``{what the answer follows from: answer}``
        """
        key = self.move_type, self.state, self.payment_state, *before
        if key not in known:
            known[key] = self._track_subtype(before)
        return known[key]

    def _psa_tracked_alike(self):
        """Those of these moves whose changes are posted here."""
        if not only_by(self, TRACKING, KNOWN_POSTERS | {"psa_billing"}):
            return self.browse()
        # what somebody said about a change in the same transaction the host puts together with it
        said = self.env.cr.precommit.data
        own = {*said.get(f"mail.tracking.message.{self._name}", ())}
        own |= {*said.get(f"mail.tracking.author.{self._name}", ())}
        # sudo: see _psa_billed_lines
        moves = self.exists().sudo().filtered(lambda move: move.psa_proposal_id and move.id not in own)
        return moves.with_env(self.env)

    def _psa_post_alike(self, subtype, body, tracking=None):
        """Post one message on each of these records; one by one where somebody is notified.

        :param tracking: ``{record: commands of the changes that its message shows}``; None: these records are
            new and have no message yet
        """
        author = self.env.user.partner_id
        recipients = self.env["mail.followers"]._get_recipient_data(self, "notification", subtype.id, [])
        silent = {self._message_compute_real_author(author.id).id}
        quiet = self.filtered(lambda move: recipients.get(move.id, {}).keys() <= silent)
        for move in self - quiet:
            more = {"tracking_value_ids": tracking[move]} if tracking else {}
            move.message_post(subtype_id=subtype.id, author_id=author.id, body=body, **more)
        if quiet:
            messages = quiet._prepare_messages(subtype, author, body)
            if tracking:
                ancestors = quiet._psa_ancestors()
                for move, values in zip(quiet, messages, strict=True):
                    values["parent_id"] = ancestors.get(move.id, False)
            created = quiet._message_create(messages)
            if tracking:
                quiet._psa_create_tracking(created, tracking)

    def _psa_create_tracking(self, messages, tracking):
        """The changes that ``messages``, one of each of these records, show; of all in one statement."""
        # sudo: as the host creates them with a message
        self.env["mail.tracking.value"].sudo().create(
            [
                {**command[2], "mail_message_id": message.id}
                for move, message in zip(self, messages, strict=True)
                for command in tracking[move]
            ]
        )

    def _psa_ancestors(self):
        """``{id of the record: message that the next one answers}``; see ``_message_compute_parent_id``."""
        # sudo: as the host looks for it
        messages = self.env["mail.message"].sudo()
        found = messages.search(
            [
                ("res_id", "in", self.ids),
                ("model", "=", self._name),
                ("message_type", "!=", "user_notification"),
            ]
        )
        found = found.sorted(
            lambda message: (message.message_type in ("comment", "email"), message.date, message.id)
        )
        return {message.res_id: message.id for message in found}

    def _prepare_messages(self, subtype, author, body):
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
            "body": escape(body),
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
