"""Who owes what since when, and what to do next about it: one row a client and company."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.rights import check_collector


class PsaOverdueClient(models.Model):
    _name = "psa.overdue.client"
    _description = "Overdue Client"
    _auto = False
    _order = "days_overdue desc, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Client", readonly=True)
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    phone = fields.Char(related="partner_id.phone")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    invoice_count = fields.Integer(string="Invoices", readonly=True)
    amount = fields.Monetary(
        string="Overdue", readonly=True, help="With taxes, in the currency of the company."
    )
    unmatched_amount = fields.Monetary(
        string="Not Matched",
        readonly=True,
        help="Payments and credit notes of the client that no invoice is matched with yet.",
    )
    date_due = fields.Date(string="Oldest Due Date", readonly=True)
    days_overdue = fields.Integer(readonly=True, aggregator="max", help="Of the oldest invoice.")
    level_id = fields.Many2one(
        "psa.dunning.level",
        readonly=True,
        help="The highest that the client has had about an invoice that is still overdue.",
    )
    last_contact = fields.Date(
        string="Last Reminder", readonly=True, help="Day of the last reminder that was sent."
    )
    promise_date = fields.Date(
        string="Promised For", readonly=True, help="The latest promise that may still be kept."
    )
    next_step = fields.Selection(
        [
            ("match", "Match Payments"),
            ("promise", "Wait for Promise"),
            ("stopped", "Stopped"),
            ("remind", "Send Reminder"),
            ("call", "Call: All Levels Sent"),
            ("wait", "Wait"),
        ],
        readonly=True,
    )

    _depends = {
        "account.move": ["commercial_partner_id", "move_type", "state"],
        "account.move.line": [
            "account_id",
            "amount_residual",
            "company_id",
            "date_maturity",
            "move_id",
            "parent_state",
            "partner_id",
        ],
        "account.account": ["account_type"],
        "psa.dunning.level": ["active", "company_id", "days"],
        "psa.dunning.reminder": ["company_id", "done_on", "partner_id", "state"],
        "psa.dunning.reminder.line": ["level_id", "move_id", "reminder_id"],
        "psa.dunning.stop": ["active", "company_id", "date_until", "move_id", "partner_id"],
        "psa.payment.promise": ["company_id", "date", "move_id", "partner_id", "state"],
        "res.company": ["currency_id", "psa_dunning_gap_days"],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            WITH %(told)s, %(scale)s, %(debt)s, %(client)s
            SELECT client.id, client.partner_id, client.company_id, client.currency_id, client.invoice_count,
                   client.amount, client.unmatched_amount, client.date_due, client.days_overdue,
                   client.level_id, client.last_contact, client.promise_date,
                   %(next_step)s AS next_step
              FROM client
            """,
            told=self._with_told(),
            scale=self._with_scale(),
            debt=self._with_debt(),
            client=self._with_client(),
            next_step=self._next_step(),
        )

    @api.model
    def _today(self):
        return fields.Date.context_today(self)

    @api.model
    def _with_told(self):
        """The highest level that was sent or skipped of each invoice."""
        return SQL(
            """
            told AS (
                SELECT DISTINCT ON (line.move_id) line.move_id, level.id AS level_id, level.days
                  FROM psa_dunning_reminder_line line
                  JOIN psa_dunning_reminder reminder ON reminder.id = line.reminder_id
                   AND reminder.state IN ('sent', 'skipped')
                  JOIN psa_dunning_level level ON level.id = line.level_id
              ORDER BY line.move_id, level.days DESC
            )"""
        )

    @api.model
    def _with_scale(self):
        """The levels that hold for each company: its own, else those of all companies."""
        return SQL(
            """
            scale AS (
                SELECT company.id AS company_id, level.days
                  FROM res_company company
                  JOIN psa_dunning_level level ON level.active
                   AND (level.company_id = company.id OR level.company_id IS NULL AND NOT EXISTS (
                           SELECT 1 FROM psa_dunning_level own
                            WHERE own.active AND own.company_id = company.id))
            )"""
        )

    @api.model
    def _with_debt(self):
        """Each overdue invoice, the level that it reaches next, and whether it is left in peace."""
        return SQL(
            """
            debt AS (
                SELECT line.partner_id, line.company_id, line.move_id, told.level_id, told.days AS told_days,
                       sum(line.amount_residual) AS amount, min(line.date_maturity) AS date_due,
                       (SELECT min(scale.days) FROM scale
                         WHERE scale.company_id = line.company_id
                           AND scale.days > COALESCE(told.days, -1)) AS next_days,
                       %(promised)s AS is_promised,
                       %(stopped)s AS is_stopped
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                   AND account.account_type = 'asset_receivable'
                  JOIN account_move move ON move.id = line.move_id AND move.move_type = 'out_invoice'
             LEFT JOIN told ON told.move_id = line.move_id
                 WHERE line.parent_state = 'posted' AND line.amount_residual > 0
                   AND line.date_maturity < %(today)s AND line.partner_id IS NOT NULL
              GROUP BY line.partner_id, line.company_id, line.move_id, told.level_id, told.days
            )""",
            promised=self._has_promise(SQL("promise.move_id = line.move_id")),
            stopped=self._has_stop(SQL("stop.move_id = line.move_id")),
            today=self._today(),
        )

    @api.model
    def _has_promise(self, condition):
        return SQL(
            """EXISTS (SELECT 1 FROM psa_payment_promise promise
                        WHERE promise.state = 'open' AND promise.date >= %(today)s AND %(condition)s)""",
            today=self._today(),
            condition=condition,
        )

    @api.model
    def _has_stop(self, condition):
        return SQL(
            """EXISTS (SELECT 1 FROM psa_dunning_stop stop
                        WHERE stop.active AND COALESCE(stop.date_until, 'infinity') >= %(today)s
                          AND %(condition)s)""",
            today=self._today(),
            condition=condition,
        )

    @api.model
    def _with_client(self):
        """What each client owes today; the id stays while the client and the company do."""
        return SQL(
            """
            client AS (
                SELECT (debt.partner_id::bigint << 16) + debt.company_id AS id,
                       debt.partner_id, debt.company_id, company.currency_id,
                       company.psa_dunning_gap_days AS gap_days,
                       count(*) AS invoice_count,
                       sum(debt.amount) AS amount,
                       %(unmatched)s AS unmatched_amount,
                       min(debt.date_due) AS date_due,
                       %(today)s::date - min(debt.date_due) AS days_overdue,
                       (array_agg(debt.level_id ORDER BY debt.told_days DESC NULLS LAST))[1] AS level_id,
                       bool_and(debt.is_promised) AS all_promised,
                       bool_and(debt.is_promised OR debt.is_stopped) AS all_paused,
                       bool_or(debt.next_days IS NOT NULL
                               AND debt.next_days <= %(today)s::date - debt.date_due
                               AND NOT debt.is_promised AND NOT debt.is_stopped) AS is_due,
                       bool_or(debt.told_days IS NOT NULL AND debt.next_days IS NULL
                               AND NOT debt.is_promised AND NOT debt.is_stopped) AS is_all_told,
                       (SELECT max(done_on) FROM psa_dunning_reminder reminder
                         WHERE reminder.state = 'sent' AND reminder.partner_id = debt.partner_id
                           AND reminder.company_id = debt.company_id) AS last_contact,
                       (SELECT max(date) FROM psa_payment_promise promise
                         WHERE promise.state = 'open' AND promise.partner_id = debt.partner_id
                           AND promise.company_id = debt.company_id
                           AND promise.date >= %(today)s) AS promise_date
                  FROM debt
                  JOIN res_company company ON company.id = debt.company_id
              GROUP BY debt.partner_id, debt.company_id, company.id
            )""",
            today=self._today(),
            unmatched=self._unmatched(),
        )

    @api.model
    def _unmatched(self):
        return SQL(
            """COALESCE((SELECT -sum(free.amount_residual)
                           FROM account_move_line free
                           JOIN account_account receivable ON receivable.id = free.account_id
                            AND receivable.account_type = 'asset_receivable'
                          WHERE free.partner_id = debt.partner_id AND free.company_id = debt.company_id
                            AND free.parent_state = 'posted' AND free.amount_residual < 0), 0)"""
        )

    @api.model
    def _next_step(self):
        """As the daily job will decide, whether it ran today or not (``core.dunning.plan``).

        A reminder that somebody proposed by hand does not wait for the days between two reminders.
        """
        client = "%(table)s.partner_id = client.partner_id AND %(table)s.company_id = client.company_id"
        mine = {name: SQL(client % {"table": name}) for name in ("promise", "stop", "reminder")}
        return SQL(
            """CASE WHEN client.unmatched_amount >= client.amount THEN 'match'
                    WHEN client.all_promised OR %(promised)s THEN 'promise'
                    WHEN client.all_paused OR %(stopped)s THEN 'stopped'
                    WHEN client.is_due AND (
                            EXISTS (SELECT 1 FROM psa_dunning_reminder reminder
                                     WHERE reminder.state = 'proposed' AND %(mine)s)
                            OR NOT EXISTS (SELECT 1 FROM psa_dunning_reminder reminder
                                     WHERE reminder.state IN ('sent', 'skipped') AND %(mine)s
                                       AND reminder.done_on + client.gap_days > %(today)s)) THEN 'remind'
                    WHEN client.is_all_told AND NOT client.is_due THEN 'call'
                    ELSE 'wait' END::varchar""",
            promised=self._has_promise(SQL("promise.move_id IS NULL AND %s", mine["promise"])),
            stopped=self._has_stop(SQL("stop.move_id IS NULL AND %s", mine["stop"])),
            mine=mine["reminder"],
            today=self._today(),
        )

    # -- what a button calls ---------------------------------------------------------------

    def action_remind(self):
        """Propose the reminders that these clients are due, without waiting for the daily job, and show them.

        :raises AccessError: for users who do not invoice
        """
        check_collector(self)
        today = self._today()
        reminders = self.env["psa.dunning.reminder"].sudo()  # sudo: the right was checked
        for company, clients in self.grouped("company_id").items():
            reminders += reminders.with_company(company)._psa_propose(
                company, clients.partner_id, today, gap=0
            )
        if not reminders:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "info",
                    "message": self.env._(
                        "Nothing to remind of today: no invoice has reached another level, or all are "
                        "stopped, promised, or paid by payments that are not matched yet."
                    ),
                },
            }
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_dunning_reminder_action")
        if len(reminders) == 1:
            return {**action, "views": [(False, "form")], "res_id": reminders.id}
        return {**action, "domain": [("id", "in", reminders.ids)], "context": {}}

    def action_invoices(self):
        """The overdue invoices of the client, also those of which one instalment only is overdue."""
        self.ensure_one()
        reminders = self.env["psa.dunning.reminder"]
        overdue = reminders._psa_overdue_domain(self.company_id, self._today())
        lines = self.env["account.move.line"].search([*overdue, ("partner_id", "=", self.partner_id.id)])
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        return {**action, "domain": [("id", "in", lines.move_id.ids)], "context": {"create": False}}

    def action_promise(self):
        """Enter what the client has promised to pay."""
        return self._action_new("psa.payment.promise", self.env._("Promise to Pay"))

    def action_stop(self):
        """Remind the client no more, for a reason and until a day."""
        return self._action_new("psa.dunning.stop", self.env._("Stop Reminders"))

    def _action_new(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
            },
        }
