"""What will be invoiced when, of what was worked or sold: by month, before it is invoiced."""

from odoo import api, fields, models
from odoo.tools import SQL


class PsaBillingForecast(models.Model):
    """WIP and proposals, and fixed prices, milestones and retainers that become due.

    Each amount stands here once: what is proposed is neither WIP nor still to come. What was worked or spent
    over a cap or limit is not invoiced as things stand: it is a measure of its own, and none of the amount.
    Amounts are without taxes, in company currency, at the exchange rate of today.
    """

    _name = "psa.billing.forecast"
    _description = "Invoice Forecast"
    _auto = False
    _order = "date, id"
    _rec_name = "order_id"

    date = fields.Date(
        string="Expected",
        readonly=True,
        help="WIP: the end of the month of the work. Milestones: their deadline. Fixed prices: the dates "
        "of their instalments, else the end of the SOW. Retainers: each period. Never before today.",
    )
    kind = fields.Selection(
        [
            ("proposal", "On Proposals"),
            ("wip", "WIP"),
            ("milestone", "Milestones"),
            ("fixed", "Fixed Prices"),
            ("retainer", "Retainers"),
        ],
        readonly=True,
    )
    certainty = fields.Selection(
        [("open", "Earned"), ("expected", "To Come"), ("over_cap", "Over a Cap")],
        readonly=True,
        help="Earned: worked, reached or due. To come: what the SOW says will be. Over a cap, a limit for "
        "expenses or a retainer: invoiced only when that is raised.",
    )
    sale_line_id = fields.Many2one("sale.order.line", string="SOW Line", readonly=True)
    order_id = fields.Many2one("sale.order", string="SOW", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Client", readonly=True)
    proposal_id = fields.Many2one("psa.billing.proposal", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(readonly=True, help="What will be invoiced.")
    over_cap_amount = fields.Monetary(
        string="Over Caps",
        readonly=True,
        help="What was worked, spent or agreed over a cap, a limit for expenses or a retainer: not in the "
        "amount, as it is invoiced only when that is raised.",
    )

    _depends = {
        "account.analytic.line": ["date", "psa_expense_cut", "psa_expense_order_id", "so_line"],
        "project.milestone": [
            "deadline",
            "is_reached",
            "psa_acceptance",
            "quantity_percentage",
            "sale_line_id",
        ],
        "psa.billing.proposal": ["company_id", "currency_id", "order_id", "run_id", "state"],
        "psa.adjustment": ["proposal_line_id"],
        "psa.billing.proposal.line": [
            "amount",
            "is_held",
            "proposal_id",
            "quantity",
            "remainder",
            "sale_line_id",
        ],
        "psa.billing.run": ["invoice_date"],
        "psa.opening.balance": ["rest_line_id", "sale_line_id"],
        "psa.instalment": ["date", "is_reached", "percent", "sale_line_id", "sequence"],
        "psa.retainer.period": ["amount_to_bill", "billing_state", "due_date", "is_due", "sale_line_id"],
        "psa.wip.entry": ["amount", "company_id", "currency_id", "date", "order_id", "sale_line_id", "state"],
        "res.currency": ["rounding"],
        "sale.order": ["currency_id", "partner_id", "psa_date_end", "psa_kind", "psa_parent_id", "state"],
        "sale.order.line": [
            "order_id",
            "price_subtotal",
            "product_uom_qty",
            "psa_adjusts_line_id",
            "psa_billing_model",
            "qty_delivered",
            "qty_invoiced",
            "qty_to_invoice",
        ],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT row_number() OVER (ORDER BY expected.kind, expected.sale_line_id, expected.date,
                                      expected.proposal_id) AS id,
                   GREATEST(expected.date, %(today)s::date) AS date, expected.kind::varchar AS kind,
                   expected.certainty::varchar AS certainty, expected.sale_line_id,
                   sow.id AS order_id, sow.partner_id, expected.proposal_id, sow.company_id,
                   company.currency_id,
                   CASE WHEN expected.certainty = 'over_cap' THEN 0 ELSE %(amount)s END AS amount,
                   CASE WHEN expected.certainty = 'over_cap' THEN %(amount)s ELSE 0 END AS over_cap_amount
              FROM (SELECT sold.*, NULL::int AS order_id
                      FROM (%(wip)s UNION ALL %(proposed)s UNION ALL %(to_come)s) sold
                     UNION ALL %(cut)s) expected
         LEFT JOIN sale_order_line line ON line.id = expected.sale_line_id
              JOIN sale_order contract ON contract.id = COALESCE(line.order_id, expected.order_id)
              JOIN sale_order sow ON sow.id = COALESCE(contract.psa_parent_id, contract.id)
              JOIN res_company company ON company.id = sow.company_id
             WHERE expected.amount != 0
            """,
            today=self._today(),
            amount=self.env["psa.hour.state"]._company_amount(
                SQL("expected.amount"),
                SQL("contract.currency_id"),
                SQL("%s::date", self._today()),
                SQL("company"),
            ),
            wip=self._select_wip(),
            cut=self._select_cut(),
            proposed=self._select_proposed(),
            to_come=self._select_to_come(),
        )

    @api.model
    def _today(self):
        return fields.Date.context_today(self)

    @api.model
    def _select_wip(self):
        """Open work is billed at the end of its month; held work once somebody releases it, so as late. What
        is over a cap stands in the month in which it was worked."""
        return SQL(
            """SELECT 'wip' AS kind, CASE WHEN wip.state = 'over_cap' THEN 'over_cap' ELSE 'open' END
                      AS certainty, wip.sale_line_id, NULL::int AS proposal_id,
                      (date_trunc('month', wip.date) + interval '1 month - 1 day')::date AS date,
                      sum(wip.amount) AS amount
                 FROM psa_wip_entry wip
                WHERE wip.state IN ('open', 'held', 'over_cap')
             GROUP BY wip.sale_line_id, date_trunc('month', wip.date), wip.state = 'over_cap'"""
        )

    @api.model
    def _select_cut(self):
        """What limits for expenses cut of costs; those of which nothing is billed are on no line."""
        return SQL(
            """SELECT 'wip', 'over_cap', entry.so_line, NULL::int,
                      (date_trunc('month', entry.date) + interval '1 month - 1 day')::date,
                      sum(entry.psa_expense_cut)::numeric, entry.psa_expense_order_id
                 FROM account_analytic_line entry
                WHERE entry.psa_expense_order_id IS NOT NULL AND entry.psa_expense_cut > 0
                  AND entry.project_id IS NULL
             GROUP BY entry.so_line, entry.psa_expense_order_id, date_trunc('month', entry.date)"""
        )

    @api.model
    def _select_proposed(self):
        return SQL(
            """SELECT 'proposal', 'open', line.sale_line_id, proposal.id,
                      COALESCE(run.invoice_date, %(today)s::date), line.amount
                 FROM psa_billing_proposal_line line
                 JOIN psa_billing_proposal proposal ON proposal.id = line.proposal_id
                  AND proposal.state NOT IN ('invoiced', 'closed', 'cancelled')
                 JOIN psa_billing_run run ON run.id = proposal.run_id
                WHERE NOT COALESCE(line.is_held, FALSE)""",
            today=self._today(),
        )

    @api.model
    def _select_to_come(self):
        return SQL("%s UNION ALL %s", self._select_sold(), self._select_retainers())

    @api.model
    def _select_sold(self):
        """What lines without time have left: ordered less invoiced less proposed, at their net price."""
        return SQL(
            """
            SELECT part.kind, part.certainty, part.sale_line_id, NULL::int, part.date,
                   ROUND((part.quantity * part.price)::numeric, part.digits)
              FROM (
                   SELECT rest.*, spread.kind, spread.certainty, spread.date, spread.quantity
                     FROM (%(rest)s) rest
               CROSS JOIN LATERAL (%(milestones)s UNION ALL %(fixed)s UNION ALL %(instalments)s) spread
                   ) part
            """,
            rest=self._select_rest(),
            milestones=self._spread_milestones(),
            fixed=self._spread_fixed(),
            instalments=self._spread_instalments(),
        )

    @api.model
    def _select_rest(self):
        return SQL(
            """SELECT line.id AS sale_line_id, line.psa_billing_model AS model,
                      line.product_uom_qty AS ordered,
                      plan.sale_line_id AS plan_line_id, plan.sale_line_id IS NOT NULL AS is_planned,
                      CASE WHEN line.product_uom_qty != 0 THEN line.price_subtotal / line.product_uom_qty
                           ELSE 0 END AS price,
                      GREATEST(line.qty_to_invoice - COALESCE(proposed.waiting, 0)
                               - COALESCE(before.quantity, 0), 0) AS due,
                      GREATEST(line.product_uom_qty - COALESCE(line.qty_invoiced, 0)
                               - COALESCE(proposed.quantity, 0) - COALESCE(before.quantity, 0), 0)
                          AS quantity_left,
                      COALESCE(rounded.quantity, 0) AS rounded,
                      COALESCE(sow.psa_date_end, %(today)s::date) AS date_end,
                      currency.decimal_places AS digits
                 FROM sale_order_line line
                 JOIN res_currency currency ON currency.id = line.currency_id
                 JOIN sale_order contract ON contract.id = line.order_id AND contract.state = 'sale'
                  AND contract.psa_kind IS NOT NULL
                 JOIN sale_order sow ON sow.id = COALESCE(contract.psa_parent_id, contract.id)
            LEFT JOIN LATERAL (SELECT instalment.sale_line_id
                                 FROM psa_instalment instalment
                                WHERE instalment.sale_line_id = line.id
                                   OR (instalment.sale_line_id = line.psa_group_line_id
                                       AND line.psa_amends_line_id IS NOT NULL)
                             ORDER BY instalment.sale_line_id != line.id LIMIT 1) plan ON TRUE
            LEFT JOIN (SELECT fixed.sale_line_id, sum(fixed.quantity) AS quantity,
                              -- what closed proposals settled is not to invoice in the host's figure
                              sum(fixed.quantity) FILTER (WHERE proposal.state != 'closed') AS waiting
                         FROM psa_billing_proposal_line fixed
                         JOIN psa_billing_proposal proposal ON proposal.id = fixed.proposal_id
                          AND proposal.state NOT IN ('invoiced', 'cancelled')
                        WHERE NOT COALESCE(fixed.is_held, FALSE)
                     GROUP BY fixed.sale_line_id) proposed ON proposed.sale_line_id = line.id
            LEFT JOIN LATERAL (%(before)s) before ON TRUE
            LEFT JOIN LATERAL (%(rounded)s) rounded ON TRUE
                WHERE line.psa_billing_model IN ('fixed', 'milestone')
                  AND line.psa_adjusts_line_id IS NULL AND line.product_uom_qty > 0""",
            today=self._today(),
            before=self._billed_before(),
            rounded=self._rounded_parts(),
        )

    @api.model
    def _billed_before(self):
        """What was billed of ``line`` before going live beside the quantity, as a quantity: the next proposal
        takes it."""
        return SQL(
            """SELECT billed.price_subtotal * line.product_uom_qty / NULLIF(line.price_subtotal, 0)
                      AS quantity
                 FROM psa_opening_balance opening
                 JOIN sale_order_line billed ON billed.id = opening.rest_line_id
                WHERE opening.sale_line_id = line.id
                  AND NOT EXISTS (SELECT FROM psa_billing_proposal_line own
                                    JOIN psa_billing_proposal proposal ON proposal.id = own.proposal_id
                                     AND proposal.state != 'cancelled'
                                   WHERE own.sale_line_id = line.id)"""
        )

    @api.model
    def _rounded_parts(self):
        """What instalments of ``line`` come to beside their quantities of two digits, as a quantity."""
        return SQL(
            """SELECT sum(part.remainder) * line.product_uom_qty / NULLIF(line.price_subtotal, 0) AS quantity
                 FROM psa_billing_proposal_line part
                 JOIN psa_billing_proposal proposal ON proposal.id = part.proposal_id
                  AND proposal.state != 'cancelled'
                WHERE part.sale_line_id = line.id AND NOT COALESCE(part.is_held, FALSE)
                  AND NOT EXISTS (SELECT FROM psa_adjustment decided
                                   WHERE decided.proposal_line_id = part.id)"""
        )

    @api.model
    def _spread_milestones(self):
        """What is reached is due; the others at their deadlines, or at the end of the SOW. What waits for the
        client's acceptance can come any day."""
        return SQL(
            """SELECT 'milestone' AS kind, 'open' AS certainty, %(today)s::date AS date, rest.due AS quantity
                WHERE rest.model = 'milestone'
                UNION ALL
               SELECT 'milestone', 'expected',
                      CASE WHEN milestone.is_reached THEN %(today)s::date
                           ELSE COALESCE(milestone.deadline, rest.date_end) END,
                      milestone.quantity_percentage * rest.ordered
                 FROM project_milestone milestone
                WHERE rest.model = 'milestone' AND milestone.sale_line_id = rest.sale_line_id
                  AND (NOT COALESCE(milestone.is_reached, FALSE)
                       OR milestone.psa_acceptance IS NOT DISTINCT FROM 'waits')""",
            today=self._today(),
        )

    @api.model
    def _spread_fixed(self):
        return SQL(
            """SELECT 'fixed', 'open', %(today)s::date, rest.due
                WHERE rest.model = 'fixed' AND NOT rest.is_planned
                UNION ALL
               SELECT 'fixed', 'expected', rest.date_end, rest.quantity_left - rest.due
                WHERE rest.model = 'fixed' AND NOT rest.is_planned""",
            today=self._today(),
        )

    @api.model
    def _spread_instalments(self):
        """The parts of a plan that are not billed or proposed, in their order; those by hours at the end."""
        return SQL(
            """SELECT 'fixed',
                      CASE WHEN plan.is_reached OR plan.date <= %(today)s THEN 'open' ELSE 'expected' END,
                      CASE WHEN plan.is_reached THEN %(today)s::date ELSE COALESCE(plan.date, rest.date_end)
                           END,
                      GREATEST(plan.until - GREATEST(plan.until - plan.share,
                                                     rest.ordered - rest.quantity_left + rest.rounded), 0)
                 FROM (SELECT instalment.*, rest.ordered * instalment.percent / 100 AS share,
                              rest.ordered / 100 * sum(instalment.percent) OVER (
                                  ORDER BY instalment.sequence, instalment.id) AS until
                         FROM psa_instalment instalment
                        WHERE instalment.sale_line_id = rest.plan_line_id) plan
                WHERE rest.model = 'fixed'""",
            today=self._today(),
        )

    @api.model
    def _select_retainers(self):
        """The periods that stand on no proposal; see ``psa.retainer.period``."""
        return SQL(
            """SELECT 'retainer',
                      CASE WHEN period.is_due OR period.due_date <= %(today)s THEN 'open' ELSE 'expected' END,
                      period.sale_line_id, NULL::int, period.due_date, period.amount_to_bill
                 FROM psa_retainer_period period
                WHERE period.billing_state IN ('planned', 'due')""",
            today=self._today(),
        )

    def action_open_source(self):
        """Open the proposal, else the statement of work."""
        self.ensure_one()
        record = self.proposal_id or self.order_id
        # a statement of work has a form of its own
        view = record.get_formview_id()
        return record._get_records_action(name=record.display_name, views=[(view, "form")], context={})
