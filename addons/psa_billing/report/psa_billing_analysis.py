"""What was worked, what of it was billed, what waits, and what was lost and why."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.psa_wip_entry import WIP_STATES
from .psa_hour_state import AGES, BESIDE_STATES, KINDS, PsaHourState

CAUSES = [
    ("written_off", "Written Off"),
    ("written_up", "Less: Written Up"),
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

#: What is worked at the standard rate of each row, and what is billed by it.
WORKED_AT_RATE = ("worked_amount", "covered_amount", "lost_amount", "realisation")
BILLED_AT_RATE = ("billed_amount", "realisation")
#: Key of the context: the measures at the standard rate that a query asks for; missing: all.
ASKED = "psa_analysis_asked"

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
    "psa.billing.proposal": ["order_ids", "period_end", "run_id", "state"],
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
    "psa.wip.entry": ["adjustment_id", "proposal_line_id"],
    "sale.order.line": ["psa_adjusts_line_id", "psa_role_id"],
}


class PsaBillingAnalysis(models.Model):
    """Rows of ``psa.hour.state`` with what they are worth at the standard rate, and what invoices bill
    beyond the work on them: fixed prices, milestones, retainers, split cents, less credit notes. What pays
    for work is shared by those who did it.

    All amounts are in company currency, without taxes: work at the exchange rate of its day, invoice
    lines at that of the invoice.
    """

    _name = "psa.billing.analysis"
    _inherit = "psa.report.rows"
    _description = "Billing Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "order_id"

    _row_kinds = 8

    date = fields.Date(
        readonly=True,
        help="Of the work; of what a price bills for the work of a month: its last day; of what is billed "
        "without work: the last day of the service.",
    )
    kind = fields.Selection(
        [*KINDS, *MONEY_KINDS],
        readonly=True,
        help="Time, expenses and vendor bills are work; the others are prices that are billed for it, by who "
        "worked for them.",
    )
    state = fields.Selection([*WIP_STATES, *BESIDE_STATES], readonly=True)
    cause = fields.Selection(
        CAUSES,
        string="Lost To",
        readonly=True,
        help="Why work is not paid for. What was written up is below zero: it is gained, and off the total.",
    )
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
        help="What of the work at standard rate is paid by a fixed price, a milestone or a retainer. What is "
        "billed for these is shared by those who did the work, by what it is worth.",
    )
    wip_amount = fields.Monetary(
        string="WIP", readonly=True, help="Approved work that waits to be billed: open, held or proposed."
    )
    billed_amount = fields.Monetary(
        string="Billed", readonly=True, help="On invoices, drafts too, less posted credit notes."
    )
    written_off_amount = fields.Monetary(
        string="Written Off Less Up",
        readonly=True,
        help="What was written off, less what was written up. By what it is lost to, each is by itself.",
    )
    over_cap_amount = fields.Monetary(string="Over Cap", readonly=True)
    lost_amount = fields.Monetary(
        string="Lost",
        readonly=True,
        help="What is written off, less what is written up, over a cap or late at its price; unapproved and "
        "non-billable work at the standard rate.",
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
        report = self.env["psa.hour.state"]._with_currencies()
        return SQL(" UNION ALL ").join(
            [
                *self._select_work(report),
                self._select_invoiced(),
                self._select_credited(),
                self._select_given_away(),
                self._select_shared(report),
            ]
        )

    @api.model
    def _asking(self, *asked):
        if ASKED in self.env.context:
            return self
        named = repr(asked)
        measures = {name for name in (*WORKED_AT_RATE, *BILLED_AT_RATE) if name in named}
        return self.with_context(**{ASKED: tuple(sorted(measures))})

    @api.model
    def _asking_all(self):
        return self.with_context(**{ASKED: None})

    @api.model
    def _is_asked(self, measures):
        """Whether a query asks for one of ``measures``: those at the standard rate cost the most."""
        asked = self.env.context.get(ASKED)
        return asked is None or not set(measures).isdisjoint(asked)

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        lean = self._asking(domain, groupby, aggregates, having, order)
        return super(PsaBillingAnalysis, lean)._read_group(
            domain, groupby, aggregates, having, offset, limit, order
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
        """Open what the row is about: invoice, work in progress, timesheet entry, else the SOW."""
        self.ensure_one()
        return self._open(self.invoice_line_id.move_id, self.wip_id, self.analytic_line_id, self.order_id)
