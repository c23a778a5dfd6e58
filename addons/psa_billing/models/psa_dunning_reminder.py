from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from .rights import check_collector


class PsaDunningReminder(models.Model):
    _name = "psa.dunning.reminder"
    _description = "Payment Reminder"
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Client", required=True, readonly=True, index=True, ondelete="restrict"
    )
    recipient_id = fields.Many2one(
        "res.partner", compute="_compute_recipient_id", help="The invoice address of the client."
    )
    level_id = fields.Many2one("psa.dunning.level", required=True, readonly=True, ondelete="restrict")
    line_ids = fields.One2many("psa.dunning.reminder.line", "reminder_id", string="Invoices", readonly=True)
    invoice_count = fields.Integer(string="# Invoices", compute="_compute_figures", store=True)
    days_overdue = fields.Integer(
        compute="_compute_figures", store=True, aggregator="max", help="Of the oldest invoice."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        string="Overdue",
        compute="_compute_figures",
        store=True,
        help="What is overdue, with taxes, in the currency of the company.",
    )
    unmatched_amount = fields.Monetary(
        string="Not Matched",
        compute="_compute_unmatched_amount",
        help="Payments and credit notes of the client that no invoice is matched with yet: the mail asks "
        "what they are for.",
    )
    state = fields.Selection(
        [("proposed", "Proposed"), ("sent", "Sent"), ("skipped", "Skipped")],
        required=True,
        default="proposed",
        readonly=True,
        index=True,
    )
    done_on = fields.Date(string="Sent On", readonly=True)
    done_by_id = fields.Many2one("res.users", string="Sent By", readonly=True)
    message_id = fields.Many2one("mail.message", string="Mail", readonly=True, ondelete="set null")
    body = fields.Html(
        string="Mail Text",
        compute="_compute_body",
        sanitize=False,  # what the template makes, as it is sent
        help="In the language of the client.",
    )
    problem = fields.Char(readonly=True, help="Why it could not be sent.")

    _one_proposed = models.UniqueIndex(
        "(partner_id, company_id) WHERE state = 'proposed'",
        "A client has one proposed reminder at a time.",
    )

    @api.depends("partner_id.name", "level_id.name")
    def _compute_display_name(self):
        for reminder in self:
            reminder.display_name = f"{reminder.partner_id.display_name}, {reminder.level_id.name}"

    @api.depends("partner_id")
    def _compute_recipient_id(self):
        for reminder in self:
            address = reminder.partner_id.address_get(["invoice"])["invoice"]
            reminder.recipient_id = address or reminder.partner_id

    @api.depends("line_ids.company_amount", "line_ids.days_overdue")
    def _compute_figures(self):
        for reminder in self:
            reminder.invoice_count = len(reminder.line_ids)
            reminder.amount = sum(reminder.line_ids.mapped("company_amount"))
            reminder.days_overdue = max(reminder.line_ids.mapped("days_overdue"), default=0)

    @api.depends("partner_id", "company_id")
    def _compute_unmatched_amount(self):
        for company, reminders in self.grouped("company_id").items():
            # sudo: who may read a reminder may read what the client paid of what it claims
            unmatched = self.sudo()._psa_unmatched(company, reminders.partner_id)
            for reminder in reminders:
                reminder.unmatched_amount = unmatched.get(reminder.partner_id, 0.0)

    @api.depends("line_ids", "level_id", "message_id")
    def _compute_body(self):
        for reminder in self:
            # sudo: who may read a reminder may read its mail; templates and invoices follow their own rights
            record = reminder.sudo()
            if record.state == "proposed" and record._origin.id:
                reminder.body = record.with_context(psa_preview=True)._psa_mail()["body_html"]
            else:
                reminder.body = record.message_id.body

    # -- what a button calls ---------------------------------------------------------------

    def action_send(self):
        """Send proposed reminders as they are due today: what was paid since is left out.

        :raises AccessError: for users who do not invoice
        :raises UserError: where none of them is proposed (any more), or one cannot be sent
        """
        check_collector(self)
        reminders = self._psa_locked()
        today = fields.Date.context_today(self)
        reminders = reminders._psa_refresh(today)
        if not reminders:
            raise UserError(
                self.env._("Nothing is left to remind of: the invoices were paid, stopped or promised.")
            )
        for reminder in reminders:
            reminder._psa_send(today)

    def action_skip(self):
        """Leave proposed reminders out: the client is next reminded at the level after."""
        check_collector(self)
        for reminder in self._psa_locked():
            reminder._psa_done("skipped", fields.Date.context_today(self))

    # -- sending ---------------------------------------------------------------------------

    def _psa_locked(self):
        """The proposed ones among these in sudo, locked and read afresh.

        :raises UserError: where none is, or somebody else works on one
        """
        # sudo: reminders are written by their buttons only, and the right to press them was checked
        reminders = self.sudo()
        reminders.flush_recordset()
        if len(reminders.try_lock_for_update(allow_referencing=True)) < len(reminders):
            raise UserError(
                self.env._(
                    "Somebody else sends this reminder at this moment. Reload the page and look again."
                )
            )
        reminders.invalidate_recordset()
        reminders = reminders.filtered(lambda reminder: reminder.state == "proposed")
        if not reminders:
            raise UserError(self.env._("These reminders were sent or skipped before. Reload the page."))
        return reminders

    def _psa_send(self, today):
        """Post the mail in the history of the client; the database allows each level of an invoice once.

        :raises UserError: where the client has no address
        """
        self.ensure_one()
        if not self.recipient_id.email:
            raise UserError(self._psa_no_address_message())
        values = self._psa_mail()
        partner = self.partner_id.with_company(self.company_id)
        message = partner.with_context(lang=self.recipient_id.lang).message_post(
            body=Markup(values["body_html"]),  # rendered by the template engine, which escapes
            subject=values["subject"],
            email_from=values.get("email_from") or None,
            message_type="comment",
            subtype_xmlid="mail.mt_note",  # to the client only, not to all who follow the contact
            partner_ids=self.recipient_id.ids,
        )
        self.message_id = message
        self._psa_done("sent", today)
        self._psa_plan_activity()

    def _psa_mail(self):
        """Subject, sender and text of the mail, in the language of the client."""
        template = self.level_id.template_id.with_company(self.company_id)
        return template._generate_template(self._origin.ids, ("subject", "body_html", "email_from"))[
            self._origin.id
        ]

    def _psa_no_address_message(self):
        return self.env._(
            "%s has no email address: have it entered on the contact, then send the reminder.",
            self.recipient_id.display_name,
        )

    def _psa_done(self, state, today):
        self.write({"state": state, "done_on": today, "done_by_id": self.env.uid, "problem": False})

    def _psa_plan_activity(self):
        level, company = self.level_id, self.company_id
        if level.activity_for == "none":
            return
        if level.activity_for == "salesperson":
            user = self.line_ids.move_id.invoice_user_id[:1] or self.partner_id.user_id
        else:
            user = company.psa_collector_id
        self.partner_id.activity_schedule(
            "mail.mail_activity_data_call",
            summary=level.activity_summary
            or self.env._(
                "%(level)s sent, %(amount)s overdue",
                level=level.name,
                amount=self.currency_id.format(self.amount),
            ),
            user_id=(user or company._psa_collector_of(self.partner_id)).id,
        )

    @api.model
    def _psa_merge_clients(self, partners):
        """``partners``, who turn out to be one, have one proposed reminder: that of the first. It lists what
        all of them owe once it is brought up to date, at the latest when it is sent. What was sent stays."""
        proposed = self.search([("partner_id", "in", partners.ids), ("state", "=", "proposed")])
        for reminders in proposed.grouped("company_id").values():
            reminders.sorted(lambda reminder: partners.ids.index(reminder.partner_id.id))[1:].unlink()
        self.flush_model()

    @api.ondelete(at_uninstall=False)
    def _unlink_proposed_only(self):
        """:raises UserError: for what was sent or skipped: it is the record of what the client was told"""
        if any(reminder.state != "proposed" for reminder in self):
            raise UserError(self.env._("Reminders that were sent or skipped are kept."))


class PsaDunningReminderLine(models.Model):
    _name = "psa.dunning.reminder.line"
    _description = "Invoice on a Payment Reminder"
    _order = "date_due, id"

    reminder_id = fields.Many2one("psa.dunning.reminder", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="reminder_id.company_id", store=True)
    move_id = fields.Many2one("account.move", string="Invoice", required=True, index=True, ondelete="cascade")
    level_id = fields.Many2one(
        "psa.dunning.level",
        string="New Level",
        ondelete="restrict",
        help="The level that the invoice reaches by this reminder. Empty: listed, but nothing new.",
    )
    date_due = fields.Date(string="Due")
    days_overdue = fields.Integer(aggregator="max")
    currency_id = fields.Many2one("res.currency")
    amount = fields.Monetary(string="Overdue", help="In the currency of the invoice, with taxes.")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    company_amount = fields.Monetary(string="Overdue (Company)", currency_field="company_currency_id")

    _level_once = models.UniqueIndex(
        "(move_id, level_id) WHERE level_id IS NOT NULL",
        "The client was reminded of this invoice at this level before.",
    )

    def _psa_portal_url(self):
        """The page of the invoice in the client portal, with its access token."""
        self.ensure_one()
        if self.env.context.get("psa_preview"):
            # Looking at a mail makes no token: pages are read in transactions that cannot write.
            return f"{self.move_id.get_base_url()}{self.move_id.access_url}"
        return f"{self.move_id.get_base_url()}{self.move_id.get_portal_url()}"
