"""Approved proposals for a third-party billing platform, over the host's JSON-2 API.

docs/billing-export.md describes the messages; a change of theirs raises ``SCHEMA``.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.export import digest, is_text
from .rights import BILLING_MANAGER, check_billing_manager, check_integration

EXPORTABLE = ("approved", "invoiced")
LIMIT = 1000


class PsaBillingProposal(models.Model):
    _name = "psa.billing.proposal"
    _inherit = ["psa.billing.proposal", "psa.billing.export.bill"]

    exported_on = fields.Datetime(readonly=True, copy=False, index="btree_not_null")
    export_external_id = fields.Char(
        string="External ID", readonly=True, copy=False, help="Of the proposal on the billing platform."
    )
    export_payer_ids = fields.One2many(
        "psa.billing.export.payer",
        "proposal_id",
        string="External Invoices",
        readonly=True,
        groups=BILLING_MANAGER,
        help="Where several clients pay: what the platform says of the invoice of each.",
    )

    # -- what the platform calls -----------------------------------------------------------

    @api.model
    @api.readonly
    def export_list(self, limit=100, after=0):
        """The approved proposals that were not exported yet, oldest first.

        :param int limit: how many, 1 to 1000
        :param int after: id of the last one of the page before
        :return dict: ``proposals`` (id, number, state, currency, amount, approved_on) and ``more``
        :raises AccessError: for users outside the group Billing Integration
        :raises UserError: for other limits
        """
        check_integration(self)
        for value, low, high in ((limit, 1, LIMIT), (after, 0, 2**31 - 1)):
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise UserError(
                    self.env._("limit has to be a number from 1 to %s, after the id of a proposal.", LIMIT)
                )
        # sudo: the right was checked, the companies are those of the user
        proposals = self.sudo().search(
            [
                ("state", "in", EXPORTABLE),
                ("exported_on", "=", False),
                ("company_id", "in", self.env.companies.ids),
                ("id", ">", after),
            ],
            order="id",
            limit=limit + 1,
        )
        return {
            "proposals": [proposal._psa_export_head() for proposal in proposals[:limit]],
            "more": len(proposals) > limit,
        }

    @api.readonly
    def export_get(self):
        """These proposals whole: client, SOW, lines with taxes, and the work on them.

        :return list: one document a proposal, in the order asked for; money and quantities are strings
        :raises UserError: for proposals that are not approved
        """
        return [proposal._psa_export_document() for proposal in self._psa_exportable()]

    def export_mark(self, key, external_id):
        """Note that the platform has this proposal, under its id there.

        :param str key: chosen by the caller; the same key with the same content does nothing and gets the
            same answer, with other content it is refused
        :raises UserError: where it is exported under another id already, or the key is taken
        """
        proposal = self._psa_exportable(lock=True)
        content = {"method": "export_mark", "proposal": proposal.id, "external_id": external_id}
        return proposal._psa_once(key, content, lambda: proposal._psa_mark(external_id))

    def export_status(self, key, state, number=None, date=None, paid_amount=None, payer=None, invoice=None):
        """What became of it on the platform.

        :param str key: see ``export_mark``
        :param str state: received, rejected, issued, partially_paid, paid or cancelled
        :param str number: of the invoice there; ``date`` of it, YYYY-MM-DD
        :param str paid_amount: all that was paid so far, with taxes, in the currency of the proposal
        :param int payer: where several clients pay: the id of the one whose invoice this is about
        :param str invoice: number of the native invoice that it is about, in place of ``payer``
        :raises UserError: where the proposal was never exported, something is no state, day or amount, or
            several clients pay and it is not said whose number, date or money this is
        """
        proposal = self._psa_exportable(lock=True)
        values = {"state": state, "number": number, "date": date, "paid_amount": paid_amount}
        named = {name: value for name, value in (("payer", payer), ("invoice", invoice)) if value is not None}
        content = {"method": "export_status", "proposal": proposal.id, **values, **named}
        return proposal._psa_once(
            key, content, lambda: proposal._psa_take_status(payer=payer, invoice=invoice, **values)
        )

    # -- what a button calls ---------------------------------------------------------------

    def action_export_again(self):
        """Forget the export: the platform is offered the proposal anew.

        :raises UserError: where the platform has issued an invoice of it
        """
        check_billing_manager(self)
        proposals = self._psa_locked()
        proposals._check_not_with_platform()
        proposals._psa_forget_export()

    def action_reset(self):
        self.sudo()._check_not_exported()  # sudo: reads the state of the export only
        result = super().action_reset()
        # sudo: the state of the export follows; what the platform turned down is offered to it once more
        self.sudo().filtered("exported_on")._psa_forget_export()
        return result

    def action_cancel(self):
        self.sudo()._check_not_exported()  # sudo: see action_reset
        return super().action_cancel()

    # -- rules -----------------------------------------------------------------------------

    def _psa_forget_export(self):
        """These proposals, in sudo, were never exported: what the platform said of them, and its keys, are
        forgotten. What was registered as payments stays counted."""
        told = {"export_state": False, "export_number": False, "export_date": False, "export_paid_amount": 0}
        self.write({**told, "exported_on": False, "export_external_id": False})
        self.export_payer_ids.write(told)
        self.env["psa.billing.export.key"].search([("proposal_id", "in", self.ids)]).unlink()

    def _check_not_exported(self):
        for proposal in self.filtered("exported_on"):
            if proposal.export_state not in ("rejected", "cancelled"):
                raise UserError(
                    self.env._(
                        "%(proposal)s is on the billing platform as %(external)s. Have it cancelled there, "
                        "or press Export Again, before it is changed here.",
                        proposal=proposal.display_name,
                        external=proposal.export_external_id,
                    )
                )

    def _check_not_with_platform(self):
        for proposal in self:
            if proposal.export_state in ("issued", "partially_paid", "paid"):
                raise UserError(
                    self.env._(
                        "The billing platform has issued %(number)s for %(proposal)s. Have it cancelled "
                        "there first.",
                        number=proposal.export_number or proposal.export_external_id,
                        proposal=proposal.display_name,
                    )
                )

    def _psa_exportable(self, lock=False):
        """These proposals in sudo, if the user may export them.

        :param lock: for one proposal that is to be written
        """
        check_integration(self)
        if lock and len(self) != 1:
            raise UserError(self.env._("ids has to be the id of one proposal."))
        # sudo: the group and the company were checked; what is on the proposals is the message
        proposals = self._psa_locked() if lock else self.sudo()
        for proposal in proposals:
            # one whose invoice was credited as a whole is cancelled: who has it learns, and answers, that
            known = proposal.state == "cancelled" and proposal.exported_on
            if proposal.state not in EXPORTABLE and not known:
                raise UserError(
                    self.env._(
                        "%s is not approved: only approved proposals are exported.", proposal.display_name
                    )
                )
        return proposals

    def _psa_once(self, key, content, act):
        """The answer of ``act``, done once for ``key``: the proposal is locked, so no twin runs beside."""
        if not is_text(key) or len(key) > 200:
            raise UserError(self.env._("key has to be a text of 1 to 200 characters, new for each message."))
        keys = self.env["psa.billing.export.key"]
        known = keys.search([("company_id", "=", self.company_id.id), ("key", "=", key)])
        if known:
            if known.content_digest != digest(content):
                raise UserError(
                    self.env._(
                        "The key %s was used for another message before: take a new one for each message.",
                        key,
                    )
                )
            return known.answer
        answer = act()
        keys.create(
            {
                "company_id": self.company_id.id,
                "proposal_id": self.id,
                "key": key,
                "content_digest": digest(content),
                "answer": answer,
            }
        )
        return answer

    def _psa_mark(self, external_id):
        if not is_text(external_id):
            raise UserError(self.env._("external_id has to be the id of the proposal on the platform."))
        if self.exported_on and self.export_external_id != external_id:
            raise UserError(
                self.env._(
                    "%(proposal)s is exported as %(external)s already.",
                    proposal=self.display_name,
                    external=self.export_external_id,
                )
            )
        if not self.exported_on:
            self.write(
                {
                    "exported_on": fields.Datetime.now(),
                    "export_external_id": external_id,
                    "export_state": "received",
                }
            )
        return self._psa_export_answer()
