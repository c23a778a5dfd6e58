"""Work is rated by the thousand: its entries are stored in one statement."""

from odoo import api, models
from odoo.tools import SQL

#: Stored, and computed by the host: here it comes from the SOW of the entry.
COPIED_FIELDS = {"partner_id"}


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    @api.model_create_multi
    def create(self, vals_list):
        """As the host creates records, in one statement; its own way where there is more to do than that."""
        names = dict.fromkeys(name for vals in vals_list for name in vals)
        if not self._psa_is_plain(names):
            return super().create(vals_list)
        self.check_access("create")
        self.flush_model()
        defaults = self.default_get([name for name in self._psa_columns_of_own() if name not in names])
        vals_list = [{**defaults, **vals} for vals in vals_list]
        created = self.browse(self._psa_insert([*defaults, *names], vals_list))
        created.check_access("create")
        self._psa_forget_parts()
        created.modified(self._psa_columns_of_own(), create=True)
        return created

    def _psa_columns_of_own(self):
        """The names of what is stored in a column as it is, and not the log of the host."""
        return [
            name
            for name, field in self._fields.items()
            if field.store and field.column_type and not field.translate and name not in models.MAGIC_COLUMNS
        ]

    def _psa_is_plain(self, names):
        """Whether records with values for ``names`` need no more than a row each."""
        columns = set(self._psa_columns_of_own())
        computed = {name for name, field in self._fields.items() if field.store and field.compute}
        return bool(names) and names.keys() <= columns and computed <= COPIED_FIELDS

    def _psa_insert(self, names, vals_list):
        """Insert a row for each of ``vals_list``.

        :param names: names of the columns that ``vals_list`` has values for
        :return: ids in the order of ``vals_list``
        """
        names = [name for name in names if name not in COPIED_FIELDS]
        arrays = [
            SQL(
                "%s::%s[]",
                [self._psa_stored(name, vals) for vals in vals_list],
                SQL(self._fields[name].column_type[0]),
            )
            for name in names
        ]
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO psa_wip_entry (%s, partner_id, create_uid, create_date, write_uid, write_date)
                SELECT %s, sow.partner_id,
                       %s, now() AT TIME ZONE 'UTC', %s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%s) WITH ORDINALITY AS new (%s, place)
             LEFT JOIN sale_order sow ON sow.id = new.order_id
             LEFT JOIN res_currency currency ON currency.id = new.currency_id
              ORDER BY new.place
             RETURNING id
                """,
                SQL(", ").join(SQL.identifier(name) for name in names),
                SQL(", ").join(self._psa_rounded(name) for name in names),
                self.env.uid,
                self.env.uid,
                SQL(", ").join(arrays),
                SQL(", ").join(SQL.identifier(name) for name in names),
            )
        )
        return [row[0] for row in rows]

    def _psa_stored(self, name, vals):
        """What is stored for the value of ``name`` in ``vals``: no link or text is NULL, no number is 0."""
        value = vals.get(name)
        numeric = self._fields[name].type in ("integer", "float", "monetary", "boolean")
        return value if numeric else value or None

    def _psa_rounded(self, name):
        """The new value of a column, with as many digits as the host keeps of it."""
        field, value = self._fields[name], SQL.identifier("new", name)
        if field.type == "monetary":
            return SQL("round(%s, currency.decimal_places)", value)
        digits = field.type == "float" and field.get_digits(self.env)
        return SQL("round(%s, %s)", value, digits[1]) if digits else value
