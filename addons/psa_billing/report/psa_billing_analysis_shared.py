"""What is billed for a fixed price, a milestone or a retainer, by those who worked for it."""

from odoo import api, models
from odoo.tools import SQL

from .psa_billing_analysis import BILLED_AT_RATE

SHARED = 4
#: Billing models whose work is covered: it has no price of its own.
PRICES_FOR_WORK = ("fixed", "milestone", "retainer")


class PsaBillingAnalysis(models.Model):
    _inherit = "psa.billing.analysis"

    @api.model
    def _select_shared(self, report):
        """The amount billed for a line, less credit notes, shared by person, role, project and month of the
        work on it, in proportion to the value worked; the cents that rounding leaves go to the last one.

        Realisation is what is billed ÷ what was worked at standard rates. Value is therefore worked value at
        the standard rate, not hours and not cost: so all who worked on the line realise the same share of
        their standard rates, as they do where a discount is given on time, and an hour of a senior weighs as
        much more as the firm asks for it. Where none of the work has a standard rate hours share. All work on
        the line up to now shares all that is billed for it up to now: a bill in advance belongs to the first
        work, and the ratio of a month becomes final with the last bill and the last hour. What is billed
        before any work has nobody to share it: see ``_select_money``.

        :param report: ``psa.hour.state`` that knows the currencies
        """
        return SQL(
            """
            SELECT beyond.id::bigint * %(kinds)s + %(number)s AS id, beyond.date, %(kind)s AS kind,
                   'billed'::varchar AS state, NULL::varchar AS cause, %(rest)s
              FROM (
                   SELECT worked.*, money.invoice_line_id, %(share)s AS amount
                     FROM (%(worked)s) worked
                     JOIN (%(money)s) money ON money.line_id = worked.sale_line_id
                     JOIN res_company owner ON owner.id = worked.company_id
                     JOIN res_currency currency ON currency.id = owner.currency_id
                    WHERE worked.line_hours > 0
                   ) beyond
            %(joins)s
             WHERE beyond.amount != 0 AND %(rows)s
            """,
            kinds=self._row_kinds,
            number=SHARED,
            kind=self._kind_of_money(SQL("sale_line")),
            rest=self._money_columns(
                SQL("beyond.amount"),
                SQL("0::numeric"),
                employee=SQL("beyond.employee_id"),
                role=SQL("beyond.role_id"),
                project=SQL("beyond.project_id"),
            ),
            share=self._share(),
            worked=self._worked_on_prices(report),
            money=self._money_of_lines(),
            joins=self._join_money(),
            rows=self._where_rows(SQL("beyond.id"), SHARED),
        )

    @api.model
    def _share(self):
        """Up to this one, less up to the one before: the shares of a line sum to its amount."""
        return SQL(
            """ROUND(money.amount * worked.until / worked.total, currency.decimal_places)
               - ROUND(money.amount * (worked.until - worked.weight) / worked.total,
                       currency.decimal_places)"""
        )

    @api.model
    def _worked_on_prices(self, report):
        """Covered work by line, person, role, project and month, each with its weight, the weight of all of
        the line, and that of those up to it."""
        line = SQL("PARTITION BY part.sale_line_id, part.order_id, part.company_id")
        return SQL(
            """
            SELECT weighed.*, sum(weighed.weight) OVER (%(weighed)s) AS total,
                   sum(weighed.weight) OVER (%(weighed)s ORDER BY weighed.id) AS until
              FROM (
                   SELECT part.*, sum(part.hours) OVER (%(line)s) AS line_hours,
                          CASE WHEN sum(part.value) OVER (%(line)s) > 0 THEN part.value
                               ELSE part.hours::numeric END AS weight
                     FROM (
                          SELECT min(state.id) AS id, state.price_line_id AS sale_line_id, state.order_id,
                                 state.company_id, state.employee_id, state.role_id, state.project_id,
                                 max(state.date) AS date, sum(state.hours) AS hours,
                                 sum(COALESCE(%(standard)s, 0)) AS value
                            FROM (%(covered)s) state
                          %(rates)s
                        GROUP BY state.price_line_id, state.order_id, state.company_id, state.employee_id,
                                 state.role_id, state.project_id, date_trunc('month', state.date::timestamp)
                          ) part
                   ) weighed
            """,
            weighed=SQL("PARTITION BY weighed.sale_line_id, weighed.order_id, weighed.company_id"),
            line=line,
            standard=self._standard(report, BILLED_AT_RATE),
            covered=self._covered(),
            rates=self._join_rates(BILLED_AT_RATE),
        )

    @api.model
    def _covered(self):
        """Work that a price pays for, with the line of that price: of a retainer the one it draws on, of
        lines that step or were changed the first of their group."""
        return SQL(
            """SELECT wip.id, wip.order_id, wip.company_id, wip.employee_id, wip.role_id, wip.project_id,
                      wip.date, wip.raw_hours AS hours, COALESCE(line.psa_group_line_id, line.id)
                          AS price_line_id
                 FROM psa_wip_entry wip
                 JOIN sale_order_line line ON line.id = COALESCE(wip.retainer_line_id, wip.sale_line_id)
                WHERE wip.state = 'covered' AND %s""",
            self._where_lines(),
        )

    @api.model
    def _where_lines(self):
        """Of rows that are read again only the lines that they stand on are."""
        if self.env.context.get(self._rows_key()) is None:
            return SQL("TRUE")
        return SQL(
            """COALESCE(line.psa_group_line_id, line.id) IN (
                   SELECT COALESCE(head.psa_group_line_id, head.id) FROM psa_wip_entry asked
                     JOIN sale_order_line head ON head.id = COALESCE(asked.retainer_line_id,
                                                                     asked.sale_line_id)
                    WHERE asked.id = ANY(%s))""",
            self._records_of(SHARED),
        )

    @api.model
    def _money_of_lines(self):
        """What is billed for the price of each line, in company currency, and its last invoice line."""
        return SQL(
            """
            SELECT %(line)s AS line_id, max(beyond.invoice_line_id) AS invoice_line_id,
                   sum(beyond.sign * %(amount)s)::numeric AS amount
              FROM (SELECT invoiced.*, 1 AS sign FROM (%(invoiced)s) invoiced
                     UNION ALL
                    SELECT credited.*, -1 FROM (%(credited)s) credited) beyond
            %(joins)s
             WHERE %(is_shared)s
          GROUP BY %(line)s
            """,
            line=self._price_line(),
            amount=self._company_money(),
            invoiced=self._invoiced(),
            credited=self._credited(),
            joins=self._join_money(),
            is_shared=self._is_price(),
        )

    @api.model
    def _price_line(self):
        return SQL("COALESCE(sale_line.psa_group_line_id, sale_line.id)")

    @api.model
    def _is_price(self):
        """Whether ``beyond`` bills a price that covers work. What an opening balance brought along has no
        people."""
        return SQL("%s IN %s", self._kind_of_money(SQL("sale_line")), PRICES_FOR_WORK)

    @api.model
    def _unshared(self):
        """Whether nobody worked for the price that ``beyond`` bills."""
        return SQL(
            """NOT (%(is_price)s AND COALESCE(
                   (SELECT sum(state.hours) FROM (%(covered)s) state
                     WHERE state.price_line_id = %(line)s AND state.order_id = beyond.order_id), 0) > 0)""",
            is_price=self._is_price(),
            covered=self._covered_of_all(),
            line=self._price_line(),
        )

    @api.model
    def _covered_of_all(self):
        return self._only_rows(None)._covered()
