"""Which unbilled work a re-rate may reach, and which of that keeps its price all the same."""

from contextlib import contextmanager

from odoo import models
from odoo.tools import SQL

from ..models.psa_wip_entry import UNFIXED_STATES
from ..models.psa_wip_entry_drawn import SETTLED_PARTS

#: Entries with several parts, and the key of the reason for which they keep their price all the same: one of
#: the parts is settled, or was cut off by somebody. See ``_psa_reasons_to_keep``.
SEVERAL = SQL(
    """SELECT other.analytic_line_id,
              CASE WHEN bool_or(other.state IN ('proposed', 'billed') AND other.payer_id IS NOT NULL)
                   THEN 'payer'
                   WHEN bool_or(other.state IN %s OR other.proposal_line_id IS NOT NULL) THEN 'in_part'
                   WHEN bool_or(other.state NOT IN %s OR other.slice_number != 0) THEN 'cut' END AS why
         FROM psa_wip_entry more
         JOIN psa_wip_entry other ON other.analytic_line_id = more.analytic_line_id
        WHERE more.part > 1
     GROUP BY 1""",
    SETTLED_PARTS,
    UNFIXED_STATES,
)


class PsaRerate(models.TransientModel):
    _inherit = "psa.rerate"

    def _psa_scope(self):
        """Condition on ``wip``: unbilled time of the chosen SOWs, clients, roles and days.

        Work that a proposal holds keeps its price.
        """
        return SQL(
            "wip.kind = 'time' AND wip.state IN %s AND wip.proposal_line_id IS NULL "
            "AND wip.retainer_line_id IS NULL AND %s",  # what draws on a retainer is drawn again
            UNFIXED_STATES,
            self._psa_chosen(),
        )

    def _psa_chosen(self):
        """Condition on ``wip``: work of the company, the chosen SOWs, clients, roles and days."""
        conditions = [SQL("wip.company_id = %s", self.company_id.id)]
        if self.order_ids:
            # sudo: ids only, of SOWs that were chosen among those that the user sees
            conditions.append(SQL("wip.order_id = ANY(%s)", self.order_ids.sudo()._psa_sow().ids))
        if self.partner_ids:
            clients = self.env["res.partner"].search([("id", "child_of", self.partner_ids.ids)])
            conditions.append(SQL("wip.partner_id = ANY(%s)", clients.ids))
        if self.role_ids:
            conditions.append(SQL("wip.role_id = ANY(%s)", self.role_ids.ids))
        if self.date_from:
            conditions.append(SQL("wip.date >= %s", self.date_from))
        return SQL(" AND ").join(conditions)

    def _psa_rerated(self, found, condition):
        """FROM and WHERE: unbilled work ``wip``, and the ``span`` that re-rates it.

        ``several`` are the entries with several parts; see ``_psa_why``.
        """
        return SQL(
            """
              FROM psa_wip_entry wip
              JOIN unnest(%(lines)s::int[], %(groups)s::int[]) AS sold (line_id, number)
                ON sold.line_id = wip.sale_line_id
              JOIN unnest(%(employees)s::int[], %(kinds)s::int[]) AS who (employee_id, kind)
                ON who.employee_id = wip.employee_id
              JOIN unnest(%(of)s::int[], %(by)s::int[], %(firsts)s::date[], %(lasts)s::date[],
                          %(answers)s::int[], %(prices)s::numeric[], %(units)s::int[])
                   AS span (number, kind, first_day, last_day, answer, price, unit_id)
                ON span.number = sold.number AND span.kind = who.kind
               AND wip.date BETWEEN span.first_day AND span.last_day
              JOIN res_currency currency ON currency.id = wip.currency_id
         LEFT JOIN (%(several)s) several
                ON several.analytic_line_id = wip.analytic_line_id
         LEFT JOIN (SELECT entry.id, 'by_hand' AS why FROM account_analytic_line entry
                     WHERE entry.is_so_line_edited
                     UNION ALL
                    SELECT moved.id, 'elsewhere' FROM unnest(%(elsewhere)s::int[]) AS moved (id)) kept
                ON kept.id = wip.analytic_line_id
             WHERE %(scope)s AND %(condition)s
            """,
            several=SEVERAL,
            scope=self._psa_scope(),
            condition=condition,
            **found.columns(),
        )

    @staticmethod
    def _psa_why():
        """In a query of ``_psa_rerated``: the key of the reason (``_psa_reasons_to_keep``) for which work
        keeps its price although a span has another; NULL: it does not keep it."""
        moved_whole = SQL("CASE WHEN wip.slice_number != 0 THEN 'cut' END")
        return SQL("COALESCE(several.why, %s, kept.why)", moved_whole)

    @contextmanager
    def _psa_whole_tables(self):
        """PostgreSQL knows no statistics of the spans: it would look up each entry for itself."""
        self.env.cr.execute(SQL("SET LOCAL enable_nestloop = off"))
        yield
        self.env.cr.execute(SQL("RESET enable_nestloop"))

    def _psa_elsewhere(self, lines):
        """Ids of the entries in scope on ``lines`` whose task, else project, belongs to another SOW by now,
        or to none: they move to no other line, see ``_psa_move_to_steps``."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT wip.analytic_line_id
                  FROM psa_wip_entry wip
                  JOIN account_analytic_line entry ON entry.id = wip.analytic_line_id
             LEFT JOIN project_task task ON task.id = entry.task_id
             LEFT JOIN project_project project ON project.id = entry.project_id
             LEFT JOIN sale_order_line line ON line.id = COALESCE(task.sale_line_id, project.sale_line_id)
             LEFT JOIN sale_order sold ON sold.id = line.order_id AND sold.psa_kind IS NOT NULL
                 WHERE %s AND wip.sale_line_id = ANY(%s) AND entry.is_so_line_edited IS NOT TRUE
                   AND wip.order_id IS DISTINCT FROM COALESCE(sold.psa_parent_id, sold.id)
                """,
                self._psa_scope(),
                list(lines),
            )
        )
        return [row[0] for row in rows]

    def _psa_reasons_to_keep(self):
        """``{key: why such work keeps its price}``"""
        return {
            "in_part": self.env._(
                "A part of the entry is billed, written off or on a proposal: the rest keeps its price, too."
            ),
            "payer": self.env._(
                "One of the paying clients has been billed a share of the entry: all shares keep its price."
            ),
            "cut": self.env._("A part of the entry was split off or moved: its parts stay where they are."),
            "by_hand": self.env._("Somebody chose this line for it: it stays there."),
            "elsewhere": self.env._(
                "Its task or project belongs to this statement of work no more: recall the time, and approve "
                "it where it belongs."
            ),
        }
