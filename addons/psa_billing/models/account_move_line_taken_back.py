"""What takes an expense or a vendor bill back: the client gets back what was to be, or was, billed of it."""

from odoo import fields, models

from ..core.expenses import given_back, rest_given_back
from ..core.money import dec, round_to
from .psa_billing_proposal import EDITABLE_STATES
from .psa_wip_entry import UNFIXED_STATES


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _psa_reversed(self):
        """``{analytic entry of a reversal: the entry that it takes back}`` of these lines; what takes back
        more, or another product, than was bought is missing.

        All reversals of a move are gone through in their order: each takes back what those before it left.
        """
        found = {}
        for move in self.move_id.reversed_entry_id:
            currency = move._psa_reversed_in()
            left = {
                entry: entry._psa_paid(currency) for entry in move.line_ids.analytic_line_ids.sorted("id")
            }
            for entry in move.reversal_move_ids.line_ids.analytic_line_ids.sorted("id"):
                paid = entry._psa_paid(currency)
                alike = [
                    other
                    for other, rest in left.items()
                    if rest * paid < 0 and other._psa_cost_key() == entry._psa_cost_key()
                ]
                if alike:
                    closest = min(alike, key=lambda other: (abs(left[other] + paid), other.id))
                    left[closest] = round_to(left[closest] + paid, dec(currency.rounding))
                    found[entry] = closest
        return {entry: found[entry] for entry in self.analytic_line_ids if entry in found}

    def _psa_costs(self):
        """The work in progress of these lines, in sudo, and of what takes them back."""
        entries = self.analytic_line_ids
        taken_back = self.move_id.reversal_move_ids.line_ids._psa_reversed()
        entries = entries.union(*(entry for entry, cost in taken_back.items() if cost in entries))
        return entries.psa_wip_ids.filtered(lambda part: part.kind != "time")


class AccountMove(models.Model):
    _inherit = "account.move"

    def _psa_reversed_in(self):
        """The currency in which reversals are compared with this move: its own, so that the exchange rate of
        another day takes back neither more nor less; that of the company where they are in others."""
        self.ensure_one()
        others = self.reversal_move_ids.currency_id - self.currency_id
        return self.company_currency_id if others else self.currency_id

    def _psa_bill_again(self):
        """What these posted bills, in sudo, would bill if they were posted now, less what took it back."""
        for moves in (self, self.reversal_move_ids):
            costs = moves.filtered(lambda move: move.state == "posted").line_ids
            costs.filtered(lambda line: line._psa_is_rebillable())._psa_rebill(refuses=False)


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _psa_give_back_anew(self):
        """What these proposals give back of costs follows from what is billed of them again; see
        ``_psa_waiting_back``."""
        costs = [("proposal_line_id", "in", self.line_ids.ids), ("kind", "!=", "time")]
        self.env["psa.wip.entry"].search(costs)._psa_cost_entries()._psa_give_back_anew()

    def _psa_add_costs(self, parts):
        """Waiting costs of one SOW go on this proposal, in sudo, that is still worked on."""
        waiting = parts.exists().filtered(lambda part: part.state == "open")
        if not waiting:
            return
        lines = self.run_id._psa_lines_of({waiting.order_id: self}, waiting.sale_line_id)
        for part in waiting:
            part.write({"state": "proposed", "proposal_line_id": lines[part.sale_line_id].id})
        waiting.proposal_line_id._psa_refresh()
        self._psa_arrange()


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_expense_note = fields.Char(
        string="Expense Note", readonly=True, copy=False, help="What of the cost the client does not pay."
    )
    psa_expense_over_limit = fields.Float(
        string="Over the Limit",
        digits="Product Price",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="What the client would pay of the cost if no limit of the statement of work had been reached; "
        "without taxes, in the currency of the statement of work.",
    )

    def _psa_cost_key(self):
        """What an entry and its reversal have in common."""
        line = self.move_line_id
        return line.product_id, line.expense_id, self._get_distribution_key()

    def _psa_paid(self, currency):
        """What this share of a cost was paid with (Decimal), below zero for what takes one back.

        :param currency: that of its document, or of the company
        """
        line = self.move_line_id
        if currency == line.company_currency_id or currency != line.currency_id:
            return -dec(self.amount)
        own = set(self._get_distribution_key().split(","))
        for accounts, percent in (line.analytic_distribution or {}).items():
            if set(accounts.split(",")) == own:
                return dec(line.amount_currency) * dec(percent) / 100
        # the line was put on other accounts since
        return dec(line.amount_currency) * dec(self.amount) / -dec(line.balance)

    def _psa_given_back(self, currency, reversal=None):
        """``(cost in currency, amount)`` (Decimal) that reversals, all or before ``reversal``, took back of
        this cost."""
        lines = self.move_line_id.move_id.reversal_move_ids.line_ids
        earlier = self.browse().union(
            *(
                entry
                for entry, original in lines._psa_reversed().items()
                if original == self and (not reversal or entry.id < reversal.id)
            )
        )
        given = sum(map(dec, earlier.psa_wip_ids.mapped("amount")), dec(0))
        return sum((entry._psa_paid(currency) for entry in earlier), dec(0)), -given

    def _psa_give_back(self, reversal):
        """Take the billing of this cost back: where none of it is settled it goes away, else a negative
        entry gives the client back what ``reversal`` takes back.

        :param reversal: the analytic entry that reverses this one, in whole or in part
        """
        parts = self.psa_wip_ids
        currency = self.move_line_id.move_id._psa_reversed_in()
        is_whole = currency.is_zero(float(self._psa_paid(currency) + reversal._psa_paid(currency)))
        if parts and is_whole and all(part.state in UNFIXED_STATES for part in parts):
            parts._psa_drop_costs()
            self.psa_expense_note = reversal.psa_expense_note = self.env._("Reversed before it was billed")
            return []
        return self._psa_prepare_back(reversal, self._psa_owed_back(reversal))

    def _psa_owed_back(self, reversal):
        """What the client gets back for ``reversal`` of this cost (Decimal), below zero for a credit."""
        parts = self.psa_wip_ids
        if not parts:
            return dec(0)
        currency = self.move_line_id.move_id._psa_reversed_in()
        cost, given = self._psa_given_back(currency, reversal)
        share = (cost + reversal._psa_paid(currency)) / -self._psa_paid(currency)
        kept = parts.filtered(lambda part: part.state != "written_off")
        paid = sum(map(dec, kept.mapped("amount")), dec(0))
        unit = dec(parts.currency_id.rounding)
        return given_back(paid, dec(self.psa_expense_over_limit), share, unit) - given

    def _psa_prepare_back(self, reversal, amount):
        """What ``_psa_create_costs`` makes of ``amount`` (Decimal) that the client gets back."""
        if not amount:
            return []
        sold = self.psa_wip_ids.sale_line_id[:1]
        values = sold._prepare_rebilling_credit(reversal, abs(amount))
        if amount * self._psa_paid(self.move_line_id.company_currency_id) < 0:
            values["name"] = self.env._("Given back before: %s", sold.name)
        return [(reversal, values, dec(-1 if amount > 0 else 1), -amount, False)]

    def _psa_reversals(self):
        """``{analytic entry of a reversal: the one among these that it takes back}``, in their order."""
        lines = self.move_line_id.move_id.reversal_move_ids.line_ids
        found = {entry: cost for entry, cost in lines._psa_reversed().items() if cost in self}
        return dict(sorted(found.items(), key=lambda pair: pair[0].id))

    def _psa_waiting_back(self, owed=True):
        """The work in progress of these reversals that follows from what is billed of their costs: it waits,
        or stands on a proposal that is still worked on.

        What a review decided on it stays, as long as something is ``owed``: nobody gets back of what the
        client does not pay.
        """
        free = self.psa_wip_ids.filtered(
            lambda part: (
                part.state in UNFIXED_STATES
                or (part.state == "proposed" and part.proposal_id.state in EDITABLE_STATES)
            )
        )
        decided = free.filtered("counterpart_ids")
        if owed or not any(decided.mapped("amount")):
            return free - decided
        return free | decided.counterpart_ids

    def _psa_given_back_by(self, waiting):
        """What the client has got by these reversals, what was given up of it, and what of it waits (Decimal,
        above zero).

        :param waiting: see ``_psa_waiting_back``
        """
        settled = self.psa_wip_ids - waiting
        given_up = settled.filtered(lambda part: part.state == "written_off")
        return tuple(
            -sum(map(dec, parts.mapped("amount")), dec(0))
            for parts in (settled - given_up, given_up, waiting)
        )

    def _psa_give_back_anew(self):
        """More or less is billed of these costs, in sudo, than when they were taken back, or a reversal is
        none any more: what reversals give back, and is not settled, is what they would give back now."""
        reversals = self._psa_reversals()
        for reversal, cost in reversals.items():
            owed = cost._psa_owed_back(reversal)
            waiting = reversal._psa_waiting_back(owed)
            got, given_up, waits = reversal._psa_given_back_by(waiting)
            rest = rest_given_back(owed, got, given_up)
            if not reversal.move_line_id._psa_is_rebillable():
                rest = dec(0)  # what the client has got already stays
            # what comes to nothing only together need not wait
            if rest != waits or (not rest and any(waiting.mapped("amount"))):
                # one by one: the next one gives back what this one leaves
                reversal._psa_replace_back(cost, waiting, rest)
        self.browse().union(*reversals.values())._psa_note_cut()

    def _psa_replace_back(self, cost, waiting, rest):
        """``rest`` (Decimal) of this reversal of ``cost`` stands in place of ``waiting``, on the same
        proposal; where nothing did, on that of the cost as far as its run goes, else it waits."""
        proposal = (
            (waiting if waiting else cost.psa_wip_ids)
            .filtered(lambda part: part.state != "held" and part.proposal_id.state in EDITABLE_STATES)
            .proposal_id[:1]
        )
        held = bool(waiting) and all(part.state == "held" for part in waiting)
        waiting._psa_take_back(refresh=False)  # decisions go with what they were made on
        waiting.exists()._psa_drop_costs()
        made = self.env["psa.wip.entry"]._psa_create_costs(cost._psa_prepare_back(self, rest))
        if proposal and (waiting or all(part.date <= proposal.run_id.date_to for part in made)):
            proposal._psa_add_costs(made)
        elif held:
            made.exists().filtered(lambda part: part.state == "open")._psa_hold()

    def unlink(self):
        # sudo: whoever may take a bill back takes back what is to be billed of it
        costs = self.env["psa.wip.entry"].sudo()
        if self.ids:
            costs = costs.search([("analytic_line_id", "in", self.ids), ("kind", "!=", "time")])
        costs._psa_check_cost_unsettled()
        orders = costs.order_id
        self.sudo()._psa_keep_rated()  # sudo: see above
        costs._psa_drop_costs()
        reversed_entries = self.sudo().move_line_id._psa_reversed()  # sudo: see above
        result = super().unlink()
        # what was taken back before it was billed is billed when its credit note is one no more
        again = self.browse().union(*reversed_entries.values()).sudo().exists()
        again.filtered("psa_expense_over_limit")._psa_give_back_anew()
        again.filtered(lambda entry: not entry.psa_wip_ids).move_line_id.move_id._psa_bill_again()
        again._psa_note_cut()
        orders._psa_release_costs()
        return result
