"""Work goes through any sequence of what people do with it, built from the rules of ``core`` alone.

Time is logged, approved, rounded and cut at caps; proposed, held, written off, adjusted and split; billed to
one client or to three; credited and billed again; the cap is changed by change orders. After each step hours
sum to what was entered, money to what was rated, no cap is exceeded, and the client owes what invoices less
credit notes say.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.psa_billing.core.adjustment import Piece, at_amount, at_quantity, cut, share_out
from odoo.addons.psa_billing.core.caps import Work, split_at_caps
from odoo.addons.psa_billing.core.credit import taken_back
from odoo.addons.psa_billing.core.money import CENT, amount_of, round_to
from odoo.addons.psa_billing.core.payers import deal
from odoo.addons.psa_billing.core.proposal import line_amounts
from odoo.addons.psa_billing.core.rounding import UP, quantity_of
from odoo.addons.psa_contracts.core.shares import split

ZERO = Decimal(0)
WAITING = ("open", "held", "over_cap")
UNDER_CAP = ("open", "held", "proposed", "billed")


@dataclass(frozen=True)
class Part:
    entry: int
    state: str
    piece: Piece
    payer: int | None = None
    invoice: int | None = None
    off_from: int | None = None  # number of the part that this one was written off from
    number: int = 0


class Firm:
    """One line of a SOW at one price, capped by line and SOW."""

    def __init__(self, price, increment, line_cap, order_cap, shares):
        self.price, self.increment, self.shares = price, increment, shares
        self.caps = [line_cap, order_cap]
        self.logged, self.hours, self.parts = {}, {}, []
        self.cents_moved = False
        self.invoiced, self.last = {}, 0  # {(invoice, payer): [quantity, money]}

    def add(self, part):
        self.last += 1
        self.parts.append(replace(part, number=self.last))
        return self.parts[-1]

    def swap(self, old, *new):
        self.parts.remove(old)
        return [self.add(part) for part in new]

    def of(self, *states):
        return [part for part in self.parts if part.state in states]

    def beside(self, parts):
        rated = sum((part.piece.quantity for part in parts), ZERO)
        return sum((part.piece.amount for part in parts), ZERO) - amount_of(rated, self.price)

    # -- what people do --------------------------------------------------------------------

    def log(self, which, hours):
        self.logged[len(self.logged) + len(self.hours)] = hours

    def approve(self, which, hours):
        for entry, worked in list(self.logged.items()):
            self.hours[entry] = self.logged.pop(entry)
            quantity = quantity_of(worked, self.increment, UP)
            self.add(Part(entry, "open", Piece(worked, quantity, amount_of(quantity, self.price))))
        self.recut()

    def recut(self):
        """As billing does: what waits of an entry and payer is one piece of work, cut in order."""
        works, held = {}, {(part.entry, part.payer) for part in self.of("held")}
        for part in self.of(*WAITING):
            works.setdefault((part.entry, part.payer), []).append(part)
        taken = sum((part.piece.amount for part in self.of("proposed", "billed")), ZERO)
        cut_works = [
            Work(
                key,
                "line",
                sum((part.piece.raw_hours for part in parts), ZERO),
                sum((part.piece.quantity for part in parts), ZERO),
                self.price,
                extra=self.beside(parts),
            )
            for key, parts in sorted(works.items(), key=lambda item: (item[0][0], item[0][1] or 0))
        ]
        line_cap, order_cap = self.caps
        line_left = {"line": line_cap - taken} if line_cap else {}
        result = split_at_caps(cut_works, line_left, order_cap - taken if order_cap else None)
        self.parts = [part for part in self.parts if part.state not in WAITING]
        for part in result:
            state = "over_cap" if part.over else "held" if part.key in held else "open"
            piece = Piece(part.raw_hours, part.quantity, part.amount, part.remainder)
            assert part.amount == amount_of(part.quantity, self.price) + part.remainder
            self.add(Part(part.key[0], state, piece, part.key[1]))

    def propose(self, which, hours):
        for part in self.of("open"):
            self.swap(part, replace(part, state="proposed"))

    def hold(self, which, hours):
        for part in self.some(which, "open"):
            self.swap(part, replace(part, state="held"))
        self.free(self.some(which, "proposed"), "held")

    def release(self, which, hours):
        for part in self.of("held"):
            self.swap(part, replace(part, state="open"))
        self.recut()

    def some(self, which, *states):
        found = self.of(*states)
        return [found[which % len(found)]] if found else []

    def write_off(self, which, hours):
        for part in self.some(which, *WAITING):
            self.swap(part, replace(part, state="written_off"))
        self.recut()

    def take_off(self, part, pair):
        billed, off = pair
        (kept,) = self.swap(part, replace(part, piece=billed))
        for other in [other for other in self.parts if other.off_from == part.number]:
            self.swap(other, replace(other, off_from=kept.number))
        if off != Piece(ZERO, ZERO, ZERO):
            self.add(replace(kept, state="written_off", piece=off, off_from=kept.number))
        self.recut()

    def bill_quantity(self, which, hours):
        for part in self.some(which, "proposed"):
            if hours * part.piece.quantity > 0 and abs(hours) <= abs(part.piece.quantity):
                self.take_off(part, at_quantity(part.piece, round_to(hours, CENT), self.price))

    def bill_amount(self, which, hours):
        for part in self.some(which, "proposed"):
            if part.piece.amount:
                self.take_off(part, at_amount(part.piece, round_to(part.piece.amount * 2 / 3, CENT)))

    def bill_together(self, which, hours):
        """A tenth less of all that is proposed, pro rata."""
        work = [part for part in self.of("proposed") if part.piece.amount > 0]
        total = sum((part.piece.amount for part in work), ZERO)
        if total:
            offs = share_out(round_to(total / 10, CENT), [part.piece.amount for part in work])
            for part, off in zip(work, offs, strict=True):
                self.take_off(part, at_amount(part.piece, part.piece.amount - off))

    def split(self, which, hours):
        for part in self.some(which, "proposed"):
            quantity = round_to(part.piece.quantity / 3, CENT)
            if quantity and abs(quantity) < abs(part.piece.quantity):
                rest, new = cut(part.piece, quantity, self.price)
                (kept,) = self.swap(part, replace(part, piece=rest))
                self.add(replace(kept, piece=new))
                for other in [other for other in self.parts if other.off_from == part.number]:
                    self.swap(other, replace(other, off_from=kept.number))

    def bill(self, which, hours):
        work, invoice = self.of("proposed"), len(self.invoiced)
        loose = [part for part in work if part.payer is None]
        if self.shares and loose:
            columns = [
                deal(values, split(sum(values, ZERO), self.shares, CENT))
                for values in (
                    [part.piece.quantity for part in loose],
                    [part.piece.amount for part in loose],
                )
            ]
            hours_of = deal(
                [part.piece.raw_hours for part in loose],
                split(sum((part.piece.raw_hours for part in loose), ZERO), self.shares, CENT),
            )
            for part, worked, quantities, amounts in zip(loose, hours_of, *columns, strict=True):
                rows = enumerate(zip(worked, quantities, amounts, strict=True))
                new = [
                    replace(
                        part,
                        payer=payer,
                        piece=Piece(raw, quantity, amount, amount - amount_of(quantity, self.price)),
                    )
                    for payer, (raw, quantity, amount) in rows
                ]
                made = self.swap(part, *new)
                for other in [other for other in self.parts if other.off_from == part.number]:
                    self.swap(other, replace(other, off_from=made[0].number))
        for payer in {part.payer for part in self.of("proposed")}:
            own = [part for part in self.of("proposed") if part.payer == payer]
            quantity = sum((part.piece.quantity for part in own), ZERO)
            amount = sum((part.piece.amount for part in own), ZERO)
            product, remainder = line_amounts(quantity, self.price, amount, exact=True)
            assert product + remainder == amount
            self.invoiced[invoice, payer] = [quantity, product + remainder]
            for part in own:
                (new,) = self.swap(part, replace(part, state="billed", invoice=invoice))
                for other in [other for other in self.parts if other.off_from == part.number]:
                    self.swap(other, replace(other, off_from=new.number))

    def credit(self, which, hours):
        """Some units of an invoice are credited at its price; all of them with its remainder."""
        left = [key for key, (quantity, _money) in self.invoiced.items() if quantity]
        if not left:
            return
        key = left[which % len(left)]
        billed = [part for part in self.of("billed") if (part.invoice, part.payer) == key]
        whole, money = self.invoiced[key]
        quantity = whole if abs(hours) >= abs(whole) else abs(hours).copy_sign(whole)
        if quantity == whole:
            self.invoiced[key] = [ZERO, ZERO]
            self.free(billed)
            return
        pieces = [(part, part.piece.quantity) for part in billed]
        taken = taken_back(pieces, quantity)
        if sum((piece for _part, piece in taken), ZERO) != quantity:
            return
        freed, kept = [], [part for part in billed if part not in [part for part, _piece in taken]]
        for part, piece in taken:
            if piece != part.piece.quantity:
                raw = round_to(part.piece.raw_hours * piece / part.piece.quantity, CENT)
                off = Piece(raw, piece, amount_of(piece, self.price))
                rest, new = self.swap(part, replace(part, piece=part.piece - off), replace(part, piece=off))
                for other in [other for other in self.parts if other.off_from == part.number]:
                    self.swap(other, replace(other, off_from=rest.number))
                kept.append(rest)
                part = new
            freed.append(part)
        # the note credits units at the price: what they are worth beside it stays with what is billed
        credited = amount_of(quantity, self.price)
        surplus = sum((part.piece.amount for part in freed), ZERO) - credited
        if surplus:
            if not kept:
                return
            part = freed.pop(0)
            stays = next((other for other in kept if other.entry == part.entry), kept[0])
            self.cents_moved = self.cents_moved or stays.entry != part.entry or bool(freed)
            piece = replace(part.piece, amount=part.piece.amount - surplus)
            freed += self.swap(part, replace(part, piece=piece))
            self.swap(stays, replace(stays, piece=replace(stays.piece, amount=stays.piece.amount + surplus)))
        self.invoiced[key] = [whole - quantity, money - credited]
        self.free(freed)

    def free(self, parts, state="open"):
        """These parts wait as they were rated, with what was written off from them."""
        for part in parts:
            offs = [other for other in self.parts if other.off_from == part.number]
            same = [
                other
                for other in self.of("open", "held")
                if (other.entry, other.payer) == (part.entry, part.payer)
            ]
            total = sum((other.piece for other in offs + same), part.piece)
            for other in offs + same:
                self.parts.remove(other)
            self.swap(part, replace(part, state=state, piece=total, invoice=None, off_from=None))
        self.recut()

    def change_order(self, which, hours):
        self.caps[which % 2] = max(self.caps[which % 2] + round_to(hours * self.price, CENT), CENT)
        self.recut()

    # -- what holds ------------------------------------------------------------------------

    def check(self):
        for entry, worked in self.hours.items():
            own = [part for part in self.parts if part.entry == entry]
            assert sum((part.piece.raw_hours for part in own), ZERO) == worked
            quantity = quantity_of(worked, self.increment, UP)
            assert sum((part.piece.quantity for part in own), ZERO) == quantity
            if not self.cents_moved:
                assert sum((part.piece.amount for part in own), ZERO) == amount_of(quantity, self.price)
        assert not {part.entry for part in self.parts} - set(self.hours)
        # what a credit leaves on its invoice may stand with another entry there: the line has it all
        rated = sum(
            (
                amount_of(quantity_of(worked, self.increment, UP), self.price)
                for worked in self.hours.values()
            ),
            ZERO,
        )
        assert sum((part.piece.amount for part in self.parts), ZERO) == rated
        waits = [(part.entry, part.payer) for part in self.of("open", "held")]
        assert len(waits) == len(set(waits))
        used = sum((part.piece.amount for part in self.of(*UNDER_CAP)), ZERO)
        settled = sum((part.piece.amount for part in self.of("proposed", "billed")), ZERO)
        for cap in self.caps:
            assert not cap or used <= max(cap, settled)
        for key, (quantity, money) in self.invoiced.items():
            own = [part for part in self.of("billed") if (part.invoice, part.payer) == key]
            assert sum((part.piece.quantity for part in own), ZERO) == quantity
            assert sum((part.piece.amount for part in own), ZERO) == money


STEPS = [
    "log", "log", "approve", "propose", "hold", "release", "write_off", "bill_quantity", "bill_amount",
    "bill_together", "split", "bill", "bill", "credit", "credit", "change_order",
]  # fmt: skip
HOURS = st.decimals(min_value=Decimal("-3"), max_value=10, places=2).filter(bool)
CAPS = st.one_of(st.just(ZERO), st.decimals(min_value=100, max_value=3000, places=2))
SEQUENCES = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 9), HOURS), min_size=4, max_size=25)
SHARES = st.sampled_from([None, [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")], [Decimal(50)] * 2])


@settings(max_examples=500, deadline=None)
@given(
    st.decimals(min_value=1, max_value=400, places=2), st.sampled_from([0, 6, 15, 30]), CAPS, CAPS, SHARES,
    st.lists(HOURS, min_size=1, max_size=3), SEQUENCES,
)  # fmt: skip
def test_whatever_happens_hours_and_money_add_up(price, increment, line_cap, order_cap, shares, hours, steps):
    firm = Firm(price, increment, line_cap, order_cap, shares)
    first = [("log", 0, worked) for worked in hours]
    for name, which, amount in [*first, ("approve", 0, ZERO), *steps]:
        getattr(firm, name)(which, amount)
        firm.check()
