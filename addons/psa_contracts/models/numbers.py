"""Numbers in the words of messages and documents."""

from odoo.tools import get_lang

from ..core.change_orders import shown


def number_told(env, quantity, digits=2):
    """``quantity`` as people write it in the language of ``env``, at most ``digits`` after the point: 7,5 in
    French.

    For hours, days, shares and factors; money has the host's ``format_amount``, days its ``format_date``.
    """
    return shown(quantity, digits).replace(".", get_lang(env).decimal_point)
