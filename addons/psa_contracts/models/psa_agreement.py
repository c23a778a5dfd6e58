from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.psa_project.models.defaults import only_own_defaults

from ..core.agreements import BillingTerms, notice_deadline

#: Set by the buttons, which check what has to hold, and by the daily job; never typed.
BUTTON_FIELDS = {
    "end_reminded",
    "notice_reminded",
    "number",
    "state",
    "termination_date",
    "termination_reason",
}
MANAGER_GROUP = "sales_team.group_sale_manager"


class PsaAgreement(models.Model):
    _name = "psa.agreement"
    _description = "Agreement"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _rec_names_search = ["name", "number", "partner_id.name"]
    _check_company_auto = True

    number = fields.Char(readonly=True, copy=False, index="trigram", default=lambda self: self.env._("New"))
    name = fields.Char(string="Title", required=True, tracking=True)
    partner_id = fields.Many2one(
        "res.partner", string="Client", required=True, index=True, check_company=True, tracking=True
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Client Company", store=True, index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Currency of the cap and of the figures of this agreement.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        tracking=True,
        help="Is reminded before the agreement ends, renews, or notice can no longer be given.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("expired", "Expired"), ("terminated", "Terminated")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )

    date_start = fields.Date(
        string="Valid From", required=True, default=fields.Date.context_today, tracking=True
    )
    date_end = fields.Date(
        string="Valid Until", tracking=True, help="Last day of the agreement. Empty: until it is terminated."
    )
    renewal = fields.Selection(
        [("none", "Ends"), ("automatic", "Renews by Itself")],
        string="At the End",
        required=True,
        default="none",
        tracking=True,
    )
    renewal_months = fields.Integer(
        string="Renewal Term", default=12, help="Months by which the agreement goes on each time."
    )
    notice_period = fields.Integer(default=3, help="How long before the end notice has to be given.")
    notice_unit = fields.Selection([("day", "Days"), ("month", "Months")], required=True, default="month")
    notice_date = fields.Date(
        string="Notice Until",
        compute="_compute_notice_date",
        store=True,
        help="Last day on which notice can be given, so that the agreement does not renew.",
    )
    end_reminded = fields.Date(readonly=True, copy=False, help="The end that the owner was reminded of.")
    notice_reminded = fields.Date(
        readonly=True, copy=False, help="The last day for notice that the owner was reminded of."
    )
    termination_date = fields.Date(string="Terminated As Of", readonly=True, copy=False, tracking=True)
    termination_reason = fields.Text(readonly=True, copy=False)

    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        ondelete="restrict",
        help="Of new statements of work under this agreement. Empty: those of the client.",
    )
    cap_amount = fields.Monetary(
        string="Cap",
        tracking=True,
        help="Not to exceed: the amount before taxes that may be billed over all statements of work. "
        "0: no cap.",
    )
    po_required = fields.Boolean(
        string="Purchase Order Required",
        help="A statement of work is confirmed only with the client's purchase order number on it.",
    )
    billing_frequency = fields.Selection(
        [
            ("weekly", "Weekly"),
            ("monthly", "Monthly"),
            ("quarterly", "Quarterly"),
            ("completion", "On Completion"),
        ],
        required=True,
        default="monthly",
    )
    billing_cutoff_day = fields.Integer(
        string="Cut-off Day",
        help="The last day of the month that is billed with it, 1 to 31. 0: the last day of the month.",
    )
    billing_grouping = fields.Selection(
        [
            ("sow", "Statement of Work"),
            ("project", "Project"),
            ("client", "Client"),
            ("po", "Purchase Order Number"),
        ],
        string="One Invoice per",
        required=True,
        default="sow",
    )
    rounding_minutes = fields.Selection(
        [
            ("0", "As Entered"),
            ("6", "6 Minutes"),
            ("15", "15 Minutes"),
            ("30", "30 Minutes"),
            ("60", "Hours"),
        ],
        string="Round Time to",
        required=True,
        default="0",
    )
    rounding_direction = fields.Selection(
        [("up", "Up"), ("nearest", "To the Nearest")], required=True, default="up"
    )
    rounding_scope = fields.Selection(
        [("entry", "Each Entry"), ("day", "Each Day")], string="Round", required=True, default="entry"
    )
    document_ids = fields.Many2many(
        "ir.attachment",
        string="Documents",
        copy=False,
        bypass_search_access=True,
        help="The signed agreement and its annexes.",
    )
    note = fields.Html(string="Terms", help="What else was agreed.")
    is_editable = fields.Boolean(compute="_compute_is_editable")
    order_ids = fields.One2many("sale.order", "psa_agreement_id", string="Statements of Work")

    _dates_in_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "An agreement cannot end before it starts: check the two dates.",
    )
    _cap_not_negative = models.Constraint(
        "CHECK(cap_amount IS NULL OR cap_amount >= 0)", "A cap cannot be negative. Use 0 for no cap."
    )
    _cutoff_is_a_day = models.Constraint(
        "CHECK(billing_cutoff_day BETWEEN 0 AND 31)",
        "The cut-off day is a day of the month, 1 to 31, or 0 for the last day of each month.",
    )
    _terms_are_whole = models.Constraint(
        "CHECK(notice_period >= 0 AND (renewal = 'none' OR renewal_months >= 1))",
        "A renewal term has at least one month, and a notice period cannot be negative.",
    )

    @api.depends("company_id")
    def _compute_currency_id(self):
        for agreement in self:
            agreement.currency_id = agreement.currency_id or agreement.company_id.currency_id

    @api.depends("date_end", "renewal", "notice_period", "notice_unit")
    def _compute_notice_date(self):
        for agreement in self:
            agreement.notice_date = (
                notice_deadline(agreement.date_end, agreement.notice_period, agreement.notice_unit)
                if agreement.date_end and agreement.renewal == "automatic"
                else False
            )

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_is_editable(self):
        is_manager = self.env.su or self.env.user.has_group(MANAGER_GROUP)
        for agreement in self:
            agreement.is_editable = is_manager or agreement.state == "draft"

    @api.depends("number", "name")
    def _compute_display_name(self):
        for agreement in self:
            agreement.display_name = " ".join(filter(None, (agreement.number, agreement.name)))

    @api.constrains("renewal", "date_end")
    def _check_renewal_has_an_end(self):
        for agreement in self:
            if agreement.renewal == "automatic" and not agreement.date_end:
                raise ValidationError(
                    self.env._(
                        "%s renews by itself, but has no end after which it could. Enter the last day of "
                        "its first term.",
                        agreement.display_name,
                    )
                )

    @api.model
    def default_get(self, fields_list):
        return only_own_defaults(self, super().default_get(fields_list), BUTTON_FIELDS)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self.env.su:
                vals = self._without_button_fields(vals)
            company = vals.get("company_id") or self.env.company.id
            vals["number"] = self.env["ir.sequence"].with_company(company).next_by_code("psa.agreement")
        agreements = super().create(vals_list)
        agreements._link_documents()
        return agreements

    @api.model
    def _without_button_fields(self, vals):
        """``vals``, in which nobody but the buttons sets what only they may."""
        if vals.get("state", "draft") != "draft" or self.env.context.get("default_state", "draft") != "draft":
            raise UserError(self.env._("A new agreement is a draft. Save it, then press “Activate”."))
        for name in BUTTON_FIELDS & vals.keys():
            del vals[name]
        return vals

    def write(self, vals):
        self._check_may_write(vals)
        result = super().write(vals)
        if "document_ids" in vals:
            self._link_documents()
        return result

    def _check_may_write(self, vals):
        """Salespersons write drafts, sales managers all; states change by the buttons alone.

        :raises UserError: otherwise
        """
        if self.env.su or not self:
            return
        if BUTTON_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "%s: the status of an agreement changes by its buttons, not by writing it.",
                    self[0].display_name,
                )
            )
        mine = {name for name in vals if name.startswith(("message_", "activity_"))}
        running = self.filtered(lambda agreement: agreement.state != "draft")
        if running and vals.keys() - mine and not self.env.user.has_group(MANAGER_GROUP):
            raise UserError(
                self.env._(
                    "%s is no draft any more. Ask a sales manager to change it.", running[0].display_name
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_force(self):
        for agreement in self:
            if agreement.state == "active":
                raise UserError(
                    self.env._("%s is in force and cannot be deleted. Terminate it.", agreement.display_name)
                )
            if agreement.state != "draft":
                raise UserError(
                    self.env._(
                        "%s was in force and has ended. It stays as the record of what was agreed.",
                        agreement.display_name,
                    )
                )

    def _link_documents(self):
        """Whoever reads the agreement reads its documents: new uploads belong to no record yet.

        :raises AccessError: for files that the user may not read
        """
        self.document_ids.check_access("read")
        for agreement in self:
            # sudo: the user's own uploads, which they just put on the agreement
            loose = agreement.document_ids.sudo().filtered(
                lambda document: not document.res_id and document.create_uid == self.env.user
            )
            loose.write({"res_model": self._name, "res_id": agreement.id})

    # -- what others read ------------------------------------------------------------------

    def _psa_billing_terms(self):
        """The billing defaults of this agreement; those of a SOW without one where it is empty."""
        if not self:
            return BillingTerms()
        self.ensure_one()
        return BillingTerms(
            frequency=self.billing_frequency,
            cutoff_day=self.billing_cutoff_day,
            grouping=self.billing_grouping,
            rounding_minutes=int(self.rounding_minutes),
            rounding_direction=self.rounding_direction,
            rounding_scope=self.rounding_scope,
            po_required=self.po_required,
        )
