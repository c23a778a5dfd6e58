"""Numbers, and names of many records, in the words of messages and documents."""

from decimal import Decimal

from odoo.tools import get_lang

from ..core.change_orders import shown


def number_told(env, quantity, digits=2):
    """``quantity`` as people write it in the language of ``env``, at most ``digits`` after the point: 7,5 in
    French.

    For hours, days and shares; money has the host's ``format_amount``, dates its ``format_date``.
    """
    return shown(quantity, digits).replace(".", get_lang(env).decimal_point)


def factor_told(env, factor):
    """``factor``, an exchange rate, with six significant digits in the language of ``env``: 0,0000585 in
    French, not 5.85e-05."""
    return f"{Decimal(f'{factor:.6g}'):f}".replace(".", get_lang(env).decimal_point)


def names_told(records):
    """The names of the first three of ``records``, and whether there are more."""
    names = records.sorted("id").mapped("name")
    return ", ".join([*names[:3], *(["…"] if len(names) > 3 else [])])
