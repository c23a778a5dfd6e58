"""Two transactions at once: the second is run again on what the first did."""

from odoo.tools import SQL


def touch(records):
    """Change these rows, which stay as they are.

    A row that was only locked would let the second transaction go on with what it read before; a row that
    was changed makes PostgreSQL refuse, and Odoo repeat, it.
    """
    if not records.ids:
        return
    table = SQL.identifier(records._table)
    records.env.cr.execute(SQL("UPDATE %s SET id = id WHERE id = ANY(%s)", table, sorted(records.ids)))
