"""Costs in a currency without an exchange rate on their day: nothing is guessed.

The host books them at a later rate, or at 1. What the client pays is not known until somebody enters the
rate: they wait without an amount, and their proposal says so.
"""

from odoo import api, models
from odoo.tools import format_date

from ..core.expenses import Billed
from ..core.money import dec
from .psa_billing_proposal import PENDING_STATES
from .psa_expense_terms import ExpenseTerms, cost_in
from .psa_wip_entry import UNBILLED_STATES


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _psa_without_rate(self, amount, company, day):
        """``amount`` in the currency of ``company``, as the host takes it where no rate holds on ``day``."""
        domain = [
            ("currency_id", "=", self.id),
            ("company_id", "in", (False, company.root_id.id)),
            ("name", ">", day),
        ]
        # sudo: see _psa_has_rate
        later = self.env["res.currency.rate"].sudo().search(domain, order="name", limit=1)
        if not later:
            return amount
        return self._convert(amount, company.currency_id, company, later.name)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _psa_spent(self):
        """``(currency, amount in it, amount in the books)`` of the money that was spent, with its taxes or
        without."""
        if expense := self.expense_id:
            return expense.currency_id, expense.total_amount_currency, expense.total_amount
        return self.currency_id, self.amount_currency, self.balance

    def _psa_is_guessed(self):
        """Whether the books have this cost at what the host takes for a missing rate: not at that of its day,
        nor at one that somebody typed."""
        currency, amount, booked = self._psa_spent()
        company, day = self.company_id, self._psa_day()
        own = company.currency_id
        if currency == own:
            return False
        if abs(currency._psa_without_rate(amount, company, day) - booked) > own.rounding:
            return False
        known = currency._psa_has_rate(company, day)
        return not known or abs(currency._convert(amount, own, company, day) - booked) > own.rounding

    def _psa_has_rate(self):
        """Whether there is an exchange rate for what was spent on its day."""
        currency, _amount, _booked = self._psa_spent()
        return currency._psa_has_rate(self.company_id, self._psa_day())

    def _psa_lacks_rate(self, order):
        """Whether what the client of ``order`` pays for this cost hangs on a rate that nobody has entered."""
        currency, _amount, _booked = self._psa_spent()
        return currency != order.currency_id and self._psa_is_guessed() and not self._psa_has_rate()

    def _psa_bill_share(self, entry, order, terms, refuses=True):
        unit = self.product_uom_id or self.product_id.uom_id
        if terms.follow_cost(order, self.product_id, unit) and self._psa_lacks_rate(order):
            return self._psa_bill_unpriced(entry, order, terms.line_of(order, self.product_id))
        return super()._psa_bill_share(entry, order, terms, refuses)

    def _psa_bill_unpriced(self, entry, order, line):
        """What ``_psa_create_costs`` makes of a cost that has no amount yet."""
        currency, _amount, _booked = self._psa_spent()
        entry.psa_expense_note = self.env._(
            "No exchange rate of %(currency)s on %(date)s",
            currency=currency.name,
            date=format_date(self.env, self._psa_day()),
        )
        values = self._prepare_rebilling_line(entry, order, line, Billed(dec(1), dec(0), dec(0)), False)
        return [(entry, values, dec(1 if self.balance > 0 else -1), dec(0), False)]

    def _psa_cost(self, order):
        """Where the rate came after the books had the cost, what was spent counts, not what they say."""
        currency, amount, _booked = self._psa_spent()
        if currency == order.currency_id or not (self._psa_is_guessed() and self._psa_has_rate()):
            return super()._psa_cost(order)
        if expense := self.expense_id:
            amount = expense.untaxed_amount_currency * (1 if self.balance > 0 else -1)
        return cost_in(order, amount, currency, self.company_id, self._psa_day())

    def _psa_missing_rate_message(self, order):
        """What keeps this cost of ``order`` from being billed, and the way out, in words."""
        currency, _amount, _booked = self._psa_spent()
        return self.env._(
            "%(cost)s of %(document)s is in %(currency)s, which has no exchange rate on %(date)s or before: "
            "what the client of %(order)s pays for it is not known. Have an administrator of accounting "
            "enter one under Invoicing > Configuration > Accounting > Currencies, and make the proposals "
            "again. Or hold its line here: it waits, and the rest is billed.",
            cost=self.product_id.display_name,
            document=self.move_id.display_name,
            currency=currency.name,
            date=format_date(self.env, self._psa_day()),
            order=order.name,
        )


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    @api.depends("amount", "state", "order_id")
    def _compute_expense_warning(self):  # pylint: disable=missing-return  # a compute without a value
        """Costs that an earlier version billed at what the books took for a missing rate are told of."""
        super()._compute_expense_warning()
        guessed = self.filtered(
            lambda part: part.kind != "time" and part.state in UNBILLED_STATES and part.unit_price
        )
        guessed.analytic_line_id.move_line_id.mapped("balance")  # read at once
        terms = ExpenseTerms(guessed.order_id)
        for part in guessed:
            cost, order = part.analytic_line_id.move_line_id, part.order_id
            unit = cost.product_uom_id or cost.product_id.uom_id
            if cost._psa_lacks_rate(order) and terms.follow_cost(order, cost.product_id, unit):
                note = self.env._(
                    "Billed as booked, without an exchange rate of %(currency)s on %(date)s: have the rate "
                    "entered, reset %(document)s to draft and post it again",
                    currency=cost._psa_spent()[0].name,
                    date=format_date(self.env, cost._psa_day()),
                    document=cost.move_id.display_name,
                )
                part.expense_warning = ". ".join(filter(None, (part.expense_warning, note)))

    def _psa_unpriced_costs(self, orders):
        """The costs of these SOWs that wait for an exchange rate."""
        return self.search(
            [
                ("order_id", "in", orders.ids),
                ("kind", "!=", "time"),
                ("state", "=", "open"),
                ("unit_price", "=", 0),
            ]
        )

    def _psa_price_costs(self):
        """These costs, in sudo, that had no exchange rate are billed by the terms of today."""
        entries = self.analytic_line_id.sorted("id")
        order_of = {entry: entry.psa_wip_ids.order_id for entry in entries}
        self._psa_drop_costs()
        orders = self.env["sale.order"].union(*order_of.values())
        terms, todo = ExpenseTerms(orders, entries._psa_rated_before()), []
        for entry, order in order_of.items():
            todo += entry.move_line_id._psa_bill_share(entry, order, terms, refuses=False)
        self._psa_create_costs(todo)
        entries._psa_give_back_anew()


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    def _psa_reprice(self, orders):  # pylint: disable=missing-return  # a hook without a value
        """Costs whose exchange rate was entered since are priced."""
        super()._psa_reprice(orders)
        costs = self.env["psa.wip.entry"]._psa_unpriced_costs(orders)
        known = costs.filtered(
            lambda part: (
                part.order_id.state == "sale"
                and part.analytic_line_id.move_line_id._psa_has_rate()
                and part.order_id._psa_has_rate(part.analytic_line_id.move_line_id._psa_day())
            )
        )
        if known:
            known._psa_price_costs()

    def _psa_missing_rate_message(self, sale_line, day):
        if not sale_line.psa_rebills:
            return super()._psa_missing_rate_message(sale_line, day)
        cost = self.env["psa.wip.entry"].search(
            [("sale_line_id", "=", sale_line.id), ("state", "=", "open")], limit=1
        )
        return cost.analytic_line_id.move_line_id._psa_missing_rate_message(sale_line.order_id)


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _compute_left_out(self):  # pylint: disable=missing-return  # a compute without a value
        super()._compute_left_out()
        pending = self.filtered(lambda proposal: proposal.state in PENDING_STATES)
        unpriced = self.env["psa.wip.entry"]._psa_unpriced_costs(pending.order_ids._origin)
        for proposal in pending if unpriced else ():
            last, orders = proposal._psa_last_day(), proposal.order_ids._origin
            costs = unpriced.filtered(
                lambda part, last=last, orders=orders: part.order_id in orders and part.date <= last
            )
            if costs:
                told = self.env._("no exchange rate: %s", costs._psa_names())
                proposal.left_out = ", ".join(filter(None, (proposal.left_out, told)))


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_has_rate(self, day):
        """Whether amounts can be converted into the currency of this order on ``day``."""
        own = self.currency_id == self.company_id.currency_id
        return own or self.currency_id._psa_has_rate(self.company_id, day)
