"""What a line of a proposal bills to one client."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..core.money import amount_of, dec


@dataclass(frozen=True)
class Bill:
    """``line``: proposal line; ``payer``: paying client, empty where the client of the SOW pays all;
    ``quantity`` in the unit of the SOW line, ``remainder`` in its currency, without taxes.
    """

    line: Any
    payer: Any
    quantity: Decimal
    remainder: Decimal

    @property
    def amount(self):
        """Net amount, remainder included."""
        line = self.line
        price, unit = line.sale_line_id._psa_net_price(), dec(line.currency_id.rounding)
        return amount_of(self.quantity, price, unit) + self.remainder
