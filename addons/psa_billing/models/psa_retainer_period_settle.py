"""A retainer that has ended is settled: what is left is paid back, or the agreed minimum is billed up.

So is one whose work drew on a next period that does not come, because the retainer ended early.

Work that comes or goes after that, and months that a change order adds, change what settles it: the next run
bills or gives back the difference, so that what all of it comes to is what was agreed.
"""

from collections import defaultdict

from odoo import api, fields, models

from ..core.money import dec, price_after_discount, round_to
from ..core.retainers import NEXT, settlement, settlement_left
from .psa_wip_entry import DELIVERED_STATES


class PsaRetainerPeriod(models.Model):
    _inherit = "psa.retainer.period"

    @api.model
    def _psa_ended(self, day, domain=()):
        """The last periods, in sudo, of the retainers that have ended by ``day`` and are settled then."""
        # sudo: the settlement follows from the contract, whoever runs the billing
        return self.sudo().search(
            [
                *domain,
                ("ends_retainer", "=", True),
                ("date_end", "<=", day),
                ("order_id.state", "=", "sale"),
                "|",
                ("retainer_line_id.psa_retainer_true_up", "in", ("refund", "minimum")),
                ("retainer_line_id.psa_retainer_overage", "=", NEXT),
            ]
        )

    def _psa_settle(self):
        """Settle the retainers that these periods, their last ones, end, as they say; see ``_psa_ended``."""
        if not self:
            return
        settled = self.retainer_line_id._psa_true_ups()
        amounts = self._psa_settlements(settled)
        changed = self.filtered(lambda period: amounts[period])
        # of two that settle at once the second is run again on what the first did
        self.env["psa.wip.entry"].sudo()._psa_lock_orders(changed.order_id)
        changed.retainer_line_id._psa_add_true_ups(
            settled, {period.retainer_line_id: amounts[period] for period in changed}
        )
        # work that comes after is over the retainer: what was paid back cannot be used any more
        refunded = changed.filtered(lambda period: period.retainer_line_id.psa_retainer_true_up == "refund")
        refunded.filtered(lambda period: not period.closed_on).closed_on = fields.Date.context_today(self)

    def _psa_settlements(self, settled):
        """``{period: net amount}`` (Decimal) that is still to be billed, below zero to be paid back, to
        settle the retainers that these periods, their last ones, end.

        :param settled: see ``_psa_true_ups``
        """
        retainers = self.retainer_line_id
        charged = defaultdict(lambda: dec(0))
        rows = self._read_group(
            [("retainer_line_id", "in", retainers.ids)], ["retainer_line_id"], ["amount:sum"]
        )
        charged.update({retainer: dec(amount) for retainer, amount in rows})
        over, given_up = defaultdict(lambda: dec(0)), defaultdict(lambda: dec(0))
        rows = self.env["psa.wip.entry"]._read_group(
            [
                ("retainer_line_id", "in", retainers.ids),
                ("state", "in", (*DELIVERED_STATES, "written_off")),
            ],
            ["retainer_line_id", "state"],
            ["amount:sum"],
        )
        for retainer, state, amount in rows:
            (given_up if state == "written_off" else over)[retainer] += dec(amount)
        answer = {}
        for period in self:
            retainer = period.retainer_line_id
            billed = charged[retainer] + over[retainer]
            due = period._psa_settlement(billed)
            lines = settled.get(retainer)
            if lines:
                made = sum((line._psa_net_total() for line in lines), dec(0))
                due = settlement_left(due, period._psa_settlement(billed + given_up[retainer]), made)
                # a cent that a price with taxes cannot say is no correction
                due = due if abs(due) > dec(period.currency_id.rounding) else dec(0)
            answer[period] = due
        return answer

    def _psa_settlement(self, billed):
        """What settles the retainer that this period, its last one, ends (Decimal), after ``billed`` for its
        periods and for work over them."""
        self.ensure_one()
        retainer, line = self.retainer_line_id, self.sale_line_id
        granted = line._psa_retainer_granted()
        value = line._psa_net_price() / granted if granted else dec(0)
        unit, ahead = dec(self.currency_id.rounding), self._psa_drawn_ahead()
        return ahead + settlement(
            retainer.psa_retainer_true_up,
            dec(self.closing),
            value,
            dec(self.currency_id.round(float(billed + ahead))),
            dec(retainer.psa_retainer_minimum),
            unit,
        )

    def _psa_drawn_ahead(self):
        """What work on the retainer that this period ends drew on a next one, which does not come (Decimal,
        net): the periods that it drew on are closed, else it would be over them."""
        self.ensure_one()
        retainer, line, ahead = self.retainer_line_id, self.sale_line_id, max(-dec(self.closing), dec(0))
        if retainer.psa_retainer_overage != NEXT or not ahead:
            return dec(0)
        if not self.grants_money:
            ahead *= dec(retainer.psa_retainer_overage_rate or line._psa_hour_price())
            # as prices stand on the line; of one without a price nobody knows how they stand
            price = price_after_discount(dec(line.price_unit), dec(line.discount))
            ahead *= line._psa_net_price() / price if price else 1
        return round_to(ahead, dec(self.currency_id.rounding))


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_true_ups(self):
        """``{retainer: the lines that settle it}``, each after the one that it corrects."""
        # sudo: what was settled counts, whoever may read the order
        found, heads = {}, {line: line for line in self.sudo()}
        while heads:
            later = self.sudo().search([("psa_true_up_of_line_id", "in", [line.id for line in heads])])
            heads = {line: heads[line.psa_true_up_of_line_id] for line in later}
            for line, retainer in heads.items():
                found[retainer] = found.get(retainer, retainer.browse()) + line
        return found

    def _psa_add_true_ups(self, settled, amounts):
        """These retainers are settled by more than before.

        :param settled: see ``_psa_true_ups``; the last line of a retainer is changed as long as it stands on
            no proposal and no invoice
        :param amounts: ``{retainer: net amount}`` (Decimal)
        """
        last = {retainer: settled[retainer][-1:] for retainer in self if retainer in settled}
        free, new = self.browse().union(*last.values())._psa_on_nothing(), []
        for retainer in self:
            line, amount = last.get(retainer, self.browse()), amounts[retainer]
            if not line & free:
                values = retainer._prepare_true_up(float(amount))
                new.append({**values, "psa_true_up_of_line_id": (line or retainer).id})
                continue
            whole = line._psa_net_total() + amount
            values = retainer._prepare_true_up(float(whole))
            # a line of a signed order stays, with nothing on it
            line.write(
                {
                    "name": values["name"],
                    "price_unit": values["price_unit"],
                    "product_uom_qty": 1 if whole else 0,
                }
            )
        self.with_context(sale_no_log_for_new_lines=True).create(new)

    def _psa_on_nothing(self):
        """Those of these lines, in sudo, that neither a proposal nor an invoice has."""
        rows = self.env["psa.billing.proposal.line"]._read_group(
            [("sale_line_id", "in", self.ids), ("proposal_state", "!=", "cancelled")], ["sale_line_id"]
        )
        proposed = self.browse([line.id for (line,) in rows])
        bills = self.invoice_lines.filtered(lambda bill: bill.parent_state != "cancel")
        return self - proposed - bills.sale_line_ids
