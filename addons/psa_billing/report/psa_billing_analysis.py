"""What was worked, what of it was billed, what waits, and what was lost and why."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.psa_wip_entry import WIP_STATES
from .psa_hour_state import AGES, BESIDE_STATES, PsaHourState

CAUSES = [
    ("written_off", "Written Off"),
    ("over_cap", "Over Cap"),
    ("late", "Late for Its Bill"),
    ("unapproved", "Unapproved or Refused"),
    ("non_billable", "Non-Billable"),
]

#: What is read beyond what ``psa.hour.state`` reads.
BEYOND_WORK = {
    "account.move": ["date", "invoice_date", "move_type", "reversed_entry_id", "state"],
    "account.move.line": [
        "currency_id",
        "display_type",
        "move_id",
        "price_subtotal",
        "psa_proposal_line_id",
        "psa_service_end",
        "sale_line_ids",
    ],
    "psa.billing.proposal": ["order_id", "run_id", "state"],
    "psa.billing.proposal.line": ["proposal_id", "sale_line_id"],
    "psa.billing.run": ["date_to"],
    "psa.rate.card": ["active", "agreement_id", "company_id", "currency_id", "order_id", "partner_id"],
    "psa.rate.card.line": [
        "card_id",
        "date_end",
        "date_start",
        "employee_id",
        "location_id",
        "price",
        "role_id",
        "unit",
    ],
    "psa.wip.entry": ["proposal_line_id"],
    "sale.order.line": ["psa_role_id"],
}


class PsaBillingAnalysis(models.Model):
    """Rows of ``psa.hour.state`` with what they are worth at the standard rate, and what invoices bill
    beyond the work on them: fixed prices, milestones, retainers, split cents, less credit notes.

    All amounts are in company currency, without taxes: work at the exchange rate of its day, invoice
    lines at that of the invoice.
    """

    _name = "psa.billing.analysis"
    _description = "Billing Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "order_id"

    date = fields.Date(readonly=True, help="Of the work; of what is billed without work: its last day.")
    state = fields.Selection([*WIP_STATES, *BESIDE_STATES], readonly=True)
    cause = fields.Selection(CAUSES, string="Lost To", readonly=True, help="Why work is not paid for.")
    age = fields.Selection(
        AGES, readonly=True, help="Days from the work until today, while it is not billed."
    )
    analytic_line_id = fields.Many2one("account.analytic.line", string="Entry", readonly=True)
    wip_id = fields.Many2one("psa.wip.entry", string="Work in Progress", readonly=True)
    invoice_line_id = fields.Many2one("account.move.line", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    role_id = fields.Many2one("project.role", readonly=True)
    project_id = fields.Many2one("project.project", readonly=True)
    sale_line_id = fields.Many2one("sale.order.line", string="SOW Line", readonly=True)
    order_id = fields.Many2one("sale.order", string="SOW", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Client", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    hours = fields.Float(string="Worked Hours", readonly=True)
    worked_amount = fields.Monetary(
        string="Worked at Standard Rate",
        readonly=True,
        help="Hours at the company's own rate card of the day, for the person, else the role; where that has "
        "no rate, at the price of the SOW line.",
    )
    wip_amount = fields.Monetary(
        string="WIP", readonly=True, help="Approved work that waits to be billed: open, held or proposed."
    )
    billed_amount = fields.Monetary(
        string="Billed", readonly=True, help="On invoices, drafts too, less posted credit notes."
    )
    written_off_amount = fields.Monetary(string="Written Off", readonly=True)
    over_cap_amount = fields.Monetary(string="Over Cap", readonly=True)
    lost_amount = fields.Monetary(
        string="Lost",
        readonly=True,
        help="What is written off, over a cap or late at its price; unapproved and non-billable work at the "
        "standard rate.",
    )
    realisation = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Billed ÷ worked at standard rate, of the sums. Above 1 where more is billed than worked for.",
    )

    _depends = {
        model: sorted({*PsaHourState._depends.get(model, ()), *BEYOND_WORK.get(model, ())})
        for model in {*PsaHourState._depends, *BEYOND_WORK}
    }

    # -- query -----------------------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL(
            "%s UNION ALL %s UNION ALL %s",
            self._select_work(),
            self._select_invoiced(),
            self._select_credited(),
        )

    @api.model
    def _select_work(self):
        """Every hour with its state; see ``psa.hour.state``."""
        return SQL(
            """
            SELECT hour.id * 4 AS id, hour.date, hour.state, hour.cause, hour.age, hour.analytic_line_id,
                   hour.wip_id, NULL::int AS invoice_line_id, hour.employee_id, hour.role_id,
                   hour.project_id, hour.sale_line_id, hour.order_id, hour.partner_id, hour.company_id,
                   hour.company_currency_id AS currency_id, hour.hours, hour.worked_amount,
                   CASE WHEN hour.state IN ('open', 'held', 'proposed') THEN hour.company_amount ELSE 0 END
                       AS wip_amount,
                   CASE WHEN hour.state = 'billed' THEN hour.company_amount ELSE 0 END AS billed_amount,
                   CASE WHEN hour.state = 'written_off' THEN hour.company_amount ELSE 0 END
                       AS written_off_amount,
                   CASE WHEN hour.state = 'over_cap' THEN hour.company_amount ELSE 0 END AS over_cap_amount,
                   CASE WHEN hour.cause IN ('written_off', 'over_cap', 'late') THEN hour.company_amount
                        WHEN hour.cause IS NOT NULL THEN hour.worked_amount ELSE 0 END AS lost_amount,
                   0::float AS realisation
              FROM (
                   SELECT state.*, %(cause)s AS cause,
                          COALESCE(%(standard)s, state.company_amount) AS worked_amount
                     FROM (%(hours)s) state
                LEFT JOIN (%(last_billed)s) billed ON billed.order_id = state.order_id
                LEFT JOIN LATERAL (%(rate)s) rate ON state.hours != 0
                LEFT JOIN res_company company ON company.id = state.company_id
                   ) hour
            """,
            cause=self._cause(),
            standard=self._standard(),
            hours=self.env["psa.hour.state"]._table_query,
            last_billed=self._last_billed(),
            rate=self._rate_of_company(),
        )

    @api.model
    def _cause(self):
        """Open work of days that an invoiced proposal of its SOW has covered came late for that bill."""
        return SQL(
            """CASE WHEN state.state IN ('written_off', 'over_cap') THEN state.state
                    WHEN state.state = 'open' AND billed.date_to >= state.date THEN 'late'
                    WHEN state.state IN ('unapproved', 'refused') THEN 'unapproved'
                    WHEN state.state IN ('non_billable', 'role_not_sold') THEN 'non_billable'
                    END::varchar"""
        )

    @api.model
    def _last_billed(self):
        return SQL(
            """SELECT proposal.order_id, max(run.date_to) AS date_to
                 FROM psa_billing_proposal proposal
                 JOIN psa_billing_run run ON run.id = proposal.run_id
                WHERE proposal.state IN ('invoiced', 'closed')
             GROUP BY proposal.order_id"""
        )

    @api.model
    def _rate_of_company(self):
        """The rate of the day on the cards of the company itself: a person's own before that of the role."""
        return SQL(
            """SELECT line.price, line.unit, card.currency_id
                 FROM psa_rate_card_line line
                 JOIN psa_rate_card card ON card.id = line.card_id AND card.active
                  AND card.company_id = state.company_id AND card.partner_id IS NULL
                  AND card.agreement_id IS NULL AND card.order_id IS NULL
                WHERE line.role_id = state.role_id AND line.location_id IS NULL
                  AND (line.employee_id IS NULL OR line.employee_id = state.employee_id)
                  AND line.date_start <= state.date AND COALESCE(line.date_end, 'infinity') >= state.date
             ORDER BY line.employee_id IS NULL, line.date_start DESC, line.id DESC LIMIT 1"""
        )

    @api.model
    def _standard(self):
        amount = SQL(
            """ROUND((state.hours * rate.price / CASE WHEN rate.unit = 'day' THEN COALESCE(
                   (SELECT NULLIF(calendar.hours_per_day, 0) FROM resource_calendar calendar
                     WHERE calendar.id = company.resource_calendar_id), 8) ELSE 1 END)::numeric, 2)"""
        )
        return self.env["psa.hour.state"]._company_amount(
            amount, SQL("rate.currency_id"), SQL("state.date"), SQL("company")
        )

    @api.model
    def _select_invoiced(self):
        """What invoice lines of proposals bill beyond the work that names them; a line a proposal line."""
        return SQL(
            """
            SELECT beyond.id::bigint * 4 + 1 AS id, beyond.date, 'billed'::varchar AS state,
                   %(rest)s
              FROM (
                   SELECT min(line.id) AS id, min(line.id) AS invoice_line_id, proposed.sale_line_id,
                          proposal.order_id, min(line.currency_id) AS currency_id,
                          min(COALESCE(line.psa_service_end, move.invoice_date, move.date)) AS date,
                          min(COALESCE(move.invoice_date, move.date)) AS day,
                          min(move.company_id) AS company_id,
                          sum(CASE WHEN move.move_type = 'out_refund' THEN -line.price_subtotal
                                   ELSE line.price_subtotal END)
                            - COALESCE((SELECT sum(wip.amount) FROM psa_wip_entry wip
                                 WHERE wip.proposal_line_id = proposed.id AND wip.state = 'billed'), 0)
                              AS amount
                     FROM account_move_line line
                     JOIN account_move move ON move.id = line.move_id AND move.state != 'cancel'
                      AND move.move_type IN ('out_invoice', 'out_refund')
                     JOIN psa_billing_proposal_line proposed ON proposed.id = line.psa_proposal_line_id
                     JOIN psa_billing_proposal proposal ON proposal.id = proposed.proposal_id
                    WHERE line.display_type = 'product'
                 GROUP BY proposed.id, proposed.sale_line_id, proposal.order_id
                   ) beyond
            %(joins)s
             WHERE beyond.amount != 0
            """,
            rest=self._select_money(1),
            joins=self._join_money(),
        )

    @api.model
    def _select_credited(self):
        """Posted credit notes of such invoices, less; the work that they free waits again."""
        return SQL(
            """
            SELECT beyond.id::bigint * 4 + 2 AS id, beyond.date, 'billed'::varchar AS state,
                   %(rest)s
              FROM (
                   SELECT line.id, line.id AS invoice_line_id, sold.order_line_id AS sale_line_id,
                          COALESCE(contract.psa_parent_id, contract.id) AS order_id, line.currency_id,
                          COALESCE(move.invoice_date, move.date) AS date,
                          COALESCE(move.invoice_date, move.date) AS day, move.company_id,
                          line.price_subtotal AS amount
                     FROM account_move_line line
                     JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
                      AND move.move_type = 'out_refund'
                     JOIN sale_order_line_invoice_rel sold ON sold.invoice_line_id = line.id
                     JOIN sale_order_line sold_line ON sold_line.id = sold.order_line_id
                     JOIN sale_order contract ON contract.id = sold_line.order_id
                      AND contract.psa_kind IS NOT NULL
                    WHERE line.display_type = 'product' AND line.psa_proposal_line_id IS NULL
                      AND EXISTS (SELECT 1 FROM account_move_line billed
                                   WHERE billed.move_id = move.reversed_entry_id
                                     AND billed.psa_proposal_line_id IS NOT NULL)
                   ) beyond
            %(joins)s
             WHERE beyond.amount != 0
            """,
            rest=self._select_money(-1),
            joins=self._join_money(),
        )

    @api.model
    def _select_money(self, sign):
        """The columns of a row that is money without work."""
        return SQL(
            """NULL::varchar AS cause, NULL::varchar AS age, NULL::int AS analytic_line_id,
               NULL::int AS wip_id, beyond.invoice_line_id, NULL::int AS employee_id,
               sale_line.psa_role_id AS role_id, NULL::int AS project_id, beyond.sale_line_id,
               beyond.order_id, sow.partner_id, beyond.company_id, company.currency_id, 0 AS hours,
               0 AS worked_amount, 0 AS wip_amount, %(sign)s * %(amount)s AS billed_amount,
               0 AS written_off_amount, 0 AS over_cap_amount, 0 AS lost_amount, 0::float AS realisation""",
            sign=sign,
            amount=self.env["psa.hour.state"]._company_amount(
                SQL("beyond.amount"), SQL("beyond.currency_id"), SQL("beyond.day"), SQL("company")
            ),
        )

    @api.model
    def _join_money(self):
        return SQL(
            """LEFT JOIN sale_order_line sale_line ON sale_line.id = beyond.sale_line_id
               LEFT JOIN sale_order sow ON sow.id = beyond.order_id
               LEFT JOIN res_company company ON company.id = beyond.company_id"""
        )

    def _read_group_select(self, aggregate_spec, query):
        """Realisation is a ratio of sums, never a mean of ratios."""
        if aggregate_spec != "realisation:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "COALESCE(SUM(%s) / NULLIF(SUM(%s), 0), 0)::float",
            self._field_to_sql(self._table, "billed_amount", query),
            self._field_to_sql(self._table, "worked_amount", query),
        )

    # -- what a click calls ----------------------------------------------------------------

    def action_open_source(self):
        """Open what the row is about: the invoice, the work in progress, or the timesheet entry."""
        self.ensure_one()
        record = self.invoice_line_id.move_id or self.wip_id or self.analytic_line_id
        view = False
        if record._name == "account.analytic.line":
            view = self.env.ref("hr_timesheet.timesheet_view_form_user").id
        return {
            "type": "ir.actions.act_window",
            "name": record.display_name,
            "res_model": record._name,
            "res_id": record.id,
            "views": [(view, "form")],
        }
