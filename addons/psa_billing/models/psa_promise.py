from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..core.dunning import promise_state
from ..core.money import dec
from .rights import check_collector


class PsaPaymentPromise(models.Model):
    _name = "psa.payment.promise"
    _inherit = "psa.dunning.pause"
    _description = "Promise to Pay"
    _order = "date desc, id desc"

    move_id = fields.Many2one(
        domain="[('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), ('amount_residual', '>', 0), "
        "('commercial_partner_id', '=?', partner_id)]",
        help="Empty: the promise is about all that the client owes.",
    )
    move_ids = fields.Many2many(
        "account.move",
        string="Open Invoices",
        readonly=True,
        copy=False,
        help="What was owed when the promise was made: payments of these keep it.",
    )
    date = fields.Date(
        string="Promised For", required=True, help="Until that day, inclusive, the client is not reminded."
    )
    amount = fields.Monetary(
        string="Promised",
        required=True,
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True, precompute=True)
    owed_amount = fields.Monetary(string="Owed Then", readonly=True, copy=False)
    paid_amount = fields.Monetary(string="Paid Since", compute="_compute_paid_amount")
    note = fields.Char(help="Who promised it, and how.")
    state = fields.Selection(
        [("open", "Open"), ("kept", "Kept"), ("broken", "Broken"), ("cancelled", "Cancelled")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
    )

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)",
        "A promise needs an amount above zero: enter what the client will pay of an open invoice.",
    )

    @api.depends("move_id", "company_id")
    def _compute_currency_id(self):
        for promise in self:
            promise.currency_id = promise.move_id.currency_id or promise.company_id.currency_id

    @api.depends("move_id", "partner_id")
    def _compute_amount(self):
        for promise in self:
            promise.amount = promise._psa_owed(promise.move_id or promise._psa_open_invoices())

    @api.depends("owed_amount", "move_ids.amount_residual")
    def _compute_paid_amount(self):
        for promise in self:
            paid = promise.owed_amount - promise._psa_owed(promise.move_ids)
            promise.paid_amount = promise.currency_id.round(paid)

    def _psa_open_invoices(self):
        """The overdue and coming invoices that the client has to pay."""
        if not self.partner_id:
            return self.env["account.move"]
        return self.env["account.move"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("commercial_partner_id", "=", self.partner_id.commercial_partner_id.id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("amount_residual", ">", 0),
            ]
        )

    def _psa_owed(self, moves):
        """What is open on ``moves``, in the currency of the promise."""
        if self.move_id:
            return sum(moves.mapped("amount_residual"))
        return sum(moves.mapped("amount_residual_signed"))

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        for promise in promises:
            promise.move_ids = promise.move_id or promise._psa_open_invoices()
            if not promise.move_ids:
                raise ValidationError(
                    self.env._(
                        "%s owes nothing: a promise needs an open invoice.", promise.partner_id.display_name
                    )
                )
            promise.owed_amount = promise._psa_owed(promise.move_ids)
            promise._psa_note(self.env._("Promised"))
        return promises

    def action_cancel(self):
        """Forget promises that were entered in error, or that the client took back: reminders go on."""
        check_collector(self)
        still_open = self.filtered(lambda promise: promise.state == "open")
        still_open.state = "cancelled"
        for promise in still_open:
            promise._psa_note(self.env._("Promise cancelled"))

    def _psa_note(self, what):
        self.ensure_one()
        body = self.env._(
            "%(what)s: %(amount)s until %(date)s for %(invoices)s. %(note)s",
            what=what,
            amount=self.currency_id.format(self.amount),
            date=format_date(self.env, self.date),
            invoices=self.move_id.name or self.env._("all invoices"),
            note=self.note or "",
        )
        # sudo: collectors write the history of the client also where they may not write the contact
        self.partner_id.sudo().message_post(body=body)

    @api.model
    def _psa_settle(self, company, today):
        """Promises that were kept are closed; broken ones become somebody's activity, once."""
        promises = self.search([("state", "=", "open"), ("company_id", "=", company.id)])
        for promise in promises:
            state = promise_state(promise.date, dec(promise.amount), dec(promise.paid_amount), today)
            if state == "open":
                continue
            promise.state = state
            if state == "kept":
                promise._psa_note(self.env._("Promise kept"))
            else:
                promise._psa_broken()

    def _psa_broken(self):
        self.ensure_one()
        self._psa_note(self.env._("Promise broken"))
        collector = self.company_id._psa_collector_of(self.partner_id)
        told = self.with_context(lang=collector.lang)  # the job that finds it has no language of its own
        # sudo: see _psa_note
        self.partner_id.sudo().activity_schedule(
            "mail.mail_activity_data_call",
            summary=told.env._(
                "Promise broken: %(paid)s of %(amount)s paid until %(date)s",
                paid=told.currency_id.format(self.paid_amount),
                amount=told.currency_id.format(self.amount),
                date=format_date(told.env, self.date),
            ),
            user_id=collector.id,
        )

    @api.model
    def _psa_pausing(self, company, partners, today):
        """The promises of ``partners`` that still may be kept on ``today``."""
        return self.search(
            [
                ("state", "=", "open"),
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.ids),
                ("date", ">=", today),
            ]
        )
