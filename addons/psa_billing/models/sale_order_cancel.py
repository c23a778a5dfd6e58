"""Cancelling a SOW with approved work that is not billed: said before, and to be found afterwards.

It is not refused: a SOW is also cancelled to be put right and signed again, and its work is billed then. What
would be lost without a word is told, with the ways out.
"""

from odoo import Command, models
from odoo.fields import Domain
from odoo.tools import formatLang

from odoo.addons.psa_contracts.models.numbers import number_told

from ..core.money import dec
from .psa_billing_proposal import PENDING_STATES
from .psa_wip_entry import UNBILLED_STATES


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_cancel(self):
        """Cancel these orders; a SOW with work that is not billed after somebody has looked at it.

        :raises UserError: on a locked order, and as ``_action_cancel``
        :return: as in the host, or the dialog that tells what is not billed
        """
        if not self.env.context.get("psa_left_unbilled_is_known") and not any(self.mapped("locked")):
            dialog = self._psa_ask_to_cancel()
            if dialog:
                return dialog
        return super().action_cancel()

    def _psa_ask_to_cancel(self):
        """The dialog that tells what of these orders is not billed; None where nothing is."""
        signed = self.filtered(lambda order: order.psa_kind and order.state == "sale")
        if not signed:
            return None
        signed.check_access("write")
        # sudo: what is refused anyhow, and what is left, follows from work that the user need not see
        for order in signed.sudo():
            order._check_psa_cancel(signed)
        if not signed.sudo()._psa_left_unbilled():
            return None
        wizard = self.env["psa.cancel.sow"].create({"order_ids": [Command.set(self.ids)]})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Work That Is Not Billed"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def _action_cancel(self):
        # sudo: see _psa_ask_to_cancel
        signed = self.sudo().filtered(lambda order: order.psa_kind and order.state == "sale")
        left = {order: order._psa_left_unbilled_text() for order in signed}
        result = super()._action_cancel()
        signed.filtered(
            lambda order: order.psa_kind == "sow" and order.state == "cancel"
        )._psa_recut_together()
        for order, text in left.items():
            if text and order.state == "cancel":
                order._message_log(body=self.env._("Cancelled, although this was left. %s", text))
        return result

    # -- what builds on a change order -----------------------------------------------------

    def _psa_uses_by_work(self):
        """Also a part of an entry that was moved to one of its lines, and expenses by the terms that it
        sold: without it they would be billed by what nobody agreed on."""
        yield from super()._psa_uses_by_work()
        lines = self.order_line
        # sudo: that work builds on it counts also for who sees no work in progress
        wip = self.env["psa.wip.entry"].sudo()
        parts = wip.search([("sale_line_id", "in", lines.ids), ("kind", "=", "time")])
        moved = parts.filtered(lambda part: part.analytic_line_id.so_line not in lines)
        for line, own in moved.grouped("sale_line_id").items():
            yield self.env._(
                "%(hours)s hours that were moved to %(line)s",
                hours=number_told(self.env, sum(own.mapped("raw_hours"))),
                line=line.name,
            )
        costs = wip.search([("sale_line_id.psa_expense_line_id", "in", lines.ids)])
        for terms, own in costs.grouped(lambda part: part.sale_line_id.psa_expense_line_id).items():
            yield self.env._(
                "%(amount)s of expenses by the terms of %(line)s",
                amount=terms.currency_id.format(sum(own.mapped("amount"))),
                line=terms.name,
            )

    # -- what is left ----------------------------------------------------------------------

    def _psa_left_unbilled(self):
        """Whether work of these orders is not billed, a SOW is on a proposal that is no invoice yet, or the
        client has paid in advance for more than was billed."""
        return bool(self._psa_unbilled_work() or self._psa_pending_proposals() or self._psa_paid_ahead())

    def _psa_paid_ahead(self):
        """What down payments of these SOWs no invoice has deducted yet (Decimal, net)."""
        sows = self.filtered(lambda order: order.psa_kind == "sow")
        return sum((left for sow in sows for left in sow._psa_deposits().values()), dec(0))

    def _psa_unbilled_work(self):
        """The work of these orders that is not billed, or on a draft invoice, which goes with its order."""
        of_orders = Domain("order_id", "in", self.filtered(lambda order: order.psa_kind == "sow").ids)
        of_orders |= Domain("sale_line_id.order_id", "in", self.ids)
        unbilled = Domain("state", "in", UNBILLED_STATES)
        unbilled |= Domain("state", "=", "billed") & Domain("invoice_line_id.parent_state", "=", "draft")
        return self.env["psa.wip.entry"].search(of_orders & unbilled)

    def _psa_pending_proposals(self):
        """The proposals of these SOWs that are no invoice yet. What a change order sold goes off them."""
        sows = self.filtered(lambda order: order.psa_kind == "sow")
        pending = [("order_ids", "in", sows.ids), ("state", "in", PENDING_STATES)]
        return self.env["psa.billing.proposal"].search(pending)

    def _psa_left_unbilled_text(self):
        """What of this order is not billed, in words; empty where nothing is left."""
        self.ensure_one()
        work, proposals = self._psa_unbilled_work(), self._psa_pending_proposals()
        over, drafts = work.filtered(lambda entry: entry.state == "over_cap"), work.invoice_line_id.move_id
        texts = []
        if work:
            texts.append(
                self.env._(
                    "%(order)s: %(hours)s h and %(amount)s of approved work.",
                    order=self.name,
                    hours=formatLang(self.env, sum(work.mapped("raw_hours")), grouping=False),
                    amount=self.currency_id.format(sum(work.mapped("amount"))),
                )
            )
        if over:
            amount = self.currency_id.format(sum(over.mapped("amount")))
            texts.append(self.env._("Of it over a cap: %s.", amount))
        if drafts:
            names = ", ".join(drafts.mapped("display_name"))
            texts.append(self.env._("On draft invoices, which are cancelled with it: %s.", names))
        if proposals:
            names = ", ".join(proposals.mapped("display_name"))
            texts.append(self.env._("On proposals: %s.", names))
        if ahead := self._psa_paid_ahead():
            texts.append(
                self.env._(
                    "%(order)s: down payments of %(amount)s are deducted by no invoice yet; what is owed to "
                    "the client is credited by a credit note.",
                    order=self.name,
                    amount=self.currency_id.format(float(ahead)),
                )
            )
        return " ".join(texts)
