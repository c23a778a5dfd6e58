"""Figures of thousands of entries written, and counterparts made, in one statement each."""

from odoo import models
from odoo.tools import SQL

from ..core.money import dec, round_to
from .psa_wip_entry import SUMMED_FIELDS

#: What a counterpart has of its own; everything else it takes from the entry that it is cut off.
OWN_FIELDS = (
    *SUMMED_FIELDS,
    *("part", "state", "adjustment_id", "adjusts_wip_id"),
)


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_write_pieces(self, pieces):
        """Bring entries to their hours, quantities and amounts; what depends on them is computed anew.

        :param pieces: ``{WIP entry: Piece}``; amounts in the currency of the entry
        """
        if not pieces:
            return
        entries = self.browse([entry.id for entry in pieces])
        entries.check_access("write")
        entries.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE psa_wip_entry entry
                   SET raw_hours = piece.hours, billable_quantity = piece.quantity, amount = piece.amount,
                       remainder = piece.remainder, write_uid = %s, write_date = NOW() AT TIME ZONE 'UTC'
                  FROM unnest(%s::int[], %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[])
                       AS piece (id, hours, quantity, amount, remainder)
                 WHERE entry.id = piece.id
                """,
                self.env.uid,
                entries.ids,
                *self._psa_columns(pieces.values()),
            )
        )
        entries.invalidate_recordset([*SUMMED_FIELDS, "write_uid", "write_date"], flush=False)
        entries.modified(SUMMED_FIELDS)

    def _psa_columns(self, pieces):
        """Hours, quantities, amounts and remainders of ``pieces``, each a list, as they are stored."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        unit = dec(1).scaleb(-digits)
        rows = [
            (piece.raw_hours, round_to(piece.quantity, unit), piece.amount, piece.remainder)
            for piece in pieces
        ]
        return [list(column) for column in zip(*rows, strict=True)]

    def _psa_create_counterparts(self, written_off):
        """Parts in the state written off, where the entries stand that they are cut off.

        :param written_off: ``{WIP entry: (Piece written off, psa.adjustment, number of the part)}``
        """
        if not written_off:
            return
        self.browse().check_access("create")
        self.flush_model()
        names = [name for name in self._psa_columns_of_own() if name not in OWN_FIELDS]
        columns = SQL(", ").join(SQL.identifier(name) for name in names)
        copied = SQL(", ").join(SQL.identifier("entry", name) for name in names)
        pieces, adjustments, parts = zip(*written_off.values(), strict=True)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO psa_wip_entry (%s, raw_hours, billable_quantity, amount, remainder, part, state,
                       adjustment_id, adjusts_wip_id, create_uid, create_date, write_uid, write_date)
                SELECT %s, piece.hours, piece.quantity, piece.amount, piece.remainder, piece.part,
                       'written_off', piece.adjustment_id, entry.id,
                       %s, NOW() AT TIME ZONE 'UTC', %s, NOW() AT TIME ZONE 'UTC'
                  FROM unnest(%s::int[], %s::int[], %s::int[], %s::numeric[], %s::numeric[], %s::numeric[],
                              %s::numeric[])
                       AS piece (id, adjustment_id, part, hours, quantity, amount, remainder)
                  JOIN psa_wip_entry entry ON entry.id = piece.id
              ORDER BY piece.id
             RETURNING id
                """,
                columns,
                copied,
                self.env.uid,
                self.env.uid,
                [entry.id for entry in written_off],
                [adjustment.id for adjustment in adjustments],
                list(parts),
                *self._psa_columns(pieces),
            )
        )
        created = self.browse([row[0] for row in self.env.cr.fetchall()])
        self._psa_forget_parts()
        created.modified([*names, *OWN_FIELDS], create=True)

    def _psa_forget_parts(self):
        """Lists of parts are read again: some were made past the cache."""
        for model, name in (
            (self, "counterpart_ids"),
            (self.env["psa.adjustment"], "wip_ids"),
            (self.env["psa.billing.proposal.line"], "wip_ids"),
            (self.env["psa.retainer.period"], "wip_ids"),
            (self.env["account.analytic.line"], "psa_wip_ids"),
            (self.env["sale.order.line"], "psa_wip_ids"),
        ):
            model.invalidate_model([name], flush=False)
