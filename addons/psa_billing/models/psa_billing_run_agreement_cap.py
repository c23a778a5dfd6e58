"""The cap of an agreement: what may be billed over all its SOWs, in the currency of the agreement.

Work consumes it by (date, id) over all SOWs. Fixed prices and milestones consume it once they are
proposed; one that does not fit is not proposed. Expenses do not count.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.psa_contracts.models.lock import touch

from ..core.money import dec, round_to
from .psa_billing_proposal import PENDING_STATES

#: SOLs of these models are no work and no fixed price under a cap.
NOT_UNDER_CAPS = ("expense", "time_material")


class PsaAgreement(models.Model):
    _inherit = "psa.agreement"

    def write(self, vals):
        result = super().write(vals)
        if {"cap_amount", "currency_id"} & vals.keys():
            # sudo: what a cap holds back follows from the agreement that the user may write
            agreements = self.sudo()
            # work under an agreement that had no cap so far locks nothing: it is locked here, by its lines
            touch(agreements._psa_sows()._psa_contract().order_line)
            agreements.env["psa.wip.entry"]._psa_recut(agreements._psa_sows())
        return result

    def _psa_sows(self):
        """The confirmed SOWs under these agreements, by id."""
        return self.env["sale.order"].search(
            [("psa_agreement_id", "in", self.ids), ("psa_kind", "=", "sow"), ("state", "=", "sale")],
            order="id",
        )

    def _psa_sows_not_confirmed(self):
        """The SOWs under these agreements that are cancelled, or being put right: what they were billed, and
        what is proposed for them, was billed under the cap."""
        return self.env["sale.order"].search(
            [("psa_agreement_id", "in", self.ids), ("psa_kind", "=", "sow"), ("state", "!=", "sale")],
            order="id",
        )

    def _psa_in_own_currency(self, order, amount):
        """``amount`` of ``order`` (Decimal) in this agreement's currency, at the rate of the order's day."""
        return round_to(amount * dec(self._rate_of(order)), dec(self.currency_id.rounding))

    def _psa_cap_taken(self, consumed):
        """What proposed and billed work, fixed prices and milestones have taken of the cap, in its currency.

        :param consumed: ``{SOL: net amount}`` of proposed and billed work, see ``_psa_consumed``
        """
        self.ensure_one()
        by_order, others = defaultdict(lambda: dec(0)), self._psa_sows_not_confirmed()
        confirmed = [pair for pair in consumed.items() if pair[0].order_id._psa_sow() not in others]
        settled = self.env["psa.wip.entry"]._psa_consumed(others).items() if others else ()
        for line, amount in (*confirmed, *settled):
            order = line.order_id._psa_sow()
            if order.psa_agreement_id == self and line._psa_counts_against_cap():
                by_order[order] += amount
        for order, amount in self._psa_fixed_taken().items():
            by_order[order] += amount
        return sum((self._psa_in_own_currency(order, amount) for order, amount in by_order.items()), dec(0))

    def _psa_fixed_taken(self):
        """``{SOW: net amount}`` of fixed prices and milestones that are proposed or invoiced."""
        others = self._psa_sows_not_confirmed()
        orders = self._psa_sows()._psa_contract() | others | others.psa_change_ids
        taken = defaultdict(lambda: dec(0))
        invoiced = self.env["sale.order.line"].search(
            [
                ("order_id", "in", orders.ids),
                ("is_downpayment", "=", False),
                # a draft credit note of all of a line gives nothing back yet
                "|",
                ("qty_invoiced", "!=", 0),
                ("invoice_lines.parent_state", "=", "draft"),
            ]
        )
        for line in invoiced._psa_under_agreement_cap():
            taken[line.order_id._psa_sow()] += line._psa_billed_for_good()
        proposed = self.env["psa.billing.proposal.line"].search(
            [
                ("sale_line_id.order_id", "in", orders.ids),
                ("proposal_state", "not in", ("invoiced", "cancelled")),
                ("is_held", "=", False),
            ]
        )
        under_cap = proposed.sale_line_id._psa_under_agreement_cap()
        for line in proposed.filtered(lambda line: line.sale_line_id in under_cap):
            taken[line.sale_line_id.order_id._psa_sow()] += dec(line.amount)
        return taken

    def _psa_left(self):
        """``{agreement: net amount}`` that proposals and invoices leave of these caps, in the currency of
        each."""
        return {
            agreement: dec(agreement.cap_amount) - agreement._psa_cap_used(("proposed", "billed"))
            for agreement in self
        }

    def _psa_check_cap(self):
        """:raises UserError: where more is proposed and billed than the cap of one of these leaves"""
        for agreement, left in self._psa_left().items():
            if left < 0:
                raise UserError(agreement._psa_over_cap_message(left))

    def _psa_over_cap_message(self, left):
        """:param left: what is left of the cap (Decimal), below zero"""
        return self.env._(
            "This would bill %(amount)s more than the cap of the agreement %(agreement)s allows. Bill less, "
            "hold or cancel what is proposed beside it, or have a sales manager raise that cap.",
            amount=self.currency_id.format(-float(left)),
            agreement=self.display_name,
        )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_capped_agreement(self):
        """The agreement of this SOW in sudo, where it has a cap; else none."""
        self.ensure_one()
        # sudo: its cap binds also where the user cannot read it
        return self._psa_sow().psa_agreement_id.sudo().filtered("cap_amount")

    def _psa_capped_agreements(self):
        """The agreements of these SOWs that have a cap, in sudo."""
        return self.env["psa.agreement"].sudo().union(*(order._psa_capped_agreement() for order in self))

    def _psa_cap_currency(self):
        """(units of the agreement's currency for one of this SOW's, rounding of this SOW's currency)"""
        agreement = self._psa_capped_agreement()
        rate = dec(agreement._rate_of(self)) if agreement else dec(1)
        return rate, dec(self.currency_id.rounding)

    def _psa_recut_together(self):
        """Work under the capped agreements of these SOWs is cut anew: one of them was cancelled, and its work
        waits for nothing, or it is confirmed again."""
        # sudo: what a cap holds back follows, whoever cancels or signs
        sows = self.sudo()._psa_capped_agreements()._psa_sows()
        if sows:
            self.env["psa.wip.entry"].sudo()._psa_recut(sows)

    def _psa_uses(self):
        return [*super()._psa_uses(), *self._psa_uses_of_agreement_cap()]

    def _psa_uses_of_agreement_cap(self):
        """What this change order takes off, and others have used since under the cap of the agreement."""
        # sudo: what is proposed counts, whoever cancels
        proposed = self.env["psa.billing.proposal.line"].sudo()
        domain = [("sale_line_id.order_id", "=", self.id), ("proposal_state", "in", PENDING_STATES)]
        lines = proposed.search([*domain, ("is_held", "=", False)])
        for agreement, left in lines._psa_deducts_under_caps()._psa_capped_agreements()._psa_left().items():
            more = agreement._psa_in_own_currency(self._psa_sow(), -sum(map(dec, lines.mapped("amount"))))
            if more > max(left, dec(0)):
                yield self.env._(
                    "%(used)s under the cap of the agreement %(agreement)s, which would be over it again",
                    used=agreement.currency_id.format(float(more - max(left, dec(0)))),
                    agreement=agreement.display_name,
                )

    def _psa_capped_together(self):
        """These SOWs, and those that share the cap of an agreement with one of them; by id."""
        agreements = self._psa_capped_agreements()
        if not agreements:
            return self
        return (self | agreements._psa_sows().with_env(self.env)).sorted("id")


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_under_agreement_cap(self):
        """Those of these lines that take their part of the cap of an agreement as fixed prices do, or adjust
        one; so do lines that a review added, whatever they stand beside, but to expenses.

        Work takes its part itself, with its cents; of a former system by the opening balance.
        """
        domain = [("sale_line_id", "in", self.filtered("psa_adjusts_line_id").ids), ("is_added", "=", True)]
        # sudo: what takes of a cap does so whoever asks
        added = self.env["psa.billing.proposal.line"].sudo().search(domain).sale_line_id

        def takes(line):
            origin = line.psa_adjusts_line_id or line
            if origin.is_downpayment or origin.sudo().psa_wip_of_opening_ids:
                return False
            if line in added:
                return origin.psa_billing_model != "expense" and not origin.psa_rebills
            return not origin._psa_is_time_material() and origin.psa_billing_model not in NOT_UNDER_CAPS

        return self.filtered(takes)

    def _psa_agreement_cap_changed(self, more=False):
        """Fixed prices on these lines take another part of the cap of their agreement than before: work that
        waits under it is cut anew.

        :param more: whether they may take more of it
        :raises UserError: where that is more than proposed and billed work leaves
        """
        capped = self.filtered(lambda line: line.order_id._psa_capped_agreement())
        orders = capped._psa_under_agreement_cap().order_id._psa_sow()
        if not orders:
            return
        work = self.env["psa.wip.entry"].sudo()  # sudo: what a cap holds back follows, whoever reviews
        work._psa_lock_orders(orders.sudo())
        if more:
            orders._psa_capped_agreements()._psa_check_cap()
        work._psa_recut(orders.sudo())

    def _psa_cap_terms(self):
        """(SOW or capped agreement whose work is cut together, what all ``Work`` on this line shares)"""
        self.ensure_one()
        order = self.order_id._psa_sow()
        rate, money_unit = order._psa_cap_currency()
        return order._psa_capped_agreement() or order, {
            "price": dec(self._psa_net_price()),
            "group": self._psa_group_head(),
            "order": order,
            "rate": rate,
            "money_unit": money_unit,
            "in_order_cap": self._psa_counts_against_cap(),
        }


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    def _psa_fixed_over_cap(self, fixed, remainders):
        """``{SOW: message}`` where the fixed prices do not fit under the cap of the agreement.

        Open work has its part of the cap already.

        :param fixed: ``{SOL: quantity}`` that would be proposed
        :param remainders: ``{SOL: net amount}`` beside them
        """
        asked = defaultdict(lambda: defaultdict(lambda: dec(0)))
        for line in self.env["sale.order.line"].union(*fixed)._psa_under_agreement_cap():
            order = line.order_id._psa_sow()
            agreement = order._psa_capped_agreement()
            if agreement:
                amount = dec(fixed[line]) * line._psa_net_price() + dec(remainders.get(line, 0.0))
                asked[agreement][order] += amount
        messages = {}
        for agreement, by_order in asked.items():
            left = dec(agreement.cap_amount) - agreement._psa_cap_used()
            for order, amount in sorted(by_order.items(), key=lambda item: item[0].id):
                wanted = agreement._psa_in_own_currency(order, amount)
                if wanted > max(left, dec(0)):
                    messages[order] = self.env._(
                        "The fixed prices and milestones of %(order)s come to %(wanted)s, but the cap of the "
                        "agreement %(agreement)s leaves %(left)s. Have a sales manager raise that cap, or "
                        "write off work under it.",
                        order=order.name,
                        wanted=agreement.currency_id.format(float(wanted)),
                        agreement=agreement.display_name,
                        left=agreement.currency_id.format(float(max(left, dec(0)))),
                    )
                else:
                    left -= wanted
        return messages


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    fixed_left_out = fields.Text(
        compute="_compute_fixed_left_out",
        compute_sudo=True,  # told to whoever sees the proposal, as its other messages
        help="Fixed prices and milestones that do not fit under the cap of the agreement: they wait.",
    )

    @api.depends("order_ids", "line_ids.amount", "state")
    def _compute_fixed_left_out(self):
        for proposal in self:
            run, orders = proposal.run_id, proposal.order_ids._origin
            windows = {}
            if proposal.state in PENDING_STATES and orders._psa_capped_agreements():
                windows = run._psa_windows(orders)
            fixed = run._psa_quantities_left(run._psa_fixed_lines(orders), windows) if windows else {}
            told = run._psa_fixed_over_cap(fixed, run._psa_remainders_left(fixed, windows)) if fixed else {}
            told = [text for order, text in told.items() if text not in (proposal.message or "")]
            proposal.fixed_left_out = "\n".join(told) or False
