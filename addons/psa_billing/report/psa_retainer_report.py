"""Recurring revenue of retainers by month and client; the definitions are those of ``core.recurring``."""

from odoo import api, fields, models
from odoo.tools import SQL

#: Shares: of a group they are the share of its sums, never the mean of shares.
RATIOS = {
    "logo_churn": ("clients_lost", "clients_before"),
    "revenue_churn": ("churned", "mrr_before"),
}
#: What there is at a time is not added up over months: of a group it is what its last month ended with, or
#: its first one began with.
STOCKS = {
    "mrr": SQL("MAX"),
    "arr": SQL("MAX"),
    "clients": SQL("MAX"),
    "mrr_before": SQL("MIN"),
    "clients_before": SQL("MIN"),
}


class PsaRetainerReport(models.Model):
    """One row a client, company and month, up to this month."""

    _name = "psa.retainer.report"
    _description = "Recurring Revenue"
    _auto = False
    _order = "month desc, mrr desc"
    _rec_name = "partner_id"

    month = fields.Date(readonly=True, help="First day of the month.")
    partner_id = fields.Many2one("res.partner", string="Client", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    mrr = fields.Monetary(
        string="MRR",
        currency_field="company_currency_id",
        readonly=True,
        help="Price of the retainers that run on the last day of the month, as an amount a month, in the "
        "currency of the company at the rate of that day. Clients add up; of several months it is that of "
        "the last one.",
    )
    arr = fields.Monetary(
        string="ARR", currency_field="company_currency_id", readonly=True, help="Twelve times the MRR."
    )
    mrr_before = fields.Monetary(
        string="MRR Before",
        currency_field="company_currency_id",
        readonly=True,
        help="MRR at the end of the month before; of several months, before the first one.",
    )
    new = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        help="MRR of clients that had none at the end of the month before.",
    )
    expansion = fields.Monetary(
        currency_field="company_currency_id", readonly=True, help="MRR that clients added to what they had."
    )
    contraction = fields.Monetary(
        currency_field="company_currency_id", readonly=True, help="MRR that clients cut, and kept some."
    )
    lost = fields.Monetary(
        currency_field="company_currency_id", readonly=True, help="MRR of clients that have none any more."
    )
    churned = fields.Monetary(
        currency_field="company_currency_id", readonly=True, help="Contraction and lost MRR."
    )
    clients = fields.Integer(readonly=True, help="Clients with a running retainer at the end of the month.")
    clients_before = fields.Integer(readonly=True, help="Clients at the end of the month before.")
    clients_lost = fields.Integer(readonly=True, help="Clients whose last retainer ended in the month.")
    logo_churn = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Clients lost ÷ clients at the end of the month before; of several months, that of a month.",
    )
    revenue_churn = fields.Float(
        readonly=True,
        aggregator="avg",
        help="(Contraction + lost MRR) ÷ MRR at the end of the month before; of several months, that of a "
        "month.",
    )

    _depends = {
        "psa.retainer.period": [
            "company_id",
            "currency_id",
            "date_end",
            "date_start",
            "monthly_amount",
            "order_id",
            "partner_id",
        ],
        "res.company": ["currency_id", "parent_path"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "sale.order": ["state"],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            WITH %(held)s
            SELECT row_number() OVER (ORDER BY held.month, held.partner_id, held.company_id) AS id,
                   held.month, held.partner_id, held.company_id,
                   company.currency_id AS company_currency_id, held.mrr, held.mrr * 12 AS arr,
                   held.mrr_before,
                   CASE WHEN mrr_before = 0 THEN mrr ELSE 0 END AS new,
                   CASE WHEN mrr_before > 0 THEN GREATEST(mrr - mrr_before, 0) ELSE 0 END AS expansion,
                   CASE WHEN mrr > 0 THEN GREATEST(mrr_before - mrr, 0) ELSE 0 END AS contraction,
                   CASE WHEN mrr = 0 THEN mrr_before ELSE 0 END AS lost,
                   GREATEST(mrr_before - mrr, 0) AS churned,
                   (mrr > 0)::int AS clients, (mrr_before > 0)::int AS clients_before,
                   (mrr = 0 AND mrr_before > 0)::int AS clients_lost,
                   (mrr = 0 AND mrr_before > 0)::int::float AS logo_churn,
                   COALESCE(GREATEST(mrr_before - mrr, 0) / NULLIF(mrr_before, 0), 0)::float AS revenue_churn
              FROM held
              JOIN res_company company ON company.id = held.company_id
             WHERE held.mrr > 0 OR held.mrr_before > 0
            """,
            held=self._with_held(),
        )

    @api.model
    def _with_held(self):
        """What each client held at the end of each month, and at the end of the month before."""
        amount = self.env["psa.hour.state"]._company_amount(
            SQL("period.monthly_amount"), SQL("period.currency_id"), SQL("month.last"), SQL("company")
        )
        return SQL(
            """
            month AS (
                 SELECT first::date AS first, (first + interval '1 month' - interval '1 day')::date AS last
                   FROM generate_series(
                        (SELECT date_trunc('month', min(date_start)) FROM psa_retainer_period),
                        date_trunc('month', %(today)s::date), interval '1 month') first
            ), active AS (
                 SELECT month.first, period.partner_id, period.company_id, sum(%(amount)s) AS mrr
                   FROM month
                   JOIN psa_retainer_period period
                     ON period.date_start <= month.last AND period.date_end >= month.last
                   JOIN sale_order sow ON sow.id = period.order_id AND sow.state = 'sale'
                   JOIN res_company company ON company.id = period.company_id
               GROUP BY month.first, period.partner_id, period.company_id
            ), held AS (
                 SELECT month.first AS month, client.partner_id, client.company_id,
                        COALESCE(active.mrr, 0) AS mrr,
                        COALESCE(LAG(active.mrr) OVER (
                            PARTITION BY client.partner_id, client.company_id ORDER BY month.first
                        ), 0) AS mrr_before
                   FROM month
             CROSS JOIN (SELECT DISTINCT partner_id, company_id FROM active) client
              LEFT JOIN active ON active.first = month.first AND active.partner_id = client.partner_id
                              AND active.company_id = client.company_id
            )""",
            today=fields.Date.context_today(self),
            amount=amount,
        )

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, how = aggregate_spec.partition(":")
        if name in RATIOS:
            part, whole = (self._field_to_sql(self._table, field, query) for field in RATIOS[name])
            return SQL("COALESCE(SUM(%s)::float / NULLIF(SUM(%s), 0), 0)", part, whole)
        total = super()._read_group_select(aggregate_spec, query)
        if name not in STOCKS or how not in ("sum", "sum_currency"):
            return total
        amount, month = (self._field_to_sql(self._table, field, query) for field in (name, "month"))
        if how == "sum_currency":  # of several companies, at the rates that the total has joined
            rates = query.make_alias(self._table, "company_currency_id__rates")
            amount = SQL("%s / COALESCE(%s, 1.0)", amount, SQL.identifier(rates, "rate"))
        return SQL(
            "(SELECT SUM(held.amount) FROM unnest(array_agg(%(amount)s), array_agg(%(month)s)) "
            "AS held (amount, month) WHERE held.month = %(end)s(%(month)s))",
            amount=amount,
            month=month,
            end=STOCKS[name],
        )

    def action_open_periods(self):
        """The retainer periods behind the row."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_retainer_period_action")
        last = fields.Date.end_of(self.month, "month")
        return {
            **action,
            "domain": [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("date_start", "<=", last),
                ("date_end", ">=", fields.Date.subtract(self.month, days=1)),
            ],
            "context": {},
        }
