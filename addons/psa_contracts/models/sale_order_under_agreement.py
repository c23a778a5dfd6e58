"""What a SOW takes from its agreement, and whether the agreement bears it."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date
from odoo.tools.sql import column_exists, create_column

from odoo.addons.psa_project.core.periods import is_valid_on

from ..core.agreements import ENDS_LATE, STARTS_LATE, misfit
from .rights import PRICE_GROUPS


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_agreement_id = fields.Many2one(
        compute="_compute_psa_agreement_id",
        store=True,
        readonly=False,
        precompute=True,
        recursive=True,
        domain="[('company_id', '=', company_id), ('state', '=', 'active'), "
        "('commercial_partner_id', 'parent_of', partner_id)]",
        help="The frame agreement (MSA) with the client that this statement of work stands under. Proposed: "
        "the one that is active when the work starts.",
    )
    psa_agreement_warning = fields.Char(compute="_compute_psa_agreement_warning", groups=PRICE_GROUPS)

    def _auto_init(self):
        # A column that is there already is not computed for each of a firm's old orders at install.
        if not column_exists(self.env.cr, "sale_order", "psa_agreement_id"):
            create_column(self.env.cr, "sale_order", "psa_agreement_id", "int4")
        return super()._auto_init()

    @api.depends("partner_id", "company_id", "psa_kind", "psa_date_start", "psa_parent_id.psa_agreement_id")
    def _compute_psa_agreement_id(self):
        drafts = self.filtered(lambda order: order.psa_kind == "sow" and order.state in ("draft", "sent"))
        agreements = drafts._psa_active_agreements()
        for order in self:
            if order.psa_kind == "change_order":
                order.psa_agreement_id = order.psa_parent_id.psa_agreement_id
            elif order in drafts:
                valid = agreements.filtered(order._psa_is_within)
                chosen = order.psa_agreement_id
                if chosen not in valid:
                    chosen = valid if len(valid) == 1 else False
                order.psa_agreement_id = chosen
            elif not order.psa_kind:
                order.psa_agreement_id = False

    def _psa_active_agreements(self):
        """The active agreements of the clients of these orders, in their companies; one query."""
        # sudo: which agreement a client has does not depend on who writes the order; companies are asked for
        return (
            self.env["psa.agreement"]
            .sudo()
            .search(
                [
                    ("state", "=", "active"),
                    ("company_id", "in", self.company_id.ids),
                    ("commercial_partner_id", "in", self.partner_id.commercial_partner_id.ids),
                ]
            )
            .sudo(False)
        )

    def _psa_is_within(self, agreement):
        """Whether this SOW, by client, company and first day, can stand under ``agreement``."""
        self.ensure_one()
        agreement = agreement.sudo()  # sudo: see _psa_active_agreements
        ends = agreement.date_end if agreement.renewal == "none" else None
        return (
            agreement.company_id == self.company_id
            and agreement.commercial_partner_id == self.partner_id.commercial_partner_id
            and is_valid_on(self._psa_price_day(), agreement.date_start, ends or None)
        )

    @api.constrains("psa_agreement_id", "partner_id")
    def _check_psa_agreement_client(self):
        for order in self:
            agreement = order.psa_agreement_id.sudo()  # sudo: whose it is matters also to who cannot read it
            if agreement == order.psa_parent_id.sudo().psa_agreement_id:
                continue  # a change order stands where its SOW does, also once the client left its group
            if agreement and agreement.commercial_partner_id != order.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(order)s: the agreement %(agreement)s is that of another client. Choose one of "
                        "%(client)s, or none.",
                        order=order.name,
                        agreement=agreement.display_name,
                        client=order.partner_id.commercial_partner_id.display_name,
                    )
                )

    @api.depends("psa_agreement_id")
    def _compute_payment_term_id(self):
        signed = self.filtered(lambda order: order.psa_kind and order.state == "sale")
        for order in signed:
            order.payment_term_id = order.payment_term_id  # it was signed
        result = super(SaleOrder, self - signed)._compute_payment_term_id()
        for order in self - signed:
            # sudo: the terms of an order are no secret to who writes it
            term = order.psa_agreement_id.sudo().payment_term_id
            if term:
                order.payment_term_id = term.sudo(False)
        return result

    @api.depends("psa_agreement_id", "currency_id", "amount_untaxed", "psa_date_start", "psa_date_end")
    def _compute_psa_agreement_warning(self):
        for order in self:
            order.psa_agreement_warning = (
                order._psa_agreement_warning() if order.psa_agreement_id and order.state != "sale" else False
            )

    def _psa_agreement_warning(self):
        """What to think of before this draft is sent, in words; False if nothing."""
        agreement = self.psa_agreement_id.sudo()  # sudo: for those who may read prices, see the field
        warnings = []
        if agreement.currency_id != self.currency_id:
            warnings.append(
                self.env._(
                    "It is in %(currency)s, the agreement in %(own)s: its cap and figures convert at the "
                    "rate of the day of the order. Choose another pricelist if that was not agreed.",
                    currency=self.currency_id.name,
                    own=agreement.currency_id.name,
                )
            )
        elif agreement.cap_amount and self.psa_kind == "sow":
            left = agreement.cap_amount - agreement.value_amount
            if agreement.currency_id.compare_amounts(self.amount_untaxed, left) > 0:
                warnings.append(
                    self.env._(
                        "With it, more is sold than the cap of the agreement lets you bill: %s are left.",
                        agreement.currency_id.format(max(left, 0.0)),
                    )
                )
        problem = self._psa_agreement_problem()
        if problem:
            warnings.append(problem[0].upper() + problem[1:])
        return " ".join(warnings) or False

    def _psa_confirmation_problem(self):
        return super()._psa_confirmation_problem() or self._psa_agreement_problem()

    def _psa_agreement_problem(self):
        """What keeps the agreement from bearing this order, in words; None if nothing does.

        A change order belongs to a SOW that runs already: an agreement that has ended does not stop it.
        """
        self.ensure_one()
        agreement = self.psa_agreement_id.sudo()  # sudo: its dates bind also who cannot read it
        if not agreement or self.psa_kind != "sow":
            return None
        if agreement.commercial_partner_id != self.partner_id.commercial_partner_id:
            # it was changed while this order was cancelled
            return self.env._(
                "the agreement %s is that of another client. Choose another one, or none.",
                agreement.display_name,
            )
        if agreement.po_required and not (self.client_order_ref or "").strip():
            return self.env._(
                "the agreement %s asks for the client's purchase order number. Enter it as the "
                "Client's Reference.",
                agreement.display_name,
            )
        if agreement.state == "draft":
            return self.env._(
                "the agreement %s is a draft. Have a sales manager activate it, or choose another one.",
                agreement.display_name,
            )
        if agreement.state != "active":
            return self.env._(
                "the agreement %(agreement)s (%(dates)s) is %(state)s: no new work starts under it. Have a "
                "sales manager reopen it, give it a later end and activate it again; or choose another one, "
                "or none.",
                agreement=agreement.display_name,
                dates=agreement._dates_text(),
                state=dict(agreement._fields["state"]._description_selection(self.env))[
                    agreement.state
                ].lower(),
            )
        return self._psa_misfit_text(agreement)

    def _psa_misfit_text(self, agreement):
        start, end = self.psa_date_start, self.psa_date_end
        if not start:
            return None  # said elsewhere: a SOW without start is not confirmed
        how = misfit(
            start, end or None, agreement.date_start, agreement.date_end or None, agreement.renewal != "none"
        )
        if not how:
            return None
        values = {
            "start": format_date(self.env, start),
            "end": format_date(self.env, end) or "…",
            "agreement": agreement.display_name,
            "dates": agreement._dates_text(),
        }
        if how == ENDS_LATE:
            return self.env._(
                "the work (%(start)s – %(end)s) goes on after the end of the agreement %(agreement)s "
                "(%(dates)s). End it earlier, or have a sales manager extend the agreement.",
                **values,
            )
        if how == STARTS_LATE:
            return self.env._(
                "the work starts on %(start)s, after the end of the agreement %(agreement)s (%(dates)s). "
                "Have a sales manager extend the agreement, choose another one, or none.",
                **values,
            )
        return self.env._(
            "the work starts on %(start)s, before the agreement %(agreement)s (%(dates)s) does. Start later, "
            "or choose another agreement.",
            **values,
        )

    def _psa_billing_terms(self):
        """How this order is billed: the ``BillingTerms`` of the SOW's agreement, or the defaults."""
        self.ensure_one()
        # sudo: billing reads the terms of the orders that it may bill
        return self._psa_sow().psa_agreement_id.sudo()._psa_billing_terms()


class PsaAgreement(models.Model):
    _inherit = "psa.agreement"

    @api.constrains("partner_id", "company_id")
    def _check_client_of_orders(self):
        """What stands under an agreement is of its client and company."""
        # sudo: all that stands under it counts, also of colleagues
        orders = (
            self.env["sale.order"]
            .sudo()
            .search([("psa_agreement_id", "in", self.ids), ("state", "!=", "cancel")])
        )
        for order in orders:
            agreement = order.psa_agreement_id
            if (
                order.company_id != agreement.company_id
                or order.partner_id.commercial_partner_id != agreement.partner_id.commercial_partner_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(agreement)s keeps its client and company: %(order)s of %(client)s stands under "
                        "it. Write an agreement of its own for %(other)s.",
                        agreement=agreement.display_name,
                        order=order.name,
                        client=order.partner_id.commercial_partner_id.display_name,
                        other=agreement.partner_id.display_name,
                    )
                )

    def _dates_text(self):
        self.ensure_one()
        end = format_date(self.env, self.date_end) or "…"
        return f"{format_date(self.env, self.date_start)} – {end}"
