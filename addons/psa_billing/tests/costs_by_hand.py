"""What clients pay for posted costs, reckoned by the contract: none of the product's own functions."""

from dataclasses import dataclass
from decimal import Decimal

from .by_hand import dec, net_price, to_nearest
from .cost_invariants import CostInvariants

#: Units of a currency for one of the company's, from a day on.
RATES_BY_DAY = {
    "CHF": (("2026-01-01", 0.8), ("2026-03-05", 0.85), ("2026-04-01", 0.9)),
    "JPY": (("2026-01-01", 160), ("2026-03-05", 150), ("2026-04-01", 155)),
}
UNSETTLED = ("open", "held", "over_cap")


@dataclass
class Booked:
    """``full``: what the client pays without the limits of lines and SOWs; ``amount``: with them; ``share``:
    of the cost that was charged to the project."""

    order: object
    terms: object
    full: Decimal
    amount: Decimal
    inexact: float = 0
    share: Decimal = Decimal(1)


def rate_on(currency, day):
    """Units of ``currency`` for one of the company's on ``day`` (Decimal)."""
    rates = [rate for first, rate in RATES_BY_DAY.get(currency.name, ()) if first <= str(day)]
    return dec(rates[-1]) if rates else Decimal(1)


class CostsByHand(CostInvariants):
    """Keeps a ledger of what each share of a posted cost is worth to the client; for a ``RandomMoney``.

    ``self.ledger``: ``{(line of the cost, account): Booked}``; ``self.origins``: ``{line of a reversal: line
    that it takes back}``; ``self.matched``: lines that pay for hours; ``self.rated``: of costs that are no
    more posted, or were taken back whole, ``{key: (cost, quantity, share, terms, worth without the limits of
    lines and SOWs)}``.
    """

    def start_ledger(self):
        self.ledger, self.origins, self.matched, self.before, self.rated = {}, {}, set(), {}, {}

    # -- the contract ----------------------------------------------------------------------

    def terms_of(self, order, product):
        """``(all expense lines of the SOW, the one for product)``"""
        lines = order._psa_contract().order_line.filtered(
            lambda line: (
                line.psa_billing_model == "expense"
                and not line.is_expense
                and not line.psa_amends_line_id
                and line.state == "sale"
            )
        )
        for fits in (
            lambda line: product in line.psa_expense_product_ids,
            lambda line: product.categ_id in line.psa_expense_categ_ids,
            lambda line: not (line.psa_expense_product_ids or line.psa_expense_categ_ids),
        ):
            if found := lines.filtered(fits):
                return lines, found[0]
        return lines, lines.browse()

    def cost_of(self, line, order, share):
        """The net cost (Decimal, below zero for credits) in the currency of the SOW: as it was paid, else at
        the rate of the day."""
        expense, currency = line.expense_id, order.currency_id
        day = expense.date or line.move_id.invoice_date
        if expense and expense.currency_id == currency:
            included = sum(dec(tax.amount) for tax in expense.tax_ids)
            net = to_nearest(
                dec(expense.total_amount_currency) * 100 / (100 + included), dec(currency.rounding)
            )
            cost = net if line.balance > 0 else -net
        elif line.currency_id == currency:
            cost = dec(line.amount_currency)
        else:
            company = line.company_currency_id
            cost = to_nearest(dec(line.balance) * share, dec(company.rounding)) * rate_on(currency, day)
            share = Decimal(1)
        return to_nearest(cost * share, dec(currency.rounding))

    def worth_of(self, line, order, share):
        """``(terms, without any limit, within the limit of items)`` of a share of a cost; Decimal"""
        lines, terms = self.terms_of(order, line.product_id)
        method, unit = terms.psa_expense_method, dec(order.currency_id.rounding)
        if not terms:
            by_default = not lines and self.company.psa_expense_default != "no"
            method = "cost" if by_default else "no"
            if by_default and line.product_id.expense_policy == "sales_price":
                method = "unit"
        if method == "no":
            return terms, Decimal(0), Decimal(0)
        cost = self.cost_of(line, order, share)
        quantity = dec(line.expense_id.quantity or 1) if line.expense_id else dec(line.quantity)
        quantity = to_nearest(abs(quantity) * share, dec(0.01))
        sign, at_most = Decimal(-1 if cost < 0 else 1), dec(terms.psa_expense_item_limit)
        if method == "unit":
            price = net_price(terms) if terms.price_unit else self.product_price(line.product_id)
            bounded = min(price, at_most) if at_most and sign > 0 else price
            amounts = quantity * price, quantity * bounded
        else:
            markup = dec(terms.psa_expense_markup) if method == "markup" else 0
            bounded = min(cost, at_most * quantity) if at_most and sign > 0 else abs(cost)
            amounts = (one * (100 + markup) / 100 for one in (abs(cost), bounded))
        return terms, *(sign * to_nearest(amount, unit) for amount in amounts)

    @staticmethod
    def product_price(product):
        included = sum(dec(tax.amount) for tax in product.taxes_id if tax.price_include)
        return dec(product.list_price) * 100 / (100 + included)

    def left_for(self, order, terms):
        """What the limits of the SOW and of the line leave (Decimal), or None."""
        booked = [(one, self.before.get(key, (True, 0))[1]) for key, one in self.ledger.items()]
        used = sum(one.amount - dec(off) for one, off in booked if one.order == order)
        on_line = sum(
            one.amount - dec(off) for one, off in booked if one.order == order and one.terms == terms
        )
        changes = order._psa_contract().sudo() - order
        raised = changes.order_line.filtered(lambda line: line.psa_amends_line_id == terms and terms)
        limits = (
            (sum((order + changes).mapped("psa_expense_limit_change"), order.psa_expense_limit), used),
            (sum(raised.mapped("psa_expense_limit_change"), terms.psa_expense_limit), on_line),
        )
        lefts = [dec(limit) - taken for limit, taken in limits if limit]
        return min(lefts, default=None)

    # -- the ledger ------------------------------------------------------------------------

    def look(self):
        """Remember how the costs stand: ``{key: (whether nothing of it is settled, what is given up)}``."""
        self.before = {}
        for key in self.ledger:
            parts = self.entry_of(key).psa_wip_ids
            off = sum(parts.filtered(lambda part: part.state == "written_off").mapped("amount"))
            self.before[key] = all(part.state in UNSETTLED for part in parts), round(off, 6)
        self.follow_reviews()

    def follow_reviews(self):
        """What reversals give back, and is not settled, follows from what is billed of their costs now."""
        keys = [
            (line, entry.account_id)
            for line in self.origins
            if line.parent_state == "posted" and self.is_rebilled(line)
            for entry in line.analytic_line_ids.sudo()
        ]
        for line, account in sorted(keys, key=lambda key: self.entry_of(key).id):
            booked = self.ledger.get((self.origins[line], account))
            if not booked:
                continue
            amount = self.worth_back(line, account, booked) if booked.amount else Decimal(0)
            got, off = self.settled_of(self.entry_of((line, account)).psa_wip_ids, amount)
            more = amount - got - off
            if more * (got + off) < 0:
                # what the client has got beyond is charged, what was given up is not
                more = amount - got if (amount - got) * got < 0 else 0
            amount = got + off + more
            self.ledger.pop((line, account), None)
            if amount or got or off:
                self.ledger[line, account] = Booked(
                    booked.order, booked.terms, amount, amount, booked.inexact
                )

    @staticmethod
    def settled_of(parts, owed):
        """What of a reversal (Decimal) the client has got, by an invoice or a proposal that nobody works on
        any more, and what was given up; also what was decided in a review, as long as something is owed."""
        free = parts.filtered(
            lambda part: (
                part.state in UNSETTLED
                or (part.state == "proposed" and part.proposal_id.state in ("draft", "reviewed"))
            )
        )
        decided = free.filtered("counterpart_ids")
        gone = not owed and any(decided.mapped("amount"))
        settled = parts - (free | decided.counterpart_ids if gone else free - decided)
        off = settled.filtered(lambda part: part.state == "written_off")
        return (dec(sum(own.mapped("amount"))) for own in (settled - off, off))

    @staticmethod
    def entry_of(key):
        line, account = key
        return line.analytic_line_ids.filtered(lambda entry: entry.account_id == account).sudo()

    def sow_of(self, line, account):
        if line.expense_id:
            return line.expense_id.sale_order_id
        return self.sows.filtered(lambda order: order.project_id.account_id == account)

    def share_of(self, line, account):
        return dec(line.analytic_distribution[str(account.id)]) / 100

    def is_rebilled(self, line):
        return (
            line.product_id.expense_policy in ("cost", "sales_price")
            and line.analytic_distribution
            and line not in self.matched
        )

    def book(self, move):
        """What a posted move is worth; then what took it back before."""
        for one in (move, *move.reversal_move_ids.filtered(lambda one: one.state == "posted")):
            entries = one.line_ids.analytic_line_ids.sorted("id")
            for entry in entries:
                self.book_entry(entry.move_line_id, entry.account_id)
            taking = entries.filtered(lambda entry: entry.move_line_id in self.origins)
            if taking:
                self.let_through({self.sow_of(entry.move_line_id, entry.account_id) for entry in taking})

    def book_entry(self, line, account):
        order = self.sow_of(line, account)
        if (line, account) in self.ledger or not order or not self.is_rebilled(line):
            return
        origin = self.origins.get(line)
        if origin and origin.parent_state == "posted":
            self.book_reversal(line, account, origin)
            return
        share = self.share_of(line, account)
        terms, _wanted, full = self.worth_of(line, order, share)
        *cost, agreed, before = self.rated.get((line, account), (None, None))
        if before and [line.amount_currency, line.quantity, share] == cost:
            terms, full = agreed, before  # it is worth what it was, whatever was agreed since
        left = self.left_for(order, terms)
        amount = full if full < 0 or left is None else min(full, max(left, Decimal(0)))
        inexact = self.inexact(order, line, share)
        if amount != full:
            inexact += sum(one.inexact for one in self.ledger.values() if one.order == order)
        self.ledger[line, account] = Booked(order, terms, full, amount, inexact, share)

    def inexact(self, order, line, share):
        """The books share costs in whole cents of the company."""
        if share == 1:
            return 0
        return order.currency_id.rounding + 0.02 * float(rate_on(order.currency_id, line.move_id.date))

    @staticmethod
    def inexact_bills(line):
        """Units at a price with more digits than SOLs show are rounded bill by bill where no cap and no payer
        asks for each cent."""
        terms = line.psa_expense_line_id
        exact = terms.psa_expense_method != "unit" if terms else line.product_id.expense_policy == "cost"
        sow = line.order_id
        if exact or sow.psa_payer_ids or sow.psa_cap_amount or sow.psa_agreement_id.cap_amount:
            return 0
        return line.currency_id.rounding * (1 + len(line.invoice_lines))

    def book_reversal(self, line, account, origin):
        """The client gets back what is no more owed: of a cost that a limit cut only what is below it."""
        key = origin, account
        booked = self.ledger.get(key)
        if not booked:
            return
        unsettled, _off = self.before.get(key, (True, 0))
        if dec(line.amount_currency) == -dec(origin.amount_currency) and unsettled:
            self.remember(origin, account, self.ledger.pop(key))
            return
        amount = self.worth_back(line, account, booked)
        if amount:
            self.ledger[line, account] = Booked(booked.order, booked.terms, amount, amount, booked.inexact)

    def worth_back(self, line, account, booked):
        """What a reversal is worth to the client (Decimal, below zero where money goes back)."""
        origin = self.origins[line]
        _unsettled, off = self.before.get((origin, account), (True, 0))
        own = dec(line.amount_currency)
        last = self.entry_of((line, account)).id
        before = [one for one in self.taking_back(origin) if self.is_before(one, account, last)]
        taken = own + sum(dec(one.amount_currency) for one in before)
        given = -sum(self.ledger[one, account].amount for one in before if (one, account) in self.ledger)
        share = taken / -dec(origin.amount_currency)
        over, kept = booked.full - booked.amount, booked.amount - dec(off)
        back = to_nearest((kept + over) * share, dec(booked.order.currency_id.rounding))
        back = max(back - over, Decimal(0)) if over else back
        return given - back

    def taking_back(self, origin):
        """The lines that reverse this one, posted or not."""
        return [line for line, of in self.origins.items() if of == origin]

    def is_before(self, line, account, last):
        return line.parent_state == "posted" and self.entry_of((line, account)).id < last

    def unbook(self, move):
        """What a move was worth that is posted no more; what it took back before it was billed is billed."""
        lines = move.line_ids
        orders = self.strike_out([key for key in self.ledger if key[0] in lines])
        cut = {self.origins[line] for line in lines if line in self.origins}
        self.book_anew([(line, account) for line, account in self.ledger if self.origins.get(line) in cut])
        for moves in {self.origins[line].move_id for line in lines if line in self.origins}:
            if moves.state == "posted" and self.waits_again(lines):
                self.book(moves)
        self.let_through(orders)

    def strike_out(self, keys):
        """The SOWs of the billed costs with these keys, which are billed no more."""
        for line, account in keys:
            self.remember(line, account, self.ledger[line, account])
        gone = [self.ledger.pop(key) for key in keys]
        return {booked.order for booked in gone if booked.amount}

    def remember(self, line, account, booked):
        """What a cost was rated by: it is worth that if it is posted, or no more taken back, later."""
        cost = line.amount_currency, line.quantity, booked.share
        self.rated[line, account] = *cost, booked.terms, booked.full

    def book_anew(self, keys):
        """What reversals of a cost over a limit give back follows from the others, as long as it waits."""
        for key in sorted(keys, key=lambda key: self.entry_of(key).id):
            origin = self.ledger.get((self.origins[key[0]], key[1]))
            if origin and origin.full != origin.amount and self.before[key][0]:
                del self.ledger[key]
                self.book_entry(*key)
                self.let_through({origin.order})

    def waits_again(self, lines):
        origins = [self.origins[line] for line in lines if line in self.origins]
        return any(
            (line, entry.account_id) not in self.ledger
            for line in origins
            if self.is_rebilled(line)
            for entry in line.analytic_line_ids
        )

    def let_through(self, orders):
        """What limits had cut of the costs of these SOWs as far as they leave room now, the first first."""
        cut = [
            (self.entry_of(key).id, key, booked)
            for key, booked in self.ledger.items()
            if booked.order in orders and booked.full > booked.amount
        ]
        for _id, key, booked in sorted(cut, key=lambda one: one[0]):
            if not booked.amount:  # of nothing that was billed: the limits of today count
                booked.terms = self.terms_of(booked.order, key[0].product_id)[1]
            left = self.left_for(booked.order, booked.terms)
            more = self.cut_off(key)
            booked.amount += more if left is None else min(more, max(left, Decimal(0)))

    def cut_freed(self):
        """What a review gave away, and comes back with a cancelled proposal or invoice, finds what others
        have left of the limits: of the costs that wait again what was posted last is cut first."""
        settled = {key for key, (waits, _off) in self.before.items() if not waits and key in self.ledger}
        self.look()
        freed = [key for key in settled if self.entry_of(key).psa_wip_ids and self.before[key][0]]
        for key in sorted(freed, key=lambda key: -self.entry_of(key).id):
            booked, states = self.ledger[key], self.entry_of(key).psa_wip_ids.mapped("state")
            back = [one for one in self.taking_back(key[0]) if one.parent_state == "posted"]
            if back or "held" in states:  # somebody decided on it
                continue
            left = self.left_for(booked.order, booked.terms)
            if left is not None and left < 0 < booked.amount:
                booked.amount = max(booked.amount + left, Decimal(0))

    def cut_off(self, key):
        """What a limit keeps from the client of what is left of a cost (Decimal)."""
        (origin, account), booked = key, self.ledger[key]
        back = [one for one in self.taking_back(origin) if one.parent_state == "posted"]
        taken = sum(dec(one.amount_currency) for one in back if self.entry_of((one, account)))
        given = -sum(self.ledger[one, account].amount for one in back if (one, account) in self.ledger)
        share = taken / -dec(origin.amount_currency)
        # of what was given away nothing is given back, whether a limit had cut the cost or not
        _unsettled, written_off = self.before.get(key, (True, 0))
        full = booked.full - dec(written_off)
        # the rest is what is not given back: half of 846.45 is 423.23, and leaves 423.22
        off = to_nearest(full * share, dec(booked.order.currency_id.rounding))
        # a cost that was given away later than a part of it was given back is not cut by a limit
        return min(max(booked.full - off - (booked.amount - given), Decimal(0)), booked.full - booked.amount)
