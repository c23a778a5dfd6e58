"""The draft proposals of a run: one for what goes on one invoice."""

import json

from odoo import models


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    def _psa_drafts_of(self, orders, busy, alone, windows):
        """{SOW: its draft proposal of this run} of the SOWs that have one or need one.

        What a former look at these SOWs put on drafts of this run goes where it belongs now: a SOW that
        cannot be billed leaves its group, one whose address changed goes to another.

        :param orders: all SOWs that are looked at
        :param busy: those among them that need a proposal
        :param alone: those that get one of their own, so that they stop only themselves
        :param windows: the days that are due, by SOW
        """
        Proposal = self.env["psa.billing.proposal"]
        mine = [("run_id", "=", self.id), ("state", "=", "draft")]
        old = Proposal.search([*mine, ("order_ids", "in", orders.ids)])
        old.line_ids.filtered("message").filtered(
            lambda line: line.sale_line_id.order_id._psa_sow() in orders
        ).unlink()
        old.line_ids._psa_of_cancelled_changes().filtered(
            lambda line: line.sale_line_id.order_id._psa_sow() in orders
        )._psa_take_off()
        held = old.line_ids.sale_line_id.order_id._psa_sow() & orders
        keys = {
            order: order._psa_own_key() if order in alone else order._psa_group_key()
            for order in busy | held | old.order_id & orders
        }
        by_key = Proposal.search([*mine, ("group_key", "in", list(keys.values()))]).grouped("group_key")
        for order, key in keys.items():
            if key not in by_key:
                by_key[key] = self._psa_rekeyed(old, order, keys)
        missing = {key: order for order, key in reversed(keys.items()) if not by_key[key]}
        made = Proposal.create(
            [
                {"run_id": self.id, "order_id": order.id, "group_key": key}
                | Proposal._prepare_terms(order, windows)
                for key, order in missing.items()
            ]
        )
        by_key.update(zip(missing, made, strict=True))
        targets = {order: by_key[key] for order, key in keys.items()}
        self._psa_move_lines(old, targets)
        for order, draft in targets.items():
            draft._psa_set_terms(order, windows)
        return targets

    def _psa_rekeyed(self, old, order, keys):
        """The draft among ``old`` that was made for ``order``, where all that it holds goes on as one, or
        nothing stays together as it was and its other SOWs leave it; else none."""
        for draft in old:
            members = {keys.get(member) for member in draft.order_ids}
            regrouped = None not in members and draft.group_key not in members
            if draft.order_id == order and (regrouped or len(members) == 1):
                draft.group_key = keys[order]
                return draft
        return old.browse()

    def _psa_move_lines(self, old, targets):
        for line in old.line_ids:
            target = targets.get(line.sale_line_id.order_id._psa_sow())
            if target and target != line.proposal_id:
                line.proposal_id = target
        for draft in old:
            members = draft.line_ids.sale_line_id.order_id._psa_sow()
            if members and draft.order_id not in members:
                draft.order_id = members[0]
        kept = old.browse([draft.id for draft in targets.values()])
        (old - kept).filtered(lambda draft: not draft.line_ids)._psa_drop()


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _psa_drop(self):
        """These drafts hold nothing any more: nobody is asked to look at them."""
        self.write({"state": "cancelled"})
        self._psa_log_step()

    def _prepare_terms(self, order, windows):
        """For which terms and which days a proposal of ``order`` is made."""
        values = {"invoice_key": json.dumps(order._psa_invoice_key(), sort_keys=True)}
        if order in windows:
            values["period_start"], values["period_end"] = windows[order]
        return values

    def _psa_set_terms(self, order, windows):
        """Note for which terms and which days this proposal was made."""
        self.ensure_one()
        values = self._prepare_terms(order, windows)
        changed = {name: value for name, value in values.items() if (self[name] or None) != value}
        if changed:
            self.write(changed)
