"""What was worked, what of it was billed, what waits, and what was lost and why."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.psa_wip_entry import WIP_STATES
from .psa_hour_state import AGES, BESIDE_STATES, KINDS, PsaHourState

CAUSES = [
    ("written_off", "Written Off"),
    ("over_cap", "Over Cap"),
    ("late", "Late for Its Bill"),
    ("unapproved", "Unapproved or Refused"),
    ("non_billable", "Non-Billable"),
]

#: What invoices bill without work on it, by the billing model of its line.
MONEY_KINDS = [
    ("fixed", "Fixed Price"),
    ("milestone", "Milestone"),
    ("retainer", "Retainer"),
    ("success_fee", "Success Fee"),
    ("other", "Other"),
]

#: Measures that follow from the standard rate of each row, and the context key that leaves it out.
AT_STANDARD_RATE = ("worked_amount", "covered_amount", "lost_amount", "realisation")
WITHOUT_RATES = "psa_without_standard_rates"

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
    "psa.adjustment": [
        "amount",
        "company_id",
        "currency_id",
        "date",
        "kind",
        "on_work",
        "order_id",
        "partner_id",
        "sale_line_id",
        "state",
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
    kind = fields.Selection(
        [*KINDS, *MONEY_KINDS],
        readonly=True,
        help="Time, expenses and vendor bills are work; the others are billed without work that names them.",
    )
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
    covered_amount = fields.Monetary(
        string="Worked on Fixed Prices",
        readonly=True,
        help="What of the work at standard rate is paid by a fixed price, a milestone or a retainer: by "
        "person, role and project. Billed is what the client pays for it, on the line of the statement of "
        "work and nobody's name.",
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
            "%s UNION ALL %s UNION ALL %s UNION ALL %s",
            self._select_work(),
            self._select_invoiced(),
            self._select_credited(),
            self._select_given_away(),
        )

    @api.model
    def _select_work(self):
        """Every hour with its state; see ``psa.hour.state``. What is billed of an opening balance is the
        money of a fixed line: see ``_select_invoiced``."""
        return SQL(
            """
            SELECT hour.id * 4 AS id, hour.date, hour.kind, hour.state, hour.cause, hour.age,
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
                   CASE WHEN hour.cause IN ('written_off', 'over_cap', 'late') THEN hour.company_amount
                        WHEN hour.cause IS NOT NULL THEN hour.worked_amount ELSE 0 END AS lost_amount,
                   0::float AS realisation
              FROM (
                   SELECT state.*, %(cause)s AS cause,
                          COALESCE(%(standard)s, state.company_amount) AS worked_amount
                     FROM (%(hours)s) state
                LEFT JOIN (%(last_billed)s) billed ON billed.order_id = state.order_id
                LEFT JOIN LATERAL (%(rate)s) rate ON TRUE
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
        if self.env.context.get(WITHOUT_RATES):
            return SQL("SELECT NULL::numeric AS price, NULL::varchar AS unit, NULL::int AS currency_id")
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
        """Costs have no hours: they are worth what they cost the client."""
        if self.env.context.get(WITHOUT_RATES):
            return SQL("NULL::numeric")
        amount = SQL(
            """ROUND((NULLIF(state.hours, 0) * rate.price / CASE WHEN rate.unit = 'day' THEN COALESCE(
                   (SELECT NULLIF(calendar.hours_per_day, 0) FROM resource_calendar calendar
                     WHERE calendar.id = company.resource_calendar_id), 8) ELSE 1 END)::numeric, 2)"""
        )
        report = self.env["psa.hour.state"]
        if not report._has_foreign("psa.rate.card", "company_id"):
            return amount
        return report._company_amount(amount, SQL("rate.currency_id"), SQL("state.date"), SQL("company"))

    @api.model
    def _without_rates(self, *asked):
        """This model, which does not look up the standard rate of each row where none of ``asked`` (what a
        query names: domain, groups, measures, order) has a measure that needs it: half of the work."""
        named = repr(asked)
        if any(name in named for name in AT_STANDARD_RATE):
            return self
        return self.with_context(**{WITHOUT_RATES: True})

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        lean = self._without_rates(domain, groupby, aggregates, having, order)
        return super(PsaBillingAnalysis, lean)._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )

    @api.model
    def search_count(self, domain, limit=None):
        return super(PsaBillingAnalysis, self._without_rates(domain)).search_count(domain, limit)

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
        """Open what the row is about: invoice, work in progress, timesheet entry, else the SOW."""
        self.ensure_one()
        record = self.invoice_line_id.move_id or self.wip_id or self.analytic_line_id or self.order_id
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
