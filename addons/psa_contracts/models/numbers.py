"""Numbers in the words of messages and documents."""

from odoo.tools import get_lang

from ..core.change_orders import shown


def number_told(env, quantity):
    """``quantity`` as people write it in the language of ``env``, at most two digits: 7,5 in French.

    For hours, days and shares; money has ``format_amount``.
    """
    return shown(quantity).replace(".", get_lang(env).decimal_point)
