"""What clients pay for expenses and vendor bills of many SOWs; no model, it lives as long as one posting."""

from collections import defaultdict
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tools import format_date

from ..core.expenses import COST, NOT_BILLED, UNIT, Billed, Terms, bill, limited
from ..core.money import dec


class ExpenseTerms:
    """Answers for ``orders`` (SOWs in sudo) and remembers what it has granted of their limits.

    ``before``: what costs were rated by when they were posted last, see ``_psa_rated_before``.
    """

    def __init__(self, orders, before=None):
        self.env, self.before = orders.env, before or {}
        self.lines = {order: order._psa_expense_lines() for order in orders}
        lines = self.env["sale.order.line"].union(*self.lines.values())
        members = lines._psa_group_members()
        self._limit_of_order = {order: order._psa_expense_limit() for order in orders}
        self._limit_of_line = {line: line._psa_expense_limit(members[line]) for line in lines}
        self._used_of_line, self._used_of_order = defaultdict(Decimal), defaultdict(Decimal)
        self._read_used(orders, lines)

    def _read_used(self, orders, lines):
        rows = self.env["psa.wip.entry"]._read_group(
            [("order_id", "in", orders.ids), ("kind", "!=", "time"), ("state", "!=", "written_off")],
            ["order_id", "sale_line_id"],
            ["amount:sum"],
        )
        for order, sale_line, amount in rows:
            self._used_of_order[order] += dec(amount)
            self._used_of_line[sale_line.psa_expense_line_id] += dec(amount)
        # what the former system billed, or left to bill, of the line
        for opening in self.env["psa.opening.balance"].search([("sale_line_id", "in", lines.ids)]):
            used = dec(opening.billed_amount) + dec(opening.unbilled_amount)
            self._used_of_order[opening.order_id._psa_sow()] += used
            self._used_of_line[opening.sale_line_id] += used

    def line_of(self, order, product):
        """The line of ``order`` whose terms are for ``product``; empty where none is."""
        return self.lines[order]._psa_expense_terms_of(product)

    def bill(self, order, product, uom, cost, quantity, refuses=True, is_bill=False, terms=None):
        """``(terms line, Billed)`` of a cost, in the currency of ``order``; counts against the limits.

        :param cost: Decimal, net, in the currency of ``order``; negative for a credit
        :param quantity: Decimal, in ``uom``
        :param refuses: False for what was decided before
        :param is_bill: whether it is on a bill of a vendor, and no expense
        :param terms: ``Terms`` by which it was rated before; None: those of now
        :raises UserError: over a limit, where the company refuses what is over
        """
        line = self.line_of(order, product)
        unit = dec(order.currency_id.rounding)
        billed = bill(terms or self.terms(order, product, uom), cost, quantity, unit)
        amount, over = billed.amount, billed.over
        if cost > 0:
            amount, over = limited(billed, self._left(order, line))
        if over and refuses and order.company_id.psa_expense_over_limit != "no":
            raise UserError(self._refusal(order, line, product, over, is_bill))
        self._used_of_order[order] += amount
        self._used_of_line[line] += amount
        if amount != billed.amount:
            return line, Billed(dec(1), amount, amount, over, billed.amount - amount)
        return line, billed

    def follow_cost(self, order, product, uom):
        """Whether what the client of ``order`` pays for ``product`` follows from what it cost."""
        return self.terms(order, product, uom).method not in (UNIT, NOT_BILLED)

    def terms(self, order, product, uom):
        """The ``Terms`` on which the client of ``order`` pays for ``product`` by now."""
        line = self.line_of(order, product)
        method = line.psa_expense_method or self._default_method(order, product)
        price = dec(0)
        if method == UNIT:
            price = line._psa_net_price() if line and line.price_unit else self._price(order, product, uom)
        return Terms(method, dec(line.psa_expense_markup), price, dec(line.psa_expense_item_limit))

    def _default_method(self, order, product):
        """Where no line speaks of expenses at all; lines that name other products leave the rest unbilled."""
        if self.lines[order] or order.company_id.psa_expense_default == "no":
            return NOT_BILLED
        return UNIT if product.expense_policy == "sales_price" else COST

    def _price(self, order, product, uom):
        """The price of the product for the client, net."""
        price = order.pricelist_id._get_product_price(
            product, 1.0, currency=order.currency_id, uom=uom, date=order.date_order
        )
        taxes = order.fiscal_position_id.map_tax(product.taxes_id._filter_taxes_by_company(order.company_id))
        line = self.env["sale.order.line"].new({"order_id": order.id, "tax_ids": taxes.ids})
        return line._psa_net_price(price)

    def _left(self, order, line):
        """What is left of the limits, net; None where there is none."""
        lefts = []
        if limit := self._limit_of_order[order]:
            lefts.append(dec(limit) - self._used_of_order[order])
        if limit := self._limit_of_line.get(line):
            lefts.append(dec(limit) - self._used_of_line[line])
        return min(lefts, default=None)

    def used(self, order, line):
        """What is granted of the limit of ``line``, or, where it is empty, of that of ``order`` (Decimal)."""
        return self._used_of_line[line] if line else self._used_of_order[order]

    def left(self, order, line):
        """What the limits of ``order`` and its ``line`` leave (Decimal, net, at least 0); None: no limit."""
        left = self._left(order, line)
        return None if left is None else max(left, dec(0))

    def over(self, order, line):
        """What is granted beyond the limits of ``order`` and its expense ``line`` (Decimal, net)."""
        left = self._left(order, line)
        return dec(0) if left is None else max(-left, dec(0))

    def _refusal(self, order, line, product, over, is_bill):
        values = {
            "product": product.display_name,
            "over": order.currency_id.format(float(over)),
            "where": line.display_name or order.name,
            "order": order.name,
        }
        if is_bill:
            return self.env._(
                "%(product)s is %(over)s over the limit for expenses of %(where)s. Bill less to %(order)s: "
                "put the rest on a line of the bill without the analytic account of its project. Or have the "
                "limit raised by a change order, or an administrator let what is over go unbilled (Settings "
                "> Invoicing > Professional Services).",
                **values,
            )
        return self.env._(
            "%(product)s is %(over)s over the limit for expenses of %(where)s. Bill less to %(order)s: split "
            "the expense and leave the statement of work empty on the rest. Or have the limit raised by a "
            "change order, or an administrator let what is over go unbilled (Settings > Invoicing > "
            "Professional Services).",
            **values,
        )


def cost_in(order, amount, currency, company, day):
    """``amount`` in the currency of ``order``, converted on ``day``; Decimal.

    :raises UserError: where a currency has no exchange rate on or before ``day``
    """
    if currency == order.currency_id:
        return dec(currency.round(amount))
    for one in (currency, order.currency_id):
        if one != company.currency_id and not one._psa_has_rate(company, day):
            raise UserError(
                order.env._(
                    "%(currency)s has no exchange rate on %(date)s: what the client of %(order)s pays cannot "
                    "be converted. Have an administrator of accounting enter one under Invoicing > "
                    "Configuration > Accounting > Currencies.",
                    currency=one.name,
                    date=format_date(order.env, day),
                    order=order.name,
                )
            )
    return dec(currency._convert(amount, order.currency_id, company, day))
