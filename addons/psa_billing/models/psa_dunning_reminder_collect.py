"""What clients owe today, and the daily proposal of reminders."""

import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import split_every

from ..core.dunning import Debt, days_overdue, plan

_logger = logging.getLogger(__name__)
BATCH = 100


class PsaDunningReminder(models.Model):
    _inherit = "psa.dunning.reminder"

    @api.model
    def _psa_overdue_domain(self, company, today):
        """Receivable lines of posted invoices that were due before ``today``, and are open."""
        return [
            ("company_id", "=", company.id),
            ("parent_state", "=", "posted"),
            ("move_type", "=", "out_invoice"),
            ("account_id.account_type", "=", "asset_receivable"),
            ("date_maturity", "<", today),
            ("amount_residual", ">", 0),
        ]

    # -- the daily job ---------------------------------------------------------------------

    @api.model
    def _cron_remind(self):
        """Settle promises, propose the reminders of today and send them where the company says so.

        Each batch of clients, and each mail, is a transaction of its own: a job that was stopped goes
        on where it was, and tells nobody twice.
        """
        today = fields.Date.context_today(self)
        companies = self.env["res.company"].search([("psa_dunning_mode", "!=", "off")])
        for company in companies:
            job = self.with_company(company)
            if not job._psa_daily_proposals(company, today):
                return
            if company.psa_dunning_mode == "send" and not job._psa_daily_mails(company, today):
                return

    @api.model
    def _psa_daily_proposals(self, company, today):
        """:return: whether there is time for more"""
        cron = self.env["ir.cron"]
        self.env["psa.payment.promise"]._psa_settle(company, today)
        rows = self.env["account.move.line"]._read_group(
            self._psa_overdue_domain(company, today), ["partner_id"]
        )
        proposed = self.search([("company_id", "=", company.id), ("state", "=", "proposed")])
        clients = self.env["res.partner"].union(*(partner for (partner,) in rows)) | proposed.partner_id
        batches = list(split_every(BATCH, clients.ids, self.env["res.partner"].browse))
        cron._commit_progress(remaining=len(batches))
        for batch in batches:
            self._psa_propose(company, batch, today)
            if not cron._commit_progress(1):
                return False
        return True

    @api.model
    def _psa_daily_mails(self, company, today):
        """:return: whether there is time for more"""
        cron = self.env["ir.cron"]
        proposed = self.search([("company_id", "=", company.id), ("state", "=", "proposed")])
        cron._commit_progress(remaining=len(proposed))
        for reminder in proposed:
            reminder._psa_send_or_say_why(today)
            if not cron._commit_progress(1):
                return False
        return True

    def _psa_send_or_say_why(self, today):
        """One client whose mail fails does not keep the others from theirs."""
        try:
            with self.env.cr.savepoint():
                locked = self.try_lock_for_update(allow_referencing=True)
                locked.filtered(lambda reminder: reminder.state == "proposed")._psa_send_each(today)
        except UserError as error:
            self.env.invalidate_all()
            self.problem = str(error)
        except Exception:
            # A template that a user broke fails in many ways; the log tells, and so does the list.
            _logger.exception("Reminder %s could not be sent", self.id)
            self.env.invalidate_all()
            self.problem = self.env._("The mail of the level %s is faulty: see the log.", self.level_id.name)

    def _psa_send_each(self, today):
        for reminder in self:
            reminder._psa_send(today)

    # -- what is owed ----------------------------------------------------------------------

    @api.model
    def _psa_propose(self, company, partners, today, gap=None):
        """Bring the proposed reminders of these clients to what is due ``today``.

        :param partners: commercial partners
        :param gap: days between two reminders to a client; None: as the company says
        :return: the proposed reminders of the clients
        """
        debts, figures = self._psa_debts(company, partners, today)
        levels = self.env["psa.dunning.level"]._psa_levels_of(company)._psa_core()
        gap = company.psa_dunning_gap_days if gap is None else gap
        last = self._psa_last_done(company, partners)
        proposed = self.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.ids),
                ("state", "=", "proposed"),
            ]
        ).grouped("partner_id")
        to_create, gone, kept = [], self.browse(), self.browse()
        for partner in partners:
            due = plan(levels, debts.get(partner, []), today, last.get(partner), gap)
            reminder = proposed.get(partner, self.browse())
            if not due:
                gone += reminder
                continue
            values = self._prepare_reminder(company, partner, due, figures)
            if reminder:
                reminder.line_ids.unlink()  # before the same invoices come again: a level is unique
                reminder.write(values)
                kept += reminder
            else:
                to_create.append(values)
        gone.unlink()
        return kept + self.create(to_create)

    @api.model
    def _prepare_reminder(self, company, partner, due, figures):
        moves = [debt.key for debt in due.listed]
        news = {move: level.key.id for move, level in due.news.items()}
        return {
            "company_id": company.id,
            "partner_id": partner.id,
            "level_id": due.level.key.id,
            "problem": False,
            "line_ids": [
                Command.create({"move_id": move.id, "level_id": news.get(move), **figures[move]})
                for move in moves
            ],
        }

    def _psa_refresh(self, today):
        """These proposed reminders as they are due ``today``; those without reason any more are gone."""
        left = self.browse()
        for company, reminders in self.grouped("company_id").items():
            partners = reminders.partner_id
            left += reminders.with_company(company)._psa_propose(company, partners, today, gap=0)
        return left

    @api.model
    def _psa_debts(self, company, partners, today):
        """({client: [Debt]}, {invoice: what a reminder says of it}); debts are keyed by invoice.

        A client whose payments and credits, not matched yet, reach what is overdue owes nothing: the
        books are to be settled first.
        """
        domain = [*self._psa_overdue_domain(company, today), ("partner_id", "in", partners.ids)]
        rows = self.env["account.move.line"]._read_group(
            domain,
            ["partner_id", "move_id"],
            ["date_maturity:min", "amount_residual_currency:sum", "amount_residual:sum"],
        )
        told = self._psa_told([move.id for _partner, move, *_rest in rows])
        paused = self._psa_paused(company, partners, today)
        debts, figures, overdue = defaultdict(list), {}, defaultdict(float)
        for partner, move, due, amount, company_amount in rows:
            days = days_overdue(due, today)
            figures[move] = {
                "date_due": due,
                "days_overdue": days,
                "currency_id": move.currency_id.id,
                "amount": amount,
                "company_amount": company_amount,
            }
            is_paused = partner in paused or move in paused
            debts[partner].append(Debt(move, days, told.get(move), is_paused))
            overdue[partner] += company_amount
        unmatched = self._psa_unmatched(company, partners)
        for partner, amount in overdue.items():
            if company.currency_id.compare_amounts(amount, unmatched.get(partner, 0.0)) <= 0:
                del debts[partner]
        return debts, figures

    @api.model
    def _psa_told(self, move_ids):
        """{invoice: days of the highest level that the client has had about it}"""
        rows = self.env["psa.dunning.reminder.line"]._read_group(
            [
                ("move_id", "in", move_ids),
                ("level_id", "!=", False),
                ("reminder_id.state", "in", ("sent", "skipped")),
            ],
            ["move_id", "level_id"],
        )
        told = {}
        for move, level in rows:
            told[move] = max(level.days, told.get(move, 0))
        return told

    @api.model
    def _psa_paused(self, company, partners, today):
        """The clients and invoices that are not reminded today: stopped, disputed or promised."""
        paused = set()
        for model in ("psa.dunning.stop", "psa.payment.promise"):
            for record in self.env[model]._psa_pausing(company, partners, today):
                paused.add(record.move_id or record.partner_id)
        return paused

    @api.model
    def _psa_unmatched(self, company, partners):
        """{client: payments and credit notes that no invoice is matched with}, in company currency."""
        rows = self.env["account.move.line"]._read_group(
            [
                ("company_id", "=", company.id),
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "asset_receivable"),
                ("amount_residual", "<", 0),
                ("partner_id", "in", partners.ids),
            ],
            ["partner_id"],
            ["amount_residual:sum"],
        )
        return {partner: -amount for partner, amount in rows}

    @api.model
    def _psa_last_done(self, company, partners):
        """{client: day of the last reminder that was sent or skipped}"""
        rows = self._read_group(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.ids),
                ("state", "in", ("sent", "skipped")),
            ],
            ["partner_id"],
            ["done_on:max"],
        )
        return dict(rows)
