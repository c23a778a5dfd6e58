"""What is billed, credited or given away beyond the work that names it."""

from odoo import api, models
from odoo.tools import SQL

INVOICED, CREDITED, GIVEN_AWAY = 1, 2, 3


class PsaBillingAnalysis(models.Model):
    _inherit = "psa.billing.analysis"

    @api.model
    def _select_invoiced(self):
        return self._select_money(self._invoiced(), INVOICED, billed=1)

    @api.model
    def _select_credited(self):
        return self._select_money(self._credited(), CREDITED, billed=-1)

    @api.model
    def _select_given_away(self):
        return self._select_money(self._given_away(), GIVEN_AWAY, written_off=1)

    @api.model
    def _invoiced(self):
        """What invoice lines of proposals bill beyond the work that names them; a line a proposal line."""
        return SQL(
            """
            SELECT min(line.id) AS id, min(line.id) AS invoice_line_id, proposed.sale_line_id,
                   COALESCE(contract.psa_parent_id, contract.id) AS order_id,
                   min(line.currency_id) AS currency_id,
                   min(COALESCE(line.psa_service_end, move.invoice_date, move.date)) AS date,
                   min(COALESCE(move.invoice_date, move.date)) AS day, min(move.company_id) AS company_id,
                   sum(CASE WHEN move.move_type = 'out_refund' THEN -line.price_subtotal
                            ELSE line.price_subtotal END)
                     - COALESCE((SELECT sum(wip.amount) FROM psa_wip_entry wip
                                  WHERE wip.proposal_line_id = proposed.id AND wip.state = 'billed'), 0)
                       AS amount
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id AND move.state != 'cancel'
               AND move.move_type IN ('out_invoice', 'out_refund')
              JOIN psa_billing_proposal_line proposed ON proposed.id = line.psa_proposal_line_id
              JOIN sale_order_line sold_line ON sold_line.id = proposed.sale_line_id
              -- a proposal may bill several SOWs: each line is of its own
              JOIN sale_order contract ON contract.id = sold_line.order_id
             WHERE line.display_type = 'product'
          GROUP BY proposed.id, proposed.sale_line_id, COALESCE(contract.psa_parent_id, contract.id)
            """
        )

    @api.model
    def _credited(self):
        """Posted credit notes of such invoices, less; the work that they free waits again."""
        return SQL(
            """
            SELECT line.id, line.id AS invoice_line_id,
                   -- cents and decisions are of the line that they adjust, as where they are billed
                   COALESCE(sold_line.psa_adjusts_line_id, sold_line.id) AS sale_line_id,
                   COALESCE(contract.psa_parent_id, contract.id) AS order_id, line.currency_id,
                   COALESCE(move.invoice_date, move.date) AS date,
                   COALESCE(move.invoice_date, move.date) AS day, move.company_id,
                   line.price_subtotal AS amount
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
               AND move.move_type = 'out_refund'
              JOIN sale_order_line_invoice_rel sold ON sold.invoice_line_id = line.id
              JOIN sale_order_line sold_line ON sold_line.id = sold.order_line_id
              JOIN sale_order contract ON contract.id = sold_line.order_id AND contract.psa_kind IS NOT NULL
             WHERE line.display_type = 'product' AND line.psa_proposal_line_id IS NULL
               AND EXISTS (SELECT 1 FROM account_move_line billed
                            WHERE billed.move_id = move.reversed_entry_id
                              AND billed.psa_proposal_line_id IS NOT NULL)
            """
        )

    @api.model
    def _given_away(self):
        """What was written off, or below zero up, of fixed prices, milestones and retainers: there is no work
        that is written off."""
        return SQL(
            """
            SELECT adjustment.id, NULL::int AS invoice_line_id, adjustment.sale_line_id,
                   COALESCE(contract.psa_parent_id, contract.id) AS order_id, adjustment.currency_id,
                   adjustment.date, adjustment.date AS day, adjustment.company_id,
                   -adjustment.amount AS amount
              FROM psa_adjustment adjustment
              JOIN sale_order contract ON contract.id = adjustment.order_id
             WHERE adjustment.state = 'done' AND NOT COALESCE(adjustment.on_work, FALSE)
            """
        )

    # -- rows of money ---------------------------------------------------------------------

    @api.model
    def _select_money(self, beyond, number, billed=0, written_off=0):
        """Rows of money without work. What is billed for work is left out: those who did it share it, see
        ``_select_shared``.

        :param beyond: query of id, invoice line, SOW line, SOW, currency, date, day of the exchange rate,
            company and amount
        :param number: kind of its rows; ``billed``: 1, or -1 for credits; ``written_off``: 1 if given away
        """
        cause = SQL("NULL::varchar")
        if written_off:
            cause = SQL("CASE WHEN beyond.amount < 0 THEN 'written_up' ELSE 'written_off' END::varchar")
        return SQL(
            """
            SELECT beyond.id::bigint * %(kinds)s + %(number)s AS id, beyond.date, %(kind)s AS kind,
                   %(state)s AS state, %(cause)s AS cause, %(rest)s
              FROM (%(beyond)s) beyond
            %(joins)s
             WHERE beyond.amount != 0 AND %(rows)s AND %(unshared)s
            """,
            kinds=self._row_kinds,
            number=number,
            kind=self._kind_of_money(SQL("sale_line")),
            state=SQL("'written_off'::varchar") if written_off else SQL("'billed'::varchar"),
            cause=cause,
            rest=self._money_columns(
                SQL("%s * %s", billed, self._company_money()),
                SQL("%s * %s", written_off, self._company_money()),
                employee=SQL("NULL::int"),
                role=SQL("sale_line.psa_role_id"),
                project=SQL("NULL::int"),
            ),
            beyond=beyond,
            joins=self._join_money(),
            rows=self._where_rows(SQL("beyond.id"), number),
            unshared=self._unshared() if billed else SQL("TRUE"),
        )

    @api.model
    def _money_columns(self, billed, written_off, employee, role, project):
        """The columns of a row that is money without work, behind its cause. Their types are those of work:
        PostgreSQL leaves out what is not asked for where all parts of a union agree in them."""
        return SQL(
            """NULL::varchar AS age, NULL::int AS analytic_line_id,
               NULL::int AS wip_id, beyond.invoice_line_id, %(employee)s AS employee_id,
               %(role)s AS role_id, %(project)s AS project_id, beyond.sale_line_id,
               beyond.order_id, sow.partner_id, beyond.company_id, company.currency_id, 0::float AS hours,
               0::numeric AS worked_amount, 0::numeric AS covered_amount, 0::numeric AS wip_amount,
               %(billed)s AS billed_amount, %(written_off)s AS written_off_amount,
               0::numeric AS over_cap_amount, %(written_off)s AS lost_amount,
               0::float AS realisation""",
            employee=employee,
            role=role,
            project=project,
            billed=billed,
            written_off=written_off,
        )

    @api.model
    def _company_money(self):
        return self.env["psa.hour.state"]._company_amount(
            SQL("beyond.amount"), SQL("beyond.currency_id"), SQL("beyond.day"), SQL("company")
        )

    @api.model
    def _kind_of_money(self, sale_line):
        """Split cents and credits of time are time."""
        return SQL(
            """CASE WHEN EXISTS (SELECT 1 FROM psa_opening_balance opening
                                  WHERE opening.wip_line_id = beyond.sale_line_id) THEN 'opening'
                    WHEN %(line)s.psa_billing_model = 'time_material' THEN 'time'
                    WHEN %(line)s.psa_billing_model IS NULL THEN 'other'
                    ELSE %(line)s.psa_billing_model END::varchar""",
            line=sale_line,
        )

    @api.model
    def _join_money(self):
        return SQL(
            """LEFT JOIN sale_order_line sale_line ON sale_line.id = beyond.sale_line_id
               LEFT JOIN sale_order sow ON sow.id = beyond.order_id
               LEFT JOIN res_company company ON company.id = beyond.company_id"""
        )
