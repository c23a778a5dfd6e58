"""What a line of a proposal bills to one client."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Detail:
    """A line of the invoice. ``work``: the WIP entries that it bills; None: all of the line and payer."""

    quantity: Decimal
    date_start: date | None
    date_end: date | None
    work: Any = None


@dataclass(frozen=True)
class Bill:
    """``line``: proposal line; ``payer``: paying client, empty where the client of the SOW pays all;
    ``quantity`` in the unit of the SOW line, ``remainder`` in its currency, without taxes. ``details`` are
    the lines of the invoice; their quantities sum to ``quantity``.
    """

    line: Any
    payer: Any
    quantity: Decimal
    remainder: Decimal
    details: tuple = ()

    @property
    def amount(self):
        """Net amount of ``quantity`` at its price, and the remainder."""
        return self.worth(self.quantity) + self.remainder

    def worth(self, quantity):
        """What ``quantity`` comes to on a line of the invoice, without taxes."""
        return self.line._psa_worth_to(self.payer, quantity)
