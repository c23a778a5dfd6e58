"""Work by the day, with what it is worth at the standard rate."""

from odoo import api, models
from odoo.tools import SQL

from .psa_billing_analysis import WORKED_AT_RATE


class PsaBillingAnalysis(models.Model):
    _inherit = "psa.billing.analysis"

    @api.model
    def _select_work(self, report):
        """Every hour with its state; see ``psa.hour.state``. What is billed of an opening balance is the
        money of a fixed line: see ``_select_invoiced``.

        :param report: ``psa.hour.state`` that knows the currencies
        """
        rows = None
        if self.env.context.get(self._rows_key()) is not None:
            rows = self._records_of(0)
        return [self._select_part(report, part) for part in report._only_rows(rows)._parts()]

    @api.model
    def _select_part(self, report, part):
        """Each part by itself, so that PostgreSQL leaves out of it what is not asked for."""
        return SQL(
            """
            SELECT hour.id * %(kinds)s AS id, hour.date, hour.kind, hour.state, hour.cause, hour.age,
                   hour.analytic_line_id, hour.wip_id,
                   NULL::int AS invoice_line_id, hour.employee_id, hour.role_id,
                   hour.project_id, hour.sale_line_id, hour.order_id, hour.partner_id, hour.company_id,
                   hour.company_currency_id AS currency_id, hour.hours, hour.worked_amount,
                   CASE WHEN hour.state = 'covered' THEN hour.worked_amount ELSE 0 END AS covered_amount,
                   CASE WHEN hour.state IN ('open', 'held', 'proposed') THEN hour.company_amount ELSE 0 END
                       AS wip_amount,
                   CASE WHEN hour.state = 'billed' AND hour.kind != 'opening' THEN hour.company_amount
                        ELSE 0 END AS billed_amount,
                   CASE WHEN hour.state = 'written_off' THEN hour.company_amount ELSE 0 END
                       AS written_off_amount,
                   CASE WHEN hour.state = 'over_cap' THEN hour.company_amount ELSE 0 END AS over_cap_amount,
                   CASE WHEN hour.cause IN ('written_off', 'written_up', 'over_cap', 'late')
                        THEN hour.company_amount
                        WHEN hour.cause IS NOT NULL THEN hour.worked_amount ELSE 0 END AS lost_amount,
                   0::float AS realisation
              FROM (
                   SELECT state.*, %(cause)s AS cause,
                          COALESCE(%(standard)s, state.company_amount) AS worked_amount
                     FROM (%(part)s) state
                LEFT JOIN (%(billed_days)s) billed ON billed.order_id = state.order_id
                %(rates)s
                   ) hour
            """,
            kinds=self._row_kinds,
            cause=self._cause(),
            standard=self._standard(report, WORKED_AT_RATE),
            part=part,
            billed_days=self._billed_days(),
            rates=self._join_rates(WORKED_AT_RATE),
        )

    @api.model
    def _cause(self):
        """Open work of days that an invoiced proposal of its SOW has covered came late for that bill. What a
        decision to bill more put on is the counterpart of work as what was taken off is, below zero."""
        return SQL(
            """CASE WHEN state.state = 'written_off' AND EXISTS (
                         SELECT 1 FROM psa_wip_entry wip
                           JOIN psa_adjustment adjustment ON adjustment.id = wip.adjustment_id
                          WHERE wip.id = state.wip_id AND adjustment.kind = 'write_up') THEN 'written_up'
                    WHEN state.state IN ('written_off', 'over_cap') THEN state.state
                    WHEN state.state = 'open' AND state.date <@ ANY (billed.days) THEN 'late'
                    WHEN state.state IN ('unapproved', 'refused') THEN 'unapproved'
                    WHEN state.state IN ('non_billable', 'role_not_sold') THEN 'non_billable'
                    END::varchar"""
        )

    @api.model
    def _billed_days(self):
        """Of which days each SOW was billed, alone or with others. A run may go on after its cut-off day, or
        begin on a day (*Only From*): what was worked then or before is not late."""
        return SQL(
            """SELECT billed.sale_order_id AS order_id,
                      array_agg(daterange(
                          proposal.period_start, COALESCE(proposal.period_end, run.date_to), '[]')) AS days
                 FROM psa_billing_proposal proposal
                 JOIN psa_billing_proposal_sale_order_rel billed
                   ON billed.psa_billing_proposal_id = proposal.id
                 JOIN psa_billing_run run ON run.id = proposal.run_id
                WHERE proposal.state IN ('invoiced', 'closed')
             GROUP BY billed.sale_order_id"""
        )

    # -- the standard rate -----------------------------------------------------------------

    @api.model
    def _standard(self, report, measures):
        """What ``state`` (a row of ``psa.hour.state``) is worth at the rate of its day, in company currency;
        NULL where there is none, or none of ``measures`` is asked for. Costs have no role, so no rate:
        they are worth what they cost the client. Money that a review took off or put on has no hours: the
        work is worth what it was."""
        if not self._is_asked(measures):
            return SQL("NULL::numeric")
        amount = SQL(
            """ROUND((state.hours * COALESCE(own_rate.price, role_rate.price)
                      / COALESCE(own_rate.unit_hours, role_rate.unit_hours))::numeric,
                     COALESCE(own_rate.digits, role_rate.digits))"""
        )
        if not report.env.context["psa_foreign_cards"]:
            return amount
        return SQL(
            """(SELECT %s FROM res_company company WHERE company.id = state.company_id)""",
            report._company_amount(
                amount,
                SQL("COALESCE(own_rate.currency_id, role_rate.currency_id)"),
                SQL("state.date"),
                SQL("company"),
            ),
        )

    @api.model
    def _join_rates(self, measures):
        """The rates of the day of ``state``: a person's own, and that of the role."""
        if not self._is_asked(measures):
            return SQL("")
        return SQL(
            """LEFT JOIN (%(own)s) own_rate
                      ON own_rate.company_id = state.company_id AND own_rate.role_id = state.role_id
                     AND own_rate.employee_id = state.employee_id AND own_rate.day <= state.date
                     AND (own_rate.until IS NULL OR own_rate.until > state.date)
               LEFT JOIN (%(role)s) role_rate
                      ON role_rate.company_id = state.company_id AND role_rate.role_id = state.role_id
                     AND role_rate.day <= state.date
                     AND (role_rate.until IS NULL OR role_rate.until > state.date)""",
            own=self._rates(SQL("line.employee_id IS NOT NULL")),
            role=self._rates(SQL("line.employee_id IS NULL")),
        )

    @api.model
    def _rates(self, whose):
        """The rates on the cards of the company itself by the days from which they hold (``until``: the day
        from which another one does): a million hours are joined to a few rows, not looked up one by one.

        Of several rows that are valid on a day, on several cards, the one that starts last holds.
        """
        return SQL(
            """WITH given AS (
                   SELECT line.id, card.company_id, line.role_id,
                          COALESCE(line.employee_id, 0) AS employee_id,
                          line.date_start, line.date_end, line.price, card.currency_id,
                          CASE WHEN line.unit = 'day' THEN COALESCE(NULLIF(calendar.hours_per_day, 0), 8)
                               ELSE 1 END AS unit_hours, currency.decimal_places AS digits
                     FROM psa_rate_card_line line
                     JOIN psa_rate_card card ON card.id = line.card_id AND card.active
                      AND card.partner_id IS NULL AND card.agreement_id IS NULL AND card.order_id IS NULL
                LEFT JOIN res_currency currency ON currency.id = card.currency_id
                LEFT JOIN res_company company ON company.id = card.company_id
                LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
                    WHERE line.location_id IS NULL AND %s
               ), days AS (
                   SELECT company_id, role_id, employee_id, date_start AS day FROM given
                    UNION
                   SELECT company_id, role_id, employee_id, date_end + 1 FROM given
                    WHERE date_end IS NOT NULL
               )
               SELECT DISTINCT ON (day.company_id, day.role_id, day.employee_id, day.day)
                      day.*, given.price, given.unit_hours, given.digits, given.currency_id
                 FROM (SELECT days.*, lead(days.day) OVER (PARTITION BY company_id, role_id, employee_id
                                                           ORDER BY days.day) AS until
                         FROM days) day
                 JOIN given ON given.company_id = day.company_id AND given.role_id = day.role_id
                  AND given.employee_id = day.employee_id AND given.date_start <= day.day
                  AND COALESCE(given.date_end, 'infinity') >= day.day
             ORDER BY day.company_id, day.role_id, day.employee_id, day.day, given.date_start DESC,
                      given.id DESC""",
            whose,
        )
