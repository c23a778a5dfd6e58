"""The state of an hour: what became of the time that was worked, and what it is worth."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.account_analytic_line_beside import BESIDE_WIP
from ..models.psa_wip_entry import UNBILLED_STATES, WIP_STATES

#: States of time that is no work in progress.
BESIDE_STATES = [
    ("role_not_sold", "Role Not Sold"),
    ("unapproved", "Unapproved"),
    ("refused", "Refused"),
    ("non_billable", "Non-Billable"),
]
#: What a row is about; the first ones are those of ``psa.wip.entry``.
KINDS = [
    ("time", "Time"),
    ("expense", "Expense"),
    ("bill", "Vendor Bill"),
    ("opening", "Opening Balance"),
]
AGES = [("0", "0-30 Days"), ("31", "31-60 Days"), ("61", "61-90 Days"), ("91", "Over 90 Days")]


class PsaHourState(models.Model):
    """One row a part of a rated entry (``psa.wip.entry``), one an entry of other time, one a cost that a
    limit cut, and one an opening balance that brought unbilled work along; ``kind`` tells them apart.

    The hours in the states of WIP are the approved hours on lines of SOWs. Time on ordinary sales orders is
    the host's, and not here; time off is no time worked.
    """

    _name = "psa.hour.state"
    _inherit = "psa.report.rows"
    _description = "State of Hours"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "analytic_line_id"

    analytic_line_id = fields.Many2one("account.analytic.line", string="Entry", readonly=True)
    can_open_entry = fields.Boolean(compute="_compute_can_open_entry")
    wip_id = fields.Many2one("psa.wip.entry", string="Work in Progress", readonly=True)
    name = fields.Char(related="analytic_line_id.name", string="Description")
    date = fields.Date(readonly=True)
    kind = fields.Selection(
        KINDS,
        readonly=True,
        help="Expenses and vendor bills have an amount and no hours. An opening balance is the unbilled work "
        "of the former system.",
    )
    state = fields.Selection([*WIP_STATES, *BESIDE_STATES], readonly=True)
    age = fields.Selection(
        AGES, readonly=True, help="Days from the work until today, of approved work that is not billed."
    )
    employee_id = fields.Many2one("hr.employee", readonly=True)
    role_id = fields.Many2one("project.role", readonly=True)
    project_id = fields.Many2one("project.project", readonly=True)
    sale_line_id = fields.Many2one("sale.order.line", string="SOW Line", readonly=True)
    order_id = fields.Many2one("sale.order", string="SOW", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Client", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    hours = fields.Float(
        readonly=True,
        help="Hours as entered; of an opening balance what its amount comes to at the price of the line.",
    )
    currency_id = fields.Many2one("res.currency", string="Currency of the SOW", readonly=True)
    amount = fields.Monetary(
        string="Amount in the Currency of the SOW",
        readonly=True,
        help="Without taxes. Time that is not approved: hours at the price of its line.",
    )
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    company_amount = fields.Monetary(
        string="Amount",
        currency_field="company_currency_id",
        readonly=True,
        help="Without taxes, in the currency of the company, at the exchange rate of the day of work.",
    )
    expense_note = fields.Char(related="analytic_line_id.psa_expense_note", string="Note")
    proposal_id = fields.Many2one(related="wip_id.proposal_id")
    invoice_id = fields.Many2one(related="wip_id.invoice_id")

    _depends = {
        "psa.wip.entry": [
            "analytic_line_id",
            "amount",
            "company_id",
            "currency_id",
            "date",
            "employee_id",
            "kind",
            "order_id",
            "partner_id",
            "project_id",
            "raw_hours",
            "role_id",
            "sale_line_id",
            "state",
        ],
        "account.analytic.line": [
            "company_id",
            "date",
            "employee_id",
            "is_so_line_edited",
            "project_id",
            "psa_billed_before",
            "psa_expense_cut",
            "psa_expense_order_id",
            "psa_role_id",
            "psa_state",
            "so_line",
            "task_id",
            "unit_amount",
        ],
        "psa.billing.proposal": ["state"],
        "psa.billing.proposal.line": ["is_held", "proposal_id", "sale_line_id"],
        "psa.opening.balance": ["date", "sale_line_id", "unbilled_amount", "wip_line_id"],
        "project.project": ["partner_id", "sale_line_id"],
        "project.task": ["sale_line_id"],
        "res.currency": ["rounding"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.company": ["currency_id", "parent_path", "resource_calendar_id"],
        "resource.calendar": ["hours_per_day"],
        "sale.order": [
            "company_id",
            "currency_id",
            "partner_id",
            "project_id",
            "psa_day_hours",
            "psa_kind",
            "psa_parent_id",
        ],
        "sale.order.line": [
            "discount",
            "order_id",
            "price_subtotal",
            "price_unit",
            "product_uom_id",
            "product_uom_qty",
            "psa_billing_model",
            "psa_role_id",
            "qty_invoiced",
        ],
    }

    # -- query -----------------------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(self._with_currencies()._parts())

    @api.model
    def _parts(self):
        """Plain queries, of each of which PostgreSQL leaves out what a report does not ask for; of a report
        that knows the currencies (``_with_currencies``)."""
        return [self._select_wip(), self._select_beside(), self._select_cut(), self._select_opening()]

    @api.model
    def _select_wip(self):
        return SQL(
            """
            SELECT wip.id::bigint * 4 AS id, wip.analytic_line_id, wip.id AS wip_id, wip.date,
                   wip.kind::varchar AS kind, wip.state::varchar AS state, %(age)s AS age, wip.employee_id,
                   wip.role_id, wip.project_id, wip.sale_line_id, wip.order_id, wip.partner_id,
                   wip.company_id, wip.raw_hours AS hours, wip.currency_id, wip.amount,
                   %(company_currency)s AS company_currency_id,
                   %(company_amount)s AS company_amount
              FROM psa_wip_entry wip
             WHERE %(rows)s
            """,
            rows=self._where_rows(SQL("wip.id"), 0),
            age=self._age(SQL("wip.state"), SQL("wip.date")),
            company_currency=self._currency_of_company(SQL("wip.company_id")),
            company_amount=self._sow_amount(
                SQL("wip.amount"), SQL("wip.currency_id"), SQL("wip.date"), SQL("wip.company_id")
            ),
        )

    @api.model
    def _select_beside(self):
        return SQL(
            """
            SELECT beside.*,
                   %(company_currency)s AS company_currency_id,
                   %(company_amount)s AS company_amount
              FROM (
                   SELECT entry.id::bigint * 4 + 1 AS id, entry.id AS analytic_line_id, NULL::int AS wip_id,
                          entry.date, 'time'::varchar AS kind, %(state)s AS state, NULL::varchar AS age,
                          entry.employee_id, entry.psa_role_id AS role_id, entry.project_id,
                          entry.so_line AS sale_line_id,
                          sow.id AS order_id, COALESCE(sow.partner_id, project.partner_id) AS partner_id,
                          COALESCE(sow.company_id, entry.company_id) AS company_id,
                          entry.unit_amount AS hours, sow.currency_id, %(amount)s AS amount
                     FROM account_analytic_line entry
                     JOIN project_project project ON project.id = entry.project_id
                LEFT JOIN project_task task ON task.id = entry.task_id
                LEFT JOIN sale_order_line line ON line.id = entry.so_line
                LEFT JOIN sale_order_line found ON found.id = COALESCE(
                              entry.so_line, task.sale_line_id, project.sale_line_id)
                LEFT JOIN sale_order contract ON contract.id = found.order_id
                                             AND contract.psa_kind IS NOT NULL
                LEFT JOIN sale_order sow ON sow.id = COALESCE(contract.psa_parent_id, contract.id)
                LEFT JOIN res_currency currency ON currency.id = sow.currency_id
                    WHERE %(beside)s AND (line.id IS NULL OR contract.id IS NOT NULL) AND %(worked)s
                      AND %(rows)s
                   ) beside
            """,
            rows=self._where_rows(SQL("entry.id"), 1),
            state=self._state_beside(),
            amount=self._amount_beside(),
            beside=BESIDE_WIP,
            worked=self._worked(),
            company_currency=self._currency_of_company(SQL("beside.company_id")),
            company_amount=self._sow_amount(
                SQL("beside.amount"), SQL("beside.currency_id"), SQL("beside.date"), SQL("beside.company_id")
            ),
        )

    @api.model
    def _select_cut(self):
        """What limits for expenses cut of costs: these are no time, so their ids are free among those."""
        return SQL(
            """
            SELECT entry.id::bigint * 4 + 1 AS id, entry.id AS analytic_line_id, NULL::int AS wip_id,
                   entry.date,
                   CASE WHEN item.expense_id IS NULL THEN 'bill' ELSE 'expense' END::varchar AS kind,
                   'over_cap'::varchar AS state, %(age)s AS age, entry.employee_id, NULL::int AS role_id,
                   NULL::int AS project_id, entry.so_line AS sale_line_id, sow.id AS order_id, sow.partner_id,
                   sow.company_id, 0::float AS hours, sow.currency_id,
                   entry.psa_expense_cut::numeric AS amount,
                   %(company_currency)s AS company_currency_id, %(company_amount)s AS company_amount
              FROM account_analytic_line entry
              JOIN sale_order sow ON sow.id = entry.psa_expense_order_id
              JOIN account_move_line item ON item.id = entry.move_line_id
             WHERE entry.psa_expense_order_id IS NOT NULL AND entry.psa_expense_cut > 0
               AND entry.project_id IS NULL AND %(rows)s
            """,
            rows=self._where_rows(SQL("entry.id"), 1),
            age=self._age(SQL("'over_cap'"), SQL("entry.date")),
            company_currency=self._currency_of_company(SQL("sow.company_id")),
            company_amount=self._sow_amount(
                SQL("entry.psa_expense_cut::numeric"),
                SQL("sow.currency_id"),
                SQL("entry.date"),
                SQL("sow.company_id"),
            ),
        )

    @api.model
    def _select_opening(self):
        """Unbilled work of opening balances; what of it is billed and what waits are rows of their own."""
        return SQL(
            """
            SELECT opened.id, NULL::int AS analytic_line_id, NULL::int AS wip_id, opened.date,
                   'opening'::varchar AS kind, opened.state, %(age)s AS age, NULL::int AS employee_id,
                   opened.role_id, opened.project_id, opened.sale_line_id, opened.order_id, opened.partner_id,
                   opened.company_id, opened.hours, opened.currency_id, opened.amount,
                   company.currency_id AS company_currency_id,
                   %(company_amount)s AS company_amount
              FROM (
                   SELECT opening.id::bigint * 4 + part.number AS id, opening.date,
                          part.state::varchar AS state, line.psa_role_id AS role_id, sow.project_id,
                          line.id AS sale_line_id, sow.id AS order_id, sow.partner_id, sow.company_id,
                          contract.currency_id, %(amount)s AS amount,
                          CASE WHEN line.psa_billing_model = 'expense' THEN 0
                               ELSE COALESCE(opening.unbilled_amount * part.share * %(unit_hours)s
                                             / NULLIF(%(price)s, 0), 0) END::float AS hours
                     FROM psa_opening_balance opening
                     JOIN sale_order_line line ON line.id = opening.sale_line_id
                     JOIN sale_order contract ON contract.id = line.order_id
                     JOIN sale_order sow ON sow.id = COALESCE(contract.psa_parent_id, contract.id)
                     JOIN res_currency currency ON currency.id = contract.currency_id
                LEFT JOIN sale_order_line wip_line ON wip_line.id = opening.wip_line_id
       CROSS JOIN LATERAL (VALUES (2, 'billed', COALESCE(wip_line.qty_invoiced, 0)),
                                  (3, %(waiting)s, 1 - COALESCE(wip_line.qty_invoiced, 0))
                          ) part (number, state, share)
                    WHERE opening.unbilled_amount != 0 AND part.share != 0 AND %(rows)s
                   ) opened
         LEFT JOIN res_company company ON company.id = opened.company_id
            """,
            rows=self._where_rows(SQL("opening.id"), 2, 3),
            amount=self._rounded(SQL("opening.unbilled_amount * part.share")),
            age=self._age(SQL("opened.state"), SQL("opened.date")),
            company_amount=self._company_amount(
                SQL("opened.amount"), SQL("opened.currency_id"), SQL("opened.date"), SQL("company")
            ),
            unit_hours=self._unit_hours(),
            price=self._net_price(),
            waiting=self._state_opening(),
        )

    @api.model
    def _state_opening(self):
        """Of what is not billed: as the proposal has it that its line stands on."""
        return SQL(
            """COALESCE((SELECT CASE WHEN proposed.is_held THEN 'held' ELSE 'proposed' END
                           FROM psa_billing_proposal_line proposed
                           JOIN psa_billing_proposal proposal ON proposal.id = proposed.proposal_id
                            AND proposal.state NOT IN ('invoiced', 'cancelled')
                          WHERE proposed.sale_line_id = wip_line.id
                       ORDER BY proposed.id DESC LIMIT 1), 'open')"""
        )

    @api.model
    def _age(self, state, day):
        """Days that unbilled work waits, in steps of 30; work of coming days waits since today."""
        today = fields.Date.context_today(self)
        return SQL(
            """CASE WHEN %(state)s NOT IN %(unbilled)s THEN NULL
                    WHEN %(day)s >= %(today)s::date - 30 THEN '0'
                    WHEN %(day)s >= %(today)s::date - 60 THEN '31'
                    WHEN %(day)s >= %(today)s::date - 90 THEN '61'
                    ELSE '91' END::varchar""",
            state=state,
            day=day,
            unbilled=UNBILLED_STATES,
            today=today,
        )

    @api.model
    def _state_beside(self):
        """Time that somebody took off its SOW line by hand is not billable, whether approved or not."""
        return SQL(
            """CASE WHEN contract.id IS NULL OR (line.id IS NULL AND entry.is_so_line_edited)
                         THEN 'non_billable'
                    WHEN entry.psa_state = 'refused' THEN 'refused'
                    WHEN entry.psa_state != 'approved' THEN 'unapproved'
                    WHEN line.id IS NULL THEN 'role_not_sold'
                    ELSE 'billed' END::varchar"""
        )

    @api.model
    def _worked(self):
        """Time off, which the host notes as time on a project, is no work."""
        names = {"holiday_id", "global_leave_id"} & self.env["account.analytic.line"]._fields.keys()
        conditions = [SQL("%s IS NULL", SQL.identifier("entry", name)) for name in sorted(names)]
        return SQL(" AND ").join(conditions) if conditions else SQL("TRUE")

    # -- what a click calls ----------------------------------------------------------------

    @api.depends("analytic_line_id")
    @api.depends_context("uid")
    def _compute_can_open_entry(self):
        readable = self.analytic_line_id._filtered_access("read")
        for row in self:
            row.can_open_entry = row.analytic_line_id in readable and row.kind == "time"

    def action_open_source(self):
        """Open what the row is about: the work in progress, the timesheet entry, else the SOW."""
        self.ensure_one()
        return self._open(self.wip_id, self.analytic_line_id, self.order_id)

    def action_open_entry(self):
        """Open the timesheet entry."""
        self.ensure_one()
        return self._open(self.analytic_line_id)
