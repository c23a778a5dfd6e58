"""What makes a SOW signed, and what cannot be edited any more once it is."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .rights import PRICE_GROUPS

CONFIRM_GROUP = "psa_contracts.group_psa_confirm_by_document"
#: Host fields that are part of what was signed.
SIGNED_HOST_FIELDS = {"company_id", "currency_id", "partner_id", "pricelist_id"}
#: Written by the client in the portal, or with the client's document; typing them would forge a signature.
PROOF_FIELDS = {
    "psa_confirmed_by_id",
    "psa_evidence_contact_id",
    "psa_evidence_date",
    "psa_evidence_ids",
    "psa_evidence_kind",
    "signature",
    "signed_by",
    "signed_on",
}
NO_PROOF = dict.fromkeys((name for name in PROOF_FIELDS if name.startswith("psa_")), False)


def field_labels(records, names):
    """The labels of the fields ``names``, for a message."""
    labels = records.fields_get(names, ["string"])
    return ", ".join(sorted(labels[name]["string"] for name in names if name in labels))


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_evidence_kind = fields.Selection(
        [
            ("purchase_order", "Purchase Order"),
            ("email", "E-Mail"),
            ("signed_paper", "Signed Paper"),
        ],
        string="Confirmed With",
        copy=False,
        readonly=True,
        groups=PRICE_GROUPS,
    )
    psa_evidence_date = fields.Date(string="Received On", copy=False, readonly=True, groups=PRICE_GROUPS)
    psa_evidence_contact_id = fields.Many2one(
        "res.partner",
        string="Received From",
        copy=False,
        readonly=True,
        groups=PRICE_GROUPS,
        ondelete="restrict",
    )
    psa_evidence_ids = fields.Many2many(
        "ir.attachment",
        "psa_sale_order_evidence_rel",
        string="The Client's Document",
        copy=False,
        readonly=True,
        groups=PRICE_GROUPS,
        bypass_search_access=True,
    )
    psa_confirmed_by_id = fields.Many2one(
        "res.users", string="Confirmed By", copy=False, readonly=True, groups=PRICE_GROUPS
    )
    psa_needs_document = fields.Boolean(
        compute="_compute_psa_needs_document",
        help="The client has not signed or paid: confirming takes their purchase order or e-mail.",
    )

    @api.depends(
        "psa_kind",
        "company_id.psa_confirm_by_document",
        "signed_on",
        "psa_evidence_date",
        "transaction_ids.state",
    )
    def _compute_psa_needs_document(self):
        for order in self:
            order.psa_needs_document = bool(
                order.psa_kind and order.company_id.psa_confirm_by_document and not order._psa_has_proof()
            )

    def _psa_has_proof(self):
        """Whether the client signed or paid this order in the portal, or their document is attached to it."""
        self.ensure_one()
        order = self.sudo()  # sudo: that there is a proof is no secret, the proof itself stays with sales
        if order.psa_evidence_date or (order.signed_on and order.signature):
            return True
        return bool(order.amount_paid) and order._is_confirmation_amount_reached()

    def _psa_is_signed(self):
        """Whether the client agreed to what this SOW or change order says: it is confirmed or signed."""
        self.ensure_one()
        order = self.sudo()  # sudo: see _psa_has_proof
        return bool(order.psa_kind and (order.state == "sale" or order.signed_on or order.psa_evidence_date))

    # -- guards ----------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        if not self.env.su:
            for order in orders:
                if order._psa_is_signed() or any(
                    order.sudo()[name] for name in NO_PROOF
                ):  # sudo: see _psa_has_proof
                    raise UserError(
                        self.env._(
                            "A new statement of work or change order is a quotation: it is signed by the "
                            "client in the portal, or confirmed with the client's document."
                        )
                    )
        return orders

    def write(self, vals):
        if not self.env.su:
            self._psa_check_proof(vals)
            self._psa_check_state(vals)
            self._psa_check_signed(vals)
        return super().write(vals)

    def _psa_check_proof(self, vals):
        """Nobody types a signature or a document. A draft may lose its signature, as in the host."""
        if not PROOF_FIELDS & vals.keys():
            return
        typed = {name for name in PROOF_FIELDS & vals.keys() if vals[name] or name.startswith("psa_")}
        # own fields also on a quotation: it may become a statement of work
        own = typed & NO_PROOF.keys()
        for order in self.filtered(lambda order: own or order.psa_kind or vals.get("psa_kind")):
            if typed or order.state == "sale":
                raise UserError(
                    self.env._(
                        "%s: signatures come from the client in the portal, documents with the button "
                        "“Confirm by Document”. They cannot be written.",
                        order.name,
                    )
                )

    def _psa_check_state(self, vals):
        """An order is confirmed with proof, and becomes a draft again only after it was cancelled."""
        state = vals.get("state")
        for order in self.filtered("psa_kind") if state else ():
            if state == "sale" and order.state != "sale":
                problem = order._psa_proof_problem()
                if order.state not in ("draft", "sent"):
                    problem = self.env._("it is cancelled. Set it to draft first.")
                if problem:
                    message = f"{order.name}: {problem}"
                    raise UserError(message)
            elif state in ("draft", "sent") and order.state == "sale":
                raise UserError(self.env._("%s is signed. Cancel it first.", order.name))

    def _psa_check_signed(self, vals):
        locked = {name for name in vals if name in SIGNED_HOST_FIELDS or name.startswith("psa_")}
        locked -= self._psa_free_fields()
        if "date_order" in vals and not all(order._psa_is_by_button("sale") for order in self):
            locked.add("date_order")  # says which change order came last
        if not locked:
            return
        self.check_access("write")  # who may not write it at all learns nothing about it
        for order in self:
            # psa_kind in vals: a signed quotation does not become a SOW either
            taken = vals.get("psa_kind") and (order.state == "sale" or order.signed_on)
            if taken or order._psa_is_signed():
                raise UserError(
                    self.env._(
                        "%(order)s is signed. What was signed cannot be edited (%(fields)s): %(way)s",
                        order=order.name,
                        fields=field_labels(self, locked),
                        way=order._psa_signed_way_out(locked <= self._psa_changed_by_orders()),
                    )
                )

    @api.model
    def _psa_changed_by_orders(self):
        """Names of fields of a SOW that a change order changes; the addons above add theirs."""
        return {"psa_cap_amount", "psa_date_start", "psa_date_end", "psa_section_ids"}

    def _psa_signed_way_out(self, by_change=True):
        """How what was signed changes all the same, in words that end a sentence.

        :param by_change: whether a change order can say it
        """
        self.ensure_one()
        state = self.sudo().state  # sudo: whoever is refused is told what to do
        if state == "cancel":
            return self.env._("set it to draft, then it is signed anew.")
        if state != "sale":
            return self.env._("cancel it and set it to draft, then it is signed anew.")
        if by_change:
            return self.env._("agree on a change order.")
        return self.env._(
            "a change order leaves it as it is. Cancel the statement of work, set it to draft, correct it, "
            "and have it signed anew."
        )

    def _psa_tax_way_out(self):
        """How a signed line is billed with another tax, in words that end a sentence."""
        if self.sudo().state != "sale":  # sudo: see _psa_signed_way_out
            return self._psa_signed_way_out()
        return self.env._(
            "a change order takes off and adds at the tax of the line. Have another tax chosen on the draft "
            "invoice; or, as long as nothing of the line is billed, cancel the statement of work, set it to "
            "draft, choose the tax there, and have it signed anew."
        )

    # -- confirming ------------------------------------------------------------------------

    def _confirmation_error_message(self):
        message = super()._confirmation_error_message()
        if message or self.env.su:
            return message
        problem = self._psa_proof_problem()
        return f"{self.name}: {problem}" if problem else False

    def _psa_proof_problem(self):
        """Why the user may not confirm this order as it is, in words; None if they may."""
        self.ensure_one()
        if self.psa_needs_document:
            return self.env._(
                "the client has not signed it. Send it to be signed in the portal, or have somebody with "
                "the right “Confirm by Document” attach the client's purchase order or e-mail with that "
                "button."
            )
        order = self.sudo()  # sudo: see _psa_has_proof
        if order.psa_evidence_date and not order.signed_on and not self.env.user.has_group(CONFIRM_GROUP):
            return self.env._(
                "the client confirmed it by a document. Only people with the right “Confirm by Document” "
                "confirm it."
            )
        return None

    def action_psa_confirm_by_document(self):
        """Ask for the client's purchase order or e-mail, then confirm."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Confirm by Document"),
            "res_model": "psa.confirm.document",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_draft(self):
        reopened = self.filtered(
            lambda order: order.state in ("cancel", "sent")
        )  # the host's; it may write them
        result = super().action_draft()
        # sudo: as the host clears the signature; the documents stay in the chatter
        drafts = reopened.sudo().filtered(lambda order: order.state == "draft" and order.psa_evidence_kind)
        drafts.write(NO_PROOF)
        return result
