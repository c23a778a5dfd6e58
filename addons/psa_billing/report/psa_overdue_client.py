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
        "res.company": ["currency_id"],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            WITH %(told)s, %(client)s
            SELECT client.*,
                   %(next_step)s AS next_step
              FROM client
            """,
            told=self._with_told(),
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
    def _with_client(self):
        """What each client owes today; the id stays while the client and the company do."""
        return SQL(
            """
            client AS (
                SELECT (line.partner_id::bigint << 16) + line.company_id AS id,
                       line.partner_id, line.company_id, company.currency_id,
                       count(DISTINCT line.move_id) AS invoice_count,
                       sum(line.amount_residual) AS amount,
                       %(unmatched)s AS unmatched_amount,
                       min(line.date_maturity) AS date_due,
                       %(today)s::date - min(line.date_maturity) AS days_overdue,
                       (array_agg(told.level_id ORDER BY told.days DESC NULLS LAST))[1] AS level_id,
                       (SELECT max(done_on) FROM psa_dunning_reminder reminder
                         WHERE reminder.state = 'sent' AND reminder.partner_id = line.partner_id
                           AND reminder.company_id = line.company_id) AS last_contact,
                       (SELECT max(date) FROM psa_payment_promise promise
                         WHERE promise.state = 'open' AND promise.partner_id = line.partner_id
                           AND promise.company_id = line.company_id
                           AND promise.date >= %(today)s) AS promise_date
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                   AND account.account_type = 'asset_receivable'
                  JOIN account_move move ON move.id = line.move_id AND move.move_type = 'out_invoice'
                  JOIN res_company company ON company.id = line.company_id
             LEFT JOIN told ON told.move_id = line.move_id
                 WHERE line.parent_state = 'posted' AND line.amount_residual > 0
                   AND line.date_maturity < %(today)s AND line.partner_id IS NOT NULL
              GROUP BY line.partner_id, line.company_id, company.currency_id
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
                          WHERE free.partner_id = line.partner_id AND free.company_id = line.company_id
                            AND free.parent_state = 'posted' AND free.amount_residual < 0), 0)"""
        )

    @api.model
    def _next_step(self):
        """As the daily job decides; promises and stops of single invoices leave the client to be reminded."""
        return SQL(
            """CASE WHEN client.unmatched_amount >= client.amount THEN 'match'
                    WHEN EXISTS (SELECT 1 FROM psa_payment_promise promise
                                  WHERE promise.state = 'open' AND promise.move_id IS NULL
                                    AND promise.partner_id = client.partner_id
                                    AND promise.company_id = client.company_id
                                    AND promise.date >= %(today)s) THEN 'promise'
                    WHEN EXISTS (SELECT 1 FROM psa_dunning_stop stop
                                  WHERE stop.active AND stop.move_id IS NULL
                                    AND stop.partner_id = client.partner_id
                                    AND stop.company_id = client.company_id
                                    AND COALESCE(stop.date_until, 'infinity') >= %(today)s) THEN 'stopped'
                    WHEN EXISTS (SELECT 1 FROM psa_dunning_reminder reminder
                                  WHERE reminder.state = 'proposed'
                                    AND reminder.partner_id = client.partner_id
                                    AND reminder.company_id = client.company_id) THEN 'remind'
                    WHEN client.level_id = (
                             SELECT level.id FROM psa_dunning_level level
                              WHERE level.active AND (level.company_id = client.company_id
                                    OR level.company_id IS NULL AND NOT EXISTS (
                                       SELECT 1 FROM psa_dunning_level own
                                        WHERE own.active AND own.company_id = client.company_id))
                           ORDER BY level.days DESC LIMIT 1) THEN 'call'
                    ELSE 'wait' END::varchar""",
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
        """The overdue invoices of the client."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        return {
            **action,
            "domain": [
                ("commercial_partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("amount_residual", ">", 0),
                ("invoice_date_due", "<", self._today()),
            ],
            "context": {"create": False},
        }

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
