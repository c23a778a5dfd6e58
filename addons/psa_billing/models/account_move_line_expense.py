"""Posted expenses and vendor bills on SOWs become work in progress, also on locked orders.

The line of a cost is shared by analytic accounts; each share is billed to the SOW of its project (an
expense: to its SOW). What the host bills on ordinary orders stays the host's.
"""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..core.adjustment import share_out
from ..core.expenses import Billed
from ..core.money import CENT, dec
from .psa_expense_rated import described, terms_of, told
from .psa_expense_terms import ExpenseTerms, cost_in


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _sale_create_reinvoice_sale_line(self):
        """On SOWs the cost becomes work in progress once its analytic entries are there."""
        orders = self._sale_determine_order()
        # sudo: that a cost belongs to a SOW is no secret to who posts it
        on_sow = self.filtered(lambda line: orders.get(line.id) and orders[line.id].sudo().psa_kind)
        if not self - on_sow:
            return {}
        return super(AccountMoveLine, self - on_sow)._sale_create_reinvoice_sale_line()

    def _create_analytic_lines(self):
        result = super()._create_analytic_lines()
        costs = self.filtered(lambda line: line._psa_is_rebillable())
        if costs:
            # sudo: what a client pays follows from the posted cost; who posts it need not see orders
            costs.sudo()._psa_rebill()
            # of a bill that was reset and is posted again, what took it back stands
            costs.sudo().move_id.reversal_move_ids._psa_bill_again()
        return result

    def _psa_is_rebillable(self):
        """Whether the product of this cost is one that clients pay for, and a project may be concerned."""
        return (
            (self.expense_id or self.move_type in ("in_invoice", "in_refund", "in_receipt"))
            and self.display_type == "product"
            and self.analytic_distribution
            and (self.product_id.expense_policy not in (False, "no") or self._psa_takes_back_billed())
        )

    def _psa_takes_back_billed(self):
        """Whether this line takes back what was to be billed, also where its product is billed no more."""
        # sudo: see _create_analytic_lines
        line = self.sudo()
        if not line.move_id.reversed_entry_id.line_ids.analytic_line_ids.psa_wip_ids:
            return False
        return any(cost.psa_wip_ids for cost in line._psa_reversed().values())

    def _psa_rebill(self, refuses=True):
        """Make the WIP entries of these posted costs, and the SOLs that bill them.

        :param refuses: False for what was posted before: limits cut what is over, whatever the company says
        :raises UserError: where a SOW is not confirmed; over a limit, see ``ExpenseTerms.bill``
        """
        reversed_entries = self._psa_reversed()
        sow_of = self._psa_sows() | self._psa_sows_of_costs(reversed_entries)
        orders = self.env["sale.order"].union(*sow_of.values())
        if not orders:
            return
        self._psa_check_open(orders)
        self.env["psa.wip.entry"]._psa_lock_orders(orders)
        before = self.env["account.analytic.line"].union(*sow_of)._psa_rated_before()
        work, terms, todo = self.env["psa.wip.entry"], ExpenseTerms(orders, before), []
        for entry, order in sow_of.items():
            if entry in reversed_entries:
                # one by one: the next one gives back what this one leaves
                work._psa_create_costs(reversed_entries[entry]._psa_give_back(entry))
                reversed_entries[entry]._psa_note_cut()
            else:
                todo += entry.move_line_id._psa_bill_share(entry, order, terms, refuses)
        work._psa_create_costs(todo)
        if reversed_entries:
            orders._psa_release_costs()

    def _psa_sows(self):
        """``{analytic entry: SOW}`` of those that no other order bills."""
        return self._psa_sows_of(self.analytic_line_ids.filtered(lambda entry: not entry.so_line))

    def _psa_sows_of(self, entries):
        """``{analytic entry: SOW}`` of those of these lines' ``entries`` that a SOW bills."""
        by_account, rated = self._psa_sow_by_account(entries.account_id), entries._psa_orders_rated()
        found = {}
        for entry in entries.sorted("id"):
            line = entry.move_line_id
            order = line.expense_id.sale_order_id
            if not line.expense_id:
                order = rated.get(entry, by_account.get((entry.account_id, entry.company_id)))
            if order and order.psa_kind and entry in line._psa_charged_to():
                found[entry] = order._psa_sow()
        return found

    @staticmethod
    def _psa_sows_of_costs(reversed_entries):
        """``{analytic entry of a reversal: the SOW that bills what it takes back}``, also where the project
        of the SOW has another account by now; see ``_psa_reversed``."""
        found = {
            entry: cost.psa_wip_ids.order_id[:1] or cost.psa_expense_order_id
            for entry, cost in reversed_entries.items()
            if not entry.so_line
        }
        return {entry: order for entry, order in found.items() if order}

    def _psa_sow_by_account(self, accounts):
        """``{(account, company): the SOW of its project}``; as in the host the first confirmed one, else the
        first. Companies may share an account: what another one spends is none of the client's."""
        orders = self.env["sale.order"].search(
            [("project_id.account_id", "in", accounts.ids), ("psa_kind", "!=", False)]
        )
        found = {}
        for order in orders.sorted(lambda order: (order.state != "sale", order.create_date, order.id)):
            found.setdefault((order.project_id.account_id, order.company_id), order)
        return found

    def _psa_check_open(self, orders):
        for order in orders:
            if order.state != "sale":
                raise UserError(
                    self.env._(
                        "%(order)s is not a confirmed statement of work: no expenses or vendor bills can be "
                        "billed to it. Confirm it, or take it off the expense or the bill.",
                        order=order.name,
                    )
                )

    # -- one share of a cost ---------------------------------------------------------------

    def _psa_charged_to(self):
        """The analytic entries that share this cost: those of one plan, as each plan has all of it. Of a bill
        that is the plan of projects; an expense is billed to its own SOW, whichever plan has most of it."""
        entries = self.analytic_line_ids.sorted("id")
        if not self.expense_id:
            return entries.filtered("account_id")
        project_plan, others = self.env["account.analytic.plan"]._get_all_plans()
        by_plan = [entries.filtered(plan._column_name()) for plan in project_plan + others]
        return max(by_plan, key=lambda own: abs(sum(own.mapped("amount"))))

    def _psa_part(self, entry, total, unit):
        """What of ``total`` (Decimal) the share of this cost that ``entry`` is has, in multiples of ``unit``:
        thirds sum to all of it."""
        if not self.balance:
            return dec(0)
        entries = self._psa_charged_to()
        parts = share_out(total, [dec(own.amount) for own in entries], unit, whole=-dec(self.balance))
        return dict(zip(entries, parts, strict=True)).get(entry, dec(0))

    def _psa_day(self):
        """The day of a cost: when the money was spent, else the date of the bill."""
        return self.expense_id.date or self.move_id.invoice_date or self.date

    def _psa_bill_share(self, entry, order, terms, refuses=True):
        """What ``_psa_create_costs`` makes of the share of this line that ``entry`` is; or nothing."""
        return self._psa_bill_priced(entry, order, *self._psa_price_share(entry, order, terms, refuses))

    def _psa_bill_priced(self, entry, order, line, billed):
        """As ``_psa_bill_share``, of what ``_psa_price_share`` said."""
        self._psa_note_over(entry, order, billed.over, billed.over_limit)
        if not billed.amount:
            return []
        by_unit = billed.quantity != 1 or line.psa_expense_method == "unit"
        values = self._prepare_rebilling_line(entry, order, line, billed, by_unit)
        return [(entry, values, billed.quantity, billed.amount, by_unit and billed.amount > 0)]

    def _psa_bill_released(self, entry, order, sold, amount, over_limit):
        """What ``_psa_create_costs`` makes of ``amount`` (Decimal) that a limit lets through of ``entry``.

        :param sold: the line whose terms priced it
        :param over_limit: what the limit cuts still (Decimal)
        """
        self._psa_note_over(entry, order, over_limit, over_limit)
        if not amount:
            return []
        values = self._prepare_rebilling_line(entry, order, sold, Billed(dec(1), amount, amount), False)
        return [(entry, values, dec(1), amount, False)]

    def _psa_note_over(self, entry, order, over, over_limit):
        """Say on ``entry`` what of it the client does not pay, and what of that is for a limit of all."""
        if over_limit or entry.psa_expense_over_limit:
            entry.write(
                {
                    "psa_expense_over_limit": float(over_limit),
                    "psa_expense_cut": float(over_limit),
                    "psa_expense_order_id": order.id,
                }
            )
        if over or entry.psa_expense_note:
            entry.psa_expense_note = over > 0 and self.env._(
                "Not billed: %s over the limit", order.currency_id.format(float(over))
            )

    def _psa_price_share(self, entry, order, terms, refuses=True):
        """``(terms line, Billed)`` of the share of this line that ``entry`` is; see ``ExpenseTerms.bill``."""
        quantity = (self.expense_id.quantity or 1.0) if self.expense_id else self.quantity
        if self.move_type == "in_refund" and not self.expense_id:
            quantity = -quantity
        unit = self.product_uom_id or self.product_id.uom_id
        cost = self._psa_part(entry, self._psa_cost(order), dec(order.currency_id.rounding))
        what = order, self.product_id, unit, cost, self._psa_part(entry, dec(quantity), CENT)
        cost = described(*what)
        known = terms_of(terms.before.get(entry), cost) or terms.terms(order, self.product_id, unit)
        entry.psa_expense_rated = {**cost, **told(known, terms.line_of(order, self.product_id))}
        return terms.bill(*what, refuses, is_bill=not self.expense_id, terms=known)

    def _psa_cost(self, order):
        """The net cost (Decimal) in the currency of ``order``, as paid where that is its currency."""
        day, company, expense = self._psa_day(), self.company_id, self.expense_id
        if expense and expense.currency_id == order.currency_id:
            amount, currency = expense.untaxed_amount_currency, expense.currency_id
            if self.balance < 0:
                amount = -amount
        elif self.currency_id == order.currency_id:
            amount, currency = self.amount_currency, self.currency_id
        else:
            amount, currency = self.balance, company.currency_id
        return cost_in(order, amount, currency, company, day)

    def _prepare_rebilling_line(self, entry, order, terms_line, billed, by_unit):
        """Values of the SOL: the host's for a re-invoiced cost, at the price of the terms."""
        values = self._sale_prepare_sale_line_values(order, 0.0)
        commands = values["tax_ids"]
        line = self.env["sale.order.line"].new({"order_id": order.id, "tax_ids": commands})
        unit = self.product_uom_id or self.product_id.uom_id
        return {
            **values,
            "name": self.product_id.display_name if by_unit else self.name or self.product_id.display_name,
            "price_unit": line._psa_gross_price(billed.price, by_unit),
            "product_uom_id": unit.id if by_unit else self.env.ref("uom.product_uom_unit").id,
            "product_uom_qty": 0.0,
            "analytic_distribution": {entry._get_distribution_key(): 100},
            "expense_ids": [Command.set([])],
            "sequence": terms_line.sequence if terms_line.order_id == order else values["sequence"],
            "psa_rebills": True,
            "psa_expense_line_id": terms_line.id,
        }
